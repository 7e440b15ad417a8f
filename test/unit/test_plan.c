/* SPDX-License-Identifier: BSD-2-Clause */
/* lib/plan: the plan of a known program in full, and the invariants P1 to P4 of plan.h on random programs, regions and
 * patches, each plan carried out and compared with what the file says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/plan/plan.h"
#include "test/support/elf_random.h"
#include "test/support/image.h"

static struct plan plan; /* too large for a stack */

static uint8_t *open_spec(const struct elf_spec *spec, struct elf *elf)
{
	struct where where;
	uint8_t *bytes = elf_spec_build(spec);
	assert_int_equal(elf_read(bytes, spec->size_bytes, elf, &where), STATUS_OK);
	return bytes;
}

static void expect_run(uint32_t index, uint64_t vaddr, uint64_t pages, uint8_t rights, enum plan_source source, uint64_t offset,
                       uint64_t file_bytes, uint32_t skip_bytes)
{
	const struct plan_run *run = &plan.run[index];
	assert_int_equal(run->vaddr, vaddr);
	assert_int_equal(run->pages, pages);
	assert_int_equal(run->page_bits, PAGE_BITS);
	assert_int_equal(run->rights, rights);
	assert_int_equal(run->source, source);
	if (source == PLAN_BYTES || source == PLAN_SHARED)
		assert_int_equal(run->offset, offset);
	if (source == PLAN_BYTES) {
		assert_int_equal(run->file_bytes, file_bytes);
		assert_int_equal(run->skip_bytes, skip_bytes);
	}
}

static void test_start(void **state)
{
	(void)state;
	plan_start(&plan_machine_x86_64, 4, &plan);
	assert_int_equal(plan.ipc_buffer, 0x7fffffffe000);
	assert_int_equal(plan.stack_top, 0x7fffffffd000);
	assert_int_equal(plan.stack_bottom, 0x7fffffff9000);
	assert_int_equal(plan.run_count, 2);
	expect_run(0, 0x7fffffff9000, 4, ELF_R | ELF_W, PLAN_ZERO, 0, 0, 0);
	expect_run(1, 0x7fffffffe000, 1, ELF_R | ELF_W, PLAN_ZERO, 0, 0, 0);
	assert_null(plan_machine_of(40));
	assert_ptr_equal(plan_machine_of(ELF_MACHINE_RISCV), &plan_machine_riscv64);
	plan_start(&plan_machine_i386, PLAN_STACK_PAGES_MAX, &plan);
	assert_int_equal(plan.ipc_buffer, 0xdffff000);
	assert_int_equal(plan.stack_top, 0xdfffe000);
	assert_int_equal(plan.stack_bottom, 0xdeffe000);
}

static void test_copied(void **state)
{
	struct elf_spec spec;
	struct elf elf;
	struct where where;
	(void)state;
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	uint8_t *bytes = open_spec(&spec, &elf);
	plan_start(&plan_machine_x86_64, 2, &plan);
	assert_int_equal(plan_add_image(&plan, &elf, false, &where), STATUS_OK);
	assert_int_equal(plan.entry, SPEC_ENTRY);
	assert_int_equal(plan.run_count, 6);
	expect_run(0, 0x400000, 1, ELF_R, PLAN_BYTES, 0, SPEC_HEADERS_SIZE, 0);
	expect_run(1, 0x401000, 1, ELF_R | ELF_X, PLAN_BYTES, 0x1000, SPEC_TEXT_BYTES, 0);
	expect_run(2, 0x402000, 2, ELF_R | ELF_W, PLAN_BYTES, 0x1000, 0xf00 + SPEC_DATA_FILE, 0xf00);
	expect_run(3, 0x404000, 2, ELF_R | ELF_W, PLAN_ZERO, 0, 0, 0);
	plan_finish(&plan, 3, 0x900);
	const struct plan_bill *bill = &plan.bill;
	assert_int_equal(bill->frames, 6 + 2 + 1);
	assert_int_equal(bill->large_frames, 0);
	assert_int_equal(bill->tables[0], 2);
	assert_int_equal(bill->tables[1], 2);
	assert_int_equal(bill->tables[2], 2);
	assert_int_equal(bill->copies, 0);
	assert_int_equal(bill->slots, 1 + 6 + 9 + 3);
	assert_int_equal(bill->untyped_bytes, (1 + 6 + 9) * 4096 + 0x900);
	assert_int_equal(plan.run[2].first_frame, 2);
	assert_int_equal(plan.run[5].first_frame, 8);
	free(bytes);
}

/* Pages are shared only if nothing but the segment's own bytes is in them, and they are all in the file. */
static void test_shared(void **state)
{
	struct elf_spec spec;
	struct elf elf;
	struct where where;
	(void)state;
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	spec.size_bytes = 0x5000;
	uint8_t *bytes = open_spec(&spec, &elf);
	memset(bytes + SPEC_TEXT_OFFSET + SPEC_TEXT_BYTES, 0, 0x1000 - SPEC_TEXT_BYTES);
	plan_start(&plan_machine_x86_64, 2, &plan);
	assert_int_equal(plan_add_image(&plan, &elf, true, &where), STATUS_OK);
	expect_run(0, 0x400000, 1, ELF_R, PLAN_BYTES, 0, SPEC_HEADERS_SIZE, 0); /* other bytes follow in the page */
	expect_run(1, 0x401000, 1, ELF_R | ELF_X, PLAN_SHARED, 0x1000, 0, 0);
	expect_run(2, 0x402000, 2, ELF_R | ELF_W, PLAN_BYTES, 0x1000, 0xf00 + SPEC_DATA_FILE, 0xf00);
	plan_finish(&plan, 0, 0);
	assert_int_equal(plan.bill.copies, 1);
	assert_int_equal(plan.bill.frames, 5 + 2 + 1);
	assert_int_equal(plan.bill.slots, 1 + 6 + 8 + 1);

	bytes[0x1fff] = 1; /* the last byte of the text's page */
	plan_start(&plan_machine_x86_64, 2, &plan);
	assert_int_equal(plan_add_image(&plan, &elf, true, &where), STATUS_OK);
	assert_int_equal(plan.run[1].source, PLAN_BYTES);
	bytes[0x1fff] = 0;
	elf.size_bytes = 0x1fff; /* the page is not wholly in the file */
	plan_start(&plan_machine_x86_64, 2, &plan);
	assert_int_equal(plan_add_image(&plan, &elf, true, &where), STATUS_OK);
	assert_int_equal(plan.run[1].source, PLAN_BYTES);
	free(bytes);
}

/* The text begins in the middle of its page, behind other bytes. */
static void test_shared_head(void **state)
{
	struct elf_spec spec;
	struct elf elf;
	struct where where;
	(void)state;
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	spec.size_bytes = 0x5000;
	spec.segment[SPEC_TEXT].offset += 0x10;
	spec.segment[SPEC_TEXT].vaddr += 0x10;
	uint8_t *bytes = open_spec(&spec, &elf);
	memset(bytes + SPEC_TEXT_OFFSET, 0, 0x10);
	memset(bytes + SPEC_TEXT_OFFSET + 0x10 + SPEC_TEXT_BYTES, 0, 0x1000 - 0x10 - SPEC_TEXT_BYTES);
	plan_start(&plan_machine_x86_64, 2, &plan);
	assert_int_equal(plan_add_image(&plan, &elf, true, &where), STATUS_OK);
	expect_run(1, 0x401000, 1, ELF_R | ELF_X, PLAN_SHARED, 0x1000, 0, 0);
	bytes[SPEC_TEXT_OFFSET + 0xf] = 1;
	plan_start(&plan_machine_x86_64, 2, &plan);
	assert_int_equal(plan_add_image(&plan, &elf, true, &where), STATUS_OK);
	expect_run(1, 0x401000, 1, ELF_R | ELF_X, PLAN_BYTES, 0x1000, 0x10 + SPEC_TEXT_BYTES, 0x10);
	free(bytes);
}

static void add_patch(uint64_t vaddr, uint32_t size_bytes, const void *bytes)
{
	struct where where;
	const struct plan_patch patch = { vaddr, size_bytes, bytes };
	assert_int_equal(plan_add_patch(&plan, &patch, &where), STATUS_OK);
}

static void test_patches_split_zero_runs(void **state)
{
	(void)state;
	plan_start(&plan_machine_x86_64, 8, &plan);
	uint64_t stack = plan.stack_bottom;
	add_patch(stack + 0x3ffc, 8, "12345678"); /* pages 3 and 4 */
	assert_int_equal(plan.run_count, 4);
	expect_run(0, stack, 3, ELF_R | ELF_W, PLAN_ZERO, 0, 0, 0);
	expect_run(1, stack + 0x3000, 2, ELF_R | ELF_W, PLAN_BYTES, 0, 0, 0);
	expect_run(2, stack + 0x5000, 3, ELF_R | ELF_W, PLAN_ZERO, 0, 0, 0);
	add_patch(stack + 0x3000, 1, "x"); /* already cut out */
	assert_int_equal(plan.run_count, 4);
	add_patch(stack, 1, "x"); /* the first page of its run */
	assert_int_equal(plan.run_count, 5);
	expect_run(0, stack, 1, ELF_R | ELF_W, PLAN_BYTES, 0, 0, 0);
	expect_run(1, stack + 0x1000, 2, ELF_R | ELF_W, PLAN_ZERO, 0, 0, 0);
	add_patch(plan.stack_top - 16, 16, "0123456789abcdef"); /* the last page of its run */
	assert_int_equal(plan.run_count, 6);
	expect_run(4, stack + 0x7000, 1, ELF_R | ELF_W, PLAN_BYTES, 0, 0, 0);
	add_patch(stack + 0x2800, 0x5000, "too long a text to be read, but nobody reads it here"); /* over four runs */
	assert_int_equal(plan.patch_count, 5);
	for (uint64_t page = 2; page < 8; page++)
		assert_int_equal(plan_run_at(&plan, stack + page * 0x1000)->source, PLAN_BYTES);
	assert_int_equal(plan_run_at(&plan, stack + 0x1000)->source, PLAN_ZERO);
	plan_finish(&plan, 0, 0);
	assert_int_equal(plan.bill.frames, 9);
}

static void test_regions(void **state)
{
	struct where where;
	const struct plan_map small = { .vaddr = 0x10000000, .pages = 3, .page_bits = 12, .rights = ELF_R, .region = 5 };
	const struct plan_map large = { .vaddr = 0x40200000, .pages = 2, .page_bits = 21, .rights = ELF_R | ELF_W, .uncached = 1 };
	(void)state;
	plan_start(&plan_machine_x86_64, 1, &plan);
	assert_int_equal(plan_add_map(&plan, &large, &where), STATUS_OK);
	assert_int_equal(plan_add_map(&plan, &small, &where), STATUS_OK);
	assert_int_equal(plan.run[0].vaddr, small.vaddr);
	assert_int_equal(plan.run[0].region, 5);
	assert_int_equal(plan.run[1].page_bits, 21);
	assert_int_equal(plan.run[1].uncached, 1);
	plan_finish(&plan, 0, 0);
	assert_int_equal(plan.bill.copies, 5);
	assert_int_equal(plan.bill.frames, 2);
	assert_int_equal(plan.bill.large_frames, 0);
	assert_int_equal(plan.bill.tables[0], 2); /* of the small region and the stack: large pages need none */
	assert_int_equal(plan.bill.tables[1], 3);
	assert_int_equal(plan.bill.tables[2], 2);
	assert_ptr_equal(plan_run_at(&plan, 0x405fffff), &plan.run[1]);
	assert_null(plan_run_at(&plan, 0x40600000));
	assert_null(plan_run_at(&plan, 0x0fffffff));
	assert_null(plan_run_at(&plan, UINT64_MAX));
}

/* ---- properties ---- */

/* P1, P3, and that what is written in a run makes sense. */
static void check_runs(void)
{
	for (uint32_t i = 0; i < plan.run_count; i++) {
		const struct plan_run *run = &plan.run[i];
		assert_true(run->pages > 0);
		assert_int_equal(run->vaddr & ((1ull << run->page_bits) - 1), 0);
		assert_int_not_equal(run->rights & (ELF_W | ELF_X), ELF_W | ELF_X);
		if (i != 0)
			assert_true(plan.run[i - 1].vaddr + (plan.run[i - 1].pages << plan.run[i - 1].page_bits) <= run->vaddr);
		assert_false(run->source == PLAN_SHARED && (run->rights & ELF_W));
		if (run->source == PLAN_BYTES) {
			assert_true(run->skip_bytes < PAGE_BYTES);
			assert_true(run->file_bytes <= run->pages << run->page_bits);
			assert_true(run->skip_bytes <= run->file_bytes);
		}
	}
}

#define BASES_MAX 4096
struct bases {
	uint64_t base[BASES_MAX];
	uint32_t count;
};

static bool has_base(const struct bases *bases, uint64_t base)
{
	for (uint32_t i = 0; i < bases->count; i++)
		if (bases->base[i] == base)
			return true;
	return false;
}

/* The tables that single pages need, one by one. */
static void collect_bases(uint8_t level, struct bases *bases)
{
	uint64_t span = 1ull << (12 + plan.machine->index_bits * (level + 1));
	bases->count = 0;
	for (uint32_t i = 0; i < plan.run_count; i++) {
		const struct plan_run *run = &plan.run[i];
		for (uint64_t page = 0; page < run->pages; page++) {
			uint64_t base = (run->vaddr + (page << run->page_bits)) / span * span;
			if ((level > 0 || run->page_bits == 12) && !has_base(bases, base)) {
				assert_true(bases->count < BASES_MAX);
				bases->base[bases->count++] = base;
			}
		}
	}
}

/* P4 for tables: exactly those needed, each once, and none before its parent. */
static void check_tables(void)
{
	static struct bases wanted[3], seen[3];
	struct plan_table_cursor cursor = { 0 };
	uint64_t vaddr;
	uint8_t level;
	for (uint8_t l = 0; l < plan.machine->levels; l++) {
		collect_bases(l, &wanted[l]);
		seen[l].count = 0;
	}
	while (plan_table_next(&plan, &cursor, &level, &vaddr)) {
		assert_true(level < plan.machine->levels);
		assert_true(has_base(&wanted[level], vaddr));
		assert_false(has_base(&seen[level], vaddr));
		if (level + 1 < plan.machine->levels) {
			uint64_t span = 1ull << (12 + plan.machine->index_bits * (level + 2));
			assert_true(has_base(&seen[level + 1], vaddr / span * span));
		}
		seen[level].base[seen[level].count++] = vaddr;
	}
	assert_false(plan_table_next(&plan, &cursor, &level, &vaddr));
	for (uint8_t l = 0; l < plan.machine->levels; l++) {
		assert_int_equal(seen[l].count, wanted[l].count);
		assert_int_equal(plan.bill.tables[l], wanted[l].count);
	}
}

/* P4: the bill is what carrying out takes. */
static void check_bill(uint64_t extra_slots, uint64_t extra_bytes)
{
	uint64_t frames[2] = { 0 }, copies = 0, tables = 0;
	plan_finish(&plan, extra_slots, extra_bytes);
	check_tables();
	for (uint32_t i = 0; i < plan.run_count; i++) {
		const struct plan_run *run = &plan.run[i];
		bool large = run->page_bits != 12;
		if (run->source == PLAN_ZERO || run->source == PLAN_BYTES) {
			assert_int_equal(run->first_frame, frames[large]);
			frames[large] += run->pages;
		} else {
			copies += run->pages;
		}
	}
	for (uint8_t l = 0; l < 3; l++)
		tables += plan.bill.tables[l];
	assert_int_equal(plan.bill.frames, frames[0]);
	assert_int_equal(plan.bill.large_frames, frames[1]);
	assert_int_equal(plan.bill.copies, copies);
	assert_int_equal(plan.bill.slots, 1 + tables + frames[0] + frames[1] + copies + extra_slots);
	assert_int_equal(plan.bill.untyped_bytes, (1 + tables + frames[0]) * 4096 + frames[1] * 0x200000 + extra_bytes);
}

static void add_random_maps(struct random *random)
{
	struct where where;
	for (uint64_t i = random_below(random, 4); i > 0; i--) {
		struct plan_map map = { .page_bits = 12, .rights = ELF_R | ELF_W };
		map.vaddr = 0x300000 + random_below(random, 0x400) * 0x1000;
		map.pages = random_between(random, 1, 3);
		if (random_below(random, 3) == 0) {
			map.page_bits = plan.machine->large_page_bits;
			map.vaddr = 0x800000 * random_between(random, 1, 100);
		}
		uint32_t before = plan.run_count;
		bool added = plan_add_map(&plan, &map, &where) == STATUS_OK;
		assert_int_equal(plan.run_count, before + added);
	}
}

/* Patches of random bytes that land now and then where they may. */
static void add_random_patches(struct random *random, struct plan_patch *patches, uint32_t *count)
{
	static const uint8_t text[300] = { 1, 2, 3 };
	struct where where;
	*count = 0;
	for (uint64_t i = random_below(random, 12); i > 0; i--) {
		const struct plan_run *run = &plan.run[random_below(random, plan.run_count)];
		struct plan_patch patch = { .bytes = text, .size_bytes = (uint32_t)random_below(random, sizeof text) };
		patch.vaddr = run->vaddr + random_below(random, (run->pages << run->page_bits) + 16) - 8;
		if (plan_add_patch(&plan, &patch, &where) == STATUS_OK && patch.size_bytes != 0)
			patches[(*count)++] = patch;
	}
}

static void lay_patches(const struct plan_patch *patches, uint32_t count, struct image *image)
{
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t b = 0; b < patches[i].size_bytes; b++) {
			struct image_page *page = image_find(image, patches[i].vaddr + b);
			if (page)
				page->bytes[(patches[i].vaddr + b) % PAGE_BYTES] = ((const uint8_t *)patches[i].bytes)[b];
		}
}

/* Patches land on the stack and the IPC buffer too; those pages are compared here and then cleared. */
static void clear_stack(struct image *image, const struct plan_patch *patches, uint32_t count)
{
	for (uint32_t i = 0; i < image->count; i++) {
		struct image_page *page = &image->page[i], expected;
		if (page->vaddr < plan.stack_bottom)
			continue;
		memset(&expected, 0, sizeof expected);
		struct image one = { &expected, 1 };
		expected.vaddr = page->vaddr;
		lay_patches(patches, count, &one);
		assert_memory_equal(page->bytes, expected.bytes, PAGE_BYTES);
		memset(page->bytes, 0, PAGE_BYTES);
	}
}

static void check_random_plan(struct random *random, bool share)
{
	struct elf_spec spec;
	struct elf elf;
	struct image file, carried;
	struct where where;
	struct plan_patch patches[16];
	uint32_t patch_count;
	bool wide = random_below(random, 2);
	elf_random_program(random, wide ? ELF_MACHINE_X86_64 : ELF_MACHINE_386, &spec);
	uint8_t *bytes = open_spec(&spec, &elf);
	plan_start(wide ? &plan_machine_x86_64 : &plan_machine_i386, random_between(random, 1, 16), &plan);
	add_random_maps(random);
	if (plan_add_image(&plan, &elf, share, &where) == STATUS_OK) {
		add_random_maps(random);
		add_random_patches(random, patches, &patch_count);
		check_runs();
		check_bill(random_below(random, 5), random_below(random, 5000));
		image_of_file(&elf, &file);
		image_of_plan(&plan, bytes, &carried);
		lay_patches(patches, patch_count, &file);
		clear_stack(&carried, patches, patch_count);
		image_assert_same(&file, &carried, &plan);
		image_free(&file);
		image_free(&carried);
	}
	free(bytes);
}

/* ---- large pages ---- */

#define LARGE    0x200000ul
#define PLENTY   (6 * LARGE)
static uint8_t *plenty;

static void start_large(void)
{
	plenty = plenty ? plenty : malloc(PLENTY);
	for (size_t i = 0; i < PLENTY; i++)
		plenty[i] = (uint8_t)(i * 13 + i / PAGE_BYTES + 1);
	plan_start(&plan_machine_x86_64, 4, &plan);
}

/* Segments of a file whose bytes lie at offset vaddr % PLENTY / 2, page by page. */
static void add_segments(const struct elf_segment *segment, uint32_t count)
{
	static struct elf elf;
	struct where where;
	elf = (struct elf) { .bytes = plenty, .size_bytes = PLENTY, .class_bits = 64, .machine = ELF_MACHINE_X86_64, .segment_count = count };
	memcpy(elf.segment, segment, count * sizeof *segment);
	assert_int_equal(plan_add_image(&plan, &elf, false, &where), STATUS_OK);
}

static void expect_large(uint32_t index, uint64_t vaddr, uint64_t pages, enum plan_source source, uint64_t offset, uint64_t file_bytes)
{
	const struct plan_run *run = &plan.run[index];
	assert_int_equal(run->page_bits, 21);
	assert_int_equal(run->vaddr, vaddr);
	assert_int_equal(run->pages, pages);
	assert_int_equal(run->source, source);
	assert_int_equal(run->file_bytes, file_bytes);
	if (file_bytes != 0)
		assert_int_equal(run->offset, offset);
}

static void test_large_pages(void **state)
{
	const struct elf_segment data = { ELF_LOAD, ELF_R | ELF_W, 0x1000, 0x7ff000, LARGE + 0x3000, 4 * LARGE + 0x2000, 0x1000, 0 };
	(void)state;
	start_large();
	add_segments(&data, 1);
	plan_enlarge(&plan);
	expect_run(0, 0x7ff000, 1, ELF_R | ELF_W, PLAN_BYTES, 0x1000, 0x1000, 0);
	expect_large(1, 0x800000, 2, PLAN_BYTES, 0x2000, LARGE + 0x2000); /* the second: file to begin with, then zero */
	expect_large(2, 0xc00000, 2, PLAN_ZERO, 0, 0);
	expect_run(3, 0x1000000, 1, ELF_R | ELF_W, PLAN_ZERO, 0, 0, 0);
	plan_finish(&plan, 0, 0);
	assert_int_equal(plan.bill.large_frames, 4);
	assert_int_equal(plan.bill.frames, 2 + 4 + 1);
	assert_int_equal(plan.bill.tables[0], 3); /* none below a large page */
}

/* Not across a gap, not where rights differ, not where bytes of a second segment come in, never another's pages. */
static void test_where_pages_stay_small(void **state)
{
	const struct elf_segment gap[] = { { ELF_LOAD, ELF_R | ELF_W, 0, 0x800000, 0x1000, LARGE - 0x2000, 0x1000, 0 },
	                                   { ELF_LOAD, ELF_R | ELF_W, 0, 0x9ff000, 0, 0x1000, 0x1000, 0 } };
	const struct elf_segment rights[] = { { ELF_LOAD, ELF_R, 0, 0x800000, 0x1000, LARGE / 2, 0x1000, 0 },
	                                      { ELF_LOAD, ELF_R | ELF_W, 0, 0x900000, 0, LARGE / 2, 0x1000, 0 } };
	const struct elf_segment bytes[] = { { ELF_LOAD, ELF_R | ELF_W, 0, 0x800000, 0x1000, LARGE / 2, 0x1000, 0 },
	                                     { ELF_LOAD, ELF_R | ELF_W, 0x8000, 0x900000, 0x10, LARGE / 2, 0x1000, 0 } };
	const struct elf_segment fits[] = { { ELF_LOAD, ELF_R | ELF_W, 0, 0x800000, 0x1000, LARGE / 2, 0x1000, 0 },
	                                    { ELF_LOAD, ELF_R | ELF_W, 0x8000, 0x900000, 0, LARGE / 2, 0x1000, 0 } };
	const struct elf_segment *const stays[] = { gap, rights, bytes };
	struct where where;
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		start_large();
		add_segments(stays[i], 2);
		plan_enlarge(&plan);
		plan_finish(&plan, 0, 0);
		assert_int_equal(plan.bill.large_frames, 0);
	}
	start_large();
	add_segments(fits, 2);
	plan_enlarge(&plan);
	expect_large(0, 0x800000, 1, PLAN_BYTES, 0, 0x1000);
	start_large();
	assert_int_equal(plan_add_map(&plan, &(struct plan_map){ 0x800000, 512, PAGE_BITS, ELF_R | ELF_W, 0, 0 }, &where), STATUS_OK);
	plan_enlarge(&plan);
	expect_run(0, 0x800000, 512, ELF_R | ELF_W, PLAN_REGION, 0, 0, 0);
}

/* What every page of the plan's own holds, and may be done to; of 0: nothing is there. */
static uint64_t sum_of_page(const struct plan *of, struct plan_cursor *cursor, uint64_t vaddr)
{
	static uint8_t page[PAGE_BYTES];
	const struct plan_run *run = plan_run_at(of, vaddr);
	uint64_t sum = 0, number;
	if (!run)
		return 0;
	memset(page, 0, sizeof page);
	number = (vaddr - run->vaddr) / PAGE_BYTES;
	/* A large page is filled whole or not at all. */
	if (plan_is_filled(of, cursor, (uint32_t)(run - of->run), number & ~((1ul << (run->page_bits - PAGE_BITS)) - 1)))
		plan_fill(of, cursor, (uint32_t)(run - of->run), number, 1, plenty, page);
	for (uint32_t i = 0; i < PAGE_BYTES; i++)
		sum = sum * 31 + page[i];
	return sum * 16 + run->rights + 8;
}

/* Segments and patches anywhere: large or not, every page has the same bytes and rights. */
static void test_large_pages_say_the_same(void **state)
{
	static struct plan small;
	static const uint8_t value[64] = { 9, 8, 7 };
	struct random random = random_start("large_pages", 0x77);
	uint64_t large = 0;
	(void)state;
	for (unsigned round = 0; round < 12; round++) {
		struct elf_segment segment[4];
		uint64_t at = 0x7fe000 + random_below(&random, 4) * 0x1000, top;
		struct where where;
		for (unsigned i = 0; i < 4; i++) {
			uint64_t pages = random_below(&random, 2) ? random_between(&random, 500, 1600) : random_between(&random, 1, 20);
			uint64_t file = random_below(&random, 2) ? random_below(&random, pages * PAGE_BYTES) : 0;
			segment[i] = (struct elf_segment) { ELF_LOAD, random_below(&random, 4) ? ELF_R | ELF_W : ELF_R,
				at % PLENTY / 4 / 0x1000 * 0x1000, at, file, pages * PAGE_BYTES, 0x1000, 0 };
			at += pages * PAGE_BYTES + (random_below(&random, 3) ? 0 : 0x1000);
		}
		top = at;
		start_large();
		add_segments(segment, 4);
		for (unsigned i = 0; i < 6; i++) {
			struct plan_patch patch = { 0x800000 + random_below(&random, top - 0x800000), 64, value };
			if (plan_add_patch(&plan, &patch, &where) != STATUS_OK)
				continue;
		}
		small = plan;
		plan_enlarge(&plan);
		plan_finish(&plan, 0, 0);
		large += plan.bill.large_frames;
		check_runs();
		struct plan_cursor a = { 0 }, b = { 0 };
		for (uint64_t page = 0x7fd000; page < top + 0x2000; page += PAGE_BYTES)
			if (sum_of_page(&small, &a, page) != sum_of_page(&plan, &b, page))
				fail_msg("page 0x%lx of round %u", (unsigned long)page, round);
	}
	assert_true(large > 12);
	free(plenty);
	plenty = NULL;
}

/* A list of runs that is full stays as it is. */
static void test_no_room_for_large_pages(void **state)
{
	const struct elf_segment data = { ELF_LOAD, ELF_R | ELF_W, 0, 0x7ff000, 0, LARGE + 0x2000, 0x1000, 0 };
	struct where where;
	(void)state;
	start_large();
	add_segments(&data, 1);
	for (uint64_t i = 0; plan.run_count < PLAN_RUNS_MAX - 1; i++)
		assert_int_equal(plan_add_map(&plan, &(struct plan_map){ 0x10000000 + i * 0x2000, 1, PAGE_BITS, ELF_R, 0, 0 }, &where), STATUS_OK);
	plan_enlarge(&plan);
	expect_run(0, 0x7ff000, LARGE / 0x1000 + 2, ELF_R | ELF_W, PLAN_ZERO, 0, 0, 0);
	assert_int_equal(plan.run_count, PLAN_RUNS_MAX - 1);
}

static void test_random_plans(void **state)
{
	struct random random = random_start("random_plans", 0x9147);
	(void)state;
	for (uint32_t round = 0; round < 3000; round++)
		check_random_plan(&random, round % 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_copied),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_shared_head),
		cmocka_unit_test(test_patches_split_zero_runs),
		cmocka_unit_test(test_regions),
		cmocka_unit_test(test_large_pages),
		cmocka_unit_test(test_where_pages_stay_small),
		cmocka_unit_test(test_no_room_for_large_pages),
		cmocka_unit_test(test_large_pages_say_the_same),
		cmocka_unit_test(test_random_plans),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
