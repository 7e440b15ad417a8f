/* SPDX-License-Identifier: BSD-2-Clause */
/* Relocations of a position-independent program that the loader applies (rules E7 to E9, ruling 2f): RELATIVE and RELR only,
 * on four machines. Checked all before any is applied, applied page by page while pages are filled.
 *
 * Invariants, once reloc_check has finished: R1 every word that is written is aligned and lies wholly in one writable loaded
 * segment, so never in two pages. R2 the words of each table ascend strictly, and no word is in both tables: each is
 * written once. R3 so there are no more of them than words in the program, and a page takes at most a page of words.
 *
 * R2 needs sorted tables. Linkers sort them by default; graft pack sorts what is not (reloc_sort), so that a loader never has
 * to: an unsorted table would cost a pass over all of it for every page, or memory to sort it in. */
#pragma once
#include "lib/elf/elf.h"

struct reloc_table {
	uint64_t offset; /* of the first entry in the file */
	uint64_t count;  /* entries; 0: there is no such table */
};

struct reloc {
	const uint8_t *bytes;     /* the file; owned by the caller */
	uint64_t base;
	uint8_t  word_bytes;
	uint8_t  entry_bytes;     /* of a REL or RELA entry */
	uint8_t  in_place;        /* REL: the addend is what the word holds */
	uint32_t type;            /* RELATIVE's number on this machine */
	struct reloc_table table; /* REL or RELA, whichever the machine has */
	struct reloc_table packed; /* RELR */
};

/* Finds the tables of a program that elf_check has accepted under ELF_RELOCATE_LOADER: no dynamic section, no tables.
 * STATUS_RELOC_KIND, then per table STATUS_RELOC_INCOMPLETE, _ENTRY_SIZE, _TABLE_UNALIGNED, _TABLE_OUTSIDE, _TABLE_SIZE;
 * *where points at the entry of the dynamic section. *reloc is written only on success. */
enum status reloc_open(const struct elf *elf, struct reloc *reloc, struct where *where) MUST_USE;

/* How far reloc_check is: start with { 0 }. */
struct reloc_progress {
	uint64_t entry;  /* next entry of the table, or of the packed one */
	uint64_t lowest; /* the next word must be here or above */
	uint64_t word;   /* RELR: what a bitmap counts from */
	uint64_t work;   /* entries and words looked at so far */
	bool packed;     /* the first table is done */
};

/* Checks so many entries more, or until there are no more (*finished); UINT64_MAX: all. An entry of the packed table counts once, and
 * once for each of its words, of which the last entry may bring 63 too many. STATUS_RELOC_TYPE, _SYMBOL, _BITMAP_FIRST,
 * _UNALIGNED, _OUTSIDE, _REPEATED, _UNSORTED; *where points at the entry. Cost: linear in the entries, times the loadable
 * segments (at most 64); a packed word beside a table that is not packed costs a binary search. */
enum status reloc_check(const struct reloc *reloc, const struct elf *elf, struct reloc_progress *progress, uint64_t entries,
                        bool *finished, struct where *where) MUST_USE;

/* Both, to the end; *reloc is left empty unless the policy wants the loader to relocate. */
enum status reloc_read(const struct elf *elf, const struct elf_policy *policy, struct reloc *reloc, struct where *where) MUST_USE;

/* Where the last reloc_apply stopped: start with { 0 }. */
struct reloc_cursor {
	uint64_t vaddr; /* everything below is done */
	uint64_t entry, packed_entry;
	uint64_t word;
};

/* Applies the relocations in [vaddr, vaddr + bytes) to `at`, which holds what the file has there. vaddr and bytes are multiples
 * of the word size, or nothing of a word that straddles an end is written. Ranges should ascend: then all calls together cost one
 * pass over the tables; a call that goes back begins at the start. */
void reloc_apply(const struct reloc *reloc, struct reloc_cursor *cursor, uint64_t vaddr, uint64_t bytes, uint8_t *at);

/* The lowest word to be written in [vaddr, vaddr + bytes), and the end of the highest. false: there is none. */
bool reloc_span(const struct reloc *reloc, uint64_t vaddr, uint64_t bytes, uint64_t *low, uint64_t *high) MUST_USE;

static inline bool reloc_is_empty(const struct reloc *reloc)
{
	return reloc->table.count == 0 && reloc->packed.count == 0;
}

/* Sorts the REL or RELA table by address, in `bytes`: a copy, that can be written, of the file that reloc was opened on. Nothing
 * but the order is changed. In place; n log n. */
void reloc_sort(const struct reloc *reloc, uint8_t *bytes);
