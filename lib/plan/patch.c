/* SPDX-License-Identifier: BSD-2-Clause */
/* Patches: bytes laid over pages of the image's own. A page that was to stay as the kernel made it gets filled instead. */
#include "lib/plan/runs.h"

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void runs_touch(struct plan *plan, uint64_t vaddr, uint64_t bytes)
{
	uint64_t start = round_down(vaddr, PAGE_BYTES), end = round_up(vaddr + bytes, PAGE_BYTES);
	for (uint32_t i = runs_find(plan, start); i < plan->run_count && plan->run[i].vaddr < end; i++) {
		if (plan->run[i].source != PLAN_ZERO)
			continue;
		if (plan->run[i].vaddr < start) {
			runs_split(plan, i, start);
			continue;
		}
		if (run_end(&plan->run[i]) > end)
			runs_split(plan, i, end);
		plan->run[i].source = PLAN_BYTES;
	}
}

/* Runs that runs_touch would add for one run. */
static uint32_t runs_added(const struct plan_run *run, uint64_t start, uint64_t end)
{
	if (run->source != PLAN_ZERO)
		return 0;
	return (uint32_t)(run->vaddr < round_down(start, PAGE_BYTES)) + (run_end(run) > round_up(end, PAGE_BYTES));
}

/* Walks the runs under a patch: all there, writable, the image's own. *added is how many more runs it takes. */
static bool is_patchable(const struct plan *plan, const struct plan_patch *patch, uint32_t *added)
{
	uint64_t at = patch->vaddr, end = patch->vaddr + patch->size_bytes;
	*added = 0;
	while (at < end) {
		const struct plan_run *run = plan_run_at(plan, at);
		if (!run || !(run->rights & ELF_W) || (run->source != PLAN_ZERO && run->source != PLAN_BYTES))
			return false;
		*added += runs_added(run, later(at, run->vaddr), earlier(end, run_end(run)));
		at = run_end(run);
	}
	return true;
}

enum status plan_add_patch(struct plan *plan, const struct plan_patch *patch, struct where *where)
{
	uint32_t added;
	if (patch->size_bytes == 0)
		return STATUS_OK;
	if (!sum_is_exact(patch->vaddr, patch->size_bytes) || !is_patchable(plan, patch, &added))
		return plan_refuse(STATUS_PLAN_PATCH_OUTSIDE, where, patch->vaddr, WHERE_NO_INDEX, patch->vaddr, patch->size_bytes);
	if (plan->patch_count == PLAN_PATCHES_MAX)
		return plan_refuse(STATUS_PLAN_TOO_MANY_PATCHES, where, patch->vaddr, WHERE_NO_INDEX, plan->patch_count + 1u,
		                   PLAN_PATCHES_MAX);
	if (added > PLAN_RUNS_MAX - plan->run_count)
		return plan_refuse(STATUS_PLAN_TOO_MANY_RUNS, where, patch->vaddr, WHERE_NO_INDEX, plan->run_count + added,
		                   PLAN_RUNS_MAX);
	runs_touch(plan, patch->vaddr, patch->size_bytes);
	plan->patch_is_file[plan->patch_count] = false;
	plan->patch[plan->patch_count++] = *patch;
	return STATUS_OK;
}
