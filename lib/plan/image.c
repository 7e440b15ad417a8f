/* SPDX-License-Identifier: BSD-2-Clause */
/* From the segments of an accepted file to runs of pages: each becomes the pages that hold bytes of the file, then those
 * that are only zero. All is computed and checked in a first pass; the second only adds. */
#include "lib/plan/runs.h"
#include "lib/base/bytes.h"

/* What one segment adds. */
struct pieces {
	struct plan_run file, zero; /* pages == 0: none */
	struct plan_patch head;     /* bytes in a page that the segment before began; size_bytes == 0: none */
};

static uint64_t first_page(const struct elf_segment *segment)
{
	return round_down(segment->vaddr, PAGE_BYTES);
}

static uint64_t end_page(const struct elf_segment *segment)
{
	return round_up(segment->vaddr + segment->memory_bytes, PAGE_BYTES);
}

/* The loaded segment next to number index in direction step (1 or -1), or NULL. */
static const struct elf_segment *neighbour(const struct elf *elf, uint32_t index, uint32_t step)
{
	for (uint32_t i = index + step; i < elf->segment_count; i += step)
		if (elf_segment_is_loaded(&elf->segment[i]))
			return &elf->segment[i];
	return NULL;
}

/* Can the segment's file pages from start on be mapped as they lie: whole in the file, and with nothing but zero around the
 * segment's own bytes? And does no other segment add bytes to them? */
static bool can_be_shared(const struct elf *elf, uint32_t index, uint64_t start)
{
	const struct elf_segment *segment = &elf->segment[index];
	const struct elf_segment *next = neighbour(elf, index, 1);
	uint64_t head = start < segment->vaddr ? segment->vaddr - start : 0;
	uint64_t tail_start = segment->offset + segment->file_bytes;
	uint64_t tail_end = round_up(tail_start, PAGE_BYTES);
	if ((segment->flags & ELF_W) != 0 || tail_end > elf->size_bytes)
		return false;
	if (next && first_page(next) < round_up(segment->vaddr + segment->file_bytes, PAGE_BYTES))
		return false;
	return bytes_count_zero(elf->bytes + segment->offset - head, head) == head
	       && bytes_count_zero(elf->bytes + tail_start, tail_end - tail_start) == tail_end - tail_start;
}

/* The bytes of the segment that lie below start, where the pages of its own begin. */
static void cut_head(const struct elf *elf, const struct elf_segment *segment, uint64_t start, struct pieces *pieces)
{
	uint64_t below = start > segment->vaddr ? start - segment->vaddr : 0;
	uint64_t bytes = below < segment->file_bytes ? below : segment->file_bytes;
	pieces->head = (struct plan_patch) {
		.vaddr = segment->vaddr, .size_bytes = (uint32_t)bytes, .bytes = elf->bytes + (bytes ? segment->offset : 0),
	};
}

static void cut_file(const struct elf_segment *segment, uint64_t start, uint64_t file_end, bool share, struct pieces *pieces)
{
	uint32_t skip = segment->vaddr > start ? (uint32_t)(segment->vaddr - start) : 0;
	pieces->file = (struct plan_run) {
		.vaddr = start, .pages = (round_up(file_end, PAGE_BYTES) - start) / PAGE_BYTES, .page_bits = PAGE_BITS,
		.rights = (uint8_t)segment->flags, .source = share ? PLAN_SHARED : PLAN_BYTES,
		.offset = segment->offset + start - segment->vaddr,
		.file_bytes = share ? 0 : file_end - start, .skip_bytes = share ? 0 : skip,
	};
}

static void cut_segment(const struct elf *elf, uint32_t index, bool share, struct pieces *pieces)
{
	const struct elf_segment *segment = &elf->segment[index];
	const struct elf_segment *before = neighbour(elf, index, UINT32_MAX);
	uint64_t start = first_page(segment), end = end_page(segment);
	if (before && end_page(before) > start)
		start = end_page(before);
	uint64_t file_end = segment->vaddr + segment->file_bytes;
	*pieces = (struct pieces) { 0 };
	cut_head(elf, segment, start, pieces);
	uint64_t zero_start = start;
	if (segment->file_bytes != 0 && file_end > start) {
		cut_file(segment, start, file_end, share && can_be_shared(elf, index, start), pieces);
		zero_start = round_up(file_end, PAGE_BYTES);
	}
	pieces->zero = (struct plan_run) {
		.vaddr = zero_start, .pages = end > zero_start ? (end - zero_start) / PAGE_BYTES : 0, .page_bits = PAGE_BITS,
		.rights = (uint8_t)segment->flags, .source = PLAN_ZERO,
	};
}

/* May the segment's pages be where the file wants them? */
static enum status check_place(const struct plan *plan, const struct elf *elf, uint32_t index, struct where *where)
{
	const struct elf_segment *segment = &elf->segment[index];
	uint64_t start = first_page(segment), end = end_page(segment);
	if (end > plan->machine->user_top)
		return plan_refuse(STATUS_PLAN_OUTSIDE_USER_SPACE, where, segment->header_offset, index, end, plan->machine->user_top);
	bool meets_guard = end > plan->stack_bottom - PAGE_BYTES && start < plan->stack_bottom;
	if (meets_guard || !runs_are_free(plan, start, end))
		return plan_refuse(STATUS_PLAN_OVERLAP, where, segment->header_offset, index, segment->vaddr, end);
	return STATUS_OK;
}

static enum status check_room(const struct plan *plan, uint32_t runs, uint32_t patches, struct where *where)
{
	if (runs > PLAN_RUNS_MAX - plan->run_count)
		return plan_refuse(STATUS_PLAN_TOO_MANY_RUNS, where, 0, WHERE_NO_INDEX, plan->run_count + runs, PLAN_RUNS_MAX);
	if (patches > PLAN_PATCHES_MAX - plan->patch_count)
		return plan_refuse(STATUS_PLAN_TOO_MANY_PATCHES, where, 0, WHERE_NO_INDEX, plan->patch_count + patches, PLAN_PATCHES_MAX);
	return STATUS_OK;
}

static enum status check_image(const struct plan *plan, const struct elf *elf, bool share, struct where *where)
{
	uint32_t runs = 0, patches = 0;
	if (elf->machine != plan->machine->elf_machine)
		return plan_refuse(STATUS_PLAN_MACHINE, where, 0, WHERE_NO_INDEX, elf->machine, plan->machine->elf_machine);
	for (uint32_t i = 0; i < elf->segment_count; i++) {
		if (!elf_segment_is_loaded(&elf->segment[i]))
			continue;
		enum status status = check_place(plan, elf, i, where);
		if (status != STATUS_OK)
			return status;
		struct pieces pieces;
		cut_segment(elf, i, share, &pieces);
		bool has_head = pieces.head.size_bytes != 0; /* its page may have to be cut off a run of zero pages */
		runs += (uint32_t)(pieces.file.pages != 0) + (pieces.zero.pages != 0) + has_head;
		patches += has_head;
	}
	return check_room(plan, runs, patches, where);
}

static void add_pieces(struct plan *plan, const struct pieces *pieces)
{
	if (pieces->head.size_bytes != 0) {
		/* The page began as the last of the segment before; if it was all zero, it is now a page with bytes. */
		runs_touch(plan, pieces->head.vaddr, pieces->head.size_bytes);
		plan->patch_is_file[plan->patch_count] = true;
		plan->patch[plan->patch_count++] = pieces->head;
	}
	if (pieces->file.pages != 0)
		runs_insert(plan, &pieces->file);
	if (pieces->zero.pages != 0)
		runs_insert(plan, &pieces->zero);
}

enum status plan_add_image(struct plan *plan, const struct elf *elf, bool share, struct where *where)
{
	enum status status = check_image(plan, elf, share, where);
	if (status != STATUS_OK)
		return status;
	for (uint32_t i = 0; i < elf->segment_count; i++) {
		if (!elf_segment_is_loaded(&elf->segment[i]))
			continue;
		struct pieces pieces;
		cut_segment(elf, i, share, &pieces);
		add_pieces(plan, &pieces);
	}
	plan->entry = elf->entry;
	return STATUS_OK;
}
