/* SPDX-License-Identifier: BSD-2-Clause */
/* Section headers and symbols, each field bounded by the file (gABI chapter 4). */
#include "tools/graft/sections.h"
#include "lib/base/bytes.h"

#define SHN_XINDEX 0xffffu /* the number of the section with names did not fit: it is in section 0 */

/* Section header: ten fields, 4 bytes each or, for the five that hold addresses and sizes in ELF64, 8. */
static uint64_t section_bytes(const struct elf_wire *wire)
{
	return wire->class_bits == 32 ? 40 : 64;
}

static uint64_t symbol_bytes(const struct elf_wire *wire)
{
	return wire->class_bits == 32 ? 16 : 24;
}

void section_get(const struct sections *sections, uint64_t index, struct section *section)
{
	static const uint8_t is_word[10] = { 0, 0, 1, 1, 1, 1, 0, 0, 1, 1 };
	const uint8_t *at = sections->bytes + sections->offset + index * section_bytes(sections->wire);
	uint64_t field[10];
	for (unsigned i = 0; i < 10; i++) {
		uint8_t bytes = is_word[i] ? sections->wire->word_bytes : 4;
		field[i] = elf_wire_get(at, (struct elf_field) { 0, bytes });
		at += bytes;
	}
	*section = (struct section) { field[0], field[1], field[2], field[3], field[4], field[5], field[6], field[7], field[8],
		field[9] };
}

/* Section 0 holds what did not fit the ELF header. */
static void read_extended(struct sections *sections)
{
	struct section zero;
	section_get(sections, 0, &zero);
	if (sections->count == 0)
		sections->count = zero.size;
	if (sections->names == SHN_XINDEX)
		sections->names = zero.link;
}

bool sections_open(const uint8_t *bytes, uint64_t size_bytes, const struct elf_wire *wire, struct sections *sections,
                   const char **reason)
{
	*sections = (struct sections) { .bytes = bytes, .size_bytes = size_bytes, .wire = wire };
	sections->offset = elf_wire_get(bytes, wire->header[ELF_E_SHOFF]);
	sections->count = elf_wire_get(bytes, wire->header[ELF_E_SHNUM]);
	sections->names = elf_wire_get(bytes, wire->header[ELF_E_SHSTRNDX]);
	uint64_t entry_bytes = section_bytes(wire);
	*reason = NULL;
	if (sections->offset == 0)
		return false;
	*reason = "the size of a section header is not that of the class";
	if (elf_wire_get(bytes, wire->header[ELF_E_SHENTSIZE]) != entry_bytes)
		return false;
	*reason = "the section headers do not lie inside the file";
	if (!range_is_inside(sections->offset, entry_bytes, size_bytes))
		return false;
	read_extended(sections);
	return sections->count <= (size_bytes - sections->offset) / entry_bytes;
}

const char *section_text(const struct sections *sections, uint64_t table, uint64_t offset)
{
	static const char none[] = "<no name>";
	struct section section;
	if (table >= sections->count)
		return none;
	section_get(sections, table, &section);
	if (section.type != SECTION_STRTAB || !range_is_inside(section.offset, section.size, sections->size_bytes)
	    || offset >= section.size)
		return none;
	const uint8_t *at = sections->bytes + section.offset + offset;
	for (uint64_t i = 0; i < section.size - offset; i++)
		if (at[i] == 0)
			return (const char *)at;
	return none;
}

const char *section_name(const struct sections *sections, const struct section *section)
{
	return section_text(sections, sections->names, section->name);
}

uint64_t symbol_count(const struct sections *sections, const struct section *table)
{
	if (!range_is_inside(table->offset, table->size, sections->size_bytes))
		return 0;
	return table->size / symbol_bytes(sections->wire);
}

void symbol_get(const struct sections *sections, const struct section *table, uint64_t index, struct symbol *symbol)
{
	const uint8_t *at = sections->bytes + table->offset + index * symbol_bytes(sections->wire);
	bool wide = sections->wire->class_bits == 64;
	uint8_t info = wide ? at[4] : at[12];
	symbol->name = section_text(sections, table->link, bytes_get32(at));
	symbol->value = wide ? bytes_get64(at + 8) : bytes_get32(at + 4);
	symbol->size = wide ? bytes_get64(at + 16) : bytes_get32(at + 8);
	symbol->type = info & 15;
	symbol->binding = info >> 4;
	symbol->other = wide ? at[5] : at[13];
	symbol->section = bytes_get16(at + (wide ? 6 : 14));
}
