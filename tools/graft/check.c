/* SPDX-License-Identifier: BSD-2-Clause */
/* graft check: would each file be accepted? A program is checked under the strict policy of its machine and, where there
 * is a plan for the machine, planned with the default stack; an archive also has every payload's digest and its signature
 * checked, if it has one; with --key it must have one, by that key. */
#include "tools/graft/graft.h"
#include "tools/graft/check.h"
#include "tools/graft/key.h"
#include "tools/graft/report.h"
#include "lib/archive/archive.h"
#include <string.h>

#define STACK_PAGES_DEFAULT 2u /* Microkit's default: 8 KiB */

const struct plan_machine *plan_machine_of(uint16_t machine)
{
	return machine == ELF_MACHINE_X86_64 ? &plan_machine_x86_64 : machine == ELF_MACHINE_386 ? &plan_machine_i386 : NULL;
}

static enum status plan_program(const struct elf *elf, struct where *where)
{
	static struct plan plan; /* too large for a stack, and there is one thread */
	const struct plan_machine *machine = plan_machine_of(elf->machine);
	if (!machine)
		return STATUS_OK;
	plan_start(machine, STACK_PAGES_DEFAULT, &plan);
	return plan_add_image(&plan, elf, false, where);
}

enum status check_program(const uint8_t *bytes, uint64_t size_bytes, struct elf *elf, struct where *where)
{
	struct elf_policy policy;
	enum status status = elf_read(bytes, size_bytes, elf, where);
	if (status == STATUS_OK) {
		elf_policy_strict(elf->machine, &policy);
		status = elf_check(elf, &policy, where);
	}
	return status == STATUS_OK ? plan_program(elf, where) : status;
}

bool is_archive(const struct file *file)
{
	static const char magic[] = "GRAFTAR1";
	return file->size_bytes >= sizeof magic - 1 && memcmp(file->bytes, magic, sizeof magic - 1) == 0;
}

/* One program of an archive; offsets are told from the archive's first byte. */
static bool check_entry(const char *path, const struct archive *archive, uint32_t index)
{
	struct archive_entry entry;
	struct elf elf;
	struct where where;
	archive_entry_get(archive, index, &entry);
	enum status status = archive_check_payload(archive, &entry, &where);
	if (status == STATUS_OK) {
		status = check_program(archive->bytes + entry.offset, entry.size_bytes, &elf, &where);
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
	enum status status = archive_open(file->bytes, file->size_bytes, &archive, &where);
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
	struct elf elf;
	struct where where;
	enum status status = check_program(file->bytes, file->size_bytes, &elf, &where);
	if (status != STATUS_OK)
		report_refusal(stdout, path, NULL, status, &where, "program header");
	else
		*machine = elf.machine;
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
