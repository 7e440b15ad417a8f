/* SPDX-License-Identifier: BSD-2-Clause */
/* A program's memory, made in two ways. Kept simple rather than quick: it judges the code that is clever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "test/support/image.h"

struct image_page *image_find(const struct image *image, uint64_t vaddr)
{
	for (uint32_t i = 0; i < image->count; i++)
		if (image->page[i].vaddr == round_down(vaddr, PAGE_BYTES))
			return &image->page[i];
	return NULL;
}

static struct image_page *add_page(struct image *image, uint64_t vaddr, uint8_t rights)
{
	image->page = realloc(image->page, (image->count + 1) * sizeof *image->page);
	assert_non_null(image->page);
	struct image_page *page = &image->page[image->count++];
	memset(page, 0, sizeof *page);
	page->vaddr = vaddr;
	page->rights = rights;
	return page;
}

/* The page for a segment: there already only if a segment with the same rights put it there. */
static struct image_page *need_page(struct image *image, uint64_t vaddr, uint8_t rights)
{
	struct image_page *page = image_find(image, vaddr);
	if (!page)
		return add_page(image, round_down(vaddr, PAGE_BYTES), rights);
	assert_int_equal(page->rights, rights);
	return page;
}

void image_of_file(const struct elf *elf, struct image *image)
{
	*image = (struct image) { 0 };
	for (uint32_t i = 0; i < elf->segment_count; i++) {
		const struct elf_segment *segment = &elf->segment[i];
		if (segment->type != ELF_LOAD || segment->memory_bytes == 0)
			continue;
		for (uint64_t done = 0; done < segment->memory_bytes;) {
			uint64_t vaddr = segment->vaddr + done, offset = vaddr % PAGE_BYTES;
			struct image_page *page = need_page(image, vaddr, (uint8_t)segment->flags);
			uint64_t room = PAGE_BYTES - offset, left = segment->memory_bytes - done;
			uint64_t step = left < room ? left : room;
			for (uint64_t b = 0; b < step; b++)
				if (done + b < segment->file_bytes)
					page->bytes[offset + b] = elf->bytes[segment->offset + done + b];
			done += step;
		}
	}
}

static void fill_page(const struct plan_run *run, uint64_t number, const uint8_t *bytes, struct image_page *page)
{
	uint64_t start = number * PAGE_BYTES;
	if (run->source == PLAN_SHARED) {
		memcpy(page->bytes, bytes + run->offset + start, PAGE_BYTES);
		return;
	}
	for (uint64_t b = 0; run->source == PLAN_BYTES && b < PAGE_BYTES; b++)
		if (start + b >= run->skip_bytes && start + b < run->file_bytes)
			page->bytes[b] = bytes[run->offset + start + b];
}

void image_of_plan(const struct plan *plan, const uint8_t *bytes, struct image *image)
{
	*image = (struct image) { 0 };
	for (uint32_t i = 0; i < plan->run_count; i++) {
		const struct plan_run *run = &plan->run[i];
		if (run->source == PLAN_REGION)
			continue;
		assert_int_equal(run->page_bits, PAGE_BITS);
		for (uint64_t number = 0; number < run->pages; number++)
			fill_page(run, number, bytes, add_page(image, run->vaddr + number * PAGE_BYTES, run->rights));
	}
	for (uint32_t i = 0; i < plan->patch_count; i++)
		for (uint32_t b = 0; b < plan->patch[i].size_bytes; b++) {
			uint64_t vaddr = plan->patch[i].vaddr + b;
			struct image_page *page = image_find(image, vaddr);
			assert_non_null(page);
			assert_int_equal(plan_run_at(plan, vaddr)->source, PLAN_BYTES);
			page->bytes[vaddr % PAGE_BYTES] = ((const uint8_t *)plan->patch[i].bytes)[b];
		}
}

void image_free(struct image *image)
{
	free(image->page);
	*image = (struct image) { 0 };
}

void image_assert_same(const struct image *file, const struct image *plan, const struct plan *of)
{
	static const uint8_t zero[PAGE_BYTES];
	for (uint32_t i = 0; i < file->count; i++) {
		const struct image_page *page = image_find(plan, file->page[i].vaddr);
		assert_non_null(page);
		assert_int_equal(page->rights, file->page[i].rights);
		assert_memory_equal(page->bytes, file->page[i].bytes, PAGE_BYTES);
	}
	for (uint32_t i = 0; i < plan->count; i++) {
		const struct image_page *page = &plan->page[i];
		if (image_find(file, page->vaddr))
			continue;
		assert_true(page->vaddr >= of->stack_bottom);
		assert_int_equal(page->rights, ELF_R | ELF_W);
		assert_memory_equal(page->bytes, zero, PAGE_BYTES);
	}
}
