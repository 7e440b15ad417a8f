/* SPDX-License-Identifier: BSD-2-Clause */
/* From program files to payloads, and from payloads to an archive. What comes out is read and checked again: an archive
 * that the loader would refuse is never written. */
#include "tools/graft/program.h"
#include "tools/graft/check.h"
#include "tools/graft/graft.h"
#include "tools/graft/report.h"
#include "tools/graft/startup.h"
#include "tools/graft/symbols.h"
#include <stdlib.h>
#include <string.h>

/* The part of the path after the last '/', without ".elf"; *length without its end. */
static const char *base_name(const char *path, size_t *length)
{
	static const char extension[] = ".elf";
	const size_t extension_length = sizeof extension - 1;
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	*length = strlen(base);
	if (*length > extension_length && strcmp(base + *length - extension_length, extension) == 0)
		*length -= extension_length;
	return base;
}

static bool set_name(const char *path, const char *name, struct program *program)
{
	size_t length;
	if (name)
		length = strlen(name);
	else
		name = base_name(path, &length);
	if (length == 0 || length >= ARCHIVE_NAME_BYTES) {
		complain("%s: a program's name has 1 to %u bytes, not %zu; give another with --name", path, ARCHIVE_NAME_BYTES - 1, length);
		return false;
	}
	memcpy(program->name, name, length);
	return true;
}

/* A loader takes relocations in ascending order only. */
static void sort_relocations(uint8_t *payload, uint64_t payload_bytes)
{
	struct elf elf;
	struct reloc reloc;
	struct where where;
	if (elf_read(payload, payload_bytes, &elf, &where) == STATUS_OK && reloc_open(&elf, &reloc, &where) == STATUS_OK)
		reloc_sort(&reloc, payload);
}

uint8_t *program_payload(const char *path, const uint8_t *bytes, uint64_t size_bytes, uint32_t flags, uint64_t *payload_bytes)
{
	struct elf elf;
	struct pack_layout layout;
	struct where where;
	uint32_t count = 0;
	enum status status = elf_read(bytes, size_bytes, &elf, &where);
	struct pack_symbol *symbols = status == STATUS_OK ? symbols_collect(&elf, &count) : NULL;
	uint8_t *payload = NULL;
	if (status == STATUS_OK)
		status = pack_layout(&elf, count, &layout, &where);
	if (status != STATUS_OK)
		report_refusal(stderr, path, NULL, status, &where, "program header");
	else if (!(payload = malloc((size_t)layout.size_bytes)))
		complain("%s: no memory for the %llu bytes of its page images", path, (unsigned long long)layout.size_bytes);
	if (payload) {
		pack_payload(&elf, &layout, symbols, payload);
		*payload_bytes = layout.size_bytes;
		if (!(flags & ARCHIVE_PROGRAM_RELOCATES))
			sort_relocations(payload, layout.size_bytes);
	}
	free(symbols);
	return payload;
}

/* Everything after the file has been read. */
static bool make_payload(const char *path, const struct file *file, bool planned, struct program *program)
{
	static struct plan plan;
	struct load load;
	struct where where;
	enum status status = check_file(file->bytes, file->size_bytes, program->flags, &load, &where);
	if (status == STATUS_OK && planned)
		status = check_plan(&load, false, &plan, &where);
	if (status != STATUS_OK) {
		report_refusal(stderr, path, NULL, status, &where, "program header");
		return false;
	}
	program->machine = load.elf.machine;
	program->payload = program_payload(path, file->bytes, file->size_bytes, program->flags, &program->payload_bytes);
	if (!program->payload)
		return false;
	status = check_accept(program->payload, program->payload_bytes, program->flags, &load, &where);
	if (status != STATUS_OK) {
		complain("%s: packed into something that is refused; this is a mistake in graft", path);
		report_refusal(stderr, path, NULL, status, &where, "program header");
		program_free(program);
		return false;
	}
	return true;
}

bool program_read(const char *path, const char *name, enum program_relocates relocates, bool planned, struct program *program)
{
	struct file file;
	*program = (struct program) { 0 };
	if (!set_name(path, name, program) || !file_read_all(path, &file))
		return false;
	if (relocates == PROGRAM_DETECT)
		program->flags = startup_flags(file.bytes, file.size_bytes);
	else
		program->flags = relocates == PROGRAM_BY_ITSELF ? ARCHIVE_PROGRAM_RELOCATES : 0;
	bool done = make_payload(path, &file, planned, program);
	file_free(&file);
	return done;
}

void program_free(struct program *program)
{
	free(program->payload);
	program->payload = NULL;
}

static bool has_id(const struct program *programs, uint32_t count, uint32_t id)
{
	for (uint32_t i = 0; i < count; i++)
		if (programs[i].id == id)
			return true;
	return false;
}

void program_number(struct program *programs, uint32_t count)
{
	uint32_t next = 1;
	for (uint32_t i = 0; i < count; i++) {
		if (programs[i].id != 0)
			continue;
		while (has_id(programs, count, next))
			next++;
		programs[i].id = next;
	}
}

/* Names the program that an entry refused by archive_open belongs to. */
static void complain_of_entry(const char *label, const struct program *programs, uint32_t count, enum status status,
                              const struct where *where)
{
	const char *name = where->index < count ? programs[where->index].name : NULL;
	report_refusal(stderr, label, name, status, where, "entry");
}

bool program_archive(const char *label, const struct program *programs, uint32_t count, struct file *archive)
{
	struct pack_program *packed = calloc(count ? count : 1, sizeof *packed);
	if (!packed) {
		complain("%s: no memory", label);
		return false;
	}
	for (uint32_t i = 0; i < count; i++)
		packed[i] = (struct pack_program) { programs[i].id, programs[i].flags, programs[i].version, programs[i].name,
			programs[i].payload, programs[i].payload_bytes };
	archive->size_bytes = pack_archive_bytes(packed, count);
	archive->bytes = malloc((size_t)archive->size_bytes);
	if (archive->bytes)
		pack_archive(packed, count, archive->bytes);
	free(packed);
	if (!archive->bytes) {
		complain("%s: no memory for %llu bytes", label, (unsigned long long)archive->size_bytes);
		return false;
	}
	struct archive opened;
	struct where where;
	enum status status = archive_open(archive->bytes, archive->size_bytes, &opened, &where);
	if (status == STATUS_OK)
		return true;
	complain_of_entry(label, programs, count, status, &where);
	file_free(archive);
	return false;
}
