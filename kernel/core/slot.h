/* SPDX-License-Identifier: BSD-2-Clause */
/* Slots: finding them, the rules of capabilities, and the derivation tree. */
#pragma once
#include "kernel/core/invoke.h"

/* ---- lookup (cspace.c) ---- */
/* Follows an address of so many bits from a CNode capability. Returns the slot where it ends: all bits used (*left is
 * 0), or a slot that holds no CNode (*left bits remain); NULL with the reason if it leads nowhere. */
struct cte *cspace_resolve(struct cap root, word address, unsigned bits, unsigned *left, struct lookup_failure *why);

/* The slot that a capability address of a thread names; bits that remain do not matter, as in every system call. */
static inline struct cte *cspace_find(const struct tcb *tcb, word address, struct lookup_failure *why)
{
	unsigned left;
	return cspace_resolve(tcb->slots[TCB_SLOT_CSPACE].cap, address, seL4_WordBits, &left, why);
}

static inline struct lookup_failure lookup_missing(word bits_left)
{
	struct lookup_failure failure = { seL4_MissingCapability, bits_left, 0, 0 };
	return failure;
}

/* As CNode invocations find a slot: depth 1 .. word bits, and all of it used. Without a refusal: for receive slots. */
struct cte *cspace_target(struct cap root, word index, word depth, struct lookup_failure *why);

/* ---- rules (cap.c) ---- */
/* Does a cover b: an untyped the memory of an object, a control the things made with it, or the same object? */
bool cap_covers(struct cap a, struct cap b);
bool cap_is_same_object(struct cap a, struct cap b);
/* Less rights, never more. */
struct cap cap_mask_rights(struct cap cap, word rights);
/* Badge or guard; null if that can't be set. is_move: the capability itself is moved, a badge stays as it is. */
struct cap cap_update_data(struct cap cap, word data, bool is_move);
/* Size of the object's memory, 0 for a capability without. */
unsigned cap_object_bits(struct cap cap);

/* ---- tree (tree.c) ---- */
bool slot_is_parent_of(const struct cte *a, const struct cte *b);
/* Puts a capability to a fresh object below its untyped, into an empty slot. */
static inline void slot_insert_object(struct cap cap, struct cte *untyped, struct cte *slot)
{
	struct cte *next = cte_next(untyped);
	slot->cap = cap;
	cte_set_node(slot, untyped, next, CTE_FLAGS);
	if (next != NULL)
		cte_set_previous(next, slot);
	cte_set_next(untyped, slot);
}
void slot_move(struct cap cap, struct cte *from, struct cte *to);
/* Exchanges two slots: a goes to where b was, b to where a was, perhaps with other guards. */
void slot_swap(struct cap cap_a, struct cte *a, struct cap cap_b, struct cte *b);
/* Takes a capability out of its slot and the list. */
void slot_clear(struct cte *slot);

/* ---- deletion (delete.c): 0 or INVOKE_PREEMPTED ---- */
word slot_delete(struct kernel *k, struct cte *slot);
word slot_revoke(struct kernel *k, struct cte *slot);
/* Would deleting it take long? The last capability of a CNode or TCB, or what is left of one. */
bool slot_is_long_to_delete(const struct cte *slot);
/* A unit of a long operation is done. Is it to be interrupted? */
bool preemption_point(struct kernel *k);
