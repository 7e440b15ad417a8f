/* SPDX-License-Identifier: BSD-2-Clause */
/* The packing of capabilities for 64-bit words. Included by cap.h only.
 *
 *   first word   bits 0..4 kind, 5..15 extra (11 bits), 16..63 object address (48 bits, sign-extended)
 *   second word  data, meaning per kind
 *
 * kind            extra                                    data
 * untyped         size bits (6), device (1)                bytes handed out so far (watermark)
 * endpoint        rights (4)                               badge
 * notification    rights (2)                               badge
 * reply           rights (4; grant alone counts)           -
 * cnode           radix (6)                                guard << 6 | guard bits, as user code writes it
 * tcb             -                                        -
 * sched context   size bits (6)                            -
 * irq handler     -                                        interrupt number
 * zombie          radix (6), is a TCB (1)                  slots that may still hold something
 * frame           size (2), rights (2), device (1)         mapped address | ASID; ASID 0 = not mapped
 * page tables     -                                        mapped address | ASID; ASID 0 = not mapped
 * VSpace root     -                                        ASID; 0 = none assigned
 * ASID pool       -                                        first ASID
 * I/O ports       -                                        first | last << 16
 */
#pragma once

#define CAP_EXTRA_SHIFT   5
#define CAP_EXTRA_BITS    11
#define CAP_ADDRESS_SHIFT (CAP_EXTRA_SHIFT + CAP_EXTRA_BITS)

static inline struct cap cap_pack(enum cap_kind kind, const void *object, word extra, word data)
{
	struct cap cap = { { (word)object << CAP_ADDRESS_SHIFT | extra << CAP_EXTRA_SHIFT | (word)kind, data } };
	return cap;
}

static inline enum cap_kind cap_kind(struct cap cap)
{
	return (enum cap_kind)(cap.words[0] & 31u);
}

/* Address of the object as the kernel reaches it; NULL for kinds without an object. */
static inline void *cap_object(struct cap cap)
{
	return (void *)((sword)cap.words[0] >> CAP_ADDRESS_SHIFT);
}

static inline word cap_extra(struct cap cap, unsigned shift, unsigned bits)
{
	return cap.words[0] >> (CAP_EXTRA_SHIFT + shift) & ((1ul << bits) - 1);
}

static inline struct cap cap_with_extra(struct cap cap, unsigned shift, unsigned bits, word value)
{
	word mask = ((1ul << bits) - 1) << (CAP_EXTRA_SHIFT + shift);
	cap.words[0] = (cap.words[0] & ~mask) | (value << (CAP_EXTRA_SHIFT + shift) & mask);
	return cap;
}

static inline word cap_data(struct cap cap)
{
	return cap.words[1];
}

static inline struct cap cap_with_data(struct cap cap, word data)
{
	cap.words[1] = data;
	return cap;
}

/* A kind that has neither object nor fields; cap_null and the controls. */
static inline struct cap cap_control(enum cap_kind kind)
{
	return cap_pack(kind, NULL, 0, 0);
}

/* ---- untyped ---- */
static inline struct cap cap_untyped(const void *base, unsigned size_bits, bool is_device, word used_bytes)
{
	return cap_pack(CAP_UNTYPED, base, size_bits | (word)is_device << 6, used_bytes);
}

static inline unsigned cap_untyped_bits(struct cap cap)
{
	return (unsigned)cap_extra(cap, 0, 6);
}

static inline bool cap_untyped_is_device(struct cap cap)
{
	return cap_extra(cap, 6, 1) != 0;
}

static inline word cap_untyped_used_bytes(struct cap cap)
{
	return cap_data(cap);
}

static inline struct cap cap_untyped_with_used(struct cap cap, word used_bytes)
{
	return cap_with_data(cap, used_bytes);
}

/* ---- endpoint, notification, reply: rights are the ABI_RIGHT_ bits ---- */
static inline struct cap cap_endpoint(const void *endpoint, word rights, word badge)
{
	return cap_pack(CAP_ENDPOINT, endpoint, rights & ABI_RIGHTS_ALL, badge);
}

static inline struct cap cap_notification(const void *notification, word rights, word badge)
{
	return cap_pack(CAP_NOTIFICATION, notification, rights & (ABI_RIGHT_READ | ABI_RIGHT_WRITE), badge);
}

static inline struct cap cap_reply(const void *reply, word rights)
{
	return cap_pack(CAP_REPLY, reply, rights & ABI_RIGHT_GRANT, 0);
}

static inline word cap_rights(struct cap cap)
{
	return cap_extra(cap, 0, 4);
}

static inline struct cap cap_with_rights(struct cap cap, word rights)
{
	return cap_with_extra(cap, 0, 4, rights);
}

static inline bool cap_has_right(struct cap cap, word right)
{
	return (cap.words[0] & right << CAP_EXTRA_SHIFT) != 0;
}

static inline word cap_badge(struct cap cap)
{
	return cap_data(cap);
}

static inline struct cap cap_with_badge(struct cap cap, word badge)
{
	return cap_with_data(cap, badge);
}

/* ---- CNode ---- */
/* guard_data: guard and its length as user code writes them (abi_cnode_data). */
static inline struct cap cap_cnode(const void *slots, unsigned radix, word guard_data)
{
	return cap_pack(CAP_CNODE, slots, radix, guard_data);
}

static inline unsigned cap_cnode_radix(struct cap cap)
{
	return (unsigned)cap_extra(cap, 0, 6);
}

static inline unsigned cap_cnode_guard_bits(struct cap cap)
{
	return (unsigned)(cap_data(cap) & 63u);
}

static inline word cap_cnode_guard(struct cap cap)
{
	return cap_data(cap) >> ABI_GUARD_SHIFT;
}

/* ---- TCB, scheduling context, IRQ ---- */
static inline struct cap cap_tcb(const void *tcb)
{
	return cap_pack(CAP_TCB, tcb, 0, 0);
}

static inline struct cap cap_sched_context(const void *sc, unsigned size_bits)
{
	return cap_pack(CAP_SCHED_CONTEXT, sc, size_bits, 0);
}

static inline unsigned cap_sched_context_bits(struct cap cap)
{
	return (unsigned)cap_extra(cap, 0, 6);
}

static inline struct cap cap_irq_handler(word irq)
{
	return cap_pack(CAP_IRQ_HANDLER, NULL, 0, irq);
}

static inline word cap_irq(struct cap cap)
{
	return cap_data(cap);
}

/* ---- zombie ---- */
static inline struct cap cap_zombie(const void *object, unsigned radix, bool is_tcb, word slots)
{
	return cap_pack(CAP_ZOMBIE, object, radix | (word)is_tcb << 6, slots);
}

static inline unsigned cap_zombie_radix(struct cap cap)
{
	return (unsigned)cap_extra(cap, 0, 6);
}

static inline bool cap_zombie_is_tcb(struct cap cap)
{
	return cap_extra(cap, 6, 1) != 0;
}

static inline word cap_zombie_slots(struct cap cap)
{
	return cap_data(cap);
}

static inline struct cap cap_zombie_with_slots(struct cap cap, word slots)
{
	return cap_with_data(cap, slots);
}

/* ---- memory objects ---- */
/* rights: ABI_RIGHT_READ and ABI_RIGHT_WRITE; a fresh frame has both and is not mapped. */
static inline struct cap cap_frame(const void *frame, enum frame_size size, word rights, bool is_device)
{
	word extra = (word)size | (rights & 3u) << 2 | (word)is_device << 4;
	return cap_pack(CAP_FRAME, frame, extra, 0);
}

static inline enum frame_size cap_frame_size(struct cap cap)
{
	return (enum frame_size)cap_extra(cap, 0, 2);
}

static inline word cap_frame_rights(struct cap cap)
{
	return cap_extra(cap, 2, 2);
}

static inline struct cap cap_frame_with_rights(struct cap cap, word rights)
{
	return cap_with_extra(cap, 2, 2, rights);
}

static inline bool cap_frame_is_device(struct cap cap)
{
	return cap_extra(cap, 4, 1) != 0;
}

/* kind: CAP_PAGE_TABLE, CAP_PAGE_DIRECTORY, CAP_PDPT or CAP_IO_PAGE_TABLE; a fresh table is not mapped. */
static inline struct cap cap_table(enum cap_kind kind, const void *table)
{
	return cap_pack(kind, table, 0, 0);
}

static inline struct cap cap_vspace(const void *root, word asid)
{
	return cap_pack(CAP_VSPACE, root, 0, asid);
}

/* Where a frame or table is mapped: address and ASID. ASID 0 is never assigned and means "not mapped".
 * For a VSpace root, the ASID it has. */
static inline word cap_mapped_asid(struct cap cap)
{
	return cap_data(cap) & ASID_MASK;
}

static inline word cap_mapped_address(struct cap cap)
{
	return cap_data(cap) & ~ASID_MASK;
}

static inline struct cap cap_with_mapping(struct cap cap, word asid, word address)
{
	return cap_with_data(cap, (address & ~ASID_MASK) | asid);
}

static inline struct cap cap_asid_pool(const void *pool, word first_asid)
{
	return cap_pack(CAP_ASID_POOL, pool, 0, first_asid);
}

static inline word cap_asid_pool_first(struct cap cap)
{
	return cap_data(cap);
}

static inline struct cap cap_io_port(word first, word last)
{
	return cap_pack(CAP_IO_PORT, NULL, 0, first | last << 16);
}

static inline word cap_io_port_first(struct cap cap)
{
	return cap_data(cap) & 0xffffu;
}

static inline word cap_io_port_last(struct cap cap)
{
	return cap_data(cap) >> 16 & 0xffffu;
}
