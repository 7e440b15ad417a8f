/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads as the scheduler sees them: states, queues, time. */
#pragma once
#include "kernel/core/kernel.h"

/* ---- states ---- */
static inline bool thread_is_runnable(const struct tcb *tcb)
{
	return tcb->state == THREAD_RUNNING || tcb->state == THREAD_RESTART;
}

static inline bool thread_is_blocked(const struct tcb *tcb)
{
	return tcb->state >= THREAD_BLOCKED_ON_RECEIVE && tcb->state <= THREAD_BLOCKED_ON_NOTIFICATION;
}

/* Could it be running now, were its priority high enough? */
static inline bool thread_is_schedulable(const struct tcb *tcb)
{
	return thread_is_runnable(tcb) && tcb->sc != NULL && tcb->sc->refill_max != 0 && !tcb->is_waiting_for_budget;
}

/* Every change of state goes through here: the scheduler learns that the current thread can't go on. */
static inline void thread_set_state(struct kernel *k, struct tcb *tcb, enum thread_state state)
{
	tcb->state = (word)state;
	if (tcb == k->current && !thread_is_schedulable(tcb))
		k->must_choose = true;
}

/* Stops a thread: it leaves whatever it waits for, and does not run until it is restarted. */
void thread_suspend(struct kernel *k, struct tcb *tcb);

/* Makes a stopped or blocked thread run again from its restart address; without effect on one that runs. */
void thread_restart(struct kernel *k, struct tcb *tcb);

/* Takes a thread out of the wait for IPC or a signal; it is inactive then, and its fault forgotten. */
void thread_cancel_ipc(struct kernel *k, struct tcb *tcb);

void thread_set_priority(struct kernel *k, struct tcb *tcb, uint8_t priority);

/* The IPC buffer of a thread as the kernel reaches it, or NULL: none, a device, or not writable though it has to be. */
static inline word *thread_buffer(const struct tcb *tcb, bool for_writing)
{
	struct cap frame = tcb->slots[TCB_SLOT_BUFFER].cap;
	if (cap_kind(frame) != CAP_FRAME || cap_frame_is_device(frame))
		return NULL;
	word rights = cap_frame_rights(frame);
	if ((rights & ABI_RIGHT_READ) == 0 || (for_writing && (rights & ABI_RIGHT_WRITE) == 0))
		return NULL;
	word offset = tcb->buffer_address & ((1ul << cap_frame_bits(frame)) - 1);
	return (word *)((uint8_t *)cap_object(frame) + offset);
}

/* Writes word i of a message; buffer may be NULL. Returns the length the message has then at most. */
static inline word thread_set_message(struct tcb *tcb, word *buffer, word i, word value)
{
	if (i < MESSAGE_REGISTERS) {
		tcb->registers[REG_MESSAGE + i] = value;
		return i + 1;
	}
	if (buffer == NULL)
		return MESSAGE_REGISTERS;
	buffer[i + 1] = value;
	return i + 1;
}

/* Writes a time as messages carry it, from word i on: low word first, in as many words as it takes. */
#define TIME_WORDS (64u / seL4_WordBits)
static inline word thread_set_time(struct tcb *tcb, word *buffer, word i, uint64_t us)
{
	word length = thread_set_message(tcb, buffer, i, (word)us);
#if ABI_WORD_BITS == 32
	length = thread_set_message(tcb, buffer, i + 1, (word)(us >> 32));
#endif
	return length;
}

static inline void thread_set_reply(struct tcb *tcb, word label, word length)
{
	tcb->registers[REG_BADGE] = 0;
	tcb->registers[REG_INFO] = seL4_MessageInfo_new(label, 0, 0, length).words[0];
}

/* ---- queues ordered by priority, of endpoints and notifications ---- */
void queue_insert_by_priority(struct thread_queue *queue, struct tcb *tcb);
void queue_remove(struct thread_queue *queue, struct tcb *tcb);

/* ---- the scheduler (schedule.c) ---- */
void schedule_enqueue(struct kernel *k, struct tcb *tcb); /* to the front of its ready queue */
void schedule_append(struct kernel *k, struct tcb *tcb);  /* to the end */
void schedule_dequeue(struct kernel *k, struct tcb *tcb); /* without effect if it is in none */

/* Forces a choice at the end of this entry. */
void schedule_again(struct kernel *k);

/* A thread has become runnable: it may be switched to at once. */
void schedule_wake(struct kernel *k, struct tcb *tcb);

/* End of an entry: picks the thread to run. */
struct tcb *schedule(struct kernel *k);

/* ---- budgets (budget.c) ---- */
static inline struct refill *budget_refill(struct sched_context *sc, word i)
{
	return (struct refill *)(sc + 1) + i;
}

static inline struct refill *budget_head(struct sched_context *sc)
{
	return budget_refill(sc, sc->refill_head);
}

static inline bool sc_is_active(const struct sched_context *sc)
{
	return sc->refill_max != 0;
}

static inline bool sc_is_round_robin(const struct sched_context *sc)
{
	return sc->period == 0;
}

/* How many refills an object of that size holds. */
static inline word budget_refills_max(unsigned size_bits)
{
	return ((1ul << size_bits) - sizeof(struct sched_context)) / sizeof(struct refill);
}

/* Reads the clock: now, and what the current scheduling context consumed. */
void budget_update_time(struct kernel *k);

/* May the head refill be used now? The time known is enough for a yes. */
static inline bool budget_is_ready(struct kernel *k, struct sched_context *sc)
{
	if (budget_head(sc)->time <= k->now)
		return true;
	budget_update_time(k);
	return budget_head(sc)->time <= k->now;
}

/* Is it enough to enter and leave the kernel, after that much was used? */
static inline bool budget_is_sufficient(const struct kernel *k, struct sched_context *sc, uint64_t usage)
{
	uint64_t amount = budget_head(sc)->amount;
	return usage <= amount && amount - usage >= k->ticks_min;
}

void budget_set(struct kernel *k, struct sched_context *sc, word refills, uint64_t budget, uint64_t period);
void budget_change(struct kernel *k, struct sched_context *sc, word refills, uint64_t budget, uint64_t period);

/* A context begins to be used again, from now on: what it saved up beyond its budget while it was idle is lost. The clock has
 * been read just before; with an older time it would get its budget back too early. */
void budget_unblock(struct kernel *k, struct sched_context *sc);

/* The same for the sporadic ones only, when their thread becomes runnable. */
static inline void budget_unblock_sporadic(struct kernel *k, struct sched_context *sc)
{
	if (sc == NULL || !sc->is_sporadic || sc == k->current_sc)
		return;
	budget_update_time(k);
	budget_unblock(k, sc);
}

/* Reads the clock and charges the current scheduling context; ends its thread's turn if nothing is left. */
void budget_charge(struct kernel *k);

/* Gives up what is left of the current scheduling context's head refill. */
void budget_yield(struct kernel *k);

/* Puts the thread of a context without usable budget into the release queue. */
void budget_postpone(struct kernel *k, struct sched_context *sc);

/* Takes a thread out of the release queue; without effect if it is not in it. */
void budget_release_remove(struct kernel *k, struct tcb *tcb);

/* Wakes the threads whose budget is back. */
void budget_wake_released(struct kernel *k);

/* Tells the port when the next decision is due. */
void budget_set_deadline(struct kernel *k);

/* ---- scheduling contexts (sched_context.c) ---- */
/* The thread bound to it is runnable: wait for budget if there is none. */
void sc_resume(struct kernel *k, struct sched_context *sc);
void sc_bind_tcb(struct kernel *k, struct sched_context *sc, struct tcb *tcb);
void sc_unbind_tcb(struct kernel *k, struct sched_context *sc);
void sc_donate(struct kernel *k, struct sched_context *sc, struct tcb *to);
void sc_unbind_notification(struct sched_context *sc);
void sc_cancel_yield_to(struct tcb *tcb);
void sc_complete_yield_to(struct kernel *k, struct tcb *yielder);
void sc_finalise(struct kernel *k, struct sched_context *sc);
/* Microseconds consumed since the last time it was asked. */
uint64_t sc_take_consumed(struct kernel *k, struct sched_context *sc);
