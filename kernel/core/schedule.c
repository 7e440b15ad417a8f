/* SPDX-License-Identifier: BSD-2-Clause */
/* The scheduler: ready queues, and the choice at the end of every kernel entry.
 *
 * Invariants
 *  S1  A thread is in a ready queue only if it is schedulable, and in the one of its priority.
 *  S2  A bit of the bitmap is set if and only if its queue is not empty.
 *  S3  Between entries every schedulable thread but the current one is in a ready queue.
 *  S4  k->candidate is in no queue.
 *
 * Absent on purpose: domains in the sense of time partitions, several cores. */
#include "kernel/core/thread.h"

static void ready_mark(struct kernel *k, word priority)
{
	k->ready_words[priority / PRIORITY_WORD_BITS] |= 1ull << priority % PRIORITY_WORD_BITS;
	k->ready_summary |= 1ul << priority / PRIORITY_WORD_BITS;
}

static void ready_unmark(struct kernel *k, word priority)
{
	uint64_t *bits = &k->ready_words[priority / PRIORITY_WORD_BITS];
	*bits &= ~(1ull << priority % PRIORITY_WORD_BITS);
	if (*bits == 0)
		k->ready_summary &= ~(1ul << priority / PRIORITY_WORD_BITS);
}

/* The highest priority with a ready thread; there is one. */
static word ready_highest(const struct kernel *k)
{
	unsigned top = (unsigned)(seL4_WordBits - 1 - __builtin_clzl(k->ready_summary));
	return top * PRIORITY_WORD_BITS + 63u - (unsigned)__builtin_clzll(k->ready_words[top]);
}

void schedule_enqueue(struct kernel *k, struct tcb *tcb)
{
	if (tcb->is_queued)
		return;
	struct thread_queue *queue = &k->ready[tcb->priority];
	tcb->queue_previous = NULL;
	tcb->queue_next = queue->head;
	if (queue->head != NULL) {
		queue->head->queue_previous = tcb;
	} else {
		queue->tail = tcb;
		ready_mark(k, tcb->priority);
	}
	queue->head = tcb;
	tcb->is_queued = true;
}

void schedule_append(struct kernel *k, struct tcb *tcb)
{
	if (tcb->is_queued)
		return;
	struct thread_queue *queue = &k->ready[tcb->priority];
	tcb->queue_next = NULL;
	tcb->queue_previous = queue->tail;
	if (queue->tail != NULL) {
		queue->tail->queue_next = tcb;
	} else {
		queue->head = tcb;
		ready_mark(k, tcb->priority);
	}
	queue->tail = tcb;
	tcb->is_queued = true;
}

void schedule_dequeue(struct kernel *k, struct tcb *tcb)
{
	if (!tcb->is_queued)
		return;
	struct thread_queue *queue = &k->ready[tcb->priority];
	queue_remove(queue, tcb);
	if (queue->head == NULL)
		ready_unmark(k, tcb->priority);
	tcb->is_queued = false;
}

void queue_remove(struct thread_queue *queue, struct tcb *tcb)
{
	if (tcb->queue_previous != NULL)
		tcb->queue_previous->queue_next = tcb->queue_next;
	else
		queue->head = tcb->queue_next;
	if (tcb->queue_next != NULL)
		tcb->queue_next->queue_previous = tcb->queue_previous;
	else
		queue->tail = tcb->queue_previous;
	tcb->queue_next = NULL;
	tcb->queue_previous = NULL;
}

/* Behind the last thread that is at least as important. Threads usually have equal priorities, so search from the end. */
void queue_insert_by_priority(struct thread_queue *queue, struct tcb *tcb)
{
	struct tcb *before = queue->tail;
	while (before != NULL && before->priority < tcb->priority)
		before = before->queue_previous;
	tcb->queue_previous = before;
	tcb->queue_next = before != NULL ? before->queue_next : queue->head;
	if (before != NULL)
		before->queue_next = tcb;
	else
		queue->head = tcb;
	if (tcb->queue_next != NULL)
		tcb->queue_next->queue_previous = tcb;
	else
		queue->tail = tcb;
}

void schedule_again(struct kernel *k)
{
	struct tcb *candidate = k->candidate;
	k->candidate = NULL;
	k->must_choose = true;
	if (candidate != NULL && thread_is_schedulable(candidate))
		schedule_enqueue(k, candidate);
}

void schedule_wake(struct kernel *k, struct tcb *tcb)
{
	if (tcb == k->current || tcb->is_queued || !thread_is_schedulable(tcb))
		return;
	if (!budget_is_ready(k, tcb->sc)) {
		/* It used up its budget up to the moment it blocked. */
		budget_postpone(k, tcb->sc);
		return;
	}
	if (tcb->sc->has_had_turn) {
		/* Its turn ended with the call that it comes back from; seL4 makes it wait before such a call. */
		tcb->sc->has_had_turn = false;
		schedule_again(k);
		schedule_append(k, tcb);
		return;
	}
	if (k->candidate == NULL) {
		k->candidate = tcb;
		return;
	}
	/* Several threads want to be next: let the queues decide. */
	schedule_again(k);
	schedule_enqueue(k, tcb);
}

static void switch_to(struct kernel *k, struct tcb *tcb)
{
	schedule_dequeue(k, tcb);
	k->current = tcb;
	port_switch_space(k, tcb);
}

static void choose_highest(struct kernel *k)
{
	if (k->ready_summary != 0)
		switch_to(k, k->ready[ready_highest(k)].head);
	else
		switch_to(k, &k->idle);
}

/* Is the thread, which is in no queue, at least as important as every ready one? */
static bool is_highest(const struct kernel *k, const struct tcb *tcb)
{
	return k->ready_summary == 0 || tcb->priority >= ready_highest(k);
}

/* Can the candidate simply take over the current context's time? It does after a call to a passive server and its
 * reply; then the clock need not be read. */
static bool takes_over(const struct kernel *k, const struct tcb *candidate)
{
	return candidate->sc == k->current_sc && !thread_is_schedulable(k->current) && is_highest(k, candidate);
}

/* The current thread goes on; a thread woken by it waits: behind those of the same priority, but before others of a
 * lower one that were preempted. */
static void keep_current(struct kernel *k, struct tcb *candidate)
{
	k->candidate = NULL;
	if (candidate->priority == k->current->priority)
		schedule_append(k, candidate);
	else
		schedule_enqueue(k, candidate);
}

static void choose(struct kernel *k)
{
	struct tcb *candidate = k->candidate;
	if (candidate != NULL && thread_is_schedulable(candidate)) {
		if (!k->must_choose && thread_is_schedulable(k->current) && candidate->priority <= k->current->priority) {
			keep_current(k, candidate);
			return;
		}
		if (takes_over(k, candidate)) {
			switch_to(k, candidate);
			return;
		}
	}
	budget_charge(k);
	schedule_again(k);
	if (thread_is_schedulable(k->current))
		schedule_enqueue(k, k->current);
	choose_highest(k);
}

static void follow_context(struct kernel *k)
{
	struct sched_context *sc = k->current->sc;
	if (sc == k->current_sc)
		return;
	k->must_set_deadline = true;
	k->current_sc = sc;
	if (sc != NULL && !sc->is_sporadic)
		budget_unblock(k, sc);
}

struct tcb *schedule(struct kernel *k)
{
	if (k->release.head != NULL)
		budget_wake_released(k);
	if (k->candidate != NULL || k->must_choose) {
		choose(k);
		k->candidate = NULL;
		k->must_choose = false;
		follow_context(k);
	}
	if (k->must_set_deadline)
		budget_set_deadline(k);
	struct tcb *tcb = k->current;
	if (tcb->yield_to != NULL)
		sc_complete_yield_to(k, tcb);
	if (tcb->state == THREAD_RESTART) {
		tcb->registers[REG_NEXT_IP] = tcb->registers[REG_FAULT_IP];
		tcb->state = THREAD_RUNNING;
	}
	return tcb;
}
