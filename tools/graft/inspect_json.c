/* SPDX-License-Identifier: BSD-2-Clause */
/* graft inspect --json: doc/schema/inspect.json says what is there. Numbers are numbers, in full; names are readelf's, or null where the
 * number has none. */
#include "tools/graft/inspect.h"
#include "tools/graft/names.h"
#include "tools/graft/report.h"
#include <inttypes.h>

static void put_key(const char *comma, const char *key)
{
	printf("%s", comma);
	report_json_text(stdout, key);
	fputs(": ", stdout);
}

static void put_number(const char *comma, const char *key, uint64_t value)
{
	put_key(comma, key);
	printf("%" PRIu64, value);
}

static void put_text(const char *comma, const char *key, const char *text)
{
	put_key(comma, key);
	if (text)
		report_json_text(stdout, text);
	else
		fputs("null", stdout);
}

static void put_verdict(const struct inspected *file)
{
	bool accepted = file->status == STATUS_OK;
	fputs(",\n \"verdict\": {\"accepted\": ", stdout);
	fputs(accepted ? "true" : "false", stdout);
	put_text(", ", "status", status_name(file->status));
	put_text(", ", "text", status_text(file->status));
	if (!accepted) {
		put_number(", ", "offset", file->where.offset);
		put_number(", ", "value", file->where.value);
		put_number(", ", "limit", file->where.limit);
		if (file->where.index != WHERE_NO_INDEX)
			put_number(", ", "program_header", file->where.index);
	}
	putchar('}');
}

static void put_header(const struct inspected *file)
{
	const uint8_t *bytes = file->bytes;
	fputs(",\n \"header\": {", stdout);
	put_number("", "class_bits", file->wire->class_bits);
	put_number(", ", "osabi", bytes[ELF_IDENT_OSABI_AT]);
	put_number(", ", "abi_version", bytes[ELF_IDENT_ABI_VERSION_AT]);
	put_text(", ", "type_name", name_of_type(inspect_header_field(file, ELF_E_TYPE)));
	put_text(", ", "machine_name", name_of_machine(inspect_header_field(file, ELF_E_MACHINE)));
	for (uint32_t i = 0; i < ELF_E_COUNT; i++)
		put_number(", ", inspect_header_name((enum elf_header_field)i), inspect_header_field(file, (enum elf_header_field)i));
	putchar('}');
}

static void put_segments(const struct inspected *file)
{
	uint64_t count = inspect_header_field(file, ELF_E_PHNUM), at;
	fputs(",\n \"segments\": [", stdout);
	for (uint64_t i = 0; i < count && inspect_segment_at(file, i, &at); i++) {
		fputs(i ? ",\n  {" : "\n  {", stdout);
		put_text("", "type_name", name_of_segment_type(elf_wire_get(file->bytes + at, file->wire->segment[ELF_P_TYPE]),
		                                              inspect_header_field(file, ELF_E_MACHINE)));
		for (uint32_t field = 0; field < ELF_P_COUNT; field++)
			put_number(", ", inspect_segment_name((enum elf_segment_field)field),
			           elf_wire_get(file->bytes + at, file->wire->segment[field]));
		putchar('}');
	}
	putchar(']');
}

static void put_section(const struct sections *sections, uint64_t index)
{
	struct section section;
	section_get(sections, index, &section);
	fputs(index ? ",\n  {" : "\n  {", stdout);
	put_text("", "name", section_name(sections, &section));
	put_text(", ", "type_name", name_of_section_type(section.type, elf_wire_get(sections->bytes, sections->wire->header[ELF_E_MACHINE])));
	put_number(", ", "sh_type", section.type);
	put_number(", ", "sh_flags", section.flags);
	put_number(", ", "sh_addr", section.addr);
	put_number(", ", "sh_offset", section.offset);
	put_number(", ", "sh_size", section.size);
	put_number(", ", "sh_link", section.link);
	put_number(", ", "sh_info", section.info);
	put_number(", ", "sh_addralign", section.align);
	put_number(", ", "sh_entsize", section.entry_bytes);
	putchar('}');
}

static void put_symbol(const struct sections *sections, const struct section *table, uint64_t index)
{
	struct symbol symbol;
	symbol_get(sections, table, index, &symbol);
	fputs(index ? ",\n   {" : "\n   {", stdout);
	put_text("", "name", symbol.name);
	put_number(", ", "value", symbol.value);
	put_number(", ", "size", symbol.size);
	put_text(", ", "type", inspect_name(name_of_symbol_type(symbol.type), symbol.type));
	put_text(", ", "binding", inspect_name(name_of_symbol_binding(symbol.binding), symbol.binding));
	put_text(", ", "visibility", name_of_symbol_visibility(symbol.other));
	put_number(", ", "section", symbol.section);
	putchar('}');
}

static void put_tables(const struct sections *sections)
{
	const char *comma = "";
	fputs(",\n \"symbol_tables\": [", stdout);
	for (uint64_t i = 0; i < sections->count; i++) {
		struct section table;
		section_get(sections, i, &table);
		if (table.type != SECTION_SYMTAB && table.type != SECTION_DYNSYM)
			continue;
		printf("%s\n  {", comma);
		put_text("", "name", section_name(sections, &table));
		fputs(", \"symbols\": [", stdout);
		for (uint64_t symbol = 0, count = symbol_count(sections, &table); symbol < count; symbol++)
			put_symbol(sections, &table, symbol);
		fputs("]}", stdout);
		comma = ",";
	}
	putchar(']');
}

static void put_sections(const struct inspected *file)
{
	struct sections sections;
	const char *reason;
	bool any = sections_open(file->bytes, file->size_bytes, file->wire, &sections, &reason);
	fputs(",\n \"sections\": [", stdout);
	for (uint64_t i = 0; any && i < sections.count; i++)
		put_section(&sections, i);
	putchar(']');
	if (any)
		put_tables(&sections);
	else
		fputs(",\n \"symbol_tables\": []", stdout);
}

void inspect_json(const char *path, const char *program, const struct inspected *file)
{
	putchar('{');
	put_text("", "file", path);
	put_text(", ", "program", program);
	put_verdict(file);
	if (file->wire) {
		put_header(file);
		put_segments(file);
		put_sections(file);
	}
	putchar('}');
}
