/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading entries of relocation tables. Private to lib/reloc. */
#pragma once
#include "lib/base/bytes.h"
#include "lib/reloc/reloc.h"

static inline uint64_t reloc_word(const struct reloc *reloc, const uint8_t *at)
{
	return reloc->word_bytes == 8 ? bytes_get64(at) : bytes_get32(at);
}

static inline uint64_t reloc_mask(const struct reloc *reloc)
{
	return reloc->word_bytes == 8 ? UINT64_MAX : UINT32_MAX;
}

/* A REL or RELA entry. */
static inline const uint8_t *reloc_entry(const struct reloc *reloc, uint64_t entry)
{
	return reloc->bytes + reloc->table.offset + entry * reloc->entry_bytes;
}

/* The address that an entry writes to, base included. */
static inline uint64_t reloc_entry_place(const struct reloc *reloc, uint64_t entry)
{
	return (reloc_word(reloc, reloc_entry(reloc, entry)) + reloc->base) & reloc_mask(reloc);
}

/* RELR. An even word is the address of a word to relocate; what follows it, and every bitmap then, counts on from the word behind.
 * An odd word is a bitmap: bit n, from 1 on, stands for the word number n - 1 from there. */
static inline uint64_t reloc_packed_word(const struct reloc *reloc, uint64_t entry)
{
	return reloc_word(reloc, reloc->bytes + reloc->packed.offset + entry * reloc->word_bytes);
}

#define RELOC_BITMAP_WORDS(reloc) ((reloc)->word_bytes * 8u - 1u)

/* The number of the first REL or RELA entry whose place is at or above vaddr, in a sorted table. */
uint64_t reloc_find(const struct reloc *reloc, uint64_t vaddr);
