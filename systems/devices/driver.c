/* SPDX-License-Identifier: BSD-2-Clause */
/* A driver: shows that each thing the description gives works. Ends the machine after some ticks of the timer. */
#include <stdbool.h>
#include <graft.h>

#define EXIT_PORT_ID 2u
#include "systems/verdict.h"

#define TICKS           5u     /* how long to watch the spinner stand still */
#define PATIENCE        100u   /* ticks in which the spinner must have run; it should within the first */
#define TICK_COUNT      20000u /* of 1,193,182 a second: about 17 ms */
#define PIT_COMMAND     3u     /* ports, from the first */
#define PIT_ONE_SHOT    0x30u  /* channel 0, both bytes, interrupt on terminal count */
#define TIMER_PORT_ID   1u
#define SPINNER_TCB     microkit_cspace_root_slot_to_cptr(1) /* as in devices.system */
#define SPINNER_VSPACE  microkit_cspace_root_slot_to_cptr(2)

/* Set by the description. */
volatile seL4_Uint16 *screen;
char *letter;
seL4_Word letter_bytes;
volatile seL4_Word *counter;
seL4_Word timer_irq, timer_port;

static unsigned int ticks, stopped_at, held, failed;
static seL4_Word counted;

static void step(bool is_held, const char *what)
{
	graft_printf("driver: %s: %s\n", is_held ? "ok" : "NOT HELD", what);
	if (is_held)
		held++;
	else
		failed++;
}

static void try_screen(void)
{
	seL4_Uint16 before = screen[0];
	screen[0] = 0x1f47; /* a white G on blue */
	step(screen[0] == 0x1f47, "the screen's memory keeps what is written");
	screen[0] = before;
}

static void try_letter(void)
{
	step(letter_bytes == 84 && letter[0] == 'A' && letter[83] == '\n', "the letter is what the file holds");
	step(letter[84] == 0 && letter[0x1fff] == 0, "and zero behind it");
	letter[0] = 'B';
	step(letter[0] == 'B', "its region can be written");
}

static void start_timer(void)
{
	microkit_x86_ioport_write_8(TIMER_PORT_ID, timer_port + PIT_COMMAND, PIT_ONE_SHOT);
	microkit_x86_ioport_write_8(TIMER_PORT_ID, timer_port, TICK_COUNT & 0xff);
	microkit_x86_ioport_write_8(TIMER_PORT_ID, timer_port, TICK_COUNT >> 8);
}

void init(void)
{
	graft_printf("graft: what a driver gets\n");
	try_screen();
	try_letter();
	step(seL4_X86_Page_Unmap(SPINNER_VSPACE) == seL4_IllegalOperation, "the spinner's VSpace is there");
	step(*counter > 0, "the spinner, more important, ran first, and leaves what is over its budget");
	counted = *counter;
	start_timer();
}

static void finish(void)
{
	step(*counter == counted, "stopped, it counts no more");
	if (failed == 0)
		graft_printf("graft: all %u steps held\n", held);
	end_machine(failed == 0 ? EXIT_HELD : EXIT_FAILED);
}

static void stop_spinner(void)
{
	step(*counter > counted, "the timer's interrupt comes, and the spinner runs meanwhile");
	step(seL4_TCB_Suspend(SPINNER_TCB) == seL4_NoError, "the spinner can be stopped by its thread's capability");
	counted = *counter;
	stopped_at = ticks;
}

void notified(microkit_channel ch)
{
	if (ch != timer_irq) {
		step(false, "only the timer notifies");
		return;
	}
	microkit_irq_ack(ch);
	ticks++;
	if (stopped_at == 0 && (*counter > counted || ticks == PATIENCE))
		stop_spinner();
	if (stopped_at != 0 && ticks == stopped_at + TICKS)
		finish();
	else
		start_timer();
}
