/* SPDX-License-Identifier: BSD-2-Clause */
/* Section headers, string tables and symbols of any ELF file, for people and for the packer's symbol table. The loader
 * never looks at them. Every access is bounded by the file, whatever the file says. */
#pragma once
#include "lib/base/base.h"
#include "lib/elf/wire.h"

enum section_type { SECTION_NULL = 0, SECTION_SYMTAB = 2, SECTION_STRTAB = 3, SECTION_NOBITS = 8, SECTION_DYNSYM = 11 };
enum symbol_type { SYMBOL_NOTYPE = 0, SYMBOL_OBJECT = 1 };
enum symbol_binding { SYMBOL_LOCAL = 0, SYMBOL_GLOBAL = 1, SYMBOL_WEAK = 2 };
#define SECTION_INDEX_RESERVED 0xff00u /* of a symbol: from here on no section */

struct section {
	uint64_t name, type, flags, addr, offset, size, link, info, align, entry_bytes;
};

struct sections {
	const uint8_t *bytes;
	uint64_t size_bytes;
	const struct elf_wire *wire;
	uint64_t offset;
	uint64_t count;
	uint64_t names; /* number of the section with the sections' names */
};

struct symbol {
	const char *name; /* in the file; never NULL */
	uint64_t value, size;
	uint8_t  type, binding, other;
	uint16_t section;
};

/* Finds the section headers of a file whose ELF header is all there. False, with *reason, if there are none that can be used
 * (*reason is NULL if the file says itself that there are none). */
bool sections_open(const uint8_t *bytes, uint64_t size_bytes, const struct elf_wire *wire, struct sections *sections,
                   const char **reason);

/* Section number index < count. */
void section_get(const struct sections *sections, uint64_t index, struct section *section);

/* The text at an offset of a string table; "<no name>" if it does not lie, with its end, inside the section and the file. */
const char *section_text(const struct sections *sections, uint64_t table, uint64_t offset);
const char *section_name(const struct sections *sections, const struct section *section);

/* Number of symbols of a symbol table that lie inside the file, and one of them. */
uint64_t symbol_count(const struct sections *sections, const struct section *table);
void symbol_get(const struct sections *sections, const struct section *table, uint64_t index, struct symbol *symbol);
