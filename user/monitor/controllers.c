/* SPDX-License-Identifier: BSD-2-Clause */
/* Controllers. A controller's grant CNode hangs below root slot SYSTEM_GRANT_ROOT_SLOT of its CSpace;
 * GIVE_GRANT_SHIFT bits of a CPtr remain behind a slot, for the CNodes of accounts. One slot holds the grant CNode
 * itself with a guard that takes up those bits as far as the CNode does not, so that the CPtr "that slot, then that
 * slot again" ends exactly there and names it; indices for CNode invocations on it have GIVE_GRANT_SHIFT bits
 * therefore.
 *
 * SchedControl, IRQControl, IOPortControl and ASIDControl are never given. */
#include "user/monitor/controllers.h"
#include "user/monitor/domains.h"
#include "user/monitor/give.h"
#include "user/monitor/images.h"
#include "user/monitor/objects.h"
#include "user/monitor/protocol.h"
#include "user/monitor/stop.h"
#include "user/monitor/window.h"
#include "lib/elf/elf.h"
#include "user/space/grant.h"

/* The grant being filled. */
static struct {
	struct monitor *monitor;
	uint32_t controller;
	uint32_t domain;    /* of the controller */
	uint32_t next_slot; /* of the grant CNode */
	uint32_t maps, patches;
	uint32_t grant_region[MONITOR_REGIONS_MAX]; /* a region's number in the grant, or SYSTEM_NONE */
	struct grant grant;
} filling;

static const struct system_controller *description(void)
{
	return &filling.monitor->system.controllers[filling.controller];
}

static bool is_mine(uint32_t domain)
{
	const struct system_domain *d = &filling.monitor->system.domains[domain];
	return (d->flags & SYSTEM_MANAGED) != 0 && d->parent == filling.domain;
}

static void must_fit(uint64_t needed, uint64_t limit, const char *what)
{
	if (needed > limit)
		stop("controller %s: %llu %s, at most %llu", domains_name(filling.monitor, filling.domain), ull(needed), what, ull(limit));
}

/* ---- slots ---- */

static uint32_t take_slots(uint64_t count)
{
	uint32_t first = filling.next_slot;
	must_fit(first + count, 1ull << description()->slots_bits, "slots of its grant are taken");
	filling.next_slot += (uint32_t)count;
	return first;
}

static uint32_t give_one(const struct give *give)
{
	uint32_t slot = take_slots(1);
	give_grant(filling.monitor, filling.controller, slot, give, 1);
	return slot;
}

static seL4_CPtr slot_cptr(uint32_t slot)
{
	return filling.grant.slot_cptr | (seL4_CPtr)slot << GIVE_GRANT_SHIFT;
}

static struct give give_of(seL4_CPtr from, enum give_type type, uint32_t rights, enum give_kind kind, uint32_t domain)
{
	return (struct give){ .from = cap_own(from), .type = type, .rights = rights,
	                      .object = { .kind = kind, .name = domains_name(filling.monitor, domain) } };
}

/* ---- what the controller itself needs ---- */

static void give_cnode(void)
{
	seL4_CPtr made = filling.monitor->controller[filling.controller].grant_cnode;
	struct give cnode = give_of(made, GIVE_CNODE, 0, OF_GRANT, filling.domain);
	uint32_t bits = description()->slots_bits;
	cnode.guard_bits = seL4_WordBits - GIVE_ROOT_BITS - GIVE_GRANT_SHIFT - bits;
	give_root(filling.monitor, filling.domain, SYSTEM_GRANT_ROOT_SLOT, &cnode);
	cnode.guard_bits = GIVE_GRANT_SHIFT - bits;
	uint32_t slot = give_one(&cnode);
	filling.grant.cnode = slot_cptr(slot) | slot;
	filling.grant.cnode_bits = GIVE_GRANT_SHIFT;
}

static void give_tools(void)
{
	struct monitor *monitor = filling.monitor;
	struct give thread = give_of(0, GIVE_TCB, 0, OF_TCB, filling.domain);
	thread.from = images_thread(monitor, filling.domain);
	filling.grant.tcb_authority = slot_cptr(give_one(&thread));
	seL4_CPtr untyped = objects_make(monitor, seL4_UntypedObject, seL4_ASIDPoolBits, 1);
	seL4_CPtr pool = objects_slots(monitor, 1);
	objects_must(seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, untyped, seL4_CapInitThreadCNode, pool,
	                                           seL4_WordBits), "make an ASID pool");
	struct give asids = give_of(pool, GIVE_ASIDPOOL, 0, OF_ASIDPOOL, filling.domain);
	filling.grant.asid_pool = slot_cptr(give_one(&asids));
	filling.grant.vspace = DOMAINS_VSPACE;
}

/* Callers that it answers later wait in these. */
static void give_replies(void)
{
	const struct monitor_controller *made = &filling.monitor->controller[filling.controller];
	struct give replies = give_of(made->replies, GIVE_REPLY, 0, OF_REPLIES, filling.domain);
	filling.grant.reply_count = GRANT_REPLIES + description()->spawn_domains;
	filling.grant.reply_slot = take_slots(filling.grant.reply_count);
	give_grant(filling.monitor, filling.controller, filling.grant.reply_slot, &replies, filling.grant.reply_count);
}

/* The pool as few untypeds as its size has ones in binary, largest first; a rest below a page is left out. */
static void give_memory(void)
{
	uint64_t bytes = round_down(description()->pool_bytes, PAGE_BYTES), given = 0;
	for (uint32_t bits = seL4_MaxUntypedBits; bits >= seL4_PageBits; bits--) {
		if ((bytes >> bits & 1) == 0)
			continue;
		struct grant_untyped *untyped = &filling.grant.untyped[filling.grant.untyped_count++];
		untyped->slot = take_slots(1);
		untyped->size_bits = bits;
		give_pool(filling.monitor, filling.controller, untyped->slot,
		          objects_make(filling.monitor, seL4_UntypedObject, bits, 1));
		given += 1ull << bits;
	}
	give_pool_listed(filling.monitor, filling.controller, given);
}

/* The window's page table; the loader's plan made the tables above it for the grant and the record. */
static void make_window(void)
{
	seL4_CPtr table = objects_make(filling.monitor, seL4_X86_PageTableObject, 0, 1);
	struct cap_at vspace = images_vspace(filling.monitor, filling.domain);
	seL4_CPtr copy = objects_slots(filling.monitor, 1);
	objects_must(seL4_CNode_Copy(seL4_CapInitThreadCNode, copy, seL4_WordBits, vspace.root, vspace.index,
	                             vspace.depth_bits, seL4_AllRights), "copy a VSpace");
	objects_must(seL4_X86_PageTable_Map(table, copy, (seL4_Word)SYSTEM_WINDOW_VADDR, seL4_X86_Default_VMAttributes),
	             "map a controller's window");
	filling.grant.window_vaddr = SYSTEM_WINDOW_VADDR;
	filling.grant.window_pages = SYSTEM_WINDOW_PAGES;
	filling.grant.large_window_vaddr = SYSTEM_LARGE_VADDR;
	filling.grant.text_vaddr = SYSTEM_TEXT_VADDR;
	filling.grant.seed = description()->seed;
}

/* ---- regions ---- */

/* Write only if a managed domain maps it writable. */
static uint32_t region_rights(uint32_t region)
{
	const struct system *system = &filling.monitor->system;
	for (uint32_t i = 0; i < system->header->maps.count; i++) {
		const struct system_map *map = &system->maps[i];
		if (map->region == region && is_mine(map->domain) && (map->rights & ELF_W) != 0)
			return ABI_RIGHT_READ | ABI_RIGHT_WRITE;
	}
	return ABI_RIGHT_READ;
}

/* The number of a region in the grant; its frames are given the first time. */
static uint32_t grant_region_of(uint32_t region)
{
	if (filling.grant_region[region] != SYSTEM_NONE)
		return filling.grant_region[region];
	const struct monitor_region *made = &filling.monitor->region[region];
	const struct system_region *described = &filling.monitor->system.regions[region];
	uint32_t number = filling.grant.region_count++, first = take_slots(made->pages);
	must_fit(filling.grant.region_count, GRANT_REGIONS_MAX, "regions");
	give_grant(filling.monitor, filling.controller, first, &(struct give){
		.from = cap_own(made->first), .type = GIVE_FRAME, .rights = region_rights(region),
		.object = { .kind = OF_REGION, .name = described->name } }, made->pages);
	filling.grant.region[number] = (struct grant_region){ .first_slot = first, .page_bits = described->page_bits,
	                                                      .pages = made->pages };
	filling.grant_region[region] = number;
	return number;
}

/* The controller has it mapped; it needs its frames only if it may map programs as they lie: if nobody can write them, which
 * system_open has seen to for a region that is in place. */
static void give_archive(void)
{
	uint32_t region = description()->archive;
	filling.grant.controller_flags = description()->flags;
	memcpy(filling.grant.key, description()->key, sizeof filling.grant.key);
	if (region == SYSTEM_NONE)
		return;
	filling.grant.archive_vaddr = SYSTEM_ARCHIVE_VADDR;
	filling.grant.archive_pages = filling.monitor->region[region].pages;
	if ((filling.monitor->system.regions[region].flags & SYSTEM_REGION_IN_PLACE) == 0)
		filling.grant.archive_flags = GRANT_ARCHIVE_CHANGEABLE;
	else
		filling.grant.archive_slot = filling.grant.region[grant_region_of(region)].first_slot;
}

/* ---- managed domains ---- */

static uint32_t add_strings(const uint8_t *from, uint32_t bytes)
{
	uint32_t at = filling.grant.strings_bytes;
	must_fit((uint64_t)at + bytes, GRANT_STRINGS_BYTES, "bytes of arguments and values");
	memcpy(filling.grant.strings + at, from, bytes);
	filling.grant.strings_bytes += bytes;
	return at;
}

static void add_maps(uint32_t domain, struct grant_domain *granted)
{
	const struct system *system = &filling.monitor->system;
	granted->first_map = filling.maps;
	for (uint32_t i = 0; i < system->header->maps.count; i++) {
		const struct system_map *map = &system->maps[i];
		if (map->domain != domain)
			continue;
		must_fit(filling.maps + 1ull, GRANT_MAPS_MAX, "maps of its domains");
		filling.grant.map[filling.maps++] = (struct grant_map){
			.vaddr = map->vaddr, .region = grant_region_of(map->region), .rights = map->rights,
			.uncached = map->uncached
		};
	}
	granted->map_count = filling.maps - granted->first_map;
}

static void add_patches(uint32_t domain, struct grant_domain *granted)
{
	const struct system *system = &filling.monitor->system;
	granted->first_patch = filling.patches;
	for (uint32_t i = 0; i < system->header->patches.count; i++) {
		const struct system_patch *patch = &system->patches[i];
		if (patch->domain != domain)
			continue;
		must_fit(filling.patches + 1ull, GRANT_PATCHES_MAX, "symbols of its domains");
		struct grant_patch *added = &filling.grant.patch[filling.patches++];
		memcpy(added->symbol, patch->symbol, sizeof added->symbol);
		added->size_bytes = patch->size_bytes;
		added->value = add_strings(system->strings + patch->value, patch->size_bytes);
	}
	granted->patch_count = filling.patches - granted->first_patch;
}

static void give_domain_caps(uint32_t domain, struct grant_domain *granted)
{
	const struct monitor_domain *made = &filling.monitor->domain[domain];
	struct give cspace = give_of(made->cspace, GIVE_CNODE, 0, OF_CSPACE, domain);
	struct give sched_context = give_of(made->sched_context, GIVE_SC, 0, OF_SC, domain);
	struct give notification = give_of(made->notification, GIVE_NOTIFICATION, ABI_RIGHT_READ, OF_NOTIFICATION, domain);
	struct give reply = give_of(made->reply, GIVE_REPLY, 0, OF_REPLY, domain);
	struct give fault = give_of(filling.monitor->domain[filling.domain].endpoint, GIVE_ENDPOINT,
	                            ABI_RIGHT_WRITE | ABI_RIGHT_GRANT_REPLY, OF_ENDPOINT, filling.domain);
	fault.badge = DOMAINS_BADGE_FAULT | filling.monitor->system.domains[domain].child_id;
	granted->cspace = give_one(&cspace);
	granted->sched_context = give_one(&sched_context);
	granted->notification = give_one(&notification);
	granted->reply = give_one(&reply);
	granted->fault = give_one(&fault);
}

/* Which of the controller's channels lead to a domain. */
static uint64_t channels_to(uint32_t domain)
{
	const struct system *system = &filling.monitor->system;
	uint64_t channels = 0;
	for (uint32_t i = 0; i < system->header->ends.count; i++) {
		if (system->ends[i].domain == filling.domain && system->ends[i].peer == domain)
			channels |= 1ull << system->ends[i].id;
	}
	return channels;
}

static void add_domain(uint32_t domain)
{
	const struct system_domain *described = &filling.monitor->system.domains[domain];
	must_fit(filling.grant.domain_count + 1ull, GRANT_DOMAINS_MAX, "managed domains");
	struct grant_domain *granted = &filling.grant.domain[filling.grant.domain_count++];
	memcpy(granted->name, described->name, sizeof granted->name);
	memcpy(granted->program, described->program, sizeof granted->program);
	granted->child_id = described->child_id;
	granted->priority = described->priority;
	granted->stack_pages = described->stack_pages;
	granted->flags = described->flags;
	granted->duplicates = described->duplicates;
	granted->budget_us = described->budget_us;
	granted->period_us = described->period_us;
	granted->channels = channels_to(domain);
	granted->argc = described->argc;
	granted->arguments_bytes = described->arguments_bytes;
	granted->arguments = add_strings(filling.monitor->system.strings + described->arguments,
	                                 described->arguments_bytes);
	give_domain_caps(domain, granted);
	add_maps(domain, granted);
	add_patches(domain, granted);
}

/* ---- spawned domains ---- */

static void add_offer(const struct system_offer *offer)
{
	const struct system_domain *described = &filling.monitor->system.domains[offer->domain];
	const struct monitor_domain *made = &filling.monitor->domain[offer->domain];
	must_fit(filling.grant.offer_count + 1ull, GRANT_OFFERS_MAX, "offers of channels");
	struct grant_offer *granted = &filling.grant.offer[filling.grant.offer_count++];
	*granted = (struct grant_offer){ .id = offer->id, .flags = offer->flags, .priority = described->priority };
	memcpy(granted->name, described->name, sizeof granted->name);
	struct give notification = give_of(made->notification, GIVE_NOTIFICATION, ABI_RIGHT_WRITE, OF_NOTIFICATION, offer->domain);
	notification.badge = 1ul << offer->id;
	granted->notification = give_one(&notification);
	if ((offer->flags & SYSTEM_OFFER_CALL) == 0)
		return;
	struct give endpoint = give_of(made->endpoint, GIVE_ENDPOINT, ABI_RIGHT_WRITE | ABI_RIGHT_GRANT_REPLY, OF_ENDPOINT,
	                               offer->domain);
	endpoint.badge = DOMAINS_BADGE_CALL | offer->id;
	granted->endpoint = give_one(&endpoint);
}

/* Its way to the monitor has the grant right, so that it can send capabilities. */
static void give_spawn(void)
{
	struct monitor *monitor = filling.monitor;
	if (description()->spawn_domains == 0)
		return;
	struct give requests = give_of(monitor->endpoint, GIVE_ENDPOINT, ABI_RIGHT_WRITE | ABI_RIGHT_GRANT, OF_ENDPOINT,
	                               filling.domain);
	requests.badge = MONITOR_BADGE_REQUEST | filling.controller;
	requests.object.name = "monitor";
	struct give own = give_of(monitor->domain[filling.domain].endpoint, GIVE_ENDPOINT,
	                          ABI_RIGHT_WRITE | ABI_RIGHT_GRANT_REPLY, OF_ENDPOINT, filling.domain);
	struct give contexts = give_of(monitor->controller[filling.controller].spawn_contexts, GIVE_SC, 0, OF_SPAWN,
	                               filling.domain);
	filling.grant.monitor = slot_cptr(give_one(&requests));
	filling.grant.endpoint = slot_cptr(give_one(&own));
	filling.grant.spawn_count = description()->spawn_domains;
	filling.grant.spawn_share = description()->budget_share;
	filling.grant.spawn_duplicates = description()->duplicates;
	filling.grant.spawn_context = take_slots(filling.grant.spawn_count);
	give_grant(monitor, filling.controller, filling.grant.spawn_context, &contexts, filling.grant.spawn_count);
	for (uint32_t i = 0; i < monitor->system.header->offers.count; i++) {
		if (monitor->system.offers[i].controller == filling.controller)
			add_offer(&monitor->system.offers[i]);
	}
}

/* ---- one controller ---- */

static void start_filling(struct monitor *monitor, uint32_t controller)
{
	memset(&filling, 0, sizeof filling);
	filling.monitor = monitor;
	filling.controller = controller;
	filling.domain = monitor->system.controllers[controller].domain;
	filling.next_slot = 1; /* slot 0 stays empty: a forgotten number names nothing */
	for (uint32_t i = 0; i < MONITOR_REGIONS_MAX; i++)
		filling.grant_region[i] = SYSTEM_NONE;
	filling.grant.magic = GRANT_MAGIC;
	filling.grant.abi_set = ABI_SET;
	filling.grant.slot_cptr = (seL4_CPtr)SYSTEM_GRANT_ROOT_SLOT << (seL4_WordBits - GIVE_ROOT_BITS);
	filling.grant.slot_shift = GIVE_GRANT_SHIFT;
	filling.grant.priority = monitor->system.domains[filling.domain].priority;
}

static void write_grant(void)
{
	const struct monitor_controller *made = &filling.monitor->controller[filling.controller];
	const uint8_t *from = (const uint8_t *)&filling.grant;
	for (size_t done = 0, page = 0; done < sizeof filling.grant; done += PAGE_BYTES, page++) {
		size_t rest = sizeof filling.grant - done;
		memcpy(window_open(made->grant_frames + page), from + done, rest < PAGE_BYTES ? rest : PAGE_BYTES);
		window_close(made->grant_frames + page);
	}
}

void controllers_make(struct monitor *monitor)
{
	uint32_t count = monitor->system.header->controllers.count;
	if (count > MONITOR_CONTROLLERS_MAX)
		stop("too many controllers: %u, at most %u", count, MONITOR_CONTROLLERS_MAX);
	for (uint32_t i = 0; i < count; i++) {
		struct monitor_controller *controller = &monitor->controller[i];
		uint32_t bits = monitor->system.controllers[i].slots_bits;
		controller->grant_cnode = objects_make(monitor, seL4_CapTableObject, bits, 1);
		controller->grant_frames = objects_make(monitor, seL4_X86_4K, 0, SYSTEM_GRANT_PAGES);
		controller->record_frames = objects_make(monitor, seL4_X86_4K, 0, SYSTEM_RECORD_PAGES);
		controller->replies = objects_make(monitor, seL4_ReplyObject, 0,
		                                   GRANT_REPLIES + monitor->system.controllers[i].spawn_domains);
	}
}

void controllers_give(struct monitor *monitor)
{
	for (uint32_t i = 0; i < monitor->system.header->controllers.count; i++) {
		start_filling(monitor, i);
		give_cnode();
		give_tools();
		give_replies();
		make_window();
		give_memory();
		give_archive();
		for (uint32_t d = 0; d < monitor->system.header->domains.count; d++) {
			if (is_mine(d))
				add_domain(d);
		}
		give_spawn();
		filling.grant.free_first = filling.next_slot;
		filling.grant.free_end = 1u << description()->slots_bits;
		write_grant();
	}
}
