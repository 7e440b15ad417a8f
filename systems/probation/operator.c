/* SPDX-License-Identifier: BSD-2-Clause */
/* The operator: puts one program after another on probation in the place of a steady one, and judges what becomes of both. README.md tells
 * the steps. It runs as a script, all in init; where it waits for something it looks again and again, and yields. */
#include "lib/base/base.h"
#include "lib/base/status.h"
#include "systems/probation/probation.h"
#include "systems/verdict.h"

#define AN_HOUR_MS  3600000u
#define A_MOMENT_MS 20u
#define ROUNDS      20u

/* Set by the description. */
__attribute__((section(".data.patched"))) const volatile struct desk *desk = 0;

static seL4_Word ledger[LEDGER_WORDS]; /* with the steady program alone */
static seL4_Word generation;

static void step_ok(const char *what)
{
	graft_printf("step %lu ok: %s\n", ++step_number, what);
}

static void demand_done(seL4_Word error, const char *what)
{
	demand(error == CONTROLLER_OK, what, error);
}

/* ---- looking ---- */

static struct controller_domain worker(void)
{
	struct controller_domain line = { 0 };
	unsigned int count = 0;

	demand(controller_list(OPERATOR_CONTROLLER, &line, 1, &count) == CONTROLLER_OK && count == 1, "LIST is refused", count);
	return line;
}

static void wait_for_more(const volatile seL4_Word *word, const char *what)
{
	seL4_Word before = *word;

	for (unsigned int i = 0; i < TURNS_MAX && *word == before; i++)
		seL4_Yield();
	demand(*word != before, what, before);
}

static void demand_ledger(void)
{
	seL4_Word now[LEDGER_WORDS];

	demand_done(controller_ledger(OPERATOR_CONTROLLER, now), "LEDGER is refused");
	for (unsigned int i = 0; i < LEDGER_WORDS; i++)
		demand(now[i] == ledger[i], "the ledger's word differs", i);
}

/* The steady program has the domain again, for this reason, and goes on where it was: it did not begin anew, and all is as it left it. */
static void demand_steady(enum controller_reason reason)
{
	struct controller_domain line;

	for (unsigned int i = 0; i < TURNS_MAX && worker().swap != CONTROLLER_SWAP_ROLLED_BACK; i++)
		seL4_Yield();
	line = worker();
	demand(line.swap == CONTROLLER_SWAP_ROLLED_BACK, "it is not taken back", line.swap);
	demand(line.reason == (seL4_Word)reason, "it is taken back for another reason", line.reason);
	demand(line.state == CONTROLLER_RUNNING && line.kept_bytes == 0, "the worker is not as it was", line.state);
	demand(line.generation == generation + 2, "the generation did not grow by two", line.generation);
	generation = line.generation;
	wait_for_more(&desk->steady_turns, "the steady program does not go on");
	demand(desk->steady_starts == 1, "the steady program began anew", desk->steady_starts);
	demand(desk->steady_broken == 0, "the steady program is not as it was", desk->steady_broken);
	demand_ledger();
}

static void try(const char *what, seL4_Word deadline_ms)
{
	const char *const arguments[] = { what };

	demand_done(controller_swap_on_probation(OPERATOR_CONTROLLER, WORKER_ID, deadline_ms, "trial", 1, arguments, NULL),
	            "SWAP on probation is refused");
}

/* ---- the steps ---- */

static void step_steady(void)
{
	wait_for_more(&desk->steady_turns, "the steady program does not start");
	demand_done(controller_ledger(OPERATOR_CONTROLLER, ledger), "LEDGER is refused");
	generation = worker().generation;
	step_ok("the steady program runs, and counts in registers, in both floating-point units and in memory");
}

static void step_on_probation(void)
{
	struct controller_domain line;
	seL4_Word turns;

	try("loop", 0);
	wait_for_more(&desk->trial_turns, "the program on trial does not run");
	line = worker();
	demand(line.swap == CONTROLLER_SWAP_ON_PROBATION && line.kept_bytes > 0, "it is not on probation", line.swap);
	turns = desk->steady_turns;
	wait_for_more(&desk->trial_turns, "the program on trial does not run");
	demand(desk->steady_turns == turns, "the steady program still runs", desk->steady_turns);
	demand(controller_swap(OPERATOR_CONTROLLER, WORKER_ID, "trial", 0, NULL, NULL) == CONTROLLER_UNCONFIRMED,
	       "a second swap is not refused", 0);
	step_ok("a new program runs on probation, the steady one is kept; a second swap is refused");
	demand_done(controller_rollback(OPERATOR_CONTROLLER, WORKER_ID, NULL), "ROLLBACK is refused");
	demand_steady(CONTROLLER_REASON_ASKED);
	step_ok("taken back by request: the steady program goes on where it was, and the ledger is equal");
}

static void step_refuses(void)
{
	seL4_Word asked = desk->asked;

	try("refuse", 0);
	demand_steady(CONTROLLER_REASON_REJECTED);
	demand(desk->asked == asked, "who refused itself went on", desk->asked);
	step_ok("the new program refuses: taken back");
}

static void step_faults(void)
{
	try("fault", 0);
	demand_steady(CONTROLLER_REASON_FAULT);
	step_ok("the new program faults: taken back at once");
}

static void step_deadline(void)
{
	try("loop", A_MOMENT_MS);
	demand_steady(CONTROLLER_REASON_DEADLINE);
	step_ok("nobody confirms the new program within its deadline: taken back");
}

/* It is not the new program's to take both along. */
static void step_unload(void)
{
	seL4_Word asked = desk->asked;

	try("unload", 0);
	for (unsigned int i = 0; i < TURNS_MAX && desk->asked == asked; i++)
		seL4_Yield();
	demand(desk->asked != asked && desk->error == CONTROLLER_UNCONFIRMED, "the new program may give both up", desk->error);
	demand_done(controller_rollback(OPERATOR_CONTROLLER, WORKER_ID, NULL), "ROLLBACK is refused");
	demand_steady(CONTROLLER_REASON_ASKED);
	step_ok("the new program can't give both up");
}

static void step_many(void)
{
	for (unsigned int i = 0; i < ROUNDS; i++) {
		try("loop", AN_HOUR_MS);
		wait_for_more(&desk->trial_turns, "the program on trial does not run");
		demand_done(controller_rollback(OPERATOR_CONTROLLER, WORKER_ID, NULL), "ROLLBACK is refused");
		demand_steady(CONTROLLER_REASON_ASKED);
	}
	step_ok("twenty times there and back: the steady program counts on, and the ledger is equal");
}

static void step_confirms(void)
{
	struct controller_domain line;
	seL4_Word asked = desk->asked;

	try("confirm", AN_HOUR_MS);
	for (unsigned int i = 0; i < TURNS_MAX && desk->asked == asked; i++)
		seL4_Yield();
	demand(desk->asked != asked && desk->error == CONTROLLER_OK, "the new program may not confirm for itself", desk->error);
	line = worker();
	demand(line.swap == CONTROLLER_SWAP_CONFIRMED && line.kept_bytes == 0, "it is not confirmed", line.swap);
	demand(line.generation == generation + 1, "the generation did not grow by one", line.generation);
	demand(controller_rollback(OPERATOR_CONTROLLER, WORKER_ID, NULL) == CONTROLLER_NOT_ON_PROBATION, "there still is a way back", 0);
	generation = line.generation;
	step_ok("the new program confirms for itself: it stays, and there is no way back");
}

/* It waits in its call to the controller while another program has its domain, and gets an answer all the same. */
static void step_asks_for_itself(void)
{
	seL4_Word asked = desk->asked;

	microkit_notify(OPERATOR_WORKER);
	for (unsigned int i = 0; i < TURNS_MAX && desk->asked == asked; i++)
		seL4_Yield();
	demand(desk->error == CONTROLLER_ROLLED_BACK, "who asked for its own replacement is not told", desk->error);
	demand(desk->detail == CONTROLLER_REASON_REJECTED, "who asked for its own replacement is told another reason", desk->detail);
	demand(worker().generation == generation + 2, "the generation did not grow by two", worker().generation);
	step_ok("a program that asked for its own replacement is back, and is told why");
}

void init(void)
{
	step_steady();
	step_on_probation();
	step_refuses();
	step_faults();
	step_deadline();
	step_unload();
	step_many();
	step_confirms();
	step_asks_for_itself();
	end_held();
}

void notified(microkit_channel ch)
{
	(void)ch;
}
