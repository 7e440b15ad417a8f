/* SPDX-License-Identifier: BSD-2-Clause */
/* The dynamic section of a position-independent program (rules E7, E9): where it lies, that it ends, and, if the loader
 * is to relocate, that it asks for nothing that only a dynamic linker could do. Deliberately absent: the relocations themselves
 * (rule E8), see lib/reloc. */
#include "lib/elf/dynamic.h"

#define DF_TEXTREL 4u

/* Entries that stand at most once, since the second would change what the first means. */
static const uint64_t singles[] = { DT_RELA, DT_RELASZ, DT_RELAENT, DT_REL, DT_RELSZ, DT_RELENT, DT_RELRSZ, DT_RELR, DT_RELRENT };
#define SINGLES_COUNT (sizeof singles / sizeof singles[0])

static enum status check_place(const struct elf *elf, uint32_t index, const struct elf_wire *wire, struct where *where)
{
	const struct elf_segment *dynamic = &elf->segment[index];
	if (dynamic->file_bytes != dynamic->memory_bytes || !is_multiple(dynamic->file_bytes, wire->dynamic_bytes))
		return elf_refuse_segment(STATUS_ELF_DYNAMIC_SIZE, where, elf, index, ELF_P_FILESZ, dynamic->file_bytes,
		                          dynamic->memory_bytes);
	if (dynamic->file_bytes > ELF_DYNAMIC_BYTES_MAX)
		return elf_refuse_segment(STATUS_ELF_DYNAMIC_TOO_LONG, where, elf, index, ELF_P_FILESZ, dynamic->file_bytes,
		                          ELF_DYNAMIC_BYTES_MAX);
	if (!is_multiple(dynamic->vaddr, wire->word_bytes))
		return elf_refuse_segment(STATUS_ELF_DYNAMIC_UNALIGNED, where, elf, index, ELF_P_VADDR, dynamic->vaddr,
		                          wire->word_bytes);
	const struct elf_segment *load = elf_segment_around(elf, dynamic->vaddr, dynamic->file_bytes);
	if (!load || !range_is_inside(dynamic->vaddr - load->vaddr, dynamic->file_bytes, load->file_bytes)
	    || dynamic->offset - load->offset != dynamic->vaddr - load->vaddr)
		return elf_refuse_segment(STATUS_ELF_DYNAMIC_OUTSIDE, where, elf, index, ELF_P_VADDR, dynamic->vaddr, 0);
	return STATUS_OK;
}

/* Relocations packed in ways of their own: Android's, CREL, AArch64's signed ones. */
static bool is_packed_format(const struct elf *elf, uint64_t tag)
{
	static const uint64_t packed[] = { DT_CREL, DT_CREL_LLVM, DT_ANDROID_REL, DT_ANDROID_RELA, DT_ANDROID_RELR };
	for (size_t i = 0; i < sizeof packed / sizeof packed[0]; i++)
		if (tag == packed[i])
			return true;
	return elf->machine == ELF_MACHINE_AARCH64 && tag == DT_AARCH64_AUTH_RELR;
}

static enum status check_tag(const struct elf *elf, uint64_t tag, uint64_t value)
{
	switch (tag) {
	case DT_NEEDED:
		return STATUS_ELF_DYNAMIC_NEEDED;
	case DT_TEXTREL:
		return STATUS_ELF_DYNAMIC_TEXT_RELOCATIONS;
	case DT_FLAGS:
		return value & DF_TEXTREL ? STATUS_ELF_DYNAMIC_TEXT_RELOCATIONS : STATUS_OK;
	case DT_JMPREL:
		return STATUS_ELF_DYNAMIC_LAZY_BINDING;
	default:
		return is_packed_format(elf, tag) ? STATUS_ELF_DYNAMIC_FORMAT : STATUS_OK;
	}
}

/* Notes that a tag has been seen: one bit of *seen for each of the singles. */
static enum status check_single(uint64_t tag, uint32_t *seen)
{
	for (uint32_t i = 0; i < SINGLES_COUNT; i++) {
		if (tag != singles[i])
			continue;
		if (*seen & 1u << i)
			return STATUS_ELF_DYNAMIC_REPEATED;
		*seen |= 1u << i;
	}
	return STATUS_OK;
}

/* E9, and E7's end: an entry with the tag NULL. */
static enum status check_entries(const struct elf *elf, uint32_t index, bool loader, struct where *where)
{
	struct elf_dynamic walk;
	uint32_t seen = 0;
	elf_dynamic_start(elf, index, &walk);
	while (elf_dynamic_next(&walk)) {
		enum status status = STATUS_OK;
		if (walk.tag == DT_NULL)
			return STATUS_OK;
		if (loader)
			status = check_tag(elf, walk.tag, walk.value);
		if (status == STATUS_OK && loader)
			status = check_single(walk.tag, &seen);
		if (status != STATUS_OK) {
			*where = (struct where) { .offset = walk.offset, .index = index, .value = walk.tag, .limit = walk.value };
			return status;
		}
	}
	return elf_refuse_segment(STATUS_ELF_DYNAMIC_UNTERMINATED, where, elf, index, ELF_P_FILESZ, elf->segment[index].file_bytes, 0);
}

enum status elf_check_dynamic(const struct elf *elf, uint32_t index, const struct elf_policy *policy, struct where *where)
{
	enum status status = check_place(elf, index, elf_wire_of(elf->class_bits), where);
	if (status != STATUS_OK)
		return status;
	return check_entries(elf, index, policy->relocation == ELF_RELOCATE_LOADER, where);
}
