/* SPDX-License-Identifier: BSD-2-Clause */
/* What a description implies for every domain, in the format of doc/authority.md. Written from the description and the
 * plans, not from the system table: what the monitor prints is compared with it. */
#include "tools/graft/build.h"
#include "user/space/grant.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define ull(x) ((unsigned long long)(x))

/* Slots of Microkit's CNode, and root slots. */
enum slot { SLOT_INPUT = 1, SLOT_VSPACE = 3, SLOT_REPLY = 4, SLOT_MONITOR = 5, SLOT_NOTIFY = 10, SLOT_CALL = 74,
	SLOT_IRQ = 138,
	SLOT_TCB = 202, SLOT_PORT = 394 };
#define ROOT_BITS 6u

/* What the highest bits of a badge stand for, from the top. */
enum badge { BADGE_CALL = 1, BADGE_FAULT, BADGE_REQUEST };

struct list {
	const struct job *job;
	const struct sdf *sdf;
	const char **lines;
	uint32_t count;
};

static void add(struct list *list, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct list *list, const char *format, ...)
{
	char line[512];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	list->lines = arena_grow(list->sdf->arena, list->lines, list->count, sizeof *list->lines);
	list->lines[list->count++] = arena_text(list->sdf->arena, line, strlen(line));
}

/* A capability in a domain's CSpace. of is a domain's name or a whole object's, part what follows it. */
static void add_cap(struct list *list, uint32_t domain, uint64_t cptr, const char *type, const char *rights,
	uint64_t badge,
	const char *of, const char *part)
{
	add(list, "cap %s 0x%016llx %s %s 0x%llx %s%s", list->sdf->domains[domain].name, ull(cptr), type, rights,
		ull(badge), of, part);
}

static uint64_t badge_of(const struct list *list, enum badge meaning, uint32_t number)
{
	return 1ull << (list->sdf->machine->badge_bits - (uint32_t)meaning) | number;
}

static uint64_t root_cptr(const struct list *list, uint32_t slot)
{
	return (uint64_t)slot << (8u * list->sdf->machine->plan->word_bytes - ROOT_BITS);
}

/* ---- CSpaces ---- */

static void add_own(struct list *list, uint32_t index)
{
	const struct sdf_domain *domain = &list->sdf->domains[index];
	if (domain->has_endpoint)
		add_cap(list, index, SLOT_INPUT, "endpoint", "r---", 0, domain->name, ".endpoint");
	else
		add_cap(list, index, SLOT_INPUT, "notification", "r---", 0, domain->name, ".notification");
	if (!domain->managed)
		add_cap(list, index, SLOT_VSPACE, "vspace", "----", 0, domain->name, ".vspace");
	add_cap(list, index, SLOT_REPLY, "reply", "----", 0, domain->name, ".reply");
	if (domain->passive)
		add_cap(list, index, SLOT_MONITOR, "endpoint", "-w--", index + 1, "monitor", ".endpoint");
	if (!domain->managed && domain->parent != SYSTEM_NONE)
		add_cap(list, domain->parent, SLOT_TCB + domain->child_id, "tcb", "----", 0, domain->name, ".tcb");
	if (domain->controller.line)
		add_cap(list, index, root_cptr(list, SYSTEM_GRANT_ROOT_SLOT), "cnode", "----", 0, domain->name, ".grant");
}

static void add_channels(struct list *list)
{
	for (uint32_t i = 0; i < list->sdf->channel_count; i++)
		for (unsigned k = 0; k < 2; k++) {
			const struct sdf_end *end = &list->sdf->channels[i].end[k], *peer = &list->sdf->channels[i].end[1 - k];
			const char *name = list->sdf->domains[peer->domain].name;
			if (end->notify)
				add_cap(list, end->domain, SLOT_NOTIFY + end->id, "notification", "-w--", 1ull << peer->id, name,
					".notification");
			if (end->call)
				add_cap(list, end->domain, SLOT_CALL + end->id, "endpoint", "-w-p", badge_of(list, BADGE_CALL, peer->id), name,
					".endpoint");
		}
}

static void add_devices(struct list *list, uint32_t index)
{
	const struct sdf_domain *domain = &list->sdf->domains[index];
	for (uint32_t i = 0; i < domain->irq_count; i++)
		add_cap(list, index, SLOT_IRQ + domain->irqs[i].irq.id, "irq", "----", 0, "irq:",
			arena_print(list->sdf->arena, "%u", domain->irqs[i].irq.vector));
	for (uint32_t i = 0; i < domain->port_count; i++)
		add_cap(list, index, SLOT_PORT + domain->ports[i].id, "ioport", "----", 0, "ioport:",
			arena_print(list->sdf->arena, "0x%x-0x%x", domain->ports[i].first, domain->ports[i].last));
}

static void add_asked_for(struct list *list, uint32_t index)
{
	static const char *const types[] = { "tcb", "sc", "vspace" };
	static const char *const parts[] = { ".tcb", ".sc", ".vspace" };
	const struct sdf_domain *domain = &list->sdf->domains[index];
	for (uint32_t i = 0; i < domain->cap_count; i++) {
		const struct sdf_cap *cap = &domain->caps[i];
		add_cap(list, index, root_cptr(list, cap->slot), types[cap->kind], "----", 0, list->sdf->domains[cap->domain].name,
			parts[cap->kind]);
	}
}

/* ---- address spaces ---- */

struct pages {
	uint64_t vaddr, pages;
	uint32_t page_bits, rights;
	bool uncached;
	const char *of, *part; /* the object's name in two pieces */
};

static void add_pages(struct list *list, uint32_t index, const struct pages *pages)
{
	add(list, "map %s 0x%016llx %llu %u %c%c%c %s %s%s", list->sdf->domains[index].name, ull(pages->vaddr),
		ull(pages->pages), pages->page_bits, pages->rights & ELF_R ? 'r' : '-', pages->rights & ELF_W ? 'w' : '-',
		pages->rights & ELF_X ? 'x' : '-', pages->uncached ? "uncached" : "cached", pages->of, pages->part);
}

static void name_region(const struct list *list, uint32_t index, uint32_t region, struct pages *pages)
{
	const char *domain = list->sdf->domains[index].name;
	bool is_described = region < list->sdf->region_count;
	pages->of = is_described ? "region:" : domain;
	pages->part = is_described ? list->sdf->regions[region].name : region == BUILD_REGION_GRANT ? ".grant" : ".record";
}

static struct pages pages_of(const struct list *list, uint32_t index, const struct plan_run *run)
{
	const struct build_domain *made = &list->job->domains[index];
	struct pages pages = { .vaddr = run->vaddr, .pages = run->pages, .page_bits = run->page_bits, .rights = run->rights,
		.uncached = run->source == PLAN_REGION && run->uncached, .of = list->sdf->domains[index].name,
		.part = ".image" };
	if (run->source == PLAN_REGION) {
		name_region(list, index, run->region, &pages);
	} else if (run->source == PLAN_SHARED) {
		pages.of = "program:";
		pages.part = made->program_name;
	} else if (run->vaddr == made->plan->ipc_buffer) {
		pages.part = ".ipcbuffer";
	} else if (run->vaddr >= made->plan->stack_bottom && run->vaddr < made->plan->stack_top) {
		pages.part = ".stack";
	}
	return pages;
}

static bool continues(const struct pages *a, const struct pages *b)
{
	return a->vaddr + (a->pages << a->page_bits) == b->vaddr && a->page_bits == b->page_bits &&
		a->rights == b->rights &&
	       a->uncached == b->uncached && strcmp(a->of, b->of) == 0 && strcmp(a->part, b->part) == 0;
}

static void add_image(struct list *list, uint32_t index)
{
	const struct plan *plan = list->job->domains[index].plan;
	struct pages line = pages_of(list, index, &plan->run[0]);
	for (uint32_t i = 1; i < plan->run_count; i++) {
		struct pages next = pages_of(list, index, &plan->run[i]);
		if (continues(&line, &next)) {
			line.pages += next.pages;
			continue;
		}
		add_pages(list, index, &line);
		line = next;
	}
	add_pages(list, index, &line);
}

static uint64_t region_pages(const struct sdf_region *region)
{
	return region->size / region->page_bytes;
}

/* Of a managed domain only the regions are known. */
static void add_regions(struct list *list, uint32_t index)
{
	const struct sdf_domain *domain = &list->sdf->domains[index];
	for (uint32_t i = 0; i < domain->map_count; i++) {
		const struct sdf_map *map = &domain->maps[i];
		const struct sdf_region *region = &list->sdf->regions[map->region];
		struct pages pages = {
			.vaddr = map->vaddr, .pages = region_pages(region), .rights = map->rights, .uncached = !map->cached,
			.page_bits = sdf_page_bits(list->sdf, region), .of = "region:",
			.part = region->name
		};
		add_pages(list, index, &pages);
	}
}

/* ---- grants ---- */

static void add_grant(struct list *list, uint32_t controller, const char *type, const char *rights, uint64_t badge,
	uint64_t count,
	const char *of, const char *part)
{
	add(list, "grant %s %s %s 0x%llx %llu %s%s", list->sdf->domains[controller].name, type, rights, ull(badge),
		ull(count), of, part);
}

static void add_managed(struct list *list, uint32_t controller, const struct sdf_domain *domain)
{
	add_grant(list, controller, "cnode", "----", 0, 1, domain->name, ".cspace");
	add_grant(list, controller, "sc", "----", 0, 1, domain->name, ".sc");
	add_grant(list, controller, "notification", "r---", 0, 1, domain->name, ".notification");
	add_grant(list, controller, "reply", "----", 0, 1, domain->name, ".reply");
	add_grant(list, controller, "endpoint", "-w-p", badge_of(list, BADGE_FAULT, domain->child_id), 1,
		list->sdf->domains[controller].name, ".endpoint");
}

/* Does a domain that the controller manages map the region, and does one map it writable? */
static bool uses_region(const struct sdf *sdf, uint32_t controller, uint32_t region, bool *writes)
{
	bool uses = false;
	for (uint32_t d = 0; d < sdf->domain_count; d++)
		for (uint32_t i = 0; sdf->domains[d].managed && sdf->domains[d].parent == controller &&
			i < sdf->domains[d].map_count; i++)
			if (sdf->domains[d].maps[i].region == region) {
				uses = true;
				*writes = *writes || (sdf->domains[d].maps[i].rights & ELF_W);
			}
	return uses;
}

static void add_offer(struct list *list, uint32_t controller, uint32_t domain, const struct sdf_offer *offer)
{
	const char *name = list->sdf->domains[domain].name;
	if (offer->controller != controller)
		return;
	add_grant(list, controller, "notification", "-w--", 1ull << offer->id, 1, name, ".notification");
	if (offer->flags & SYSTEM_OFFER_CALL)
		add_grant(list, controller, "endpoint", "-w-p", badge_of(list, BADGE_CALL, offer->id), 1, name, ".endpoint");
}

/* What it spawns domains with. */
static void add_spawn(struct list *list, uint32_t index)
{
	const struct sdf *sdf = list->sdf;
	const char *name = sdf->domains[index].name;
	uint32_t number = 0;
	if (!sdf->domains[index].controller.spawn_line)
		return;
	for (uint32_t d = 0; d < index; d++)
		number += sdf->domains[d].controller.line != 0;
	add_grant(list, index, "endpoint", "-wg-", badge_of(list, BADGE_REQUEST, number), 1, "monitor", ".endpoint");
	add_grant(list, index, "endpoint", "-w-p", 0, 1, name, ".endpoint");
	add_grant(list, index, "sc", "----", 0, sdf->domains[index].controller.spawn_domains, name, ".spawn");
	for (uint32_t d = 0; d < sdf->domain_count; d++)
		for (uint32_t i = 0; i < sdf->domains[d].offer_count; i++)
			add_offer(list, index, d, &sdf->domains[d].offers[i]);
}

static void add_controller(struct list *list, uint32_t index)
{
	const struct sdf *sdf = list->sdf;
	const char *name = sdf->domains[index].name;
	add_grant(list, index, "untyped", "----", 0, sdf->domains[index].controller.pool_bytes, name, ".pool");
	add_grant(list, index, "cnode", "----", 0, 1, name, ".grant");
	add_grant(list, index, "tcb", "----", 0, 1, name, ".tcb");
	add_grant(list, index, "asidpool", "----", 0, 1, name, ".asidpool");
	add_spawn(list, index);
	add_grant(list, index, "reply", "----", 0, GRANT_REPLIES + sdf->domains[index].controller.spawn_domains, name, ".replies");
	for (uint32_t r = 0; r < sdf->region_count; r++) {
		bool writes = false, maps_programs = r == sdf->domains[index].controller.archive && build_is_in_place(&sdf->regions[r]);
		if (uses_region(sdf, index, r, &writes) || maps_programs)
			add_grant(list, index, "frame", writes ? "rw--" : "r---", 0, region_pages(&sdf->regions[r]), "region:",
				sdf->regions[r].name);
	}
	for (uint32_t d = 0; d < sdf->domain_count; d++)
		if (sdf->domains[d].managed && sdf->domains[d].parent == index)
			add_managed(list, index, &sdf->domains[d]);
}

/* ---- the whole ---- */

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void build_print_authority(const struct job *job, FILE *to)
{
	struct list list = { .job = job, .sdf = job->sdf };
	add_channels(&list);
	for (uint32_t i = 0; i < job->sdf->domain_count; i++) {
		add_own(&list, i);
		add_devices(&list, i);
		add_asked_for(&list, i);
		if (job->sdf->domains[i].managed)
			add_regions(&list, i);
		else
			add_image(&list, i);
		if (job->sdf->domains[i].controller.line)
			add_controller(&list, i);
	}
	qsort(list.lines, list.count, sizeof *list.lines, compare);
	for (uint32_t i = 0; i < list.count; i++)
		fprintf(to, "%s\n", list.lines[i]);
}
