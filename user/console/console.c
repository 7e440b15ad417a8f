/* SPDX-License-Identifier: BSD-2-Clause */
/* The console: owns the serial line (a 16550 behind I/O port id 1, ports 0x3f8 to 0x3ff) and writes what other
 * domains ask for, one call after the other, so that lines do not mix. A line feed goes out as carriage return and
 * line feed, as terminals want it. Polled, output only: input and interrupts come with the drivers. */
#include <graft.h>
#include "lib/base/base.h"
#include "user/console/protocol.h"

#define PORT_ID 1u
#define COM1    0x3f8u

enum uart_register {
	UART_DATA = 0,
	UART_DIVISOR_LOW = 0, /* while LINE_DIVISOR is set */
	UART_INTERRUPTS = 1,
	UART_DIVISOR_HIGH = 1, /* the same */
	UART_FIFO = 2,
	UART_LINE = 3,
	UART_MODEM = 4,
	UART_STATUS = 5
};

#define LINE_DIVISOR    0x80u
#define LINE_8N1        0x03u
#define FIFO_ON_CLEARED 0x07u
#define MODEM_READY     0x03u
#define STATUS_EMPTY    0x20u
#define FIFO_BYTES      16u
/* A port that never empties is gone; its bytes are dropped rather than the system stopped. */
#define EMPTY_POLLS_MAX 1000000u

static unsigned int fifo_free;

static void uart_set(enum uart_register number, seL4_Word value)
{
	microkit_x86_ioport_write_8(PORT_ID, COM1 + (seL4_Word)number, value);
}

static void uart_start(void)
{
	uart_set(UART_INTERRUPTS, 0);
	uart_set(UART_LINE, LINE_DIVISOR);
	uart_set(UART_DIVISOR_LOW, 1); /* 115200 baud */
	uart_set(UART_DIVISOR_HIGH, 0);
	uart_set(UART_LINE, LINE_8N1);
	uart_set(UART_FIFO, FIFO_ON_CLEARED);
	uart_set(UART_MODEM, MODEM_READY);
}

static bool wait_until_empty(void)
{
	for (unsigned int i = 0; i < EMPTY_POLLS_MAX; i++)
		if (microkit_x86_ioport_read_8(PORT_ID, COM1 + UART_STATUS) & STATUS_EMPTY)
			return true;
	return false;
}

static void uart_put(char c)
{
	if (fifo_free == 0 && wait_until_empty())
		fifo_free = FIFO_BYTES;
	if (fifo_free == 0)
		return;
	uart_set(UART_DATA, (unsigned char)c);
	fifo_free--;
}

static void put(char c)
{
	if (c == '\n')
		uart_put('\r');
	uart_put(c);
}

void init(void)
{
	uart_start();
}

void notified(microkit_channel ch)
{
	(void)ch;
}

/* How many bytes of text the message really carries. */
static seL4_Word bytes_of(microkit_msginfo msginfo)
{
	seL4_Word words = microkit_msginfo_get_count(msginfo);
	seL4_Word carried = words > 0 ? (words - 1) * sizeof(seL4_Word) : 0;
	seL4_Word wanted = words > 0 ? microkit_mr_get(0) : 0;

	return wanted < carried ? wanted : carried;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
	char text[CONSOLE_BYTES_MAX];
	seL4_Word bytes = bytes_of(msginfo);

	(void)ch;
	if (microkit_msginfo_get_label(msginfo) != CONSOLE_WRITE || bytes > CONSOLE_BYTES_MAX)
		bytes = 0;
	/* Writing a port is a kernel call of its own and uses the message registers: first the text. */
	memcpy(text, &seL4_GetIPCBuffer()->msg[1], bytes);
	for (seL4_Word i = 0; i < bytes; i++)
		put(text[i]);
	microkit_mr_set(0, bytes);
	return microkit_msginfo_new(0, 1);
}
