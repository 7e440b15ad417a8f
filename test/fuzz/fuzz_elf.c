/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as an ELF file: read, checked, planned. Whatever is accepted must have a plan that keeps the plan's
 * invariants (lib/plan/plan.h), stated here a second time and independently. */
#include "lib/elf/elf.h"
#include "lib/plan/plan.h"
#include "test/fuzz/invariant.h"

static void check_runs(const struct plan *plan, const struct elf *elf)
{
	uint64_t end = 0;
	for (uint32_t i = 0; i < plan->run_count; i++) {
		const struct plan_run *run = &plan->run[i];
		uint64_t bytes = run->pages << run->page_bits;
		invariant(run->pages != 0 && run->vaddr % PAGE_BYTES == 0);
		invariant(run->vaddr >= PAGE_BYTES && run->vaddr >= end);
		invariant(bytes >> run->page_bits == run->pages && run->vaddr + bytes > run->vaddr);
		invariant(run->vaddr + bytes <= plan->machine->user_top);
		invariant((run->rights & (ELF_W | ELF_X)) != (ELF_W | ELF_X));
		if (run->source == PLAN_BYTES)
			invariant(run->file_bytes <= bytes && range_is_inside(run->offset, run->file_bytes, elf->size_bytes));
		if (run->source == PLAN_SHARED)
			invariant(!(run->rights & ELF_W) && range_is_inside(run->offset, bytes, elf->size_bytes));
		end = run->vaddr + bytes;
	}
}

/* Every byte a segment has in memory lies in one run with the segment's rights. */
static void check_segments(const struct plan *plan, const struct elf *elf)
{
	for (uint32_t i = 0; i < elf->segment_count; i++) {
		const struct elf_segment *segment = &elf->segment[i];
		if (segment->type != ELF_LOAD || !segment->memory_bytes)
			continue;
		uint64_t ends[2] = { segment->vaddr, segment->vaddr + segment->memory_bytes - 1 };
		for (unsigned e = 0; e < 2; e++) {
			const struct plan_run *run = plan_run_at(plan, ends[e]);
			invariant(run != NULL && run->rights == segment->flags);
		}
	}
	const struct plan_run *entry = plan_run_at(plan, elf->entry);
	invariant(entry != NULL && (entry->rights & ELF_X));
}

static void check_bill(const struct plan *plan)
{
	uint64_t frames = 0, copies = 0, tables[3] = { 0, 0, 0 };
	for (uint32_t i = 0; i < plan->run_count; i++) {
		const struct plan_run *run = &plan->run[i];
		bool own = run->source == PLAN_ZERO || run->source == PLAN_BYTES;
		frames += own ? run->pages : 0;
		copies += own ? 0 : run->pages;
	}
	invariant(frames == plan->bill.frames + plan->bill.large_frames && copies == plan->bill.copies);
	struct plan_table_cursor cursor = { 0 };
	uint8_t level;
	uint64_t vaddr;
	while (plan_table_next(plan, &cursor, &level, &vaddr)) {
		invariant(level < plan->machine->levels && vaddr < plan->machine->user_top);
		tables[level]++;
	}
	for (unsigned l = 0; l < 3; l++)
		invariant(tables[l] == plan->bill.tables[l]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct elf elf;
	static struct plan plan;
	struct elf_policy policy;
	struct where where = { 0 };
	if (elf_read(bytes, size, &elf, &where) != STATUS_OK) {
		invariant(where.offset <= size || where.offset < 64);
		return 0;
	}
	elf_policy_strict(elf.machine, &policy);
	if (elf_check(&elf, &policy, &where) != STATUS_OK)
		return 0;
	const struct plan_machine *machine = plan_machine_of(elf.machine);
	for (int share = 0; share < 2; share++) {
		plan_start(machine, 2, &plan);
		if (plan_add_image(&plan, &elf, share, &where) != STATUS_OK)
			return 0;
		plan_finish(&plan, 2, 2048);
		check_runs(&plan, &elf);
		check_segments(&plan, &elf);
		check_bill(&plan);
	}
	return 0;
}
