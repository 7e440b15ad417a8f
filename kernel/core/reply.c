/* SPDX-License-Identifier: BSD-2-Clause */
/* Reply objects: they hold the caller while it waits, and the way back of its scheduling context.
 *
 * Calls along which one context was passed form a stack of reply objects. The newest points up at the context, the others
 * at the next newer one; sc->reply is the newest. A chain that is broken in the middle leaves the older part without a
 * context: its callers get their answer, but not their time back.
 *
 * Invariants
 *  R1  reply->tcb is a thread that is blocked on this reply, or in a receive that offers it; tcb->reply points back.
 *  R2  A reply object is in a stack only while it holds a caller.
 *  R3  sc->reply is the reply object whose up is that sc. */
#include "kernel/core/ipc.h"
#include "kernel/core/thread.h"

static bool is_newest(const struct reply *reply)
{
	return (reply->up & REPLY_UP_IS_SC) != 0;
}

static struct sched_context *context_of(const struct reply *reply)
{
	return (struct sched_context *)(reply->up & ~REPLY_UP_IS_SC);
}

static struct reply *newer(const struct reply *reply)
{
	return (struct reply *)reply->up;
}

void reply_unlink(struct kernel *k, struct reply *reply, struct tcb *tcb)
{
	kernel_assert(k, reply->tcb == tcb && tcb->reply == reply, "R1: reply object and thread");
	reply->tcb = NULL;
	tcb->reply = NULL;
	thread_set_state(k, tcb, THREAD_INACTIVE);
}

void reply_push(struct kernel *k, struct tcb *caller, struct tcb *callee, struct reply *reply, bool can_donate)
{
	struct sched_context *sc = caller->sc;
	reply_link(reply, caller);
	thread_set_state(k, caller, THREAD_BLOCKED_ON_REPLY);
	if (sc == NULL || callee->sc != NULL || !can_donate)
		return;
	struct reply *older = sc->reply;
	reply->older = older;
	if (older != NULL)
		older->up = (word)reply;
	reply->up = (word)sc | REPLY_UP_IS_SC;
	sc->reply = reply;
	sc_donate(k, sc, callee);
}

/* The newest call of a stack ends: its context goes back to the caller, unless that one got another meanwhile. */
static void pop(struct kernel *k, struct reply *reply, struct tcb *caller)
{
	struct sched_context *sc = context_of(reply);
	sc->reply = reply->older;
	if (reply->older != NULL)
		reply->older->up = reply->up;
	reply->older = NULL;
	reply->up = 0;
	if (caller->sc == NULL)
		sc_donate(k, sc, caller);
	reply_unlink(k, reply, caller);
}

static void break_chain(struct reply *reply)
{
	if (reply->up != 0) {
		if (is_newest(reply))
			context_of(reply)->reply = NULL;
		else
			newer(reply)->older = NULL;
	}
	if (reply->older != NULL)
		reply->older->up = 0;
	reply->older = NULL;
	reply->up = 0;
}

void reply_remove(struct kernel *k, struct reply *reply, struct tcb *tcb)
{
	if (is_newest(reply)) {
		pop(k, reply, tcb);
		return;
	}
	break_chain(reply);
	reply_unlink(k, reply, tcb);
}

void reply_remove_tcb(struct kernel *k, struct tcb *tcb)
{
	struct reply *reply = tcb->reply;
	break_chain(reply);
	reply_unlink(k, reply, tcb);
}

/* The caller may run again: at once, or when it has budget, or its timeout handler hears of it. */
static void resume_caller(struct kernel *k, struct tcb *caller, bool timed_out)
{
	struct sched_context *sc = caller->sc;
	if (sc == NULL || !thread_is_runnable(caller) || !sc_is_active(sc))
		return;
	if (budget_is_ready(k, sc) && budget_is_sufficient(k, sc, 0))
		schedule_wake(k, caller);
	else if (!timed_out && cap_kind(caller->slots[TCB_SLOT_TIMEOUT].cap) == CAP_ENDPOINT)
		fault_timeout(k, caller);
	else
		budget_postpone(k, sc);
}

void reply_send(struct kernel *k, struct tcb *sender, struct reply *reply, bool can_grant)
{
	struct tcb *caller = reply->tcb;
	if (caller == NULL || caller->state != THREAD_BLOCKED_ON_REPLY)
		return;
	reply_remove(k, reply, caller);
	budget_unblock_sporadic(k, caller->sc);
	word fault = caller->fault.kind;
	if (fault == seL4_Fault_NullFault) {
		message_transfer(k, sender, NULL, 0, can_grant, caller);
		thread_set_state(k, caller, THREAD_RUNNING);
	} else {
		bool goes_on = fault_take_reply(caller, sender);
		caller->fault.kind = seL4_Fault_NullFault;
		thread_set_state(k, caller, goes_on ? THREAD_RESTART : THREAD_INACTIVE);
	}
	resume_caller(k, caller, fault == seL4_Fault_Timeout);
}

void reply_finalise(struct kernel *k, struct reply *reply)
{
	struct tcb *tcb = reply->tcb;
	if (tcb == NULL)
		return;
	if (tcb->state == THREAD_BLOCKED_ON_REPLY)
		reply_remove(k, reply, tcb);
	else
		thread_cancel_ipc(k, tcb);
}
