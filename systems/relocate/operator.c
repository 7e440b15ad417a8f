/* SPDX-License-Identifier: BSD-2-Clause */
/* The operator: has mover and litter loaded by turns, reads what they report, and ends the machine with the verdict: 0x2a to the exit
 * port if every step held, 0x15 if one did not. */
#include <graft.h>
#include "lib/base/base.h"
#include "systems/relocate/relocate.h"
#include "systems/verdict.h"
#include "user/microkit/controller_client.h"

__attribute__((section(".data.patched"))) volatile struct desk *desk = 0;

static seL4_Word ledger_before[LEDGER_WORDS];

static void demand_ok(seL4_Word error, const char *what)
{
	if (error != CONTROLLER_OK)
		graft_printf("operator: %s\n", controller_error_text(error));
	demand(error == CONTROLLER_OK, what, error);
}

static void ledger(seL4_Word words[LEDGER_WORDS])
{
	demand_ok(controller_ledger(CONTROLLER_CHANNEL, words), "LEDGER is refused");
}

static void step_ok(const char *what)
{
	seL4_Word now[LEDGER_WORDS];

	ledger(now);
	for (unsigned int i = 0; i < LEDGER_WORDS; i++)
		demand(now[i] == ledger_before[i], "the ledger's word differs", i);
	graft_printf("step %lu ok: %s\n", ++step_number, what);
}

/* ---- programs ---- */

static void load(const char *program, const char *role)
{
	const char *const argv[] = { program, role };

	desk->done = desk->wrong = desk->base = desk->random = desk->pages = desk->litter = 0;
	demand_ok(controller_load(CONTROLLER_CHANNEL, WORKER, program, 2, argv, NULL), "LOAD is refused");
}

static seL4_Word state(void)
{
	struct controller_domain line;
	unsigned int count = 0;

	demand_ok(controller_list(CONTROLLER_CHANNEL, &line, 1, &count), "LIST is refused");
	demand(count == 1, "LIST has another number of domains", count);
	return line.state;
}

/* Every program ends by a fault. It is more important than the operator, so there is not much to wait for. */
static void wait_for_end(void)
{
	for (unsigned int turn = 0; turn < TURNS_MAX && state() != CONTROLLER_FAULTED; turn++)
		seL4_Yield();
	demand(state() == CONTROLLER_FAULTED, "the program does not end", state());
}

/* Loads it, waits until it has ended and takes it away again. */
static void run(const char *program)
{
	load(program, "look");
	wait_for_end();
	demand(desk->done, "the program has faulted before its end", 0);
	demand_ok(controller_unload(CONTROLLER_CHANNEL, WORKER, NULL), "UNLOAD is refused");
}

static void run_mover(void)
{
	run("mover");
	demand(desk->wrong == 0, "mover finds something wrong", desk->wrong);
	demand(desk->base % PAGE_BYTES == 0, "mover's base is not aligned", desk->base);
	demand(desk->litter == 0, "mover finds words of others in its memory", desk->litter);
	demand(desk->pages >= 10, "mover has looked through too few pages", desk->pages);
}

/* ---- steps ---- */

static void a_program_is_relocated(void)
{
	run_mover();
	demand(desk->base > 0x10000000, "mover is not where a seed would put it", desk->base);
	step_ok("a position-independent program finds itself relocated, its thread-local storage in place, its arguments right");
}

static void each_load_is_elsewhere(void)
{
	uintptr_t base[4], random[4];

	for (unsigned int i = 0; i < 4; i++) {
		run_mover();
		base[i] = desk->base;
		random[i] = desk->random;
		for (unsigned int j = 0; j < i; j++)
			demand(base[i] != base[j] && random[i] != random[j], "two loads have the same base or random bytes", base[i]);
	}
	step_ok("loaded again it is somewhere else each time, with other random bytes");
}

static void constants_are_read_only(void)
{
	load("mover", "write");
	wait_for_end();
	demand(!desk->done && desk->wrong == 0, "mover could write what was relocated", desk->wrong);
	demand_ok(controller_unload(CONTROLLER_CHANNEL, WORKER, NULL), "UNLOAD is refused");
	step_ok("what was relocated and is constant is read-only: writing it is a fault");
}

static void nobody_sees_others(void)
{
	for (unsigned int i = 0; i < 3; i++) {
		run(i % 2 ? "litter-before" : "litter-behind");
		demand(desk->litter == 1, "litter has not littered", 0);
		run_mover();
	}
	step_ok("between two neighbours that are full of one word, in frames that were full of it, nobody finds it");
}

void init(void)
{
	ledger(ledger_before);
	a_program_is_relocated();
	each_load_is_elsewhere();
	constants_are_read_only();
	nobody_sees_others();
	end_held();
}

void notified(microkit_channel ch)
{
	(void)ch;
}
