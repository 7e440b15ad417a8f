/* SPDX-License-Identifier: BSD-2-Clause */
/* The dynamic section of a position-independent program (rules E7, E9): where it lies, that it ends, and that it asks for
 * nothing that only a dynamic linker could do. Deliberately absent: the relocations themselves (rule E8), which whoever
 * applies them checks one by one. */
#include "lib/elf/refuse.h"

enum dynamic_tag { DT_NULL = 0, DT_NEEDED = 1, DT_TEXTREL = 22, DT_JMPREL = 23, DT_FLAGS = 30 };
#define DF_TEXTREL 4u

static enum status check_place(const struct elf *elf, uint32_t index, const struct elf_wire *wire, struct where *where)
{
	const struct elf_segment *dynamic = &elf->segment[index];
	if (dynamic->file_bytes != dynamic->memory_bytes || !is_multiple(dynamic->file_bytes, wire->dynamic_bytes))
		return elf_refuse_segment(STATUS_ELF_DYNAMIC_SIZE, where, elf, index, ELF_P_FILESZ, dynamic->file_bytes,
		                          dynamic->memory_bytes);
	if (!is_multiple(dynamic->vaddr, wire->word_bytes))
		return elf_refuse_segment(STATUS_ELF_DYNAMIC_UNALIGNED, where, elf, index, ELF_P_VADDR, dynamic->vaddr,
		                          wire->word_bytes);
	const struct elf_segment *load = elf_segment_around(elf, dynamic->vaddr, dynamic->file_bytes);
	if (!load || !range_is_inside(dynamic->vaddr - load->vaddr, dynamic->file_bytes, load->file_bytes)
	    || dynamic->offset - load->offset != dynamic->vaddr - load->vaddr)
		return elf_refuse_segment(STATUS_ELF_DYNAMIC_OUTSIDE, where, elf, index, ELF_P_VADDR, dynamic->vaddr, 0);
	return STATUS_OK;
}

static enum status check_tag(uint64_t tag, uint64_t value)
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
		return STATUS_OK;
	}
}

enum status elf_check_dynamic(const struct elf *elf, uint32_t index, struct where *where)
{
	const struct elf_segment *dynamic = &elf->segment[index];
	const struct elf_wire *wire = elf_wire_of(elf->class_bits);
	const struct elf_field tag_field = { 0, wire->word_bytes }, value_field = { wire->word_bytes, wire->word_bytes };
	enum status status = check_place(elf, index, wire, where);
	if (status != STATUS_OK)
		return status;
	for (uint64_t done = 0; done < dynamic->file_bytes; done += wire->dynamic_bytes) {
		const uint8_t *at = elf->bytes + dynamic->offset + done;
		uint64_t tag = elf_wire_get(at, tag_field), value = elf_wire_get(at, value_field);
		if (tag == DT_NULL)
			return STATUS_OK;
		status = check_tag(tag, value);
		if (status != STATUS_OK) {
			*where = (struct where) { .offset = dynamic->offset + done, .index = index, .value = tag, .limit = value };
			return status;
		}
	}
	return elf_refuse_segment(STATUS_ELF_DYNAMIC_UNTERMINATED, where, elf, index, ELF_P_FILESZ, dynamic->file_bytes, 0);
}
