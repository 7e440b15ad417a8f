/* SPDX-License-Identifier: BSD-2-Clause */
/* The operator: has forkers loaded and spawned, waits until they and their duplicates rest, resumes, duplicates and removes them in this
 * order and that, and ends the machine with the verdict: 0x2a to the exit port if every step held, 0x15 if one did not. */
#include "lib/base/base.h"
#include "systems/duplicate/duplicate.h"
#include "systems/verdict.h"

#define DOMAINS_MAX  8u       /* two of the description, six seats */
#define FIRST        32u      /* child id of the first seat */
#define OTHER_PAGES  9u       /* a forker has fewer, its constants aside, which are four on i386 and eight on x86_64 */

__attribute__((section(".data.patched"))) const volatile struct witness_desk *witness = 0;

static seL4_Word ledger_before[LEDGER_WORDS];

/* ---- verdicts ---- */

static unsigned int list(struct controller_domain lines[DOMAINS_MAX])
{
	unsigned int count = 0;

	demand(controller_list(CONTROLLER_CHANNEL, lines, DOMAINS_MAX, &count) == CONTROLLER_OK, "LIST is refused", 0);
	return count;
}

static void ledger(seL4_Word words[LEDGER_WORDS])
{
	demand(controller_ledger(CONTROLLER_CHANNEL, words) == CONTROLLER_OK, "LEDGER is refused", 0);
}

/* Every step begins and ends with empty domains, nothing spawned and the same ledger. */
static void step_ok(const char *what)
{
	struct controller_domain lines[DOMAINS_MAX];
	seL4_Word now[LEDGER_WORDS];

	demand(list(lines) == 2, "a domain is left", 0);
	ledger(now);
	for (unsigned int i = 0; i < LEDGER_WORDS; i++)
		demand(now[i] == ledger_before[i], "the ledger's word differs", i);
	graft_printf("step %lu ok: %s\n", ++step_number, what);
}

/* ---- domains ---- */

static void demand_ok(seL4_Word error, const char *what)
{
	if (error != CONTROLLER_OK)
		graft_printf("operator: %s\n", controller_error_text(error));
	demand(error == CONTROLLER_OK, what, error);
}

static void load(seL4_Word domain, const char *role)
{
	const char *const argv[] = { role };

	demand_ok(controller_load(CONTROLLER_CHANNEL, domain, "forker", 1, argv, NULL), "LOAD is refused");
}

static void unload(seL4_Word domain)
{
	demand_ok(controller_unload(CONTROLLER_CHANNEL, domain, NULL), "UNLOAD is refused");
}

static void resume(seL4_Word domain)
{
	demand_ok(controller_resume(CONTROLLER_CHANNEL, domain, NULL), "RESUME is refused");
}

static void remove(seL4_Word domain)
{
	demand_ok(controller_remove(CONTROLLER_CHANNEL, domain, NULL), "REMOVE is refused");
}

/* Until it rests; a forker that faults has found something wrong. */
static struct controller_domain wait_for(seL4_Word domain)
{
	struct controller_domain lines[DOMAINS_MAX];

	for (unsigned int turn = 0; turn < TURNS_MAX; turn++) {
		unsigned int count = list(lines);

		for (unsigned int i = 0; i < count; i++) {
			demand(lines[i].state != CONTROLLER_FAULTED, "a forker has found something wrong", lines[i].id);
			if (lines[i].id == domain && lines[i].state == CONTROLLER_STOPPED)
				return lines[i];
		}
		seL4_Yield();
	}
	demand(false, "a forker does not come to rest", domain);
	return lines[0];
}

/* Resumed, each looks at its memory, writes something else and rests again. */
static void let_look(seL4_Word domain)
{
	resume(domain);
	(void)wait_for(domain);
}

static struct controller_spawning plain(void)
{
	return (struct controller_spawning){ .priority = 90, .stack_pages = 4, .budget_us = 1000, .period_us = 10000 };
}

static seL4_Word duplicate(seL4_Word domain, const struct controller_spawning *spawning, seL4_Word error)
{
	struct controller_result result;

	(void)controller_duplicate(CONTROLLER_CHANNEL, domain, spawning, &result);
	if (result.error != error)
		graft_printf("operator: DUPLICATE: %s, detail %lu, figures %lu %lu\n", controller_error_text(result.error), result.detail,
		             result.figure[0], result.figure[1]);
	demand(result.error == error, "DUPLICATE ends otherwise", result.error);
	return result.child;
}

/* ---- steps ---- */

static void step_twins(void)
{
	seL4_Word alone[LEDGER_WORDS], both[LEDGER_WORDS];
	struct controller_domain parent, child;

	load(LONER, "sleeper"); /* as many pages as a forker has */
	(void)wait_for(LONER);
	ledger(alone);
	unload(LONER);
	load(WORKER, "twins");
	parent = wait_for(WORKER);
	child = wait_for(FIRST);
	ledger(both);
	demand(child.program_id == parent.program_id && child.account_bytes == parent.account_bytes, "the child is another program", 0);
	demand(both[LEDGER_FRAMES] == 2 * alone[LEDGER_FRAMES], "the child has other pages", both[LEDGER_FRAMES]);
	demand(alone[LEDGER_FRAMES] < SPREAD_BYTES / PAGE_BYTES + OTHER_PAGES, "the read-only pages are not shared", alone[LEDGER_FRAMES]);
	for (unsigned int i = 0; i < 3; i++) {
		let_look(FIRST);
		let_look(WORKER);
	}
	remove(FIRST);
	let_look(WORKER);
	unload(WORKER);
	step_ok("a program duplicates itself: same memory and registers, shared constants, and each sees its own writes only");
}

static void step_orphan(void)
{
	load(WORKER, "twins");
	(void)wait_for(WORKER);
	(void)wait_for(FIRST);
	unload(WORKER);
	let_look(FIRST);
	load(WORKER, "sleeper");
	(void)wait_for(WORKER);
	let_look(FIRST);
	unload(WORKER);
	remove(FIRST);
	step_ok("a child outlives its parent, and another program in the parent's domain");
}

static void step_chain(void)
{
	load(WORKER, "chain");
	for (unsigned int i = 0; i < WORKER_DUPLICATES; i++)
		(void)wait_for(FIRST + i);
	remove(FIRST + 1); /* in the middle */
	unload(WORKER);
	let_look(FIRST);
	let_look(FIRST + 2);
	remove(FIRST);
	remove(FIRST + 2);
	step_ok("duplicates of duplicates count for the first of them, and the one too many is refused with both figures");
}

static void step_bomb(void)
{
	struct controller_domain lines[DOMAINS_MAX];

	load(WORKER, "bomb");
	(void)wait_for(WORKER);
	for (unsigned int i = 0; i < WORKER_DUPLICATES; i++)
		(void)wait_for(FIRST + i);
	demand(list(lines) == 2 + WORKER_DUPLICATES, "there are too many", list(lines));
	for (unsigned int i = 0; i < WORKER_DUPLICATES; i++)
		remove(FIRST + i);
	unload(WORKER);
	step_ok("a fork bomb ends at what the description allows");
}

static void step_refused(void)
{
	load(WORKER, "greedy");
	(void)wait_for(WORKER);
	unload(WORKER);
	load(LONER, "loner");
	(void)wait_for(LONER);
	(void)duplicate(LONER, NULL, CONTROLLER_NO_RIGHT);
	unload(LONER);
	(void)duplicate(WORKER, NULL, CONTROLLER_WRONG_STATE);
	load(WORKER, "sleeper");
	(void)wait_for(WORKER);
	resume(WORKER);
	(void)duplicate(WORKER, NULL, CONTROLLER_WRONG_STATE);
	unload(WORKER);
	step_ok("nobody gets more than he has, a domain without the right none, and one that runs holds not still");
}

static void step_stopped(void)
{
	struct controller_spawning spawning = plain();
	seL4_Word child;

	spawning.connection_count = 1;
	spawning.connection[0] = (struct controller_connection){ OFFER_WITNESS, WITNESS_CHANNEL };
	load(WORKER, "sleeper");
	(void)wait_for(WORKER);
	child = duplicate(WORKER, &spawning, CONTROLLER_OK);
	demand(child == FIRST, "the first child id is another", child);
	for (unsigned int i = 0; i < TURNS_MAX && witness->calls == 0; i++)
		seL4_Yield();
	demand(witness->calls == 1 && witness->value == 777, "the child tells something else", witness->value);
	(void)duplicate(WORKER, &spawning, CONTROLLER_OFFER_TAKEN);
	remove(child);
	child = duplicate(WORKER, &spawning, CONTROLLER_OK);
	for (unsigned int i = 0; i < TURNS_MAX && witness->calls == 1; i++)
		seL4_Yield();
	demand(witness->calls == 2 && witness->value == 777, "the source has seen the first one's writes", witness->value);
	remove(child);
	unload(WORKER);
	step_ok("a stopped program is duplicated as often as wanted, with channels of the duplicate's own, and goes on there only");
}

static void step_spawned(void)
{
	const char *const argv[] = { "spawned chain" };
	struct controller_spawning spawning = plain();
	struct controller_result result;

	spawning.connection_count = 1;
	spawning.connection[0] = (struct controller_connection){ CONTROLLER_OFFER_SELF, CONTROLLER_CHANNEL };
	demand_ok(controller_spawn(CONTROLLER_CHANNEL, &spawning, "forker", 1, argv, &result), "SPAWN is refused");
	for (unsigned int i = 0; i <= SPAWNED_DUPLICATES; i++)
		(void)wait_for(FIRST + i);
	for (unsigned int i = 0; i <= SPAWNED_DUPLICATES; i++)
		remove(FIRST + i);
	step_ok("spawned domains share a number of duplicates of their own");
}

void init(void)
{
	ledger(ledger_before);
	step_twins();
	step_orphan();
	step_chain();
	step_bomb();
	step_refused();
	step_stopped();
	step_spawned();
	end_held();
}

void notified(microkit_channel ch)
{
	(void)ch;
}
