/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting and finishing a plan, region mappings and the walk over page tables. Segments are added in image.c, patches in
 * patch.c, what start-up code would do in startup.c. */
#include "lib/plan/runs.h"

#define TABLE_BYTES 4096u /* every page table and root of these machines */

static void add_zero_run(struct plan *plan, uint64_t vaddr, uint64_t pages)
{
	const struct plan_run run = {
		.vaddr = vaddr, .pages = pages, .page_bits = PAGE_BITS, .rights = ELF_R | ELF_W, .source = PLAN_ZERO,
	};
	runs_insert(plan, &run);
}

void plan_start(const struct plan_machine *machine, uint64_t stack_pages, struct plan *plan)
{
	plan->machine = machine;
	plan->run_count = 0;
	plan->patch_count = 0;
	plan->bill = (struct plan_bill) { 0 };
	plan->entry = 0;
	plan->thread_pointer = 0;
	plan->reloc = (struct reloc) { 0 };
	plan->tls = (struct plan_tls) { 0 };
	plan->ipc_buffer = machine->user_top - PAGE_BYTES;
	plan->stack_top = plan->ipc_buffer - PAGE_BYTES;
	plan->stack_bottom = plan->stack_top - stack_pages * PAGE_BYTES;
	add_zero_run(plan, plan->stack_bottom, stack_pages);
	add_zero_run(plan, plan->ipc_buffer, 1);
}

/* Page size, alignment, range and rights of a mapping by itself. */
static enum status check_map(const struct plan *plan, const struct plan_map *map, struct where *where)
{
	uint64_t top = plan->machine->user_top;
	if (map->page_bits != PAGE_BITS && map->page_bits != plan->machine->large_page_bits)
		return plan_refuse(STATUS_PLAN_MAP_PAGE_SIZE, where, map->vaddr, map->region, map->page_bits, PAGE_BITS);
	if (!is_multiple(map->vaddr, 1ull << map->page_bits))
		return plan_refuse(STATUS_PLAN_MAP_UNALIGNED, where, map->vaddr, map->region, map->vaddr, 1ull << map->page_bits);
	if (map->pages == 0 || map->pages > top >> map->page_bits || map->vaddr < PAGE_BYTES
	    || !range_is_inside(map->vaddr, map->pages << map->page_bits, top))
		return plan_refuse(STATUS_PLAN_MAP_RANGE, where, map->vaddr, map->region, map->pages, top);
	if ((map->rights & ~(ELF_R | ELF_W | ELF_X)) != 0 || !(map->rights & ELF_R))
		return plan_refuse(STATUS_PLAN_MAP_RIGHTS, where, map->vaddr, map->region, map->rights, ELF_R | ELF_W | ELF_X);
	return STATUS_OK;
}

enum status plan_add_map(struct plan *plan, const struct plan_map *map, struct where *where)
{
	enum status status = check_map(plan, map, where);
	if (status != STATUS_OK)
		return status;
	uint64_t end = map->vaddr + (map->pages << map->page_bits);
	if (!runs_are_free(plan, map->vaddr, end))
		return plan_refuse(STATUS_PLAN_OVERLAP, where, map->vaddr, map->region, map->vaddr, end);
	if (plan->run_count == PLAN_RUNS_MAX)
		return plan_refuse(STATUS_PLAN_TOO_MANY_RUNS, where, map->vaddr, map->region, plan->run_count + 1u, PLAN_RUNS_MAX);
	const struct plan_run run = {
		.vaddr = map->vaddr, .pages = map->pages, .page_bits = map->page_bits, .rights = map->rights,
		.source = PLAN_REGION, .uncached = map->uncached, .region = map->region,
	};
	runs_insert(plan, &run);
	return STATUS_OK;
}

/* Own frames are numbered by size in the order of the runs: frame n of a size is the n-th that carrying out needs. */
static void number_frames(struct plan *plan)
{
	struct plan_bill *bill = &plan->bill;
	for (uint32_t i = 0; i < plan->run_count; i++) {
		struct plan_run *run = &plan->run[i];
		uint64_t *count = run->page_bits == PAGE_BITS ? &bill->frames : &bill->large_frames;
		if (run->source == PLAN_ZERO || run->source == PLAN_BYTES) {
			run->first_frame = (uint32_t)*count;
			*count += run->pages;
		} else {
			bill->copies += run->pages;
		}
	}
}

void plan_finish(struct plan *plan, uint64_t extra_slots, uint64_t extra_bytes)
{
	struct plan_bill *bill = &plan->bill;
	*bill = (struct plan_bill) { 0 };
	number_frames(plan);
	struct plan_table_cursor cursor = { 0 };
	uint64_t tables = 0, vaddr;
	uint8_t level;
	for (; plan_table_next(plan, &cursor, &level, &vaddr); tables++)
		bill->tables[level]++;
	bill->slots = 1 + tables + bill->frames + bill->large_frames + bill->copies + extra_slots;
	bill->untyped_bytes = (1 + tables) * TABLE_BYTES + bill->frames * PAGE_BYTES
	                      + (bill->large_frames << plan->machine->large_page_bits) + extra_bytes;
}

/* The next table of this level at or after the cursor's run: the first of the run that is above the last one returned. */
static bool next_of_level(const struct plan *plan, struct plan_table_cursor *cursor, uint8_t level)
{
	uint64_t span = 1ull << (PAGE_BITS + plan->machine->index_bits * (level + 1u));
	for (; cursor->run < plan->run_count; cursor->run++) {
		const struct plan_run *run = &plan->run[cursor->run];
		if (level == 0 && run->page_bits != PAGE_BITS)
			continue; /* a large page takes the place of a level-0 table */
		uint64_t first = round_down(run->vaddr, span);
		if (cursor->started && first <= cursor->vaddr)
			first = cursor->vaddr + span;
		if (first < run_end(run)) {
			cursor->started = 1;
			cursor->vaddr = first;
			return true;
		}
	}
	return false;
}

bool plan_table_next(const struct plan *plan, struct plan_table_cursor *cursor, uint8_t *level, uint64_t *vaddr)
{
	for (; cursor->level_done < plan->machine->levels; cursor->level_done++) {
		uint8_t current = (uint8_t)(plan->machine->levels - 1 - cursor->level_done);
		if (next_of_level(plan, cursor, current)) {
			*level = current;
			*vaddr = cursor->vaddr;
			return true;
		}
		cursor->run = 0;
		cursor->started = 0;
	}
	return false;
}
