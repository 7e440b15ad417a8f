/* SPDX-License-Identifier: BSD-2-Clause */
/* Page tables as the x86 defines them: plain memory, walked by the core, used by the CPU. Nothing here needs the
 * machine it runs on.
 *
 *         x86_64                                         i386
 * level   maps      object           index bits          maps      object         index bits
 * 0       4K page   page table       12..20              4K page   page table     12..21
 * 1       2M page   page directory   21..29              4M page   VSpace root    22..31
 * 2       1G page   PDPT             30..38
 * 3       -         VSpace root      39..47
 */
#pragma once
#include "kernel/core/invoke.h"

#define PAGING_INDEX_BITS    seL4_PageTableIndexBits
#define PAGING_ENTRIES       (1u << PAGING_INDEX_BITS)
/* PAGING_USER_TOP: nothing is mapped that ends above. On x86_64 the last page of the lower half stays empty. */
#if ABI_WORD_BITS == 64
#define PAGING_ROOT_LEVEL    3u
#define PAGING_USER_TOP      0x7ffffffffffful
#define PTE_ADDRESS          0x000ffffffffff000ul
#else
#define PAGING_ROOT_LEVEL    1u
#define PAGING_USER_TOP      seL4_UserTop
#define PTE_ADDRESS          0xfffff000ul
#endif

#define PTE_PRESENT          (1ul << 0)
#define PTE_WRITE            (1ul << 1)
#define PTE_USER             (1ul << 2)
#define PTE_WRITE_THROUGH    (1ul << 3)
#define PTE_UNCACHED         (1ul << 4)
#define PTE_ACCESSED         (1ul << 5)
#define PTE_DIRTY            (1ul << 6)
#define PTE_PAGE             (1ul << 7) /* above level 0: a page, not a table */
#define PTE_PAT_4K           (1ul << 7)
#define PTE_PAT_LARGE        (1ul << 12)

/* Address bits that an entry of a table of this level covers: 12, 21, 30, 39; or 12, 22. */
static inline unsigned paging_shift(unsigned level)
{
	return seL4_PageBits + level * PAGING_INDEX_BITS;
}

static inline bool pte_is_table(word entry)
{
	return (entry & (PTE_PRESENT | PTE_PAGE)) == PTE_PRESENT;
}

static inline bool pte_is_page(word entry)
{
	return (entry & (PTE_PRESENT | PTE_PAGE)) == (PTE_PRESENT | PTE_PAGE);
}

/* Rights that a mask leaves of a frame's, as seL4 masks them: writing needs reading, and without reading nothing is
 * left. */
static inline word frame_rights_masked(word rights, word mask)
{
	return rights & mask & ABI_RIGHT_READ ? rights & mask & (ABI_RIGHT_READ | ABI_RIGHT_WRITE) : 0;
}

/* The entry for address in the table of that level under root, or NULL with *failure saying which table is missing. */
word *paging_entry(struct kernel *k, void *root, word address, unsigned level, struct lookup_failure *failure);

/* Entries for a page of that level (0..2) and for a table. attributes: seL4_X86_VMAttributes. */
word paging_page(const struct kernel *k, const void *frame, unsigned level, word rights, word attributes);
word paging_table(const struct kernel *k, const void *table, word attributes);

/* The VSpace root that has this ASID, or NULL. */
void *vspace_of_asid(const struct kernel *k, word asid);

/* Is the capability a VSpace root that still has its ASID? No root is NULL, so an ASID without one never matches. */
static inline bool vspace_is_valid(const struct kernel *k, struct cap cap)
{
	word asid = cap_mapped_asid(cap);
	if (cap_kind(cap) != CAP_VSPACE)
		return false;
	const struct asid_pool *pool = k->asid_pools[asid >> seL4_ASIDPoolIndexBits & ((1u << seL4_NumASIDPoolsBits) - 1)];
	return pool != NULL && (void *)pool->roots[asid & ((1u << seL4_ASIDPoolIndexBits) - 1)] == cap_object(cap);
}

/* Checks that the capability is a VSpace root that still has its ASID; number is its number in the message. 0 or the
 * refusal. */
word vspace_check(struct kernel *k, struct invocation *call, struct cap vspace, word number);

/* Gives a VSpace root an ASID of its own; for boot. */
void asid_assign(struct asid_pool *pool, word asid, struct cte *vspace);
