/* SPDX-License-Identifier: BSD-2-Clause */
/* Position-independent programs with relocations, for tests. */
#include "test/support/reloc_spec.h"

enum { SPEC_TABLES = SPEC_NOTE, SPEC_DYNAMIC = SPEC_RELRO };

uint64_t reloc_spec_dynamic(const struct reloc_spec *spec, uint32_t entry, bool value)
{
	return RELOC_DYNAMIC + (2u * entry + (value ? 1u : 0u)) * spec->word_bytes;
}

uint64_t reloc_spec_field(const struct reloc_spec *spec, uint32_t entry, uint32_t field)
{
	return RELOC_TABLE + entry * spec->entry_bytes + field * spec->word_bytes;
}

uint64_t reloc_spec_packed(const struct reloc_spec *spec, uint32_t entry)
{
	return RELOC_PACKED + entry * spec->word_bytes;
}

uint64_t reloc_spec_info(const struct reloc_spec *spec, uint32_t type, uint32_t symbol)
{
	return spec->word_bytes == 8 ? (uint64_t)symbol << 32 | type : symbol << 8 | type;
}

static void set_segments(struct elf_spec *elf)
{
	const struct elf_segment tables = { .type = ELF_LOAD, .flags = ELF_R, .offset = RELOC_DYNAMIC, .vaddr = RELOC_DYNAMIC,
		.file_bytes = RELOC_TABLES_END - RELOC_DYNAMIC, .memory_bytes = RELOC_TABLES_END - RELOC_DYNAMIC, .align = 0x1000 };
	const struct elf_segment data = { .type = ELF_LOAD, .flags = ELF_R | ELF_W, .offset = RELOC_DATA_OFFSET, .vaddr = RELOC_DATA,
		.file_bytes = RELOC_DATA_FILE, .memory_bytes = RELOC_DATA_MEMORY, .align = 0x1000 };
	elf->header[ELF_E_TYPE] = ELF_TYPE_DYN;
	elf->header[ELF_E_ENTRY] -= SPEC_BASE;
	elf->segment[SPEC_PHDR].vaddr -= SPEC_BASE;
	elf->segment[SPEC_HEADERS].vaddr -= SPEC_BASE;
	elf->segment[SPEC_TEXT].vaddr -= SPEC_BASE;
	elf->segment[SPEC_DATA] = tables; /* loadable segments ascend: the tables, then the data */
	elf->segment[SPEC_TABLES] = data;
	elf->size_bytes = RELOC_DATA_OFFSET + RELOC_DATA_FILE;
}

static void set_dynamic(struct reloc_spec *spec)
{
	bool wide = spec->word_bytes == 8;
	const uint64_t entries[RELOC_DYNAMICS][2] = {
		[RELOC_SPEC_TABLE] = { wide ? 7 : 17, RELOC_TABLE },
		[RELOC_SPEC_SIZE] = { wide ? 8 : 18, RELOC_ENTRIES * spec->entry_bytes },
		[RELOC_SPEC_ENTRY] = { wide ? 9 : 19, spec->entry_bytes },
		[RELOC_SPEC_PACKED] = { 36, RELOC_PACKED },
		[RELOC_SPEC_PACKED_SIZE] = { 35, RELOC_PACKEDS * spec->word_bytes },
		[RELOC_SPEC_PACKED_ENTRY] = { 37, spec->word_bytes },
		[RELOC_SPEC_OTHER] = { 0x6ffffef5, 0 },
	};
	spec->elf.segment[SPEC_DYNAMIC] = (struct elf_segment) { .type = ELF_DYNAMIC, .flags = ELF_R, .offset = RELOC_DYNAMIC,
		.vaddr = RELOC_DYNAMIC, .file_bytes = RELOC_DYNAMICS * 2u * spec->word_bytes,
		.memory_bytes = RELOC_DYNAMICS * 2u * spec->word_bytes, .align = spec->word_bytes };
	for (uint32_t i = 0; i < RELOC_DYNAMICS; i++)
		for (uint32_t value = 0; value < 2; value++)
			elf_spec_poke(&spec->elf, reloc_spec_dynamic(spec, i, value != 0), spec->word_bytes, entries[i][value]);
}

static void set_tables(struct reloc_spec *spec)
{
	static const uint32_t words[RELOC_ENTRIES] = { 0, 1, 2, 40 };
	uint8_t word = spec->word_bytes;
	for (uint32_t i = 0; i < RELOC_ENTRIES; i++) {
		elf_spec_poke(&spec->elf, reloc_spec_field(spec, i, 0), word, RELOC_WORDS + words[i] * word);
		elf_spec_poke(&spec->elf, reloc_spec_field(spec, i, 1), word, reloc_spec_info(spec, spec->type, 0));
		if (spec->entry_bytes == 3 * word)
			elf_spec_poke(&spec->elf, reloc_spec_field(spec, i, 2), word, 0x1000 + i);
	}
	elf_spec_poke(&spec->elf, reloc_spec_packed(spec, 0), word, RELOC_WORDS + 50u * word);
	elf_spec_poke(&spec->elf, reloc_spec_packed(spec, 1), word, 1 | 1u << 1 | 1u << 3);
	elf_spec_poke(&spec->elf, reloc_spec_packed(spec, 2), word, 1 | 1ull << (8 * word - 2));
}

void reloc_spec_default(struct reloc_spec *spec, uint16_t machine)
{
	elf_spec_default(&spec->elf, machine);
	spec->elf.poke_count = 0;
	spec->word_bytes = spec->elf.class_bits / 8;
	spec->entry_bytes = (uint8_t)(spec->word_bytes * (machine == ELF_MACHINE_386 ? 2 : 3));
	spec->type = machine == ELF_MACHINE_AARCH64 ? 1027 : machine == ELF_MACHINE_RISCV ? 3 : 8;
	set_segments(&spec->elf);
	set_dynamic(spec);
	set_tables(spec);
}
