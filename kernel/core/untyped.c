/* SPDX-License-Identifier: BSD-2-Clause */
/* Untyped memory: the only place where objects come from.
 *
 * Invariants
 *  U1  Memory of an untyped at and after its watermark is zero, unless it is device memory.
 *  U2  Every object made from it and not yet revoked lies below the watermark. */
#include "kernel/core/slot.h"

struct retype {
	word        type;
	word        size; /* as asked for: bits, meaning per type */
	unsigned    bits; /* of one object */
	struct cte *slots;
	word        count;
	word        offset; /* of the first object in the untyped */
	bool        needs_reset;
	bool        is_device;
};

#define VARIABLE 0xffu

static const uint8_t type_bits[seL4_ObjectTypeCount] = {
	[seL4_UntypedObject] = VARIABLE,
	[seL4_TCBObject] = seL4_TCBBits,
	[seL4_EndpointObject] = seL4_EndpointBits,
	[seL4_NotificationObject] = seL4_NotificationBits,
	[seL4_CapTableObject] = VARIABLE,
	[seL4_SchedContextObject] = VARIABLE,
	[seL4_ReplyObject] = seL4_ReplyBits,
	[seL4_X86_4K] = seL4_PageBits,
	[seL4_X86_LargePageObject] = seL4_LargePageBits,
	[seL4_X86_PageTableObject] = seL4_PageTableBits,
	[seL4_X86_PageDirectoryObject] = seL4_PageDirBits,
#if ABI_WORD_BITS == 64
	[seL4_X86_PDPTObject] = seL4_PDPTBits,
	[seL4_X64_PML4Object] = seL4_PML4Bits,
	[seL4_X64_HugePageObject] = seL4_HugePageBits,
#endif
#if ABI_IOMMU
	[seL4_X86_IOPageTableObject] = seL4_IOPageTableBits,
#endif
};

static bool is_frame_type(word type)
{
#if ABI_WORD_BITS == 64
	if (type == seL4_X64_HugePageObject)
		return true;
#endif
	return type == seL4_X86_4K || type == seL4_X86_LargePageObject;
}

static unsigned object_bits(word type, word size)
{
	if (type_bits[type] != VARIABLE)
		return type_bits[type];
	return (unsigned)size + (type == seL4_CapTableObject ? seL4_SlotBits : 0);
}

static struct cap create_memory_object(struct kernel *k, const struct retype *how, void *at)
{
	switch (how->type) {
	case seL4_X86_4K:
		return cap_frame(at, FRAME_4K, ABI_RIGHT_READ | ABI_RIGHT_WRITE, how->is_device);
	case seL4_X86_LargePageObject:
		return cap_frame(at, FRAME_LARGE, ABI_RIGHT_READ | ABI_RIGHT_WRITE, how->is_device);
	case seL4_X86_PageTableObject:
		return cap_table(CAP_PAGE_TABLE, at);
#if ABI_WORD_BITS == 64
	case seL4_X64_HugePageObject:
		return cap_frame(at, FRAME_HUGE, ABI_RIGHT_READ | ABI_RIGHT_WRITE, how->is_device);
	case seL4_X86_PageDirectoryObject:
		return cap_table(CAP_PAGE_DIRECTORY, at);
	case seL4_X86_PDPTObject:
		return cap_table(CAP_PDPT, at);
#endif
#if ABI_IOMMU
	case seL4_X86_IOPageTableObject:
		return cap_table(CAP_IO_PAGE_TABLE, at);
#endif
	default:
		port_vspace_init(k, at);
		return cap_vspace(at, 0);
	}
}

/* Makes an object out of zeroed memory; the capability has all rights. */
static struct cap create_object(struct kernel *k, const struct retype *how, void *at)
{
	switch (how->type) {
	case seL4_UntypedObject:
		return cap_untyped(at, (unsigned)how->size, how->is_device, 0);
	case seL4_TCBObject:
		port_tcb_init(k, at);
		return cap_tcb(at);
	case seL4_EndpointObject:
		return cap_endpoint(at, ABI_RIGHTS_ALL, 0);
	case seL4_NotificationObject:
		return cap_notification(at, ABI_RIGHTS_ALL, 0);
	case seL4_CapTableObject:
		return cap_cnode(at, (unsigned)how->size, 0);
	case seL4_SchedContextObject:
		return cap_sched_context(at, (unsigned)how->size);
	case seL4_ReplyObject:
		return cap_reply(at, ABI_RIGHTS_ALL);
	default:
		return create_memory_object(k, how, at);
	}
}

/* Clears everything below the watermark, from the top, so that the watermark stays true if it is interrupted. Without
 * children nobody uses it any more. */
static word reset(struct kernel *k, struct cte *slot)
{
	struct cap cap = slot->cap;
	uint8_t *base = cap_object(cap);
	word used = cap_untyped_used_bytes(cap);
	if (cap_untyped_is_device(cap))
		used = 0;
	while (used > 0) {
		word from = used <= 1ul << CLEAR_CHUNK_BITS ? 0 : (used - 1) & ~((1ul << CLEAR_CHUNK_BITS) - 1);
		port_clear(base + from, used - from);
		used = from;
		slot->cap = cap_untyped_with_used(cap, used);
		if (used > 0 && port_interrupt_pending(k))
			return INVOKE_PREEMPTED;
	}
	slot->cap = cap_untyped_with_used(cap, 0);
	return seL4_NoError;
}

static word retype_do(struct kernel *k, struct cte *untyped, const struct retype *how)
{
	if (how->needs_reset && reset(k, untyped) != seL4_NoError)
		return INVOKE_PREEMPTED;
	uint8_t *at = (uint8_t *)cap_object(untyped->cap) + how->offset;
	untyped->cap = cap_untyped_with_used(untyped->cap, how->offset + (how->count << how->bits));
	for (word i = 0; i < how->count; i++)
		slot_insert_object(create_object(k, how, at + (i << how->bits)), untyped, &how->slots[i]);
	return seL4_NoError;
}

/* ---- checks, in the interface's order ---- */
static word check_type_and_size(struct invocation *call, struct retype *how)
{
	if (how->type >= seL4_ObjectTypeCount)
		return refuse_argument(call, 0);
	if (how->size >= seL4_WordBits || object_bits(how->type, how->size) > seL4_MaxUntypedBits)
		return refuse_range(call, 0, seL4_MaxUntypedBits);
	how->bits = object_bits(how->type, how->size);
	if ((how->type == seL4_CapTableObject && how->size == 0)
	    || (how->type == seL4_UntypedObject && how->size < seL4_MinUntypedBits)
	    || (how->type == seL4_SchedContextObject && how->size < seL4_MinSchedContextBits))
		return refuse_argument(call, 1);
	return seL4_NoError;
}

static word find_node(struct kernel *k, struct invocation *call, struct cap *node)
{
	word depth = invocation_word(k, call, 3);
	*node = call->extra[0]->cap;
	if (depth != 0) {
		struct cte *slot;
		word status = lookup_target_slot(call, *node, invocation_word(k, call, 2), depth, false, &slot);
		if (status != seL4_NoError)
			return status;
		*node = slot->cap;
	}
	if (cap_kind(*node) == CAP_CNODE)
		return seL4_NoError;
	struct lookup_failure why = lookup_missing(depth);
	return refuse_lookup(call, false, &why);
}

static word check_window(struct kernel *k, struct invocation *call, struct cap node, struct retype *how)
{
	word node_slots = 1ul << cap_cnode_radix(node);
	word first = invocation_word(k, call, 4);
	how->count = invocation_word(k, call, 5);
	if (first > node_slots - 1)
		return refuse_range(call, 0, node_slots - 1);
	if (how->count < 1 || how->count > RETYPE_OBJECTS_MAX)
		return refuse_range(call, 1, RETYPE_OBJECTS_MAX);
	if (how->count > node_slots - first)
		return refuse_range(call, 1, node_slots - first);
	how->slots = (struct cte *)cap_object(node) + first;
	for (word i = 0; i < how->count; i++) {
		if (!cte_is_empty(&how->slots[i]))
			return refuse(seL4_DeleteFirst);
	}
	return seL4_NoError;
}

static word check_memory(struct invocation *call, struct retype *how)
{
	how->needs_reset = slot_check_no_children(call->slot) == seL4_NoError;
	word used = how->needs_reset ? 0 : cap_untyped_used_bytes(call->cap);
	word free_bytes = (1ul << cap_untyped_bits(call->cap)) - used;
	if (free_bytes >> how->bits < how->count)
		return refuse_memory(call, free_bytes);
	how->is_device = cap_untyped_is_device(call->cap);
	if (how->is_device && !is_frame_type(how->type) && how->type != seL4_UntypedObject)
		return refuse_argument(call, 1);
	/* An untyped is aligned to its size, so aligning the offset aligns the address; and what fits, fits aligned. */
	word align = 1ul << how->bits;
	how->offset = (used + align - 1) & ~(align - 1);
	return seL4_NoError;
}

word untyped_decode(struct kernel *k, struct invocation *call)
{
	if (call->label != UntypedRetype)
		return refuse(seL4_IllegalOperation);
	if (call->length < 6 || call->extra[0] == NULL)
		return refuse(seL4_TruncatedMessage);
	struct retype how = { .type = invocation_word(k, call, 0), .size = invocation_word(k, call, 1) };
	struct cap node;
	word status = check_type_and_size(call, &how);
	if (status == seL4_NoError)
		status = find_node(k, call, &node);
	if (status == seL4_NoError)
		status = check_window(k, call, node, &how);
	if (status == seL4_NoError)
		status = check_memory(call, &how);
	if (status != seL4_NoError)
		return status;
	return retype_do(k, call->slot, &how);
}
