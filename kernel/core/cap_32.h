/* SPDX-License-Identifier: BSD-2-Clause */
/* The packing of capabilities for 32-bit words. Included by cap.h only.
 *
 * Every object is aligned to 16 bytes at least, so its address leaves four bits. The tag is the kind, or 15 and then
 * the kind is in bits 4..8.
 *
 * kind            first word, from bit 4 (bits 0..3 are the tag)   second word
 * untyped         watermark / 16 (26), device (1), size bit 4      address | size bits 0..3
 * endpoint        badge (28)                                       address | rights (4)
 * notification    badge (28)                                       address | rights (2)
 * reply           -                                                address | rights (4; grant alone counts)
 * cnode           radix (5), guard bits (5), guard (18)            address
 * tcb             -                                                address
 * sched context   size bits (5)                                    address
 * irq handler     -                                                interrupt number
 * zombie          radix (5), is a TCB (1)                          address | slots that may still hold something
 * frame           ASID bits 0..7, mapped address (20)              address | ASID bits 8..11 << 8 | device, rights, size
 * page table      ASID bits 0..7, mapped address (20)              address | ASID bits 8..11 << 8; ASID 0 = not mapped
 * VSpace root     the same; 0 = no ASID assigned                   address | the same
 * ASID pool       number (2)                                       address
 * I/O ports       -                                                first | last << 16
 *
 * A zombie's count fits below its address because its object is aligned to its size, 16 bytes a slot.
 */
#pragma once

#define CAP_TAG_BITS   4
#define CAP_TAG_MASK   15ul
#define CAP_TAG_OTHER  15u
#define CAP_FLAGS_MASK 15ul    /* the bits below an address */
#define CAP_PAGE_MASK  0xffful /* the same of a page */

_Static_assert((int)CAP_IO_PORT < (int)CAP_TAG_OTHER, "kinds with fields have a tag of their own");
_Static_assert(CAP_KIND_COUNT <= 1 << 5, "the other kinds fit into five bits");
_Static_assert(seL4_BadgeBits + CAP_TAG_BITS == 32, "a badge and the tag fill a word");
_Static_assert(seL4_MinUntypedBits == 4 && seL4_MaxUntypedBits <= 29, "a watermark in units of 16 bytes has 26 bits");
_Static_assert(ASID_BITS == 12, "an ASID is packed as 8 + 4 bits");

static inline struct cap cap_pack(enum cap_kind kind, word fields, word second)
{
	struct cap cap = { { fields << CAP_TAG_BITS | (word)kind, second } };
	return cap;
}

/* So many bits of the first word, from a bit after the tag on. */
static inline word cap_field(struct cap cap, unsigned from, unsigned bits)
{
	return cap.words[0] >> (CAP_TAG_BITS + from) & ((1ul << bits) - 1);
}

static inline enum cap_kind cap_kind(struct cap cap)
{
	word tag = cap.words[0] & CAP_TAG_MASK;
	return (enum cap_kind)(tag == CAP_TAG_OTHER ? cap_field(cap, 0, 5) : tag);
}

static inline bool cap_is_of_page(struct cap cap)
{
	word tag = cap.words[0] & CAP_TAG_MASK;
	return tag >= CAP_FRAME && tag <= CAP_VSPACE;
}

static inline word cap_address_mask(struct cap cap)
{
	if (cap_is_of_page(cap))
		return ~CAP_PAGE_MASK;
	if ((cap.words[0] & CAP_TAG_MASK) == CAP_ZOMBIE)
		return ~((16ul << cap_field(cap, 0, 5)) - 1);
	return ~CAP_FLAGS_MASK;
}

/* Address of the object as the kernel reaches it; of no use for kinds without an object, but NULL for null. */
static inline void *cap_object(struct cap cap)
{
	return (void *)(cap.words[1] & cap_address_mask(cap));
}

/* A kind that has neither object nor fields; cap_null and the controls. */
static inline struct cap cap_control(enum cap_kind kind)
{
	struct cap cap = { { kind == CAP_NULL ? 0 : (word)kind << CAP_TAG_BITS | CAP_TAG_OTHER, 0 } };
	return cap;
}

/* ---- untyped ---- */
static inline struct cap cap_untyped(const void *base, unsigned size_bits, bool is_device, word used_bytes)
{
	word fields = used_bytes >> 4 | (word)is_device << 26 | (word)(size_bits >> 4) << 27;
	return cap_pack(CAP_UNTYPED, fields, (word)base | (size_bits & CAP_FLAGS_MASK));
}

static inline unsigned cap_untyped_bits(struct cap cap)
{
	return (unsigned)(cap_field(cap, 27, 1) << 4 | (cap.words[1] & CAP_FLAGS_MASK));
}

static inline bool cap_untyped_is_device(struct cap cap)
{
	return cap_field(cap, 26, 1) != 0;
}

static inline word cap_untyped_used_bytes(struct cap cap)
{
	return cap_field(cap, 0, 26) << 4;
}

static inline struct cap cap_untyped_with_used(struct cap cap, word used_bytes)
{
	return cap_untyped(cap_object(cap), cap_untyped_bits(cap), cap_untyped_is_device(cap), used_bytes);
}

/* ---- endpoint, notification, reply: rights are the ABI_RIGHT_ bits; a badge loses what does not fit ---- */
static inline struct cap cap_endpoint(const void *endpoint, word rights, word badge)
{
	return cap_pack(CAP_ENDPOINT, badge, (word)endpoint | (rights & ABI_RIGHTS_ALL));
}

static inline struct cap cap_notification(const void *notification, word rights, word badge)
{
	return cap_pack(CAP_NOTIFICATION, badge, (word)notification | (rights & (ABI_RIGHT_READ | ABI_RIGHT_WRITE)));
}

static inline struct cap cap_reply(const void *reply, word rights)
{
	return cap_pack(CAP_REPLY, 0, (word)reply | (rights & ABI_RIGHT_GRANT));
}

static inline word cap_rights(struct cap cap)
{
	return cap.words[1] & CAP_FLAGS_MASK;
}

static inline struct cap cap_with_rights(struct cap cap, word rights)
{
	cap.words[1] = (cap.words[1] & ~CAP_FLAGS_MASK) | rights;
	return cap;
}

static inline bool cap_has_right(struct cap cap, word right)
{
	return (cap.words[1] & right) != 0;
}

static inline word cap_badge(struct cap cap)
{
	return cap.words[0] >> CAP_TAG_BITS;
}

static inline struct cap cap_with_badge(struct cap cap, word badge)
{
	cap.words[0] = (cap.words[0] & CAP_TAG_MASK) | badge << CAP_TAG_BITS;
	return cap;
}

/* ---- CNode ---- */
/* guard_data: guard and its length as user code writes them (abi_cnode_data). */
static inline struct cap cap_cnode(const void *slots, unsigned radix, word guard_data)
{
	return cap_pack(CAP_CNODE, radix | abi_guard_bits(guard_data) << 5 | abi_guard(guard_data) << 10, (word)slots);
}

static inline unsigned cap_cnode_radix(struct cap cap)
{
	return (unsigned)cap_field(cap, 0, 5);
}

static inline unsigned cap_cnode_guard_bits(struct cap cap)
{
	return (unsigned)cap_field(cap, 5, 5);
}

static inline word cap_cnode_guard(struct cap cap)
{
	return cap_field(cap, 10, 18);
}

/* ---- TCB, scheduling context, IRQ ---- */
static inline struct cap cap_tcb(const void *tcb)
{
	return cap_pack(CAP_TCB, 0, (word)tcb);
}

static inline struct cap cap_sched_context(const void *sc, unsigned size_bits)
{
	return cap_pack(CAP_SCHED_CONTEXT, size_bits, (word)sc);
}

static inline unsigned cap_sched_context_bits(struct cap cap)
{
	return (unsigned)cap_field(cap, 0, 5);
}

static inline struct cap cap_irq_handler(word irq)
{
	return cap_pack(CAP_IRQ_HANDLER, 0, irq);
}

static inline word cap_irq(struct cap cap)
{
	return cap.words[1];
}

/* ---- zombie ---- */
static inline struct cap cap_zombie(const void *object, unsigned radix, bool is_tcb, word slots)
{
	return cap_pack(CAP_ZOMBIE, radix | (word)is_tcb << 5, (word)object | slots);
}

static inline unsigned cap_zombie_radix(struct cap cap)
{
	return (unsigned)cap_field(cap, 0, 5);
}

static inline bool cap_zombie_is_tcb(struct cap cap)
{
	return cap_field(cap, 5, 1) != 0;
}

static inline word cap_zombie_slots(struct cap cap)
{
	return cap.words[1] & ~cap_address_mask(cap);
}

static inline struct cap cap_zombie_with_slots(struct cap cap, word slots)
{
	cap.words[1] = (cap.words[1] & cap_address_mask(cap)) | slots;
	return cap;
}

/* ---- memory objects ---- */
/* rights: ABI_RIGHT_READ and ABI_RIGHT_WRITE; a fresh frame has both and is not mapped. */
static inline struct cap cap_frame(const void *frame, enum frame_size size, word rights, bool is_device)
{
	return cap_pack(CAP_FRAME, 0, (word)frame | (word)size | (rights & 3u) << 1 | (word)is_device << 3);
}

static inline enum frame_size cap_frame_size(struct cap cap)
{
	return (enum frame_size)(cap.words[1] & 1u);
}

static inline word cap_frame_rights(struct cap cap)
{
	return cap.words[1] >> 1 & 3u;
}

static inline struct cap cap_frame_with_rights(struct cap cap, word rights)
{
	cap.words[1] = (cap.words[1] & ~6ul) | rights << 1;
	return cap;
}

static inline bool cap_frame_is_device(struct cap cap)
{
	return (cap.words[1] & 8u) != 0;
}

/* kind: CAP_PAGE_TABLE; a fresh table is not mapped. */
static inline struct cap cap_table(enum cap_kind kind, const void *table)
{
	return cap_pack(kind, 0, (word)table);
}

/* Where a frame or table is mapped: address and ASID. ASID 0 is never assigned and means "not mapped".
 * For a VSpace root, the ASID it has. */
static inline word cap_mapped_asid(struct cap cap)
{
	return cap_field(cap, 0, 8) | (cap.words[1] & 0xf00u);
}

static inline word cap_mapped_address(struct cap cap)
{
	return cap.words[0] & ~CAP_PAGE_MASK;
}

static inline struct cap cap_with_mapping(struct cap cap, word asid, word address)
{
	cap.words[0] = (address & ~CAP_PAGE_MASK) | (asid & 0xffu) << CAP_TAG_BITS | (cap.words[0] & CAP_TAG_MASK);
	cap.words[1] = (cap.words[1] & ~0xf00ul) | (asid & 0xf00u);
	return cap;
}

static inline struct cap cap_vspace(const void *root, word asid)
{
	return cap_with_mapping(cap_pack(CAP_VSPACE, 0, (word)root), asid, 0);
}

static inline struct cap cap_asid_pool(const void *pool, word first_asid)
{
	return cap_pack(CAP_ASID_POOL, first_asid >> seL4_ASIDPoolIndexBits, (word)pool);
}

static inline word cap_asid_pool_first(struct cap cap)
{
	return cap_field(cap, 0, seL4_NumASIDPoolsBits) << seL4_ASIDPoolIndexBits;
}

static inline struct cap cap_io_port(word first, word last)
{
	return cap_pack(CAP_IO_PORT, 0, first | last << 16);
}

static inline word cap_io_port_first(struct cap cap)
{
	return cap.words[1] & 0xffffu;
}

static inline word cap_io_port_last(struct cap cap)
{
	return cap.words[1] >> 16;
}
