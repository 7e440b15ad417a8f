/* SPDX-License-Identifier: BSD-2-Clause */
/* The operator: has loaders ask for 16 MiB at a time, and meanwhile makes a domain fault again and again, and takes the time until
 * that is served. Ends the machine with the verdict: 0x2a to the exit port if every step held, 0x15 if one did not. */
#include <stdbool.h>
#include <stddef.h>
#include "systems/busy/busy.h"
#include "systems/verdict.h"

#define LINES        4u

/* The bounds of doc/controller.md, in instructions. The peer's: the controller's budget; where the operator makes faults, it has the time
 * between two of them as well. A fault's: a period and a step; and while the kernel clears memory or takes an image away, that. */
#define GAP_MAX    500000u
#define FAULT_MAX  600000u
#define KERNEL_MAX (BULK_PAGES * 1000u)
#define BULK_PAGES 2048u /* of its own; as many are the archive's */

__attribute__((section(".data.patched"))) struct desk *desk = 0;

static unsigned int phase, faults;
static bool counts_instructions, faulty_runs, is_begun;
static uint64_t fault_max;

/* Under -icount a loop takes as many ticks as it has instructions; so it is with nothing else. */
static bool ticks_are_instructions(void)
{
	for (unsigned int i = 0; i < 20; i++) {
		uint64_t start = ticks(), taken;
		unsigned long count = 10000;

		__asm__ volatile("1: dec %0; jnz 1b" : "+r"(count));
		taken = ticks() - start;
		if (taken >= 20000 && taken < 20010)
			return true;
	}
	return false;
}

/* ---- a fault, and how long it takes until it is served ---- */

static seL4_Word state_of(seL4_Word child)
{
	struct controller_domain lines[LINES];
	unsigned int count = 0;

	demand(controller_list(OPERATOR_CONTROLLER, lines, LINES, &count) == CONTROLLER_OK, "LIST is refused", 0);
	for (unsigned int i = 0; i < count; i++) {
		if (lines[i].id == child)
			return lines[i].state;
	}
	return CONTROLLER_EMPTY;
}

static void mend(void)
{
	faulty_runs = faulty_runs || controller_swap(OPERATOR_CONTROLLER, CHILD_FAULTY, "faulty", 0, NULL, NULL) == CONTROLLER_OK;
}

/* The faulty one is more important than the operator: it has faulted before the operator goes on. */
static void take_fault_time(void)
{
	uint64_t start, time;

	if (!faulty_runs) {
		mend(); /* or the controller is busy: next time */
		return;
	}
	faulty_runs = false;
	start = ticks();
	microkit_notify(OPERATOR_FAULTY);
	while (state_of(CHILD_FAULTY) != CONTROLLER_FAULTED)
		seL4_Yield();
	time = desk->told_at - start;
	demand(desk->told_at > start, "the fault was not told", 0);
	fault_max = time > fault_max ? time : fault_max;
	faults++;
}

/* ---- steps ---- */

static void let(unsigned int loader, enum controller_verb verb)
{
	desk->loader[loader].verb = verb;
	microkit_notify(OPERATOR_LOADER + loader);
}

/* The peer says when it has seen that there is a new round: then its requests are made. */
static void begin(void)
{
	mend();
	demand(faulty_runs, "the faulty one can't be replaced", 0);
	fault_max = faults = 0;
	desk->wants_tell = ++phase != 5;
	is_begun = false;
	desk->round++;
}

static void ask(void)
{
	is_begun = true;
	switch (phase) {
	case 1: /* digested and built */
		let(0, CONTROLLER_LOAD);
		break;
	case 2: /* built, handed over, and the old one given back */
		let(0, CONTROLLER_SWAP);
		break;
	case 3:
		let(0, CONTROLLER_UNLOAD);
		break;
	case 4: /* two at once, and one too many */
		let(0, CONTROLLER_LOAD);
		let(1, CONTROLLER_LOAD);
		let(2, CONTROLLER_LOAD);
		break;
	case 5: /* now there is room for the third; and nobody else does anything */
		let(2, CONTROLLER_LOAD);
		break;
	default:
		break;
	}
}

/* Thousands, as binary machines have them without a division. */
static unsigned int thousands(uint64_t number)
{
	return (unsigned int)(number >> 10);
}

static void finish(const char *what, unsigned int loader, uint64_t fault_bound)
{
	demand(desk->loader[loader].error == CONTROLLER_OK, "a request is refused", desk->loader[loader].error);
	graft_printf("step %lu: %u kiloticks; the peer was away %u times, at most for %u; %u faults, each served within %u\n", step_number + 1,
	             thousands(desk->loader[loader].ticks), (unsigned int)desk->turns, thousands(desk->gap), faults, thousands(fault_max));
	demand(!counts_instructions || (desk->turns != 0 && (faults != 0) == desk->wants_tell), "nothing was measured", 0);
	demand(!counts_instructions || desk->gap <= GAP_MAX << desk->wants_tell, "the peer's longest gap is longer than the bound",
	       (seL4_Word)desk->gap);
	demand(!counts_instructions || fault_max <= fault_bound, "a fault was served later than the bound", (seL4_Word)fault_max);
	graft_printf("step %lu ok: %s\n", ++step_number, what);
	begin();
}

static void loader_is_done(unsigned int loader)
{
	static unsigned int at_once;

	if (phase == 1)
		finish("16 MiB digested and loaded", loader, FAULT_MAX);
	else if (phase == 2)
		finish("16 MiB swapped for 16 MiB", loader, FAULT_MAX + KERNEL_MAX);
	else if (phase == 3)
		finish("16 MiB unloaded", loader, FAULT_MAX + KERNEL_MAX);
	else if (phase == 4 && loader == 2)
		demand(desk->loader[2].error == CONTROLLER_BUSY && at_once == 0, "a third request at once is not told busy", desk->loader[2].error);
	else if (phase == 4 && ++at_once == 1)
		demand(desk->loader[loader].error == CONTROLLER_OK, "the first of two is refused", desk->loader[loader].error);
	else if (phase == 4)
		finish("16 MiB and 16 MiB at once, and a third told busy", loader, FAULT_MAX + KERNEL_MAX);
	else
		finish("16 MiB after that, and no faults", loader, 0);
}

static void end(void)
{
	end_held();
}

void init(void)
{
	counts_instructions = ticks_are_instructions();
	if (!counts_instructions)
		graft_printf("skip: time is not counted in instructions here (QEMU: -icount shift=0); the bounds are not judged\n");
	begin();
}

void notified(microkit_channel ch)
{
	if (ch == OPERATOR_PEER && !is_begun && desk->seen == desk->round)
		ask();
	else if (ch == OPERATOR_PEER && is_begun && desk->wants_tell)
		take_fault_time();
	else if (ch != OPERATOR_PEER)
		loader_is_done(ch - OPERATOR_LOADER);
	if (phase == 6)
		end();
}
