/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes the blob that lib/system/system.h describes: the records in one pass over the description, their strings, then the
 * boot archive and the prefills on page boundaries. What was made is opened by the monitor's own code before it goes out. */
#include "tools/graft/build.h"
#include "tools/graft/graft.h"
#include "lib/archive/pack.h"
#include <string.h>

/* A growing array of records, or of bytes. */
struct records {
	uint8_t *bytes;
	uint32_t count, room;
	uint32_t record_bytes;
};

struct table {
	struct job *job;
	struct records domains, regions, maps, ends, patches, ports, irqs, caps, controllers, offers, strings;
	uint64_t *prefill_offset; /* by region: from the first prefill's first byte */
	uint64_t prefill_bytes;
	uint8_t *archive;
	uint64_t archive_bytes;
};

static void *add(struct table *table, struct records *records)
{
	if (records->count == records->room) {
		uint32_t room = records->room ? 2 * records->room : 16;
		uint8_t *larger = arena_take(table->job->sdf->arena, (size_t)room * records->record_bytes);
		if (records->count)
			memcpy(larger, records->bytes, (size_t)records->count * records->record_bytes);
		records->bytes = larger;
		records->room = room;
	}
	return records->bytes + (size_t)records->count++ * records->record_bytes;
}

static uint32_t add_string(struct table *table, const void *bytes, uint32_t length)
{
	uint32_t offset = table->strings.count;
	for (uint32_t i = 0; i < length; i++)
		*(uint8_t *)add(table, &table->strings) = ((const uint8_t *)bytes)[i];
	return offset;
}

static void set_name(char name[SYSTEM_NAME_BYTES], const char *text)
{
	memcpy(name, text, strlen(text));
}

/* ---- records, one kind each ---- */

static void add_domain(struct table *table, uint32_t index)
{
	const struct sdf_domain *domain = &table->job->sdf->domains[index];
	const struct build_domain *made = &table->job->domains[index];
	struct system_domain *record = add(table, &table->domains);
	set_name(record->name, domain->name);
	set_name(record->program, made->program_name);
	record->parent = domain->parent;
	record->child_id = domain->child_id;
	record->flags = (domain->passive ? SYSTEM_PASSIVE : 0u) | (domain->has_endpoint ? SYSTEM_ENDPOINT : 0u) |
		(domain->managed ? SYSTEM_MANAGED : 0u) | (domain->fpu ? 0u : SYSTEM_FPU_OFF);
	record->priority = domain->priority;
	record->budget_us = domain->budget;
	record->period_us = domain->period;
	record->stack_pages = (uint32_t)(domain->stack_size / PAGE_BYTES);
	record->duplicates = domain->duplicates;
	record->argc = made->argument_count;
	record->arguments_bytes = made->arguments_bytes;
	record->arguments = add_string(table, made->arguments, made->arguments_bytes);
}

static void add_maps(struct table *table, uint32_t index)
{
	const struct sdf_domain *domain = &table->job->sdf->domains[index];
	for (uint32_t i = 0; i < domain->map_count; i++) {
		const struct sdf_map *map = &domain->maps[i];
		struct system_map *record = add(table, &table->maps);
		*record = (struct system_map){
			.domain = index, .region = map->region, .vaddr = map->vaddr, .rights = map->rights, .uncached = !map->cached
		};
	}
}

static void add_ends(struct table *table, uint32_t index)
{
	const struct sdf *sdf = table->job->sdf;
	for (uint32_t i = 0; i < sdf->channel_count; i++)
		for (unsigned k = 0; k < 2; k++) {
			const struct sdf_end *end = &sdf->channels[i].end[k], *peer = &sdf->channels[i].end[1 - k];
			if (end->domain != index)
				continue;
			struct system_end *record = add(table, &table->ends);
			*record = (struct system_end){
				.domain = index, .id = end->id, .peer = peer->domain, .peer_id = peer->id, .notify = end->notify,
					.call = end->call
			};
		}
}

static void add_patches(struct table *table, uint32_t index)
{
	const struct build_domain *made = &table->job->domains[index];
	for (uint32_t i = 0; i < made->patch_count; i++) {
		const struct build_patch *patch = &made->patches[i];
		struct system_patch *record = add(table, &table->patches);
		set_name(record->symbol, patch->symbol);
		record->domain = index;
		record->size_bytes = patch->size_bytes;
		record->value = add_string(table, patch->bytes, patch->size_bytes);
	}
}

static void add_devices(struct table *table, uint32_t index)
{
	const struct sdf_domain *domain = &table->job->sdf->domains[index];
	for (uint32_t i = 0; i < domain->port_count; i++) {
		const struct sdf_port *port = &domain->ports[i];
		struct system_port *record = add(table, &table->ports);
		*record = (struct system_port){ .domain = index, .id = port->id, .first = port->first, .last = port->last };
	}
	for (uint32_t i = 0; i < domain->irq_count; i++) {
		struct system_irq *record = add(table, &table->irqs);
		*record = domain->irqs[i].irq;
		record->domain = index;
	}
}

static void add_caps(struct table *table, uint32_t index)
{
	const struct sdf_domain *domain = &table->job->sdf->domains[index];
	for (uint32_t i = 0; i < domain->cap_count; i++) {
		const struct sdf_cap *cap = &domain->caps[i];
		struct system_cap *record = add(table, &table->caps);
		*record = (struct system_cap){ .domain = index, .slot = cap->slot, .kind = cap->kind, .of = cap->domain };
	}
}

static void add_controller(struct table *table, uint32_t index)
{
	const struct sdf_controller *controller = &table->job->sdf->domains[index].controller;
	if (!controller->line)
		return;
	struct system_controller *record = add(table, &table->controllers);
	*record = (struct system_controller){
		.domain = index, .archive = controller->archive, .pool_bytes = controller->pool_bytes,
			.slots_bits = controller->slots_bits, .spawn_domains = controller->spawn_domains,
			.budget_share = controller->budget_share, .duplicates = controller->duplicates,
			.flags = (controller->key_name ? SYSTEM_CONTROLLER_KEY : 0u) | (controller->trace ? SYSTEM_CONTROLLER_TRACE : 0u),
			.seed = controller->seed
	};
	memcpy(record->key, controller->key, sizeof record->key);
}

/* A controller's number in the array of controllers, which is in the order of domains. */
static uint32_t controller_number(const struct table *table, uint32_t domain)
{
	uint32_t number = 0;
	for (uint32_t i = 0; i < domain; i++)
		number += table->job->sdf->domains[i].controller.line != 0;
	return number;
}

static void add_offers(struct table *table, uint32_t index)
{
	const struct sdf_domain *domain = &table->job->sdf->domains[index];
	for (uint32_t i = 0; i < domain->offer_count; i++) {
		const struct sdf_offer *offer = &domain->offers[i];
		struct system_offer *record = add(table, &table->offers);
		*record = (struct system_offer){
			.domain = index, .id = offer->id, .controller = controller_number(table, offer->controller), .flags = offer->flags
		};
	}
}

/* ---- regions and their prefills ---- */

bool build_is_in_place(const struct sdf_region *region)
{
	return region->prefill && !region->written && !region->has_physical &&
		region->size == round_up(region->prefill_bytes, PAGE_BYTES);
}

/* Its offset counts from the first prefill; place_prefills adds where that lies. */
static void add_region(struct table *table, uint32_t index)
{
	const struct sdf_region *region = &table->job->sdf->regions[index];
	struct system_region *record = add(table, &table->regions);
	set_name(record->name, region->name);
	record->size_bytes = region->size;
	record->physical = region->physical;
	record->page_bits = sdf_page_bits(table->job->sdf, region);
	record->flags = (region->prefill ? SYSTEM_REGION_PREFILLED : 0u) | (region->has_physical
		? SYSTEM_REGION_PHYSICAL : 0u) |
		(build_is_in_place(region) ? SYSTEM_REGION_IN_PLACE : 0u);
	if (!region->prefill)
		return;
	record->prefill_offset = table->prefill_bytes;
	record->prefill_bytes = region->prefill_bytes;
	table->prefill_bytes += round_up(region->prefill_bytes, PAGE_BYTES);
}

static void place_prefills(struct table *table, uint64_t start)
{
	struct system_region *records = (void *)table->regions.bytes;
	for (uint32_t i = 0; i < table->regions.count; i++)
		if (records[i].flags & SYSTEM_REGION_PREFILLED)
			records[i].prefill_offset += start;
}

/* ---- the boot archive ---- */

static void make_archive(struct table *table)
{
	const struct job *job = table->job;
	struct pack_program *programs = arena_take(job->sdf->arena, job->program_count * sizeof *programs);
	for (uint32_t i = 0; i < job->program_count; i++)
		programs[i] = (struct pack_program){
			.flags = job->programs[i].flags,
			.id = i + 1, .version = 1, .name = job->programs[i].name, .payload = job->programs[i].payload,
			.payload_bytes = job->programs[i].payload_bytes
		};
	table->archive_bytes = pack_archive_bytes(programs, job->program_count);
	table->archive = arena_take(job->sdf->arena, table->archive_bytes);
	pack_archive(programs, job->program_count, table->archive);
}

/* ---- the whole ---- */

static void start_table(struct table *table)
{
	table->domains.record_bytes = sizeof(struct system_domain);
	table->regions.record_bytes = sizeof(struct system_region);
	table->maps.record_bytes = sizeof(struct system_map);
	table->ends.record_bytes = sizeof(struct system_end);
	table->patches.record_bytes = sizeof(struct system_patch);
	table->ports.record_bytes = sizeof(struct system_port);
	table->irqs.record_bytes = sizeof(struct system_irq);
	table->caps.record_bytes = sizeof(struct system_cap);
	table->controllers.record_bytes = sizeof(struct system_controller);
	table->offers.record_bytes = sizeof(struct system_offer);
	table->strings.record_bytes = 1;
}

static void add_records(struct table *table)
{
	for (uint32_t i = 0; i < table->job->sdf->domain_count; i++) {
		add_domain(table, i);
		add_maps(table, i);
		add_ends(table, i);
		add_patches(table, i);
		add_devices(table, i);
		add_caps(table, i);
		add_controller(table, i);
		add_offers(table, i);
	}
	for (uint32_t i = 0; i < table->job->sdf->region_count; i++)
		add_region(table, i);
}

/* Where each array goes, after the header, in the order of the header's fields. Returns the end. */
static uint64_t place_arrays(struct table *table, struct system_header *header)
{
	const struct { const struct records *records; struct system_array *array; } arrays[] = {
		{ &table->domains, &header->domains }, { &table->regions, &header->regions }, { &table->maps, &header->maps },
		{ &table->ends, &header->ends }, { &table->patches, &header->patches }, { &table->ports, &header->ports },
		{ &table->irqs, &header->irqs }, { &table->caps, &header->caps }, { &table->controllers, &header->controllers },
		{ &table->offers, &header->offers }, { &table->strings, &header->strings },
	};
	uint64_t at = sizeof *header;
	for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
		*arrays[i].array = (struct system_array){ .offset = (uint32_t)at, .count = arrays[i].records->count };
		at += (uint64_t)arrays[i].records->count * arrays[i].records->record_bytes;
	}
	return at;
}

static void copy_arrays(const struct table *table, const struct system_header *header, uint8_t *blob)
{
	const struct { const struct records *records; struct system_array array; } arrays[] = {
		{ &table->domains, header->domains }, { &table->regions, header->regions }, { &table->maps, header->maps },
		{ &table->ends, header->ends }, { &table->patches, header->patches }, { &table->ports, header->ports },
		{ &table->irqs, header->irqs }, { &table->caps, header->caps }, { &table->controllers, header->controllers },
		{ &table->offers, header->offers }, { &table->strings, header->strings },
	};
	for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
		if (arrays[i].array.count)
			memcpy(blob + arrays[i].array.offset, arrays[i].records->bytes,
				(size_t)arrays[i].array.count * arrays[i].records->record_bytes);
}

static void copy_prefills(const struct table *table, uint8_t *blob)
{
	const struct system_region *records = (const void *)table->regions.bytes;
	for (uint32_t i = 0; i < table->regions.count; i++)
		if (records[i].flags & SYSTEM_REGION_PREFILLED)
			memcpy(blob + records[i].prefill_offset, table->job->sdf->regions[i].prefill, records[i].prefill_bytes);
}

static struct system_header make_header(struct table *table)
{
	const struct job *job = table->job;
	struct system_header header = {
		.magic = { 'G', 'R', 'A', 'F', 'T', 'S', 'Y', '1' }, .version = SYSTEM_VERSION, .abi_set = job->abi_set,
		.root_slots_needed = (uint32_t)job->needs.root_slots, .untypeds_needed = (uint32_t)job->needs.untypeds,
		.memory_needed_bytes = job->needs.memory_bytes, .flags = job->sdf->lists_authority ? SYSTEM_LISTS_AUTHORITY : 0,
		.boot_archive_bytes = table->archive_bytes, .machine = job->sdf->machine->plan->elf_machine,
	};
	header.boot_archive_offset = round_up(place_arrays(table, &header), PAGE_BYTES);
	uint64_t prefills = header.boot_archive_offset + round_up(table->archive_bytes, PAGE_BYTES);
	place_prefills(table, prefills);
	header.size_bytes = prefills + table->prefill_bytes;
	return header;
}

bool build_make_blob(struct job *job)
{
	struct table table = { .job = job };
	start_table(&table);
	add_records(&table);
	make_archive(&table);
	struct system_header header = make_header(&table);
	if (header.size_bytes > BUILD_IMAGE_MAX) {
		complain("%s: programs and prefills take %llu bytes, more than an image may have (%llu)", job->sdf->path,
			(unsigned long long)header.size_bytes, BUILD_IMAGE_MAX);
		return false;
	}
	uint8_t *blob = arena_take(job->sdf->arena, header.size_bytes);
	memcpy(blob, &header, sizeof header);
	copy_arrays(&table, &header, blob);
	memcpy(blob + header.boot_archive_offset, table.archive, table.archive_bytes);
	copy_prefills(&table, blob);
	job->blob = (struct build_blob){ .bytes = blob, .size_bytes = header.size_bytes };
	struct system system;
	struct where where;
	enum status status = system_open(blob, header.size_bytes, &system, &where);
	if (status != STATUS_OK)
		complain("%s: the system table made is not sound: %s (at 0x%llx)", job->sdf->path, status_text(status),
			(unsigned long long)where.offset);
	return status == STATUS_OK;
}
