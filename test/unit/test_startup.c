/* SPDX-License-Identifier: BSD-2-Clause */
/* plan_add_startup: thread-local storage as each machine's ABI lays it out, and RELRO. Relocations by themselves are in
 * test_reloc.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/bytes.h"
#include "lib/load/load.h"
#include "test/support/random.h"
#include "test/support/reloc_spec.h"

#define BASE 0x200000ull
static const uint16_t machines[] = { ELF_MACHINE_386, ELF_MACHINE_X86_64, ELF_MACHINE_AARCH64, ELF_MACHINE_RISCV };
static struct plan plan;
static struct load load;

static uint64_t word_at(const uint8_t *at, uint8_t word_bytes)
{
	return word_bytes == 8 ? bytes_get64(at) : bytes_get32(at);
}

static uint8_t *plan_of(const struct elf_spec *spec)
{
	struct elf_policy policy;
	struct where where;
	uint8_t *bytes = elf_spec_build(spec);
	load_policy((uint16_t)spec->header[ELF_E_MACHINE], 0, &policy);
	assert_string_equal(status_name(load_accept(bytes, spec->size_bytes, &policy, LOAD_BASE_DEFAULT, &load, &where)), "OK");
	plan_start(plan_machine_of(load.elf.machine), 4, &plan);
	assert_int_equal(plan_add_image(&plan, &load.elf, false, &where), STATUS_OK);
	assert_string_equal(status_name(load_add_startup(&load, &plan, &where)), "OK");
	plan_finish(&plan, 0, 0);
	return bytes;
}

/* Memory from vaddr on as plan_fill makes it; vaddr + bytes in runs of the image's own. */
static void read_memory(const uint8_t *file, uint64_t vaddr, uint64_t bytes, uint8_t *to)
{
	for (uint64_t i = 0; i < bytes; i++) {
		static uint8_t page[PAGE_BYTES];
		static uint64_t filled;
		uint64_t at = round_down(vaddr + i, PAGE_BYTES);
		if (i == 0 || at != filled) {
			const struct plan_run *run = plan_run_at(&plan, at);
			struct plan_cursor cursor = { 0 };
			assert_non_null(run);
			memset(page, 0, sizeof page);
			if (plan_is_filled(&plan, &cursor, (uint32_t)(run - plan.run), (at - run->vaddr) / PAGE_BYTES))
				plan_fill(&plan, &cursor, (uint32_t)(run - plan.run), (at - run->vaddr) / PAGE_BYTES, 1, file, page);
			filled = at;
		}
		to[i] = page[(vaddr + i) % PAGE_BYTES];
	}
}

/* ---- thread-local storage ---- */

/* Where the linker of each machine counts on the block to begin, from the thread pointer (the TLS chapters of the ELF
 * supplements; `vaddr` matters only if it is not aligned). */
static int64_t block_offset(uint16_t machine, uint64_t vaddr, uint64_t size, uint64_t align)
{
	align = align ? align : 1;
	if (machine == ELF_MACHINE_AARCH64)
		return (int64_t)(16 + ((vaddr % align + align - 16 % align) % align));
	if (machine == ELF_MACHINE_RISCV)
		return (int64_t)(vaddr % align);
	uint64_t below = size;
	while ((vaddr + below) % align != 0)
		below++;
	return -(int64_t)below;
}

static void set_tls(struct reloc_spec *spec, uint64_t vaddr, uint64_t file_bytes, uint64_t memory_bytes, uint64_t align)
{
	const struct elf_segment tls = { .type = ELF_TLS, .flags = ELF_R, .offset = vaddr - RELOC_DATA + RELOC_DATA_OFFSET,
		.vaddr = vaddr, .file_bytes = file_bytes, .memory_bytes = memory_bytes, .align = align };
	elf_spec_add(&spec->elf, &tls);
}

static void check_block(const struct reloc_spec *spec, const uint8_t *bytes, const struct elf_segment *tls)
{
	uint16_t machine = load.elf.machine;
	uint64_t block = plan.thread_pointer + (uint64_t)block_offset(machine, tls->vaddr, tls->memory_bytes, tls->align);
	static uint8_t memory[0x10000], image[0x10000];
	assert_true(plan.thread_pointer != 0 && plan.thread_pointer % (tls->align > 16 ? tls->align : 16) == 0);
	read_memory(bytes, block, tls->memory_bytes, memory);
	read_memory(bytes, tls->vaddr, tls->file_bytes, image);
	assert_memory_equal(memory, image, tls->file_bytes); /* relocated like the image itself */
	assert_int_equal(bytes_count_zero(memory + tls->file_bytes, tls->memory_bytes - tls->file_bytes),
	                 tls->memory_bytes - tls->file_bytes);
	const struct plan_run *run = plan_run_at(&plan, block);
	assert_int_equal(run->rights, ELF_R | ELF_W);
	if (machine == ELF_MACHINE_386 || machine == ELF_MACHINE_X86_64) {
		read_memory(bytes, plan.thread_pointer, 64, memory);
		assert_int_equal(word_at(memory, spec->word_bytes), plan.thread_pointer);
		assert_int_equal(bytes_count_zero(memory + spec->word_bytes, 64u - spec->word_bytes), 64u - spec->word_bytes);
	} else {
		read_memory(bytes, plan.thread_pointer - (machine == ELF_MACHINE_RISCV ? 16 : 0), 16, memory);
		assert_int_equal(bytes_count_zero(memory, 16), 16);
	}
}

/* A page that nothing is mapped at, below the block's first run and above its last; and one below the stack. */
static void check_guards(uint64_t block)
{
	uint64_t low = round_down(block, PAGE_BYTES), high = low;
	while (plan_run_at(&plan, low - 1))
		low -= PAGE_BYTES;
	while (plan_run_at(&plan, high))
		high += PAGE_BYTES;
	assert_null(plan_run_at(&plan, low - PAGE_BYTES));
	assert_true(high + PAGE_BYTES <= plan.stack_bottom);
	assert_null(plan_run_at(&plan, plan.stack_bottom - PAGE_BYTES));
}

static void blocks(void **state)
{
	static const struct { uint64_t vaddr, file_bytes, memory_bytes, align; } shapes[] = {
		{ RELOC_DATA, 16, 24, 8 }, { RELOC_DATA, 0, 1, 1 }, { RELOC_DATA + 0x40, 0x200, 0x200, 64 }, { RELOC_DATA, 8, 8, 0 },
		{ RELOC_DATA, 0x1000, 0x3000, 4096 }, { RELOC_DATA + 8, 13, 1000, 16 }, { RELOC_DATA + 0x28, 0x1e0, 0x1e8, 32 },
		{ RELOC_DATA, RELOC_DATA_FILE, 0xf000, 128 }, { RELOC_DATA + 3, 5, 6, 1 }, { RELOC_DATA, 4096 - 64, 4096 - 64, 16 },
	};
	(void)state;
	for (size_t m = 0; m < 4; m++)
		for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
			struct reloc_spec spec;
			reloc_spec_default(&spec, machines[m]);
			set_tls(&spec, shapes[s].vaddr, shapes[s].file_bytes, shapes[s].memory_bytes, shapes[s].align);
			uint8_t *bytes = plan_of(&spec.elf);
			check_block(&spec, bytes, elf_segment_find(&load.elf, ELF_TLS));
			check_guards(plan.thread_pointer);
			free(bytes);
		}
}

static void a_program_without_has_no_thread_pointer(void **state)
{
	struct elf_spec spec;
	const struct elf_segment empty = { .type = ELF_TLS, .align = 8 };
	(void)state;
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	free(plan_of(&spec));
	assert_int_equal(plan.thread_pointer, 0);
	elf_spec_add(&spec, &empty);
	free(plan_of(&spec));
	assert_int_equal(plan.thread_pointer, 0);
}

/* A region right below the stack, as Microkit allows: the block goes below that, with a guard between. */
static void block_goes_below_regions(void **state)
{
	struct reloc_spec spec;
	struct elf_policy policy;
	struct where where;
	(void)state;
	reloc_spec_default(&spec, ELF_MACHINE_X86_64);
	set_tls(&spec, RELOC_DATA, 16, 32, 16);
	uint8_t *bytes = elf_spec_build(&spec.elf);
	load_policy(ELF_MACHINE_X86_64, 0, &policy);
	assert_int_equal(load_accept(bytes, spec.elf.size_bytes, &policy, BASE, &load, &where), STATUS_OK);
	plan_start(&plan_machine_x86_64, 4, &plan);
	assert_int_equal(plan_add_image(&plan, &load.elf, false, &where), STATUS_OK);
	const struct plan_map map = { .vaddr = plan.stack_bottom - 0x3000, .pages = 3, .page_bits = PAGE_BITS, .rights = ELF_R };
	const struct plan_map lower = { .vaddr = plan.stack_bottom - 0x7000, .pages = 2, .page_bits = PAGE_BITS, .rights = ELF_R };
	assert_int_equal(plan_add_map(&plan, &map, &where), STATUS_OK);
	assert_int_equal(plan_add_map(&plan, &lower, &where), STATUS_OK); /* two free pages between: too few */
	assert_int_equal(load_add_startup(&load, &plan, &where), STATUS_OK);
	assert_int_equal(round_down(plan.thread_pointer, PAGE_BYTES), plan.stack_bottom - 0x9000);
	free(bytes);
}

/* ---- RELRO ---- */

static void check_rights(uint64_t vaddr, uint64_t pages, uint8_t rights)
{
	for (uint64_t i = 0; i < pages; i++) {
		const struct plan_run *run = plan_run_at(&plan, vaddr + i * PAGE_BYTES);
		assert_non_null(run);
		assert_int_equal(run->rights, rights);
		assert_true(run->source == PLAN_BYTES || run->source == PLAN_ZERO);
	}
}

/* Four pages of data, of which the first so many bytes become read-only: only whole pages do. */
static void relro_ends(void **state)
{
	static const struct { uint64_t bytes, pages; } ends[] = {
		{ 0, 0 }, { 8, 0 }, { 0xfff, 0 }, { 0x1000, 1 }, { 0x1001, 1 }, { 0x2000, 2 }, { 0x3fff, 3 }, { 0x4000, 4 },
	};
	(void)state;
	for (size_t m = 0; m < 4; m++)
		for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
			struct reloc_spec spec;
			const struct elf_segment relro = { .type = ELF_GNU_RELRO, .flags = ELF_R, .vaddr = RELOC_DATA,
				.offset = RELOC_DATA_OFFSET, .file_bytes = ends[i].bytes < RELOC_DATA_FILE ? ends[i].bytes : RELOC_DATA_FILE,
				.memory_bytes = ends[i].bytes };
			reloc_spec_default(&spec, machines[m]);
			elf_spec_add(&spec.elf, &relro);
			uint8_t page[PAGE_BYTES], *bytes = plan_of(&spec.elf);
			uint64_t data = RELOC_DATA + load.elf.base;
			check_rights(data, ends[i].pages, ELF_R);
			check_rights(data + ends[i].pages * PAGE_BYTES, 4 - ends[i].pages, ELF_R | ELF_W);
			read_memory(bytes, data, PAGE_BYTES, page); /* relocated all the same */
			assert_int_equal(word_at(page + 0x100 + 50 * spec.word_bytes, spec.word_bytes),
			                 (word_at(bytes + RELOC_DATA_OFFSET + 0x100 + 50 * spec.word_bytes, spec.word_bytes) + load.elf.base)
			                     & (spec.word_bytes == 8 ? UINT64_MAX : UINT32_MAX));
			free(bytes);
		}
}

/* The segment ends where its read-only part does, inside a page: that page is read-only too, unless another segment has bytes
 * in it; and a page that a segment before has bytes in stays writable. */
static void relro_page_ends(void **state)
{
	struct elf_spec spec;
	(void)state;
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	spec.segment[SPEC_DATA].vaddr = SPEC_BASE + 0x2000;
	spec.segment[SPEC_DATA].offset = 0x2000;
	spec.segment[SPEC_DATA].file_bytes = spec.segment[SPEC_DATA].memory_bytes = 0x1080;
	spec.size_bytes = 0x5000;
	spec.segment[SPEC_RELRO] = spec.segment[SPEC_DATA];
	spec.segment[SPEC_RELRO].type = ELF_GNU_RELRO;
	free(plan_of(&spec));
	check_rights(SPEC_BASE + 0x2000, 2, ELF_R);
	const struct elf_segment next = { .type = ELF_LOAD, .flags = ELF_R | ELF_W, .vaddr = SPEC_BASE + 0x3100, .offset = 0x3100,
		.file_bytes = 8, .memory_bytes = 8, .align = 0x1000 };
	elf_spec_add(&spec, &next);
	free(plan_of(&spec));
	check_rights(SPEC_BASE + 0x2000, 1, ELF_R);
	check_rights(SPEC_BASE + 0x3000, 1, ELF_R | ELF_W);
	spec.segment[SPEC_RELRO] = next;
	spec.segment[SPEC_RELRO].type = ELF_GNU_RELRO;
	spec.segment[SPEC_RELRO].memory_bytes = 0x0f00;
	free(plan_of(&spec));
	check_rights(SPEC_BASE + 0x2000, 2, ELF_R | ELF_W);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks),
		cmocka_unit_test(a_program_without_has_no_thread_pointer),
		cmocka_unit_test(block_goes_below_regions),
		cmocka_unit_test(relro_ends),
		cmocka_unit_test(relro_page_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
