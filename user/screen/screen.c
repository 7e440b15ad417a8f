/* SPDX-License-Identifier: BSD-2-Clause */
/* The screen: VGA text, 80 by 25, in memory at 0xb8000, and its cursor behind I/O port id 1 (0x3d4, 0x3d5). It serves WRITE of the serial
 * line's protocol and takes everything at once. Line feed, carriage return, backspace, tab; what runs over the end of a line goes
 * on below, what runs off the screen scrolls. */
#include <graft.h>
#include "lib/base/base.h"
#include "user/serial/protocol.h"

#define PORT_ID      1u
#define CRTC_INDEX   0x3d4u
#define CRTC_DATA    0x3d5u
#define CURSOR_HIGH  14u
#define CURSOR_LOW   15u
#define COLUMNS      80u
#define ROWS         25u
#define TAB          8u
#define GREY         0x0700u /* on black */

/* Set by the description: where the screen's memory is mapped. */
__attribute__((section(".data.patched"))) volatile seL4_Uint16 *screen_memory;

static unsigned int at; /* row * COLUMNS + column */

static void clear(unsigned int from, unsigned int to)
{
	for (unsigned int i = from; i < to; i++)
		screen_memory[i] = GREY | ' ';
}

static void scroll(void)
{
	for (unsigned int i = 0; i < (ROWS - 1) * COLUMNS; i++)
		screen_memory[i] = screen_memory[i + COLUMNS];
	clear((ROWS - 1) * COLUMNS, ROWS * COLUMNS);
	at -= COLUMNS;
}

static void put(uint8_t c)
{
	if (c == '\n')
		at += COLUMNS - at % COLUMNS;
	else if (c == '\r')
		at -= at % COLUMNS;
	else if (c == '\t')
		at += TAB - at % TAB;
	else if (c != '\b')
		screen_memory[at++] = GREY | c;
	else if (at % COLUMNS > 0)
		at--;
	if (at >= ROWS * COLUMNS)
		scroll();
}

static void crtc_set(seL4_Word number, seL4_Word value)
{
	microkit_x86_ioport_write_8(PORT_ID, CRTC_INDEX, number);
	microkit_x86_ioport_write_8(PORT_ID, CRTC_DATA, value);
}

static void show_cursor(void)
{
	crtc_set(CURSOR_HIGH, at >> 8);
	crtc_set(CURSOR_LOW, at & 0xff);
}

void init(void)
{
	clear(0, ROWS * COLUMNS);
	show_cursor();
}

void notified(microkit_channel ch)
{
	(void)ch;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
	seL4_Word words = microkit_msginfo_get_count(msginfo), count = words > 0 ? microkit_mr_get(0) : 0;
	const uint8_t *text = (const uint8_t *)&seL4_GetIPCBuffer()->msg[1];

	(void)ch;
	if (microkit_msginfo_get_label(msginfo) != SERIAL_WRITE || words == 0)
		return microkit_msginfo_new(1, 0);
	if (count > (words - 1) * sizeof(seL4_Word))
		count = (words - 1) * sizeof(seL4_Word);
	for (seL4_Word i = 0; i < count; i++)
		put(text[i]);
	show_cursor();
	microkit_mr_set(0, count);
	return microkit_msginfo_new(0, 1);
}
