/* SPDX-License-Identifier: BSD-2-Clause */
/* Time: what a scheduling context may use, charging it, and waiting for it to come back.
 *
 * A context has a ring of refills: {time from which on it may be used, amount}. Its thread runs on the head. What it
 * used is scheduled for one period later, so in no window of one period does it get more than its budget (Stanovich and
 * others, "Defects of the POSIX Sporadic Server and How to Correct Them", RTAS 2010). A round-robin context (period 0)
 * has two refills: what is left of the turn and what is used of it.
 *
 * The clock is read when a decision needs it and not at every entry: a turn that is over is noticed by the timer, which
 * is always set to the end of the current turn or before.
 *
 * Invariants
 *  B1  The amounts of a context's refills add up to its budget.
 *  B2  Refills are in order: each begins after the one before it ends. (Not for round robin.)
 *  B3  The head refill is enough to enter and leave the kernel.
 *  B4  A thread in the release queue has a context whose head refill lies in the future. */
#include "kernel/core/ipc.h"
#include "kernel/core/thread.h"

/* No refill is moved beyond this: times stay comparable. At 4 GHz it is 73 years. */
#define RELEASE_TIME_MAX (UINT64_MAX / 2)

void budget_update_time(struct kernel *k)
{
	uint64_t now = port_ticks(k);
	k->consumed += now - k->now;
	k->now = now;
}

/* ---- the ring ---- */
static word ring_next(const struct sched_context *sc, word i)
{
	return i + 1 == sc->refill_max ? 0 : i + 1;
}

static bool ring_is_single(const struct sched_context *sc)
{
	return sc->refill_head == sc->refill_tail;
}

static bool ring_is_full(const struct sched_context *sc)
{
	return ring_next(sc, sc->refill_tail) == sc->refill_head;
}

static struct refill ring_pop(struct sched_context *sc)
{
	struct refill head = *budget_head(sc);
	sc->refill_head = ring_next(sc, sc->refill_head);
	return head;
}

static void ring_push(struct sched_context *sc, uint64_t time, uint64_t amount)
{
	sc->refill_tail = ring_next(sc, sc->refill_tail);
	*budget_refill(sc, sc->refill_tail) = (struct refill){ time, amount };
}

/* ---- setting ---- */
static void ring_reset(struct sched_context *sc, word refills, uint64_t period, struct refill head)
{
	sc->period = period;
	sc->has_had_turn = false;
	sc->refill_max = refills;
	sc->refill_head = 0;
	sc->refill_tail = 0;
	*budget_head(sc) = head;
	if (sc_is_round_robin(sc))
		ring_push(sc, head.time, 0);
}

void budget_set(struct kernel *k, struct sched_context *sc, word refills, uint64_t budget, uint64_t period)
{
	budget_update_time(k);
	ring_reset(sc, refills, period, (struct refill){ k->now, budget });
}

/* Of a context in use: what its head has left may be used up to the new budget, the rest comes one period later. */
void budget_change(struct kernel *k, struct sched_context *sc, word refills, uint64_t budget, uint64_t period)
{
	budget_update_time(k);
	struct refill head = *budget_head(sc);
	if (head.time < k->now)
		head.time = k->now;
	uint64_t rest = head.amount < budget ? budget - head.amount : 0;
	head.amount = budget - rest;
	ring_reset(sc, refills, period, head);
	if (rest != 0)
		ring_push(sc, head.time + period, rest);
}

/* ---- charging ---- */

/* Used time comes back at the end of the ring, merged with the last refill where they touch or where the ring is full. */
static void schedule_used(struct sched_context *sc, uint64_t time, uint64_t amount)
{
	struct refill *tail = budget_refill(sc, sc->refill_tail);
	if (tail->time + tail->amount >= time) {
		tail->amount += amount;
	} else if (!ring_is_full(sc)) {
		ring_push(sc, time, amount);
	} else {
		tail->time = time - tail->amount;
		tail->amount += amount;
	}
}

static uint64_t use_up_head(struct sched_context *sc, uint64_t usage)
{
	uint64_t amount = budget_head(sc)->amount;
	if (ring_is_single(sc)) {
		budget_head(sc)->time += sc->period;
	} else {
		struct refill head = ring_pop(sc);
		schedule_used(sc, head.time + sc->period, head.amount);
	}
	return usage - amount;
}

static void use_part_of_head(struct sched_context *sc, uint64_t usage)
{
	struct refill *head = budget_head(sc);
	uint64_t time = head->time + sc->period;
	head->amount -= usage;
	head->time += usage;
	schedule_used(sc, time, usage);
}

static void charge_sporadic(struct kernel *k, struct sched_context *sc, uint64_t usage)
{
	while (budget_head(sc)->amount <= usage && budget_head(sc)->time < RELEASE_TIME_MAX)
		usage = use_up_head(sc, usage);
	if (usage > 0 && budget_head(sc)->time < RELEASE_TIME_MAX)
		use_part_of_head(sc, usage);
	/* Too little to run on: join it with the next, ending when that one would have ended. */
	while (budget_head(sc)->amount < k->ticks_min && !ring_is_single(sc)) {
		struct refill small = ring_pop(sc);
		budget_head(sc)->amount += small.amount;
		budget_head(sc)->time -= small.amount;
	}
}

static void charge_round_robin(struct sched_context *sc, uint64_t usage, bool is_over)
{
	struct refill *head = budget_head(sc);
	struct refill *tail = budget_refill(sc, sc->refill_tail);
	if (is_over) {
		head->amount += tail->amount;
		tail->amount = 0;
	} else {
		head->amount -= usage;
		tail->amount += usage;
	}
}

void budget_unblock(struct kernel *k, struct sched_context *sc)
{
	if (!sc_is_active(sc) || sc_is_round_robin(sc) || !budget_is_ready(k, sc))
		return;
	budget_head(sc)->time = k->now;
	k->must_set_deadline = true;
	while (!ring_is_single(sc)) {
		struct refill *head = budget_head(sc);
		struct refill *next = budget_refill(sc, ring_next(sc, sc->refill_head));
		if (next->time > head->time + head->amount)
			break;
		next->time = head->time;
		next->amount += head->amount;
		ring_pop(sc);
	}
}

static void end_turn(struct kernel *k, struct sched_context *sc, bool may_fault)
{
	struct tcb *tcb = sc->tcb;
	k->must_set_deadline = true;
	if (tcb == NULL || !thread_is_schedulable(tcb)) {
		sc->has_had_turn = sc_is_round_robin(sc);
		return;
	}
	schedule_dequeue(k, tcb);
	schedule_again(k);
	if (may_fault && !sc_is_round_robin(sc) && cap_kind(tcb->slots[TCB_SLOT_TIMEOUT].cap) == CAP_ENDPOINT)
		fault_timeout(k, tcb);
	else if (budget_is_ready(k, sc) && budget_is_sufficient(k, sc, 0))
		schedule_append(k, tcb);
	else
		budget_postpone(k, sc);
}

void budget_charge(struct kernel *k)
{
	budget_update_time(k);
	struct sched_context *sc = k->current_sc;
	uint64_t usage = k->consumed;
	k->consumed = 0;
	if (sc == NULL || !sc_is_active(sc))
		return;
	sc->consumed += usage;
	bool is_over = !budget_is_sufficient(k, sc, usage);
	if (sc_is_round_robin(sc))
		charge_round_robin(sc, usage, is_over);
	else
		charge_sporadic(k, sc, usage);
	if (is_over)
		end_turn(k, sc, true);
}

void budget_yield(struct kernel *k)
{
	budget_update_time(k);
	struct sched_context *sc = k->current_sc;
	sc->consumed += k->consumed;
	k->consumed = 0;
	if (sc_is_round_robin(sc))
		charge_round_robin(sc, 0, true);
	else
		charge_sporadic(k, sc, budget_head(sc)->amount);
	end_turn(k, sc, false);
}

/* ---- the release queue ---- */
void budget_postpone(struct kernel *k, struct sched_context *sc)
{
	struct tcb *tcb = sc->tcb;
	schedule_dequeue(k, tcb);
	uint64_t time = budget_head(sc)->time;
	struct tcb *before = k->release.tail;
	while (before != NULL && budget_head(before->sc)->time > time)
		before = before->queue_previous;
	tcb->queue_previous = before;
	tcb->queue_next = before != NULL ? before->queue_next : k->release.head;
	if (before != NULL)
		before->queue_next = tcb;
	else
		k->release.head = tcb;
	if (tcb->queue_next != NULL)
		tcb->queue_next->queue_previous = tcb;
	else
		k->release.tail = tcb;
	tcb->is_waiting_for_budget = true;
	k->must_set_deadline = true;
	if (tcb == k->current)
		k->must_choose = true;
}

void budget_release_remove(struct kernel *k, struct tcb *tcb)
{
	if (!tcb->is_waiting_for_budget)
		return;
	queue_remove(&k->release, tcb);
	tcb->is_waiting_for_budget = false;
	k->must_set_deadline = true;
}

void budget_wake_released(struct kernel *k)
{
	while (k->release.head != NULL && budget_head(k->release.head->sc)->time <= k->now) {
		struct tcb *tcb = k->release.head;
		budget_release_remove(k, tcb);
		schedule_wake(k, tcb);
	}
}

void budget_set_deadline(struct kernel *k)
{
	uint64_t deadline = UINT64_MAX;
	k->must_set_deadline = false;
	if (k->current_sc != NULL)
		deadline = k->now + budget_head(k->current_sc)->amount;
	if (k->release.head != NULL && budget_head(k->release.head->sc)->time < deadline)
		deadline = budget_head(k->release.head->sc)->time;
	/* One that comes too early only costs an interrupt; setting it costs more. */
	if (deadline >= k->deadline)
		return;
	k->deadline = deadline;
	port_set_deadline(k, deadline - k->ticks_per_us * TIMER_PRECISION_US);
}
