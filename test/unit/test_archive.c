/* SPDX-License-Identifier: BSD-2-Clause */
/* lib/archive: packing and finding, and that a packed program is the same program: on random ones, the memory that its
 * payload describes is the memory that the file describes, and every byte that is not the program's own is zero. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/archive/archive.h"
#include "lib/archive/layout.h"
#include "lib/archive/pack.h"
#include "lib/plan/plan.h"
#include "lib/start/start.h"
#include "test/support/archive_spec.h"
#include "test/support/elf_random.h"
#include "test/support/image.h"

static void open_archive(const struct archive_spec *spec, struct archive *archive)
{
	struct where where;
	assert_int_equal(archive_open(spec->bytes, spec->size_bytes, archive, &where), STATUS_OK);
}

static void test_find(void **state)
{
	struct archive_spec spec;
	struct archive archive;
	struct archive_entry entry, again;
	struct where where;
	(void)state;
	archive_spec_build(3, &spec);
	open_archive(&spec, &archive);
	assert_int_equal(archive.entry_count, 3);
	assert_int_equal(archive.size_bytes, spec.size_bytes);
	assert_int_equal(archive_find_name(&archive, "program-2", &entry), STATUS_OK);
	assert_int_equal(entry.id, 2);
	assert_int_equal(entry.version, 1);
	assert_int_equal(entry.flags, 0);
	assert_string_equal(entry.name, "program-2");
	assert_int_equal(entry.offset % PAGE_BYTES, 0);
	assert_int_equal(archive_check_payload(&archive, &entry, &where), STATUS_OK);
	memset(&again, 0xaa, sizeof again);
	assert_int_equal(archive_find_id(&archive, 2, &again), STATUS_OK);
	assert_string_equal(again.name, entry.name);
	assert_int_equal(again.offset, entry.offset);
	free(spec.bytes);
}

static void test_sizes(void **state)
{
	struct archive_spec spec;
	struct archive archive;
	struct archive_entry entry;
	struct where where;
	(void)state;
	archive_spec_build(0, &spec);
	assert_int_equal(spec.size_bytes, PAGE_BYTES);
	open_archive(&spec, &archive);
	assert_int_equal(archive.entry_count, 0);
	assert_int_equal(archive_find_id(&archive, 1, &entry), STATUS_ARCHIVE_NO_SUCH_PROGRAM);
	free(spec.bytes);
	archive_spec_build(ARCHIVE_ENTRIES_MAX, &spec);
	open_archive(&spec, &archive);
	assert_int_equal(archive_find_name(&archive, "program-256", &entry), STATUS_OK);
	assert_int_equal(entry.offset + entry.size_bytes, spec.size_bytes);
	free(spec.bytes);
	/* A region is usually larger than the archive in it. */
	archive_spec_build(1, &spec);
	uint8_t *region = calloc(1, spec.size_bytes + 100);
	assert_non_null(region);
	memcpy(region, spec.bytes, spec.size_bytes);
	assert_int_equal(archive_open(region, spec.size_bytes + 100, &archive, &where), STATUS_OK);
	assert_int_equal(archive.size_bytes, spec.size_bytes);
	free(region);
	free(spec.bytes);
}

static void test_deterministic(void **state)
{
	struct archive_spec a, b;
	(void)state;
	archive_spec_build(2, &a);
	archive_spec_build(2, &b);
	assert_int_equal(a.size_bytes, b.size_bytes);
	assert_memory_equal(a.bytes, b.bytes, a.size_bytes);
	free(a.bytes);
	free(b.bytes);
}

static void test_symbols(void **state)
{
	struct archive_spec spec;
	struct archive archive;
	struct archive_entry entry;
	struct elf elf;
	struct where where;
	struct archive_symbol symbol;
	(void)state;
	archive_spec_build(1, &spec);
	open_archive(&spec, &archive);
	archive_entry_get(&archive, 0, &entry);
	assert_int_equal(elf_read(spec.bytes + entry.offset, entry.size_bytes, &elf, &where), STATUS_OK);
	assert_int_equal(archive_symbol_find(&elf, "alpha", &symbol), STATUS_OK);
	assert_int_equal(symbol.vaddr, SPEC_DATA_VADDR + 0x10);
	assert_int_equal(symbol.size_bytes, 8);
	assert_int_equal(archive_symbol_find(&elf, "beta", &symbol), STATUS_OK);
	assert_int_equal(symbol.size_bytes, 64);
	assert_int_equal(archive_symbol_find(&elf, "gamma", &symbol), STATUS_OK);
	assert_int_equal(symbol.vaddr, SPEC_DATA_VADDR + SPEC_DATA_MEMORY - 1);
	free(spec.bytes);
}

/* Names sort as strcmp sorts and are found wherever they are, the longest included. */
static void test_many_symbols(void **state)
{
	enum { COUNT = 300 };
	static char names[COUNT][ARCHIVE_NAME_BYTES];
	static struct pack_symbol symbols[COUNT];
	struct elf_spec spec;
	struct elf elf;
	struct where where;
	struct pack_layout layout;
	(void)state;
	for (uint32_t i = 0; i < COUNT; i++) {
		snprintf(names[i], sizeof names[i], "symbol_%03u%.*s", i, (int)(i % 54), "......................................................");
		symbols[i] = (struct pack_symbol) { names[i], SPEC_DATA_VADDR + i, 1 };
	}
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	uint8_t *bytes = elf_spec_build(&spec);
	assert_int_equal(elf_read(bytes, spec.size_bytes, &elf, &where), STATUS_OK);
	assert_int_equal(pack_layout(&elf, COUNT, &layout, &where), STATUS_OK);
	uint8_t *payload = malloc(layout.size_bytes);
	assert_non_null(payload);
	pack_payload(&elf, &layout, symbols, payload);
	assert_int_equal(elf_read(payload, layout.size_bytes, &elf, &where), STATUS_OK);
	for (uint32_t i = 0; i < COUNT; i++) {
		struct archive_symbol symbol;
		assert_int_equal(archive_symbol_find(&elf, names[i], &symbol), STATUS_OK);
		assert_int_equal(symbol.vaddr, SPEC_DATA_VADDR + i);
	}
	free(payload);
	free(bytes);
}

/* 64 segments leave no program header for the symbols when headers go before them; without symbols they fit. */
static void test_no_header_for_symbols(void **state)
{
	struct elf_spec spec;
	struct elf elf;
	struct where where;
	struct pack_layout layout;
	(void)state;
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	spec.segment[0] = spec.segment[SPEC_TEXT];
	spec.segment_count = 1;
	spec.poke_count = 0;
	spec.header[ELF_E_PHNUM] = 1;
	while (spec.segment_count < ELF_SEGMENTS_MAX) {
		const struct elf_segment load = { .type = ELF_LOAD, .flags = ELF_R | ELF_W, .memory_bytes = 8,
			.vaddr = SPEC_BASE + 0x2000 * (spec.segment_count + 1) };
		elf_spec_add(&spec, &load);
	}
	uint8_t *bytes = elf_spec_build(&spec);
	assert_int_equal(elf_read(bytes, spec.size_bytes, &elf, &where), STATUS_OK);
	assert_int_equal(pack_layout(&elf, 0, &layout, &where), STATUS_OK);
	assert_int_equal(layout.header_count, ELF_SEGMENTS_MAX);
	assert_int_equal(pack_layout(&elf, 1, &layout, &where), STATUS_ELF_TOO_MANY_SEGMENTS);
	assert_int_equal(where.value, ELF_SEGMENTS_MAX + 1);
	free(bytes);
}

/* ---- a packed program is the same program ---- */

static struct plan plan; /* too large for a stack */

static void compare_memory(const struct elf *program, const struct elf *payload, uint16_t machine)
{
	struct image file, carried;
	struct where where;
	plan_start(machine == ELF_MACHINE_386 ? &plan_machine_i386 : &plan_machine_x86_64, 2, &plan);
	assert_int_equal(plan_add_image(&plan, payload, true, &where), STATUS_OK);
	for (uint32_t i = 0; i < plan.run_count; i++) /* packed read-only pages can be shared, but for one that is patched */
		assert_true(plan.run[i].source != PLAN_BYTES || (plan.run[i].rights & ELF_W) || plan.run[i].file_bytes == 0);
	image_of_file(program, &file);
	image_of_plan(&plan, payload->bytes, &carried);
	image_assert_same(&file, &carried, &plan);
	image_free(&file);
	image_free(&carried);
}

/* Every byte of the payload is in its headers, in a segment, in the symbols, or zero. */
static void check_slack(const struct elf *payload)
{
	uint8_t *owned = calloc(1, payload->size_bytes);
	assert_non_null(owned);
	memset(owned, 1, 64);
	memset(owned + payload->phoff, 1, payload->segment_count * payload->phentsize);
	for (uint32_t i = 0; i < payload->segment_count; i++)
		if (payload->segment[i].type == ELF_LOAD || payload->segment[i].type == ELF_GRAFT_SYMBOLS)
			memset(owned + payload->segment[i].offset, 1, payload->segment[i].file_bytes);
	for (uint64_t i = 0; i < payload->size_bytes; i++)
		assert_true(owned[i] || payload->bytes[i] == 0);
	free(owned);
}

/* Headers rewritten in place are in the program's memory: the only bytes of it that packing may change. */
static void take_headers(const struct elf *program, const struct elf *payload, bool in_place, struct elf *changed, uint8_t **copy)
{
	*changed = *program;
	*copy = malloc(program->size_bytes);
	assert_non_null(*copy);
	memcpy(*copy, program->bytes, program->size_bytes);
	changed->bytes = *copy;
	if (!in_place)
		return;
	memcpy(*copy, payload->bytes, 64);
	memcpy(*copy + program->phoff, payload->bytes + program->phoff, program->segment_count * program->phentsize);
}

static void check_start(const struct elf *program, const struct elf *payload, bool in_place)
{
	struct start_auxv before, after;
	start_auxv_of(program, &before);
	start_auxv_of(payload, &after);
	assert_int_equal(before.entry, after.entry);
	assert_int_equal(after.phdr, in_place ? before.phdr : 0);
}

static void check_random_payload(struct random *random, uint16_t machine, uint32_t symbol_count)
{
	static const struct pack_symbol symbols[] = { { "a", 1, 1 }, { "b", 2, 2 }, { "c", 3, 3 } };
	struct elf_spec spec;
	struct elf_policy policy;
	struct elf program, payload, changed;
	struct where where;
	struct pack_layout layout;
	uint8_t *copy;
	elf_random_program(random, machine, &spec);
	uint8_t *bytes = elf_spec_build(&spec);
	elf_policy_strict(machine, &policy);
	assert_int_equal(elf_read(bytes, spec.size_bytes, &program, &where), STATUS_OK);
	assert_int_equal(elf_check(&program, &policy, &where), STATUS_OK);
	assert_int_equal(pack_layout(&program, symbol_count, &layout, &where), STATUS_OK);
	uint8_t *packed = malloc(layout.size_bytes);
	assert_non_null(packed);
	pack_payload(&program, &layout, symbols, packed);
	assert_int_equal(elf_read(packed, layout.size_bytes, &payload, &where), STATUS_OK);
	assert_string_equal(status_name(elf_check(&payload, &policy, &where)), "OK");
	assert_int_equal(elf_segment_find(&payload, ELF_GRAFT_SYMBOLS) != NULL, symbol_count != 0);
	check_slack(&payload);
	check_start(&program, &payload, layout.headers_in_place);
	take_headers(&program, &payload, layout.headers_in_place, &changed, &copy);
	compare_memory(&changed, &payload, machine);
	free(copy);
	free(packed);
	free(bytes);
}

static void test_random_payloads(void **state)
{
	struct random random = random_start("random_payloads", 0xa2c4);
	(void)state;
	for (uint32_t round = 0; round < 3000; round++)
		check_random_payload(&random, round % 2 ? ELF_MACHINE_X86_64 : ELF_MACHINE_386, round % 4);
}

/* A segment with much zero memory, and in its last page another: the zeros do not go into the payload. */
static void test_zeros_stay_out(void **state)
{
	struct elf_spec spec;
	struct elf elf, payload, changed;
	struct where where;
	struct pack_layout layout;
	uint8_t *copy;
	(void)state;
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	spec.segment[SPEC_DATA].memory_bytes = 0x1000000;
	const struct elf_segment last = { .type = ELF_LOAD, .flags = ELF_R | ELF_W, .offset = SPEC_TEXT_OFFSET + 0xf20,
		.vaddr = SPEC_DATA_VADDR + 0x1000020, .file_bytes = 0x20, .memory_bytes = 0x20, .align = PAGE_BYTES };
	spec.segment[SPEC_DATA].file_bytes = 0x20;
	spec.segment[SPEC_RELRO].type = ELF_NULL;
	elf_spec_add(&spec, &last);
	uint8_t *bytes = elf_spec_build(&spec);
	assert_int_equal(elf_read(bytes, spec.size_bytes, &elf, &where), STATUS_OK);
	assert_int_equal(pack_layout(&elf, 0, &layout, &where), STATUS_OK);
	assert_int_equal(layout.size_bytes, 4 * PAGE_BYTES);
	uint8_t *packed = malloc(layout.size_bytes);
	assert_non_null(packed);
	pack_payload(&elf, &layout, NULL, packed);
	assert_int_equal(elf_read(packed, layout.size_bytes, &payload, &where), STATUS_OK);
	take_headers(&elf, &payload, layout.headers_in_place, &changed, &copy);
	compare_memory(&changed, &payload, ELF_MACHINE_X86_64);
	free(copy);
	free(packed);
	free(bytes);
}

/* The program's own headers stay where its start-up code looks for them, beside the symbols. */
static void test_headers_in_place(void **state)
{
	struct elf_spec spec;
	struct elf elf, payload;
	struct where where;
	struct pack_layout layout;
	struct start_auxv auxv;
	const struct pack_symbol symbol = { "a", SPEC_DATA_VADDR, 1 };
	(void)state;
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	uint8_t *bytes = elf_spec_build(&spec);
	assert_int_equal(elf_read(bytes, spec.size_bytes, &elf, &where), STATUS_OK);
	assert_int_equal(pack_layout(&elf, 1, &layout, &where), STATUS_OK);
	assert_true(layout.headers_in_place);
	assert_int_equal(layout.symbols_header, SPEC_NOTE);
	uint8_t *packed = malloc(layout.size_bytes);
	assert_non_null(packed);
	pack_payload(&elf, &layout, &symbol, packed);
	assert_int_equal(elf_read(packed, layout.size_bytes, &payload, &where), STATUS_OK);
	start_auxv_of(&payload, &auxv);
	assert_int_equal(auxv.phdr, SPEC_BASE + 64);
	assert_int_equal(auxv.phnum, SPEC_SEGMENT_COUNT);
	assert_int_equal(payload.segment[SPEC_PHDR].type, ELF_PHDR);
	assert_int_equal(payload.segment[SPEC_RELRO].vaddr, SPEC_DATA_VADDR);
	assert_int_equal(payload.segment[SPEC_RELRO].offset, payload.segment[SPEC_DATA].offset);
	free(packed);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_deterministic),
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_many_symbols),
		cmocka_unit_test(test_no_header_for_symbols),
		cmocka_unit_test(test_headers_in_place),
		cmocka_unit_test(test_zeros_stay_out),
		cmocka_unit_test(test_random_payloads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
