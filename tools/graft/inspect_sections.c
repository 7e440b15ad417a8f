/* SPDX-License-Identifier: BSD-2-Clause */
/* graft inspect: section headers and symbols, in readelf's columns. */
#include "tools/graft/inspect.h"
#include "tools/graft/names.h"
#include "tools/graft/report.h"
#include <inttypes.h>

static const char *section_flags(uint64_t flags)
{
	static const char letters[] = "WAXxMSILOGTC"; /* bits 0 to 11; bit 3 has no meaning */
	static char text[16];
	unsigned length = 0;
	for (unsigned bit = 0; bit < sizeof letters - 1; bit++)
		if (flags >> bit & 1)
			text[length++] = letters[bit];
	if (flags >> 12)
		text[length++] = 'o';
	text[length] = 0;
	return text;
}

static void print_section(const struct sections *sections, uint64_t index)
{
	struct section section;
	section_get(sections, index, &section);
	int digits = sections->wire->class_bits / 4;
	printf("  [%2" PRIu64 "] %-15s %0*" PRIx64 " %06" PRIx64 " %06" PRIx64 " %02" PRIx64 " %3s %2" PRIu64 " %3" PRIu64 " %2" PRIu64 "  ",
	       index, inspect_name(name_of_section_type(section.type), section.type), digits, section.addr, section.offset,
	       section.size, section.entry_bytes, section_flags(section.flags), section.link, section.info, section.align);
	report_text(stdout, section_name(sections, &section));
	putchar('\n');
}

static const char *symbol_place(uint16_t section)
{
	static char text[8];
	if (section == 0)
		return "UND";
	if (section == 0xfff1)
		return "ABS";
	if (section == 0xfff2)
		return "COM";
	snprintf(text, sizeof text, "%u", section);
	return text;
}

static void print_symbol(const struct sections *sections, const struct section *table, uint64_t index)
{
	struct symbol symbol;
	symbol_get(sections, table, index, &symbol);
	int digits = sections->wire->class_bits / 4;
	printf("%6" PRIu64 ": %0*" PRIx64 " %5" PRIu64 " %-7s %-6s %-9s %3s ", index, digits, symbol.value, symbol.size,
	       inspect_name(name_of_symbol_type(symbol.type), symbol.type),
	       inspect_name(name_of_symbol_binding(symbol.binding), symbol.binding), name_of_symbol_visibility(symbol.other),
	       symbol_place(symbol.section));
	report_text(stdout, symbol.name);
	putchar('\n');
}

static void print_symbols(const struct sections *sections, const struct section *table)
{
	uint64_t count = symbol_count(sections, table);
	fputs("\nSymbol table '", stdout);
	report_text(stdout, section_name(sections, table));
	printf("' contains %" PRIu64 " entries:\n   Num:    Value  Size Type    Bind   Vis       Ndx Name\n", count);
	for (uint64_t i = 0; i < count; i++)
		print_symbol(sections, table, i);
}

void inspect_sections(const uint8_t *bytes, uint64_t size_bytes, const struct elf_wire *wire)
{
	struct sections sections;
	struct section section;
	const char *reason;
	if (!sections_open(bytes, size_bytes, wire, &sections, &reason)) {
		printf("\nNo section headers%s%s.\n", reason ? ": " : "", reason ? reason : "");
		return;
	}
	puts("\nSection Headers:\n  [Nr] Type            Address  Off    Size   ES Flg Lk Inf Al  Name");
	for (uint64_t i = 0; i < sections.count; i++)
		print_section(&sections, i);
	for (uint64_t i = 0; i < sections.count; i++) {
		section_get(&sections, i, &section);
		if (section.type == SECTION_SYMTAB || section.type == SECTION_DYNSYM)
			print_symbols(&sections, &section);
	}
}
