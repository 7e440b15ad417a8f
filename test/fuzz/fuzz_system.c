/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a system table. Whatever system_open accepts is used the way the monitor uses it: every name, string, index and
 * range is followed, and must stay inside the blob. */
#include <stdint.h>
#include <string.h>
#include "lib/system/system.h"
#include "test/fuzz/invariant.h"

static uint64_t sum; /* so that reads are not optimised away */

static void read_bytes(const struct system *system, uint64_t offset, uint64_t length)
{
	invariant(range_is_inside(offset, length, system->header->size_bytes));
	if (length > 0)
		sum += (uint64_t)system->blob[offset] + system->blob[offset + length - 1];
}

static void read_string(const struct system *system, uint32_t offset, uint32_t length)
{
	invariant(range_is_inside(offset, length, system->header->strings.count));
	read_bytes(system, (uint64_t)system->header->strings.offset + offset, length);
}

static void use_domains(const struct system *system)
{
	for (uint32_t i = 0; i < system->header->domains.count; i++) {
		const struct system_domain *domain = &system->domains[i];
		sum += strlen(domain->name) + strlen(domain->program);
		invariant(domain->parent == SYSTEM_NONE || domain->parent < i);
		read_string(system, domain->arguments, domain->arguments_bytes);
		const char *argument = (const char *)system->strings + domain->arguments;
		for (uint32_t k = 0; k < domain->argc; k++)
			argument += strlen(argument) + 1;
		invariant(argument == (const char *)system->strings + domain->arguments + domain->arguments_bytes);
		invariant(domain->priority <= SYSTEM_PRIORITY_MAX && domain->stack_pages - 1 < SYSTEM_STACK_PAGES_MAX);
	}
}

static void use_regions(const struct system *system)
{
	for (uint32_t i = 0; i < system->header->regions.count; i++) {
		const struct system_region *region = &system->regions[i];
		sum += strlen(region->name);
		if (region->flags & SYSTEM_REGION_PREFILLED)
			read_bytes(system, region->prefill_offset, region->prefill_bytes);
		if (region->flags & SYSTEM_REGION_IN_PLACE)
			read_bytes(system, region->prefill_offset, region->size_bytes);
	}
	for (uint32_t i = 0; i < system->header->maps.count; i++) {
		const struct system_map *map = &system->maps[i];
		invariant(map->domain < system->header->domains.count && map->region < system->header->regions.count);
		invariant(map->vaddr + system->regions[map->region].size_bytes > map->vaddr);
		invariant(!(map->rights & 2) || !(system->regions[map->region].flags & SYSTEM_REGION_IN_PLACE));
	}
}

static void use_rest(const struct system *system)
{
	uint32_t domains = system->header->domains.count;
	for (uint32_t i = 0; i < system->header->ends.count; i++)
		invariant(system->ends[i].domain < domains && system->ends[i].peer < domains && system->ends[i].id < 62);
	for (uint32_t i = 0; i < system->header->patches.count; i++) {
		sum += strlen(system->patches[i].symbol);
		read_string(system, system->patches[i].value, system->patches[i].size_bytes);
	}
	for (uint32_t i = 0; i < system->header->ports.count; i++)
		invariant(system->ports[i].domain < domains && system->ports[i].first <= system->ports[i].last);
	for (uint32_t i = 0; i < system->header->irqs.count; i++)
		invariant(system->irqs[i].domain < domains && system->irqs[i].vector <= SYSTEM_VECTOR_MAX);
	for (uint32_t i = 0; i < system->header->caps.count; i++)
		invariant(system->caps[i].domain < domains && system->caps[i].of < domains && system->caps[i].slot - 1 < 63);
	for (uint32_t i = 0; i < system->header->controllers.count; i++) {
		const struct system_controller *controller = &system->controllers[i];
		invariant(controller->domain < domains);
		invariant(controller->archive == SYSTEM_NONE || controller->archive < system->header->regions.count);
	}
	for (uint32_t i = 0; i < system->header->offers.count; i++) {
		const struct system_offer *offer = &system->offers[i];
		invariant(offer->domain < domains && offer->id < 62 && offer->controller < system->header->controllers.count);
		invariant(system->controllers[offer->controller].spawn_domains - 1 < SYSTEM_SPAWN_MAX);
	}
	read_bytes(system, system->header->boot_archive_offset, system->header->boot_archive_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct system system;
	struct where where;
	if (system_open(bytes, size, &system, &where) != STATUS_OK)
		return 0;
	use_domains(&system);
	use_regions(&system);
	use_rest(&system);
	return 0;
}
