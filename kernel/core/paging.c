/* SPDX-License-Identifier: BSD-2-Clause */
/* Walking page tables and making their entries. Entries are only ever made here, so that every user entry below the
 * root's upper half has the user bit, and no frame is ever mapped with more rights than asked for. */
#include "kernel/core/paging.h"

static struct lookup_failure missing(unsigned bits_left)
{
	struct lookup_failure failure = { .type = seL4_MissingCapability, .bits_left = bits_left };
	return failure;
}

word *paging_entry(struct kernel *k, void *root, word address, unsigned level, struct lookup_failure *failure)
{
	word *table = root;
	for (unsigned at = PAGING_ROOT_LEVEL;; at--) {
		word *entry = &table[address >> paging_shift(at) & (PAGING_ENTRIES - 1)];
		if (at == level) {
			return entry;
		}
		if (!pte_is_table(*entry)) {
			*failure = missing(paging_shift(at));
			return NULL;
		}
		table = kernel_pointer(k, *entry & PTE_ADDRESS);
	}
}

static word attribute_bits(word attributes)
{
	return (attributes & seL4_X86_WriteThrough ? PTE_WRITE_THROUGH : 0)
	       | (attributes & seL4_X86_CacheDisabled ? PTE_UNCACHED : 0);
}

/* 1G pages have no write-combining on seL4 and none here. */
static word page_bits(unsigned level, word attributes)
{
	word pat = attributes & seL4_X86_WriteCombining;
	switch (level) {
	case 0: return pat ? PTE_PAT_4K : 0;
	case 1: return PTE_PAGE | (pat ? PTE_PAT_LARGE : 0);
	default: return PTE_PAGE;
	}
}

word paging_page(const struct kernel *k, const void *frame, unsigned level, word rights, word attributes)
{
	word access = (rights & ABI_RIGHT_READ ? PTE_USER : 0) | (rights & ABI_RIGHT_WRITE ? PTE_WRITE : 0);
	return (kernel_physical(k, frame) & PTE_ADDRESS) | page_bits(level, attributes) | attribute_bits(attributes)
	       | access
	       | PTE_PRESENT;
}

word paging_table(const struct kernel *k, const void *table, word attributes)
{
	return (kernel_physical(k, table) & PTE_ADDRESS) | attribute_bits(attributes) | PTE_USER | PTE_WRITE | PTE_PRESENT;
}
