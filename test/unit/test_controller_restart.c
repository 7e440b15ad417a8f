/* SPDX-License-Identifier: BSD-2-Clause */
/* The controller is stopped for good behind its k-th kernel call, for every k of load, swap, stop, resume, unload and a fault,
 * and started afresh, as its parent does it: with its variables as they were. Each time the domain must be on a defined side,
 * the ledger right, and the restarted controller must carry on. Where it was stopped in the middle of changing a domain, it
 * is stopped again behind every call of its restart. */
#include "test/unit/stopping.h"
#include "kernel/core/ipc.h"

static uint64_t caps_now(void)
{
	const struct pool *pool = &controller.space.state->pool;

	return world_figures_now(&w).caps - 2 * (pool->pairs_total - pool->pairs_free);
}

/* ---- what is interrupted ---- */

static void do_load(void)
{
	load();
}

static void do_swap(void)
{
	offer(6);
	swap();
}

static void do_swap_to_the_same(void)
{
	swap();
}

static void do_swap_itself(void)
{
	offer(6);
	ask_program(CHILD_CHANNEL, CONTROLLER_SWAP, CONTROLLER_SELF);
}

static void do_stop(void)
{
	ask(OPERATOR_CHANNEL, CONTROLLER_STOP, CHILD_ID);
}

static void do_stop_itself(void)
{
	ask(CHILD_CHANNEL, CONTROLLER_STOP, CONTROLLER_SELF);
}

static void do_resume(void)
{
	ask(OPERATOR_CHANNEL, CONTROLLER_RESUME, CHILD_ID);
}

static void do_unload(void)
{
	ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID);
}

static void do_fault(void)
{
	seL4_MessageInfo_t none;

	fault(CHILD_ID, microkit_msginfo_new(seL4_Fault_VMFault, 4), &none);
}

/* ---- what must be so after it ---- */

struct walk {
	void (*what)(void);
	bool is_loaded, is_stopped;               /* before */
	enum controller_state before, after;      /* the sides */
	uint64_t generation_before, generation_after;
};

static void expect_thread(enum controller_state state)
{
	struct tcb *thread = thread_now();

	assert_ptr_equal(thread->bound_notification, cap_object(fake_cap(w.fake, w.owns.notification)));
	if (state == CONTROLLER_RUNNING) {
		assert_ptr_equal(context()->tcb, thread);
		assert_true(thread_is_schedulable(thread));
	} else {
		assert_null(context()->tcb);
		assert_int_equal(thread->state, THREAD_INACTIVE);
	}
}

static void expect_a_side(const struct walk *walk)
{
	const struct record_domain *domain = &record.domain[0];
	bool old = domain->state == (uint32_t)walk->before && domain->generation == walk->generation_before;
	bool new = domain->state == (uint32_t)walk->after && domain->generation == walk->generation_after;

	assert_true(old || new);
	assert_int_equal(domain->next, ACCOUNT_NONE);
	assert_int_equal(domain->building, ACCOUNT_NONE);
	assert_int_equal(domain->doing, RECORD_NOTHING);
	assert_int_equal(domain->account == ACCOUNT_NONE, domain->state == CONTROLLER_EMPTY);
	assert_int_equal(ledger_now().texts, archive_can_change && domain->state != CONTROLLER_EMPTY ? 1 : 0);
	assert_int_equal(ledger_now().accounts, domain->state == CONTROLLER_EMPTY ? 0 : 1 + ledger_now().texts);
	if (domain->account == ACCOUNT_NONE)
		assert_null(context()->tcb);
	else
		expect_thread((enum controller_state)domain->state);
}

/* The restarted controller does everything. */
static void expect_service(const struct space_ledger *empty, uint64_t caps)
{
	struct space_ledger now;

	if (record.domain[0].state == CONTROLLER_EMPTY)
		assert_int_equal(load(), CONTROLLER_OK);
	if (record.domain[0].state == CONTROLLER_RUNNING)
		assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_STOP, CHILD_ID), CONTROLLER_OK);
	if (record.domain[0].state == CONTROLLER_STOPPED)
		assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_RESUME, CHILD_ID), CONTROLLER_OK);
	assert_int_equal(swap(), CONTROLLER_OK);
	assert_ptr_equal(context()->tcb, thread_now());
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID), CONTROLLER_OK);
	now = ledger_now();
	assert_memory_equal(&now, empty, sizeof now);
	assert_int_equal(caps_now(), caps);
}

static void prepare(const struct walk *walk)
{
	if (walk->is_loaded)
		assert_int_equal(load(), CONTROLLER_OK);
	if (walk->is_stopped)
		assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_STOP, CHILD_ID), CONTROLLER_OK);
	sent.count = 0;
}

/* Stopped behind call k, and behind call j of the restart if j > 0. false: there is no such call (any more). */
static bool try(const struct walk *walk, uint64_t k, uint64_t j, bool *in_the_middle)
{
	struct space_ledger empty;
	uint64_t caps;
	bool stopped_there;
	void *none = NULL;

	start(&none);
	empty = ledger_now();
	caps = caps_now();
	prepare(walk);
	stopped_there = run_and_stop(walk->what, k);
	*in_the_middle = record.domain[0].next != ACCOUNT_NONE || record.domain[0].doing != RECORD_NOTHING;
	if (stopped_there && j > 0)
		stopped_there = run_and_stop(do_restart, j);
	if (stopped_there) {
		sent.count = 0;
		do_restart();
		assert_int_equal(sent.count, reply_count()); /* whoever waits is told */
		assert_int_equal(sent.label, CONTROLLER_RESTARTED);
		expect_a_side(walk);
		expect_service(&empty, caps);
	}
	end(&none);
	return stopped_there;
}

/* From call first on. Returns the first call that is in the middle of changing the domain. */
static uint64_t walk_all(const struct walk *walk, uint64_t first, uint64_t calls_min)
{
	bool in_the_middle, unused;
	uint64_t k = first, middle = 0;

	for (; try(walk, k, 0, &in_the_middle); k++) {
		if (in_the_middle && middle == 0)
			middle = k;
		for (uint64_t j = 1; in_the_middle && try(walk, k, j, &unused); j++)
			continue;
	}
	assert_true(k > calls_min);
	return middle;
}

static void load_at_every_call(void **arg)
{
	(void)arg;
	walk_all(&(struct walk){ do_load, false, false, CONTROLLER_EMPTY, CONTROLLER_RUNNING, 0, 1 }, 1, 30);
}

static void swap_at_every_call(void **arg)
{
	uint64_t middle;

	(void)arg;
	middle = walk_all(&(struct walk){ do_swap, true, false, CONTROLLER_RUNNING, CONTROLLER_RUNNING, 1, 2 }, 1, 30);
	assert_true(middle > 30);
	/* These build in the same way. */
	walk_all(&(struct walk){ do_swap_itself, true, false, CONTROLLER_RUNNING, CONTROLLER_RUNNING, 1, 2 }, middle - 3, 30);
	walk_all(&(struct walk){ do_swap, true, true, CONTROLLER_STOPPED, CONTROLLER_RUNNING, 1, 2 }, middle - 3, 30);
}

static void stop_and_resume_at_every_call(void **arg)
{
	(void)arg;
	walk_all(&(struct walk){ do_stop, true, false, CONTROLLER_STOPPED, CONTROLLER_STOPPED, 1, 1 }, 1, 2);
	walk_all(&(struct walk){ do_stop_itself, true, false, CONTROLLER_STOPPED, CONTROLLER_STOPPED, 1, 1 }, 1, 4);
	walk_all(&(struct walk){ do_resume, true, true, CONTROLLER_RUNNING, CONTROLLER_RUNNING, 1, 1 }, 1, 1);
}

static void unload_at_every_call(void **arg)
{
	(void)arg;
	walk_all(&(struct walk){ do_unload, true, false, CONTROLLER_EMPTY, CONTROLLER_EMPTY, 1, 1 }, 1, 3);
	walk_all(&(struct walk){ do_unload, true, true, CONTROLLER_EMPTY, CONTROLLER_EMPTY, 1, 1 }, 1, 1);
}

static void a_fault_at_every_call(void **arg)
{
	(void)arg;
	walk_all(&(struct walk){ do_fault, true, false, CONTROLLER_FAULTED, CONTROLLER_FAULTED, 1, 1 }, 1, 2);
}

/* The same with copies of programs, which two images of one program share. */
static void copies_at_every_call(void **arg)
{
	archive_can_change = true;
	load_at_every_call(arg);
	walk_all(&(struct walk){ do_swap, true, false, CONTROLLER_RUNNING, CONTROLLER_RUNNING, 1, 2 }, 1, 30);
	walk_all(&(struct walk){ do_swap_to_the_same, true, false, CONTROLLER_RUNNING, CONTROLLER_RUNNING, 1, 2 }, 1, 30);
	unload_at_every_call(arg);
	archive_can_change = false;
}

/* A program that stopped itself and was resumed after a restart goes on behind its call, not two calls behind. */
static void a_self_stop_is_answered_once(void **arg)
{
	bool more = true;

	(void)arg;
	for (uint64_t k = 1; more; k++) {
		word ip;

		start(arg);
		assert_int_equal(load(), CONTROLLER_OK);
		ip = thread_now()->registers[REG_NEXT_IP];
		more = run_and_stop(do_stop_itself, k);
		if (more)
			do_restart();
		assert_int_equal(record.domain[0].state, CONTROLLER_STOPPED);
		assert_int_equal(thread_now()->registers[REG_NEXT_IP], ip + 2);
		end(arg);
	}
}

/* Nothing was going on: nobody notices. */
static void a_restart_at_rest_changes_nothing(void **arg)
{
	struct space_ledger before, now;
	uint32_t account;
	struct tcb *thread;

	start(arg);
	assert_int_equal(load(), CONTROLLER_OK);
	before = ledger_now();
	account = record.domain[0].account;
	thread = thread_now();
	for (int i = 0; i < 3; i++) {
		do_restart();
		now = ledger_now();
		assert_memory_equal(&now, &before, sizeof now);
		assert_int_equal(record.domain[0].account, account);
		assert_ptr_equal(thread_now(), thread);
		assert_ptr_equal(context()->tcb, thread);
	}
	assert_int_equal(swap(), CONTROLLER_OK);
	end(arg);
}

/* The program is blocked, its budget used up: the kernel does not bind its scheduling context to it then, so that what was taken
 * from it can't be given back. */
static void block_without_budget(void)
{
	struct sched_context *sc = context();

	schedule_dequeue(&w.fake->kernel, thread_now());
	fault_raise(&w.fake->kernel, thread_now(), &(struct fault){ .kind = seL4_Fault_VMFault });
	assert_int_equal(thread_now()->state, THREAD_BLOCKED_ON_SEND);
	((struct refill *)(sc + 1))[sc->refill_head].time += 1000000000;
}

static void a_context_without_budget_is_not_lost(void **arg)
{
	static void (*const whats[])(void) = { do_fault, do_stop, do_stop_itself, do_unload, do_swap, do_swap_itself };

	for (size_t i = 0; i < sizeof whats / sizeof whats[0]; i++) {
		bool more = true;

		for (uint64_t k = 1; more; k++) {
			start(arg);
			assert_int_equal(load(), CONTROLLER_OK);
			block_without_budget();
			more = run_and_stop(whats[i], k);
			if (more)
				do_restart();
			if (record.domain[0].state == CONTROLLER_RUNNING)
				assert_ptr_equal(context()->tcb, thread_now());
			else
				assert_null(context()->tcb);
			end(arg);
		}
	}
}

/* It is with a passive server that the program has called: whoever wanted to stop it was told so, or is not told any more. */
static void a_lent_context_stays_where_it_is(void **arg)
{
	static void (*const whats[])(void) = { do_stop, do_unload, do_swap };

	for (size_t i = 0; i < sizeof whats / sizeof whats[0]; i++) {
		bool more = true;

		for (uint64_t k = 1; more; k++) {
			struct tcb *server;

			start(arg);
			assert_int_equal(load(), CONTROLLER_OK);
			server = cap_object(fake_cap(w.fake, world_make(&w, seL4_TCBObject, 0)));
			schedule_dequeue(&w.fake->kernel, thread_now());
			sc_donate(&w.fake->kernel, context(), server);
			more = run_and_stop(whats[i], k);
			if (more)
				do_restart();
			assert_int_equal(record.domain[0].state, CONTROLLER_RUNNING);
			assert_ptr_equal(context()->tcb, server);
			assert_int_equal(record.domain[0].doing, RECORD_NOTHING);
			assert_int_equal(record.domain[0].next, ACCOUNT_NONE);
			end(arg);
		}
	}
}

/* What the restart can't revoke counts as used, and is revoked with the next load. */
static void a_refused_revoke_at_restart_is_made_up_for(void **arg)
{
	struct space_ledger empty, now;

	start(arg);
	empty = ledger_now();
	assert_true(run_and_stop(do_load, 20)); /* in the middle of its build */
	sel4_core_refuse(1, seL4_IllegalOperation);
	do_restart();
	sel4_core_refuse(0, 0);
	now = ledger_now();
	assert_true(now.untyped_bytes_free < empty.untyped_bytes_free);
	assert_int_equal(now.accounts, 1);
	assert_int_equal(load(), CONTROLLER_OK);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID), CONTROLLER_OK);
	now = ledger_now();
	assert_memory_equal(&now, &empty, sizeof now);
	end(arg);
}

static void a_record_of_another_grant_is_refused(void **arg)
{
	start(arg);
	record.space.slots_total++;
	assert_int_equal(controller_start(&grant, &record), STATUS_SPACE_BAD_USE);
	end(arg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(load_at_every_call),
		cmocka_unit_test(swap_at_every_call),
		cmocka_unit_test(stop_and_resume_at_every_call),
		cmocka_unit_test(unload_at_every_call),
		cmocka_unit_test(copies_at_every_call),
		cmocka_unit_test(a_fault_at_every_call),
		cmocka_unit_test(a_self_stop_is_answered_once),
		cmocka_unit_test(a_restart_at_rest_changes_nothing),
		cmocka_unit_test(a_context_without_budget_is_not_lost),
		cmocka_unit_test(a_lent_context_stays_where_it_is),
		cmocka_unit_test(a_refused_revoke_at_restart_is_made_up_for),
		cmocka_unit_test(a_record_of_another_grant_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
