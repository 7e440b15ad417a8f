/* SPDX-License-Identifier: BSD-2-Clause */
/* Each refusal of a plan, with the neighbour that is accepted; and a refused plan is as it was before. */
#include "test/reject/reject.h"
#include "test/support/elf_spec.h"
#include "lib/plan/plan.h"
#include <stdlib.h>

#define STACK_PAGES 4u
#define IPC_BUFFER  0x7fffffffe000ull
#define STACK_TOP   0x7fffffffd000ull
#define STACK_START (STACK_TOP - STACK_PAGES * PAGE_BYTES)

static struct plan plan, before; /* too large for a stack */

/* The plan is byte for byte what it was when `before` was taken. */
static void assert_unchanged(void)
{
	assert_memory_equal(&plan, &before, sizeof plan);
}

static void start(void)
{
	memset(&plan, 0, sizeof plan);
	plan_start(&plan_machine_x86_64, STACK_PAGES, &plan);
	before = plan;
}

struct program {
	uint8_t *bytes;
	struct elf elf;
};

/* Reads a built program; elf_check is left out where a test wants what it would refuse. */
static void open_spec(const struct elf_spec *spec, struct program *program)
{
	struct where where;
	program->bytes = elf_spec_build(spec);
	assert_status(elf_read(program->bytes, spec->size_bytes, &program->elf, &where), STATUS_OK);
}

static void expect_image(const struct elf_spec *spec, bool share, enum status wanted, uint32_t index)
{
	struct program program;
	struct where where = { 0 };
	open_spec(spec, &program);
	before = plan;
	assert_status(plan_add_image(&plan, &program.elf, share, &where), wanted);
	if (wanted != STATUS_OK) {
		assert_int_equal(where.index, index);
		assert_unchanged();
	}
	free(program.bytes);
}

static void expect_map(const struct plan_map *map, enum status wanted)
{
	struct where where = { 0 };
	before = plan;
	assert_status(plan_add_map(&plan, map, &where), wanted);
	if (wanted != STATUS_OK) {
		assert_int_equal(where.index, map->region);
		assert_unchanged();
	}
}

static void expect_patch(uint64_t vaddr, uint32_t size_bytes, enum status wanted)
{
	struct where where = { 0 };
	const struct plan_patch patch = { vaddr, size_bytes, "" };
	before = plan;
	assert_status(plan_add_patch(&plan, &patch, &where), wanted);
	if (wanted != STATUS_OK) {
		assert_int_equal(where.offset, vaddr);
		assert_unchanged();
	}
}

static void run_machine(const void *data)
{
	struct elf_spec spec;
	(void)data;
	elf_spec_default(&spec, ELF_MACHINE_386);
	start();
	expect_image(&spec, false, STATUS_PLAN_MACHINE, WHERE_NO_INDEX);
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	expect_image(&spec, false, STATUS_OK, 0);
}

static void move_data(struct elf_spec *spec, uint64_t vaddr)
{
	elf_spec_default(spec, ELF_MACHINE_X86_64);
	spec->segment[SPEC_DATA].vaddr = vaddr;
	spec->segment[SPEC_DATA].offset = vaddr & (PAGE_BYTES - 1);
	spec->segment[SPEC_DATA].file_bytes = 16;
	spec->segment[SPEC_DATA].memory_bytes = 16;
}

static void run_outside(const void *data)
{
	struct elf_spec spec;
	(void)data;
	start();
	move_data(&spec, 0x7ffffffff000);
	expect_image(&spec, false, STATUS_PLAN_OUTSIDE_USER_SPACE, SPEC_DATA);
	move_data(&spec, 0xffffffff80000000);
	expect_image(&spec, false, STATUS_PLAN_OUTSIDE_USER_SPACE, SPEC_DATA);
}

static struct plan_map region_at(uint64_t vaddr, uint64_t pages)
{
	return (struct plan_map) { .vaddr = vaddr, .pages = pages, .page_bits = PAGE_BITS, .rights = ELF_R | ELF_W, .region = 7 };
}

/* Against the IPC buffer, the guard above the stack, both ends of the stack, the guard below it. */
static void run_overlap_image(const void *data)
{
	static const uint64_t taken[] = { IPC_BUFFER, STACK_TOP, STACK_TOP - 8, STACK_START, STACK_START - 8, STACK_START - PAGE_BYTES };
	struct elf_spec spec;
	(void)data;
	start();
	for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
		move_data(&spec, taken[i]);
		expect_image(&spec, false, STATUS_PLAN_OVERLAP, SPEC_DATA);
	}
	move_data(&spec, STACK_START - 2 * PAGE_BYTES);
	expect_image(&spec, false, STATUS_OK, 0);
}

static void run_overlap_region(const void *data)
{
	struct elf_spec spec;
	struct plan_map map;
	(void)data;
	start();
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	map = region_at(SPEC_BASE + 0x5000, 1); /* the last page of the data */
	expect_map(&map, STATUS_OK);
	expect_image(&spec, false, STATUS_PLAN_OVERLAP, SPEC_DATA);
	start();
	expect_image(&spec, false, STATUS_OK, 0);
	expect_map(&map, STATUS_PLAN_OVERLAP);
	map = region_at(SPEC_BASE + 0x6000, 1);
	expect_map(&map, STATUS_OK);
	expect_map(&map, STATUS_PLAN_OVERLAP);
	map = region_at(SPEC_BASE - 0x1000, 2);
	expect_map(&map, STATUS_PLAN_OVERLAP);
	map = region_at(STACK_START - 0x1000, 2);
	expect_map(&map, STATUS_PLAN_OVERLAP);
	map = region_at(STACK_TOP, 1);
	expect_map(&map, STATUS_PLAN_OVERLAP);
	map = region_at(STACK_START - 0x1000, 1); /* right below the stack, as in Microkit */
	expect_map(&map, STATUS_OK);
}

static void fill_runs(uint32_t leave)
{
	for (uint32_t i = 0; plan.run_count < PLAN_RUNS_MAX - leave; i++) {
		const struct plan_map map = region_at(0x10000000 + i * 0x2000ull, 1);
		expect_map(&map, STATUS_OK);
	}
}

static void run_too_many_runs(const void *data)
{
	struct elf_spec spec;
	const struct plan_map map = region_at(0x20000000, 1);
	(void)data;
	elf_spec_default(&spec, ELF_MACHINE_X86_64); /* four runs: headers, text, data, zeros */
	start();
	fill_runs(3);
	expect_image(&spec, false, STATUS_PLAN_TOO_MANY_RUNS, WHERE_NO_INDEX);
	start();
	fill_runs(4);
	expect_image(&spec, false, STATUS_OK, 0);
	assert_int_equal(plan.run_count, PLAN_RUNS_MAX);
	expect_map(&map, STATUS_PLAN_TOO_MANY_RUNS);
}

static void run_patch_too_many_runs(const void *data)
{
	struct where where;
	const struct plan_patch patch = { STACK_START + PAGE_BYTES, 8, "" }; /* cuts the stack in three */
	(void)data;
	start();
	fill_runs(1);
	before = plan;
	assert_status(plan_add_patch(&plan, &patch, &where), STATUS_PLAN_TOO_MANY_RUNS);
	assert_unchanged();
	start();
	fill_runs(2);
	assert_status(plan_add_patch(&plan, &patch, &where), STATUS_OK);
	assert_int_equal(plan.run_count, PLAN_RUNS_MAX);
}

static void run_map_page_size(const void *data)
{
	struct plan_map map = region_at(0x200000, 1);
	static const uint8_t wrong[] = { 0, 11, 13, 22, 30, 63, 64, 255 };
	(void)data;
	start();
	for (size_t i = 0; i < sizeof wrong; i++) {
		map.page_bits = wrong[i];
		expect_map(&map, STATUS_PLAN_MAP_PAGE_SIZE);
	}
	map.page_bits = LARGE_PAGE_BITS;
	expect_map(&map, STATUS_OK);
}

static void run_map_unaligned(const void *data)
{
	struct plan_map map = region_at(0x201001, 1);
	(void)data;
	start();
	expect_map(&map, STATUS_PLAN_MAP_UNALIGNED);
	map = region_at(0x300000, 1);
	map.page_bits = LARGE_PAGE_BITS;
	expect_map(&map, STATUS_PLAN_MAP_UNALIGNED);
	map.page_bits = PAGE_BITS;
	expect_map(&map, STATUS_OK);
}

static void run_map_range(const void *data)
{
	static const struct { uint64_t vaddr, pages; } wrong[] = {
		{ 0x200000, 0 }, { 0, 1 }, { 0x7ffffffff000, 1 }, { 0x200000, 0x7ffffffffull }, { 0x200000, UINT64_MAX },
		{ 0x200000, 1ull << 52 }, { 0xfffffffffffff000, 1 }, { 0xfffffffffffff000, 2 },
	};
	struct plan_map map;
	(void)data;
	start();
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		map = region_at(wrong[i].vaddr, wrong[i].pages);
		expect_map(&map, STATUS_PLAN_MAP_RANGE);
	}
	map = region_at(0x1000, 1);
	expect_map(&map, STATUS_OK);
}

static void run_map_rights(const void *data)
{
	static const uint8_t wrong[] = { 0, ELF_W, ELF_X, ELF_W | ELF_X, 8 | ELF_R };
	struct plan_map map = region_at(0x200000, 1);
	(void)data;
	start();
	for (size_t i = 0; i < sizeof wrong; i++) {
		map.rights = wrong[i];
		expect_map(&map, STATUS_PLAN_MAP_RIGHTS);
	}
	map.rights = ELF_R;
	expect_map(&map, STATUS_OK);
}

static void run_patch_outside(const void *data)
{
	struct elf_spec spec;
	struct plan_map map = region_at(SPEC_BASE + 0x6000, 1);
	uint64_t data_end = SPEC_BASE + 0x6000;
	(void)data;
	start();
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	expect_image(&spec, false, STATUS_OK, 0);
	expect_map(&map, STATUS_OK);
	expect_patch(SPEC_BASE, 8, STATUS_PLAN_PATCH_OUTSIDE);                       /* read-only */
	expect_patch(SPEC_BASE + SPEC_TEXT_OFFSET, 1, STATUS_PLAN_PATCH_OUTSIDE);    /* text */
	expect_patch(SPEC_BASE + 0x1fff, 2, STATUS_PLAN_PATCH_OUTSIDE);              /* begins in text */
	expect_patch(data_end - 4, 8, STATUS_PLAN_PATCH_OUTSIDE);                    /* ends in a region */
	expect_patch(data_end, 4, STATUS_PLAN_PATCH_OUTSIDE);                        /* a region is not the image's own */
	expect_patch(0, 1, STATUS_PLAN_PATCH_OUTSIDE);
	expect_patch(STACK_TOP - 1, 2, STATUS_PLAN_PATCH_OUTSIDE);                   /* into the guard */
	expect_patch(UINT64_MAX, 2, STATUS_PLAN_PATCH_OUTSIDE);
	expect_patch(UINT64_MAX - 3, UINT32_MAX, STATUS_PLAN_PATCH_OUTSIDE);
	expect_patch(data_end - 8, 8, STATUS_OK);
	expect_patch(SPEC_BASE + 0x2000, 0x4000, STATUS_OK);                         /* all of the data, over three runs */
	expect_patch(0, 0, STATUS_OK);
}

static void run_too_many_patches(const void *data)
{
	(void)data;
	start();
	for (uint32_t i = 0; i < PLAN_PATCHES_MAX; i++)
		expect_patch(IPC_BUFFER + i * 8, 8, STATUS_OK);
	expect_patch(IPC_BUFFER, 8, STATUS_PLAN_TOO_MANY_PATCHES);
	expect_patch(IPC_BUFFER, 0, STATUS_OK);
}

/* A segment that begins in the last page of the data brings a patch of its own. */
static void run_image_too_many_patches(const void *data)
{
	const struct elf_segment last = { .type = ELF_LOAD, .flags = ELF_R | ELF_W, .vaddr = SPEC_BASE + 0x5300, .offset = 0x300,
		.file_bytes = 16, .memory_bytes = 16 };
	struct elf_spec spec;
	(void)data;
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	elf_spec_add(&spec, &last);
	start();
	for (uint32_t i = 0; i < PLAN_PATCHES_MAX - 1; i++)
		expect_patch(IPC_BUFFER + i * 8, 8, STATUS_OK);
	expect_image(&spec, false, STATUS_OK, 0);
	assert_int_equal(plan.patch_count, PLAN_PATCHES_MAX);
	start();
	for (uint32_t i = 0; i < PLAN_PATCHES_MAX; i++)
		expect_patch(IPC_BUFFER + i * 8, 8, STATUS_OK);
	expect_image(&spec, false, STATUS_PLAN_TOO_MANY_PATCHES, WHERE_NO_INDEX);
}

/* ---- what start-up code would do ---- */

/* The default program with eight bytes of thread-local storage. */
static void open_tls(uint16_t machine, struct program *program)
{
	struct elf_spec spec;
	elf_spec_default(&spec, machine);
	spec.segment[SPEC_NOTE] = (struct elf_segment) { .type = ELF_TLS, .memory_bytes = 8, .align = 8 };
	open_spec(&spec, program);
}

static void expect_startup(const struct elf *elf, enum status wanted)
{
	const struct reloc none = { 0 };
	struct where where = { 0 };
	assert_status(plan_add_startup(&plan, elf, &none, &where), wanted);
}

/* Everything between the program and the stack is taken, but for so many pages below the stack. */
static void fill_addresses(const struct elf *elf, uint64_t left_pages)
{
	struct where where;
	uint64_t end = SPEC_BASE + 0x6000, top;
	memset(&plan, 0, sizeof plan);
	plan_start(plan_machine_of(elf->machine), STACK_PAGES, &plan);
	top = plan.stack_bottom - left_pages * PAGE_BYTES;
	assert_status(plan_add_image(&plan, elf, false, &where), STATUS_OK);
	const struct plan_map below = region_at(ELF_FLOOR, (SPEC_BASE - ELF_FLOOR) / PAGE_BYTES);
	const struct plan_map above = region_at(end, (top - end) / PAGE_BYTES);
	assert_status(plan_add_map(&plan, &below, &where), STATUS_OK);
	assert_status(plan_add_map(&plan, &above, &where), STATUS_OK);
}

static void run_no_room(const void *data)
{
	static const uint16_t machines[] = { ELF_MACHINE_386, ELF_MACHINE_X86_64, ELF_MACHINE_AARCH64, ELF_MACHINE_RISCV };
	(void)data;
	for (size_t m = 0; m < 4; m++) {
		struct program program;
		open_tls(machines[m], &program);
		fill_addresses(&program.elf, 2); /* for the two guards alone */
		expect_startup(&program.elf, STATUS_PLAN_NO_ROOM);
		fill_addresses(&program.elf, 3);
		expect_startup(&program.elf, STATUS_OK);
		free(program.bytes);
	}
}

/* The read-only part cuts the data in two, the block is one run more and its patches cut none. */
static void run_startup_too_many_runs(const void *data)
{
	struct program program;
	struct where where;
	(void)data;
	open_tls(ELF_MACHINE_X86_64, &program);
	program.elf.segment[SPEC_RELRO].memory_bytes = 0x100;
	for (uint32_t leave = 0; leave < 4; leave++) {
		start();
		assert_status(plan_add_image(&plan, &program.elf, false, &where), STATUS_OK);
		fill_runs(leave);
		expect_startup(&program.elf, leave < 2 ? STATUS_PLAN_TOO_MANY_RUNS : STATUS_OK);
	}
	free(program.bytes);
}

/* A relocated word in the middle of the zero pages cuts them in three. */
static void run_relocations_too_many_runs(const void *data)
{
	static const uint8_t table[24] = { 0x10, 0x00, 0x50 }; /* RELA: one word at 0x500010, to be 0 */
	const struct elf_segment bss = { .type = ELF_LOAD, .flags = ELF_R | ELF_W, .vaddr = 0x4ff000, .memory_bytes = 0x3000 };
	const struct reloc reloc = { .bytes = table, .word_bytes = 8, .entry_bytes = 24, .type = 8, .table = { .count = 1 } };
	struct elf_spec spec;
	struct program program;
	struct where where;
	(void)data;
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	elf_spec_add(&spec, &bss);
	spec.segment[SPEC_RELRO].memory_bytes = 0;
	open_spec(&spec, &program);
	for (uint32_t leave = 0; leave < 4; leave++) {
		start();
		assert_status(plan_add_image(&plan, &program.elf, false, &where), STATUS_OK);
		fill_runs(leave);
		assert_status(plan_add_startup(&plan, &program.elf, &reloc, &where), leave < 2 ? STATUS_PLAN_TOO_MANY_RUNS : STATUS_OK);
	}
	assert_int_equal(plan_run_at(&plan, 0x500010)->source, PLAN_BYTES);
	assert_int_equal(plan_run_at(&plan, 0x501000)->source, PLAN_ZERO);
	free(program.bytes);
}

static void run_startup_too_many_patches(const void *data)
{
	struct program program;
	struct where where;
	(void)data;
	open_tls(ELF_MACHINE_X86_64, &program);
	for (uint32_t leave = 0; leave < 2; leave++) {
		start();
		assert_status(plan_add_image(&plan, &program.elf, false, &where), STATUS_OK);
		for (uint32_t i = 0; i < PLAN_PATCHES_MAX - leave; i++)
			expect_patch(IPC_BUFFER + i * 8, 8, STATUS_OK);
		expect_startup(&program.elf, leave == 0 ? STATUS_PLAN_TOO_MANY_PATCHES : STATUS_OK);
	}
	free(program.bytes);
}

static const struct reject_case cases[] = {
	{ STATUS_PLAN_MACHINE, "PLAN_MACHINE", run_machine, NULL },
	{ STATUS_PLAN_OUTSIDE_USER_SPACE, "PLAN_OUTSIDE_USER_SPACE", run_outside, NULL },
	{ STATUS_PLAN_OVERLAP, "PLAN_OVERLAP image", run_overlap_image, NULL },
	{ STATUS_PLAN_OVERLAP, "PLAN_OVERLAP region", run_overlap_region, NULL },
	{ STATUS_PLAN_TOO_MANY_RUNS, "PLAN_TOO_MANY_RUNS", run_too_many_runs, NULL },
	{ STATUS_PLAN_TOO_MANY_RUNS, "PLAN_TOO_MANY_RUNS patch", run_patch_too_many_runs, NULL },
	{ STATUS_PLAN_MAP_PAGE_SIZE, "PLAN_MAP_PAGE_SIZE", run_map_page_size, NULL },
	{ STATUS_PLAN_MAP_UNALIGNED, "PLAN_MAP_UNALIGNED", run_map_unaligned, NULL },
	{ STATUS_PLAN_MAP_RANGE, "PLAN_MAP_RANGE", run_map_range, NULL },
	{ STATUS_PLAN_MAP_RIGHTS, "PLAN_MAP_RIGHTS", run_map_rights, NULL },
	{ STATUS_PLAN_PATCH_OUTSIDE, "PLAN_PATCH_OUTSIDE", run_patch_outside, NULL },
	{ STATUS_PLAN_TOO_MANY_PATCHES, "PLAN_TOO_MANY_PATCHES", run_too_many_patches, NULL },
	{ STATUS_PLAN_TOO_MANY_PATCHES, "PLAN_TOO_MANY_PATCHES image", run_image_too_many_patches, NULL },
	{ STATUS_PLAN_NO_ROOM, "PLAN_NO_ROOM", run_no_room, NULL },
	{ STATUS_PLAN_TOO_MANY_RUNS, "PLAN_TOO_MANY_RUNS startup", run_startup_too_many_runs, NULL },
	{ STATUS_PLAN_TOO_MANY_RUNS, "PLAN_TOO_MANY_RUNS relocations", run_relocations_too_many_runs, NULL },
	{ STATUS_PLAN_TOO_MANY_PATCHES, "PLAN_TOO_MANY_PATCHES startup", run_startup_too_many_patches, NULL },
};
const struct reject_case *const reject_plan_cases = cases;
const size_t reject_plan_count = sizeof cases / sizeof cases[0];
