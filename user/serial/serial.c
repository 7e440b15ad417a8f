/* SPDX-License-Identifier: BSD-2-Clause */
/* The serial line: a 16550 with its interrupt, behind I/O port id 1 (0x3f8 to 0x3ff). It has a buffer each way; a line feed goes out
 * as carriage return and line feed, as terminals want it.
 *
 * Invariants: L1 nothing is taken from the device that there is no room for: what waits there makes the sender wait (by RTS; an
 * emulated line stops by itself). L2 the transmitter's interrupt is on exactly while there is something to send. L3 after the
 * interrupt was acknowledged the device is asked once more: an edge that came before is lost, and there is no other as long
 * as something is pending. */
#include <graft.h>
#include "user/serial/protocol.h"
#include "user/serial/ring.h"

#define PORT_ID 1u
#define COM1    0x3f8u

enum uart_register {
	UART_DATA = 0,
	UART_DIVISOR_LOW = 0, /* while LINE_DIVISOR is set */
	UART_INTERRUPTS = 1,
	UART_DIVISOR_HIGH = 1, /* the same */
	UART_FIFO = 2,
	UART_CAUSE = 2, /* read */
	UART_LINE = 3,
	UART_MODEM = 4,
	UART_STATUS = 5,
	UART_MODEM_STATUS = 6
};

#define INTERRUPT_RECEIVED 0x01u
#define INTERRUPT_EMPTY    0x02u
#define CAUSE_NONE         0x01u
#define LINE_DIVISOR       0x80u
#define LINE_8N1           0x03u
#define FIFO_ON            0x01u
#define MODEM_READY        0x0bu /* DTR, RTS, and OUT2, which lets interrupts through */
#define MODEM_WAIT         0x09u /* without RTS */
#define STATUS_RECEIVED    0x01u
#define STATUS_EMPTY       0x20u
#define FIFO_BYTES         16u
/* A port that never empties is gone; its bytes are dropped rather than the system stopped. */
#define EMPTY_POLLS_MAX    1000000u

#define TEXT_BYTES_MAX (SERIAL_BYTES_MAX > CONSOLE_BYTES_MAX ? SERIAL_BYTES_MAX : CONSOLE_BYTES_MAX)

/* Set by the description. */
__attribute__((section(".data.patched"))) seL4_Word serial_irq = GRAFT_NO_CHANNEL;

static struct ring received, to_send;
static seL4_Word interrupts;
static unsigned int fifo_bytes;
static bool is_held; /* the sender waits: there is no room */

/* Whom to notify, when there is input or room; GRAFT_NO_CHANNEL: nobody asked. */
static microkit_channel input_asker = (microkit_channel)GRAFT_NO_CHANNEL, room_asker = (microkit_channel)GRAFT_NO_CHANNEL;

static void uart_set(enum uart_register number, seL4_Word value)
{
	microkit_x86_ioport_write_8(PORT_ID, COM1 + (seL4_Word)number, value);
}

static seL4_Word uart_get(enum uart_register number)
{
	return microkit_x86_ioport_read_8(PORT_ID, COM1 + (seL4_Word)number);
}

static void tell(microkit_channel *asker)
{
	if (*asker == (microkit_channel)GRAFT_NO_CHANNEL)
		return;
	microkit_notify(*asker);
	*asker = (microkit_channel)GRAFT_NO_CHANNEL;
}

static void set_interrupts(seL4_Word wanted)
{
	if (wanted == interrupts)
		return;
	interrupts = wanted;
	uart_set(UART_INTERRUPTS, wanted);
}

/* ---- both ways ---- */

/* L1 */
static void receive(void)
{
	bool was_empty = ring_used(&received) == 0;

	while (ring_free(&received) > 0 && (uart_get(UART_STATUS) & STATUS_RECEIVED) != 0)
		ring_put(&received, (uint8_t)uart_get(UART_DATA));
	if (is_held != (ring_free(&received) == 0)) {
		is_held = !is_held;
		uart_set(UART_MODEM, is_held ? MODEM_WAIT : MODEM_READY);
		set_interrupts(is_held ? interrupts & ~(seL4_Word)INTERRUPT_RECEIVED : interrupts | INTERRUPT_RECEIVED);
	}
	if (was_empty && ring_used(&received) > 0)
		tell(&input_asker);
}

/* L2 */
static void transmit(void)
{
	while (ring_used(&to_send) > 0 && (uart_get(UART_STATUS) & STATUS_EMPTY) != 0) {
		for (unsigned int i = 0; i < fifo_bytes && ring_used(&to_send) > 0; i++)
			uart_set(UART_DATA, ring_get(&to_send));
	}
	set_interrupts(ring_used(&to_send) > 0 ? interrupts | INTERRUPT_EMPTY : interrupts & ~(seL4_Word)INTERRUPT_EMPTY);
	if (ring_used(&to_send) <= RING_BYTES / 2)
		tell(&room_asker);
}

/* ---- start ---- */

void init(void)
{
	uart_set(UART_INTERRUPTS, 0);
	uart_set(UART_LINE, LINE_DIVISOR);
	uart_set(UART_DIVISOR_LOW, 1); /* 115200 baud */
	uart_set(UART_DIVISOR_HIGH, 0);
	uart_set(UART_LINE, LINE_8N1);
	/* Switching the FIFO on empties it. What somebody has sent before anybody listened is worth more than the FIFO. */
	fifo_bytes = (uart_get(UART_STATUS) & STATUS_RECEIVED) != 0 ? 1 : FIFO_BYTES;
	if (fifo_bytes == FIFO_BYTES)
		uart_set(UART_FIFO, FIFO_ON);
	uart_set(UART_MODEM, MODEM_READY);
	set_interrupts(INTERRUPT_RECEIVED);
	receive();
}

/* L3 */
void notified(microkit_channel ch)
{
	if (ch != serial_irq)
		return;
	do {
		receive();
		transmit();
		(void)uart_get(UART_MODEM_STATUS);
		microkit_irq_ack(ch);
	} while ((uart_get(UART_CAUSE) & CAUSE_NONE) == 0);
}

/* ---- calls ---- */

/* One character of text, or as much of it as there is room for: nothing of it, or all. */
static bool put(uint8_t c)
{
	if (ring_free(&to_send) < 2)
		return false;
	if (c == '\n')
		ring_put(&to_send, '\r');
	ring_put(&to_send, c);
	return true;
}

/* Sends what is in the buffer, without interrupts. */
static void drain(void)
{
	for (unsigned int i = 0; i < EMPTY_POLLS_MAX && ring_used(&to_send) > 0; i++)
		transmit();
	to_send.first = to_send.end;
}

/* Takes text; whole: until all of it is taken. Returns how much was. Writing a port uses the message registers: first a copy. */
static seL4_Word take(const uint8_t *bytes, seL4_Word count, bool whole)
{
	uint8_t text[TEXT_BYTES_MAX];
	seL4_Word taken = 0;

	memcpy(text, bytes, count);
	while (taken < count) {
		if (put(text[taken]))
			taken++;
		else if (whole)
			drain();
		else
			break;
	}
	transmit();
	return taken;
}

static microkit_msginfo write(microkit_channel ch, seL4_Word words, bool whole)
{
	seL4_Word carried = words > 0 ? (words - 1) * sizeof(seL4_Word) : 0, count = words > 0 ? microkit_mr_get(0) : 0, taken;

	if (count > carried)
		count = carried;
	if (count > TEXT_BYTES_MAX)
		count = 0;
	taken = take((const uint8_t *)&seL4_GetIPCBuffer()->msg[1], count, whole);
	if (taken < count)
		room_asker = ch;
	microkit_mr_set(0, taken);
	return microkit_msginfo_new(0, 1);
}

static microkit_msginfo read(microkit_channel ch, seL4_Word words)
{
	seL4_Word wanted = words > 0 ? microkit_mr_get(0) : 0, count = 0;
	uint8_t text[SERIAL_BYTES_MAX];

	if (wanted > SERIAL_BYTES_MAX)
		wanted = SERIAL_BYTES_MAX;
	while (count < wanted && ring_used(&received) > 0)
		text[count++] = ring_get(&received);
	if (is_held)
		receive();
	if (ring_used(&received) == 0)
		input_asker = ch;
	memcpy(&seL4_GetIPCBuffer()->msg[1], text, count);
	microkit_mr_set(0, count);
	return microkit_msginfo_new(0, (seL4_Uint16)(1 + (count + sizeof(seL4_Word) - 1) / sizeof(seL4_Word)));
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
	seL4_Word words = microkit_msginfo_get_count(msginfo);

	switch (microkit_msginfo_get_label(msginfo)) {
	case CONSOLE_WRITE:
		return write(ch, words, true);
	case SERIAL_WRITE:
		return write(ch, words, false);
	case SERIAL_READ:
		return read(ch, words);
	default:
		return microkit_msginfo_new(1, 0);
	}
}
