/* SPDX-License-Identifier: BSD-2-Clause */
/* Spawned domains on the kernel core, with the monitor's own code to answer for budgets and connections. The controller is stopped
 * for good behind every kernel call of SPAWN and REMOVE, and started afresh: each time the domain is there whole or not at all,
 * for the controller, for the monitor and for the peers, and nothing is lost. Where the domain was being made, handed over
 * or given back, the restart is stopped too, behind each of its calls.
 * And it is stopped between two calls, where the record changes. Then the same with every call refused once, the monitor's too. */
#include "test/support/random.h"
#include "test/support/stepping.h"
#include "test/unit/spawn_world.h"

/* ---- what is interrupted ---- */

static void do_spawn(void)
{
	spawn(true);
}

static void do_remove(void)
{
	ask(OPERATOR_CHANNEL, CONTROLLER_REMOVE, SPAWNED_ID);
}

static void do_remove_itself(void)
{
	ask(SPAWN_CHANNEL_FIRST, CONTROLLER_REMOVE, CONTROLLER_SELF);
}

/* Another is being loaded meanwhile. */
static void do_remove_beside_a_spawn(void)
{
	bool later;

	with_connections = false;
	begin_spawn(&later);
	assert_true(later);
	while (jobs[0].phase != JOB_BUILD)
		graft_work();
	do_remove();
	while (graft_work())
		continue;
}

static void do_swap(void)
{
	offer(6);
	ask_program(SPAWN_CHANNEL_FIRST, CONTROLLER_SWAP, CONTROLLER_SELF);
}

/* ---- what must be so after it ---- */

static void expect_a_side(bool is_connected)
{
	uint32_t there = 0;

	for (uint32_t seat = 0; seat < SEATS; seat++) {
		const struct record_domain *domain = &record.domain[SEAT + seat];

		assert_int_equal(domain->next, ACCOUNT_NONE);
		assert_int_equal(domain->building, ACCOUNT_NONE);
		assert_int_equal(domain->doing, RECORD_NOTHING);
		if (domain_is_there(SEAT + seat))
			expect_a_whole_domain(seat);
		else
			expect_no_domain(seat);
		there += domain_is_there(SEAT + seat);
	}
	assert_int_equal(ledger_now().accounts, 2 * there);
	expect_connections(is_connected && domain_is_there(SEAT));
}

/* The restarted controller does everything. */
static void expect_service(const struct space_ledger *empty, uint64_t caps)
{
	struct space_ledger now;

	for (uint32_t seat = 0; seat < SEATS; seat++) {
		if (domain_is_there(SEAT + seat))
			assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_REMOVE, SPAWNED_ID + seat), CONTROLLER_OK);
		expect_no_domain(seat);
	}
	expect_connections(false);
	assert_int_equal(spawn(true), CONTROLLER_OK);
	expect_a_side(true);
	expect_connections(true);
	assert_int_equal(ask_program(SPAWN_CHANNEL_FIRST, CONTROLLER_SWAP, CONTROLLER_SELF), CONTROLLER_OK);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_REMOVE, SPAWNED_ID), CONTROLLER_OK);
	now = ledger_now();
	assert_memory_equal(&now, empty, sizeof now);
	assert_int_equal(caps_now(), caps);
}

/* ---- the walk ---- */

struct walk {
	void (*what)(void);
	bool is_there;        /* a connected domain, before */
	seL4_Word before;     /* verb to bring it into another state first; 0: none */
	bool is_connected;    /* a domain in the first seat has connections, before and after */
};

static void prepare(const struct walk *walk)
{
	if (walk->is_there)
		assert_int_equal(spawn(true), CONTROLLER_OK);
	if (walk->before != 0)
		assert_int_equal(ask(OPERATOR_CHANNEL, walk->before, SPAWNED_ID), CONTROLLER_OK);
	memset(&sent, 0, sizeof sent);
}

static bool is_in_the_middle(void)
{
	const struct record_domain *domain = &record.domain[SEAT];

	return domain->next != ACCOUNT_NONE || domain->doing != RECORD_NOTHING ||
	       (domain_is_there(SEAT) && record.spawned[0].is_incomplete != 0 && domain->building == ACCOUNT_NONE);
}

/* A domain that was stopped is stopped or gone; one that was running is running or gone. */
static void expect_after(const struct walk *walk)
{
	struct record_domain *domain = &record.domain[SEAT];

	if (walk->before != 0 && domain_is_there(SEAT)) {
		assert_int_equal(domain->state, walk->before == CONTROLLER_STOP ? CONTROLLER_STOPPED : CONTROLLER_EMPTY);
		assert_int_equal(record.spawned[0].is_incomplete, 0);
		expect_connections(true);
	} else {
		expect_a_side(walk->is_connected);
	}
}

/* Stopped behind call k, and behind call j of the restart if j > 0. false: there is no such call (any more). */
static bool try(const struct walk *walk, uint64_t k, uint64_t j, bool *in_the_middle)
{
	struct space_ledger empty;
	uint64_t caps;
	bool stopped_there;

	start_spawning();
	empty = ledger_now();
	caps = caps_now();
	prepare(walk);
	stopped_there = run_and_stop(walk->what, k);
	*in_the_middle = is_in_the_middle();
	if (stopped_there && j > 0)
		stopped_there = run_and_stop(do_restart, j);
	if (stopped_there) {
		sent.count = 0;
		do_restart();
		assert_int_equal(sent.count, reply_count()); /* whoever waits is told */
		assert_int_equal(sent.label, CONTROLLER_RESTARTED);
		expect_after(walk);
		expect_service(&empty, caps);
	}
	end_spawning();
	return stopped_there;
}

static void walk_all(const struct walk *walk, uint64_t first, uint64_t calls_min)
{
	bool in_the_middle, unused;
	uint64_t k = first;

	for (; try(walk, k, 0, &in_the_middle); k++) {
		for (uint64_t j = 1; in_the_middle && try(walk, k, j, &unused); j++)
			continue;
	}
	assert_true(k > calls_min);
}

/* ---- between two calls ---- */

#define STOPS_PER_CALL 24u
#define STATES_MAX     1024u

static uint64_t step_behind; /* the call behind which instructions are counted */
static uint64_t calls_made;
static struct record record_before;
static uint64_t states[STATES_MAX]; /* instructions behind which the record is not what it was before them */
static uint32_t state_count;

static void note_state(uint64_t instruction)
{
	if (state_count == STATES_MAX || memcmp(&record, &record_before, sizeof record) == 0)
		return;
	memcpy(&record_before, &record, sizeof record);
	states[state_count++] = instruction;
}

static void begin_stepping(void)
{
	if (calls_made++ != step_behind)
		return;
	memcpy(&record_before, &record, sizeof record);
	state_count = 0;
	stepping_on();
}

/* The kernel, the monitor and the rest of the test are not stopped in the middle. */
static bool serve_unstepped(seL4_CPtr to, seL4_MessageInfo_t *info, struct sel4_words *words)
{
	stepping_off();
	return serve_all(to, info, words);
}

static bool sent_unstepped(seL4_CPtr to, seL4_MessageInfo_t info)
{
	stepping_off();
	return note_sent(to, info);
}

/* Stops what at an instruction behind call k; 0: nowhere, and fills states. true: it was stopped. */
static bool run_and_step(void (*what)(void), uint64_t k, uint64_t instruction)
{
	volatile bool was_stopped = true;

	step_behind = k;
	calls_made = 0;
	sel4_core_after = begin_stepping;
	sel4_core_server = serve_unstepped;
	sel4_core_sent = sent_unstepped;
	stepping_begin(instruction, instruction == 0 ? note_state : NULL);
	if (sigsetjmp(stepping_out, 1) == 0) {
		begin_stepping();
		what();
		was_stopped = false;
	}
	stepping_off();
	sel4_core_after = NULL;
	sel4_core_server = serve_all;
	sel4_core_sent = note_sent;
	return was_stopped;
}

static void try_instruction(const struct walk *walk, uint64_t k, uint64_t instruction)
{
	struct space_ledger empty;
	uint64_t caps;

	start_spawning();
	empty = ledger_now();
	caps = caps_now();
	prepare(walk);
	if (run_and_step(walk->what, k, instruction)) {
		do_restart();
		expect_after(walk);
		expect_service(&empty, caps);
	}
	end_spawning();
}

/* Behind every call, in the states that the record takes until the next one: all, or as many as stated, drawn at random. */
static void walk_states(const struct walk *walk, struct random *random)
{
	uint64_t k = 0, calls;

	do {
		try_instruction(walk, k, 0);
		calls = calls_made;
		for (uint32_t i = 0, stops = 0; i < state_count && stops < STOPS_PER_CALL; i++) {
			if (random_below(random, state_count - i) < STOPS_PER_CALL - stops) {
				try_instruction(walk, k, states[i]);
				stops++;
			}
		}
		k++;
	} while (k < calls);
	assert_true(k > 4);
}

static void spawn_and_remove_in_every_state_of_the_record(void **arg)
{
	struct random random;

	(void)arg;
	random = random_start("controller_spawn", 20261122);
	walk_states(&(struct walk){ do_spawn, false, 0, true }, &random);
	walk_states(&(struct walk){ do_remove_itself, true, 0, true }, &random);
}

static void spawn_at_every_call(void **arg)
{
	(void)arg;
	walk_all(&(struct walk){ do_spawn, false, 0, true }, 1, 40);
}

static void remove_at_every_call(void **arg)
{
	(void)arg;
	walk_all(&(struct walk){ do_remove, true, 0, true }, 1, 7);
	walk_all(&(struct walk){ do_remove_itself, true, 0, true }, 1, 7);
}

static void remove_of_a_stopped_or_empty_one_at_every_call(void **arg)
{
	(void)arg;
	walk_all(&(struct walk){ do_remove, true, CONTROLLER_STOP, true }, 1, 4);
	walk_all(&(struct walk){ do_remove, true, CONTROLLER_UNLOAD, true }, 1, 4);
}

static void remove_beside_a_spawn_at_every_call(void **arg)
{
	(void)arg;
	walk_all(&(struct walk){ do_remove_beside_a_spawn, true, 0, true }, 1, 40);
}

static void swap_of_a_spawned_one_at_every_call(void **arg)
{
	(void)arg;
	walk_all(&(struct walk){ do_swap, true, 0, true }, 20, 40);
}

/* A program that asks for its own removal while the kernel refuses: the domain stays whole, and so it is after a restart. */
static void a_refused_removal_leaves_the_domain_whole(void **arg)
{
	(void)arg;
	start_spawning();
	assert_int_equal(spawn(true), CONTROLLER_OK);
	sel4_core_refuse(1, seL4_IllegalOperation);
	assert_int_not_equal(ask(OPERATOR_CHANNEL, CONTROLLER_REMOVE, SPAWNED_ID), CONTROLLER_OK);
	sel4_core_refuse(0, 0);
	expect_a_side(true);
	do_restart();
	expect_a_side(true);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_REMOVE, SPAWNED_ID), CONTROLLER_OK);
	expect_a_side(true);
	end_spawning();
}

/* ---- refusals ---- */

static seL4_Word spawn_connected(void)
{
	return spawn(true);
}

static seL4_Word remove_it(void)
{
	return ask(OPERATOR_CHANNEL, CONTROLLER_REMOVE, SPAWNED_ID);
}

static seL4_Word remove_itself(void)
{
	return ask(SPAWN_CHANNEL_FIRST, CONTROLLER_REMOVE, CONTROLLER_SELF);
}

/* A refused verb has changed nothing. One that was done in spite of it could not give something back: the next verb does. */
static void expect_undone(seL4_Word answer, seL4_Word (*back)(void), const struct space_ledger *ledger, uint64_t caps)
{
	struct space_ledger now;

	if (answer == CONTROLLER_OK)
		assert_int_equal(back(), CONTROLLER_OK);
	now = ledger_now();
	assert_memory_equal(&now, ledger, sizeof now);
	assert_int_equal(caps_now(), caps);
	expect_a_side(true);
}

/* The verb with call nth refused; false: it was through before. */
static bool refuse_one(seL4_Word (*what)(void), seL4_Word (*back)(void), bool in_monitor, uint64_t nth, seL4_Error error)
{
	struct space_ledger ledger = ledger_now();
	uint64_t caps = caps_now();
	bool was_refused;
	seL4_Word answer;

	refuse_call(in_monitor, nth, error);
	answer = what();
	was_refused = refuse_call(false, 0, 0);
	if (!was_refused)
		assert_int_equal(answer, CONTROLLER_OK);
	else if (answer != CONTROLLER_OK && !in_monitor)
		expect_told(answer);
	expect_undone(answer, back, &ledger, caps);
	return was_refused;
}

static void refuse_each(seL4_Word (*what)(void), seL4_Word (*back)(void), bool in_monitor, uint64_t calls_min)
{
	for (seL4_Error error = seL4_InvalidArgument; error <= seL4_NotEnoughMemory; error++) {
		uint64_t nth = 1;

		while (refuse_one(what, back, in_monitor, nth, error))
			nth++;
		assert_true(nth > calls_min);
	}
}

static void any_call_of_spawn_and_remove_may_be_refused(void **arg)
{
	(void)arg;
	start_spawning();
	refuse_each(spawn_connected, remove_it, false, 40);
	assert_int_equal(spawn(true), CONTROLLER_OK);
	refuse_each(remove_it, spawn_connected, false, 4);
	refuse_each(remove_itself, spawn_connected, false, 4);
	end_spawning();
}

static void any_call_of_the_monitor_may_be_refused(void **arg)
{
	(void)arg;
	start_spawning();
	refuse_each(spawn_connected, remove_it, true, 12);
	assert_int_equal(spawn(true), CONTROLLER_OK);
	refuse_each(remove_it, spawn_connected, true, 1);
	end_spawning();
}

/* The monitor is refused the call that takes the second seat's budget back. The share is missed when the first seat needs it, so it is
 * asked for again. */
static void a_budget_that_was_not_taken_back_is(void **arg)
{
	(void)arg;
	start_spawning();
	assert_int_equal(spawn(true), CONTROLLER_OK);
	assert_int_equal(spawn(false), CONTROLLER_OK);
	refuse_call(true, 1, seL4_InvalidCapability);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_REMOVE, SPAWNED_ID + 1), CONTROLLER_OK);
	assert_true(refuse_call(false, 0, 0));
	assert_int_equal(monitor.controller[0].budget.share[1], 100000);
	assert_int_equal(remove_it(), CONTROLLER_OK);
	monitor.controller[0].budget.granted = 100000;
	assert_int_equal(spawn(true), CONTROLLER_OK);
	expect_a_side(true);
	assert_int_equal(monitor.controller[0].budget.share[1], 0);
	assert_int_equal(spawn(false), CONTROLLER_NO_BUDGET);
	assert_int_equal(remove_it(), CONTROLLER_OK);
	assert_int_equal(spawn(true), CONTROLLER_OK);
	end_spawning();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spawn_at_every_call),
		cmocka_unit_test(spawn_and_remove_in_every_state_of_the_record),
		cmocka_unit_test(remove_at_every_call),
		cmocka_unit_test(remove_of_a_stopped_or_empty_one_at_every_call),
		cmocka_unit_test(remove_beside_a_spawn_at_every_call),
		cmocka_unit_test(swap_of_a_spawned_one_at_every_call),
		cmocka_unit_test(a_refused_removal_leaves_the_domain_whole),
		cmocka_unit_test(any_call_of_spawn_and_remove_may_be_refused),
		cmocka_unit_test(any_call_of_the_monitor_may_be_refused),
		cmocka_unit_test(a_budget_that_was_not_taken_back_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
