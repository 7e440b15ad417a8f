/* SPDX-License-Identifier: BSD-2-Clause */
/* graft inspect: section headers and symbols, just as readelf -W prints them (test/tool/check-readelf), but for what it adds from
 * elsewhere in the file. */
#include "tools/graft/inspect.h"
#include "tools/graft/names.h"
#include "tools/graft/report.h"
#include <inttypes.h>

enum { OSABI_GNU = 3, OSABI_FREEBSD = 9 };

/* By bit: 0 to 11 (3 has no meaning), 20 to 27 the system's, 28 to 31 the processor's. Bit 21 means "retain" under GNU's and
 * FreeBSD's ABI only. */
static const char *section_flags(uint64_t flags, uint8_t osabi)
{
	static const char letters[] = "WAXxMSILOGTCxxxxxxxxoRooDooolppE";
	static char text[65];
	unsigned length = 0;
	for (unsigned bit = 0; bit < 64; bit++)
		if (flags >> bit & 1)
			text[length++] = bit >= 32 ? 'x' : bit == 21 && osabi != OSABI_GNU && osabi != OSABI_FREEBSD ? 'o' : letters[bit];
	text[length] = 0;
	return text;
}

static const char *inspect_section_type(const struct sections *sections, uint64_t type)
{
	static char text[32];
	uint64_t machine = elf_wire_get(sections->bytes, sections->wire->header[ELF_E_MACHINE]);
	const char *name = name_of_section_type(type, machine);
	if (name)
		return name;
	if (type >= 0x80000000)
		snprintf(text, sizeof text, "LOUSER+0x%" PRIx64, type - 0x80000000);
	else if (type >= 0x70000000)
		snprintf(text, sizeof text, "LOPROC+0x%" PRIx64, type - 0x70000000);
	else if (type >= 0x60000000)
		snprintf(text, sizeof text, "LOOS+0x%" PRIx64, type - 0x60000000);
	else
		snprintf(text, sizeof text, "%08" PRIx64 ": <unknown>", type);
	return text;
}

/* At least so many columns. */
static void print_padded(const char *text, int columns)
{
	for (const char *at = text; *at; at++)
		columns -= *at >= ' ' && *at < 0x7f ? 1 : 4;
	report_text(stdout, text);
	printf("%*s", columns > 0 ? columns : 0, "");
}

static void print_section(const struct sections *sections, uint64_t index)
{
	struct section section;
	section_get(sections, index, &section);
	int digits = sections->wire->class_bits / 4;
	printf("  [%2" PRIu64 "] ", index);
	print_padded(section_name(sections, &section), 17);
	printf(" %-15s %0*" PRIx64 " %06" PRIx64 " %06" PRIx64 " %02" PRIx64 " %3s %2" PRIu64 " %3" PRIu64 " %2" PRIu64 "\n",
	       inspect_section_type(sections, section.type), digits, section.addr, section.offset,
	       section.size, section.entry_bytes, section_flags(section.flags, sections->bytes[ELF_IDENT_OSABI_AT]),
	       section.link, section.info, section.align);
}

const char *inspect_symbol_place(uint16_t section)
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
	printf("%6" PRIu64 ": %0*" PRIx64, index, digits, symbol.value);
	printf(symbol.size > 99999 ? " 0x%" PRIx64 : " %5" PRIu64, symbol.size); /* as readelf does */
	printf(" %-7s %-6s %-7s", inspect_name(name_of_symbol_type(symbol.type), symbol.type),
	       inspect_name(name_of_symbol_binding(symbol.binding), symbol.binding), name_of_symbol_visibility(symbol.other));
	if (symbol.other > 3)
		printf(" [<other>: %x] ", symbol.other & ~3u);
	printf(" %4s ", inspect_symbol_place(symbol.section));
	report_text(stdout, symbol.name);
	putchar('\n');
}

static void print_symbols(const struct sections *sections, const struct section *table)
{
	uint64_t count = symbol_count(sections, table);
	fputs("\nSymbol table '", stdout);
	report_text(stdout, section_name(sections, table));
	printf("' contains %" PRIu64 " entr%s:\n   Num:    %-*sSize Type    Bind   Vis      Ndx Name\n", count, count == 1 ? "y" : "ies",
	       sections->wire->class_bits / 4 - 1, "Value");
	for (uint64_t i = 0; i < count; i++)
		print_symbol(sections, table, i);
}

void inspect_sections(const struct inspected *file)
{
	struct sections sections;
	struct section section;
	const char *reason;
	if (!sections_open(file->bytes, file->size_bytes, file->wire, &sections, &reason)) {
		printf("\nNo section headers%s%s.\n", reason ? ": " : "", reason ? reason : "");
		return;
	}
	printf("\nSection Headers:\n  [Nr] Name              Type            %-*s Off    Size   ES Flg Lk Inf Al\n",
	       file->wire->class_bits / 4, "Address");
	for (uint64_t i = 0; i < sections.count; i++)
		print_section(&sections, i);
	for (uint64_t i = 0; i < sections.count; i++) {
		section_get(&sections, i, &section);
		if (section.type == SECTION_SYMTAB || section.type == SECTION_DYNSYM)
			print_symbols(&sections, &section);
	}
}
