/* SPDX-License-Identifier: BSD-2-Clause */
/* The entries of a dynamic section, one after the other. For lib/elf, which checks them, and lib/reloc. */
#pragma once
#include "lib/elf/refuse.h"

enum elf_dynamic_tag {
	DT_NULL = 0, DT_NEEDED = 1, DT_RELA = 7, DT_RELASZ = 8, DT_RELAENT = 9, DT_REL = 17, DT_RELSZ = 18, DT_RELENT = 19,
	DT_TEXTREL = 22, DT_JMPREL = 23, DT_FLAGS = 30, DT_RELRSZ = 35, DT_RELR = 36, DT_RELRENT = 37, DT_CREL = 38,
	DT_CREL_LLVM = 0x40000026, /* what LLVM writes until 38 is settled */
	DT_ANDROID_REL = 0x6000000f, DT_ANDROID_RELA = 0x60000011, DT_ANDROID_RELR = 0x6fffe000, DT_AARCH64_AUTH_RELR = 0x70000012
};

struct elf_dynamic {
	const struct elf *elf;
	const struct elf_wire *wire;
	uint64_t tag, value;
	uint64_t offset; /* of this entry in the file */
	uint64_t next;   /* offsets of the next entry, and of the end */
	uint64_t end;
};

/* Program header number index is a dynamic section whose place has been checked. */
static inline void elf_dynamic_start(const struct elf *elf, uint32_t index, struct elf_dynamic *walk)
{
	const struct elf_segment *dynamic = &elf->segment[index];
	*walk = (struct elf_dynamic) {
		.elf = elf, .wire = elf_wire_of(elf->class_bits), .next = dynamic->offset, .end = dynamic->offset + dynamic->file_bytes,
	};
}

/* Reads one entry; false if there is none. The entry NULL, which ends the section, is one. */
static inline bool elf_dynamic_next(struct elf_dynamic *walk)
{
	const struct elf_field tag = { 0, walk->wire->word_bytes }, value = { walk->wire->word_bytes, walk->wire->word_bytes };
	if (walk->next == walk->end)
		return false;
	walk->offset = walk->next;
	walk->next += walk->wire->dynamic_bytes;
	walk->tag = elf_wire_get(walk->elf->bytes + walk->offset, tag);
	walk->value = elf_wire_get(walk->elf->bytes + walk->offset, value);
	return true;
}
