/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks a system table, T1 to T5 of system.h. Nothing is changed or copied: the records are used where they lie.
 * Absent on purpose: what only the tool can judge, such as whether two domains have one name. */
#include "lib/system/system.h"
#include "lib/base/limits.h"

static const char magic[8] = { 'G', 'R', 'A', 'F', 'T', 'S', 'Y', '1' };

/* The table under test, and which record is being looked at, for the report. */
struct check {
	const uint8_t *blob;
	const struct system_header *header;
	const struct system_machine *machine;
	struct system table;
	uint64_t record_offset;
	uint32_t record_index;
	struct where *where;
};

static enum status refuse(const struct check *check, enum status status, uint64_t value, uint64_t limit)
{
	*check->where = (struct where){
		.offset = check->record_offset, .index = check->record_index, .value = value, .limit = limit
	};
	return status;
}

static void look_at(struct check *check, struct system_array array, uint32_t index, size_t record_bytes)
{
	check->record_offset = array.offset + (uint64_t)index * record_bytes;
	check->record_index = index;
}

/* ---- T1, T2: header and arrays ---- */

static enum status check_header(struct check *check, uint64_t size_bytes)
{
	const struct system_header *header = check->header;
	if (size_bytes < sizeof *header)
		return refuse(check, STATUS_SYSTEM_TOO_SHORT, size_bytes, sizeof *header);
	if (memcmp(header->magic, magic, sizeof magic) != 0)
		return refuse(check, STATUS_SYSTEM_MAGIC, 0, 0);
	if (header->version != SYSTEM_VERSION)
		return refuse(check, STATUS_SYSTEM_VERSION, header->version, SYSTEM_VERSION);
	if (header->abi_set < 1 || header->abi_set > SYSTEM_ABI_SETS)
		return refuse(check, STATUS_SYSTEM_ABI_SET, header->abi_set, SYSTEM_ABI_SETS);
	if (header->size_bytes < sizeof *header || header->size_bytes > size_bytes || header->size_bytes % PAGE_BYTES != 0)
		return refuse(check, STATUS_SYSTEM_SIZE, header->size_bytes, size_bytes);
	check->machine = system_machine_of(header->machine);
	if (check->machine == NULL)
		return refuse(check, STATUS_SYSTEM_MACHINE, header->machine, 0);
	if (header->flags & ~(uint32_t)SYSTEM_LISTS_AUTHORITY)
		return refuse(check, STATUS_SYSTEM_VALUE, header->flags, SYSTEM_LISTS_AUTHORITY);
	return STATUS_OK;
}

static enum status check_array(const struct check *check, struct system_array array, uint64_t record_bytes)
{
	if (record_bytes > 1 && array.offset % 8 != 0)
		return refuse(check, STATUS_SYSTEM_ARRAY_UNALIGNED, array.offset, 8);
	if (!range_is_inside(array.offset, array.count * record_bytes, check->header->size_bytes))
		return refuse(check, STATUS_SYSTEM_ARRAY_OUTSIDE, array.offset, check->header->size_bytes);
	return STATUS_OK;
}

static enum status check_arrays(struct check *check)
{
	const struct system_header *header = check->header;
	const struct { const struct system_array *array; uint64_t record_bytes; } arrays[] = {
		{ &header->domains, sizeof(struct system_domain) }, { &header->regions, sizeof(struct system_region) },
		{ &header->maps, sizeof(struct system_map) }, { &header->ends, sizeof(struct system_end) },
		{ &header->patches, sizeof(struct system_patch) }, { &header->ports, sizeof(struct system_port) },
		{ &header->irqs, sizeof(struct system_irq) }, { &header->caps, sizeof(struct system_cap) },
		{ &header->controllers, sizeof(struct system_controller) }, { &header->offers, sizeof(struct system_offer) },
		{ &header->strings, 1 },
	};
	for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
		check->record_offset = (uint64_t)((const uint8_t *)arrays[i].array - check->blob);
		enum status status = check_array(check, *arrays[i].array, arrays[i].record_bytes);
		if (status != STATUS_OK)
			return status;
	}
	check->record_offset = offsetof(struct system_header, domains);
	if (header->domains.count == 0 || header->domains.count > SYSTEM_DOMAINS_MAX)
		return refuse(check, STATUS_SYSTEM_DOMAIN_COUNT, header->domains.count, SYSTEM_DOMAINS_MAX);
	check->record_offset = offsetof(struct system_header, boot_archive_offset);
	if (header->boot_archive_offset % PAGE_BYTES != 0 ||
	    !range_is_inside(header->boot_archive_offset, header->boot_archive_bytes, header->size_bytes))
		return refuse(check, STATUS_SYSTEM_BOOT_ARCHIVE, header->boot_archive_offset, header->size_bytes);
	return STATUS_OK;
}

static const void *array_at(const struct check *check, struct system_array array)
{
	return check->blob + array.offset;
}

static void find_arrays(struct check *check)
{
	const struct system_header *header = check->header;
	check->table = (struct system){
		.blob = check->blob, .header = header,
		.domains = array_at(check, header->domains), .regions = array_at(check, header->regions),
		.maps = array_at(check, header->maps), .ends = array_at(check, header->ends),
		.patches = array_at(check, header->patches), .ports = array_at(check, header->ports),
		.irqs = array_at(check, header->irqs), .caps = array_at(check, header->caps),
		.controllers = array_at(check, header->controllers), .offers = array_at(check, header->offers),
		.strings = array_at(check, header->strings),
	};
}

/* ---- what several kinds of record have in common ---- */

static bool is_terminated(const char name[SYSTEM_NAME_BYTES])
{
	for (uint32_t i = 0; i < SYSTEM_NAME_BYTES; i++)
		if (name[i] == '\0')
			return true;
	return false;
}

static bool is_name(const char name[SYSTEM_NAME_BYTES])
{
	return name[0] != '\0' && is_terminated(name);
}

/* A record of a per-domain array: the domain exists and is not below that of the record before. */
static enum status check_owner(const struct check *check, uint32_t domain, uint32_t domain_before)
{
	if (domain >= check->header->domains.count)
		return refuse(check, STATUS_SYSTEM_INDEX, domain, check->header->domains.count);
	if (check->record_index > 0 && domain < domain_before)
		return refuse(check, STATUS_SYSTEM_ORDER, domain, domain_before);
	return STATUS_OK;
}

/* ---- T3 to T5, record by record ---- */

static uint32_t count_nuls(const uint8_t *bytes, uint32_t length)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < length; i++)
		count += bytes[i] == '\0';
	return count;
}

static enum status check_arguments(const struct check *check, const struct system_domain *domain)
{
	uint32_t length = domain->arguments_bytes;
	if (!range_is_inside(domain->arguments, length, check->header->strings.count))
		return refuse(check, STATUS_SYSTEM_STRING, domain->arguments, check->header->strings.count);
	const uint8_t *strings = check->table.strings + domain->arguments;
	bool ends_in_nul = length == 0 || strings[length - 1] == '\0';
	if (!ends_in_nul || domain->argc > START_ARGUMENTS_MAX || count_nuls(strings, length) != domain->argc)
		return refuse(check, STATUS_SYSTEM_ARGUMENTS, domain->argc, START_ARGUMENTS_MAX);
	return STATUS_OK;
}

static enum status check_family(const struct check *check, const struct system_domain *domain)
{
	bool has_parent = domain->parent != SYSTEM_NONE;
	if (has_parent && domain->parent >= check->header->domains.count)
		return refuse(check, STATUS_SYSTEM_INDEX, domain->parent, check->header->domains.count);
	if (has_parent && domain->parent >= check->record_index)
		return refuse(check, STATUS_SYSTEM_ORDER, domain->parent, check->record_index);
	if (has_parent && domain->child_id > SYSTEM_CHILD_ID_MAX)
		return refuse(check, STATUS_SYSTEM_VALUE, domain->child_id, SYSTEM_CHILD_ID_MAX);
	if (!has_parent && (domain->flags & SYSTEM_MANAGED))
		return refuse(check, STATUS_SYSTEM_VALUE, domain->flags, 0);
	return STATUS_OK;
}

static enum status check_domain(struct check *check, uint32_t index)
{
	const uint32_t known = SYSTEM_PASSIVE | SYSTEM_ENDPOINT | SYSTEM_MANAGED | SYSTEM_FPU_OFF;
	const struct system_domain *domain = &check->table.domains[index];
	look_at(check, check->header->domains, index, sizeof *domain);
	bool may_be_empty = domain->flags & SYSTEM_MANAGED;
	if (!is_name(domain->name) || !is_terminated(domain->program) || (!may_be_empty && domain->program[0] == '\0'))
		return refuse(check, STATUS_SYSTEM_NAME, 0, 0);
	if (domain->flags & ~known)
		return refuse(check, STATUS_SYSTEM_VALUE, domain->flags, known);
	if (domain->priority > SYSTEM_PRIORITY_MAX)
		return refuse(check, STATUS_SYSTEM_VALUE, domain->priority, SYSTEM_PRIORITY_MAX);
	if (domain->budget_us == 0 || domain->budget_us > domain->period_us)
		return refuse(check, STATUS_SYSTEM_VALUE, domain->budget_us, domain->period_us);
	if (domain->stack_pages == 0 || domain->stack_pages > SYSTEM_STACK_PAGES_MAX)
		return refuse(check, STATUS_SYSTEM_VALUE, domain->stack_pages, SYSTEM_STACK_PAGES_MAX);
	if (domain->duplicates > (domain->flags & SYSTEM_MANAGED ? SYSTEM_SPAWN_MAX : 0))
		return refuse(check, STATUS_SYSTEM_VALUE, domain->duplicates, SYSTEM_SPAWN_MAX);
	enum status status = check_family(check, domain);
	return status != STATUS_OK ? status : check_arguments(check, domain);
}

static bool is_prefill_sound(const struct check *check, const struct system_region *region)
{
	uint64_t in_blob = region->flags & SYSTEM_REGION_IN_PLACE ? region->size_bytes : region->prefill_bytes;
	return region->prefill_bytes > 0 && region->prefill_bytes <= region->size_bytes && region->page_bits == PAGE_BITS &&
	       region->prefill_offset % PAGE_BYTES == 0 &&
	       range_is_inside(region->prefill_offset, in_blob, check->header->size_bytes);
}

static enum status check_region(struct check *check, uint32_t index)
{
	const uint32_t known = SYSTEM_REGION_PREFILLED | SYSTEM_REGION_PHYSICAL | SYSTEM_REGION_IN_PLACE;
	const struct system_region *region = &check->table.regions[index];
	look_at(check, check->header->regions, index, sizeof *region);
	if (!is_name(region->name))
		return refuse(check, STATUS_SYSTEM_NAME, 0, 0);
	bool in_place = region->flags & SYSTEM_REGION_IN_PLACE, prefilled = region->flags & SYSTEM_REGION_PREFILLED;
	bool physical = region->flags & SYSTEM_REGION_PHYSICAL;
	if ((region->flags & ~known) || (in_place && (!prefilled || physical)))
		return refuse(check, STATUS_SYSTEM_VALUE, region->flags, known);
	if (region->page_bits != PAGE_BITS && region->page_bits != check->machine->plan->large_page_bits)
		return refuse(check, STATUS_SYSTEM_VALUE, region->page_bits, check->machine->plan->large_page_bits);
	uint64_t page = 1ull << region->page_bits;
	if (region->size_bytes == 0 || region->size_bytes % page != 0)
		return refuse(check, STATUS_SYSTEM_VALUE, region->size_bytes, page);
	if (physical && (region->physical % page != 0 || !sum_is_exact(region->physical, region->size_bytes)))
		return refuse(check, STATUS_SYSTEM_VALUE, region->physical, page);
	if (prefilled && !is_prefill_sound(check, region))
		return refuse(check, STATUS_SYSTEM_PREFILL, region->prefill_bytes, region->size_bytes);
	return STATUS_OK;
}

static enum status check_map(struct check *check, uint32_t index)
{
	const struct system_map *map = &check->table.maps[index];
	look_at(check, check->header->maps, index, sizeof *map);
	enum status status = check_owner(check, map->domain, index ? map[-1].domain : 0);
	if (status != STATUS_OK)
		return status;
	if (map->region >= check->header->regions.count)
		return refuse(check, STATUS_SYSTEM_INDEX, map->region, check->header->regions.count);
	const struct system_region *region = &check->table.regions[map->region];
	uint64_t top = check->machine->plan->user_top;
	if (map->vaddr % (1ull << region->page_bits) != 0 || !range_is_inside(map->vaddr, region->size_bytes, top))
		return refuse(check, STATUS_SYSTEM_VALUE, map->vaddr, top);
	if (map->rights > 7 || !(map->rights & 4))
		return refuse(check, STATUS_SYSTEM_VALUE, map->rights, 7);
	if ((map->rights & 2) && (region->flags & SYSTEM_REGION_IN_PLACE))
		return refuse(check, STATUS_SYSTEM_VALUE, map->rights, 5);
	if (map->uncached > 1)
		return refuse(check, STATUS_SYSTEM_VALUE, map->uncached, 1);
	return STATUS_OK;
}

static enum status check_end(struct check *check, uint32_t index)
{
	const struct system_end *end = &check->table.ends[index];
	look_at(check, check->header->ends, index, sizeof *end);
	enum status status = check_owner(check, end->domain, index ? end[-1].domain : 0);
	if (status != STATUS_OK)
		return status;
	if (end->peer >= check->header->domains.count)
		return refuse(check, STATUS_SYSTEM_INDEX, end->peer, check->header->domains.count);
	if (end->id > check->machine->channel_id_max || end->peer_id > check->machine->channel_id_max)
		return refuse(check, STATUS_SYSTEM_VALUE, end->id > end->peer_id ? end->id : end->peer_id,
			check->machine->channel_id_max);
	if (end->notify > 1 || end->call > 1)
		return refuse(check, STATUS_SYSTEM_VALUE, end->notify | end->call, 1);
	if (end->call && !(check->table.domains[end->peer].flags & SYSTEM_ENDPOINT))
		return refuse(check, STATUS_SYSTEM_VALUE, end->peer, 0);
	return STATUS_OK;
}

static enum status check_patch(struct check *check, uint32_t index)
{
	const struct system_patch *patch = &check->table.patches[index];
	look_at(check, check->header->patches, index, sizeof *patch);
	if (!is_name(patch->symbol))
		return refuse(check, STATUS_SYSTEM_NAME, 0, 0);
	enum status status = check_owner(check, patch->domain, index ? patch[-1].domain : 0);
	if (status != STATUS_OK)
		return status;
	if (patch->size_bytes == 0 || patch->size_bytes > SYSTEM_PATCH_BYTES_MAX)
		return refuse(check, STATUS_SYSTEM_VALUE, patch->size_bytes, SYSTEM_PATCH_BYTES_MAX);
	if (!range_is_inside(patch->value, patch->size_bytes, check->header->strings.count))
		return refuse(check, STATUS_SYSTEM_STRING, patch->value, check->header->strings.count);
	return STATUS_OK;
}

static enum status check_port(struct check *check, uint32_t index)
{
	const struct system_port *port = &check->table.ports[index];
	look_at(check, check->header->ports, index, sizeof *port);
	enum status status = check_owner(check, port->domain, index ? port[-1].domain : 0);
	if (status != STATUS_OK)
		return status;
	if (port->id > check->machine->channel_id_max)
		return refuse(check, STATUS_SYSTEM_VALUE, port->id, check->machine->channel_id_max);
	if (port->first > port->last || port->last > SYSTEM_PORT_MAX)
		return refuse(check, STATUS_SYSTEM_VALUE, port->last, SYSTEM_PORT_MAX);
	return STATUS_OK;
}

static enum status check_irq(struct check *check, uint32_t index)
{
	const struct system_irq *irq = &check->table.irqs[index];
	look_at(check, check->header->irqs, index, sizeof *irq);
	enum status status = check_owner(check, irq->domain, index ? irq[-1].domain : 0);
	if (status != STATUS_OK)
		return status;
	if (irq->id > check->machine->channel_id_max)
		return refuse(check, STATUS_SYSTEM_VALUE, irq->id, check->machine->channel_id_max);
	if (irq->kind > SYSTEM_IRQ_MSI)
		return refuse(check, STATUS_SYSTEM_VALUE, irq->kind, SYSTEM_IRQ_MSI);
	if (irq->vector > SYSTEM_VECTOR_MAX)
		return refuse(check, STATUS_SYSTEM_VALUE, irq->vector, SYSTEM_VECTOR_MAX);
	return STATUS_OK;
}

static enum status check_cap(struct check *check, uint32_t index)
{
	const struct system_cap *cap = &check->table.caps[index];
	look_at(check, check->header->caps, index, sizeof *cap);
	enum status status = check_owner(check, cap->domain, index ? cap[-1].domain : 0);
	if (status != STATUS_OK)
		return status;
	if (cap->of >= check->header->domains.count)
		return refuse(check, STATUS_SYSTEM_INDEX, cap->of, check->header->domains.count);
	if (cap->slot == 0 || cap->slot >= SYSTEM_ROOT_SLOTS)
		return refuse(check, STATUS_SYSTEM_VALUE, cap->slot, SYSTEM_ROOT_SLOTS - 1);
	if (cap->kind > SYSTEM_CAP_VSPACE)
		return refuse(check, STATUS_SYSTEM_VALUE, cap->kind, SYSTEM_CAP_VSPACE);
	return STATUS_OK;
}

static bool is_archive(const struct check *check, uint32_t region)
{
	return check->table.regions[region].page_bits == PAGE_BITS &&
	       check->table.regions[region].size_bytes <= check->machine->addresses.text - check->machine->addresses.archive;
}

/* Spawned domains: a share only if there are any, an endpoint for their faults, and child ids that nobody else has. */
static enum status check_spawn(const struct check *check, const struct system_controller *controller)
{
	bool spawns = controller->spawn_domains != 0;
	if (controller->spawn_domains > SYSTEM_SPAWN_MAX)
		return refuse(check, STATUS_SYSTEM_VALUE, controller->spawn_domains, SYSTEM_SPAWN_MAX);
	if (controller->budget_share > SYSTEM_SHARE_MAX * controller->spawn_domains || (controller->budget_share != 0) != spawns)
		return refuse(check, STATUS_SYSTEM_VALUE, controller->budget_share, SYSTEM_SHARE_MAX * controller->spawn_domains);
	if (controller->duplicates > controller->spawn_domains)
		return refuse(check, STATUS_SYSTEM_VALUE, controller->duplicates, controller->spawn_domains);
	if (spawns && !(check->table.domains[controller->domain].flags & SYSTEM_ENDPOINT))
		return refuse(check, STATUS_SYSTEM_VALUE, controller->domain, 0);
	for (uint32_t i = 0; spawns && i < check->header->domains.count; i++) {
		const struct system_domain *child = &check->table.domains[i];
		if (child->parent == controller->domain && child->child_id >= SYSTEM_SPAWN_ID_FIRST)
			return refuse(check, STATUS_SYSTEM_VALUE, child->child_id, SYSTEM_SPAWN_ID_FIRST - 1);
	}
	return STATUS_OK;
}

static enum status check_controller(struct check *check, uint32_t index)
{
	const struct system_controller *controller = &check->table.controllers[index];
	look_at(check, check->header->controllers, index, sizeof *controller);
	enum status status = check_owner(check, controller->domain, index ? controller[-1].domain : 0);
	if (status != STATUS_OK)
		return status;
	if (index > 0 && controller->domain == controller[-1].domain)
		return refuse(check, STATUS_SYSTEM_ORDER, controller->domain, controller->domain);
	if (controller->archive != SYSTEM_NONE && controller->archive >= check->header->regions.count)
		return refuse(check, STATUS_SYSTEM_INDEX, controller->archive, check->header->regions.count);
	if (controller->archive != SYSTEM_NONE && !is_archive(check, controller->archive))
		return refuse(check, STATUS_SYSTEM_VALUE, controller->archive, 0);
	if (controller->pool_bytes == 0 || controller->pool_bytes % PAGE_BYTES != 0)
		return refuse(check, STATUS_SYSTEM_VALUE, controller->pool_bytes, PAGE_BYTES);
	if (controller->slots_bits < SYSTEM_SLOTS_BITS_MIN || controller->slots_bits > check->machine->slots_bits_max)
		return refuse(check, STATUS_SYSTEM_VALUE, controller->slots_bits, check->machine->slots_bits_max);
	if ((controller->flags & ~SYSTEM_CONTROLLER_FLAGS) != 0)
		return refuse(check, STATUS_SYSTEM_VALUE, controller->flags, SYSTEM_CONTROLLER_FLAGS);
	if ((controller->flags & SYSTEM_CONTROLLER_KEY) && controller->archive == SYSTEM_NONE)
		return refuse(check, STATUS_SYSTEM_VALUE, controller->flags, 0);
	return check_spawn(check, controller);
}

static enum status check_offer(struct check *check, uint32_t index)
{
	const uint32_t known = SYSTEM_OFFER_NOTIFY | SYSTEM_OFFER_CALL | SYSTEM_OFFER_PEER_NOTIFY | SYSTEM_OFFER_PEER_CALL;
	const struct system_offer *offer = &check->table.offers[index];
	look_at(check, check->header->offers, index, sizeof *offer);
	enum status status = check_owner(check, offer->domain, index ? offer[-1].domain : 0);
	if (status != STATUS_OK)
		return status;
	if (offer->controller >= check->header->controllers.count)
		return refuse(check, STATUS_SYSTEM_INDEX, offer->controller, check->header->controllers.count);
	if (check->table.controllers[offer->controller].spawn_domains == 0)
		return refuse(check, STATUS_SYSTEM_VALUE, offer->controller, 0);
	if (offer->id > check->machine->channel_id_max)
		return refuse(check, STATUS_SYSTEM_VALUE, offer->id, check->machine->channel_id_max);
	if (offer->flags == 0 || (offer->flags & ~known))
		return refuse(check, STATUS_SYSTEM_VALUE, offer->flags, known);
	if ((offer->flags & SYSTEM_OFFER_CALL) && !(check->table.domains[offer->domain].flags & SYSTEM_ENDPOINT))
		return refuse(check, STATUS_SYSTEM_VALUE, offer->domain, 0);
	return STATUS_OK;
}

typedef enum status check_record(struct check *check, uint32_t index);

static enum status check_each(struct check *check, struct system_array array, check_record *record)
{
	for (uint32_t i = 0; i < array.count; i++) {
		enum status status = record(check, i);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

static enum status check_records(struct check *check)
{
	const struct system_header *header = check->header;
	const struct { struct system_array array; check_record *record; } kinds[] = {
		{ header->domains, check_domain }, { header->regions, check_region }, { header->maps, check_map },
		{ header->ends, check_end }, { header->patches, check_patch }, { header->ports, check_port },
		{ header->irqs, check_irq }, { header->caps, check_cap }, { header->controllers, check_controller },
		{ header->offers, check_offer },
	};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		enum status status = check_each(check, kinds[i].array, kinds[i].record);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

enum status system_open(const uint8_t *blob, uint64_t size_bytes, struct system *system, struct where *where)
{
	struct check check = {
		.blob = blob, .header = (const void *)blob, .record_index = WHERE_NO_INDEX, .where = where,
	};
	enum status status = check_header(&check, size_bytes);
	if (status == STATUS_OK)
		status = check_arrays(&check);
	if (status != STATUS_OK)
		return status;
	find_arrays(&check);
	status = check_records(&check);
	if (status == STATUS_OK)
		*system = check.table;
	return status;
}
