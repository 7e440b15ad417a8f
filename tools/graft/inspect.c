/* SPDX-License-Identifier: BSD-2-Clause */
/* graft inspect: what a file says of itself, in the order and with the names that readelf uses, and then whether it would be
 * loaded. Shows as much of a damaged file as there is; nothing printed here is trusted anywhere. */
#include "tools/graft/inspect.h"
#include "tools/graft/check.h"
#include "tools/graft/graft.h"
#include "tools/graft/names.h"
#include "tools/graft/report.h"
#include "tools/graft/startup.h"
#include "lib/archive/archive.h"
#include <inttypes.h>
#include <string.h>

const char *inspect_name(const char *name, uint64_t number)
{
	static char text[4][24];
	static unsigned next;
	if (name)
		return name;
	next = (next + 1) % 4;
	snprintf(text[next], sizeof text[next], "0x%" PRIx64, number);
	return text[next];
}

/* ---- the file ---- */

/* The class decides the layout; without a usable one there is nothing to show. */
static const struct elf_wire *wire_of_file(const uint8_t *bytes, uint64_t size_bytes)
{
	static const uint8_t magic[4] = { 0x7f, 'E', 'L', 'F' };
	if (size_bytes < ELF_IDENT_BYTES || memcmp(bytes, magic, sizeof magic) != 0 || bytes[ELF_IDENT_DATA] != 1)
		return NULL;
	const struct elf_wire *wire = elf_wire_of(bytes[ELF_IDENT_CLASS] == 1 ? 32 : bytes[ELF_IDENT_CLASS] == 2 ? 64 : 0);
	return wire && size_bytes >= wire->header_bytes ? wire : NULL;
}

/* A file as it would be packed, a payload (entry is not NULL) as it would be loaded. */
static enum status judge(const uint8_t *bytes, uint64_t size_bytes, const struct archive_entry *entry, struct where *where)
{
	static struct plan plan;
	struct load load;
	enum status status = entry ? check_accept(bytes, size_bytes, entry->flags, &load, where)
	                           : check_file(bytes, size_bytes, startup_flags(bytes, size_bytes), &load, where);
	return status == STATUS_OK ? check_plan(&load, entry != NULL, &plan, where) : status;
}

void inspect_start(const uint8_t *bytes, uint64_t size_bytes, const struct archive_entry *entry, struct inspected *file)
{
	*file = (struct inspected){ .bytes = bytes, .size_bytes = size_bytes, .wire = wire_of_file(bytes, size_bytes) };
	file->status = judge(bytes, size_bytes, entry, &file->where);
}

uint64_t inspect_header_field(const struct inspected *file, enum elf_header_field field)
{
	return elf_wire_get(file->bytes, file->wire->header[field]);
}

bool inspect_segment_at(const struct inspected *file, uint64_t index, uint64_t *offset)
{
	uint64_t start = inspect_header_field(file, ELF_E_PHOFF), bytes = file->wire->segment_header_bytes;
	*offset = start + index * bytes;
	return start <= file->size_bytes && range_is_inside(*offset, bytes, file->size_bytes);
}

const char *inspect_header_name(enum elf_header_field field)
{
	static const char *const names[ELF_E_COUNT] = { "e_type", "e_machine", "e_version", "e_entry", "e_phoff", "e_shoff", "e_flags",
		"e_ehsize", "e_phentsize", "e_phnum", "e_shentsize", "e_shnum", "e_shstrndx" };
	return names[field];
}

const char *inspect_segment_name(enum elf_segment_field field)
{
	static const char *const names[ELF_P_COUNT] = { "p_type", "p_flags", "p_offset", "p_vaddr", "p_paddr", "p_filesz", "p_memsz",
		"p_align" };
	return names[field];
}

/* ---- for people ---- */

/* Points at a field if it is the one that the refusal is about: a line of its own under the one that shows it. */
static void point(const struct inspected *file, uint64_t offset, uint64_t bytes, const char *name)
{
	if (file->status != STATUS_OK && file->where.offset >= offset && file->where.offset - offset < bytes)
		printf("  ^^^ %s at 0x%" PRIx64 ": %s\n", name, offset, status_text(file->status));
}

static void point_at_header(const struct inspected *file, enum elf_header_field field)
{
	point(file, file->wire->header[field].offset, file->wire->header[field].bytes, inspect_header_name(field));
}

static void print_ident(const struct inspected *file)
{
	const uint8_t *bytes = file->bytes;
	fputs("ELF Header:\n  Magic:  ", stdout);
	for (unsigned i = 0; i < ELF_IDENT_BYTES; i++)
		printf(" %02x", bytes[i]);
	putchar('\n');
	point(file, ELF_IDENT_PADDING_AT, ELF_IDENT_BYTES - ELF_IDENT_PADDING_AT, "padding of e_ident");
	printf("  Class:                             %s\n", bytes[ELF_IDENT_CLASS] == 1 ? "ELF32" : "ELF64");
	point(file, ELF_IDENT_CLASS, 1, "EI_CLASS");
	printf("  Data:                              %s\n", "2's complement, little endian");
	printf("  Version:                           %u\n", bytes[ELF_IDENT_VERSION_AT]);
	point(file, ELF_IDENT_VERSION_AT, 1, "EI_VERSION");
	printf("  OS/ABI:                            %s\n", inspect_name(name_of_osabi(bytes[ELF_IDENT_OSABI_AT]), bytes[ELF_IDENT_OSABI_AT]));
	point(file, ELF_IDENT_OSABI_AT, 1, "EI_OSABI");
	printf("  ABI Version:                       %u\n", bytes[ELF_IDENT_ABI_VERSION_AT]);
	point(file, ELF_IDENT_ABI_VERSION_AT, 1, "EI_ABIVERSION");
}

static void print_names(const struct inspected *file)
{
	uint64_t type = inspect_header_field(file, ELF_E_TYPE), machine = inspect_header_field(file, ELF_E_MACHINE);
	printf("  Type:                              %s\n", inspect_name(name_of_type(type), type));
	point_at_header(file, ELF_E_TYPE);
	printf("  Machine:                           %s\n", inspect_name(name_of_machine(machine), machine));
	point_at_header(file, ELF_E_MACHINE);
	printf("  Version:                           0x%" PRIx64 "\n", inspect_header_field(file, ELF_E_VERSION));
	point_at_header(file, ELF_E_VERSION);
	printf("  Entry point address:               0x%" PRIx64 "\n", inspect_header_field(file, ELF_E_ENTRY));
	point_at_header(file, ELF_E_ENTRY);
}

static void print_header(const struct inspected *file)
{
	static const struct { enum elf_header_field field; const char *label; const char *unit; } numbers[] = {
		{ ELF_E_PHOFF, "Start of program headers:", " (bytes into file)" },
		{ ELF_E_SHOFF, "Start of section headers:", " (bytes into file)" },
		{ ELF_E_FLAGS, "Flags:", "" },
		{ ELF_E_EHSIZE, "Size of this header:", " (bytes)" },
		{ ELF_E_PHENTSIZE, "Size of program headers:", " (bytes)" },
		{ ELF_E_PHNUM, "Number of program headers:", "" },
		{ ELF_E_SHENTSIZE, "Size of section headers:", " (bytes)" },
		{ ELF_E_SHNUM, "Number of section headers:", "" },
		{ ELF_E_SHSTRNDX, "Section header string table index:", "" },
	};
	print_ident(file);
	print_names(file);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		uint64_t value = inspect_header_field(file, numbers[i].field);
		printf(numbers[i].field == ELF_E_FLAGS ? "  %-34s 0x%" PRIx64 "%s\n" : "  %-34s %" PRIu64 "%s\n", numbers[i].label, value,
		       numbers[i].unit);
		point_at_header(file, numbers[i].field);
	}
}

static void print_segment(const struct inspected *file, uint64_t offset)
{
	const struct elf_wire *wire = file->wire;
	uint64_t field[ELF_P_COUNT];
	for (uint32_t i = 0; i < ELF_P_COUNT; i++)
		field[i] = elf_wire_get(file->bytes + offset, wire->segment[i]);
	int digits = wire->class_bits / 4, size_digits = wire->class_bits == 32 ? 5 : 6;
	printf("  %-14s 0x%06" PRIx64 " 0x%0*" PRIx64 " 0x%0*" PRIx64 " 0x%0*" PRIx64 " 0x%0*" PRIx64 " %c%c%c %#" PRIx64 "\n",
	       inspect_name(name_of_segment_type(field[ELF_P_TYPE], inspect_header_field(file, ELF_E_MACHINE)), field[ELF_P_TYPE]),
	       field[ELF_P_OFFSET], digits, field[ELF_P_VADDR], digits, field[ELF_P_PADDR], size_digits, field[ELF_P_FILESZ],
	       size_digits, field[ELF_P_MEMSZ], field[ELF_P_FLAGS] & 4 ? 'R' : ' ', field[ELF_P_FLAGS] & 2 ? 'W' : ' ',
	       field[ELF_P_FLAGS] & 1 ? 'E' : ' ', field[ELF_P_ALIGN]);
	for (uint32_t i = 0; i < ELF_P_COUNT; i++)
		point(file, offset + wire->segment[i].offset, wire->segment[i].bytes, inspect_segment_name((enum elf_segment_field)i));
}

/* As many program headers as lie inside the file. */
static void print_segments(const struct inspected *file)
{
	uint64_t count = inspect_header_field(file, ELF_E_PHNUM), at;
	if (count == 0) {
		puts("\nNo program headers.");
		return;
	}
	puts("\nProgram Headers:\n  Type           Offset   VirtAddr   PhysAddr   FileSiz  MemSiz   Flg Align");
	for (uint64_t i = 0; i < count; i++) {
		if (!inspect_segment_at(file, i, &at)) {
			printf("  the other %" PRIu64 " do not lie inside the file\n", count - i);
			break;
		}
		print_segment(file, at);
	}
}

/* Shows a program, and then the verdict: of a file as it would be packed, of a payload (entry is not NULL) as it would be loaded.
 * Returns whether there was anything to show. */
static bool inspect_elf(const char *path, const struct archive_entry *entry, const uint8_t *bytes, uint64_t size_bytes, bool json)
{
	const char *program = entry ? entry->name : NULL;
	struct inspected file;
	inspect_start(bytes, size_bytes, entry, &file);
	if (json) {
		inspect_json(path, program, &file);
		return file.wire != NULL;
	}
	if (file.wire) {
		print_header(&file);
		print_segments(&file);
		inspect_sections(&file);
		putchar('\n');
	}
	if (file.status == STATUS_OK)
		printf("%s: %s%saccepted\n", path, program ? program : "", program ? ": " : "");
	else
		report_refusal(file.wire ? stdout : stderr, path, program, file.status, &file.where, "program header");
	return file.wire != NULL;
}

static void print_entry(const struct archive_entry *entry)
{
	printf("\nProgram %s: id %" PRIu32 ", version %" PRIu32 ", flags 0x%" PRIx32 ", %" PRIu64 " bytes at 0x%" PRIx64 "\n", entry->name,
	       entry->id, entry->version, entry->flags, entry->size_bytes, entry->offset);
}

/* JSON: an array of its programs. */
static bool inspect_archive(const char *path, const struct file *file, bool json)
{
	struct archive archive;
	struct where where;
	enum status status = check_archive_open(file, &archive, &where);
	if (status != STATUS_OK) {
		report_refusal(stderr, path, NULL, status, &where, "entry");
		return false;
	}
	if (json)
		putchar('[');
	else
		printf("Archive of %" PRIu32 " programs, %" PRIu64 " bytes\n", archive.entry_count, archive.size_bytes);
	bool done = true;
	for (uint32_t i = 0; i < archive.entry_count; i++) {
		struct archive_entry entry;
		archive_entry_get(&archive, i, &entry);
		if (json && i != 0)
			putchar(',');
		if (!json)
			print_entry(&entry);
		status = archive_check_payload(&archive, &entry, &where);
		if (status != STATUS_OK)
			report_refusal(json ? stderr : stdout, path, entry.name, status, &where, "entry");
		done = inspect_elf(path, &entry, archive.bytes + entry.offset, entry.size_bytes, json) && done;
	}
	if (json)
		puts("]");
	return done;
}

int command_inspect(int argc, char **argv)
{
	struct file file;
	bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
	const char *path = argv[argc - 1];
	if (argc != (json ? 3 : 2)) {
		complain("inspect: name one file, and --json before it if wanted");
		return EXIT_USAGE;
	}
	if (!file_read_all(path, &file))
		return EXIT_REFUSED;
	bool done = is_archive(&file) ? inspect_archive(path, &file, json)
	                              : inspect_elf(path, NULL, file.bytes, file.size_bytes, json);
	if (json && !is_archive(&file))
		putchar('\n');
	file_free(&file);
	return done ? EXIT_DONE : EXIT_REFUSED;
}
