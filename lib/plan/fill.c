/* SPDX-License-Identifier: BSD-2-Clause */
/* The bytes of pages of the image's own. In this order: what the payload has there; bytes of the payload that another segment,
 * or the thread-local block, has in a page; relocations, which may count on those bytes; patches with values. Whatever none of
 * them writes stays zero. */
#include "lib/plan/runs.h"

static bool patch_touches(const struct plan_patch *patch, uint64_t vaddr, uint64_t bytes)
{
	return patch->vaddr < vaddr + bytes && patch->vaddr + patch->size_bytes > vaddr;
}

static bool run_is_patched(const struct plan *plan, const struct plan_run *run)
{
	for (uint32_t i = 0; i < plan->patch_count; i++)
		if (patch_touches(&plan->patch[i], run->vaddr, run_bytes(run)))
			return true;
	return false;
}

static void note_run(const struct plan *plan, struct plan_cursor *cursor, uint32_t run)
{
	if (cursor->started && cursor->run == run)
		return;
	cursor->started = true;
	cursor->run = run;
	cursor->run_is_patched = run_is_patched(plan, &plan->run[run]);
}

bool plan_is_filled(const struct plan *plan, struct plan_cursor *cursor, uint32_t run, uint64_t page)
{
	if (plan->run[run].source != PLAN_BYTES)
		return false;
	note_run(plan, cursor, run);
	return cursor->run_is_patched || page * PAGE_BYTES < plan->run[run].file_bytes || !reloc_is_empty(&plan->reloc);
}

/* Lays the part of a patch that falls into [vaddr, vaddr + bytes) over it. */
static void lay_patch(const struct plan_patch *patch, uint64_t vaddr, uint64_t bytes, uint8_t *at)
{
	uint64_t from = patch->vaddr > vaddr ? patch->vaddr : vaddr;
	uint64_t end = patch->vaddr + patch->size_bytes < vaddr + bytes ? patch->vaddr + patch->size_bytes : vaddr + bytes;
	memcpy(at + (from - vaddr), (const uint8_t *)patch->bytes + (from - patch->vaddr), (size_t)(end - from));
}

static void lay_patches(const struct plan *plan, bool of_file, uint64_t vaddr, uint64_t bytes, uint8_t *at)
{
	for (uint32_t i = 0; i < plan->patch_count; i++)
		if (plan->patch_is_file[i] == of_file && patch_touches(&plan->patch[i], vaddr, bytes))
			lay_patch(&plan->patch[i], vaddr, bytes, at);
}

/* The words that are relocated in the image of the thread-local storage, in the block made of it. */
static void relocate_tls(const struct plan *plan, uint64_t vaddr, uint64_t bytes, uint8_t *at)
{
	const struct plan_tls *tls = &plan->tls;
	struct reloc_cursor cursor = { 0 };
	uint64_t from = tls->block_vaddr > vaddr ? tls->block_vaddr : vaddr, end = tls->block_vaddr + tls->file_bytes;
	if (end > vaddr + bytes)
		end = vaddr + bytes;
	if (from < end)
		reloc_apply(&plan->reloc, &cursor, tls->image_vaddr + (from - tls->block_vaddr), end - from, at + (from - vaddr));
}

void plan_lay_values(const struct plan *plan, struct plan_cursor *cursor, uint32_t run, uint64_t page, uint64_t pages, uint8_t *at)
{
	note_run(plan, cursor, run);
	if (cursor->run_is_patched)
		lay_patches(plan, false, plan->run[run].vaddr + page * PAGE_BYTES, pages * PAGE_BYTES, at);
}

void plan_fill(const struct plan *plan, struct plan_cursor *cursor, uint32_t run_number, uint64_t page, uint64_t pages,
               const uint8_t *payload, uint8_t *at)
{
	const struct plan_run *run = &plan->run[run_number];
	uint64_t start = page * PAGE_BYTES, bytes = pages * PAGE_BYTES, from = start > run->skip_bytes ? start : run->skip_bytes;
	uint64_t end = run->file_bytes < start + bytes ? run->file_bytes : start + bytes;
	note_run(plan, cursor, run_number);
	if (from < end)
		memcpy(at + (from - start), payload + run->offset + from, (size_t)(end - from));
	if (cursor->run_is_patched)
		lay_patches(plan, true, run->vaddr + start, bytes, at);
	if (!reloc_is_empty(&plan->reloc)) {
		reloc_apply(&plan->reloc, &cursor->reloc, run->vaddr + start, bytes, at);
		relocate_tls(plan, run->vaddr + start, bytes, at);
	}
	plan_lay_values(plan, cursor, run_number, page, pages, at);
}
