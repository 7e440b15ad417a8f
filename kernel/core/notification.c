/* SPDX-License-Identifier: BSD-2-Clause */
/* Notifications: signals that add up, threads that wait for them, and the thread bound to one, which hears them in its
 * receive calls too.
 *
 * Invariants
 *  N1  The state is waiting if and only if the queue is not empty.
 *  N2  Every thread in the queue is blocked on this notification.
 *  N3  A bound thread and its notification point at each other. */
#include "kernel/core/ipc.h"
#include "kernel/core/thread.h"

static void set_queue(struct notification *notification, const struct thread_queue *queue)
{
	notification->head = queue->head;
	notification->tail = queue->tail;
	notification->state = queue->head != NULL ? NOTIFICATION_WAITING : NOTIFICATION_IDLE;
}

static void append(struct notification *notification, struct tcb *tcb)
{
	struct thread_queue queue = { notification->head, notification->tail };
	queue_insert_by_priority(&queue, tcb);
	set_queue(notification, &queue);
}

void notification_remove(struct notification *notification, struct tcb *tcb)
{
	struct thread_queue queue = { notification->head, notification->tail };
	queue_remove(&queue, tcb);
	set_queue(notification, &queue);
}

void notification_reorder(struct notification *notification, struct tcb *tcb)
{
	notification_remove(notification, tcb);
	append(notification, tcb);
}

/* A thread without a context runs on the notification's, if nobody uses that. */
static void lend_sc(struct kernel *k, struct notification *notification, struct tcb *tcb)
{
	struct sched_context *sc = notification->sc;
	if (tcb->sc != NULL || sc == NULL || sc->tcb != NULL)
		return;
	sc_donate(k, sc, tcb);
	sc_resume(k, sc);
}

void notification_return_sc(struct kernel *k, struct notification *notification, struct tcb *tcb)
{
	struct sched_context *sc = notification->sc;
	if (sc == NULL || sc != tcb->sc)
		return;
	tcb->sc = NULL;
	sc->tcb = NULL;
	if (tcb == k->current)
		schedule_again(k);
}

/* The thread has the signal and goes on. */
static void wake(struct kernel *k, struct notification *notification, struct tcb *tcb, word badge)
{
	thread_set_state(k, tcb, THREAD_RUNNING);
	tcb->registers[REG_BADGE] = badge;
	lend_sc(k, notification, tcb);
	schedule_wake(k, tcb);
	budget_unblock_sporadic(k, tcb->sc);
}

static void signal_idle(struct kernel *k, struct notification *notification, word badge)
{
	struct tcb *bound = notification->bound_tcb;
	if (bound != NULL && bound->state == THREAD_BLOCKED_ON_RECEIVE) {
		thread_cancel_ipc(k, bound);
		wake(k, notification, bound, badge);
		return;
	}
	notification->state = NOTIFICATION_ACTIVE;
	notification->badge = badge;
}

void notification_signal(struct kernel *k, struct notification *notification, word badge)
{
	if (notification->state == NOTIFICATION_ACTIVE) {
		notification->badge |= badge;
	} else if (notification->state == NOTIFICATION_IDLE) {
		signal_idle(k, notification, badge);
	} else {
		struct tcb *first = notification->head;
		notification_remove(notification, first);
		wake(k, notification, first, badge);
	}
}

void notification_take(struct kernel *k, struct notification *notification, struct tcb *tcb)
{
	tcb->registers[REG_BADGE] = notification->badge;
	notification->state = NOTIFICATION_IDLE;
	lend_sc(k, notification, tcb);
	budget_unblock_sporadic(k, tcb->sc);
}

void notification_wait(struct kernel *k, struct tcb *tcb, struct notification *notification, bool can_block)
{
	if (notification->state == NOTIFICATION_ACTIVE) {
		notification_take(k, notification, tcb);
	} else if (can_block) {
		tcb->blocked_on = notification;
		thread_set_state(k, tcb, THREAD_BLOCKED_ON_NOTIFICATION);
		append(notification, tcb);
		notification_return_sc(k, notification, tcb);
	} else {
		tcb->registers[REG_BADGE] = 0;
	}
}

void notification_cancel_all(struct kernel *k, struct notification *notification)
{
	if (notification->state != NOTIFICATION_WAITING)
		return;
	while (notification->head != NULL) {
		struct tcb *tcb = notification->head;
		notification_remove(notification, tcb);
		thread_set_state(k, tcb, THREAD_RESTART);
		budget_unblock_sporadic(k, tcb->sc);
		schedule_wake(k, tcb);
	}
	schedule_again(k);
}

void notification_bind(struct notification *notification, struct tcb *tcb)
{
	notification->bound_tcb = tcb;
	tcb->bound_notification = notification;
}

void notification_unbind(struct notification *notification)
{
	if (notification->bound_tcb == NULL)
		return;
	notification->bound_tcb->bound_notification = NULL;
	notification->bound_tcb = NULL;
}
