/* SPDX-License-Identifier: BSD-2-Clause */
/* Address-space identifiers: what makes a VSpace root usable, and what frames and tables remember of it.
 *
 * Invariants: A1 ASID 0 is never assigned; A2 k->asid_pools[i] is NULL or the pool of ASIDs i *
 * 2^seL4_ASIDPoolIndexBits ..;
 * A3 an ASID belongs to at most one root, and a root that was deleted has none. */
#include "kernel/core/paging.h"
#include <sel4/invocation.h>

#define POOL_COUNT   (1u << seL4_NumASIDPoolsBits)
#define POOL_ENTRIES (1u << seL4_ASIDPoolIndexBits)

void *vspace_of_asid(const struct kernel *k, word asid)
{
	const struct asid_pool *pool = asid ? k->asid_pools[asid >> seL4_ASIDPoolIndexBits & (POOL_COUNT - 1)] : NULL;
	return pool ? (void *)pool->roots[asid & (POOL_ENTRIES - 1)] : NULL;
}

word vspace_check(struct kernel *k, struct invocation *call, struct cap vspace, word number)
{
	void *root = vspace_of_asid(k, cap_mapped_asid(vspace));
	if (!root) {
		struct lookup_failure failure = { .type = seL4_InvalidRoot };
		return refuse_lookup(call, false, &failure);
	}
	return root != cap_object(vspace) ? refuse_capability(call, number) : seL4_NoError;
}

void asid_assign(struct asid_pool *pool, word asid, struct cte *vspace)
{
	pool->roots[asid & (POOL_ENTRIES - 1)] = (word)cap_object(vspace->cap);
	vspace->cap = cap_with_mapping(vspace->cap, asid, 0);
}

static unsigned first_free_pool(const struct kernel *k)
{
	unsigned i = 0;
	while (i < POOL_COUNT && k->asid_pools[i]) {
		i++;
	}
	return i;
}

/* The untyped becomes the pool: whole, cleared, and used up. */
static void make_pool(struct kernel *k, unsigned number, struct cte *untyped, struct cte *slot)
{
	struct asid_pool *pool = cap_object(untyped->cap);
	untyped->cap = cap_untyped_with_used(untyped->cap, 1ul << seL4_ASIDPoolBits);
	port_clear(pool, sizeof *pool);
	slot_insert(cap_asid_pool(pool, (word)number << seL4_ASIDPoolIndexBits), untyped, slot);
	k->asid_pools[number] = pool;
}

word asid_control_decode(struct kernel *k, struct invocation *call)
{
	if (call->label != X86ASIDControlMakePool) {
		return refuse(seL4_IllegalOperation);
	}
	if (call->length < 2 || !call->extra[0] || !call->extra[1]) {
		return refuse(seL4_TruncatedMessage);
	}
	unsigned number = first_free_pool(k);
	if (number == POOL_COUNT) {
		return refuse(seL4_DeleteFirst);
	}
	struct cap untyped = call->extra[0]->cap;
	if (cap_kind(untyped) != CAP_UNTYPED || cap_untyped_bits(untyped) != seL4_ASIDPoolBits
	    || cap_untyped_is_device(untyped)) {
		return refuse_capability(call, 1);
	}
	struct cte *slot = NULL;
	word error = slot_check_no_children(call->extra[0]);
	if (!error) {
		error = lookup_target_slot(call, call->extra[1]->cap, invocation_word(k, call, 0),
		                           invocation_word(k, call, 1), false,
		                           &slot);
	}
	if (!error) {
		error = slot_check_empty(slot);
	}
	if (error) {
		return error;
	}
	make_pool(k, number, call->extra[0], slot);
	return seL4_NoError;
}

/* The lowest free ASID of a pool, or one past it. */
static word first_free_asid(const struct asid_pool *pool, word first)
{
	word i = first == 0 ? 1 : 0;
	while (i < POOL_ENTRIES && pool->roots[i]) {
		i++;
	}
	return first + i;
}

word asid_pool_decode(struct kernel *k, struct invocation *call)
{
	if (call->label != X86ASIDPoolAssign) {
		return refuse(seL4_IllegalOperation);
	}
	if (!call->extra[0]) {
		return refuse(seL4_TruncatedMessage);
	}
	struct cap vspace = call->extra[0]->cap;
	if (cap_kind(vspace) != CAP_VSPACE || cap_is_mapped(vspace)) {
		return refuse_capability(call, 1);
	}
	word first = cap_asid_pool_first(call->cap);
	struct asid_pool *pool = k->asid_pools[first >> seL4_ASIDPoolIndexBits];
	if (!pool) {
		struct lookup_failure failure = { .type = seL4_InvalidRoot };
		return refuse_lookup(call, false, &failure);
	}
	if (pool != cap_object(call->cap)) {
		return refuse_capability(call, 0);
	}
	word asid = first_free_asid(pool, first);
	if (asid == first + POOL_ENTRIES) {
		return refuse(seL4_DeleteFirst);
	}
	asid_assign(pool, asid, call->extra[0]);
	return seL4_NoError;
}

void asid_pool_finalise(struct kernel *k, struct cap cap, bool is_final)
{
	word number = cap_asid_pool_first(cap) >> seL4_ASIDPoolIndexBits;
	if (is_final && k->asid_pools[number] == cap_object(cap)) {
		k->asid_pools[number] = NULL;
		port_switch_space(k, k->current);
	}
}
