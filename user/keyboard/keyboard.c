/* SPDX-License-Identifier: BSD-2-Clause */
/* The keyboard: the PC's controller with its interrupt, behind I/O port ids 1 (0x60) and 2 (0x64). Scan codes (set 1, US layout, shift,
 * control, caps lock) become characters, which wait in a ring for READ of the serial line's protocol; what comes when the ring is full
 * is lost, as it is at a keyboard.
 *
 * Invariant: after the interrupt was acknowledged the controller is asked once more: an edge that came before is lost. */
#include <graft.h>
#include "user/serial/protocol.h"
#include "user/serial/ring.h"

#define DATA_ID       1u
#define STATUS_ID     2u
#define DATA_PORT     0x60u
#define STATUS_PORT   0x64u
#define STATUS_FULL   0x01u
#define STATUS_MOUSE  0x20u

#define RELEASED      0x80u
#define EXTENDED      0xe0u
#define LEFT_SHIFT    0x2au
#define RIGHT_SHIFT   0x36u
#define CONTROL       0x1du
#define CAPS_LOCK     0x3au

/* Set by the description. */
__attribute__((section(".data.patched"))) seL4_Word keyboard_irq = GRAFT_NO_CHANNEL;

/* By scan code; 0: no character. */
static const char plain[] = "\0\0331234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] = "\0\033!@#$%^&*()_+\b\tQWERTYUIOP{}\n\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

static struct ring typed;
static bool has_shift, has_control, has_caps, is_extended;
static microkit_channel asker = (microkit_channel)GRAFT_NO_CHANNEL;

static bool is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

static void put_character(uint8_t code)
{
	char c = code < sizeof plain ? (has_shift != (has_caps && is_letter(plain[code])) ? shifted : plain)[code] : '\0';

	if (has_control && c >= '@' && c <= '~')
		c &= 0x1f;
	if (c != '\0' && ring_free(&typed) > 0)
		ring_put(&typed, (uint8_t)c);
}

static void take_code(uint8_t code)
{
	bool was_extended = is_extended, is_pressed = (code & RELEASED) == 0;

	is_extended = code == EXTENDED;
	if (is_extended)
		return;
	code &= (uint8_t)~RELEASED;
	if ((code == LEFT_SHIFT || code == RIGHT_SHIFT) && !was_extended)
		has_shift = is_pressed;
	else if (code == CONTROL)
		has_control = is_pressed;
	else if (code == CAPS_LOCK && is_pressed)
		has_caps = !has_caps;
	else if (is_pressed && !was_extended)
		put_character(code);
}

static bool take(void)
{
	seL4_Uint8 status = microkit_x86_ioport_read_8(STATUS_ID, STATUS_PORT), code;

	if ((status & STATUS_FULL) == 0)
		return false;
	code = microkit_x86_ioport_read_8(DATA_ID, DATA_PORT);
	if ((status & STATUS_MOUSE) == 0)
		take_code(code);
	return true;
}

void init(void)
{
	while (take())
		continue;
}

void notified(microkit_channel ch)
{
	if (ch != keyboard_irq)
		return;
	microkit_irq_ack(ch);
	while (take())
		continue;
	if (ring_used(&typed) == 0 || asker == (microkit_channel)GRAFT_NO_CHANNEL)
		return;
	microkit_notify(asker);
	asker = (microkit_channel)GRAFT_NO_CHANNEL;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
	seL4_Word wanted = microkit_msginfo_get_count(msginfo) > 0 ? microkit_mr_get(0) : 0, count = 0;
	uint8_t *text = (uint8_t *)&seL4_GetIPCBuffer()->msg[1];

	if (microkit_msginfo_get_label(msginfo) != SERIAL_READ)
		return microkit_msginfo_new(1, 0);
	if (wanted > SERIAL_BYTES_MAX)
		wanted = SERIAL_BYTES_MAX;
	while (count < wanted && ring_used(&typed) > 0)
		text[count++] = ring_get(&typed);
	if (ring_used(&typed) == 0)
		asker = ch;
	microkit_mr_set(0, count);
	return microkit_msginfo_new(0, (seL4_Uint16)(1 + (count + sizeof(seL4_Word) - 1) / sizeof(seL4_Word)));
}
