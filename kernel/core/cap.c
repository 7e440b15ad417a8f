/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules of capabilities, kind by kind: what covers what, rights, badges and guards, what may be copied. Pure: nothing
 * here changes anything. */
#include "kernel/core/slot.h"

#define NO_OBJECT 0u
#define VARIABLE  0xffu

static const uint8_t object_bits[CAP_KIND_COUNT] = {
	[CAP_UNTYPED] = VARIABLE,
	[CAP_ENDPOINT] = seL4_EndpointBits,
	[CAP_NOTIFICATION] = seL4_NotificationBits,
	[CAP_REPLY] = seL4_ReplyBits,
	[CAP_CNODE] = VARIABLE,
	[CAP_TCB] = seL4_TCBBits,
	[CAP_SCHED_CONTEXT] = VARIABLE,
	[CAP_ZOMBIE] = VARIABLE,
	[CAP_FRAME] = VARIABLE,
	[CAP_PAGE_TABLE] = seL4_PageTableBits,
	[CAP_PAGE_DIRECTORY] = seL4_PageDirBits,
	[CAP_PDPT] = seL4_PDPTBits,
	[CAP_VSPACE] = seL4_VSpaceBits,
	[CAP_IO_PAGE_TABLE] = seL4_IOPageTableBits,
	[CAP_ASID_POOL] = seL4_ASIDPoolBits,
};

static unsigned variable_bits(struct cap cap)
{
	switch (cap_kind(cap)) {
	case CAP_FRAME:
		return cap_frame_bits(cap);
	case CAP_UNTYPED:
		return cap_untyped_bits(cap);
	case CAP_CNODE:
		return cap_cnode_radix(cap) + seL4_SlotBits;
	case CAP_SCHED_CONTEXT:
		return cap_sched_context_bits(cap);
	default: /* zombie */
		return cap_zombie_is_tcb(cap) ? seL4_TCBBits : cap_zombie_radix(cap) + seL4_SlotBits;
	}
}

unsigned cap_object_bits(struct cap cap)
{
	unsigned bits = object_bits[cap_kind(cap)];
	return bits == VARIABLE ? variable_bits(cap) : bits;
}

/* Does the memory of untyped or frame a hold all of the object of b? */
static bool memory_covers(struct cap a, unsigned a_bits, struct cap b)
{
	unsigned b_bits = cap_object_bits(b);
	word offset = (word)cap_object(b) - (word)cap_object(a);
	return b_bits != NO_OBJECT && b_bits <= a_bits && offset < 1ul << a_bits;
}

bool cap_covers(struct cap a, struct cap b)
{
	enum cap_kind kind = cap_kind(a);
	if (kind == CAP_UNTYPED)
		return memory_covers(a, cap_untyped_bits(a), b);
	if (kind != cap_kind(b))
		return (kind == CAP_IRQ_CONTROL && cap_kind(b) == CAP_IRQ_HANDLER)
		       || (kind == CAP_IO_PORT_CONTROL && cap_kind(b) == CAP_IO_PORT);
	switch (kind) {
	case CAP_NULL:
	case CAP_ZOMBIE:
		return false;
	case CAP_FRAME:
		return memory_covers(a, cap_frame_bits(a), b);
	case CAP_IRQ_HANDLER:
	case CAP_IO_PORT:
		return cap_is_identical(a, b);
	default: /* one object, or a control, of which there is one */
		return cap_object(a) == cap_object(b);
	}
}

bool cap_is_same_object(struct cap a, struct cap b)
{
	if (cap_kind(a) != cap_kind(b) || cap_kind(a) == CAP_UNTYPED || cap_kind(a) == CAP_IRQ_CONTROL)
		return false;
	if (cap_kind(a) == CAP_FRAME)
		return cap_object(a) == cap_object(b) && cap_frame_size(a) == cap_frame_size(b)
		       && cap_frame_is_device(a) == cap_frame_is_device(b);
	return cap_covers(a, b);
}

struct cap cap_mask_rights(struct cap cap, word rights)
{
	switch (cap_kind(cap)) {
	case CAP_ENDPOINT:
	case CAP_NOTIFICATION:
	case CAP_REPLY:
		return cap_with_rights(cap, cap_rights(cap) & rights);
	case CAP_FRAME:
		/* Writing without reading does not exist: it leaves neither. */
		rights &= cap_frame_rights(cap);
		return cap_frame_with_rights(cap, rights & ABI_RIGHT_READ ? rights : 0);
	default:
		return cap;
	}
}

static struct cap update_guard(struct cap cap, word data)
{
	unsigned guard_bits = (unsigned)abi_guard_bits(data);
	unsigned radix = cap_cnode_radix(cap);
	if (guard_bits + radix > seL4_WordBits)
		return cap_null();
	word guard = abi_guard(data) & ((1ul << guard_bits) - 1);
	return cap_cnode(cap_object(cap), radix, abi_cnode_data(guard, guard_bits));
}

struct cap cap_update_data(struct cap cap, word data, bool is_move)
{
	switch (cap_kind(cap)) {
	case CAP_ENDPOINT:
	case CAP_NOTIFICATION:
		return !is_move && cap_badge(cap) == 0 ? cap_with_badge(cap, data) : cap_null();
	case CAP_CNODE:
		return update_guard(cap, data);
	default:
		return cap;
	}
}

word cap_derive(struct cte *slot, struct cap cap, struct cap *derived)
{
	*derived = cap;
	switch (cap_kind(cap)) {
	case CAP_ZOMBIE:
	case CAP_IRQ_CONTROL:
	case CAP_IO_PORT_CONTROL:
		*derived = cap_null();
		return seL4_NoError;
	case CAP_UNTYPED:
		return slot_check_no_children(slot);
	case CAP_FRAME:
		*derived = cap_with_mapping(cap, 0, 0);
		return seL4_NoError;
	case CAP_PAGE_TABLE:
	case CAP_PAGE_DIRECTORY:
	case CAP_PDPT:
	case CAP_VSPACE:
	case CAP_IO_PAGE_TABLE:
		return cap_is_mapped(cap) ? seL4_NoError : seL4_IllegalOperation;
	default:
		return seL4_NoError;
	}
}
