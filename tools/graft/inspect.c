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

static void print_ident(const uint8_t *bytes)
{
	fputs("ELF Header:\n  Magic:  ", stdout);
	for (unsigned i = 0; i < ELF_IDENT_BYTES; i++)
		printf(" %02x", bytes[i]);
	printf("\n  Class:                             %s\n", bytes[ELF_IDENT_CLASS] == 1 ? "ELF32" : "ELF64");
	printf("  Data:                              %s\n", bytes[ELF_IDENT_DATA] == 1 ? "2's complement, little endian" : "not little endian");
	printf("  Version:                           %u\n", bytes[ELF_IDENT_VERSION_AT]);
	printf("  OS/ABI:                            %s\n", inspect_name(name_of_osabi(bytes[ELF_IDENT_OSABI_AT]), bytes[ELF_IDENT_OSABI_AT]));
	printf("  ABI Version:                       %u\n", bytes[ELF_IDENT_ABI_VERSION_AT]);
}

static uint64_t header_field(const uint8_t *bytes, const struct elf_wire *wire, enum elf_header_field field)
{
	return elf_wire_get(bytes, wire->header[field]);
}

static void print_header(const uint8_t *bytes, const struct elf_wire *wire)
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
	uint64_t type = header_field(bytes, wire, ELF_E_TYPE), machine = header_field(bytes, wire, ELF_E_MACHINE);
	print_ident(bytes);
	printf("  Type:                              %s\n", inspect_name(name_of_type(type), type));
	printf("  Machine:                           %s\n", inspect_name(name_of_machine(machine), machine));
	printf("  Version:                           0x%" PRIx64 "\n", header_field(bytes, wire, ELF_E_VERSION));
	printf("  Entry point address:               0x%" PRIx64 "\n", header_field(bytes, wire, ELF_E_ENTRY));
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		uint64_t value = header_field(bytes, wire, numbers[i].field);
		printf(numbers[i].field == ELF_E_FLAGS ? "  %-34s 0x%" PRIx64 "%s\n" : "  %-34s %" PRIu64 "%s\n", numbers[i].label, value,
		       numbers[i].unit);
	}
}

static void print_segment(const uint8_t *at, const struct elf_wire *wire)
{
	uint64_t field[ELF_P_COUNT];
	for (uint32_t i = 0; i < ELF_P_COUNT; i++)
		field[i] = elf_wire_get(at, wire->segment[i]);
	int digits = wire->class_bits / 4, size_digits = wire->class_bits == 32 ? 5 : 6;
	printf("  %-14s 0x%06" PRIx64 " 0x%0*" PRIx64 " 0x%0*" PRIx64 " 0x%0*" PRIx64 " 0x%0*" PRIx64 " %c%c%c 0x%" PRIx64 "\n",
	       inspect_name(name_of_segment_type(field[ELF_P_TYPE]), field[ELF_P_TYPE]), field[ELF_P_OFFSET], digits,
	       field[ELF_P_VADDR], digits, field[ELF_P_PADDR], size_digits, field[ELF_P_FILESZ], size_digits, field[ELF_P_MEMSZ],
	       field[ELF_P_FLAGS] & 4 ? 'R' : ' ', field[ELF_P_FLAGS] & 2 ? 'W' : ' ', field[ELF_P_FLAGS] & 1 ? 'E' : ' ',
	       field[ELF_P_ALIGN]);
}

/* As many program headers as lie inside the file. */
static void print_segments(const uint8_t *bytes, uint64_t size_bytes, const struct elf_wire *wire)
{
	uint64_t offset = header_field(bytes, wire, ELF_E_PHOFF), count = header_field(bytes, wire, ELF_E_PHNUM);
	if (count == 0) {
		puts("\nNo program headers.");
		return;
	}
	puts("\nProgram Headers:\n  Type           Offset   VirtAddr   PhysAddr   FileSiz  MemSiz   Flg Align");
	for (uint64_t i = 0; i < count; i++) {
		uint64_t at = offset + i * wire->segment_header_bytes;
		if (offset > size_bytes || !range_is_inside(at, wire->segment_header_bytes, size_bytes)) {
			printf("  the other %" PRIu64 " do not lie inside the file\n", count - i);
			break;
		}
		print_segment(bytes + at, wire);
	}
}

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

/* Shows a program, and then the verdict. Returns whether there was anything to show. */
static bool inspect_elf(const char *path, const struct archive_entry *entry, const uint8_t *bytes, uint64_t size_bytes)
{
	const char *program = entry ? entry->name : NULL;
	struct where where;
	const struct elf_wire *wire = wire_of_file(bytes, size_bytes);
	if (wire) {
		print_header(bytes, wire);
		print_segments(bytes, size_bytes, wire);
		inspect_sections(bytes, size_bytes, wire);
		putchar('\n');
	}
	enum status status = judge(bytes, size_bytes, entry, &where);
	if (status == STATUS_OK)
		printf("%s: %s%saccepted\n", path, program ? program : "", program ? ": " : "");
	else
		report_refusal(wire ? stdout : stderr, path, program, status, &where, "program header");
	return wire != NULL;
}

static bool inspect_archive(const char *path, const struct file *file)
{
	struct archive archive;
	struct where where;
	enum status status = archive_open(file->bytes, file->size_bytes, &archive, &where);
	if (status != STATUS_OK) {
		report_refusal(stderr, path, NULL, status, &where, "entry");
		return false;
	}
	printf("Archive of %" PRIu32 " programs, %" PRIu64 " bytes\n", archive.entry_count, archive.size_bytes);
	bool done = true;
	for (uint32_t i = 0; i < archive.entry_count; i++) {
		struct archive_entry entry;
		archive_entry_get(&archive, i, &entry);
		printf("\nProgram %s: id %" PRIu32 ", version %" PRIu32 ", flags 0x%" PRIx32 ", %" PRIu64 " bytes at 0x%" PRIx64 "\n", entry.name,
		       entry.id, entry.version, entry.flags, entry.size_bytes, entry.offset);
		status = archive_check_payload(&archive, &entry, &where);
		if (status != STATUS_OK)
			report_refusal(stdout, path, entry.name, status, &where, "entry");
		done = inspect_elf(path, &entry, archive.bytes + entry.offset, entry.size_bytes) && done;
	}
	return done;
}

int command_inspect(int argc, char **argv)
{
	struct file file;
	if (argc != 2) {
		complain("inspect: name one file");
		return EXIT_USAGE;
	}
	if (!file_read_all(argv[1], &file))
		return EXIT_REFUSED;
	bool done = is_archive(&file) ? inspect_archive(argv[1], &file)
	                              : inspect_elf(argv[1], NULL, file.bytes, file.size_bytes);
	file_free(&file);
	return done ? EXIT_DONE : EXIT_REFUSED;
}
