/* SPDX-License-Identifier: BSD-2-Clause */
/* Endpoints: a queue of threads that wait to send, or of threads that wait to receive, by priority.
 *
 * Invariants
 *  E1  The state is idle if and only if the queue is empty.
 *  E2  Every thread in the queue is blocked on this endpoint in the way the state says. */
#include "kernel/core/ipc.h"
#include "kernel/core/thread.h"

#define STATE_MASK 3ul

static enum endpoint_state state_of(const struct endpoint *endpoint)
{
	return (enum endpoint_state)(endpoint->head & STATE_MASK);
}

static struct thread_queue queue_of(const struct endpoint *endpoint)
{
	struct thread_queue queue = { (struct tcb *)(endpoint->head & ~STATE_MASK), (struct tcb *)endpoint->tail };
	return queue;
}

static void set_queue(struct endpoint *endpoint, const struct thread_queue *queue, enum endpoint_state state)
{
	endpoint->head = (word)queue->head | (queue->head != NULL ? (word)state : (word)ENDPOINT_IDLE);
	endpoint->tail = (word)queue->tail;
}

static void append(struct endpoint *endpoint, struct tcb *tcb, enum endpoint_state state)
{
	struct thread_queue queue = queue_of(endpoint);
	queue_insert_by_priority(&queue, tcb);
	set_queue(endpoint, &queue, state);
}

void endpoint_remove(struct endpoint *endpoint, struct tcb *tcb)
{
	struct thread_queue queue = queue_of(endpoint);
	queue_remove(&queue, tcb);
	set_queue(endpoint, &queue, state_of(endpoint));
}

void endpoint_reorder(struct endpoint *endpoint, struct tcb *tcb)
{
	enum endpoint_state state = state_of(endpoint);
	endpoint_remove(endpoint, tcb);
	append(endpoint, tcb, state);
}

static struct tcb *take_first(struct endpoint *endpoint)
{
	struct tcb *first = queue_of(endpoint).head;
	endpoint_remove(endpoint, first);
	return first;
}

static void block_sender(struct kernel *k, struct tcb *sender, struct endpoint *endpoint, const struct send *how)
{
	sender->blocked_on = endpoint;
	sender->blocked_badge = how->badge;
	sender->blocked_can_grant = how->can_grant;
	sender->blocked_can_grant_reply = how->can_grant_reply;
	sender->blocked_is_call = how->is_call;
	thread_set_state(k, sender, THREAD_BLOCKED_ON_SEND);
	append(endpoint, sender, ENDPOINT_SENDING);
}

/* A sender that expects an answer waits on the reply object; without one, or without the right, it stops for good. */
static void await_reply(struct kernel *k, struct tcb *sender, struct tcb *receiver, struct reply *reply, bool may_reply,
                        bool can_donate)
{
	if (reply != NULL && may_reply)
		reply_push(k, sender, receiver, reply, can_donate);
	else
		thread_set_state(k, sender, THREAD_INACTIVE);
}

void endpoint_send(struct kernel *k, struct tcb *sender, struct endpoint *endpoint, const struct send *how)
{
	if (state_of(endpoint) != ENDPOINT_RECEIVING) {
		if (how->can_block)
			block_sender(k, sender, endpoint, how);
		return;
	}
	struct tcb *receiver = take_first(endpoint);
	message_transfer(k, sender, endpoint, how->badge, how->can_grant, receiver);
	struct reply *reply = receiver->reply;
	if (reply != NULL)
		reply_unlink(k, reply, receiver);
	if (how->is_call || sender->fault.kind != seL4_Fault_NullFault)
		await_reply(k, sender, receiver, reply, how->can_grant || how->can_grant_reply, how->can_donate);
	else if (how->can_donate && receiver->sc == NULL && sender->sc != NULL)
		sc_donate(k, sender->sc, receiver);
	thread_set_state(k, receiver, THREAD_RUNNING);
	budget_unblock_sporadic(k, receiver->sc);
	schedule_wake(k, receiver);
}

static void block_receiver(struct kernel *k, struct tcb *receiver, struct endpoint *endpoint, struct reply *reply)
{
	receiver->blocked_on = endpoint;
	receiver->reply = NULL;
	if (reply != NULL)
		reply_link(reply, receiver);
	thread_set_state(k, receiver, THREAD_BLOCKED_ON_RECEIVE);
	append(endpoint, receiver, ENDPOINT_RECEIVING);
}

static void take_message(struct kernel *k, struct tcb *receiver, struct endpoint *endpoint, struct reply *reply)
{
	struct tcb *sender = take_first(endpoint);
	message_transfer(k, sender, endpoint, sender->blocked_badge, sender->blocked_can_grant, receiver);
	budget_unblock_sporadic(k, sender->sc);
	bool may_reply = sender->blocked_can_grant || sender->blocked_can_grant_reply;
	if (sender->blocked_is_call || sender->fault.kind != seL4_Fault_NullFault) {
		await_reply(k, sender, receiver, reply, may_reply, sender->fault.kind != seL4_Fault_Timeout);
	} else {
		thread_set_state(k, sender, THREAD_RUNNING);
		schedule_wake(k, sender);
	}
}

void endpoint_receive(struct kernel *k, struct tcb *receiver, struct endpoint *endpoint, bool can_block,
                      struct reply *reply)
{
	/* A reply object in use is taken away from whoever holds it: that caller never gets an answer. */
	if (reply != NULL && reply->tcb != NULL && reply->tcb != receiver)
		thread_cancel_ipc(k, reply->tcb);
	struct notification *bound = receiver->bound_notification;
	if (bound != NULL && bound->state == NOTIFICATION_ACTIVE) {
		notification_take(k, bound, receiver);
		return;
	}
	if (bound != NULL && can_block)
		notification_return_sc(k, bound, receiver);
	if (state_of(endpoint) == ENDPOINT_SENDING)
		take_message(k, receiver, endpoint, reply);
	else if (can_block)
		block_receiver(k, receiver, endpoint, reply);
	else
		receiver->registers[REG_BADGE] = 0;
}

/* A thread taken out of a queue tries its call again; one that was about to report a fault stays stopped. */
static void restart_unless_faulted(struct kernel *k, struct tcb *tcb)
{
	if (tcb->fault.kind != seL4_Fault_NullFault) {
		thread_set_state(k, tcb, THREAD_INACTIVE);
		return;
	}
	thread_set_state(k, tcb, THREAD_RESTART);
	budget_unblock_sporadic(k, tcb->sc);
	schedule_wake(k, tcb);
}

void endpoint_cancel_all(struct kernel *k, struct endpoint *endpoint)
{
	if (state_of(endpoint) == ENDPOINT_IDLE)
		return;
	while (state_of(endpoint) != ENDPOINT_IDLE) {
		struct tcb *tcb = take_first(endpoint);
		if (tcb->state == THREAD_BLOCKED_ON_RECEIVE && tcb->reply != NULL)
			reply_unlink(k, tcb->reply, tcb);
		restart_unless_faulted(k, tcb);
	}
	schedule_again(k);
}

void endpoint_cancel_badged(struct kernel *k, struct endpoint *endpoint, word badge)
{
	if (state_of(endpoint) != ENDPOINT_SENDING)
		return;
	struct tcb *next;
	for (struct tcb *tcb = queue_of(endpoint).head; tcb != NULL; tcb = next) {
		next = tcb->queue_next;
		if (tcb->blocked_badge == badge) {
			endpoint_remove(endpoint, tcb);
			restart_unless_faulted(k, tcb);
		}
	}
	schedule_again(k);
}
