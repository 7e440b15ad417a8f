/* SPDX-License-Identifier: BSD-2-Clause */
/* The operator: has every kernel call of every verb refused once, with every error, and looks after each what is there: the old
 * program with all it kept, the ledger, the state. On a kernel that refuses nothing on request it makes each verb once. Ends
 * the machine with the verdict: 0x2a to the exit port if every step held, 0x15 if one did not. */
#include <stddef.h>
#include "lib/base/status.h"
#include "systems/walk/walk.h"
#include "systems/verdict.h"

#define CALLS_MAX    2000u   /* more kernel calls no verb makes here */
#define LINES        4u
#define KEEPER       1u      /* the managed domain's child id */

/* Whose kernel calls are refused. */
#define CONTROLLER_PRIORITY 190u
#define MONITOR_PRIORITY    255u

static unsigned int refusals_total;
static bool can_refuse;

/* ---- verdicts ---- */

/* Where the walk is, for the message. */
static struct {
	const char *verb;
	seL4_Word error, nth;
} at;

static void demand_here(bool holds, const char *what, seL4_Word figure)
{
	if (!holds)
		graft_printf("operator: %s, call %lu refused with error %lu\n", at.verb, at.nth, at.error);
	demand(holds, what, figure);
}

/* ---- what is there ---- */

/* What the operator knows of an image: which, and how often it was asked. */
struct image {
	seL4_Word number, calls;
};
static struct image keeper, guest, kept;
static seL4_Word guest_id;

static void expect_image(microkit_channel ch, struct image *image)
{
	microkit_msginfo answer = microkit_ppcall(ch, microkit_msginfo_new(KEEPER_ASK, 0));

	demand_here(microkit_msginfo_get_label(answer) == 0, "the program does not answer", microkit_msginfo_get_label(answer));
	demand_here(microkit_mr_get(0) == image->number, "another program answers", microkit_mr_get(0));
	demand_here(microkit_mr_get(1) == ++image->calls, "another image of the program answers", microkit_mr_get(1));
	demand_here(microkit_mr_get(2) == 1, "the program's memory is not what it made of it", 0);
}

static void fresh(struct image *image, seL4_Word number)
{
	*image = (struct image){ .number = number };
}

/* The line of a domain; false: it is not there. */
static bool line_of(seL4_Word child, struct controller_domain *line)
{
	struct controller_domain lines[LINES];
	unsigned int count = 0;

	demand_here(controller_list(OPERATOR_CONTROLLER, lines, LINES, &count) == CONTROLLER_OK, "LIST is refused", 0);
	for (unsigned int i = 0; i < count; i++) {
		*line = lines[i];
		if (lines[i].id == child)
			return true;
	}
	return false;
}

static seL4_Word state_of(seL4_Word child)
{
	struct controller_domain line;

	demand_here(line_of(child, &line), "a domain is not listed", child);
	return line.state;
}

/* ---- verbs, and how to go back ---- */

static const char *const program_name[] = { "", "keeper1", "keeper2" };

static seL4_Word do_load(struct controller_result *result)
{
	if (controller_load(OPERATOR_CONTROLLER, KEEPER, program_name[1], 0, NULL, result) == CONTROLLER_OK)
		fresh(&keeper, 1);
	return result->error;
}

static seL4_Word do_swap(struct controller_result *result)
{
	seL4_Word other = 3 - keeper.number;

	if (controller_swap(OPERATOR_CONTROLLER, KEEPER, program_name[other], 0, NULL, result) == CONTROLLER_OK)
		fresh(&keeper, other);
	return result->error;
}

static seL4_Word do_swap_itself(struct controller_result *result)
{
	microkit_msginfo answer = microkit_ppcall(OPERATOR_KEEPER, microkit_msginfo_new(KEEPER_SWAP_YOURSELF, 0));

	*result = (struct controller_result){ .error = microkit_mr_get(0), .detail = microkit_mr_get(1) };
	if (microkit_msginfo_get_label(answer) == CONTROLLER_RESTARTED) {
		result->error = CONTROLLER_OK;
		fresh(&keeper, 3 - keeper.number);
	}
	return result->error;
}

/* On probation: the image that is kept is to be found as it was. */
static seL4_Word do_try(struct controller_result *result)
{
	seL4_Word other = 3 - keeper.number;

	if (controller_swap_on_probation(OPERATOR_CONTROLLER, KEEPER, 0, program_name[other], 0, NULL, result) == CONTROLLER_OK) {
		kept = keeper;
		fresh(&keeper, other);
	}
	return result->error;
}

static seL4_Word do_confirm(struct controller_result *result)
{
	return controller_confirm(OPERATOR_CONTROLLER, KEEPER, result);
}

static seL4_Word do_roll_back(struct controller_result *result)
{
	if (controller_rollback(OPERATOR_CONTROLLER, KEEPER, result) == CONTROLLER_OK)
		keeper = kept;
	return result->error;
}

static seL4_Word do_stop(struct controller_result *result)
{
	return controller_stop(OPERATOR_CONTROLLER, KEEPER, result);
}

static seL4_Word do_resume(struct controller_result *result)
{
	return controller_resume(OPERATOR_CONTROLLER, KEEPER, result);
}

static seL4_Word do_unload(struct controller_result *result)
{
	return controller_unload(OPERATOR_CONTROLLER, KEEPER, result);
}

/* With all that the description grants: a share that was not given back would be missed. */
static seL4_Word do_spawn(struct controller_result *result)
{
	const struct controller_spawning spawning = {
		.priority = 90, .stack_pages = 2, .budget_us = 3000, .period_us = 10000, .connection_count = 3,
		.connection = { { OFFER_PEER, KEEPER_PEER }, { OFFER_OPERATOR, KEEPER_OPERATOR }, { CONTROLLER_OFFER_SELF, KEEPER_CONTROLLER } },
	};

	if (controller_spawn(OPERATOR_CONTROLLER, &spawning, program_name[1], 0, NULL, result) == CONTROLLER_OK) {
		guest_id = result->child;
		fresh(&guest, 1);
	}
	return result->error;
}

static seL4_Word do_remove(struct controller_result *result)
{
	return controller_remove(OPERATOR_CONTROLLER, guest_id, result);
}

/* The keeper is stopped, and its duplicate is told from it by the channel it is asked on. */
static seL4_Word do_duplicate(struct controller_result *result)
{
	const struct controller_spawning spawning = {
		.priority = 90, .budget_us = 3000, .period_us = 10000, .connection_count = 3,
		.connection = { { OFFER_PEER, KEEPER_PEER }, { OFFER_OPERATOR, KEEPER_OPERATOR }, { CONTROLLER_OFFER_SELF, KEEPER_CONTROLLER } },
	};

	if (controller_duplicate(OPERATOR_CONTROLLER, KEEPER, &spawning, result) == CONTROLLER_OK) {
		guest_id = result->child;
		guest = keeper;
	}
	return result->error;
}

static seL4_Word do_duplicate_itself(struct controller_result *result)
{
	(void)microkit_ppcall(OPERATOR_KEEPER, microkit_msginfo_new(KEEPER_DUPLICATE_YOURSELF, 0));
	*result = (struct controller_result){ .error = microkit_mr_get(0), .detail = microkit_mr_get(1) };
	if (result->error == CONTROLLER_OK)
		guest_id = microkit_mr_get(2);
	return result->error;
}

/* The keeper faults: it is stopped, or, if that was refused, waits for an answer that never comes. */
static seL4_Word do_fault(struct controller_result *result)
{
	microkit_notify(OPERATOR_KEEPER);
	seL4_Yield();
	*result = (struct controller_result){ .error = CONTROLLER_OK };
	demand_here(!can_refuse || state_of(KEEPER) == CONTROLLER_FAULTED || state_of(KEEPER) == CONTROLLER_RUNNING,
	            "the fault is not served", 0);
	return CONTROLLER_OK;
}

static void runs(void);

static void must(seL4_Word (*what)(struct controller_result *))
{
	struct controller_result result = { 0 };
	seL4_Word error = what(&result);

	demand_here(error == CONTROLLER_OK, "a verb is refused after a refusal", error);
}

static void back_unload(void)
{
	must(do_unload);
}

static void back_load(void)
{
	must(do_load);
}

static void back_swap(void)
{
	must(do_swap);
}

static void back_try(void)
{
	runs();
	must(do_try);
}

static void back_roll_back(void)
{
	runs();
	must(do_roll_back);
}

static void back_stop(void)
{
	must(do_stop);
}

static void back_resume(void)
{
	must(do_resume);
}

static void back_spawn(void)
{
	must(do_spawn);
}

static void back_remove(void)
{
	must(do_remove);
}

static void back_remove_twin(void)
{
	expect_image(OPERATOR_GUEST, &guest);
	must(do_remove);
}

static void back_remove_child(void)
{
	demand_here(state_of(guest_id) == CONTROLLER_RUNNING, "the duplicate does not run", state_of(guest_id));
	must(do_remove);
}

/* ---- what must be there before a verb, and after it was refused ---- */

static void is_empty(void)
{
	demand_here(state_of(KEEPER) == CONTROLLER_EMPTY, "the domain is not empty", state_of(KEEPER));
}

static void runs(void)
{
	demand_here(state_of(KEEPER) == CONTROLLER_RUNNING, "the domain does not run", state_of(KEEPER));
	expect_image(OPERATOR_KEEPER, &keeper);
}

static void is_stopped(void)
{
	demand_here(state_of(KEEPER) == CONTROLLER_STOPPED, "the domain is not stopped", state_of(KEEPER));
}

static void is_not_there(void)
{
	struct controller_domain line = { 0 };

	demand_here(!line_of(32, &line) && !line_of(33, &line), "a half-made domain is there", line.id);
	runs();
}

static void is_alone_and_stopped(void)
{
	struct controller_domain line = { 0 };

	demand_here(!line_of(32, &line) && !line_of(33, &line), "a half-made duplicate is there", line.id);
	is_stopped();
	must(do_resume);
	expect_image(OPERATOR_KEEPER, &keeper);
	must(do_stop);
}

static void guest_runs(void)
{
	expect_image(OPERATOR_GUEST, &guest);
	(void)microkit_ppcall(OPERATOR_GUEST, microkit_msginfo_new(KEEPER_TALK, 0));
	demand_here(microkit_mr_get(0) == 1, "the guest does not reach the peer", 0);
	runs();
}

/* ---- the walk ---- */

struct verb {
	const char *name;
	seL4_Word (*what)(struct controller_result *result);
	void (*back)(void);    /* after it was done: makes it undone */
	void (*stands)(void);  /* what holds before it, and again after it was refused */
	unsigned int calls_min;
};

static seL4_Word ledger_before[LEDGER_WORDS];

static void expect_ledger(void)
{
	seL4_Word ledger[LEDGER_WORDS];

	demand_here(controller_ledger(OPERATOR_CONTROLLER, ledger) == CONTROLLER_OK, "LEDGER is refused", 0);
	for (unsigned int i = 0; i < LEDGER_WORDS; i++)
		demand_here(ledger[i] == ledger_before[i], "the ledger's word differs", i);
}

/* Two refusals have a meaning of their own: the scheduling context is lent; the ASID pool is full. */
static bool is_told_as(seL4_Word error, seL4_Word detail)
{
	return (error == CONTROLLER_KERNEL_REFUSED && detail == at.error) ||
	       (error == CONTROLLER_BUSY && at.error == seL4_IllegalOperation) ||
	       (error == CONTROLLER_NO_SLOTS && detail == STATUS_SPACE_NO_ASIDS && at.error == seL4_DeleteFirst);
}

/* The verb with one refusal on its way. False: it was through before its turn came. */
static bool once(const struct verb *verb, seL4_Word priority)
{
	struct controller_result result = { 0 };
	seL4_Word was_refused = 0, error;

	if (can_refuse)
		(void)kernel_refuse(priority, at.error, at.nth, &was_refused);
	error = verb->what(&result);
	if (can_refuse)
		(void)kernel_refuse(0, 0, 0, &was_refused);
	demand_here(error == CONTROLLER_OK || was_refused, "the verb is refused and the kernel has refused nothing", error);
	demand_here(error == CONTROLLER_OK || priority == MONITOR_PRIORITY || is_told_as(error, result.detail),
	            "the verb ends with another error", error);
	if (error == CONTROLLER_OK)
		verb->back(); /* what was refused, if anything, was only memory to be given back: it is by now */
	verb->stands();
	expect_ledger();
	refusals_total += was_refused != 0;
	return was_refused;
}

static void walk(const struct verb *verb, seL4_Word priority)
{
	unsigned int calls = 0;

	demand_here(controller_ledger(OPERATOR_CONTROLLER, ledger_before) == CONTROLLER_OK, "LEDGER is refused", 0);
	at.verb = verb->name;
	for (at.error = seL4_InvalidArgument; at.error <= seL4_NotEnoughMemory; at.error++) {
		for (at.nth = 1; once(verb, priority); at.nth++)
			demand_here(at.nth < CALLS_MAX, "a verb has no end", at.nth);
		demand_here(!can_refuse || at.nth > verb->calls_min, "a verb makes fewer kernel calls than it can", at.nth);
		calls = (unsigned int)at.nth - 1;
	}
	graft_printf("step %lu ok: %s%s: ", ++step_number, verb->name, priority == MONITOR_PRIORITY ? ", in the monitor" : "");
	if (can_refuse)
		graft_printf("%u kernel calls, each refused once with every error\n", calls);
	else
		graft_printf("made, and undone\n");
}

static void walk_all(void)
{
	static const struct verb load = { "load", do_load, back_unload, is_empty, 30 };
	static const struct verb swap = { "swap", do_swap, back_swap, runs, 30 };
	static const struct verb swap_itself = { "swap of itself", do_swap_itself, back_swap, runs, 30 };
	static const struct verb try = { "swap on probation", do_try, back_roll_back, runs, 30 };
	static const struct verb roll_back = { "rollback", do_roll_back, back_try, runs, 8 };
	static const struct verb confirm = { "confirm", do_confirm, back_try, runs, 0 };
	static const struct verb stop = { "stop", do_stop, back_resume, runs, 2 };
	static const struct verb resume = { "resume", do_resume, back_stop, is_stopped, 1 };
	static const struct verb fault_served = { "fault", do_fault, back_swap, runs, 2 };
	static const struct verb unload = { "unload", do_unload, back_load, runs, 2 };
	static const struct verb spawn = { "spawn", do_spawn, back_remove, is_not_there, 40 };
	static const struct verb spawn_monitor = { "spawn", do_spawn, back_remove, is_not_there, 4 };
	static const struct verb duplicate = { "duplicate of a stopped one", do_duplicate, back_remove_twin, is_alone_and_stopped, 40 };
	static const struct verb duplicate_monitor = { "duplicate", do_duplicate, back_remove_twin, is_alone_and_stopped, 4 };
	static const struct verb duplicate_itself = { "duplicate of itself", do_duplicate_itself, back_remove_child, is_not_there, 40 };
	static const struct verb remove = { "remove", do_remove, back_spawn, guest_runs, 3 };
	static const struct verb remove_monitor = { "remove", do_remove, back_spawn, guest_runs, 1 };

	walk(&load, CONTROLLER_PRIORITY);
	must(do_load);
	walk(&swap, CONTROLLER_PRIORITY);
	walk(&swap_itself, CONTROLLER_PRIORITY);
	walk(&try, CONTROLLER_PRIORITY);
	must(do_try);
	walk(&roll_back, CONTROLLER_PRIORITY);
	walk(&confirm, CONTROLLER_PRIORITY);
	must(do_roll_back);
	walk(&stop, CONTROLLER_PRIORITY);
	must(do_stop);
	walk(&resume, CONTROLLER_PRIORITY);
	must(do_resume);
	walk(&fault_served, CONTROLLER_PRIORITY);
	walk(&unload, CONTROLLER_PRIORITY);
	walk(&spawn, CONTROLLER_PRIORITY);
	walk(&spawn_monitor, MONITOR_PRIORITY);
	walk(&duplicate_itself, CONTROLLER_PRIORITY);
	must(do_stop);
	walk(&duplicate, CONTROLLER_PRIORITY);
	walk(&duplicate_monitor, MONITOR_PRIORITY);
	must(do_resume);
	must(do_spawn);
	walk(&remove, CONTROLLER_PRIORITY);
	walk(&remove_monitor, MONITOR_PRIORITY);
	graft_printf("operator: %u kernel calls were refused\n", refusals_total);
	end_held();
}

void init(void)
{
}

void notified(microkit_channel ch)
{
	can_refuse = ch == OPERATOR_PROBE;
	if (can_refuse)
		walk_all();
}

seL4_Bool fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
	(void)child, (void)info, (void)reply;
	graft_printf("skip: this kernel refuses nothing on request; each verb is made without refusals\n");
	walk_all();
	return seL4_False;
}
