/* SPDX-License-Identifier: BSD-2-Clause */
/* graft check: would each file be accepted? A program is checked under the strict policy of its machine and planned with the
 * default stack; an archive also has every payload's digest and its signature checked, if it has one; with --key it must have one,
 * by that key. */
#include "tools/graft/graft.h"
#include "tools/graft/check.h"
#include "tools/graft/key.h"
#include "tools/graft/report.h"
#include "tools/graft/startup.h"
#include "lib/archive/archive.h"
#include <stdlib.h>
#include <string.h>

#define STACK_PAGES_DEFAULT 2u /* Microkit's default: 8 KiB */

static struct plan scratch; /* too large for a stack, and there is one thread */

/* Where the entry that was refused in the sorted copy lies in the file: the last of the same words, or, of two that write to the
 * same place, the last that does. */
static uint64_t unsorted_offset(const struct reloc *reloc, const uint8_t *sorted, enum status status, uint64_t offset)
{
	uint64_t bytes = status == STATUS_RELOC_REPEATED ? reloc->word_bytes : reloc->entry_bytes;
	uint64_t first = reloc->table.offset, end = first + (uint64_t)reloc->table.count * reloc->entry_bytes;
	if (offset < first || offset >= end) /* of the packed table, which stays as it is */
		return offset;
	uint64_t at = end - reloc->entry_bytes;
	while (at > first && memcmp(reloc->bytes + at, sorted + offset, bytes) != 0)
		at -= reloc->entry_bytes;
	return at;
}

/* The relocations again, in order, on a copy. */
static enum status check_sorted(const struct load *load, struct where *where)
{
	const struct elf_policy policy = { .relocation = ELF_RELOCATE_LOADER };
	struct elf elf = load->elf;
	struct reloc found, sorted;
	enum status status = reloc_open(&elf, &found, where);
	uint8_t *copy = malloc(elf.size_bytes);
	if (status == STATUS_OK && copy) {
		memcpy(copy, elf.bytes, elf.size_bytes);
		reloc_sort(&found, copy);
		elf.bytes = copy;
		status = reloc_read(&elf, &policy, &sorted, where);
		if (status != STATUS_OK)
			where->offset = unsorted_offset(&found, copy, status, where->offset);
	}
	free(copy);
	return status;
}

enum status check_accept(const uint8_t *bytes, uint64_t size_bytes, uint32_t flags, struct load *load, struct where *where)
{
	struct elf_policy policy;
	enum status status = elf_read(bytes, size_bytes, &load->elf, where);
	if (status != STATUS_OK)
		return status;
	load_policy(load->elf.machine, flags, &policy);
	return load_accept(bytes, size_bytes, &policy, LOAD_BASE_DEFAULT, load, where);
}

enum status check_file(const uint8_t *bytes, uint64_t size_bytes, uint32_t flags, struct load *load, struct where *where)
{
	enum status status = check_accept(bytes, size_bytes, flags, load, where);
	return status == STATUS_RELOC_UNSORTED ? check_sorted(load, where) : status;
}

enum status check_plan(const struct load *load, bool share, struct plan *plan, struct where *where)
{
	plan_start(plan_machine_of(load->elf.machine), STACK_PAGES_DEFAULT, plan);
	enum status status = plan_add_image(plan, &load->elf, share, where);
	return status == STATUS_OK ? load_add_startup(load, plan, where) : status;
}

bool is_archive(const struct file *file)
{
	static const char magic[] = "GRAFTAR1";
	return file->size_bytes >= sizeof magic - 1 && memcmp(file->bytes, magic, sizeof magic - 1) == 0;
}

enum status check_archive_open(const struct file *file, struct archive *archive, struct where *where)
{
	enum status status = archive_open(file->bytes, file->size_bytes, archive, where);
	if (status != STATUS_OK || archive->size_bytes == file->size_bytes)
		return status;
	*where = (struct where) { .offset = archive->size_bytes, .index = WHERE_NO_INDEX, .value = file->size_bytes,
	                          .limit = archive->size_bytes };
	return STATUS_ARCHIVE_LEFTOVER;
}

/* One program of an archive; offsets are told from the archive's first byte. */
static bool check_entry(const char *path, const struct archive *archive, uint32_t index)
{
	struct archive_entry entry;
	struct load load;
	struct where where;
	archive_entry_get(archive, index, &entry);
	enum status status = archive_check_payload(archive, &entry, &where);
	if (status == STATUS_OK) {
		status = check_accept(archive->bytes + entry.offset, entry.size_bytes, entry.flags, &load, &where);
		if (status == STATUS_OK)
			status = check_plan(&load, true, &scratch, &where);
		where.offset += entry.offset;
	}
	if (status != STATUS_OK)
		report_refusal(stdout, path, entry.name, status, &where, "program header");
	return status == STATUS_OK;
}

static bool check_archive(const char *path, const struct file *file, const uint8_t *key)
{
	struct archive archive;
	struct where where;
	enum status status = check_archive_open(file, &archive, &where);
	if (status == STATUS_OK && (key || archive.signature))
		status = archive_check_signature(&archive, key, key_verify, &where);
	if (status != STATUS_OK) {
		report_refusal(stdout, path, NULL, status, &where, "entry");
		return false;
	}
	bool accepted = true;
	for (uint32_t i = 0; i < archive.entry_count; i++)
		accepted = check_entry(path, &archive, i) && accepted;
	return accepted;
}

static bool check_elf(const char *path, const struct file *file, uint16_t *machine)
{
	struct load load;
	struct where where;
	enum status status = check_file(file->bytes, file->size_bytes, startup_flags(file->bytes, file->size_bytes), &load, &where);
	if (status == STATUS_OK)
		status = check_plan(&load, false, &scratch, &where);
	if (status != STATUS_OK)
		report_refusal(stdout, path, NULL, status, &where, "program header");
	else
		*machine = load.elf.machine;
	return status == STATUS_OK;
}

static bool check(const char *path, const uint8_t *key)
{
	struct file file;
	uint16_t machine = ELF_MACHINE_X86_64;
	if (!file_read_all(path, &file))
		return false;
	bool accepted = is_archive(&file) ? check_archive(path, &file, key) : check_elf(path, &file, &machine);
	if (accepted && machine == ELF_MACHINE_X86_64)
		printf("%s: accepted\n", path);
	else if (accepted) /* a program for another machine than most expect */
		printf("%s: accepted, for %s\n", path, elf_machine_name(machine));
	file_free(&file);
	return accepted;
}

int command_check(int argc, char **argv)
{
	uint8_t key[ARCHIVE_KEY_BYTES];
	bool has_key = argc > 1 && strcmp(argv[1], "--key") == 0;
	int status = EXIT_DONE, first = has_key ? 3 : 1;
	if (argc <= first) {
		complain("check: name the files to check, and --key KEY before them if archives must be signed with it");
		return EXIT_USAGE;
	}
	if (has_key && !key_read_public(argv[2], key))
		return EXIT_REFUSED;
	for (int i = first; i < argc; i++)
		if (!check(argv[i], has_key ? key : NULL))
			status = EXIT_REFUSED;
	return status;
}
