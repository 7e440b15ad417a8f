/* SPDX-License-Identifier: BSD-2-Clause */
/* The derivation tree, kept as one list in which every capability comes before its descendants.
 *
 * Invariants
 *  T1  A slot is empty if and only if it is in no list.
 *  T2  Neighbours point at each other.
 *  T3  The descendants of a slot are the longest run of slots after it that it is parent of.
 *  T4  Capabilities to one object lie next to each other, those derived from one after it. */
#include "kernel/core/slot.h"

bool slot_is_parent_of(const struct cte *a, const struct cte *b)
{
	if (!cte_is_revocable(a) || !cap_covers(a->cap, b->cap))
		return false;
	if (cap_kind(a->cap) != CAP_ENDPOINT && cap_kind(a->cap) != CAP_NOTIFICATION)
		return true;
	/* A badged one is parent of its copies, not of others that got the same badge on their own. */
	word badge = cap_badge(a->cap);
	return badge == 0 || (badge == cap_badge(b->cap) && !cte_is_first_badged(b));
}

bool slot_is_final(const struct cte *slot)
{
	const struct cte *previous = cte_previous(slot);
	const struct cte *next = cte_next(slot);
	return (previous == NULL || !cap_is_same_object(previous->cap, slot->cap))
	       && (next == NULL || !cap_is_same_object(slot->cap, next->cap));
}

word slot_check_empty(const struct cte *slot)
{
	return cte_is_empty(slot) ? seL4_NoError : seL4_DeleteFirst;
}

word slot_check_no_children(const struct cte *slot)
{
	const struct cte *next = cte_next(slot);
	return next != NULL && slot_is_parent_of(slot, next) ? seL4_RevokeFirst : seL4_NoError;
}

/* May a capability derived from source be revoked on its own? */
static bool is_revocable(struct cap cap, struct cap source)
{
	switch (cap_kind(cap)) {
	case CAP_ENDPOINT:
	case CAP_NOTIFICATION:
		return cap_badge(cap) != cap_badge(source);
	case CAP_IRQ_HANDLER:
		return cap_kind(source) == CAP_IRQ_CONTROL;
	case CAP_IO_PORT:
		return cap_kind(source) == CAP_IO_PORT_CONTROL;
	case CAP_UNTYPED:
		return true;
	default:
		return false;
	}
}

void slot_insert(struct cap cap, struct cte *parent, struct cte *slot)
{
	struct cte *next = cte_next(parent);
	word flags = is_revocable(cap, parent->cap) ? CTE_FLAGS : 0;
	/* A copy of an untyped counts as made from all of it: else both would hand out the same memory. */
	if (cap_kind(cap) == CAP_UNTYPED && cap_object(cap) == cap_object(parent->cap)
	    && cap_kind(parent->cap) == CAP_UNTYPED && cap_untyped_bits(cap) == cap_untyped_bits(parent->cap))
		parent->cap = cap_untyped_with_used(parent->cap, 1ul << cap_untyped_bits(cap));
	slot->cap = cap;
	cte_set_node(slot, parent, next, flags);
	if (next != NULL)
		cte_set_previous(next, slot);
	cte_set_next(parent, slot);
}

/* The neighbours of a node that has come to this slot point at it again. */
static void adopt_neighbours(struct cte *slot)
{
	if (cte_previous(slot) != NULL)
		cte_set_next(cte_previous(slot), slot);
	if (cte_next(slot) != NULL)
		cte_set_previous(cte_next(slot), slot);
}

void slot_move(struct cap cap, struct cte *from, struct cte *to)
{
	to->previous = from->previous;
	to->next = from->next;
	to->cap = cap;
	from->cap = cap_null();
	cte_set_node(from, NULL, NULL, 0);
	adopt_neighbours(to);
}

void slot_swap(struct cap cap_a, struct cte *a, struct cap cap_b, struct cte *b)
{
	struct cte held = { cap_null(), 0, 0 };
	slot_move(cap_a, a, &held);
	slot_move(cap_b, b, a);
	slot_move(cap_a, &held, b);
}

void slot_clear(struct cte *slot)
{
	struct cte *previous = cte_previous(slot);
	struct cte *next = cte_next(slot);
	if (previous != NULL)
		cte_set_next(previous, next);
	if (next != NULL) {
		cte_set_previous(next, previous);
		next->next |= slot->next & CTE_FIRST_BADGED;
	}
	slot->cap = cap_null();
	cte_set_node(slot, NULL, NULL, 0);
}
