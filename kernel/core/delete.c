/* SPDX-License-Identifier: BSD-2-Clause */
/* Deleting and revoking capabilities, and what happens to an object with its last one.
 *
 * The last capability of a CNode or TCB takes the slots inside along. It turns into a zombie, which stays where the
 * capability was and counts the slots that may still hold something, from the end. A CNode inside a CNode becomes a zombie
 * too; then the outer one waits in the first slot of the inner one while the inner one is emptied, so that any depth needs
 * no stack and the work can stop after every slot and be taken up again by the same system call.
 *
 * Invariants
 *  D1  There is at most one zombie of an object, and no other capability to it.
 *  D2  Slots of a zombie's object from its count on are empty.
 *  D3  A zombie that waits for another lies in the first slot of that one's object. */
#include "kernel/core/invoke.h"
#include "kernel/core/ipc.h"
#include "kernel/core/irq.h"
#include "kernel/core/slot.h"
#include "kernel/core/thread.h"

bool preemption_point(struct kernel *k)
{
	if (++k->work_units < PREEMPTION_INTERVAL)
		return false;
	k->work_units = 0;
	return port_interrupt_pending(k);
}

bool slot_is_long_to_delete(const struct cte *slot)
{
	enum cap_kind kind = cap_kind(slot->cap);
	return (kind == CAP_TCB || kind == CAP_ZOMBIE || kind == CAP_CNODE) && slot_is_final(slot);
}

static void notification_finalise(struct kernel *k, struct notification *notification)
{
	if (notification->sc != NULL)
		sc_unbind_notification(notification->sc);
	notification_unbind(notification);
	notification_cancel_all(k, notification);
}

static void tcb_finalise(struct kernel *k, struct tcb *tcb)
{
	if (tcb->bound_notification != NULL)
		notification_unbind(tcb->bound_notification);
	if (tcb->sc != NULL) {
		struct tcb *yielder = tcb->sc->yield_from;
		sc_unbind_tcb(k, tcb->sc);
		if (yielder != NULL)
			sc_complete_yield_to(k, yielder);
	}
	thread_suspend(k, tcb);
	port_fpu_release(k, tcb);
}

/* What stays of a capability when it is deleted: nothing, or a zombie. */
static struct cap finalise(struct kernel *k, struct cap cap, bool is_final)
{
	switch (cap_kind(cap)) {
	case CAP_FRAME:
		frame_finalise(k, cap, is_final);
		return cap_null();
	case CAP_PAGE_TABLE:
	case CAP_PAGE_DIRECTORY:
	case CAP_PDPT:
	case CAP_VSPACE:
	case CAP_IO_PAGE_TABLE:
		table_finalise(k, cap, is_final);
		return cap_null();
	case CAP_ASID_POOL:
		asid_pool_finalise(k, cap, is_final);
		return cap_null();
	case CAP_IO_PORT:
		io_port_finalise(k, cap, is_final);
		return cap_null();
	case CAP_ZOMBIE:
		return cap;
	default:
		break;
	}
	if (!is_final)
		return cap_null();
	switch (cap_kind(cap)) {
	case CAP_ENDPOINT:
		endpoint_cancel_all(k, cap_object(cap));
		return cap_null();
	case CAP_NOTIFICATION:
		notification_finalise(k, cap_object(cap));
		return cap_null();
	case CAP_REPLY:
		reply_finalise(k, cap_object(cap));
		return cap_null();
	case CAP_SCHED_CONTEXT:
		sc_finalise(k, cap_object(cap));
		return cap_null();
	case CAP_IRQ_HANDLER:
		irq_finalise(k, cap_irq(cap));
		return cap_null();
	case CAP_CNODE:
		return cap_zombie(cap_object(cap), cap_cnode_radix(cap), false, 1ul << cap_cnode_radix(cap));
	case CAP_TCB:
		tcb_finalise(k, cap_object(cap));
		return cap_zombie(cap_object(cap), 0, true, TCB_SLOT_COUNT);
	default:
		return cap_null();
	}
}

/* Has what stays of a capability nothing left to empty, but perhaps the slot it lies in? */
static bool is_done(struct cap rest, const struct cte *slot)
{
	if (cap_is_null(rest))
		return true;
	return cap_zombie_slots(rest) == 0 || (cap_zombie_slots(rest) == 1 && cap_object(rest) == slot);
}

static void exchange(struct cte *a, struct cte *b)
{
	slot_swap(a->cap, a, b->cap, b);
}

/* slot holds the outer zombie, end the inner one, end being the last slot of the outer one's object. Afterwards slot
 * holds the inner one, its first slot the outer one, and end what was in that first slot. */
static void descend(struct cte *slot, struct cte *end)
{
	struct cte *first = cap_object(end->cap);
	exchange(slot, end);
	if (first != slot)
		exchange(end, first);
}

/* How many slots of an object are left below a run of empty ones at the end; looks at a bounded number. */
static word skip_empty(const struct cte *first, word count)
{
	for (unsigned looks = 0; looks < EMPTY_SLOTS_PER_UNIT && count > 0 && cte_is_empty(&first[count - 1]); looks++)
		count--;
	return count;
}

/* Empties the last slot of the zombie's object; what is in there may have turned into a zombie itself. */
static void empty_last(struct kernel *k, struct cte *slot, struct cte *first, word count)
{
	struct cte *end = &first[count - 1];
	if (cte_is_empty(end)) {
		slot->cap = cap_zombie_with_slots(slot->cap, skip_empty(first, count));
		return;
	}
	struct cap rest = finalise(k, end->cap, slot_is_final(end));
	if (is_done(rest, end)) {
		slot_clear(end);
		slot->cap = cap_zombie_with_slots(slot->cap, count - 1);
		return;
	}
	end->cap = rest;
	if (count > 1) {
		descend(slot, end);
	} else {
		/* Nothing but it is left inside: it takes the place of the outer one. */
		slot_clear(slot);
		slot_move(rest, end, slot);
	}
}

word slot_delete(struct kernel *k, struct cte *slot)
{
	while (!cte_is_empty(slot)) {
		struct cap rest = finalise(k, slot->cap, slot_is_final(slot));
		if (is_done(rest, slot)) {
			slot_clear(slot);
			return 0;
		}
		slot->cap = rest;
		struct cte *first = cap_object(rest);
		word count = cap_zombie_slots(rest);
		if (&first[count - 1] == slot) {
			/* It lies inside its own object: go on from the first slot, which is emptied last. */
			exchange(slot, first);
			slot = first;
		} else {
			empty_last(k, slot, first, count);
		}
		if (preemption_point(k))
			return INVOKE_PREEMPTED;
	}
	return 0;
}

void slot_delete_one(struct kernel *k, struct cte *slot)
{
	if (cte_is_empty(slot))
		return;
	struct cap rest = finalise(k, slot->cap, slot_is_final(slot));
	kernel_assert(k, cap_is_null(rest), "a capability that takes long to delete");
	slot_clear(slot);
}

word slot_revoke(struct kernel *k, struct cte *slot)
{
	for (;;) {
		struct cte *child = cte_next(slot);
		if (child == NULL || !slot_is_parent_of(slot, child))
			return 0;
		word status = slot_delete(k, child);
		if (status != 0)
			return status;
		if (preemption_point(k))
			return INVOKE_PREEMPTED;
	}
}
