/* SPDX-License-Identifier: BSD-2-Clause */
/* Large frames in place of many small ones. What a large page takes in must be whole: pages of the image's own without a gap, with the
 * same rights, and bytes of the payload at its start only, in one piece; so no page gets a right or a byte that it had not. */
#include "lib/plan/runs.h"

static bool is_own(const struct plan_run *run)
{
	return (run->source == PLAN_ZERO || run->source == PLAN_BYTES) && run->page_bits == PAGE_BITS;
}

/* Can the pages from vaddr, which lies in run number first, to end be large ones? */
static bool can_be_large(const struct plan *plan, uint32_t first, uint64_t vaddr, uint64_t end)
{
	for (uint32_t i = first; vaddr < end; i++) {
		const struct plan_run *run = &plan->run[i];
		if (i == plan->run_count || run->vaddr > vaddr || !is_own(run) || run->rights != plan->run[first].rights
		    || (i > first && run->file_bytes != 0))
			return false;
		vaddr = run_end(run);
	}
	return true;
}

/* Runs that go beyond vaddr and end are cut there, then those between become one; returns its number. The caller has made sure of room
 * for two more. */
static uint32_t make_large(struct plan *plan, uint32_t first, uint64_t vaddr, uint64_t end)
{
	if (plan->run[first].vaddr < vaddr)
		runs_split(plan, first++, vaddr);
	uint32_t last = runs_find(plan, end - 1);
	if (run_end(&plan->run[last]) > end)
		runs_split(plan, last, end);
	struct plan_run *run = &plan->run[first];
	for (uint32_t i = first + 1; i <= last; i++)
		if (plan->run[i].source == PLAN_BYTES)
			run->source = PLAN_BYTES;
	run->page_bits = plan->machine->large_page_bits;
	run->pages = (end - vaddr) >> run->page_bits;
	runs_remove(plan, first + 1, last - first);
	return first;
}

/* Does the second go on where the first ends, so that one run can say it for both? */
static bool goes_on(const struct plan_run *first, const struct plan_run *second)
{
	if (first->page_bits != second->page_bits || run_end(first) != second->vaddr || first->rights != second->rights
	    || first->source != second->source)
		return false;
	if (second->source == PLAN_ZERO)
		return true;
	return second->file_bytes != 0 && second->skip_bytes == 0 && first->file_bytes == run_bytes(first)
	       && first->offset + first->file_bytes == second->offset;
}

static uint32_t join_with_the_one_before(struct plan *plan, uint32_t index)
{
	if (index == 0 || !goes_on(&plan->run[index - 1], &plan->run[index]))
		return index;
	plan->run[index - 1].pages += plan->run[index].pages;
	plan->run[index - 1].file_bytes += plan->run[index].file_bytes;
	runs_remove(plan, index, 1);
	return index - 1;
}

void plan_enlarge(struct plan *plan)
{
	const uint64_t large = 1ull << plan->machine->large_page_bits;
	for (uint32_t i = 0; i < plan->run_count && plan->run_count + 2 <= PLAN_RUNS_MAX; i++) {
		uint64_t vaddr = round_up(plan->run[i].vaddr, large), end = round_down(run_end(&plan->run[i]), large);
		if (vaddr >= run_end(&plan->run[i]))
			continue;
		if (end <= vaddr)
			end = vaddr + large;
		if (can_be_large(plan, i, vaddr, end))
			i = join_with_the_one_before(plan, make_large(plan, i, vaddr, end));
	}
}
