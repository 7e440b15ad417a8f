/* SPDX-License-Identifier: BSD-2-Clause */
/* Stopping and starting threads. */
#include "kernel/core/thread.h"
#include "kernel/core/ipc.h"

void thread_cancel_ipc(struct kernel *k, struct tcb *tcb)
{
	tcb->fault.kind = seL4_Fault_NullFault;
	switch (tcb->state) {
	case THREAD_BLOCKED_ON_RECEIVE:
	case THREAD_BLOCKED_ON_SEND:
		endpoint_remove(tcb->blocked_on, tcb);
		if (tcb->state == THREAD_BLOCKED_ON_RECEIVE && tcb->reply != NULL)
			reply_unlink(k, tcb->reply, tcb);
		thread_set_state(k, tcb, THREAD_INACTIVE);
		break;
	case THREAD_BLOCKED_ON_NOTIFICATION:
		notification_remove(tcb->blocked_on, tcb);
		thread_set_state(k, tcb, THREAD_INACTIVE);
		break;
	case THREAD_BLOCKED_ON_REPLY:
		reply_remove_tcb(k, tcb);
		break;
	default:
		break;
	}
}

void thread_suspend(struct kernel *k, struct tcb *tcb)
{
	thread_cancel_ipc(k, tcb);
	/* A thread in user code goes on where it is; one in a system call tries that again. */
	if (tcb->state == THREAD_RUNNING)
		tcb->registers[REG_FAULT_IP] = tcb->registers[REG_NEXT_IP];
	schedule_dequeue(k, tcb);
	budget_release_remove(k, tcb);
	sc_cancel_yield_to(tcb);
	thread_set_state(k, tcb, THREAD_INACTIVE);
}

void thread_restart(struct kernel *k, struct tcb *tcb)
{
	if (tcb->state != THREAD_INACTIVE && !thread_is_blocked(tcb))
		return;
	thread_cancel_ipc(k, tcb);
	thread_set_state(k, tcb, THREAD_RESTART);
	if (tcb->sc == NULL)
		return;
	budget_unblock_sporadic(k, tcb->sc);
	sc_resume(k, tcb->sc);
	schedule_wake(k, tcb);
}

void thread_set_priority(struct kernel *k, struct tcb *tcb, uint8_t priority)
{
	if (tcb->state == THREAD_BLOCKED_ON_RECEIVE || tcb->state == THREAD_BLOCKED_ON_SEND) {
		tcb->priority = priority;
		endpoint_reorder(tcb->blocked_on, tcb);
	} else if (tcb->state == THREAD_BLOCKED_ON_NOTIFICATION) {
		tcb->priority = priority;
		notification_reorder(tcb->blocked_on, tcb);
	} else if (tcb->is_queued || tcb == k->current) {
		schedule_dequeue(k, tcb);
		tcb->priority = priority;
		if (thread_is_schedulable(tcb))
			schedule_enqueue(k, tcb);
		schedule_again(k);
	} else {
		tcb->priority = priority;
	}
}
