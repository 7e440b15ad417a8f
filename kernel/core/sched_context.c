/* SPDX-License-Identifier: BSD-2-Clause */
/* Scheduling contexts: binding to a thread or notification, lending, and their invocations. Every thread runs on one;
 * which, may change with each call.
 *
 * Invariants
 *  C1  A bound thread and its context point at each other; so do a bound notification and its context.
 *  C2  yield_from and yield_to point at each other. */
#include "kernel/core/invoke.h"
#include "kernel/core/ipc.h"
#include "kernel/core/thread.h"

void sc_resume(struct kernel *k, struct sched_context *sc)
{
	if (!thread_is_schedulable(sc->tcb))
		return;
	if (!budget_is_ready(k, sc) || !budget_is_sufficient(k, sc, 0))
		budget_postpone(k, sc);
}

void sc_bind_tcb(struct kernel *k, struct sched_context *sc, struct tcb *tcb)
{
	tcb->sc = sc;
	sc->tcb = tcb;
	budget_unblock_sporadic(k, sc);
	sc_resume(k, sc);
	if (thread_is_schedulable(tcb)) {
		schedule_enqueue(k, tcb);
		schedule_again(k);
	}
}

void sc_unbind_tcb(struct kernel *k, struct sched_context *sc)
{
	struct tcb *tcb = sc->tcb;
	if (tcb == NULL)
		return;
	if (tcb == k->current)
		schedule_again(k);
	schedule_dequeue(k, tcb);
	budget_release_remove(k, tcb);
	tcb->sc = NULL;
	sc->tcb = NULL;
}

void sc_donate(struct kernel *k, struct sched_context *sc, struct tcb *to)
{
	struct tcb *from = sc->tcb;
	if (from != NULL) {
		schedule_dequeue(k, from);
		budget_release_remove(k, from);
		from->sc = NULL;
		if (from == k->current)
			k->must_choose = true;
	}
	sc->tcb = to;
	to->sc = sc;
}

void sc_unbind_notification(struct sched_context *sc)
{
	if (sc->notification == NULL)
		return;
	sc->notification->sc = NULL;
	sc->notification = NULL;
}

static void unbind_reply(struct sched_context *sc)
{
	if (sc->reply == NULL)
		return;
	sc->reply->up = 0;
	sc->reply = NULL;
}

static void unbind_all(struct kernel *k, struct sched_context *sc)
{
	sc_unbind_tcb(k, sc);
	sc_unbind_notification(sc);
	unbind_reply(sc);
}

void sc_finalise(struct kernel *k, struct sched_context *sc)
{
	unbind_all(k, sc);
	if (sc->yield_from != NULL)
		sc_complete_yield_to(k, sc->yield_from);
	sc->refill_max = 0;
	sc->is_sporadic = false;
}

uint64_t sc_take_consumed(struct kernel *k, struct sched_context *sc)
{
	uint64_t consumed = sc->consumed;
	sc->consumed = 0;
	return consumed / k->ticks_per_us;
}

/* ---- YieldTo ---- */
static void answer_consumed(struct kernel *k, struct sched_context *sc, struct tcb *tcb)
{
	word length = thread_set_time(tcb, thread_buffer(tcb, true), 0, sc_take_consumed(k, sc));
	thread_set_reply(tcb, seL4_NoError, length);
}

void sc_cancel_yield_to(struct tcb *tcb)
{
	if (tcb->yield_to == NULL)
		return;
	tcb->yield_to->yield_from = NULL;
	tcb->yield_to = NULL;
}

void sc_complete_yield_to(struct kernel *k, struct tcb *yielder)
{
	if (yielder->yield_to == NULL)
		return;
	answer_consumed(k, yielder->yield_to, yielder);
	sc_cancel_yield_to(yielder);
}

static word yield_to_do(struct kernel *k, struct invocation *call, struct sched_context *sc)
{
	struct tcb *tcb = sc->tcb;
	if (sc->yield_from != NULL)
		sc_complete_yield_to(k, sc->yield_from);
	sc_resume(k, sc);
	if (!thread_is_schedulable(tcb) || tcb->priority < k->current->priority) {
		if (thread_is_schedulable(tcb)) {
			schedule_dequeue(k, tcb);
			schedule_enqueue(k, tcb);
		}
		answer_time(k, call, 0, sc_take_consumed(k, sc));
		return seL4_NoError;
	}
	k->current->yield_to = sc;
	sc->yield_from = k->current;
	schedule_dequeue(k, tcb);
	schedule_enqueue(k, k->current);
	schedule_enqueue(k, tcb);
	schedule_again(k);
	return seL4_NoError;
}

static word yield_to_decode(struct kernel *k, struct invocation *call, struct sched_context *sc)
{
	if (sc->tcb == NULL || sc->tcb == k->current || sc->tcb->priority > k->current->mcp || k->current->yield_to != NULL)
		return refuse(seL4_IllegalOperation);
	return yield_to_do(k, call, sc);
}

/* ---- Bind, Unbind ---- */
static word bind_tcb_decode(struct kernel *k, struct sched_context *sc, struct tcb *tcb)
{
	if (sc->tcb != NULL || tcb->sc != NULL)
		return refuse(seL4_IllegalOperation);
	if (thread_is_blocked(tcb) && !(sc_is_active(sc) && budget_is_ready(k, sc)))
		return refuse(seL4_IllegalOperation);
	sc_bind_tcb(k, sc, tcb);
	return seL4_NoError;
}

static word bind_notification_decode(struct sched_context *sc, struct notification *notification)
{
	if (sc->notification != NULL || notification->sc != NULL)
		return refuse(seL4_IllegalOperation);
	notification->sc = sc;
	sc->notification = notification;
	return seL4_NoError;
}

static word bind_decode(struct kernel *k, struct invocation *call, struct sched_context *sc)
{
	if (call->extra[0] == NULL)
		return refuse(seL4_TruncatedMessage);
	struct cap cap = call->extra[0]->cap;
	if (cap_kind(cap) == CAP_TCB)
		return bind_tcb_decode(k, sc, cap_object(cap));
	if (cap_kind(cap) == CAP_NOTIFICATION)
		return bind_notification_decode(sc, cap_object(cap));
	return refuse_capability(call, 1);
}

static word unbind_object_decode(struct kernel *k, struct invocation *call, struct sched_context *sc)
{
	if (call->extra[0] == NULL)
		return refuse(seL4_TruncatedMessage);
	struct cap cap = call->extra[0]->cap;
	if (cap_kind(cap) == CAP_TCB) {
		if (sc->tcb != cap_object(cap) || sc->tcb == k->current)
			return refuse(seL4_IllegalOperation);
		sc_unbind_tcb(k, sc);
		return seL4_NoError;
	}
	if (cap_kind(cap) != CAP_NOTIFICATION)
		return refuse_capability(call, 1);
	if (sc->notification != cap_object(cap))
		return refuse(seL4_IllegalOperation);
	sc_unbind_notification(sc);
	return seL4_NoError;
}

word sched_context_decode(struct kernel *k, struct invocation *call)
{
	struct sched_context *sc = cap_object(call->cap);
	switch (call->label) {
	case SchedContextConsumed:
		answer_time(k, call, 0, sc_take_consumed(k, sc));
		return seL4_NoError;
	case SchedContextBind:
		return bind_decode(k, call, sc);
	case SchedContextUnbindObject:
		return unbind_object_decode(k, call, sc);
	case SchedContextUnbind:
		if (sc->tcb == k->current)
			return refuse(seL4_IllegalOperation);
		unbind_all(k, sc);
		return seL4_NoError;
	case SchedContextYieldTo:
		return yield_to_decode(k, call, sc);
	default:
		return refuse(seL4_IllegalOperation);
	}
}

/* ---- SchedControl ---- */
struct parameters {
	uint64_t budget; /* ticks */
	uint64_t period;
	word     refills;
	word     badge;
	bool     is_sporadic;
};

static void configure_do(struct kernel *k, struct sched_context *sc, const struct parameters *with)
{
	struct tcb *tcb = sc->tcb;
	if (tcb != NULL) {
		budget_release_remove(k, tcb);
		schedule_dequeue(k, tcb);
	}
	if (k->current_sc == sc) {
		/* What was used up to now was used under the old parameters. */
		budget_update_time(k);
		sc->consumed += k->consumed;
		k->consumed = 0;
		k->must_set_deadline = true;
	}
	if (with->budget == with->period)
		budget_set(k, sc, REFILLS_MIN, with->budget, 0);
	else if (sc_is_active(sc) && tcb != NULL && thread_is_runnable(tcb))
		budget_change(k, sc, with->refills, with->budget, with->period);
	else
		budget_set(k, sc, with->refills, with->budget, with->period);
	sc->badge = with->badge;
	sc->is_sporadic = with->is_sporadic;
	if (tcb == NULL)
		return;
	sc_resume(k, sc);
	if (tcb == k->current)
		schedule_again(k);
	else if (thread_is_runnable(tcb))
		schedule_wake(k, tcb);
}

/* Interface order: arguments first, then the capability, then what depends on it. */
static word configure_decode(struct kernel *k, struct invocation *call)
{
	if (call->extra[0] == NULL || call->length < 2 * TIME_WORDS + 3)
		return refuse(seL4_TruncatedMessage);
	uint64_t us_max = UINT64_MAX / k->ticks_per_us / 8;
	uint64_t budget_us = invocation_time(k, call, 0);
	uint64_t period_us = invocation_time(k, call, TIME_WORDS);
	if (budget_us > us_max || period_us > us_max || budget_us < BUDGET_MIN_US || period_us < BUDGET_MIN_US)
		return refuse_range(call, BUDGET_MIN_US, (word)us_max);
	if (budget_us > period_us)
		return refuse_range(call, BUDGET_MIN_US, (word)period_us);
	struct cap target = call->extra[0]->cap;
	if (cap_kind(target) != CAP_SCHED_CONTEXT)
		return refuse_capability(call, 1);
	word extra_refills = invocation_word(k, call, 2 * TIME_WORDS);
	word extra_refills_max = budget_refills_max(cap_sched_context_bits(target)) - REFILLS_MIN;
	if (extra_refills > extra_refills_max)
		return refuse_range(call, 0, extra_refills_max);
	struct parameters with = {
		.budget = budget_us * k->ticks_per_us,
		.period = period_us * k->ticks_per_us,
		.refills = extra_refills + REFILLS_MIN,
		.badge = invocation_word(k, call, 2 * TIME_WORDS + 1),
		.is_sporadic = (invocation_word(k, call, 2 * TIME_WORDS + 2) & seL4_SchedContext_Sporadic) != 0,
	};
	configure_do(k, cap_object(target), &with);
	return seL4_NoError;
}

word sched_control_decode(struct kernel *k, struct invocation *call)
{
	if (call->label != SchedControlConfigureFlags)
		return refuse(seL4_IllegalOperation);
	return configure_decode(k, call);
}
