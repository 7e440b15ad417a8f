/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks a description as a whole, once every element is known to be sound by itself: names that stand for something, ids
 * used once, ranges that don't overlap, and what a domain's kind forbids. Names become indexes here. */
#include "tools/graft/sdf.h"
#include "tools/graft/sdf_xml.h"
#include "lib/elf/elf.h"
#include "user/space/grant.h"
#include <string.h>

#define ull(x) ((unsigned long long)(x))
#define REFUSE(line, element, ...) xml_refuse(sdf->path, line, element, __VA_ARGS__)

static bool do_overlap(uint64_t a, uint64_t a_bytes, uint64_t b, uint64_t b_bytes)
{
	return a < b + b_bytes && b < a + a_bytes;
}

/* ---- names ---- */

static uint32_t find_domain(const struct sdf *sdf, const char *name)
{
	for (uint32_t i = 0; i < sdf->domain_count; i++)
		if (strcmp(sdf->domains[i].name, name) == 0)
			return i;
	return SYSTEM_NONE;
}

static uint32_t find_region(const struct sdf *sdf, const char *name)
{
	for (uint32_t i = 0; i < sdf->region_count; i++)
		if (strcmp(sdf->regions[i].name, name) == 0)
			return i;
	return SYSTEM_NONE;
}

static bool check_names(const struct sdf *sdf)
{
	for (uint32_t i = 0; i < sdf->domain_count; i++) {
		const struct sdf_domain *domain = &sdf->domains[i], *first = &sdf->domains[find_domain(sdf, domain->name)];
		if (strcmp(domain->name, "monitor") == 0)
			return REFUSE(domain->line, "protection_domain", "the name 'monitor' is reserved for the monitor");
		if (first != domain)
			return REFUSE(domain->line, "protection_domain", "the name '%s' is taken by the domain on line %u",
				domain->name, first->line);
	}
	for (uint32_t i = 0; i < sdf->region_count; i++) {
		const struct sdf_region *region = &sdf->regions[i], *first = &sdf->regions[find_region(sdf, region->name)];
		if (first != region)
			return REFUSE(region->line, region->element, "the name '%s' is taken by the <%s> on line %u", region->name,
				first->element, first->line);
	}
	return true;
}

/* ---- families ---- */

static bool check_parent(const struct sdf *sdf, uint32_t index)
{
	const struct sdf_domain *domain = &sdf->domains[index];
	if (domain->parent == SYSTEM_NONE)
		return !domain->managed || REFUSE(domain->image_line, "graft_managed",
			"domain '%s' is nobody's child; a managed domain stands inside its controller's <protection_domain>",
			domain->name);
	const struct sdf_domain *parent = &sdf->domains[domain->parent];
	if (domain->managed && !parent->controller.line)
		return REFUSE(domain->image_line, "graft_managed", "the parent '%s' of domain '%s' has no <graft_controller>",
			parent->name, domain->name);
	if (domain->managed && domain->priority > parent->priority)
		return REFUSE(domain->line, "protection_domain",
			"the managed domain '%s' has priority %u, and its controller '%s' may give %u at most", domain->name,
			domain->priority, parent->name, parent->priority);
	for (uint32_t i = 0; i < index; i++)
		if (sdf->domains[i].parent == domain->parent && sdf->domains[i].child_id == domain->child_id)
			return REFUSE(domain->line, "protection_domain", "the child id %u of '%s' is taken by '%s' on line %u",
				domain->child_id, parent->name, sdf->domains[i].name, sdf->domains[i].line);
	return true;
}

static bool check_kind(const struct sdf *sdf, const struct sdf_domain *domain)
{
	if (domain->managed && domain->passive)
		return REFUSE(domain->line, "protection_domain",
			"the managed domain '%s' can't be passive: its scheduling context moves from image to image", domain->name);
	if (domain->managed && domain->controller.line)
		return REFUSE(domain->controller.line, "graft_controller",
			"the managed domain '%s' can't be a controller: its grant would go with its image", domain->name);
	if (domain->controller.line && domain->passive)
		return REFUSE(domain->line, "protection_domain",
			"the controller '%s' can't be passive: it builds while nobody calls it", domain->name);
	return true;
}

/* Spawned domains get child ids from SYSTEM_SPAWN_ID_FIRST up. */
static bool check_spawn(const struct sdf *sdf, uint32_t index)
{
	const struct sdf_domain *domain = &sdf->domains[index];
	if (!domain->controller.line)
		return REFUSE(domain->controller.spawn_line, "graft_spawn", "domain '%s' has no <graft_controller>", domain->name);
	if (domain->priority == 0)
		return REFUSE(domain->controller.spawn_line, "graft_spawn",
			"domain '%s' has priority 0, and what it spawns must stay below it", domain->name);
	if (domain->controller.duplicates > domain->controller.spawn_domains)
		return REFUSE(domain->controller.spawn_line, "graft_spawn", "there can't be %u duplicates among %u domains",
			domain->controller.duplicates, domain->controller.spawn_domains);
	for (uint32_t i = index + 1; i < sdf->domain_count; i++)
		if (sdf->domains[i].parent == index && sdf->domains[i].child_id >= SYSTEM_SPAWN_ID_FIRST)
			return REFUSE(sdf->domains[i].line, "protection_domain",
				"the child id %u is kept for what '%s' spawns; ids below %u are free for others", sdf->domains[i].child_id,
				domain->name, SYSTEM_SPAWN_ID_FIRST);
	return true;
}

/* Duplicates are spawned domains of the parent's; regions can't be duplicated. */
static bool check_duplicate(const struct sdf *sdf, const struct sdf_domain *domain)
{
	const struct sdf_domain *parent = domain->parent == SYSTEM_NONE ? NULL : &sdf->domains[domain->parent];
	if (!domain->managed)
		return REFUSE(domain->duplicate_line, "graft_duplicate", "domain '%s' is not <graft_managed>", domain->name);
	if (!parent->controller.spawn_line)
		return REFUSE(domain->duplicate_line, "graft_duplicate", "its controller '%s' has no <graft_spawn>", parent->name);
	if (domain->duplicates > parent->controller.spawn_domains)
		return REFUSE(domain->duplicate_line, "graft_duplicate", "budget %u is more than the %u domains that '%s' may spawn",
			domain->duplicates, parent->controller.spawn_domains, parent->name);
	if (domain->map_count > 0)
		return REFUSE(domain->duplicate_line, "graft_duplicate", "domain '%s' maps memory regions, which can't be duplicated",
			domain->name);
	return true;
}

static bool check_families(struct sdf *sdf)
{
	for (uint32_t i = 0; i < sdf->domain_count; i++) {
		if (sdf->domains[i].controller.spawn_line && !check_spawn(sdf, i))
			return false;
		sdf->domains[i].has_endpoint |= sdf->domains[i].controller.spawn_line != 0;
		if (!check_parent(sdf, i) || !check_kind(sdf, &sdf->domains[i]))
			return false;
		if (sdf->domains[i].duplicate_line && !check_duplicate(sdf, &sdf->domains[i]))
			return false;
		if (sdf->domains[i].parent != SYSTEM_NONE)
			sdf->domains[sdf->domains[i].parent].has_endpoint = true;
	}
	return true;
}

/* ---- channels and ids ---- */

/* Which element took a channel id of a domain, by line; 0 for none. Interrupts and channel ends share the ids. */
struct ids {
	unsigned line[SYSTEM_DOMAINS_MAX][SDF_ID_MAX + 1];
};

static bool take_id(const struct sdf *sdf, struct ids *ids, uint32_t domain, uint32_t id, unsigned line,
	const char *element)
{
	unsigned *taken = &ids->line[domain][id];
	if (*taken)
		return REFUSE(line, element, "the channel id %u of domain '%s' is taken by line %u", id,
			sdf->domains[domain].name, *taken);
	*taken = line;
	return true;
}

static bool check_irq_ids(const struct sdf *sdf, struct ids *ids)
{
	for (uint32_t d = 0; d < sdf->domain_count; d++)
		for (uint32_t i = 0; i < sdf->domains[d].irq_count; i++)
			if (!take_id(sdf, ids, d, sdf->domains[d].irqs[i].irq.id, sdf->domains[d].irqs[i].line, "irq"))
				return false;
	return true;
}

static bool check_end(struct sdf *sdf, struct ids *ids, struct sdf_end *end)
{
	end->domain = find_domain(sdf, end->domain_name);
	if (end->domain == SYSTEM_NONE)
		return REFUSE(end->line, "end", "there is no protection domain '%s'", end->domain_name);
	if (!take_id(sdf, ids, end->domain, end->id, end->line, "end"))
		return false;
	struct sdf_setvar setvar = {
		.line = end->line, .element = "end", .symbol = end->setvar_id, .kind = SDF_SETVAR_VALUE, .value = end->id
	};
	return !end->setvar_id || sdf_add_setvar(sdf, &sdf->domains[end->domain], &setvar);
}

/* A call goes to a strictly higher priority; so there are no cycles either. */
static bool check_call(struct sdf *sdf, const struct sdf_end *caller, const struct sdf_end *callee)
{
	const struct sdf_domain *from = &sdf->domains[caller->domain];
	struct sdf_domain *to = &sdf->domains[callee->domain];
	if (!caller->call)
		return true;
	if (from->priority >= to->priority)
		return REFUSE(caller->line, "end",
			"pp=\"true\": '%s' (priority %u) may call only domains of higher priority, not '%s' (priority %u)",
			from->name, from->priority, to->name, to->priority);
	to->has_endpoint = true;
	return true;
}

/* Calls go to a strictly higher priority here too, and a spawned domain's is below its controller's. */
static bool check_offer_calls(const struct sdf *sdf, const struct sdf_domain *domain, const struct sdf_offer *offer)
{
	const struct sdf_domain *controller = &sdf->domains[offer->controller];
	if ((offer->flags & SYSTEM_OFFER_CALL) && domain->priority == 0)
		return REFUSE(offer->line, "graft_offer", "pp=\"true\": nobody's priority is below 0, that of '%s'", domain->name);
	if ((offer->flags & SYSTEM_OFFER_PEER_CALL) && domain->priority + 1 >= controller->priority)
		return REFUSE(offer->line, "graft_offer",
			"peer_pp=\"true\": no spawned domain has a priority above '%s' (priority %u) and below its controller '%s' (priority %u)",
			domain->name, domain->priority, controller->name, controller->priority);
	if ((offer->flags & SYSTEM_OFFER_CALL) && (offer->flags & SYSTEM_OFFER_PEER_CALL))
		return REFUSE(offer->line, "graft_offer",
			"pp=\"true\" and peer_pp=\"true\": no spawned domain has a priority both below and above that of '%s'", domain->name);
	return true;
}

static bool check_offer(struct sdf *sdf, struct ids *ids, uint32_t index, struct sdf_offer *offer)
{
	struct sdf_domain *domain = &sdf->domains[index];
	offer->controller = find_domain(sdf, offer->controller_name);
	if (offer->controller == SYSTEM_NONE)
		return REFUSE(offer->line, "graft_offer", "there is no protection domain '%s'", offer->controller_name);
	if (!sdf->domains[offer->controller].controller.spawn_line)
		return REFUSE(offer->line, "graft_offer", "domain '%s' has no <graft_spawn>", offer->controller_name);
	if (offer->controller == index)
		return REFUSE(offer->line, "graft_offer", "what '%s' spawns can call it without an offer", domain->name);
	if (!take_id(sdf, ids, index, offer->id, offer->line, "graft_offer") || !check_offer_calls(sdf, domain, offer))
		return false;
	domain->has_endpoint |= (offer->flags & SYSTEM_OFFER_CALL) != 0;
	return true;
}

static bool check_offers(struct sdf *sdf, struct ids *ids)
{
	for (uint32_t d = 0; d < sdf->domain_count; d++)
		for (uint32_t i = 0; i < sdf->domains[d].offer_count; i++)
			if (!check_offer(sdf, ids, d, &sdf->domains[d].offers[i]))
				return false;
	return true;
}

static bool check_channels(struct sdf *sdf)
{
	struct ids ids = { 0 };
	if (!check_irq_ids(sdf, &ids) || !check_offers(sdf, &ids))
		return false;
	for (uint32_t i = 0; i < sdf->channel_count; i++) {
		struct sdf_channel *channel = &sdf->channels[i];
		struct sdf_end *a = &channel->end[0], *b = &channel->end[1];
		if (!check_end(sdf, &ids, a) || !check_end(sdf, &ids, b))
			return false;
		if (a->domain == b->domain)
			return REFUSE(channel->line, "channel", "both ends are domain '%s'", a->domain_name);
		if (!check_call(sdf, a, b) || !check_call(sdf, b, a))
			return false;
	}
	return true;
}

/* ---- interrupts and ports across domains ---- */

static bool check_irq_pair(const struct sdf *sdf, const struct sdf_irq *a, const struct sdf_irq *b)
{
	if (a->irq.vector == b->irq.vector)
		return REFUSE(b->line, "irq", "the vector %u is taken by line %u", b->irq.vector, a->line);
	bool same_kind = a->irq.kind == SYSTEM_IRQ_IOAPIC && b->irq.kind == SYSTEM_IRQ_IOAPIC;
	if (same_kind && a->irq.ioapic_or_bus == b->irq.ioapic_or_bus && a->irq.pin_or_device == b->irq.pin_or_device)
		return REFUSE(b->line, "irq", "the pin %u of IOAPIC %u is taken by line %u", b->irq.pin_or_device,
			b->irq.ioapic_or_bus, a->line);
	return true;
}

static bool check_irqs(const struct sdf *sdf)
{
	const struct sdf_irq *seen[XML_ELEMENTS_MAX];
	uint32_t count = 0;
	for (uint32_t d = 0; d < sdf->domain_count; d++)
		for (uint32_t i = 0; i < sdf->domains[d].irq_count; i++) {
			const struct sdf_irq *irq = &sdf->domains[d].irqs[i];
			for (uint32_t k = 0; k < count; k++)
				if (!check_irq_pair(sdf, seen[k], irq))
					return false;
			seen[count++] = irq;
		}
	return true;
}

static bool check_port_ids(const struct sdf *sdf, const struct sdf_domain *domain)
{
	for (uint32_t i = 0; i < domain->port_count; i++)
		for (uint32_t k = 0; k < i; k++)
			if (domain->ports[k].id == domain->ports[i].id)
				return REFUSE(domain->ports[i].line, "ioport", "the I/O port id %u of domain '%s' is taken by line %u",
					domain->ports[i].id, domain->name, domain->ports[k].line);
	return true;
}

static bool check_ports(const struct sdf *sdf)
{
	const struct sdf_port *seen[XML_ELEMENTS_MAX];
	uint32_t count = 0;
	for (uint32_t d = 0; d < sdf->domain_count; d++) {
		if (!check_port_ids(sdf, &sdf->domains[d]))
			return false;
		for (uint32_t i = 0; i < sdf->domains[d].port_count; i++) {
			const struct sdf_port *port = &sdf->domains[d].ports[i];
			for (uint32_t k = 0; k < count; k++)
				if (port->first <= seen[k]->last && seen[k]->first <= port->last)
					return REFUSE(port->line, "ioport", "the ports 0x%x to 0x%x overlap 0x%x to 0x%x of line %u",
						port->first, port->last, seen[k]->first, seen[k]->last, seen[k]->line);
			seen[count++] = port;
		}
	}
	return true;
}

/* ---- memory regions and maps ---- */

static bool check_physical(const struct sdf *sdf)
{
	for (uint32_t i = 0; i < sdf->region_count; i++) {
		const struct sdf_region *a = &sdf->regions[i];
		if (a->has_physical && a->size > sdf_physical_top(sdf) - a->physical)
			return REFUSE(a->line, a->element, "the physical range 0x%llx with 0x%llx bytes goes beyond 0x%llx",
				ull(a->physical), ull(a->size), ull(sdf_physical_top(sdf)));
		for (uint32_t k = 0; k < i; k++) {
			const struct sdf_region *b = &sdf->regions[k];
			if (a->has_physical && b->has_physical && do_overlap(a->physical, a->size, b->physical, b->size))
				return REFUSE(a->line, a->element,
					"the physical range 0x%llx to 0x%llx overlaps that of '%s' on line %u", ull(a->physical),
					ull(a->physical + a->size - 1), b->name, b->line);
		}
	}
	return true;
}

static bool check_map_range(const struct sdf *sdf, const struct sdf_domain *domain, const struct sdf_map *map)
{
	const struct sdf_region *region = &sdf->regions[map->region];
	const uint64_t kept = sdf->machine->addresses.grant;
	uint64_t top = sdf->machine->plan->user_top - 2 * PAGE_BYTES - domain->stack_size; /* IPC buffer and a guard page above */
	if (map->vaddr % region->page_bytes != 0)
		return REFUSE(map->line, "map", "vaddr 0x%llx is not a multiple of the page size 0x%llx of '%s'",
			ull(map->vaddr), ull(region->page_bytes), region->name);
	if (map->vaddr < PAGE_BYTES)
		return REFUSE(map->line, "map", "vaddr 0x%llx: page 0 stays unmapped, so that null pointers fault",
			ull(map->vaddr));
	if (!range_is_inside(map->vaddr, region->size, top))
		return REFUSE(map->line, "map",
			"'%s' at 0x%llx with 0x%llx bytes reaches above 0x%llx, where the stack of '%s' begins", region->name,
			ull(map->vaddr), ull(region->size), ull(top), domain->name);
	if (domain->controller.line && do_overlap(map->vaddr, region->size, kept,
		sdf->machine->addresses.end - kept))
		return REFUSE(map->line, "map",
			"'%s' at 0x%llx with 0x%llx bytes reaches into 0x%llx to 0x%llx, which is kept for controllers",
			region->name, ull(map->vaddr), ull(region->size), ull(kept), ull(sdf->machine->addresses.end - 1));
	return true;
}

static bool check_map(struct sdf *sdf, struct sdf_domain *domain, uint32_t index)
{
	struct sdf_map *map = &domain->maps[index];
	map->region = find_region(sdf, map->region_name);
	if (map->region == SYSTEM_NONE)
		return REFUSE(map->line, "map", "there is no memory region '%s'", map->region_name);
	struct sdf_region *region = &sdf->regions[map->region];
	if (region->is_archive && (map->rights & ELF_W))
		return REFUSE(map->line, "map", "the archive '%s' is read-only: say perms=\"r\"", region->name);
	if (!check_map_range(sdf, domain, map))
		return false;
	for (uint32_t k = 0; k < index; k++) {
		const struct sdf_map *other = &domain->maps[k];
		if (do_overlap(map->vaddr, region->size, other->vaddr, sdf->regions[other->region].size))
			return REFUSE(map->line, "map", "'%s' at 0x%llx with 0x%llx bytes overlaps '%s' of line %u in domain '%s'",
				region->name, ull(map->vaddr), ull(region->size), other->region_name, other->line, domain->name);
	}
	region->mapped = true;
	region->written = region->written || (map->rights & ELF_W);
	return true;
}

static bool check_maps(struct sdf *sdf)
{
	for (uint32_t d = 0; d < sdf->domain_count; d++)
		for (uint32_t i = 0; i < sdf->domains[d].map_count; i++)
			if (!check_map(sdf, &sdf->domains[d], i))
				return false;
	return true;
}

static bool is_large_everywhere(const struct sdf *sdf, uint32_t index)
{
	const uint64_t large = sdf_large_page(sdf);
	const struct sdf_region *region = &sdf->regions[index];
	if (region->size % large != 0 || (region->has_physical && region->physical % large != 0))
		return false;
	for (uint32_t d = 0; d < sdf->domain_count; d++)
		for (uint32_t i = 0; i < sdf->domains[d].map_count; i++)
			if (sdf->domains[d].maps[i].region == index && sdf->domains[d].maps[i].vaddr % large != 0)
				return false;
	return true;
}

/* Unless the size of pages is stated, the largest that fits everywhere. Prefilled regions have small pages always: they are
 * filled through a window of small pages, or mapped in place from the image. */
static void choose_page_sizes(struct sdf *sdf)
{
	for (uint32_t i = 0; i < sdf->region_count; i++) {
		struct sdf_region *region = &sdf->regions[i];
		if (region->prefill)
			region->page_bytes = PAGE_BYTES;
		else if (!region->has_page_size && is_large_everywhere(sdf, i))
			region->page_bytes = sdf_large_page(sdf);
	}
}

/* Every page of a region takes a slot of the monitor's root CNode. */
static bool check_amount(const struct sdf *sdf)
{
	uint64_t pages = 0;
	for (uint32_t i = 0; i < sdf->region_count; i++) {
		const struct sdf_region *region = &sdf->regions[i];
		pages += region->size / region->page_bytes;
		if (pages > SDF_PAGES_MAX)
			return REFUSE(region->line, region->element,
				"the memory regions up to '%s' have %llu pages, more than any kernel's root CNode has slots (%u)",
				region->name, ull(pages), SDF_PAGES_MAX);
	}
	return true;
}

/* ---- setvars ---- */

static bool check_setvar(const struct sdf *sdf, struct sdf_setvar *setvar)
{
	if (setvar->kind == SDF_SETVAR_VALUE)
		return true;
	uint32_t index = find_region(sdf, setvar->region);
	if (index == SYSTEM_NONE)
		return REFUSE(setvar->line, setvar->element, "there is no memory region '%s'", setvar->region);
	const struct sdf_region *region = &sdf->regions[index];
	if (setvar->kind == SDF_SETVAR_PHYSICAL && !region->has_physical)
		return REFUSE(setvar->line, setvar->element,
			"the memory region '%s' has no phys_addr; on x86 none is chosen before boot", region->name);
	if (setvar->kind == SDF_SETVAR_PREFILL_SIZE && !region->prefill)
		return REFUSE(setvar->line, setvar->element, "setvar_prefill_size: the memory region '%s' has no prefill",
			region->name);
	setvar->value = setvar->kind == SDF_SETVAR_SIZE ? region->size
	              : setvar->kind == SDF_SETVAR_PHYSICAL ? region->physical : region->prefill_bytes;
	return true;
}

static bool check_setvars(struct sdf *sdf)
{
	for (uint32_t d = 0; d < sdf->domain_count; d++)
		for (uint32_t i = 0; i < sdf->domains[d].setvar_count; i++)
			if (!check_setvar(sdf, &sdf->domains[d].setvars[i]))
				return false;
	return true;
}

/* ---- capabilities ---- */

static bool check_cap(struct sdf *sdf, const struct sdf_domain *domain, uint32_t index)
{
	struct sdf_cap *cap = &domain->caps[index];
	cap->domain = find_domain(sdf, cap->domain_name);
	if (cap->domain == SYSTEM_NONE)
		return REFUSE(cap->line, cap->element, "there is no protection domain '%s'", cap->domain_name);
	if (sdf->domains[cap->domain].managed && cap->kind != SYSTEM_CAP_SC)
		return REFUSE(cap->line, cap->element, "domain '%s' is managed: its thread and address space go with its image",
			cap->domain_name);
	if (domain->controller.line && cap->slot == SYSTEM_GRANT_ROOT_SLOT)
		return REFUSE(cap->line, cap->element, "slot %u of the controller '%s' is kept for its grant", cap->slot,
			domain->name);
	for (uint32_t k = 0; k < index; k++)
		if (domain->caps[k].slot == cap->slot)
			return REFUSE(cap->line, cap->element, "slot %u of domain '%s' is taken by line %u", cap->slot,
				domain->name, domain->caps[k].line);
	return true;
}

static bool check_caps(struct sdf *sdf)
{
	for (uint32_t d = 0; d < sdf->domain_count; d++)
		for (uint32_t i = 0; i < sdf->domains[d].cap_count; i++)
			if (!check_cap(sdf, &sdf->domains[d], i))
				return false;
	return true;
}

/* ---- controllers ---- */

/* An archive that a domain can write may be filled later; the controller copies a program before it checks it. */
static bool check_archive(struct sdf *sdf, struct sdf_controller *controller)
{
	if (!controller->archive_name)
		return true;
	controller->archive = find_region(sdf, controller->archive_name);
	if (controller->archive == SYSTEM_NONE)
		return REFUSE(controller->line, "graft_controller", "there is no <graft_archive> and no memory region '%s'",
			controller->archive_name);
	struct sdf_region *region = &sdf->regions[controller->archive];
	const char *reason = !region->prefill && !region->written ? "is not prefilled, and no domain can write it"
		: region->has_physical ? "is at a physical address of its own"
		: region->has_page_size && region->page_bytes != PAGE_BYTES ? "has large pages"
		: !region->written && region->size != round_up(region->prefill_bytes, PAGE_BYTES) ? "is larger than its prefill"
		: region->size > sdf->machine->addresses.text - sdf->machine->addresses.archive
			? arena_print(sdf->arena, "is larger than 0x%llx bytes", ull(sdf->machine->addresses.text - sdf->machine->addresses.archive))
			: NULL;
	if (reason)
		return REFUSE(controller->line, "graft_controller", "the archive '%s' %s", region->name, reason);
	region->mapped = true;
	if (!region->prefill)
		return true;
	struct archive archive;
	struct where where;
	enum status status = archive_open(region->prefill, region->prefill_bytes, &archive, &where);
	if (status != STATUS_OK)
		return REFUSE(controller->line, "graft_controller", "'%s' is no archive: %s (at 0x%llx)", region->name,
			status_text(status), ull(where.offset));
	if (controller->key_name)
		status = archive_check_signature(&archive, controller->key, key_verify, &where);
	if (status != STATUS_OK)
		return REFUSE(controller->line, "graft_controller", "the archive '%s' is not what public_key asks for: %s%s", region->name,
			status_text(status), region->is_archive && !sdf->signer ? "; sign it with --sign" : "");
	return true;
}

/* The program that a managed domain starts with must be in the archive; what else could be loaded later is not known. */
static bool check_first_program(const struct sdf *sdf, const struct sdf_domain *domain)
{
	if (!domain->program_name)
		return true;
	const struct sdf_domain *parent = &sdf->domains[domain->parent];
	if (parent->controller.archive == SYSTEM_NONE)
		return REFUSE(domain->image_line, "graft_managed", "the controller '%s' has no archive to take '%s' from",
			parent->name, domain->program_name);
	const struct sdf_region *region = &sdf->regions[parent->controller.archive];
	struct archive archive;
	struct archive_entry entry;
	struct where where;
	if (!region->prefill || archive_open(region->prefill, region->prefill_bytes, &archive, &where) != STATUS_OK ||
	    archive_find_name(&archive, domain->program_name, &entry) != STATUS_OK)
		return REFUSE(domain->image_line, "graft_managed", "there is no program '%s' in the archive '%s'",
			domain->program_name, region->name);
	return true;
}

/* What a grant has room for, see user/space/grant.h. */
struct grant_use {
	uint32_t domains, maps, regions, patches;
	uint64_t frames, strings_bytes;
	bool has_region[SDF_REGIONS_MAX];
};

static void add_region_to_grant(const struct sdf *sdf, uint32_t region, struct grant_use *use)
{
	if (use->has_region[region])
		return;
	use->has_region[region] = true;
	use->regions++;
	use->frames += sdf->regions[region].size / sdf->regions[region].page_bytes;
}

static void add_to_grant(const struct sdf *sdf, const struct sdf_domain *domain, struct grant_use *use)
{
	const uint32_t microkit_patches = 6; /* the name with its NUL, the byte that says passive, four words */
	uint64_t microkit_bytes = strlen(domain->name) + 1 + 1 + 4 * 8;
	use->domains++;
	use->maps += domain->map_count;
	use->patches += domain->setvar_count + microkit_patches;
	use->strings_bytes += domain->setvar_count * 8ull + microkit_bytes;
	for (uint32_t i = 0; i < domain->argument_count; i++)
		use->strings_bytes += strlen(domain->arguments[i]) + 1;
	use->strings_bytes += domain->program_name ? strlen(domain->program_name) + 1 : 0;
	for (uint32_t i = 0; i < domain->map_count; i++)
		add_region_to_grant(sdf, domain->maps[i].region, use);
}

static uint32_t count_offers(const struct sdf *sdf, uint32_t controller)
{
	uint32_t count = 0;
	for (uint32_t d = 0; d < sdf->domain_count; d++)
		for (uint32_t i = 0; i < sdf->domains[d].offer_count; i++)
			count += sdf->domains[d].offers[i].controller == controller;
	return count;
}

static uint64_t spawn_slots(const struct sdf *sdf, uint32_t index)
{
	const struct sdf_controller *controller = &sdf->domains[index].controller;
	return controller->spawn_line ? SDF_GRANT_SLOTS_SPAWN + 2ull * controller->spawn_domains + 2ull * count_offers(sdf, index) : 0;
}

static bool check_grant(const struct sdf *sdf, uint32_t index)
{
	const struct sdf_domain *controller = &sdf->domains[index];
	struct grant_use use = { 0 };
	for (uint32_t d = 0; d < sdf->domain_count; d++)
		if (sdf->domains[d].managed && sdf->domains[d].parent == index)
			add_to_grant(sdf, &sdf->domains[d], &use);
	if (controller->controller.archive != SYSTEM_NONE && !sdf->regions[controller->controller.archive].written)
		add_region_to_grant(sdf, controller->controller.archive, &use);
	const struct { const char *what; uint64_t have, most; } limits[] = {
		{ "managed domains", use.domains, GRANT_DOMAINS_MAX },
		{ "maps of managed domains", use.maps, GRANT_MAPS_MAX },
		{ "memory regions of managed domains, and the archive", use.regions, GRANT_REGIONS_MAX },
		{ "symbols to set in managed domains", use.patches, GRANT_PATCHES_MAX },
		{ "bytes of arguments and symbol values", use.strings_bytes, GRANT_STRINGS_BYTES },
		{ "offers of channels", count_offers(sdf, index), GRANT_OFFERS_MAX },
	};
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
		if (limits[i].have > limits[i].most)
			return REFUSE(controller->controller.line, "graft_controller", "%s: %llu are more than fit a grant (%llu)",
				limits[i].what, ull(limits[i].have), ull(limits[i].most));
	uint64_t slots = 1ull << controller->controller.slots_bits;
	uint64_t fixed = use.frames + 5ull * use.domains + GRANT_UNTYPEDS_MAX + SDF_GRANT_SLOTS_FIXED + spawn_slots(sdf, index);
	if (fixed + SDF_GRANT_SLOTS_FREE_MIN > slots)
		return REFUSE(controller->controller.line, "graft_controller",
			"slots_bits=\"%u\": %llu slots are needed before anything is loaded, and at least %u must stay free, of %llu",
			controller->controller.slots_bits, ull(fixed), SDF_GRANT_SLOTS_FREE_MIN, ull(slots));
	return true;
}

static bool check_controllers(struct sdf *sdf)
{
	uint32_t count = 0;
	for (uint32_t d = 0; d < sdf->domain_count; d++) {
		struct sdf_domain *domain = &sdf->domains[d];
		if (domain->managed && !check_first_program(sdf, domain))
			return false;
		if (!domain->controller.line)
			continue;
		if (++count > sdf->machine->controllers_max)
			return REFUSE(domain->controller.line, "graft_controller",
				"there are more than %u controllers; seL4 has no ASID pool for another", sdf->machine->controllers_max);
		if (!check_archive(sdf, &domain->controller) || !check_grant(sdf, d))
			return false;
	}
	return true;
}

static void warn_of_unused(const struct sdf *sdf)
{
	for (uint32_t i = 0; i < sdf->region_count; i++)
		if (!sdf->regions[i].mapped)
			(void)REFUSE(sdf->regions[i].line, sdf->regions[i].element, "warning: nobody maps '%s'",
				sdf->regions[i].name);
}

bool sdf_check(struct sdf *sdf)
{
	if (!check_names(sdf) || !check_families(sdf) || !check_channels(sdf) || !check_irqs(sdf) || !check_ports(sdf) ||
	    !check_physical(sdf) || !check_maps(sdf))
		return false;
	choose_page_sizes(sdf);
	if (!check_amount(sdf) || !check_setvars(sdf) || !check_caps(sdf) || !check_controllers(sdf))
		return false;
	warn_of_unused(sdf);
	return true;
}
