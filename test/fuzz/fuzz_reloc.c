/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a position-independent program: its first byte says which archive flags it has, the next four where it is to go. What is
 * accepted is planned and every page of it filled, once as the loader does it and once as for a program that relocates itself: the two may
 * differ in aligned words of writable segments only, and whatever order pages are filled in, they get the same bytes. */
#include <stdlib.h>
#include "lib/load/load.h"
#include "test/fuzz/invariant.h"

#define HEAD_BYTES 5u

static struct load load;
static struct plan relocated, plain;

static void fill(const struct plan *plan, struct plan_cursor *cursor, uint64_t vaddr, const uint8_t *bytes, uint8_t *page)
{
	const struct plan_run *run = plan_run_at(plan, vaddr);
	invariant(run != NULL);
	uint32_t number = (uint32_t)(run - plan->run);
	memset(page, 0, PAGE_BYTES);
	if (plan_is_filled(plan, cursor, number, (vaddr - run->vaddr) / PAGE_BYTES))
		plan_fill(plan, cursor, number, (vaddr - run->vaddr) / PAGE_BYTES, 1, bytes, page);
}

static void compare_words(uint64_t vaddr, const uint8_t *with, const uint8_t *without)
{
	uint64_t word = load.elf.class_bits / 8u;
	for (uint64_t at = 0; at < PAGE_BYTES; at += word) {
		if (memcmp(with + at, without + at, word) == 0)
			continue;
		const struct elf_segment *segment = elf_segment_around(&load.elf, vaddr + at, word);
		invariant(segment != NULL && (segment->flags & ELF_W));
	}
}

/* A page of the image's own, of a segment: not the stack, not the thread's block. */
static void check_page(struct plan_cursor cursor[2], uint64_t vaddr, const uint8_t *bytes, uint8_t *page[3])
{
	struct plan_cursor again = { 0 };
	fill(&relocated, &cursor[0], vaddr, bytes, page[0]);
	fill(&plain, &cursor[1], vaddr, bytes, page[1]);
	compare_words(vaddr, page[0], page[1]);
	fill(&relocated, &again, vaddr, bytes, page[2]);
	invariant(memcmp(page[0], page[2], PAGE_BYTES) == 0);
}

static void check_pages(const uint8_t *bytes)
{
	struct plan_cursor cursor[2];
	uint8_t *page[3];
	uint32_t left = 64; /* pages, so that a large program takes no longer than a small one */
	memset(cursor, 0, sizeof cursor);
	for (unsigned i = 0; i < 3; i++)
		page[i] = malloc(PAGE_BYTES);
	for (uint32_t i = 0; i < relocated.run_count; i++) {
		const struct plan_run *run = &relocated.run[i];
		bool own = (run->source == PLAN_BYTES || run->source == PLAN_ZERO) && plan_run_at(&plain, run->vaddr);
		for (uint64_t number = 0; own && number < run->pages && left > 0; number++, left--)
			check_page(cursor, run->vaddr + number * PAGE_BYTES, bytes, page);
	}
	for (unsigned i = 0; i < 3; i++)
		free(page[i]);
}

static void check_thread(void)
{
	if (relocated.thread_pointer == 0)
		return;
	const struct plan_run *run = plan_run_at(&relocated, relocated.tls.block_vaddr);
	invariant(run != NULL && run->rights == (ELF_R | ELF_W) && plan_run_at(&relocated, run->vaddr - 1) == NULL);
	invariant(run->vaddr >= ELF_FLOOR && run->vaddr + (run->pages << run->page_bits) < relocated.stack_bottom);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct elf_policy policy;
	struct where where = { 0 };
	uint64_t base = LOAD_BASE_DEFAULT;
	if (size < HEAD_BYTES)
		return 0;
	if (bytes[0] & 2)
		base = (uint64_t)bytes[1] << 12 | (uint64_t)bytes[2] << 20 | (uint64_t)bytes[3] << 28 | (uint64_t)bytes[4] << 56;
	uint8_t *file = malloc(size - HEAD_BYTES + 1); /* what is read behind its end is seen */
	memcpy(file, bytes + HEAD_BYTES, size - HEAD_BYTES);
	if (elf_read(file, size - HEAD_BYTES, &load.elf, &where) == STATUS_OK) {
		load_policy(load.elf.machine, bytes[0] & 1, &policy);
		if (load_accept(file, size - HEAD_BYTES, &policy, base, &load, &where) == STATUS_OK) {
			plan_start(plan_machine_of(load.elf.machine), 2, &relocated);
			plan_start(plan_machine_of(load.elf.machine), 2, &plain);
			if (plan_add_image(&relocated, &load.elf, false, &where) == STATUS_OK
			    && plan_add_image(&plain, &load.elf, false, &where) == STATUS_OK
			    && load_add_startup(&load, &relocated, &where) == STATUS_OK) {
				check_pages(file);
				check_thread();
			}
		}
	}
	free(file);
	return 0;
}
