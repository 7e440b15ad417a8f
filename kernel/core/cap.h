/* SPDX-License-Identifier: BSD-2-Clause */
/* Capabilities and slots. How a capability is packed into its two words is known to cap_64.h and cap_32.h alone, one
 * of which is included here; both have the same accessors, and every other file goes through those.
 *
 * Slot (CTE): a capability and a node of the derivation list: previous, next | flags.
 */
#pragma once
#include <sel4/constants.h>
#include <sel4/types.h>
#include "lib/base/base.h"

typedef seL4_Word word;
typedef long      sword;

/* Those with fields come first: cap_32.h has a short tag for them. */
enum cap_kind {
	CAP_NULL = 0,
	CAP_UNTYPED,
	CAP_ENDPOINT,
	CAP_NOTIFICATION,
	CAP_REPLY,
	CAP_CNODE,
	CAP_TCB,
	CAP_SCHED_CONTEXT,
	CAP_IRQ_HANDLER,
	CAP_ZOMBIE, /* what is left of a CNode or TCB while its slots are being emptied */
	/* memory objects, kernel/core/{frame,table,asid,ioport}.c */
	CAP_FRAME,
	CAP_PAGE_TABLE,
	CAP_VSPACE,
	CAP_ASID_POOL,
	CAP_IO_PORT,
	/* tables that 64-bit machines have */
	CAP_PAGE_DIRECTORY,
	CAP_PDPT,
	CAP_IO_PAGE_TABLE,
	/* without fields */
	CAP_IRQ_CONTROL,
	CAP_SCHED_CONTROL,
	CAP_DOMAIN,
	CAP_ASID_CONTROL,
	CAP_IO_PORT_CONTROL,
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

enum frame_size { FRAME_4K = 0, FRAME_LARGE = 1, FRAME_HUGE = 2 }; /* levels of the tables they are mapped in */

#define ASID_BITS (seL4_NumASIDPoolsBits + seL4_ASIDPoolIndexBits)
#define ASID_MASK ((1ul << seL4_PageBits) - 1)
_Static_assert(ASID_BITS <= seL4_PageBits, "an ASID fits below a page address");

#if ABI_WORD_BITS == 64
#include "kernel/core/cap_64.h"
#else
#include "kernel/core/cap_32.h"
#endif

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
	return cap_control(CAP_NULL);
}

/* There is one core; its number is 0 and needs no field. */
static inline struct cap cap_sched_control(word core)
{
	(void)core;
	return cap_control(CAP_SCHED_CONTROL);
}

static inline unsigned cap_frame_bits(struct cap cap)
{
	return seL4_PageBits + (unsigned)cap_frame_size(cap) * seL4_PageTableIndexBits;
}

static inline bool cap_is_mapped(struct cap cap)
{
	return cap_mapped_asid(cap) != 0;
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
