/* SPDX-License-Identifier: BSD-2-Clause */
/* Invocations of CNodes: copying, moving and deleting capabilities. */
#include "kernel/core/invoke.h"
#include "kernel/core/ipc.h"
#include "kernel/core/slot.h"

/* Copy, Mint, Move and Mutate take a source from another CNode: words 2 and 3. What comes after differs. */
static word find_source(struct kernel *k, struct invocation *call, struct cte **source)
{
	word depth = invocation_word(k, call, 3);
	word status = lookup_target_slot(call, call->extra[0]->cap, invocation_word(k, call, 2), depth, true, source);
	if (status != seL4_NoError)
		return status;
	if (cte_is_empty(*source)) {
		struct lookup_failure why = lookup_missing(depth);
		return refuse_lookup(call, true, &why);
	}
	return seL4_NoError;
}

static word copy_decode(struct kernel *k, struct invocation *call, struct cte *source, struct cte *target)
{
	bool is_mint = call->label == CNodeMint;
	if (call->length < (is_mint ? 6u : 5u))
		return refuse(seL4_TruncatedMessage);
	struct cap cap = cap_mask_rights(source->cap, invocation_word(k, call, 4));
	if (is_mint)
		cap = cap_update_data(cap, invocation_word(k, call, 5), false);
	word status = cap_derive(source, cap, &cap);
	if (status != seL4_NoError)
		return status;
	if (cap_is_null(cap))
		return refuse(seL4_IllegalOperation);
	slot_insert(cap, source, target);
	return seL4_NoError;
}

static word move_decode(struct kernel *k, struct invocation *call, struct cte *source, struct cte *target)
{
	struct cap cap = source->cap;
	if (call->label == CNodeMutate) {
		if (call->length < 5)
			return refuse(seL4_TruncatedMessage);
		cap = cap_update_data(cap, invocation_word(k, call, 4), true);
	}
	if (cap_is_null(cap))
		return refuse(seL4_IllegalOperation);
	slot_move(cap, source, target);
	return seL4_NoError;
}

static word copy_or_move_decode(struct kernel *k, struct invocation *call, struct cte *target)
{
	if (call->length < 4 || call->extra[0] == NULL)
		return refuse(seL4_TruncatedMessage);
	struct cte *source;
	word status = slot_check_empty(target);
	if (status == seL4_NoError)
		status = find_source(k, call, &source);
	if (status != seL4_NoError)
		return status;
	if (call->label == CNodeCopy || call->label == CNodeMint)
		return copy_decode(k, call, source, target);
	return move_decode(k, call, source, target);
}

static word cancel_badged_sends_decode(struct kernel *k, const struct cte *target)
{
	struct cap cap = target->cap;
	if (cap_kind(cap) != CAP_ENDPOINT || cap_rights(cap) != ABI_RIGHTS_ALL)
		return refuse(seL4_IllegalOperation);
	if (cap_badge(cap) != 0)
		endpoint_cancel_badged(k, cap_object(cap), cap_badge(cap));
	return seL4_NoError;
}

/* ---- Rotate: source to pivot, pivot to target; target and source may be the same slot ---- */
struct rotation {
	struct cte *source;
	struct cte *pivot;
	struct cte *target;
	struct cap  new_source;
	struct cap  new_pivot;
};

static word rotate_check_slots(struct kernel *k, struct invocation *call, const struct rotation *move)
{
	if (move->pivot == move->source || move->pivot == move->target)
		return refuse(seL4_IllegalOperation);
	if (move->source != move->target && !cte_is_empty(move->target))
		return refuse(seL4_DeleteFirst);
	if (cte_is_empty(move->source)) {
		struct lookup_failure why = lookup_missing(invocation_word(k, call, 7));
		return refuse_lookup(call, true, &why);
	}
	if (cte_is_empty(move->pivot)) {
		struct lookup_failure why = lookup_missing(invocation_word(k, call, 4));
		return refuse_lookup(call, false, &why);
	}
	return seL4_NoError;
}

static void rotate_do(const struct rotation *move)
{
	if (move->source == move->target) {
		slot_swap(move->new_source, move->source, move->new_pivot, move->pivot);
	} else {
		slot_move(move->new_pivot, move->pivot, move->target);
		slot_move(move->new_source, move->source, move->pivot);
	}
}

static word rotate_decode(struct kernel *k, struct invocation *call, struct cte *target)
{
	if (call->length < 8 || call->extra[0] == NULL || call->extra[1] == NULL)
		return refuse(seL4_TruncatedMessage);
	struct rotation move = { .target = target };
	word status = lookup_target_slot(call, call->extra[1]->cap, invocation_word(k, call, 6), invocation_word(k, call, 7),
	                                 true, &move.source);
	if (status == seL4_NoError)
		status = lookup_target_slot(call, call->extra[0]->cap, invocation_word(k, call, 3), invocation_word(k, call, 4),
		                            true, &move.pivot);
	if (status == seL4_NoError)
		status = rotate_check_slots(k, call, &move);
	if (status != seL4_NoError)
		return status;
	move.new_source = cap_update_data(move.source->cap, invocation_word(k, call, 5), true);
	move.new_pivot = cap_update_data(move.pivot->cap, invocation_word(k, call, 2), true);
	if (cap_is_null(move.new_source) || cap_is_null(move.new_pivot))
		return refuse(seL4_IllegalOperation);
	rotate_do(&move);
	return seL4_NoError;
}

word cnode_decode(struct kernel *k, struct invocation *call)
{
	if (call->label < CNodeRevoke || call->label > CNodeRotate)
		return refuse(seL4_IllegalOperation);
	if (call->length < 2)
		return refuse(seL4_TruncatedMessage);
	struct cte *target;
	word status = lookup_target_slot(call, call->cap, invocation_word(k, call, 0), invocation_word(k, call, 1), false,
	                                 &target);
	if (status != seL4_NoError)
		return status;
	switch (call->label) {
	case CNodeRevoke:
		return slot_revoke(k, target);
	case CNodeDelete:
		return slot_delete(k, target);
	case CNodeCancelBadgedSends:
		return cancel_badged_sends_decode(k, target);
	case CNodeRotate:
		return rotate_decode(k, call, target);
	default:
		return copy_or_move_decode(k, call, target);
	}
}
