/* SPDX-License-Identifier: BSD-2-Clause */
/* Images of the static domains: archive entry -> ELF -> plan -> build, one after the other. Memory is taken from the
 * boot untypeds as each image needs it and goes into the loader's pool; what an image leaves of it serves the next. */
#include "user/monitor/images.h"
#include "lib/archive/archive.h"
#include "lib/load/load.h"
#include "lib/plan/plan.h"
#include "lib/start/start.h"
#include "user/monitor/controllers.h"
#include "user/monitor/domains.h"
#include "user/monitor/give.h"
#include "user/monitor/objects.h"
#include "user/monitor/regions.h"
#include "user/monitor/stop.h"
#include "user/monitor/window.h"
#include "user/space/boot.h"

#define IMAGES_CNODE_BITS 10u /* 577 slots are all that a space uses */
#define IMAGES_ROOM_BITS  18u /* for the space's CNode, 32K, and the new CSpace root; with room to spare */

/* What is being built now. */
static struct {
	uint32_t domain;
	struct archive_entry entry;
	struct load load;
	struct plan plan;
	struct build build;
	struct space_caps region[BUILD_REGIONS_MAX]; /* by the plan's region numbers */
	struct give_object object[BUILD_REGIONS_MAX];
	uint32_t region_count;
	uint8_t  frame[START_BYTES_MAX];
	uint64_t stack_pointer;
} image;

/* ---- refusals ---- */

static void must(const struct monitor *monitor, enum status status, const struct where *where)
{
	if (status == STATUS_OK)
		return;
	const struct system_domain *domain = &monitor->system.domains[image.domain];
	stop("domain %s: program %s: %s (at 0x%llx: 0x%llx, limit 0x%llx)", domain->name, domain->program, status_text(status),
	     ull(where->offset), ull(where->value), ull(where->limit));
}

/* ---- the space ---- */

void images_start(struct monitor *monitor)
{
	struct where where;
	struct space_use use;
	seL4_CPtr untyped = objects_make(monitor, seL4_UntypedObject, IMAGES_ROOM_BITS, 1);
	struct space_boot_input input = { .info = monitor->info, .first_empty = monitor->next_slot, .untyped = untyped,
	                                  .cnode_bits = IMAGES_CNODE_BITS, .window = WINDOW_SPACE_VADDR };
	monitor->top = input.first_empty;
	enum status status = space_boot(&input, &use, &monitor->next_slot, &where);
	if (status == STATUS_OK)
		status = space_start(&monitor->space, &use, &monitor->space_state);
	if (status != STATUS_OK)
		stop("no space for images: %s (error %llu)", status_text(status), ull(where.value));
}

/* Adds memory to the pool unless the account can be opened: the smallest power of two that holds the bill is enough. */
static void provide_memory(struct monitor *monitor)
{
	struct where where;
	struct account_bill bill;
	uint8_t sizes[ACCOUNT_BLOCKS_MAX];
	uint32_t count, bits = seL4_PageBits;
	must(monitor, account_bill_of(&image.plan, &bill, &where), &where);
	if (pool_choose(&monitor->space, bill.bytes, bill.cnode_bytes, POOL_SIZE_BITS_MIN, sizes, &count, &where) == STATUS_OK)
		return;
	while (1ull << bits < bill.bytes)
		bits++;
	seL4_CPtr untyped = objects_make(monitor, seL4_UntypedObject, bits, 1);
	struct space_caps named = { .root = seL4_CapInitThreadCNode, .first = untyped, .depth_bits = seL4_WordBits,
	                            .count = 1 };
	must(monitor, pool_add(&monitor->space, untyped, &named, (uint8_t)bits), &where);
}

/* ---- the plan ---- */

static void open_program(const struct monitor *monitor)
{
	const struct system_header *header = monitor->system.header;
	const uint8_t *bytes = monitor->system.blob + header->boot_archive_offset;
	struct where where = { 0 };
	struct archive archive;
	struct elf_policy policy;
	must(monitor, archive_open(bytes, header->boot_archive_bytes, &archive, &where), &where);
	must(monitor, archive_find_name(&archive, monitor->system.domains[image.domain].program, &image.entry), &where);
	must(monitor, archive_check_payload(&archive, &image.entry, &where), &where);
	load_policy(SPACE_MACHINE.elf_machine, image.entry.flags, &policy);
	must(monitor, load_accept(archive.bytes + image.entry.offset, image.entry.size_bytes, &policy, LOAD_BASE_DEFAULT, &image.load,
	                          &where), &where);
}

/* Frames in the root CNode at an address of the image; object for the list. */
static void plan_frames(const struct monitor *monitor, const struct plan_map *map, seL4_CPtr first,
                        struct give_object object)
{
	struct where where = { 0 };
	struct plan_map numbered = *map;
	if (image.region_count == BUILD_REGIONS_MAX)
		stop("domain %s: too many maps: at most %u", domains_name(monitor, image.domain), BUILD_REGIONS_MAX);
	numbered.region = image.region_count;
	must(monitor, plan_add_map(&image.plan, &numbered, &where), &where);
	image.region[image.region_count] = (struct space_caps){
		.root = seL4_CapInitThreadCNode, .first = first, .depth_bits = seL4_WordBits, .page_bits = map->page_bits,
		.count = map->pages
	};
	image.object[image.region_count++] = object;
}

static void plan_maps(const struct monitor *monitor)
{
	const struct system *system = &monitor->system;
	for (uint32_t i = 0; i < system->header->maps.count; i++) {
		const struct system_map *map = &system->maps[i];
		const struct system_region *region = &system->regions[map->region];
		if (map->domain == image.domain)
			plan_frames(monitor, &(struct plan_map){
				.vaddr = map->vaddr, .pages = monitor->region[map->region].pages,
				.page_bits = (uint8_t)region->page_bits, .rights = (uint8_t)map->rights,
				.uncached = map->uncached != 0 },
				monitor->region[map->region].first, (struct give_object){ .kind = OF_REGION, .name = region->name });
	}
}

/* A controller sees its grant, its record and its archive as well. */
static void plan_controller(const struct monitor *monitor)
{
	const struct system *system = &monitor->system;
	const char *name = domains_name(monitor, image.domain);
	for (uint32_t i = 0; i < system->header->controllers.count; i++) {
		const struct monitor_controller *made = &monitor->controller[i];
		uint32_t archive = system->controllers[i].archive;
		if (system->controllers[i].domain != image.domain)
			continue;
		plan_frames(monitor, &(struct plan_map){ .vaddr = SYSTEM_GRANT_VADDR, .pages = SYSTEM_GRANT_PAGES,
			.page_bits = PAGE_BITS, .rights = ELF_R }, made->grant_frames,
			(struct give_object){ .kind = OF_GRANT, .name = name });
		plan_frames(monitor, &(struct plan_map){ .vaddr = SYSTEM_RECORD_VADDR, .pages = SYSTEM_RECORD_PAGES,
			.page_bits = PAGE_BITS, .rights = ELF_R | ELF_W }, made->record_frames,
			(struct give_object){ .kind = OF_RECORD, .name = name });
		if (archive != SYSTEM_NONE)
			plan_frames(monitor, &(struct plan_map){ .vaddr = SYSTEM_ARCHIVE_VADDR,
				.pages = monitor->region[archive].pages, .page_bits = PAGE_BITS, .rights = ELF_R },
				monitor->region[archive].first,
				(struct give_object){ .kind = OF_REGION, .name = system->regions[archive].name });
	}
}

static void plan_symbols(const struct monitor *monitor)
{
	const struct system *system = &monitor->system;
	for (uint32_t i = 0; i < system->header->patches.count; i++) {
		const struct system_patch *patch = &system->patches[i];
		struct where where = { .offset = i };
		struct archive_symbol symbol;
		if (patch->domain != image.domain)
			continue;
		must(monitor, archive_symbol_find(&image.load.elf, patch->symbol, &symbol), &where);
		struct plan_patch bytes = { .vaddr = symbol.vaddr, .size_bytes = patch->size_bytes,
		                            .bytes = system->strings + patch->value };
		if (bytes.size_bytes > symbol.size_bytes)
			stop("domain %s: symbol %s has %llu bytes, %u are to be set", domains_name(monitor, image.domain),
			     patch->symbol, ull(symbol.size_bytes), bytes.size_bytes);
		must(monitor, plan_add_patch(&image.plan, &bytes, &where), &where);
	}
}

/* argc, argv, environment and auxiliary vector at the top of the stack. There is no source of randomness here:
 * AT_RANDOM is 0. */
static void plan_start_frame(const struct monitor *monitor)
{
	const struct system_domain *domain = &monitor->system.domains[image.domain];
	struct where where = { 0 };
	struct start_auxv auxv;
	uint32_t frame_bytes = 0;
	struct start_arguments arguments = { .argc = domain->argc, .strings_bytes = domain->arguments_bytes,
	                                     .strings = (const char *)monitor->system.strings + domain->arguments };
	start_auxv_of(&image.load.elf, &auxv);
	must(monitor, start_frame(&arguments, &auxv, sizeof(seL4_Word), image.plan.stack_top, image.frame,
	                          sizeof image.frame, &frame_bytes), &where);
	image.stack_pointer = image.plan.stack_top - frame_bytes;
	struct plan_patch patch = { .vaddr = image.stack_pointer, .size_bytes = frame_bytes,
	                            .bytes = image.frame + sizeof image.frame - frame_bytes };
	must(monitor, plan_add_patch(&image.plan, &patch, &where), &where);
}

static void plan_domain(const struct monitor *monitor)
{
	struct where where = { 0 };
	image.region_count = 0;
	open_program(monitor);
	plan_start(&SPACE_MACHINE, monitor->system.domains[image.domain].stack_pages, &image.plan);
	must(monitor, plan_add_image(&image.plan, &image.load.elf, true, &where), &where);
	plan_maps(monitor);
	plan_controller(monitor);
	plan_symbols(monitor);
	plan_start_frame(monitor);
	must(monitor, load_add_startup(&image.load, &image.plan, &where), &where);
	plan_finish(&image.plan, BUILD_EXTRA_SLOTS, BUILD_EXTRA_BYTES);
}

/* ---- the build ---- */

static struct build_input build_input_of(const struct monitor *monitor)
{
	const struct system_domain *domain = &monitor->system.domains[image.domain];
	uint64_t payload_offset = monitor->system.header->boot_archive_offset + image.entry.offset;
	return (struct build_input){
		.plan = &image.plan, .payload = image.load.elf.bytes,
		.payload_pages = { .root = seL4_CapInitThreadCNode, .first = regions_blob_frames(monitor, payload_offset),
		                   .depth_bits = seL4_WordBits, .page_bits = PAGE_BITS,
		                   .count = image.entry.size_bytes / PAGE_BYTES },
		.region = image.region, .region_count = image.region_count,
		.thread = { .cspace = { .root = seL4_CapInitThreadCNode, .first = monitor->domain[image.domain].cspace,
		                        .depth_bits = seL4_WordBits, .count = 1 },
		            .fault_endpoint = monitor->domain[image.domain].fault, .priority = (uint8_t)domain->priority,
		            .fpu_off = (domain->flags & SYSTEM_FPU_OFF) != 0, .entry = image.plan.entry,
		            .stack_pointer = image.stack_pointer },
	};
}

static void build_domain(struct monitor *monitor)
{
	struct where where = { 0 };
	enum status status = STATUS_OK;
	struct build_input input = build_input_of(monitor);
	provide_memory(monitor);
	must(monitor, build_start(&image.build, &monitor->space, &input, &where), &where);
	enum build_progress progress = BUILD_MORE;
	while (progress == BUILD_MORE)
		progress = build_step(&image.build, UINT32_MAX, &status, &where);
	if (progress == BUILD_FAILED)
		must(monitor, status, &where);
	monitor->domain[image.domain].account = image.build.account;
	monitor->domain[image.domain].base = image.load.elf.base;
}

/* ---- the list of pages ---- */

static struct give_pages pages_of(const struct monitor *monitor, const struct plan_run *run)
{
	struct give_pages pages = { .vaddr = run->vaddr, .pages = run->pages, .page_bits = run->page_bits,
	                            .rights = run->rights,
	                            .object = { .kind = OF_IMAGE, .name = domains_name(monitor, image.domain) } };
	if (run->source == PLAN_REGION) {
		pages.object = image.object[run->region];
		pages.uncached = run->uncached != 0;
	} else if (run->source == PLAN_SHARED) {
		pages.object = (struct give_object){ .kind = OF_PROGRAM, .name = image.entry.name };
	} else if (run->vaddr == image.plan.ipc_buffer) {
		pages.object.kind = OF_IPCBUFFER;
	} else if (run->vaddr >= image.plan.stack_bottom && run->vaddr < image.plan.stack_top) {
		pages.object.kind = OF_STACK;
	}
	return pages;
}

static bool continues(const struct give_pages *a, const struct give_pages *b)
{
	return a->vaddr + (a->pages << a->page_bits) == b->vaddr && a->page_bits == b->page_bits && a->rights == b->rights
	       && a->uncached == b->uncached && a->object.kind == b->object.kind && a->object.name == b->object.name;
}

/* One line for adjacent runs of the same thing. */
static void list_pages(const struct monitor *monitor)
{
	struct give_pages line = pages_of(monitor, &image.plan.run[0]);
	for (uint32_t i = 1; i < image.plan.run_count; i++) {
		struct give_pages next = pages_of(monitor, &image.plan.run[i]);
		if (continues(&line, &next)) {
			line.pages += next.pages;
			continue;
		}
		give_pages_listed(monitor, image.domain, &line);
		line = next;
	}
	give_pages_listed(monitor, image.domain, &line);
}

/* ---- capabilities of images ---- */

static struct cap_at by_cptr(const struct monitor *monitor, seL4_CPtr cptr)
{
	return (struct cap_at){ monitor->top, cptr, seL4_WordBits };
}

struct cap_at images_thread(const struct monitor *monitor, uint32_t domain)
{
	return by_cptr(monitor, build_thread_cptr(&monitor->space, monitor->domain[domain].account));
}

struct cap_at images_vspace(const struct monitor *monitor, uint32_t domain)
{
	return by_cptr(monitor, build_vspace_cptr(&monitor->space, monitor->domain[domain].account));
}

static struct give of_image(const struct monitor *monitor, enum give_type type, enum give_kind kind, uint32_t domain)
{
	return (struct give){ .from = type == GIVE_TCB ? images_thread(monitor, domain) : images_vspace(monitor, domain),
	                      .type = type, .object = { .kind = kind, .name = domains_name(monitor, domain) } };
}

static void give_of_image(struct monitor *monitor, uint32_t index)
{
	const struct system_domain *domain = &monitor->system.domains[index];
	struct give vspace = of_image(monitor, GIVE_VSPACE, OF_VSPACE, index);
	give_microkit(monitor, index, DOMAINS_VSPACE, &vspace);
	if (domain->parent == SYSTEM_NONE)
		return;
	struct give thread = of_image(monitor, GIVE_TCB, OF_TCB, index);
	give_microkit(monitor, domain->parent, DOMAINS_TCB + domain->child_id, &thread);
}

static void give_asked_for(struct monitor *monitor, const struct system_cap *cap)
{
	struct give give = { .from = cap_own(monitor->domain[cap->of].sched_context), .type = GIVE_SC,
	                     .object = { .kind = OF_SC, .name = domains_name(monitor, cap->of) } };
	if (cap->kind == SYSTEM_CAP_TCB)
		give = of_image(monitor, GIVE_TCB, OF_TCB, cap->of);
	else if (cap->kind == SYSTEM_CAP_VSPACE)
		give = of_image(monitor, GIVE_VSPACE, OF_VSPACE, cap->of);
	give_root(monitor, cap->domain, cap->slot, &give);
}

/* ---- all of them ---- */

static bool is_managed(const struct monitor *monitor, uint32_t domain)
{
	return (monitor->system.domains[domain].flags & SYSTEM_MANAGED) != 0;
}

/* A managed domain has no image yet; what is known of it are its regions. */
static void list_regions(const struct monitor *monitor, uint32_t domain)
{
	const struct system *system = &monitor->system;
	for (uint32_t i = 0; i < system->header->maps.count; i++) {
		const struct system_map *map = &system->maps[i];
		const struct system_region *region = &system->regions[map->region];
		if (map->domain == domain)
			give_pages_listed(monitor, domain, &(struct give_pages){
				.vaddr = map->vaddr, .pages = monitor->region[map->region].pages, .page_bits = region->page_bits,
				.rights = map->rights, .uncached = map->uncached != 0,
				.object = { .kind = OF_REGION, .name = region->name } });
	}
}

void images_build(struct monitor *monitor)
{
	uint32_t count = monitor->system.header->domains.count;
	for (uint32_t i = 0; i < count; i++) {
		if (is_managed(monitor, i)) {
			list_regions(monitor, i);
			continue;
		}
		image.domain = i;
		plan_domain(monitor);
		build_domain(monitor);
		list_pages(monitor);
		give_of_image(monitor, i);
	}
	for (uint32_t i = 0; i < monitor->system.header->caps.count; i++)
		give_asked_for(monitor, &monitor->system.caps[i]);
}

void images_run(struct monitor *monitor)
{
	for (uint32_t i = 0; i < monitor->system.header->domains.count; i++) {
		const struct monitor_domain *domain = &monitor->domain[i];
		struct where where = { 0 };
		struct commit_domain owned = { .sched_context = domain->sched_context, .notification = domain->notification,
		                               .reply = domain->reply,
		                               .passive = (monitor->system.domains[i].flags & SYSTEM_PASSIVE) != 0 };
		if (is_managed(monitor, i))
			continue;
		image.domain = i;
		must(monitor, commit_hand_over(&monitor->space, &owned, 0, build_thread_cptr(&monitor->space, domain->account),
		                               COMMIT_FROM_EMPTY, &where), &where);
	}
}
