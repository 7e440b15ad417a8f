/* SPDX-License-Identifier: BSD-2-Clause */
/* Known start-up code. Any one of three traces will do, since files come stripped of symbols, or of sections altogether. */
#include "tools/graft/startup.h"
#include "tools/graft/sections.h"
#include "lib/archive/archive.h"
#include "lib/base/bytes.h"
#include "lib/elf/elf.h"
#include <string.h>

/* musl's and glibc's; each is in every static program of the one or the other, and in no other C library's. */
static bool is_known_name(const char *name)
{
	static const char *const known[] = { "__libc_start_main", "__libc_start_main_stage2", "_dl_relocate_static_pie", "_dlstart_c" };
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(name, known[i]) == 0)
			return true;
	return false;
}

static bool has_known_symbol(const struct elf *elf)
{
	struct sections sections;
	struct section table;
	struct symbol symbol;
	const char *reason;
	if (!sections_open(elf->bytes, elf->size_bytes, elf_wire_of(elf->class_bits), &sections, &reason))
		return false;
	for (uint64_t i = 0; i < sections.count; i++) {
		section_get(&sections, i, &table);
		uint64_t count = table.type == SECTION_SYMTAB ? symbol_count(&sections, &table) : 0;
		for (uint64_t s = 0; s < count; s++) {
			symbol_get(&sections, &table, s, &symbol);
			if (symbol.section != 0 && is_known_name(symbol.name))
				return true;
		}
	}
	return false;
}

/* glibc's start files bring a note that names the oldest kernel they run on: name "GNU", type 1, 16 bytes. */
static bool has_abi_note(const struct elf *elf, const struct elf_segment *notes)
{
	static const uint8_t wanted[] = { 4, 0, 0, 0, 16, 0, 0, 0, 1, 0, 0, 0, 'G', 'N', 'U', 0 };
	if (!range_is_inside(notes->offset, notes->file_bytes, elf->size_bytes))
		return false;
	for (uint64_t at = 0; range_is_inside(at, sizeof wanted, notes->file_bytes); at += 4)
		if (memcmp(elf->bytes + notes->offset + at, wanted, sizeof wanted) == 0)
			return true;
	return false;
}

/* musl's _start, which is written in assembly: it hands the stack pointer and the dynamic section to the C code. */
static bool has_musl_start(const struct elf *elf)
{
	static const uint8_t amd64[] = { 0x48, 0x31, 0xed, 0x48, 0x89, 0xe7, 0x48, 0x8d, 0x35 }; /* lea _DYNAMIC(%rip), %rsi */
	static const uint8_t i386[] = { 0x31, 0xed, 0x89, 0xe0, 0x83, 0xe4, 0xf0, 0x50, 0x50, 0xe8 };
	const uint8_t *wanted = elf->machine == ELF_MACHINE_X86_64 ? amd64 : i386;
	uint64_t bytes = elf->machine == ELF_MACHINE_X86_64 ? sizeof amd64 : sizeof i386;
	const struct elf_segment *text = elf_segment_around(elf, elf->entry, bytes);
	if ((elf->machine != ELF_MACHINE_X86_64 && elf->machine != ELF_MACHINE_386) || !text)
		return false;
	uint64_t inside = elf->entry - text->vaddr;
	return range_is_inside(inside, bytes, text->file_bytes) && range_is_inside(text->offset, text->file_bytes, elf->size_bytes)
	       && memcmp(elf->bytes + text->offset + inside, wanted, bytes) == 0;
}

uint32_t startup_flags(const uint8_t *bytes, uint64_t size_bytes)
{
	struct elf elf;
	struct where where;
	if (elf_read(bytes, size_bytes, &elf, &where) != STATUS_OK)
		return 0;
	for (uint32_t i = 0; i < elf.segment_count; i++)
		if (elf.segment[i].type == ELF_NOTE && has_abi_note(&elf, &elf.segment[i]))
			return ARCHIVE_PROGRAM_RELOCATES;
	return has_musl_start(&elf) || has_known_symbol(&elf) ? ARCHIVE_PROGRAM_RELOCATES : 0;
}
