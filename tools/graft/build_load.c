/* SPDX-License-Identifier: BSD-2-Clause */
/* The programs that domains start with: files packed once each for static domains, entries of an archive for managed ones. */
#include "tools/graft/build.h"
#include "tools/graft/program.h"
#include "tools/graft/sdf_xml.h"
#include <string.h>
#include <sys/stat.h>

#define NAME_STEM_MAX 52 /* leaves room for a number */
#define REFUSE(line, element, ...) xml_refuse(job->sdf->path, line, element, __VA_ARGS__)

enum status build_open_payload(const struct system_machine *machine, const uint8_t *payload, uint64_t payload_bytes, uint32_t flags,
	struct load *load, struct where *where)
{
	struct elf_policy policy;
	load_policy(machine->plan->elf_machine, flags, &policy);
	return load_accept(payload, payload_bytes, &policy, LOAD_BASE_DEFAULT, load, where);
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat of_a, of_b;
	return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

static struct build_program *find_program(struct job *job, const char *path)
{
	for (uint32_t i = 0; i < job->program_count; i++)
		if (is_same_file(job->programs[i].path, path))
			return &job->programs[i];
	return NULL;
}

static bool is_name_taken(const struct job *job, const char *name)
{
	for (uint32_t i = 0; i < job->program_count; i++)
		if (strcmp(job->programs[i].name, name) == 0)
			return true;
	return false;
}

/* What the program is called: its file's name; with a number behind it if another file has that name. */
static const char *choose_name(const struct job *job, const char *name)
{
	const char *chosen = arena_print(job->sdf->arena, "%s", sdf_is_name(name) ? name : "program");
	int length = (int)strlen(chosen) < NAME_STEM_MAX ? (int)strlen(chosen) : NAME_STEM_MAX;
	const char *stem = chosen;
	for (uint32_t i = 2; is_name_taken(job, chosen); i++)
		chosen = arena_print(job->sdf->arena, "%.*s-%u", length, stem, i);
	return chosen;
}

static bool add_program(struct job *job, const struct sdf_domain *domain, const char *path)
{
	struct program program;
	if (!program_read(path, NULL, PROGRAM_DETECT, false, &program))
		return REFUSE(domain->image_line, "program_image", "'%s' can't be loaded",
			sdf_quote(job->sdf, domain->image_path));
	struct build_program *made = &job->programs[job->program_count];
	uint8_t *payload = arena_take(job->sdf->arena, program.payload_bytes);
	memcpy(payload, program.payload, program.payload_bytes);
	*made = (struct build_program){
		.path = path, .name = choose_name(job, program.name), .payload = payload, .payload_bytes = program.payload_bytes,
		.flags = program.flags
	};
	uint16_t machine = program.machine;
	program_free(&program);
	struct where where;
	enum status status = STATUS_ELF_MACHINE;
	if (machine == job->sdf->machine->plan->elf_machine)
		status = build_open_payload(job->sdf->machine, payload, made->payload_bytes, made->flags, &made->load, &where);
	if (status != STATUS_OK)
		return REFUSE(domain->image_line, "program_image", "'%s' can't be loaded: %s",
			sdf_quote(job->sdf, domain->image_path), status_text(status));
	job->program_count++;
	return true;
}

static bool load_static(struct job *job, uint32_t index)
{
	const struct sdf_domain *domain = &job->sdf->domains[index];
	const char *path = sdf_find_file(job->sdf, domain->image_path);
	if (!path)
		return REFUSE(domain->image_line, "program_image", "there is no file '%s'",
			sdf_quote(job->sdf, domain->image_path));
	if (!find_program(job, path) && !add_program(job, domain, path))
		return false;
	const struct build_program *program = find_program(job, path);
	job->domains[index].program = program;
	job->domains[index].load = &program->load;
	job->domains[index].program_name = program->name;
	return true;
}

/* sdf_check has made sure that the program is there; what it is worth is seen here. */
static bool load_managed(struct job *job, uint32_t index)
{
	const struct sdf_domain *domain = &job->sdf->domains[index];
	struct build_domain *made = &job->domains[index];
	made->program_name = domain->program_name ? domain->program_name : "";
	if (!domain->program_name)
		return true;
	const struct sdf_region *region = &job->sdf->regions[job->sdf->domains[domain->parent].controller.archive];
	struct archive archive;
	struct archive_entry entry;
	struct where where;
	struct load *load = arena_take(job->sdf->arena, sizeof *load);
	enum status status = archive_open(region->prefill, region->prefill_bytes, &archive, &where);
	if (status == STATUS_OK)
		status = archive_find_name(&archive, domain->program_name, &entry);
	if (status == STATUS_OK)
		status = archive_check_payload(&archive, &entry, &where);
	if (status == STATUS_OK)
		status = build_open_payload(job->sdf->machine, region->prefill + entry.offset, entry.size_bytes, entry.flags, load, &where);
	if (status != STATUS_OK)
		return REFUSE(domain->image_line, "graft_managed", "program '%s' of the archive '%s' can't be loaded: %s",
			domain->program_name, region->name, status_text(status));
	made->load = load;
	return true;
}

bool build_load_programs(struct job *job)
{
	job->programs = arena_take(job->sdf->arena, job->sdf->domain_count * sizeof *job->programs);
	for (uint32_t i = 0; i < job->sdf->domain_count; i++)
		if (job->sdf->domains[i].managed ? !load_managed(job, i) : !load_static(job, i))
			return false;
	return true;
}
