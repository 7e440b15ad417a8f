/* SPDX-License-Identifier: BSD-2-Clause */
/* What start-up code does where a C library brings some, planned for programs that bring none: relocation, thread-local storage,
 * RELRO. TLS layouts: for x86 the TLS chapters of the i386 and AMD64 supplements (variant II), for the others AAPCS64's and RISC-V's
 * ELF supplements (variant I). */
#include "lib/plan/runs.h"
#include "lib/base/bytes.h"

static enum status need_runs(const struct plan *plan, uint32_t more, struct where *where)
{
	if (more > PLAN_RUNS_MAX - plan->run_count)
		return plan_refuse(STATUS_PLAN_TOO_MANY_RUNS, where, 0, WHERE_NO_INDEX, plan->run_count + more, PLAN_RUNS_MAX);
	return STATUS_OK;
}

/* ---- relocations ---- */

/* Zero pages that relocated words lie in have to be filled. Linkers put no such words there; a file may. */
static enum status touch_relocated(struct plan *plan, struct where *where)
{
	for (uint32_t i = 0; i < plan->run_count; i++) {
		const struct plan_run *run = &plan->run[i];
		uint64_t low, high;
		if (run->source != PLAN_ZERO || run->vaddr >= plan->stack_bottom
		    || !reloc_span(&plan->reloc, run->vaddr, run_bytes(run), &low, &high))
			continue;
		enum status status = need_runs(plan, 2, where);
		if (status != STATUS_OK)
			return status;
		runs_touch(plan, low, high - low);
	}
	return STATUS_OK;
}

/* ---- RELRO ---- */

/* Does a byte of a segment lie in [start, end)? */
static bool has_bytes(const struct elf *elf, uint64_t start, uint64_t end)
{
	for (uint32_t i = 0; i < elf->segment_count; i++) {
		const struct elf_segment *segment = &elf->segment[i];
		if (elf_segment_is_loaded(segment) && segment->vaddr < end && segment->vaddr + segment->memory_bytes > start)
			return true;
	}
	return false;
}

/* Whole pages that hold nothing but what becomes read-only. */
static void relro_pages(const struct elf *elf, const struct elf_segment *relro, uint64_t *start, uint64_t *end)
{
	uint64_t last = relro->vaddr + relro->memory_bytes;
	*start = round_down(relro->vaddr, PAGE_BYTES);
	if (has_bytes(elf, *start, relro->vaddr))
		*start += PAGE_BYTES;
	*end = has_bytes(elf, last, round_up(last, PAGE_BYTES)) ? round_down(last, PAGE_BYTES) : round_up(last, PAGE_BYTES);
}

static enum status protect(struct plan *plan, const struct elf *elf, struct where *where)
{
	const struct elf_segment *relro = elf_segment_find(elf, ELF_GNU_RELRO);
	uint64_t start, end;
	if (!relro || relro->memory_bytes == 0)
		return STATUS_OK;
	relro_pages(elf, relro, &start, &end);
	/* It starts its segment (E6), so a run begins there. */
	for (uint32_t i = runs_find(plan, start); i < plan->run_count && plan->run[i].vaddr < end; i++) {
		enum status status = need_runs(plan, 1, where);
		if (status != STATUS_OK)
			return status;
		if (run_end(&plan->run[i]) > end)
			runs_split(plan, i, end);
		plan->run[i].rights &= (uint8_t)~ELF_W;
	}
	return STATUS_OK;
}

/* ---- thread-local storage ---- */

/* Where the block and the thread pointer lie, for an area that starts at `area`, a page boundary. */
struct tls_place {
	uint64_t block, thread_pointer, end;
};

static struct tls_place tls_place(const struct plan_machine *machine, const struct elf_segment *tls, uint64_t area)
{
	uint64_t align = tls->align > 1 ? tls->align : 1, tp_align = align > 16 ? align : 16;
	struct tls_place place;
	if (machine->tls_is_below) {
		place.thread_pointer = round_up(area + tls->memory_bytes + align - 1, tp_align);
		place.block = place.thread_pointer - tls->memory_bytes - ((0 - tls->vaddr - tls->memory_bytes) & (align - 1));
		place.end = place.thread_pointer + machine->tcb_bytes;
	} else {
		place.thread_pointer = round_up(area + machine->tcb_bytes, tp_align);
		place.block = place.thread_pointer + machine->tls_gap_bytes + ((tls->vaddr - machine->tls_gap_bytes) & (align - 1));
		place.end = place.block + tls->memory_bytes;
	}
	return place;
}

/* The highest place below the stack with so many free pages, and a free one above and below. */
static bool find_area(const struct plan *plan, uint64_t bytes, uint64_t *area)
{
	uint64_t above = plan->stack_bottom; /* the page below this is left free */
	for (uint32_t i = runs_find(plan, plan->stack_bottom);; i--) {
		uint64_t below = i == 0 ? ELF_FLOOR : run_end(&plan->run[i - 1]);
		if (above >= below && above - below >= bytes + 2 * PAGE_BYTES) {
			*area = above - PAGE_BYTES - bytes;
			return true;
		}
		if (i == 0)
			return false;
		above = plan->run[i - 1].vaddr;
	}
}

/* The image's bytes, and the first word of an x86 thread's own data, which is its address. */
static enum status fill_block(struct plan *plan, const struct elf *elf, const struct elf_segment *tls, struct where *where)
{
	enum status status = STATUS_OK;
	if (tls->file_bytes != 0) { /* an image without bytes may be anywhere in the file */
		const struct plan_patch image = { plan->tls.block_vaddr, (uint32_t)tls->file_bytes, elf->bytes + tls->offset };
		status = plan_add_patch(plan, &image, where);
		if (status == STATUS_OK)
			plan->patch_is_file[plan->patch_count - 1] = true;
	}
	if (status == STATUS_OK && plan->machine->tls_is_below) {
		const struct plan_patch self = { plan->thread_pointer, plan->machine->word_bytes, plan->self };
		bytes_put64(plan->self, plan->thread_pointer);
		status = plan_add_patch(plan, &self, where);
	}
	return status;
}

static enum status add_tls(struct plan *plan, const struct elf *elf, struct where *where)
{
	const struct elf_segment *tls = elf_segment_find(elf, ELF_TLS);
	uint64_t area;
	if (!tls || tls->memory_bytes == 0)
		return STATUS_OK;
	uint64_t bytes = round_up(tls_place(plan->machine, tls, 0).end, PAGE_BYTES);
	if (!find_area(plan, bytes, &area))
		return plan_refuse(STATUS_PLAN_NO_ROOM, where, tls->header_offset, (uint32_t)(tls - elf->segment), bytes, 0);
	enum status status = need_runs(plan, 1, where);
	if (status != STATUS_OK)
		return status;
	const struct plan_run run = {
		.vaddr = area, .pages = bytes / PAGE_BYTES, .page_bits = PAGE_BITS, .rights = ELF_R | ELF_W, .source = PLAN_ZERO,
	};
	runs_insert(plan, &run);
	struct tls_place place = tls_place(plan->machine, tls, area);
	plan->thread_pointer = place.thread_pointer;
	plan->tls = (struct plan_tls) { tls->vaddr, place.block, tls->file_bytes };
	return fill_block(plan, elf, tls, where);
}

enum status plan_add_startup(struct plan *plan, const struct elf *elf, const struct reloc *reloc, struct where *where)
{
	plan->reloc = *reloc;
	enum status status = reloc_is_empty(reloc) ? STATUS_OK : touch_relocated(plan, where);
	if (status == STATUS_OK)
		status = protect(plan, elf, where);
	if (status == STATUS_OK)
		status = add_tls(plan, elf, where);
	return status;
}
