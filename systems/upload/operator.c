/* SPDX-License-Identifier: BSD-2-Clause */
/* The operator: has programs loaded out of an archive that the keeper writes, tells the keeper how, looks what came of it, and ends
 * the machine with the verdict: 0x2a to the exit port if every step held, 0x15 if one did not. */
#include "lib/base/base.h"
#include "lib/base/status.h"
#include "systems/upload/upload.h"
#include "systems/verdict.h"

#define DOMAINS_MAX  5u
#define ROUNDS       3u       /* of a guest, before it counts as running well */
#define STORM_LOADS  24u

__attribute__((section(".data.patched"))) const volatile struct guest_desk *first = 0;
__attribute__((section(".data.patched"))) const volatile struct guest_desk *second = 0;

static seL4_Word ledger_before[LEDGER_WORDS];
static seL4_Word right_sum; /* of the program as it was packed */

/* ---- verdicts ---- */

static void ledger(seL4_Word words[LEDGER_WORDS])
{
	demand(controller_ledger(CONTROLLER_CHANNEL, words) == CONTROLLER_OK, "LEDGER is refused", 0);
}

static void demand_copies(seL4_Word images, seL4_Word copies)
{
	seL4_Word now[LEDGER_WORDS];

	ledger(now);
	demand(now[LEDGER_THREADS] == images, "there are more or fewer images", now[LEDGER_THREADS]);
	demand(now[LEDGER_TEXTS] == copies, "there are more or fewer copies of programs", now[LEDGER_TEXTS]);
}

/* Every step begins and ends with empty domains and the same ledger. */
static void step_ok(const char *what)
{
	seL4_Word now[LEDGER_WORDS];

	ledger(now);
	for (unsigned int i = 0; i < LEDGER_WORDS; i++)
		demand(now[i] == ledger_before[i], "the ledger's word differs", i);
	graft_printf("step %lu ok: %s\n", ++step_number, what);
}

/* ---- the others ---- */

static void keeper(enum keeper_mode mode)
{
	microkit_mr_set(0, mode);
	(void)microkit_ppcall(KEEPER_CHANNEL, microkit_msginfo_new(KEEPER_MODE, 1));
}

static void demand_well(void)
{
	struct controller_domain lines[DOMAINS_MAX];
	unsigned int count = 0;

	demand(controller_list(CONTROLLER_CHANNEL, lines, DOMAINS_MAX, &count) == CONTROLLER_OK, "LIST is refused", 0);
	for (unsigned int i = 0; i < count; i++)
		demand(lines[i].state != CONTROLLER_FAULTED, "a guest has found its text changed", lines[i].id);
}

/* Both its text and it are as packed. */
static void demand_rounds(seL4_Word domain)
{
	const volatile struct guest_desk *desk = domain == FIRST ? first : second;
	seL4_Word from = desk->rounds;

	for (unsigned int turn = 0; turn < TURNS_MAX && desk->rounds - from < ROUNDS; turn++)
		seL4_Yield();
	demand_well();
	demand(desk->rounds - from >= ROUNDS, "a guest does not run", domain);
	demand(desk->sum == right_sum, "a guest is not what was packed", desk->sum);
}

/* Nobody but the guests has this time. */
static void let_run(void)
{
	seL4_Word from = first->rounds;

	for (unsigned int turn = 0; turn < TURNS_MAX && first->rounds - from < ROUNDS; turn++)
		seL4_Yield();
	demand_well();
}

static void load(seL4_Word domain, const char *name)
{
	struct controller_result result;

	if (controller_load(CONTROLLER_CHANNEL, domain, name, 0, NULL, &result) == CONTROLLER_OK)
		return;
	graft_printf("operator: %s: %s\n", controller_error_text(result.error), status_text((enum status)result.detail));
	demand(false, "LOAD is refused", result.error);
}

static void demand_refused(enum keeper_mode mode, enum status status)
{
	struct controller_result result;

	keeper(mode);
	(void)controller_load(CONTROLLER_CHANNEL, FIRST, "guest", 0, NULL, &result);
	demand(result.error == CONTROLLER_BAD_PROGRAM, "LOAD ends otherwise", result.error);
	demand(result.detail == status, "LOAD is refused for another reason", result.detail);
	demand_copies(0, 0);
}

static void unload(seL4_Word domain)
{
	seL4_Word error = controller_unload(CONTROLLER_CHANNEL, domain, NULL);

	demand(error == CONTROLLER_OK, "UNLOAD is refused", error);
}

/* ---- steps ---- */

static void step_shared(void)
{
	load(FIRST, "guest");
	for (unsigned int turn = 0; turn < TURNS_MAX && first->rounds == 0; turn++)
		seL4_Yield();
	right_sum = first->sum;
	demand_copies(1, 1);
	load(SECOND, "twin");
	demand_copies(2, 1);
	demand_rounds(FIRST);
	demand_rounds(SECOND);
	unload(FIRST);
	unload(SECOND);
	step_ok("two programs with the same bytes share one copy of them, whatever they are called");
}

static void step_scribbled(void)
{
	for (unsigned int i = 0; i < 2; i++) {
		keeper(KEEPER_HONEST);
		load(FIRST, "guest");
		load(SECOND, "guest");
		keeper(KEEPER_SPOILED);
		demand_rounds(FIRST);
		demand_rounds(SECOND);
		unload(i == 0 ? FIRST : SECOND);
		demand_copies(1, 1);
		demand_rounds(i == 0 ? SECOND : FIRST);
		unload(i == 0 ? SECOND : FIRST);
	}
	keeper(KEEPER_HONEST);
	step_ok("the archive is written over while they run, and one goes: the other still finds its text as it was; both orders");
}

static void step_refused(void)
{
	demand_refused(KEEPER_SPOILED, STATUS_ARCHIVE_PAYLOAD_DIGEST);
	demand_refused(KEEPER_LATE, STATUS_ARCHIVE_PAYLOAD_DIGEST);
	demand_refused(KEEPER_FORGED, STATUS_ARCHIVE_PAYLOAD_DIGEST);
	demand_refused(KEEPER_BEYOND, STATUS_ARCHIVE_PAYLOAD_OUTSIDE);
	keeper(KEEPER_HONEST);
	load(FIRST, "guest");
	demand_rounds(FIRST);
	unload(FIRST);
	step_ok("spoiled before the answer or after it, or with a wrong answer: refused, and nothing is left; then loaded as packed");
}

static void step_copied_once(void)
{
	struct controller_result result;

	load(FIRST, "guest");
	keeper(KEEPER_SPOILED);
	load(SECOND, "guest");
	demand_copies(2, 1);
	demand_rounds(SECOND);
	unload(FIRST);
	keeper(KEEPER_FORGED);
	(void)controller_swap(CONTROLLER_CHANNEL, SECOND, "guest", 0, NULL, &result);
	demand(result.detail == STATUS_ARCHIVE_PAYLOAD_DIGEST, "SWAP ends otherwise", result.detail);
	demand_rounds(SECOND);
	unload(SECOND);
	keeper(KEEPER_HONEST);
	step_ok("a program that runs is there for the next one to share, though the archive has other bytes; a refused swap leaves it running");
}

static void step_storm(void)
{
	struct controller_result result;

	keeper(KEEPER_STORM);
	for (unsigned int i = 0; i < STORM_LOADS; i++) {
		if (controller_load(CONTROLLER_CHANNEL, FIRST, "guest", 0, NULL, &result) == CONTROLLER_OK) {
			demand_rounds(FIRST);
			unload(FIRST);
		} else {
			demand(result.detail == STATUS_ARCHIVE_PAYLOAD_DIGEST, "LOAD ends otherwise", result.detail);
		}
		demand_copies(0, 0);
	}
	keeper(KEEPER_HONEST);
	step_ok("bytes that change all the time: every load is refused, or runs as packed");
}

static void step_duplicate(void)
{
	struct controller_result result;

	load(QUIET, "guest");
	load(FIRST, "guest");
	let_run();
	demand(controller_stop(CONTROLLER_CHANNEL, QUIET, NULL) == CONTROLLER_OK, "STOP is refused", 0);
	(void)controller_duplicate(CONTROLLER_CHANNEL, QUIET, NULL, &result);
	demand(result.error == CONTROLLER_OK, "DUPLICATE is refused", result.error);
	demand_copies(3, 1);
	unload(QUIET);
	unload(FIRST);
	keeper(KEEPER_SPOILED);
	demand_copies(1, 1);
	load(FIRST, "guest");
	demand_copies(2, 1);
	let_run();
	demand(controller_remove(CONTROLLER_CHANNEL, result.child, NULL) == CONTROLLER_OK, "REMOVE is refused", 0);
	demand_rounds(FIRST);
	unload(FIRST);
	keeper(KEEPER_HONEST);
	step_ok("a duplicate keeps the copy when its source is gone, for those that come later too");
}

void init(void)
{
	ledger(ledger_before);
	step_shared();
	step_scribbled();
	step_refused();
	step_copied_once();
	step_storm();
	step_duplicate();
	end_held();
}

void notified(microkit_channel ch)
{
	(void)ch;
}
