/* SPDX-License-Identifier: BSD-2-Clause */
/* Who runs when: priorities, turns, budgets, scheduling contexts that are lent along calls and by notifications. */
#include "test/support/fakeport.h"
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "kernel/core/slot.h"
#include "test/support/kernelcheck.h"
#include "test/support/random.h"

enum { EP = FAKE_FREE, NTFN, FAULT_EP, A, B, C, D, E, T1 = FAKE_FREE + 10, T2 = T1 + THREAD_SLOTS, T3 = T2 + THREAD_SLOTS };
#define LOW 100
#define US  FAKE_TICKS_PER_US

static struct fake *world(void)
{
	struct fake *f = fake_new();
	assert_int_equal(fake_retype(f, seL4_EndpointObject, 0, EP, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_NotificationObject, 0, NTFN, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_EndpointObject, 0, FAULT_EP, 1), seL4_NoError);
	return f;
}

static word configure(struct fake *f, word sc, word budget, word period, word refills, word badge, word flags, struct message *answer)
{
	return CALL_ANSWER(f, answer, FAKE_SCHED_CONTROL, SchedControlConfigureFlags, WORDS(budget, period, refills, badge, flags),
	                   CAPS(sc));
}

/* ---- SchedControl ---- */
static void test_configure_refusals(void **state)
{
	(void)state;
	struct fake *f = world();
	struct message answer;
	const word max = UINT64_MAX / US / 8;
	assert_int_equal(fake_retype(f, seL4_SchedContextObject, 7, A, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_SchedContextObject, 9, B, 1), seL4_NoError);
	assert_int_equal(CALL(f, FAKE_SCHED_CONTROL, SchedContextBind, WORDS(1, 1, 0, 0, 0), CAPS(A)), seL4_IllegalOperation);
	assert_int_equal(CALL(f, FAKE_SCHED_CONTROL, SchedControlConfigureFlags, WORDS(1, 1, 0, 0, 0)), seL4_TruncatedMessage);
	assert_int_equal(CALL(f, FAKE_SCHED_CONTROL, SchedControlConfigureFlags, WORDS(1, 1, 0, 0), CAPS(A)), seL4_TruncatedMessage);
	static const struct { word budget, period; } bad[] = {
		{ 19, 100 }, { 100, 19 }, { 0, 0 }, { ~0ul, 100 }, { 100, ~0ul }
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(configure(f, EP, bad[i].budget, bad[i].period, 99, 0, 0, &answer), seL4_RangeError);
		assert_int_equal(answer.words[0], 20);
		assert_int_equal(answer.words[1], max);
	}
	assert_int_equal(configure(f, EP, 101, 100, 99, 0, 0, &answer), seL4_RangeError);
	assert_int_equal(answer.words[1], 100);
	assert_int_equal(configure(f, EP, 100, 100, 99, 0, 0, &answer), seL4_InvalidCapability);
	assert_int_equal(answer.words[0], 1);
	/* The smallest object holds the fewest refills; a larger one more, as the interface computes. */
	assert_int_equal(configure(f, A, 100, 200, 1, 0, 0, &answer), seL4_RangeError);
	assert_int_equal(answer.words[0], 0);
	assert_int_equal(answer.words[1], 0);
	assert_int_equal(configure(f, B, 100, 200, 25, 0, 0, &answer), seL4_RangeError);
	assert_int_equal(answer.words[1], (512 - 128) / 16);
	assert_int_equal(configure(f, B, 100, 200, 24, 5, 1, &answer), seL4_NoError);
	struct sched_context *sc = cap_object(fake_cap(f, B));
	assert_int_equal(sc->badge, 5);
	assert_true(sc->is_sporadic);
	assert_int_equal(sc->refill_max, 26);
	assert_int_equal(configure(f, A, max, max, 0, 0, 0, &answer), seL4_NoError);
	fake_free(f);
}

/* ---- bind, unbind ---- */
static void test_bind(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *tcb = fake_passive_thread(f, T1, LOW);
	struct message answer;
	word sc = T1 + THREAD_SC;
	assert_int_equal(CALL(f, sc, SchedContextBind, .length = 0), seL4_TruncatedMessage);
	assert_int_equal(CALL_ANSWER(f, &answer, sc, SchedContextBind, CAPS(EP)), seL4_InvalidCapability);
	assert_int_equal(answer.words[0], 1);
	assert_int_equal(CALL(f, FAKE_SC, SchedContextBind, CAPS(T1 + THREAD_TCB)), seL4_IllegalOperation);
	assert_int_equal(CALL(f, sc, SchedContextBind, CAPS(FAKE_TCB)), seL4_IllegalOperation);
	assert_int_equal(CALL(f, sc, SchedContextBind, CAPS(T1 + THREAD_TCB)), seL4_NoError);
	/* Bound but not configured, the thread may be resumed and still does not run. */
	assert_int_equal(CALL(f, T1 + THREAD_TCB, TCBResume, .length = 0), seL4_NoError);
	assert_false(tcb->is_queued);
	assert_int_equal(configure(f, sc, 100, 100, 0, 0, 0, &answer), seL4_NoError);
	assert_true(tcb->is_queued);
	assert_int_equal(CALL(f, sc, SchedContextUnbindObject, .length = 0), seL4_TruncatedMessage);
	assert_int_equal(CALL_ANSWER(f, &answer, sc, SchedContextUnbindObject, CAPS(EP)), seL4_InvalidCapability);
	assert_int_equal(CALL(f, sc, SchedContextUnbindObject, CAPS(NTFN)), seL4_IllegalOperation);
	assert_int_equal(CALL(f, sc, SchedContextUnbindObject, CAPS(FAKE_TCB)), seL4_IllegalOperation);
	assert_int_equal(CALL(f, FAKE_SC, SchedContextUnbindObject, CAPS(FAKE_TCB)), seL4_IllegalOperation);
	assert_int_equal(CALL(f, FAKE_SC, SchedContextUnbind, .length = 0), seL4_IllegalOperation);
	assert_int_equal(CALL(f, sc, SchedContextUnbindObject, CAPS(T1 + THREAD_TCB)), seL4_NoError);
	assert_null(tcb->sc);
	assert_false(tcb->is_queued);
	assert_int_equal(CALL(f, sc, SchedContextBind, CAPS(NTFN)), seL4_NoError);
	assert_int_equal(CALL(f, sc, SchedContextBind, CAPS(NTFN)), seL4_IllegalOperation);
	assert_int_equal(CALL(f, FAKE_SC, SchedContextBind, CAPS(NTFN)), seL4_IllegalOperation);
	assert_int_equal(CALL(f, sc, SchedContextUnbind, .length = 0), seL4_NoError);
	assert_null(((struct notification *)cap_object(fake_cap(f, NTFN)))->sc);
	assert_int_equal(CALL(f, sc, SchedContextBind, CAPS(NTFN)), seL4_NoError);
	assert_int_equal(CALL(f, sc, SchedContextUnbindObject, CAPS(NTFN)), seL4_NoError);
	assert_int_equal(CALL(f, sc, UntypedRetype, .length = 0), seL4_IllegalOperation);
	fake_free(f);
}

/* A blocked thread gets no context that can't be used. */
static void test_bind_blocked(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *tcb = fake_thread(f, T1, 255);
	fake_receive(f, seL4_SysWait, EP, 0);
	fake_expect_current(f, f->root);
	assert_int_equal(CALL(f, T1 + THREAD_SC, SchedContextUnbind, .length = 0), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_SchedContextObject, 8, A, 1), seL4_NoError);
	assert_int_equal(CALL(f, A, SchedContextBind, CAPS(T1 + THREAD_TCB)), seL4_IllegalOperation);
	assert_int_equal(CALL(f, T1 + THREAD_TCB, TCBSetSchedParams, WORDS(255, 255), CAPS(FAKE_TCB, A, E)), seL4_IllegalOperation);
	struct message answer;
	assert_int_equal(configure(f, A, 100, 100, 0, 0, 0, &answer), seL4_NoError);
	assert_int_equal(CALL(f, A, SchedContextBind, CAPS(T1 + THREAD_TCB)), seL4_NoError);
	assert_ptr_equal(tcb->sc, cap_object(fake_cap(f, A)));
	/* The context goes: the thread stays and has none. */
	assert_int_equal(fake_delete(f, A), seL4_NoError);
	assert_null(tcb->sc);
	fake_free(f);
}

/* ---- turns ---- */
static void test_round_robin(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *a = fake_thread(f, T1, FAKE_ROOT_PRIORITY), *b = fake_thread(f, T2, FAKE_ROOT_PRIORITY);
	fake_expect_current(f, f->root);
	struct tcb *seen[6];
	for (int i = 0; i < 6; i++) {
		seen[i] = f->kernel.current;
		uint64_t before = f->ticks;
		while (f->kernel.current == seen[i])
			fake_wait(f, 10);
		uint64_t turn = (f->ticks - before) / US;
		assert_in_range(turn, 970, seen[i] == f->root ? 5010 : 1010);
	}
	for (int i = 0; i < 3; i++)
		assert_ptr_equal(seen[i], seen[i + 3]);
	assert_ptr_not_equal(seen[0], seen[1]);
	assert_ptr_not_equal(seen[1], seen[2]);
	assert_true((a == seen[1] && b == seen[2]) || (a == seen[2] && b == seen[1]));
	fake_free(f);
}

static void test_yield(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *a = fake_thread(f, T1, FAKE_ROOT_PRIORITY);
	fake_yield(f);
	fake_expect_current(f, a);
	fake_yield(f);
	fake_expect_current(f, f->root);
	/* Alone at its priority a thread just goes on. */
	assert_int_equal(CALL(f, T1 + THREAD_TCB, TCBSuspend, .length = 0), seL4_NoError);
	fake_yield(f);
	fake_expect_current(f, f->root);
	fake_free(f);
}

static void test_more_important_runs_at_once(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *high = fake_thread(f, T1, 255);
	fake_expect_current(f, high);
	fake_receive(f, seL4_SysWait, NTFN, 0);
	struct tcb *low = fake_thread(f, T2, LOW);
	struct message m = { .label = 0 };
	fake_receive(f, seL4_SysWait, EP, 0);
	fake_expect_current(f, low);
	fake_send(f, seL4_SysSend, NTFN, &m);
	fake_expect_current(f, high);
	fake_receive(f, seL4_SysWait, NTFN, 0);
	fake_expect_current(f, low);
	fake_receive(f, seL4_SysWait, FAULT_EP, 0);
	fake_expect_current(f, &f->kernel.idle);
	assert_null(f->kernel.current_sc);
	fake_free(f);
}

/* ---- budgets ---- */

/* Microseconds that a thread ran within the next so many. */
static uint64_t measure(struct fake *f, const struct tcb *tcb, uint64_t us)
{
	f->watched = tcb;
	f->watched_ticks = 0;
	fake_wait(f, us);
	return f->watched_ticks / US;
}

static void test_budget_of_period(void **state)
{
	(void)state;
	for (word flags = 0; flags < 2; flags++) {
		struct fake *f = world();
		struct message answer;
		struct tcb *high = fake_passive_thread(f, T1, 255);
		assert_int_equal(configure(f, T1 + THREAD_SC, 300, 1000, 0, 0, flags, &answer), seL4_NoError);
		assert_int_equal(CALL(f, T1 + THREAD_SC, SchedContextBind, CAPS(T1 + THREAD_TCB)), seL4_NoError);
		CALL(f, T1 + THREAD_TCB, TCBResume, .length = 0);
		fake_expect_current(f, high);
		uint64_t ran = measure(f, high, 20000);
		assert_in_range(ran, 5400, 6100);
		fake_free(f);
	}
}

/* B1: what a context may use, used and unused together, is its budget. */
static uint64_t sum_of_refills(struct sched_context *sc)
{
	uint64_t sum = budget_head(sc)->amount;
	for (word i = sc->refill_head; i != sc->refill_tail;) {
		i = i + 1 == sc->refill_max ? 0 : i + 1;
		sum += budget_refill(sc, i)->amount;
	}
	return sum / US;
}

/* In no window of one period does it get more than its budget, however it blocks and wakes. */
static void test_never_more_than_budget(void **state)
{
	(void)state;
	struct random r = random_start("kernel_sched", 4711);
	for (word extra = 0; extra < 3; extra++) {
		struct fake *f = world();
		struct message answer;
		struct tcb *high = fake_passive_thread(f, T1, 255);
		assert_int_equal(configure(f, T1 + THREAD_SC, 300, 1000, extra * 4, 0, 1, &answer), seL4_NoError);
		assert_int_equal(CALL(f, T1 + THREAD_SC, SchedContextBind, CAPS(T1 + THREAD_TCB)), seL4_NoError);
		CALL(f, T1 + THREAD_TCB, TCBResume, .length = 0);
		enum { STEPS = 20000, WINDOW = 1000 }; /* of one microsecond */
		static uint8_t ran[STEPS]; /* ticks */
		struct message m = { .label = 0 };
		for (int i = 0; i < STEPS; i++) {
			if (f->kernel.current == high && random_below(&r, 80) == 0)
				fake_receive(f, seL4_SysWait, NTFN, 0);
			else if (f->kernel.current == f->root && random_below(&r, 40) == 0)
				fake_send(f, seL4_SysSend, NTFN, &m);
			uint64_t before = f->watched_ticks;
			f->watched = high;
			fake_wait(f, 1);
			ran[i] = (uint8_t)(f->watched_ticks - before);
			assert_int_equal(sum_of_refills(high->sc), 300);
		}
		unsigned in_window = 0;
		for (int i = 0; i < STEPS; i++) {
			in_window += ran[i];
			if (i >= WINDOW)
				in_window -= ran[i - WINDOW];
			assert_in_range(in_window, 0, 300 * US);
		}
		assert_in_range(f->watched_ticks, STEPS / 1000 * 100 * US, STEPS / 1000 * 300 * US);
		fake_free(f);
	}
}

/* Late timers and long gaps: charged in full, whatever comes. */
static void test_overrun(void **state)
{
	(void)state;
	struct fake *f = world();
	struct message answer;
	struct tcb *high = fake_passive_thread(f, T1, 255);
	assert_int_equal(configure(f, T1 + THREAD_SC, 100, 1000, 0, 0, 0, &answer), seL4_NoError);
	assert_int_equal(CALL(f, T1 + THREAD_SC, SchedContextBind, CAPS(T1 + THREAD_TCB)), seL4_NoError);
	CALL(f, T1 + THREAD_TCB, TCBResume, .length = 0);
	fake_expect_current(f, high);
	/* The timer is late by five periods' worth of budget. */
	f->ticks += 500 * US;
	f->deadline = 0;
	kernel_timer(&f->kernel);
	kernelcheck_all(f);
	fake_expect_current(f, f->root);
	assert_in_range(measure(f, high, 4500), 0, 120);
	assert_in_range(measure(f, high, 10000), 800, 1100);
	fake_free(f);
}

static void test_change_in_use(void **state)
{
	(void)state;
	struct fake *f = world();
	struct message answer;
	struct tcb *low = fake_thread(f, T1, LOW);
	word sc = T1 + THREAD_SC;
	for (word i = 0; i < 40; i++) {
		word budget = 50 + i * 37 % 400, period = 500 + i * 91 % 700;
		assert_int_equal(configure(f, sc, budget, i % 5 == 0 ? budget : period, 0, i, i & 1, &answer), seL4_NoError);
		assert_int_equal(low->sc->badge, i);
		assert_int_equal(sum_of_refills(low->sc), budget);
		fake_receive(f, seL4_SysNBWait, NTFN, 0);
		fake_wait(f, 73);
	}
	/* Of the current context, too. */
	assert_int_equal(configure(f, FAKE_SC, 500, 1000, 0, 1, 0, &answer), seL4_NoError);
	fake_expect_current(f, f->root);
	assert_in_range(measure(f, low, 10000), 800, 6000);
	fake_free(f);
}

/* A context without budget for now: the thread it is bound to waits, resumed or not, until it is back. */
static void test_bind_exhausted(void **state)
{
	(void)state;
	for (int resumed_first = 0; resumed_first < 2; resumed_first++) {
		struct fake *f = world();
		struct message answer;
		struct tcb *high = fake_passive_thread(f, T1, 255), *next = fake_passive_thread(f, T2, 255);
		assert_int_equal(configure(f, T1 + THREAD_SC, 100, 1000, 0, 0, 0, &answer), seL4_NoError);
		assert_int_equal(CALL(f, T1 + THREAD_SC, SchedContextBind, CAPS(T1 + THREAD_TCB)), seL4_NoError);
		CALL(f, T1 + THREAD_TCB, TCBResume, .length = 0);
		fake_expect_current(f, high);
		fake_wait(f, 110);
		fake_expect_current(f, f->root);
		assert_true(high->is_waiting_for_budget);
		assert_int_equal(CALL(f, T1 + THREAD_SC, SchedContextUnbindObject, CAPS(T1 + THREAD_TCB)), seL4_NoError);
		assert_false(high->is_waiting_for_budget);
		word order[2] = { TCBResume, SchedContextBind };
		for (int i = 0; i < 2; i++) {
			if (order[i ^ !resumed_first] == TCBResume)
				assert_int_equal(CALL(f, T2 + THREAD_TCB, TCBResume, .length = 0), seL4_NoError);
			else
				assert_int_equal(CALL(f, T1 + THREAD_SC, SchedContextBind, CAPS(T2 + THREAD_TCB)), seL4_NoError);
			assert_int_equal(next->is_waiting_for_budget, i == 1);
		}
		fake_wait(f, 700);
		fake_expect_current(f, f->root);
		fake_wait(f, 200);
		fake_expect_current(f, next);
		fake_free(f);
	}
}

/* Configured anew while its thread waits for budget: it has it now. */
static void test_configure_waiting(void **state)
{
	(void)state;
	struct fake *f = world();
	struct message answer;
	struct tcb *high = fake_passive_thread(f, T1, 255);
	assert_int_equal(configure(f, T1 + THREAD_SC, 100, 1000, 0, 0, 0, &answer), seL4_NoError);
	assert_int_equal(CALL(f, T1 + THREAD_SC, SchedContextBind, CAPS(T1 + THREAD_TCB)), seL4_NoError);
	CALL(f, T1 + THREAD_TCB, TCBResume, .length = 0);
	fake_wait(f, 110);
	fake_expect_current(f, f->root);
	fake_send(f, seL4_SysCall, FAKE_SCHED_CONTROL, &(struct message){ .label = SchedControlConfigureFlags,
	                                                                  WORDS(500, 500, 0, 0, 0), CAPS(T1 + THREAD_SC) });
	fake_expect_current(f, high);
	fake_free(f);
}

/* Several wait for budget: each gets it at its own time. */
static void test_release_in_order(void **state)
{
	(void)state;
	static const word periods[] = { 3000, 1000, 2000 };
	struct fake *f = world();
	struct message answer;
	struct tcb *waiting[3];
	for (word i = 0; i < 3; i++) {
		word slot = T1 + i * THREAD_SLOTS;
		waiting[i] = fake_passive_thread(f, slot, 255);
		assert_int_equal(configure(f, slot + THREAD_SC, 100, periods[i], 0, 0, 0, &answer), seL4_NoError);
		assert_int_equal(CALL(f, slot + THREAD_SC, SchedContextBind, CAPS(slot + THREAD_TCB)), seL4_NoError);
		CALL(f, slot + THREAD_TCB, TCBResume, .length = 0);
		fake_expect_current(f, waiting[i]);
		fake_wait(f, 100);
		fake_expect_current(f, f->root);
	}
	assert_ptr_equal(f->kernel.release.head, waiting[1]);
	assert_ptr_equal(f->kernel.release.tail, waiting[0]);
	/* The one in the middle is taken out. */
	assert_int_equal(CALL(f, T3 + THREAD_TCB, TCBSuspend, .length = 0), seL4_NoError);
	fake_wait(f, 850);
	fake_expect_current(f, waiting[1]);
	fake_wait(f, 1000);
	fake_expect_current(f, waiting[1]);
	assert_true(waiting[0]->is_waiting_for_budget);
	fake_wait(f, 800);
	fake_expect_current(f, f->root);
	fake_wait(f, 80);
	fake_expect_current(f, waiting[0]);
	fake_free(f);
}

/* A larger budget while it waits: what it had before is not to be had earlier for that. */
static void test_more_budget_comes_later(void **state)
{
	(void)state;
	struct fake *f = world();
	struct message answer;
	struct tcb *high = fake_passive_thread(f, T1, 255);
	assert_int_equal(configure(f, T1 + THREAD_SC, 100, 1000, 0, 0, 0, &answer), seL4_NoError);
	assert_int_equal(CALL(f, T1 + THREAD_SC, SchedContextBind, CAPS(T1 + THREAD_TCB)), seL4_NoError);
	CALL(f, T1 + THREAD_TCB, TCBResume, .length = 0);
	fake_wait(f, 110);
	uint64_t back = budget_head(high->sc)->time;
	assert_int_equal(configure(f, T1 + THREAD_SC, 250, 1000, 0, 0, 0, &answer), seL4_NoError);
	assert_int_equal(budget_head(high->sc)->time, back);
	assert_int_equal(budget_head(high->sc)->amount, 100 * US);
	assert_int_equal(sum_of_refills(high->sc), 250);
	assert_true(high->is_waiting_for_budget);
	fake_free(f);
}

/* A turn that is interrupted by somebody more important goes on where it was, and is not a new one. */
static void test_interrupted_turn(void **state)
{
	(void)state;
	struct fake *f = world();
	struct message m = { .label = 0 };
	struct tcb *high = fake_thread(f, T2, 255);
	fake_receive(f, seL4_SysWait, NTFN, 0);
	struct tcb *peer = fake_thread(f, T1, FAKE_ROOT_PRIORITY);
	fake_yield(f);
	fake_expect_current(f, peer);
	fake_wait(f, 600);
	fake_send(f, seL4_SysSend, NTFN, &m);
	fake_expect_current(f, high);
	fake_wait(f, 50);
	fake_receive(f, seL4_SysWait, NTFN, 0);
	fake_expect_current(f, peer);
	fake_wait(f, 300);
	fake_expect_current(f, peer);
	fake_wait(f, 150);
	fake_expect_current(f, f->root);
	fake_free(f);
}

/* It waits just when its turn is over and the timer has not rung yet: charged, and in no queue but the one it waits in. */
static void test_blocks_at_the_end(void **state)
{
	(void)state;
	for (word budget = 500; budget <= 1000; budget += 500) {
		struct fake *f = world();
		struct message answer, m = { .label = 0 };
		struct tcb *high = fake_passive_thread(f, T1, 255);
		assert_int_equal(configure(f, T1 + THREAD_SC, budget, 1000, 0, 0, 0, &answer), seL4_NoError);
		assert_int_equal(CALL(f, T1 + THREAD_SC, SchedContextBind, CAPS(T1 + THREAD_TCB)), seL4_NoError);
		CALL(f, T1 + THREAD_TCB, TCBResume, .length = 0);
		fake_expect_current(f, high);
		f->ticks += 995 * US;
		fake_receive(f, seL4_SysWait, NTFN, 0);
		fake_expect_current(f, f->root);
		fake_send(f, seL4_SysSend, NTFN, &m);
		fake_expect_current(f, budget == 1000 ? high : f->root);
		fake_free(f);
	}
}

/* It calls somebody just then: when it is answered, those of its priority have their turns before it has another. */
static void test_calls_at_the_end(void **state)
{
	(void)state;
	struct fake *f = world();
	struct message m = { .label = 0 };
	struct tcb *server = fake_thread(f, T1, 255);
	fake_receive(f, seL4_SysRecv, EP, T1 + THREAD_REPLY);
	struct tcb *peer = fake_thread(f, T2, FAKE_ROOT_PRIORITY);
	fake_yield(f);
	fake_expect_current(f, peer);
	f->ticks += 500 * US;
	fake_send(f, seL4_SysCall, EP, &m);
	fake_expect_current(f, server);
	fake_reply_receive(f, EP, T1 + THREAD_REPLY, &m);
	fake_expect_current(f, peer);
	f->ticks += 485 * US;
	fake_send(f, seL4_SysCall, EP, &m);
	fake_expect_current(f, server);
	fake_reply_receive(f, EP, T1 + THREAD_REPLY, &m);
	fake_expect_current(f, f->root);
	fake_yield(f);
	fake_expect_current(f, peer);
	fake_free(f);
}

/* Woken threads of one's own priority run in the order they were woken in. */
static void test_equals_in_order(void **state)
{
	(void)state;
	struct fake *f = world();
	struct message m = { .label = 0 };
	struct tcb *a = fake_thread(f, T1, 255);
	fake_receive(f, seL4_SysWait, NTFN, 0);
	struct tcb *b = fake_thread(f, T2, 255);
	fake_receive(f, seL4_SysWait, EP, 0);
	assert_int_equal(CALL(f, T1 + THREAD_TCB, TCBSetPriority, WORDS(FAKE_ROOT_PRIORITY), CAPS(FAKE_TCB)), seL4_NoError);
	assert_int_equal(CALL(f, T2 + THREAD_TCB, TCBSetPriority, WORDS(FAKE_ROOT_PRIORITY), CAPS(FAKE_TCB)), seL4_NoError);
	fake_send(f, seL4_SysSend, NTFN, &m);
	fake_expect_current(f, f->root);
	fake_send(f, seL4_SysSend, EP, &m);
	fake_receive(f, seL4_SysWait, FAULT_EP, 0);
	fake_expect_current(f, a);
	fake_receive(f, seL4_SysWait, FAULT_EP, 0);
	fake_expect_current(f, b);
	fake_free(f);
}

/* ---- consumed time ---- */
static void test_consumed(void **state)
{
	(void)state;
	struct fake *f = world();
	struct message answer;
	fake_thread(f, T1, LOW);
	assert_int_equal(CALL_ANSWER(f, &answer, T1 + THREAD_SC, SchedContextConsumed, .length = 0), seL4_NoError);
	assert_int_equal(answer.length, 1);
	assert_int_equal(answer.words[0], 0);
	struct tcb *high = fake_thread(f, T2, 255);
	(void)high;
	fake_receive(f, seL4_SysWait, EP, 0);
	struct message m = { .label = 0 };
	fake_receive(f, seL4_SysWait, NTFN, 0);
	fake_wait(f, 345);
	fake_send(f, seL4_SysSend, NTFN, &m);
	fake_expect_current(f, f->root);
	assert_int_equal(CALL_ANSWER(f, &answer, T1 + THREAD_SC, SchedContextConsumed, .length = 0), seL4_NoError);
	assert_int_equal(answer.words[0], 345);
	assert_int_equal(CALL_ANSWER(f, &answer, T1 + THREAD_SC, SchedContextConsumed, .length = 0), seL4_NoError);
	assert_int_equal(answer.words[0], 0);
	fake_free(f);
}

/* ---- YieldTo ---- */
static void test_yield_to(void **state)
{
	(void)state;
	struct fake *f = world();
	struct message answer;
	struct tcb *peer = fake_thread(f, T1, FAKE_ROOT_PRIORITY), *low = fake_thread(f, T2, LOW);
	/* To a less important one: nothing but its consumption. */
	assert_int_equal(CALL_ANSWER(f, &answer, T2 + THREAD_SC, SchedContextYieldTo, .length = 0), seL4_NoError);
	assert_int_equal(answer.length, 1);
	fake_expect_current(f, f->root);
	fake_send(f, seL4_SysCall, T1 + THREAD_SC, &(struct message){ .label = SchedContextYieldTo });
	fake_expect_current(f, peer);
	assert_ptr_equal(f->root->yield_to, peer->sc);
	fake_wait(f, 100);
	fake_receive(f, seL4_SysWait, EP, 0);
	fake_expect_current(f, f->root);
	assert_null(f->root->yield_to);
	answer = fake_get(f, f->root);
	assert_int_equal(answer.label, seL4_NoError);
	assert_int_equal(answer.words[0], 100);
	(void)low;
	fake_free(f);
}

static void test_yield_to_refusals(void **state)
{
	(void)state;
	struct fake *f = world();
	fake_passive_thread(f, T1, LOW);
	assert_int_equal(CALL(f, T1 + THREAD_SC, SchedContextYieldTo, .length = 0), seL4_IllegalOperation);
	assert_int_equal(CALL(f, FAKE_SC, SchedContextYieldTo, .length = 0), seL4_IllegalOperation);
	assert_int_equal(CALL(f, T1 + THREAD_SC, SchedContextBind, CAPS(T1 + THREAD_TCB)), seL4_NoError);
	assert_int_equal(CALL(f, FAKE_TCB, TCBSetMCPriority, WORDS(LOW - 1), CAPS(FAKE_TCB)), seL4_NoError);
	assert_int_equal(CALL(f, T1 + THREAD_SC, SchedContextYieldTo, .length = 0), seL4_IllegalOperation);
	fake_free(f);
}

/* The one yielded to, its context, or the yielder itself go away meanwhile. */
static void test_yield_to_and_delete(void **state)
{
	(void)state;
	for (int what = 0; what < 4; what++) {
		struct fake *f = world();
		struct tcb *peer = fake_thread(f, T1, FAKE_ROOT_PRIORITY);
		fake_send(f, seL4_SysCall, T1 + THREAD_SC, &(struct message){ .label = SchedContextYieldTo });
		fake_expect_current(f, peer);
		word slots[] = { T1 + THREAD_TCB, T1 + THREAD_SC };
		if (what < 2)
			fake_send(f, seL4_SysCall, FAKE_CNODE, &(struct message){ .label = CNodeDelete, WORDS(slots[what], 64) });
		else if (what == 2)
			fake_send(f, seL4_SysCall, FAKE_TCB, &(struct message){ .label = TCBSuspend });
		else
			fake_receive(f, seL4_SysWait, EP, 0);
		if (what != 2)
			fake_expect_current(f, f->root);
		assert_null(f->root->yield_to);
		fake_free(f);
	}
}

/* While the yielder waits for its next turn somebody else deletes the other thread or its context, or yields to it, too. */
static void test_yield_to_ends_early(void **state)
{
	(void)state;
	for (int what = 0; what < 3; what++) {
		struct fake *f = world();
		struct tcb *high = fake_thread(f, T2, 255);
		fake_receive(f, seL4_SysWait, NTFN, 0);
		struct tcb *peer = fake_thread(f, T1, FAKE_ROOT_PRIORITY);
		f->kernel.irq_states[20] = IRQ_SIGNAL;
		slot_insert(fake_cap(f, NTFN), &f->cnode[NTFN], &f->kernel.irq_slots[20]);
		fake_send(f, seL4_SysCall, T1 + THREAD_SC, &(struct message){ .label = SchedContextYieldTo });
		fake_expect_current(f, peer);
		kernel_interrupt(&f->kernel, 20);
		fake_expect_current(f, high);
		assert_non_null(f->root->yield_to);
		word slots[] = { T1 + THREAD_TCB, T1 + THREAD_SC };
		if (what < 2)
			assert_int_equal(fake_delete(f, slots[what]), seL4_NoError);
		else
			assert_int_equal(CALL(f, T1 + THREAD_SC, SchedContextYieldTo, .length = 0), seL4_NoError);
		fake_expect_current(f, high);
		assert_null(f->root->yield_to);
		fake_free(f);
	}
}

/* ---- lending along calls ---- */

/* A server at the higher priority that waits without a context of its own. */
static struct tcb *passive_server(struct fake *f, word slot, word priority)
{
	struct tcb *server = fake_thread(f, slot, priority);
	fake_expect_current(f, server);
	fake_receive(f, seL4_SysRecv, EP, slot + THREAD_REPLY);
	fake_expect_current(f, f->root);
	assert_int_equal(CALL(f, slot + THREAD_SC, SchedContextUnbind, .length = 0), seL4_NoError);
	assert_null(server->sc);
	return server;
}

static void test_passive_server(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *server = passive_server(f, T1, 255);
	struct sched_context *mine = f->root->sc;
	struct message m = { .label = 1, WORDS(5) };
	for (int i = 0; i < 3; i++) {
		fake_send(f, seL4_SysCall, EP, &m);
		fake_expect_current(f, server);
		assert_ptr_equal(server->sc, mine);
		assert_null(f->root->sc);
		assert_ptr_equal(mine->reply, cap_object(fake_cap(f, T1 + THREAD_REPLY)));
		fake_reply_receive(f, EP, T1 + THREAD_REPLY, &m);
		fake_expect_current(f, f->root);
		assert_ptr_equal(f->root->sc, mine);
		assert_null(server->sc);
		assert_null(mine->reply);
	}
	fake_free(f);
}

/* The clock is not read on the way to a passive server and back. */
static void test_passive_call_reads_no_clock(void **state)
{
	(void)state;
	struct fake *f = world();
	passive_server(f, T1, 255);
	struct message m = { .label = 1 };
	f->ticks_per_read = 1;
	uint64_t before = f->ticks;
	fake_send(f, seL4_SysCall, EP, &m);
	fake_reply_receive(f, EP, T1 + THREAD_REPLY, &m);
	assert_int_equal(f->ticks, before);
	fake_free(f);
}

/* A server less important than a third thread runs on the caller's context, but at its own priority. */
static void test_lent_time_at_own_priority(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *server = passive_server(f, T1, 255);
	assert_int_equal(CALL(f, T1 + THREAD_TCB, TCBSetPriority, WORDS(LOW), CAPS(FAKE_TCB)), seL4_NoError);
	struct tcb *middle = fake_thread(f, T2, LOW + 50);
	struct message m = { .label = 1 };
	fake_send(f, seL4_SysCall, EP, &m);
	fake_expect_current(f, middle);
	assert_true(server->is_queued);
	fake_receive(f, seL4_SysWait, NTFN, 0);
	fake_expect_current(f, server);
	fake_reply_receive(f, EP, T1 + THREAD_REPLY, &m);
	fake_expect_current(f, f->root);
	fake_free(f);
}

/* A chain of two passive servers: the context passes along and comes back one step at a time. */
static void test_chain(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *first = passive_server(f, T1, 255);
	struct tcb *second = fake_thread(f, T2, 255);
	fake_receive(f, seL4_SysRecv, FAULT_EP, T2 + THREAD_REPLY);
	assert_int_equal(CALL(f, T2 + THREAD_SC, SchedContextUnbind, .length = 0), seL4_NoError);
	struct sched_context *mine = f->root->sc;
	struct message m = { .label = 1 };
	fake_send(f, seL4_SysCall, EP, &m);
	fake_send(f, seL4_SysCall, FAULT_EP, &m);
	fake_expect_current(f, second);
	assert_ptr_equal(second->sc, mine);
	struct reply *inner = mine->reply;
	assert_ptr_equal(inner->tcb, first);
	assert_ptr_equal(inner->older->tcb, f->root);
	fake_reply_receive(f, FAULT_EP, T2 + THREAD_REPLY, &m);
	fake_expect_current(f, first);
	assert_ptr_equal(first->sc, mine);
	fake_reply_receive(f, EP, T1 + THREAD_REPLY, &m);
	fake_expect_current(f, f->root);
	assert_ptr_equal(f->root->sc, mine);
	fake_free(f);
}

/* The middle of a chain is cut out: its thread gets its answer, the context does not come back to it. */
static void test_broken_chain(void **state)
{
	(void)state;
	for (int what = 0; what < 3; what++) {
		struct fake *f = world();
		struct tcb *first = passive_server(f, T1, 255);
		struct tcb *second = fake_thread(f, T2, 255);
		fake_receive(f, seL4_SysRecv, FAULT_EP, T2 + THREAD_REPLY);
		assert_int_equal(CALL(f, T2 + THREAD_SC, SchedContextUnbind, .length = 0), seL4_NoError);
		struct message m = { .label = 1 };
		struct sched_context *mine = f->root->sc;
		fake_send(f, seL4_SysCall, EP, &m);
		fake_send(f, seL4_SysCall, FAULT_EP, &m);
		fake_expect_current(f, second);
		if (what == 0) { /* the root's reply object goes */
			assert_int_equal(fake_delete(f, T1 + THREAD_REPLY), seL4_NoError);
			assert_int_equal(f->root->state, THREAD_INACTIVE);
		} else if (what == 1) { /* the server in the middle is stopped */
			assert_int_equal(CALL(f, T1 + THREAD_TCB, TCBSuspend, .length = 0), seL4_NoError);
			assert_int_equal(first->state, THREAD_INACTIVE);
		} else { /* the caller goes */
			assert_int_equal(fake_delete(f, FAKE_TCB), seL4_NoError);
		}
		assert_ptr_equal(second->sc, mine);
		fake_reply_receive(f, FAULT_EP, T2 + THREAD_REPLY, &m);
		if (what != 1)
			fake_expect_current(f, first);
		kernelcheck_all(f);
		fake_free(f);
	}
}

/* The context is deleted while it is lent. */
static void test_delete_lent_context(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *server = passive_server(f, T1, 255);
	struct tcb *other = fake_thread(f, T2, LOW);
	struct message m = { .label = 1 };
	fake_send(f, seL4_SysCall, EP, &m);
	fake_expect_current(f, server);
	fake_send(f, seL4_SysCall, FAKE_CNODE, &(struct message){ .label = CNodeDelete, WORDS(FAKE_SC, 64) });
	fake_expect_current(f, other);
	assert_null(server->sc);
	assert_int_equal(f->root->state, THREAD_BLOCKED_ON_REPLY);
	fake_free(f);
}

/* The context is deleted while it is lent, and the server answers on another: the caller gets its answer and no time. */
static void test_answer_after_lent_context_is_gone(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *server = passive_server(f, T1, 255);
	struct message m = { .label = 1 };
	fake_send(f, seL4_SysCall, EP, &m);
	fake_expect_current(f, server);
	fake_thread(f, T2, LOW);
	fake_send(f, seL4_SysCall, FAKE_CNODE, &(struct message){ .label = CNodeDelete, WORDS(FAKE_SC, 64) });
	/* The low one is left; it gives the server a context. */
	fake_send(f, seL4_SysCall, T1 + THREAD_SC, &(struct message){ .label = SchedContextBind, CAPS(T1 + THREAD_TCB) });
	fake_expect_current(f, server);
	fake_reply_receive(f, EP, T1 + THREAD_REPLY, &m);
	assert_int_equal(f->root->state, THREAD_RUNNING);
	assert_null(f->root->sc);
	assert_ptr_equal(server->sc, cap_object(fake_cap(f, T1 + THREAD_SC)));
	fake_free(f);
}

/* The caller was given another context meanwhile: the lent one stays with the server. */
static void test_caller_has_another_context(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *server = passive_server(f, T1, 255);
	struct sched_context *lent = f->root->sc;
	struct message m = { .label = 1, WORDS(1, 2, 3, 4, 5) };
	fake_send(f, seL4_SysCall, EP, &m);
	fake_expect_current(f, server);
	assert_int_equal(CALL(f, T1 + THREAD_SC, SchedContextBind, CAPS(FAKE_TCB)), seL4_NoError);
	struct sched_context *other = f->root->sc;
	fake_reply_receive(f, EP, T1 + THREAD_REPLY, &m);
	assert_ptr_equal(f->root->sc, other);
	assert_ptr_equal(server->sc, lent);
	fake_expect_current(f, f->root);
	fake_free(f);
}

/* The reply object is deleted: the lent context goes back to the caller, which stays stopped. */
static void test_delete_reply_of_lent_context(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *server = passive_server(f, T1, 255);
	struct tcb *other = fake_thread(f, T2, LOW);
	struct sched_context *lent = f->root->sc;
	struct message m = { .label = 1 };
	fake_send(f, seL4_SysCall, EP, &m);
	fake_expect_current(f, server);
	fake_send(f, seL4_SysCall, FAKE_CNODE, &(struct message){ .label = CNodeDelete, WORDS(T1 + THREAD_REPLY, 64) });
	fake_expect_current(f, other);
	assert_null(server->sc);
	assert_ptr_equal(f->root->sc, lent);
	assert_int_equal(f->root->state, THREAD_INACTIVE);
	fake_free(f);
}

/* Its context lent, and the signal it asks for is there already: it has the signal, but no time. */
static void test_lend_and_go_on(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *server = passive_server(f, T1, 255);
	struct message m = { .label = 1 };
	fake_send(f, seL4_SysSend, NTFN, &m);
	fake_put(f, &m);
	fake_receive(f, seL4_SysNBSendWait, NTFN, EP);
	fake_expect_current(f, server);
	assert_int_equal(f->root->state, THREAD_RUNNING);
	assert_null(f->root->sc);
	fake_receive(f, seL4_SysWait, FAULT_EP, 0);
	fake_expect_current(f, &f->kernel.idle);
	fake_free(f);
}

/* A sender that does not wait for an answer lends nothing; with a sending half it does. */
static void test_send_and_lend(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *server = passive_server(f, T1, 255);
	struct message m = { .label = 1 };
	fake_send(f, seL4_SysSend, EP, &m);
	fake_expect_current(f, f->root);
	assert_int_equal(server->state, THREAD_RUNNING);
	assert_null(server->sc);
	fake_free(f);
	f = world();
	server = passive_server(f, T1, 255);
	fake_put(f, &m);
	fake_receive(f, seL4_SysNBSendWait, NTFN, EP);
	fake_expect_current(f, server);
	assert_ptr_equal(server->sc, cap_object(fake_cap(f, FAKE_SC)));
	assert_int_equal(f->root->state, THREAD_BLOCKED_ON_NOTIFICATION);
	fake_free(f);
}

/* ---- lending by notifications ---- */
static void test_notification_lends(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *server = passive_server(f, T1, 255);
	struct sched_context *spare = cap_object(fake_cap(f, T1 + THREAD_SC));
	assert_int_equal(CALL(f, T1 + THREAD_TCB, TCBBindNotification, CAPS(NTFN)), seL4_NoError);
	assert_int_equal(CALL(f, T1 + THREAD_SC, SchedContextBind, CAPS(NTFN)), seL4_NoError);
	struct message m = { .label = 1 };
	fake_send(f, seL4_SysSend, NTFN, &m);
	fake_expect_current(f, server);
	assert_ptr_equal(server->sc, spare);
	/* It goes back when the thread waits again, and a call may lend the caller's. */
	fake_receive(f, seL4_SysRecv, EP, T1 + THREAD_REPLY);
	fake_expect_current(f, f->root);
	assert_null(server->sc);
	assert_null(spare->tcb);
	fake_send(f, seL4_SysCall, EP, &m);
	fake_expect_current(f, server);
	assert_ptr_equal(server->sc, cap_object(fake_cap(f, FAKE_SC)));
	fake_reply_receive(f, EP, T1 + THREAD_REPLY, &m);
	fake_expect_current(f, f->root);
	fake_free(f);
}

/* A thread that runs on a notification's context gives it back when it receives, even if a message is there already; without
 * a context of its own it does not go on. */
static void test_receive_on_lent_time(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *server = passive_server(f, T1, 255);
	struct tcb *sender = fake_thread(f, T2, LOW);
	assert_int_equal(CALL(f, T1 + THREAD_TCB, TCBBindNotification, CAPS(NTFN)), seL4_NoError);
	assert_int_equal(CALL(f, T1 + THREAD_SC, SchedContextBind, CAPS(NTFN)), seL4_NoError);
	struct message m = { .label = 1 };
	fake_receive(f, seL4_SysWait, FAULT_EP, 0);
	fake_expect_current(f, sender);
	/* The server is signalled, and while it runs the sender's message waits at another endpoint. */
	fake_send(f, seL4_SysNBSend, FAULT_EP, &m);
	fake_expect_current(f, f->root);
	assert_int_equal(CALL(f, T2 + THREAD_TCB, TCBSetPriority, WORDS(FAKE_ROOT_PRIORITY + 1), CAPS(FAKE_TCB)), 0);
	fake_expect_current(f, sender);
	fake_send(f, seL4_SysSend, FAULT_EP, &m);
	assert_int_equal(sender->state, THREAD_BLOCKED_ON_SEND);
	fake_expect_current(f, f->root);
	fake_send(f, seL4_SysSend, NTFN, &m);
	fake_expect_current(f, server);
	fake_receive(f, seL4_SysWait, FAULT_EP, 0);
	assert_int_equal(server->state, THREAD_RUNNING);
	assert_null(server->sc);
	fake_expect_current(f, sender);
	fake_free(f);
}

/* A passive thread without any context hears the signal, and runs when it gets one. */
static void test_signal_without_context(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *server = fake_thread(f, T1, 255);
	fake_receive(f, seL4_SysWait, NTFN, 0);
	assert_int_equal(CALL(f, T1 + THREAD_SC, SchedContextUnbind, .length = 0), seL4_NoError);
	struct message m = { .label = 1 };
	fake_send(f, seL4_SysSend, NTFN, &m);
	fake_expect_current(f, f->root);
	assert_int_equal(server->state, THREAD_RUNNING);
	fake_send(f, seL4_SysCall, T1 + THREAD_SC, &(struct message){ .label = SchedContextBind, CAPS(T1 + THREAD_TCB) });
	fake_expect_current(f, server);
	fake_free(f);
}

/* ---- two kernels side by side share nothing ---- */
static void test_two_kernels(void **state)
{
	(void)state;
	struct fake *f = world(), *g = world();
	for (int i = 0; i < 10; i++) {
		assert_int_equal(fake_mint(f, EP, A, 15, 1), seL4_NoError);
		assert_int_equal(fake_copy(g, NTFN, A, 15), seL4_NoError);
		fake_wait(f, 100);
		assert_int_equal(fake_delete(g, A), seL4_NoError);
		assert_int_equal(fake_delete(f, A), seL4_NoError);
	}
	assert_int_not_equal(f->ticks, g->ticks);
	fake_free(f);
	fake_free(g);
}

/* What is broken inside stops the machine with a name, not quietly. */
static void test_panic(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *server = passive_server(f, T1, 255);
	(void)server;
	struct reply *reply = cap_object(fake_cap(f, T1 + THREAD_REPLY));
	reply->tcb = f->root;
	f->expects_panic = true;
	f->does_not_check = true;
	int kind = setjmp(f->panic_jump);
	if (kind == 0) {
		struct message m = { .label = 1, WORDS(1, 2, 3, 4, 5) }; /* the general way, which asserts */
		fake_send(f, seL4_SysCall, EP, &m);
		fail();
	}
	assert_int_equal(kind, KERNEL_PANIC_INVARIANT);
	assert_non_null(f->panic_message);
	fake_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_configure_refusals),
		cmocka_unit_test(test_bind),
		cmocka_unit_test(test_bind_blocked),
		cmocka_unit_test(test_round_robin),
		cmocka_unit_test(test_yield),
		cmocka_unit_test(test_more_important_runs_at_once),
		cmocka_unit_test(test_budget_of_period),
		cmocka_unit_test(test_never_more_than_budget),
		cmocka_unit_test(test_overrun),
		cmocka_unit_test(test_change_in_use),
		cmocka_unit_test(test_bind_exhausted),
		cmocka_unit_test(test_configure_waiting),
		cmocka_unit_test(test_release_in_order),
		cmocka_unit_test(test_more_budget_comes_later),
		cmocka_unit_test(test_interrupted_turn),
		cmocka_unit_test(test_calls_at_the_end),
		cmocka_unit_test(test_blocks_at_the_end),
		cmocka_unit_test(test_equals_in_order),
		cmocka_unit_test(test_consumed),
		cmocka_unit_test(test_yield_to),
		cmocka_unit_test(test_yield_to_refusals),
		cmocka_unit_test(test_yield_to_and_delete),
		cmocka_unit_test(test_yield_to_ends_early),
		cmocka_unit_test(test_passive_server),
		cmocka_unit_test(test_passive_call_reads_no_clock),
		cmocka_unit_test(test_lent_time_at_own_priority),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_broken_chain),
		cmocka_unit_test(test_delete_lent_context),
		cmocka_unit_test(test_answer_after_lent_context_is_gone),
		cmocka_unit_test(test_caller_has_another_context),
		cmocka_unit_test(test_delete_reply_of_lent_context),
		cmocka_unit_test(test_lend_and_go_on),
		cmocka_unit_test(test_send_and_lend),
		cmocka_unit_test(test_notification_lends),
		cmocka_unit_test(test_receive_on_lent_time),
		cmocka_unit_test(test_signal_without_context),
		cmocka_unit_test(test_two_kernels),
		cmocka_unit_test(test_panic),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
