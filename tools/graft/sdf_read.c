/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the elements directly below <system>: memory regions, archives, channels. Domains are in sdf_domain.c. Each
 * element is checked by itself here; what it means beside the others is sdf_check's. */
#include "tools/graft/sdf.h"
#include "tools/graft/sdf_xml.h"
#include "lib/elf/elf.h"
#include <string.h>

static const char *const nothing[] = { NULL };

static bool is_page_size(const struct sdf *sdf, uint64_t bytes)
{
	return bytes == PAGE_BYTES || bytes == sdf_large_page(sdf);
}

static struct sdf_region *new_region(struct sdf *sdf, const struct xml_element *element)
{
	sdf->regions = arena_grow(sdf->arena, sdf->regions, sdf->region_count, sizeof *sdf->regions);
	struct sdf_region *region = &sdf->regions[sdf->region_count++];
	*region = (struct sdf_region){ .line = element->line, .element = element->name, .page_bytes = PAGE_BYTES };
	return region;
}

static bool read_region_numbers(struct sdf *sdf, const struct xml_element *element, struct sdf_region *region)
{
	region->has_page_size = xml_attribute(element, "page_size");
	if (!sdf_number(sdf, element, "page_size", false, 0, UINT64_MAX, &region->page_bytes))
		return false;
	if (!is_page_size(sdf, region->page_bytes))
		return sdf_refuse(sdf, element, "page_size=\"%s\" is neither 0x1000 nor 0x%llx",
			sdf_quote(sdf, xml_attribute(element, "page_size")), (unsigned long long)sdf_large_page(sdf));
	region->has_size = xml_attribute(element, "size");
	if (!region->has_size && !region->prefill_path)
		return sdf_refuse(sdf, element, "attribute 'size' is missing, and there is no 'prefill_path' to take it from");
	if (!sdf_number(sdf, element, "size", false, 1, sdf_physical_top(sdf), &region->size))
		return false;
	if (region->size % region->page_bytes != 0)
		return sdf_refuse(sdf, element, "size 0x%llx is not a multiple of the page size 0x%llx",
			(unsigned long long)region->size, (unsigned long long)region->page_bytes);
	region->has_physical = xml_attribute(element, "phys_addr");
	if (!sdf_number(sdf, element, "phys_addr", false, 0, sdf_physical_top(sdf) - 1, &region->physical))
		return false;
	if (region->physical % region->page_bytes != 0)
		return sdf_refuse(sdf, element, "phys_addr 0x%llx is not a multiple of the page size 0x%llx",
			(unsigned long long)region->physical, (unsigned long long)region->page_bytes);
	return true;
}

static bool read_region(struct sdf *sdf, const struct xml_element *element)
{
	static const char *const names[] = { "name", "size", "page_size", "phys_addr", "prefill_path", "prefill_bootinfo",
		NULL };
	if (sdf->region_count == SDF_REGIONS_MAX)
		return sdf_refuse(sdf, element, "there are more than %u memory regions", SDF_REGIONS_MAX);
	struct sdf_region *region = new_region(sdf, element);
	if (!sdf_has_only(sdf, element, names, nothing) || !sdf_name(sdf, element, "name", true, &region->name))
		return false;
	if (xml_attribute(element, "prefill_bootinfo"))
		return sdf_refuse(sdf, element,
			"prefill_bootinfo is not supported: the monitor passes on nothing of the boot information");
	if (xml_attribute(element, "prefill_path") && !sdf_path(sdf, element, "prefill_path", &region->prefill_path))
		return false;
	return read_region_numbers(sdf, element, region);
}

/* ---- archives ---- */

/* The program's name if none is given: the file's, without directories and without .elf. */
static const char *name_of_path(struct sdf *sdf, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	size_t length = strlen(base);
	if (length > 4 && strcmp(base + length - 4, ".elf") == 0)
		length -= 4;
	return arena_text(sdf->arena, base, length);
}

static bool is_taken(struct sdf *sdf, const struct xml_element *element, const struct sdf_region *archive,
	const struct sdf_program *program)
{
	for (uint32_t i = 0; i < archive->program_count; i++) {
		if (strcmp(archive->programs[i].name, program->name) == 0)
			return !sdf_refuse(sdf, element, "the program name '%s' is taken by line %u", program->name,
				archive->programs[i].line);
		if (archive->programs[i].id == program->id)
			return !sdf_refuse(sdf, element, "the program id %u is taken by line %u", program->id,
				archive->programs[i].line);
	}
	return false;
}

static bool read_program(struct sdf *sdf, const struct xml_element *element, struct sdf_region *archive)
{
	static const char *const names[] = { "name", "path", "version", "id", NULL };
	struct sdf_program program = { .line = element->line, .id = archive->program_count + 1 };
	if (!sdf_has_only(sdf, element, names, nothing) || !sdf_path(sdf, element, "path", &program.path) ||
	    !sdf_name(sdf, element, "name", false, &program.name) ||
	    !sdf_number32(sdf, element, "version", false, 0, UINT32_MAX, &program.version) ||
	    !sdf_number32(sdf, element, "id", false, 1, UINT32_MAX, &program.id))
		return false;
	if (!program.name)
		program.name = name_of_path(sdf, program.path);
	if (!sdf_is_name(program.name))
		return sdf_refuse(sdf, element, "the file's name is no name for a program; say name=\"...\"");
	if (archive->program_count == ARCHIVE_ENTRIES_MAX)
		return sdf_refuse(sdf, element, "an archive has at most %u programs", ARCHIVE_ENTRIES_MAX);
	if (is_taken(sdf, element, archive, &program))
		return false;
	archive->programs = arena_grow(sdf->arena, archive->programs, archive->program_count, sizeof program);
	archive->programs[archive->program_count++] = program;
	return true;
}

static bool read_archive(struct sdf *sdf, const struct xml_element *element)
{
	static const char *const names[] = { "name", NULL };
	static const char *const children[] = { "graft_program", NULL };
	if (sdf->region_count == SDF_REGIONS_MAX)
		return sdf_refuse(sdf, element, "there are more than %u memory regions", SDF_REGIONS_MAX);
	struct sdf_region *archive = new_region(sdf, element);
	archive->is_archive = true;
	if (!sdf_has_only(sdf, element, names, children) || !sdf_name(sdf, element, "name", true, &archive->name))
		return false;
	for (const struct xml_element *child = element->first_child; child; child = child->next)
		if (!read_program(sdf, child, archive))
			return false;
	if (archive->program_count == 0)
		return sdf_refuse(sdf, element, "an archive needs at least one <graft_program>");
	return true;
}

/* ---- channels ---- */

static bool read_end(struct sdf *sdf, const struct xml_element *element, struct sdf_end *end)
{
	static const char *const names[] = { "pd", "id", "pp", "notify", "setvar_id", NULL };
	*end = (struct sdf_end){ .line = element->line, .notify = true };
	return sdf_has_only(sdf, element, names, nothing) && sdf_name(sdf, element, "pd", true, &end->domain_name) &&
	       sdf_number32(sdf, element, "id", true, 0, sdf->machine->channel_id_max, &end->id) &&
	       sdf_truth(sdf, element, "pp", &end->call) && sdf_truth(sdf, element, "notify", &end->notify) &&
	       sdf_name(sdf, element, "setvar_id", false, &end->setvar_id);
}

static bool read_channel(struct sdf *sdf, const struct xml_element *element)
{
	static const char *const children[] = { "end", NULL };
	struct sdf_channel channel = { .line = element->line };
	if (!sdf_has_only(sdf, element, nothing, children))
		return false;
	unsigned count = 0;
	for (const struct xml_element *child = element->first_child; child; child = child->next, count++)
		if (count < 2 && !read_end(sdf, child, &channel.end[count]))
			return false;
	if (count != 2)
		return sdf_refuse(sdf, element, "a channel has exactly two <end> elements, not %u", count);
	if (channel.end[0].call && channel.end[1].call)
		return sdf_refuse(sdf, element, "both ends say pp=\"true\"; only one can call the other");
	sdf->channels = arena_grow(sdf->arena, sdf->channels, sdf->channel_count, sizeof channel);
	sdf->channels[sdf->channel_count++] = channel;
	return true;
}

/* ---- the whole ---- */

static bool read_monitor(struct sdf *sdf, const struct xml_element *element)
{
	static const char *const names[] = { "lists_authority", NULL };
	if (sdf->monitor_line)
		return sdf_refuse(sdf, element, "there is a <graft_monitor> already, on line %u", sdf->monitor_line);
	sdf->monitor_line = element->line;
	return sdf_has_only(sdf, element, names, nothing) && sdf_truth(sdf, element, "lists_authority",
		&sdf->lists_authority);
}

static bool read_child(struct sdf *sdf, const struct xml_element *element)
{
	if (strcmp(element->name, "protection_domain") == 0)
		return sdf_read_domain(sdf, element, SYSTEM_NONE);
	if (strcmp(element->name, "memory_region") == 0)
		return read_region(sdf, element);
	if (strcmp(element->name, "channel") == 0)
		return read_channel(sdf, element);
	if (strcmp(element->name, "graft_monitor") == 0)
		return read_monitor(sdf, element);
	return read_archive(sdf, element);
}

bool sdf_read(struct sdf *sdf)
{
	static const char *const children[] = { "protection_domain", "memory_region", "channel", "graft_archive",
		"graft_monitor", NULL };
	struct xml_element *root = xml_read(sdf->path, sdf->arena);
	if (!root)
		return false;
	if (strcmp(root->name, "system") != 0)
		return sdf_refuse(sdf, root, "the outermost element must be <system>");
	if (!sdf_has_only(sdf, root, nothing, children))
		return false;
	for (const struct xml_element *child = root->first_child; child; child = child->next)
		if (!read_child(sdf, child))
			return false;
	if (sdf->domain_count == 0)
		return sdf_refuse(sdf, root, "at least one <protection_domain> is needed");
	return true;
}
