/* SPDX-License-Identifier: BSD-2-Clause */
/* The keeper: parent of the controller, and more important than anyone but the monitor. While its desk says so it stops the controller
 * at random moments, wherever that is, and starts it afresh. Its own scheduling context is its clock: it gives up what is left of
 * its budget, and runs again when the next period begins. Most pauses are short, so that many kills hit the restart after
 * another one.
 *
 * A controller that is killed sooner than its longest job takes never ends that job, and how long it takes in the machine's time is the
 * machine's affair. So the pauses get longer as long as the operator's step does not end: whatever is asked for is done in the end. */
#include "systems/soak/soak.h"

#define CONTROLLER_CHILD 1u
#define PROGRAM_ENTRY    0x200000u /* of every program of ours: user/microkit/program.ld */
#define PAUSE_BITS       6u  /* of a step's first pauses */
#define PAUSE_BITS_MAX   14u /* 8 s */
#define PATIENCE_KILLS   32u /* so many in one step, and the pauses may be twice as long */

__attribute__((section(".data.patched"))) volatile struct keeper_desk *desk = 0;

static uint64_t random_state;
static seL4_Word pause, step, step_kills;

void init(void)
{
}

static void kill(void)
{
	uint64_t how = random_next(&random_state);

	if ((how & 1) != 0)
		microkit_pd_stop(CONTROLLER_CHILD);
	microkit_pd_restart(CONTROLLER_CHILD, PROGRAM_ENTRY);
	desk->kills++;
}

static seL4_Word next_pause(void)
{
	seL4_Word bits;

	if (desk->step != step)
		step_kills = 0;
	step = desk->step;
	bits = PAUSE_BITS + step_kills++ / PATIENCE_KILLS;
	return random_below(&random_state, 1ul << random_below(&random_state, 1 + (bits < PAUSE_BITS_MAX ? bits : PAUSE_BITS_MAX)));
}

/* Once per period. */
bool graft_work(void)
{
	seL4_Yield();
	if (desk->armed == 0) {
		desk->rests = 1;
		random_state = desk->seed;
		return true;
	}
	if (pause > 0) {
		pause--;
		return true;
	}
	kill();
	pause = next_pause();
	return true;
}

void notified(microkit_channel ch)
{
	(void)ch;
}

/* The operator sees the count; the controller goes on, so that the operator gets an answer. */
seL4_Bool fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
	(void)reply;
	if (desk->crashes++ == 0) {
		desk->crash[0] = microkit_msginfo_get_label(info);
		desk->crash[1] = microkit_mr_get(0);
		desk->crash[2] = microkit_mr_get(1);
	}
	microkit_pd_restart(child, PROGRAM_ENTRY);
	return seL4_False;
}
