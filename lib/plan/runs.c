/* SPDX-License-Identifier: BSD-2-Clause */
/* The ordered list of runs: finding, inserting (P1). A sorted array, since a plan has few runs and is walked in order. */
#include "lib/plan/runs.h"

static bool ranges_meet(uint64_t a_start, uint64_t a_end, uint64_t b_start, uint64_t b_end)
{
	return a_start < b_end && b_start < a_end;
}

uint32_t runs_find(const struct plan *plan, uint64_t vaddr)
{
	uint32_t low = 0, high = plan->run_count;
	while (low < high) {
		uint32_t middle = (low + high) / 2;
		if (run_end(&plan->run[middle]) > vaddr)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

bool runs_are_free(const struct plan *plan, uint64_t start, uint64_t end)
{
	if (ranges_meet(start, end, plan->stack_top, plan->ipc_buffer))
		return false;
	uint32_t index = runs_find(plan, start);
	return index == plan->run_count || plan->run[index].vaddr >= end;
}

void runs_insert(struct plan *plan, const struct plan_run *run)
{
	uint32_t index = runs_find(plan, run->vaddr);
	memmove(&plan->run[index + 1], &plan->run[index], (plan->run_count - index) * sizeof plan->run[0]);
	plan->run[index] = *run;
	plan->run_count++;
}

/* What the first part has of the file, the second has not; a shared or a region's run goes on where the first part ends. */
void runs_split(struct plan *plan, uint32_t index, uint64_t vaddr)
{
	struct plan_run *run = &plan->run[index];
	struct plan_run second = *run;
	uint64_t first_bytes = vaddr - run->vaddr;
	run->pages = first_bytes >> run->page_bits;
	second.vaddr = vaddr;
	second.pages -= run->pages;
	if (run->file_bytes > first_bytes)
		run->file_bytes = first_bytes;
	second.file_bytes -= run->file_bytes;
	if (second.file_bytes != 0 || second.source == PLAN_SHARED || second.source == PLAN_REGION)
		second.offset += first_bytes;
	second.skip_bytes = 0; /* less than a page, so all in the first part */
	runs_insert(plan, &second);
}

void runs_remove(struct plan *plan, uint32_t index, uint32_t count)
{
	plan->run_count -= count;
	memmove(&plan->run[index], &plan->run[index + count], (plan->run_count - index) * sizeof plan->run[0]);
}

const struct plan_run *plan_run_at(const struct plan *plan, uint64_t vaddr)
{
	uint32_t index = runs_find(plan, vaddr);
	return index < plan->run_count && plan->run[index].vaddr <= vaddr ? &plan->run[index] : NULL;
}
