/* SPDX-License-Identifier: BSD-2-Clause */
/* The keeper: parent of a process server, and more important than anyone but the monitor. Somebody at the second serial port (I/O port
 * id 1, 0x2f8 to 0x2ff, interrupt id 5) tells it when to kill the server, wherever that is, and start it afresh: r once, s with a stop
 * before it, b many times at random moments. It answers each with a dot when that is done, and a fault of the server's with an x.
 *
 * Its own scheduling context is its clock: it gives up what is left of its budget, and runs again when the next period begins. */
#include <graft.h>

#define SERVER_CHILD    1u
#define PROGRAM_ENTRY   0x200000u /* of every program of ours: user/microkit/program.ld */
#define PORT_ID         1u
#define COM2            0x2f8u
#define INTERRUPTS      (COM2 + 1u)
#define MODEM           (COM2 + 4u)
#define STATUS          (COM2 + 5u)
#define ON_RECEIVED     0x01u
#define MODEM_READY     0x0bu /* OUT2 lets interrupts through */
#define STATUS_RECEIVED 0x01u

#define BURST_KILLS  60u
#define PAUSE_BITS   7u /* periods between two kills of a burst: less than 1, 2, 4, ... */

/* Set by the description. */
__attribute__((section(".data.patched"))) seL4_Word keeper_irq = GRAFT_NO_CHANNEL;

static uint32_t kills_left, pause, drawn = 1;

static seL4_Word get(seL4_Word port)
{
	return microkit_x86_ioport_read_8(PORT_ID, port);
}

static void set(seL4_Word port, seL4_Word value)
{
	microkit_x86_ioport_write_8(PORT_ID, port, value);
}

void init(void)
{
	set(INTERRUPTS, ON_RECEIVED);
	set(MODEM, MODEM_READY);
	microkit_irq_ack((microkit_channel)keeper_irq);
}

static uint32_t draw(uint32_t below)
{
	drawn = drawn * 1664525u + 1013904223u;
	return (drawn >> 8) % below;
}

static void kill(bool stops)
{
	if (stops)
		microkit_pd_stop(SERVER_CHILD);
	microkit_pd_restart(SERVER_CHILD, PROGRAM_ENTRY);
}

static void obey(seL4_Word c)
{
	if (c == 'b') {
		kills_left = BURST_KILLS;
		return;
	}
	kill(c == 's');
	set(COM2, '.');
}

void notified(microkit_channel ch)
{
	if (ch != keeper_irq)
		return;
	microkit_irq_ack(ch);
	while ((get(STATUS) & STATUS_RECEIVED) != 0)
		obey(get(COM2));
}

/* Once per period. */
bool graft_work(void)
{
	seL4_Yield();
	if (kills_left == 0)
		return true;
	if (pause > 0) {
		pause--;
		return true;
	}
	kill(draw(2) != 0);
	pause = draw(1u << draw(PAUSE_BITS + 1));
	if (--kills_left == 0)
		set(COM2, '.');
	return true;
}

seL4_Bool fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
	(void)child, (void)info, (void)reply;
	set(COM2, 'x');
	kill(false);
	return seL4_False;
}
