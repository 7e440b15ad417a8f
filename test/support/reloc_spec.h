/* SPDX-License-Identifier: BSD-2-Clause */
/* Position-independent programs with relocations, for tests: one that is right, on each of the four machines. */
#pragma once
#include "test/support/elf_spec.h"

/* The dynamic section and the tables lie in a read-only segment of their own, the words that are relocated in the data (its bytes
 * from the file: RELOC_WORDS; its zero pages: RELOC_ZEROS). All addresses are from 0 on. */
#define RELOC_DYNAMIC   0x2800u /* offset and address */
#define RELOC_DYNAMICS  8u      /* entries, the last of them NULL */
#define RELOC_TABLE     0x2a00u
#define RELOC_ENTRIES   4u      /* of REL or RELA: words 0, 1, 2 and 40 of RELOC_WORDS */
#define RELOC_PACKED    0x2c00u
#define RELOC_PACKEDS   3u      /* an address and two bitmaps: word 50; words 51, 53; the last but one in reach */
#define RELOC_TABLES_END 0x2e00u
#define RELOC_DATA      0x4000u /* address; two pages from the file, two of zeros */
#define RELOC_DATA_OFFSET 0x3000u
#define RELOC_DATA_FILE 0x2000u
#define RELOC_DATA_MEMORY 0x4000u
#define RELOC_WORDS     (RELOC_DATA + 0x100u)
#define RELOC_ZEROS     (RELOC_DATA + RELOC_DATA_FILE)

/* The tags of the dynamic section's entries, in their order in the file. */
enum reloc_spec_entry {
	RELOC_SPEC_TABLE, RELOC_SPEC_SIZE, RELOC_SPEC_ENTRY, RELOC_SPEC_PACKED, RELOC_SPEC_PACKED_SIZE, RELOC_SPEC_PACKED_ENTRY,
	RELOC_SPEC_OTHER, RELOC_SPEC_NULL
};

struct reloc_spec {
	struct elf_spec elf;
	uint8_t  word_bytes, entry_bytes;
	uint32_t type;
};

void reloc_spec_default(struct reloc_spec *spec, uint16_t machine);

/* Offsets in the file: of the tag or the value of an entry of the dynamic section; of a field (0: address, 1: what to do, 2:
 * addend) of an entry of the table; of a word of the packed table. */
uint64_t reloc_spec_dynamic(const struct reloc_spec *spec, uint32_t entry, bool value);
uint64_t reloc_spec_field(const struct reloc_spec *spec, uint32_t entry, uint32_t field);
uint64_t reloc_spec_packed(const struct reloc_spec *spec, uint32_t entry);

/* The second word of a table's entry: a type and the number of a symbol. */
uint64_t reloc_spec_info(const struct reloc_spec *spec, uint32_t type, uint32_t symbol);
