/* SPDX-License-Identifier: BSD-2-Clause */
/* Capabilities and slots: the only file that knows how they are packed. Every other
 * file goes through these accessors; none may depend on the layout.
 *
 * 64-bit capability, two words:
 *   first    bits 0..4 kind, 5..15 extra (11 bits), 16..63 object address (48 bits, sign-extended)
 *   second   data, one word, meaning per kind
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
 * sched control   -                                        core
 * zombie          radix (6), is a TCB (1)                  slots that may still hold something
 * frame           size (2), rights (2), device (1)         mapped address | ASID; ASID 0 = not mapped
 * page tables     -                                        mapped address | ASID; ASID 0 = not mapped
 * VSpace root     -                                        ASID; 0 = none assigned
 * ASID pool       -                                        first ASID
 * I/O ports       -                                        first | last << 16
 *
 * Slot (CTE): a capability and a node of the derivation list: previous, next | flags.
 */
#pragma once
#include <sel4/constants.h>
#include <sel4/types.h>
#include "lib/base/base.h"

typedef seL4_Word word;
typedef long      sword;

enum cap_kind {
	CAP_NULL = 0,
	CAP_UNTYPED,
	CAP_ENDPOINT,
	CAP_NOTIFICATION,
	CAP_REPLY,
	CAP_CNODE,
	CAP_TCB,
	CAP_SCHED_CONTEXT,
	CAP_IRQ_CONTROL,
	CAP_IRQ_HANDLER,
	CAP_SCHED_CONTROL,
	CAP_DOMAIN,
	CAP_ZOMBIE,
	/* memory objects, kernel/core/{frame,table,asid,ioport}.c */
	CAP_FRAME,
	CAP_PAGE_TABLE,
	CAP_PAGE_DIRECTORY,
	CAP_PDPT,
	CAP_VSPACE,
	CAP_IO_PAGE_TABLE,
	CAP_ASID_CONTROL,
	CAP_ASID_POOL,
	CAP_IO_PORT_CONTROL,
	CAP_IO_PORT,
	CAP_KIND_COUNT
};

struct cap {
	word words[2];
};

struct cte {
	struct cap cap;
	word       previous; /* address of a slot */
	word       next;     /* address of a slot | flags */
};
_Static_assert(sizeof(struct cte) == 1u << seL4_SlotBits, "a slot has the size of the interface");

/* ---- packing ---- */
#if ABI_WORD_BITS != 64
#error "the packing of capabilities for 32-bit words is not written yet"
#endif
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

static inline bool cap_is_null(struct cap cap)
{
	return cap_kind(cap) == CAP_NULL;
}

static inline bool cap_is_identical(struct cap a, struct cap b)
{
	return a.words[0] == b.words[0] && a.words[1] == b.words[1];
}

static inline struct cap cap_null(void)
{
	return cap_pack(CAP_NULL, NULL, 0, 0);
}

/* A kind that has neither object nor data: IRQ control, ASID control, I/O port control, domain. */
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

static inline bool cap_has_right(struct cap cap, word right)
{
	return (cap.words[0] & right << CAP_EXTRA_SHIFT) != 0;
}

static inline word cap_badge(struct cap cap)
{
	return cap_data(cap);
}

/* ---- CNode ---- */
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

/* ---- TCB, scheduling context and control, IRQ ---- */
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

static inline struct cap cap_sched_control(word core)
{
	return cap_pack(CAP_SCHED_CONTROL, NULL, 0, core);
}

static inline struct cap cap_irq_handler(word irq)
{
	return cap_pack(CAP_IRQ_HANDLER, NULL, 0, irq);
}

static inline word cap_irq(struct cap cap)
{
	return cap_data(cap);
}

/* ---- zombie: what is left of a CNode or TCB while its slots are being emptied ---- */
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

/* ---- memory objects ---- */
enum frame_size { FRAME_4K = 0, FRAME_2M = 1, FRAME_1G = 2 };

#define ASID_BITS (seL4_NumASIDPoolsBits + seL4_ASIDPoolIndexBits)
#define ASID_MASK ((1ul << seL4_PageBits) - 1)
_Static_assert(ASID_BITS <= seL4_PageBits, "an ASID fits below a page address");

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

static inline unsigned cap_frame_bits(struct cap cap)
{
	return seL4_PageBits + (unsigned)cap_frame_size(cap) * 9u;
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

static inline bool cap_is_mapped(struct cap cap)
{
	return cap_mapped_asid(cap) != 0;
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

/* ---- nodes of the derivation list ----
 * revocable: the capability may have descendants, which a revoke of it removes.
 * first badged: it got its badge here and is no child of the capability before it with the same badge. */
#define CTE_REVOCABLE    2ul
#define CTE_FIRST_BADGED 1ul
#define CTE_FLAGS        3ul

static inline struct cte *cte_next(const struct cte *slot)
{
	return (struct cte *)(slot->next & ~CTE_FLAGS);
}

static inline struct cte *cte_previous(const struct cte *slot)
{
	return (struct cte *)slot->previous;
}

static inline void cte_set_next(struct cte *slot, const struct cte *next)
{
	slot->next = (word)next | (slot->next & CTE_FLAGS);
}

static inline void cte_set_previous(struct cte *slot, const struct cte *previous)
{
	slot->previous = (word)previous;
}

static inline void cte_set_node(struct cte *slot, const struct cte *previous, const struct cte *next, word flags)
{
	slot->previous = (word)previous;
	slot->next = (word)next | flags;
}

static inline word cte_flags(const struct cte *slot)
{
	return slot->next & CTE_FLAGS;
}

static inline void cte_set_flags(struct cte *slot, word flags)
{
	slot->next = (slot->next & ~CTE_FLAGS) | flags;
}

static inline bool cte_is_revocable(const struct cte *slot)
{
	return (slot->next & CTE_REVOCABLE) != 0;
}

static inline bool cte_is_first_badged(const struct cte *slot)
{
	return (slot->next & CTE_FIRST_BADGED) != 0;
}

static inline bool cte_is_empty(const struct cte *slot)
{
	return cap_is_null(slot->cap);
}
