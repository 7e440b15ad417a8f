/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/support/space_world.h"
#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "kernel/core/paging.h"
#include "kernel/core/slot.h"
#include "test/support/kernelcheck.h"

#define STACK_PATTERN 0x5au

uint64_t world_make(struct world *w, uint64_t type, uint64_t size_bits)
{
	assert_int_equal(fake_retype(w->fake, type, size_bits, w->next_slot, 1), seL4_NoError);
	return w->next_slot++;
}

/* ---- the program ---- */

static void make_payload(struct world *w)
{
	w->payload = aligned_alloc(PAGE_BYTES, WORLD_PAYLOAD_PAGES * PAGE_BYTES);
	for (uint32_t i = 0; i < WORLD_PAYLOAD_PAGES * PAGE_BYTES; i++)
		w->payload[i] = (uint8_t)(i * 7 + i / PAGE_BYTES + 1);
	w->payload_slot = w->next_slot;
	for (uint32_t i = 0; i < WORLD_PAYLOAD_PAGES; i++) {
		uint64_t slot = world_make(w, seL4_X86_4K, 0);

		memcpy(cap_object(fake_cap(w->fake, slot)), w->payload + i * PAGE_BYTES, PAGE_BYTES);
	}
}

static void make_region(struct world *w)
{
	w->region_slot = w->next_slot;
	world_make(w, seL4_X86_4K, 0);
	world_make(w, seL4_X86_4K, 0);
	for (uint32_t i = 0; i < 2; i++)
		w->region[i] = (struct space_caps){ FAKE_CNODE, w->region_slot, 64, PAGE_BITS, 2 };
}

static void make_plan(struct world *w)
{
	static const uint8_t patch[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	static uint8_t stack[WORLD_STACK_BYTES];
	struct elf elf = { .bytes = w->payload, .size_bytes = WORLD_PAYLOAD_PAGES * PAGE_BYTES, .class_bits = 64, .type = ELF_TYPE_EXEC,
	                   .machine = ELF_MACHINE_X86_64, .entry = WORLD_TEXT + 16, .phoff = 64, .phentsize = 56, .segment_count = 2 };
	struct where where = { 0 };

	elf.segment[0] = (struct elf_segment){ ELF_LOAD, ELF_R | ELF_X, PAGE_BYTES, WORLD_TEXT, 2 * PAGE_BYTES, 2 * PAGE_BYTES,
	                                       PAGE_BYTES, 64 };
	elf.segment[1] = (struct elf_segment){ ELF_LOAD, ELF_R | ELF_W, 3 * PAGE_BYTES, WORLD_DATA, 0x1800, 0x3800, PAGE_BYTES, 120 };
	memset(stack, STACK_PATTERN, sizeof stack);
	plan_start(&plan_machine_x86_64, WORLD_STACK_PAGES, &w->plan);
	assert_int_equal(plan_add_image(&w->plan, &elf, true, &where), STATUS_OK);
	assert_int_equal(plan_add_map(&w->plan, &(struct plan_map){ WORLD_REGION, 2, PAGE_BITS, ELF_R | ELF_W, 0, 0 }, &where), STATUS_OK);
	assert_int_equal(plan_add_map(&w->plan, &(struct plan_map){ WORLD_REGION_READ, 2, PAGE_BITS, ELF_R, 1, 1 }, &where), STATUS_OK);
	assert_int_equal(plan_add_patch(&w->plan, &(struct plan_patch){ WORLD_PATCH, sizeof patch, patch }, &where), STATUS_OK);
	assert_int_equal(plan_add_patch(&w->plan, &(struct plan_patch){ w->plan.stack_top - sizeof stack, sizeof stack, stack }, &where),
	                 STATUS_OK);
	plan_finish(&w->plan, BUILD_EXTRA_SLOTS, BUILD_EXTRA_BYTES);
}

/* ---- the domain ---- */

static void make_domain(struct world *w)
{
	uint64_t cnode = world_make(w, seL4_CapTableObject, 4), endpoint = world_make(w, seL4_EndpointObject, 0);

	w->owns.sched_context = world_make(w, seL4_SchedContextObject, 8);
	w->owns.notification = world_make(w, seL4_NotificationObject, 0);
	w->owns.reply = world_make(w, seL4_ReplyObject, 0);
	assert_int_equal(CALL(w->fake, FAKE_SCHED_CONTROL, SchedControlConfigureFlags, WORDS(1000, 1000, 0, 1, 0),
	                      CAPS(w->owns.sched_context)), seL4_NoError);
	w->cspace = w->next_slot++;
	w->fault = w->next_slot++;
	assert_int_equal(fake_mint(w->fake, cnode, w->cspace, 15, abi_cnode_data(0, 60)), seL4_NoError);
	assert_int_equal(fake_mint(w->fake, endpoint, w->fault, ABI_RIGHT_WRITE | ABI_RIGHT_GRANT_REPLY, 99), seL4_NoError);
}

static void make_space(struct world *w)
{
	uint64_t boot = world_make(w, seL4_UntypedObject, 17), pool = world_make(w, seL4_UntypedObject, WORLD_POOL_BITS);
	static seL4_BootInfo info;
	struct space_boot_input input = { .info = &info, .first_empty = w->next_slot, .untyped = boot, .cnode_bits = 10,
	                                  .window = SEL4_CORE_WINDOW };
	struct space_caps name = { FAKE_CNODE, pool, 64, 0, 1 };
	struct space_use use;
	struct where where = { 0 };

	info.initThreadCNodeSizeBits = FAKE_CNODE_BITS;
	assert_int_equal(space_boot(&input, &use, &w->next_slot, &where), STATUS_OK);
	use.window_pages = SEL4_CORE_WINDOW_PAGES;
	use.text_vaddr = SEL4_CORE_TEXT;
	assert_int_equal(space_start(&w->space, &use, &w->state), STATUS_OK);
	assert_int_equal(pool_add(&w->space, pool, &name, WORLD_POOL_BITS), STATUS_OK);
}

void world_start(struct world *w)
{
	memset(w, 0, sizeof *w);
	w->fake = sel4_core_start(&w->next_slot);
	make_space(w);
	make_domain(w);
	make_payload(w);
	make_region(w);
	make_plan(w);
	w->input = (struct build_input){
		.plan = &w->plan, .payload = w->payload,
		.payload_pages = { FAKE_CNODE, w->payload_slot, 64, PAGE_BITS, WORLD_PAYLOAD_PAGES },
		.region = w->region, .region_count = 2,
		.thread = { .cspace = { FAKE_CNODE, w->cspace, 64, 0, 1 }, .fault_endpoint = w->fault, .priority = 100,
		            .entry = w->plan.entry, .stack_pointer = w->plan.stack_top - WORLD_STACK_BYTES },
	};
	sel4_core_calls = w->space.calls = 0;
}

void world_end(struct world *w)
{
	free(w->payload);
	sel4_core_end();
}

uint32_t world_build(struct world *w)
{
	struct build build;
	struct where where = { 0 };
	enum status status;

	assert_int_equal(build_start(&build, &w->space, &w->input, &where), STATUS_OK);
	assert_int_equal(build_step(&build, UINT32_MAX, &status, &where), BUILD_DONE);
	return build.account;
}

/* ---- looking at it ---- */

struct cap world_cap(const struct world *w, uint64_t cptr)
{
	struct cte *slot;
	struct lookup_failure failure;

	slot = cspace_find(w->fake->root, cptr, &failure);
	assert_non_null(slot);
	return slot->cap;
}

struct tcb *world_thread(const struct world *w, uint32_t account)
{
	struct cap cap = world_cap(w, build_thread_cptr(&w->space, account));

	assert_int_equal(cap_kind(cap), CAP_TCB);
	return cap_object(cap);
}

static const word *entry_of(const struct world *w, uint32_t account, uint64_t vaddr)
{
	struct lookup_failure failure;
	struct cap root = world_cap(w, build_vspace_cptr(&w->space, account));

	return paging_entry(&w->fake->kernel, cap_object(root), vaddr, 0, &failure);
}

/* What the page at vaddr must hold. */
static void expected_page(const struct world *w, uint64_t vaddr, uint8_t *page)
{
	const uint64_t data_end = WORLD_DATA + 0x1800;

	memset(page, 0, PAGE_BYTES);
	for (uint64_t i = 0; i < PAGE_BYTES; i++) {
		uint64_t at = vaddr + i;

		if (at >= WORLD_TEXT && at < WORLD_TEXT + 2 * PAGE_BYTES)
			page[i] = w->payload[PAGE_BYTES + (at - WORLD_TEXT)];
		else if (at >= WORLD_DATA && at < data_end)
			page[i] = w->payload[3 * PAGE_BYTES + (at - WORLD_DATA)];
		else if (at >= WORLD_PATCH && at < WORLD_PATCH + 16)
			page[i] = (uint8_t)(at - WORLD_PATCH + 1);
		else if (at >= w->plan.stack_top - WORLD_STACK_BYTES && at < w->plan.stack_top)
			page[i] = STACK_PATTERN;
	}
}

static void check_page(const struct world *w, uint32_t account, uint64_t vaddr, bool writable)
{
	uint8_t expected[PAGE_BYTES];
	const word *entry = entry_of(w, account, vaddr);

	assert_non_null(entry);
	assert_true(*entry & PTE_PRESENT);
	assert_int_equal((*entry & PTE_WRITE) != 0, writable);
	assert_int_equal((*entry & PTE_UNCACHED) != 0, vaddr >= WORLD_REGION_READ && vaddr < WORLD_REGION_READ + 2 * PAGE_BYTES);
	expected_page(w, vaddr, expected);
	assert_memory_equal(kernel_pointer(&w->fake->kernel, *entry & PTE_ADDRESS), expected, PAGE_BYTES);
}

static void check_nothing_at(const struct world *w, uint32_t account, uint64_t vaddr)
{
	const word *entry = entry_of(w, account, vaddr);

	assert_true(entry == NULL || (*entry & PTE_PRESENT) == 0);
}

void world_check_image(const struct world *w, uint32_t account)
{
	check_nothing_at(w, account, WORLD_TEXT - PAGE_BYTES);
	check_page(w, account, WORLD_TEXT, false);
	check_page(w, account, WORLD_TEXT + PAGE_BYTES, false);
	check_nothing_at(w, account, WORLD_TEXT + 2 * PAGE_BYTES);
	for (uint32_t i = 0; i < 4; i++)
		check_page(w, account, WORLD_DATA + i * PAGE_BYTES, true);
	check_nothing_at(w, account, WORLD_DATA + 4 * PAGE_BYTES);
	for (uint32_t i = 0; i < 2; i++) {
		check_page(w, account, WORLD_REGION + i * PAGE_BYTES, true);
		check_page(w, account, WORLD_REGION_READ + i * PAGE_BYTES, false);
	}
	check_nothing_at(w, account, WORLD_REGION + 2 * PAGE_BYTES);
	check_nothing_at(w, account, w->plan.stack_bottom - PAGE_BYTES);
	for (uint64_t at = w->plan.stack_bottom; at < w->plan.stack_top; at += PAGE_BYTES)
		check_page(w, account, at, true);
	check_nothing_at(w, account, w->plan.stack_top);
	check_page(w, account, w->plan.ipc_buffer, true);
}

struct world_figures world_figures_now(const struct world *w)
{
	struct world_figures figures;

	space_ledger_get(&w->space, &figures.ledger);
	figures.caps = kernelcheck_cap_count(w->fake) - 2 * (w->state.pool.pairs_total - w->state.pool.pairs_free);
	return figures;
}

void world_expect_figures(const struct world *w, const struct world_figures *figures)
{
	struct world_figures now = world_figures_now(w);

	assert_memory_equal(&now.ledger, &figures->ledger, sizeof now.ledger);
	assert_int_equal(now.caps, figures->caps);
}
