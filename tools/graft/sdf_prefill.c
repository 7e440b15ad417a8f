/* SPDX-License-Identifier: BSD-2-Clause */
/* The files that memory regions are prefilled with, the archives packed of programs, and public keys. */
#include "tools/graft/sdf.h"
#include "tools/graft/sdf_xml.h"
#include "tools/graft/file.h"
#include "tools/graft/program.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ull(x) ((unsigned long long)(x))
#define REFUSE(line, element, ...) xml_refuse(sdf->path, line, element, __VA_ARGS__)

const char *sdf_find_file(const struct sdf *sdf, const char *name)
{
	if (name[0] == '/')
		return access(name, F_OK) == 0 ? name : NULL;
	for (const char **directory = sdf->directories; *directory; directory++) {
		const char *path = strcmp(*directory, ".") == 0 ? name : arena_print(sdf->arena, "%s/%s", *directory, name);
		if (access(path, F_OK) == 0)
			return path;
	}
	return NULL;
}

static bool take_bytes(const struct sdf *sdf, struct sdf_region *region, const struct file *file)
{
	if (file->size_bytes == 0)
		return REFUSE(region->line, region->element, "prefill file '%s' is empty",
			sdf_quote(sdf, region->prefill_path));
	if (region->has_size && file->size_bytes > region->size)
		return REFUSE(region->line, region->element, "prefill file '%s' has 0x%llx bytes, the region only 0x%llx",
			sdf_quote(sdf, region->prefill_path), ull(file->size_bytes), ull(region->size));
	uint8_t *bytes = arena_take(sdf->arena, file->size_bytes);
	memcpy(bytes, file->bytes, file->size_bytes);
	region->prefill = bytes;
	region->prefill_bytes = file->size_bytes;
	if (!region->has_size)
		region->size = round_up(file->size_bytes, region->page_bytes);
	return true;
}

static bool load_file(const struct sdf *sdf, struct sdf_region *region)
{
	const char *path = sdf_find_file(sdf, region->prefill_path);
	struct file file;
	if (!path)
		return REFUSE(region->line, region->element, "there is no prefill file '%s'",
			sdf_quote(sdf, region->prefill_path));
	if (!file_read_all(path, &file))
		return REFUSE(region->line, region->element, "prefill file '%s' can't be read",
			sdf_quote(sdf, region->prefill_path));
	bool done = take_bytes(sdf, region, &file);
	file_free(&file);
	return done;
}

static bool read_program(const struct sdf *sdf, const struct sdf_program *wanted, struct program *program)
{
	const char *path = sdf_find_file(sdf, wanted->path);
	if (!path)
		return REFUSE(wanted->line, "graft_program", "there is no file '%s'", sdf_quote(sdf, wanted->path));
	if (!program_read(path, wanted->name, PROGRAM_DETECT, false, program))
		return REFUSE(wanted->line, "graft_program", "'%s' can't be packed", sdf_quote(sdf, wanted->path));
	program->id = wanted->id;
	program->version = wanted->version;
	uint16_t machine = sdf->machine->plan->elf_machine;
	return program->machine == machine ||
	       REFUSE(wanted->line, "graft_program", "'%s' is for %s, not for %s", sdf_quote(sdf, wanted->path),
			elf_machine_name(program->machine), elf_machine_name(machine));
}

/* Puts the signed archive in the place of the one that was packed. */
static bool sign_archive(const struct sdf *sdf, const struct sdf_region *region, struct file *packed)
{
	struct archive archive;
	struct where where;
	struct file out;
	if (archive_open(packed->bytes, packed->size_bytes, &archive, &where) != STATUS_OK ||
	    !key_sign_archive(region->name, &archive, sdf->signer, &out))
		return REFUSE(region->line, region->element, "the archive '%s' can't be signed", region->name);
	file_free(packed);
	*packed = out;
	return true;
}

static bool pack_programs(const struct sdf *sdf, struct sdf_region *region, struct program *programs)
{
	for (uint32_t i = 0; i < region->program_count; i++)
		if (!read_program(sdf, &region->programs[i], &programs[i]))
			return false;
	struct file archive;
	if (!program_archive(region->name, programs, region->program_count, &archive))
		return REFUSE(region->line, region->element, "the archive '%s' can't be made", region->name);
	bool done = (!sdf->signer || sign_archive(sdf, region, &archive)) && take_bytes(sdf, region, &archive);
	file_free(&archive);
	return done;
}

static bool load_archive(const struct sdf *sdf, struct sdf_region *region)
{
	struct program *programs = arena_take(sdf->arena, region->program_count * sizeof *programs);
	bool done = pack_programs(sdf, region, programs);
	for (uint32_t i = 0; i < region->program_count; i++)
		program_free(&programs[i]);
	return done;
}

/* 64 hexadecimal digits, or the name of a file that has them. */
static bool load_key(const struct sdf *sdf, struct sdf_controller *controller)
{
	const char *path;
	if (key_of_text(controller->key_name, controller->key))
		return true;
	path = sdf_find_file(sdf, controller->key_name);
	if (!path)
		return REFUSE(controller->line, "graft_controller", "public_key '%s' is neither 64 hexadecimal digits nor a file",
			sdf_quote(sdf, controller->key_name));
	return key_read_public(path, controller->key) ||
		REFUSE(controller->line, "graft_controller", "the file '%s' has no public key", sdf_quote(sdf, controller->key_name));
}

bool sdf_load_prefills(struct sdf *sdf)
{
	for (uint32_t d = 0; d < sdf->domain_count; d++)
		if (sdf->domains[d].controller.key_name && !load_key(sdf, &sdf->domains[d].controller))
			return false;
	for (uint32_t i = 0; i < sdf->region_count; i++) {
		struct sdf_region *region = &sdf->regions[i];
		if (region->is_archive ? !load_archive(sdf, region) : region->prefill_path && !load_file(sdf, region))
			return false;
	}
	return true;
}
