/* SPDX-License-Identifier: BSD-2-Clause */
/* lib/reloc, elf_place, and what plan_add_startup makes of them, on four machines: programs carried out and compared with what a
 * second, plain statement of the formats says. What must be refused is in test/reject/reject_reloc.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/bytes.h"
#include "lib/archive/pack.h"
#include "lib/load/load.h"
#include "test/support/image.h"
#include "test/support/random.h"
#include "test/support/reloc_spec.h"

#define BASE 0x7654000ull
static const uint16_t machines[] = { ELF_MACHINE_386, ELF_MACHINE_X86_64, ELF_MACHINE_AARCH64, ELF_MACHINE_RISCV };
static struct plan plan;
static struct load load;

static uint64_t word_at(const uint8_t *at, uint8_t word_bytes)
{
	return word_bytes == 8 ? bytes_get64(at) : bytes_get32(at);
}

static uint8_t *accept(const struct reloc_spec *spec, uint64_t base)
{
	struct elf_policy policy;
	struct where where;
	uint8_t *bytes = elf_spec_build(&spec->elf);
	load_policy((uint16_t)spec->elf.header[ELF_E_MACHINE], 0, &policy);
	assert_string_equal(status_name(load_accept(bytes, spec->elf.size_bytes, &policy, base, &load, &where)), "OK");
	return bytes;
}

static void make_plan(void)
{
	struct where where;
	plan_start(plan_machine_of(load.elf.machine), 4, &plan);
	assert_int_equal(plan_add_image(&plan, &load.elf, false, &where), STATUS_OK);
	assert_string_equal(status_name(load_add_startup(&load, &plan, &where)), "OK");
	plan_finish(&plan, 0, 0);
}

/* The page at vaddr as plan_fill makes it, pages asked for in ascending order or not. */
static void fill(const uint8_t *bytes, struct plan_cursor *cursor, uint64_t vaddr, uint8_t page[PAGE_BYTES])
{
	const struct plan_run *run = plan_run_at(&plan, vaddr);
	uint32_t number = (uint32_t)(run - plan.run);
	assert_non_null(run);
	memset(page, 0, PAGE_BYTES);
	if (plan_is_filled(&plan, cursor, number, (vaddr - run->vaddr) / PAGE_BYTES))
		plan_fill(&plan, cursor, number, (vaddr - run->vaddr) / PAGE_BYTES, 1, bytes, page);
}

/* ---- where it goes ---- */

static void bases(void **state)
{
	(void)state;
	for (size_t m = 0; m < 4; m++) {
		struct reloc_spec spec;
		struct elf elf;
		struct elf_policy policy;
		struct where where;
		reloc_spec_default(&spec, machines[m]);
		uint8_t *bytes = elf_spec_build(&spec.elf);
		elf_policy_strict(machines[m], &policy);
		assert_int_equal(elf_read(bytes, spec.elf.size_bytes, &elf, &where), STATUS_OK);
		assert_int_equal(elf_base_align(&elf), 0x1000);
		assert_int_equal(elf_base_default(&elf), 0x200000);
		elf.segment[SPEC_TEXT].align = 1 << 30;
		assert_int_equal(elf_base_align(&elf), 1 << 30);
		assert_int_equal(elf_base_default(&elf), 1 << 30);
		elf.segment[SPEC_TEXT].align = 0x300000; /* elf_check's to refuse */
		assert_int_equal(elf_base_align(&elf), 0x1000);
		elf.segment[SPEC_NOTE].vaddr = UINT64_MAX; /* a segment that wraps has no place at random; elf_check refuses it */
		assert_int_equal(elf_base_random(&elf, &policy, 77), 0x200000);
		elf.type = ELF_TYPE_EXEC;
		assert_int_equal(elf_base_default(&elf), 0);
		assert_int_equal(elf_base_random(&elf, &policy, 77), 0);
		free(bytes);
	}
}

/* Aligned, in range whatever the bits are, the same for the same bits, and most bits matter. */
static void random_bases(void **state)
{
	struct random random = random_start("random_bases", 0xba5e);
	(void)state;
	for (uint32_t i = 0; i < 4000; i++) {
		size_t m = random_below(&random, 4);
		struct reloc_spec spec;
		struct elf elf;
		struct elf_policy policy;
		struct where where;
		uint64_t align = 0x1000ull << random_below(&random, 19);
		reloc_spec_default(&spec, machines[m]);
		uint8_t *bytes = elf_spec_build(&spec.elf);
		elf_policy_strict(machines[m], &policy);
		assert_int_equal(elf_read(bytes, spec.elf.size_bytes, &elf, &where), STATUS_OK);
		elf.segment[SPEC_TEXT].align = align;
		elf.segment[SPEC_NOTE].memory_bytes = random_below(&random, 2) ? random_below(&random, 0x80000000)
		                                                                : 1ull << random_below(&random, 64);
		uint64_t bits = random_next(&random), base = elf_base_random(&elf, &policy, bits);
		uint64_t low = m == 0 ? 0x10000000 : 0x100000000, end = RELOC_DATA + elf.segment[SPEC_NOTE].memory_bytes;
		assert_int_equal(base % align, 0);
		assert_int_equal(base, elf_base_random(&elf, &policy, bits));
		if (base != elf_base_default(&elf))
			assert_true(base >= low && base + end <= policy.ceiling / 2 && base + end > base);
		else
			assert_true(end > policy.ceiling / 2 - low || low % align != 0 || align >= 0x10000000);
		free(bytes);
	}
	struct reloc_spec spec;
	struct elf elf;
	struct elf_policy policy;
	struct where where;
	uint64_t seen = 0;
	reloc_spec_default(&spec, ELF_MACHINE_X86_64);
	uint8_t *bytes = elf_spec_build(&spec.elf);
	elf_policy_strict(ELF_MACHINE_X86_64, &policy);
	assert_int_equal(elf_read(bytes, spec.elf.size_bytes, &elf, &where), STATUS_OK);
	for (uint32_t bit = 0; bit < 64; bit++)
		seen |= elf_base_random(&elf, &policy, 1ull << bit) - elf_base_random(&elf, &policy, 0);
	assert_true(seen >> 12 >= (1ull << 33) - 1);
	free(bytes);
}

/* ---- symbols ---- */

/* Values in the file are from 0 on; where to patch is where the program is. */
static void symbols_move_along(void **state)
{
	(void)state;
	for (size_t m = 0; m < 4; m++) {
		struct reloc_spec spec;
		struct elf elf;
		struct pack_layout layout;
		struct where where;
		struct elf_policy policy;
		struct archive_symbol found;
		const struct pack_symbol symbol = { "counter", RELOC_WORDS, 8 };
		reloc_spec_default(&spec, machines[m]);
		uint8_t *bytes = elf_spec_build(&spec.elf);
		assert_int_equal(elf_read(bytes, spec.elf.size_bytes, &elf, &where), STATUS_OK);
		assert_int_equal(pack_layout(&elf, 1, &layout, &where), STATUS_OK);
		uint8_t *payload = malloc(layout.size_bytes);
		pack_payload(&elf, &layout, &symbol, payload);
		load_policy(machines[m], 0, &policy);
		assert_string_equal(status_name(load_accept(payload, layout.size_bytes, &policy, BASE, &load, &where)), "OK");
		assert_int_equal(archive_symbol_find(&load.elf, "counter", &found), STATUS_OK);
		assert_int_equal(found.vaddr, BASE + RELOC_WORDS);
		free(payload);
		free(bytes);
	}
}

/* ---- what is written ---- */

/* The words that the default program has relocated, by their numbers from RELOC_WORDS on; the addend of those in the table. */
static bool is_relocated(uint8_t word_bytes, uint64_t number, uint64_t *addend)
{
	static const uint64_t entries[RELOC_ENTRIES] = { 0, 1, 2, 40 };
	*addend = UINT64_MAX;
	for (uint32_t i = 0; i < RELOC_ENTRIES; i++)
		if (number == entries[i]) {
			*addend = word_bytes == 8 ? 0x1000 + i : UINT64_MAX;
			return true;
		}
	return number == 50 || number == 51 || number == 53 || number == (word_bytes == 8 ? 175 : 111);
}

static void check_data(const struct reloc_spec *spec, const uint8_t *bytes, uint64_t vaddr, const uint8_t page[PAGE_BYTES])
{
	for (uint64_t at = 0; at < PAGE_BYTES; at += spec->word_bytes) {
		uint64_t offset = vaddr + at - BASE - RELOC_DATA, addend;
		uint64_t was = word_at(bytes + RELOC_DATA_OFFSET + offset, spec->word_bytes), is = word_at(page + at, spec->word_bytes);
		uint64_t number = (offset - (RELOC_WORDS - RELOC_DATA)) / spec->word_bytes;
		if (offset < RELOC_WORDS - RELOC_DATA || !is_relocated(spec->word_bytes, number, &addend))
			assert_int_equal(is, was);
		else
			assert_int_equal(is, (addend == UINT64_MAX ? was : addend) + (spec->word_bytes == 8 ? BASE : 0) +
			                 (spec->word_bytes == 4 ? (was + BASE) % (1ull << 32) - was : 0));
	}
}

static void words_are_relocated(void **state)
{
	(void)state;
	for (size_t m = 0; m < 4; m++) {
		struct reloc_spec spec;
		struct plan_cursor cursor = { 0 };
		uint8_t page[PAGE_BYTES];
		reloc_spec_default(&spec, machines[m]);
		uint8_t *bytes = accept(&spec, BASE);
		make_plan();
		assert_int_equal(plan.entry, BASE + SPEC_ENTRY - SPEC_BASE);
		assert_int_equal(plan.thread_pointer, 0);
		fill(bytes, &cursor, BASE + RELOC_DATA, page);
		check_data(&spec, bytes, BASE + RELOC_DATA, page);
		fill(bytes, &cursor, BASE + RELOC_DATA + PAGE_BYTES, page);
		check_data(&spec, bytes, BASE + RELOC_DATA + PAGE_BYTES, page);
		fill(bytes, &cursor, BASE + RELOC_DATA, page); /* back again */
		check_data(&spec, bytes, BASE + RELOC_DATA, page);
		assert_int_equal(plan_run_at(&plan, BASE + RELOC_ZEROS)->source, PLAN_ZERO);
		free(bytes);
	}
}

/* A word in the zero pages: just its page is filled. */
static void zero_pages_are_relocated(void **state)
{
	(void)state;
	for (size_t m = 0; m < 4; m++) {
		struct reloc_spec spec;
		struct plan_cursor cursor = { 0 };
		uint8_t page[PAGE_BYTES];
		reloc_spec_default(&spec, machines[m]);
		elf_spec_poke(&spec.elf, reloc_spec_packed(&spec, 0), spec.word_bytes, RELOC_ZEROS + PAGE_BYTES - spec.word_bytes);
		elf_spec_poke(&spec.elf, reloc_spec_dynamic(&spec, RELOC_SPEC_PACKED_SIZE, true), spec.word_bytes, spec.word_bytes);
		uint8_t *bytes = accept(&spec, BASE);
		make_plan();
		assert_int_equal(plan_run_at(&plan, BASE + RELOC_ZEROS)->source, PLAN_BYTES);
		assert_int_equal(plan_run_at(&plan, BASE + RELOC_ZEROS + PAGE_BYTES)->source, PLAN_ZERO);
		fill(bytes, &cursor, BASE + RELOC_ZEROS, page);
		assert_int_equal(word_at(page + PAGE_BYTES - spec.word_bytes, spec.word_bytes), BASE);
		assert_int_equal(bytes_count_zero(page, PAGE_BYTES), PAGE_BYTES - spec.word_bytes + 1);
		free(bytes);
	}
}

/* The program that relocates itself gets its pages as they are in the file. */
static void programs_that_relocate_themselves(void **state)
{
	struct reloc_spec spec;
	struct elf_policy policy;
	struct where where;
	struct plan_cursor cursor = { 0 };
	uint8_t page[PAGE_BYTES];
	(void)state;
	reloc_spec_default(&spec, ELF_MACHINE_X86_64);
	elf_spec_poke(&spec.elf, reloc_spec_field(&spec, 0, 1), 8, 37); /* IRELATIVE is its own affair */
	elf_spec_poke(&spec.elf, reloc_spec_dynamic(&spec, RELOC_SPEC_OTHER, false), 8, 23);
	uint8_t *bytes = elf_spec_build(&spec.elf);
	load_policy(ELF_MACHINE_X86_64, 1, &policy);
	assert_int_equal(policy.relocation, ELF_RELOCATE_PROGRAM);
	assert_int_equal(load_accept(bytes, spec.elf.size_bytes, &policy, BASE, &load, &where), STATUS_OK);
	make_plan();
	fill(bytes, &cursor, BASE + RELOC_DATA, page);
	assert_memory_equal(page, bytes + RELOC_DATA_OFFSET, PAGE_BYTES);
	spec.elf.segment[SPEC_RELRO].offset += 8;
	free(bytes);
	bytes = elf_spec_build(&spec.elf); /* but the section must lie where it says */
	assert_int_equal(load_accept(bytes, spec.elf.size_bytes, &policy, BASE, &load, &where), STATUS_ELF_DYNAMIC_OUTSIDE);
	free(bytes);
}

/* Random tables against a walk over single words; in steps of random length; pages in any order. */
static void random_tables(void **state)
{
	struct random random = random_start("random_tables", 0x4e10);
	static struct reloc_spec spec;
	(void)state;
	for (uint32_t round = 0; round < 300; round++) {
		uint16_t machine = machines[random_below(&random, 4)];
		reloc_spec_default(&spec, machine);
		uint8_t word = spec.word_bytes, *bytes = elf_spec_build(&spec.elf);
		uint32_t words = RELOC_DATA_FILE / word, packed = 0, count = 0;
		static uint8_t wanted[RELOC_DATA_FILE];
		uint64_t counted_from = 0;
		memcpy(wanted, bytes + RELOC_DATA_OFFSET, sizeof wanted);
		for (uint32_t i = 0; i < words; i++) {
			uint64_t place = RELOC_DATA + (uint64_t)i * word, was = word_at(wanted + i * word, word);
			bool in_table = random_below(&random, 40) == 0 && count < 16, is_packed = !in_table && random_below(&random, 3) == 0;
			uint8_t *entry = bytes + RELOC_TABLE + count * spec.entry_bytes;
			if (counted_from != 0 && place >= counted_from + (8u * word - 1) * word) {
				counted_from += (8u * word - 1) * word;
				packed++;
				memset(bytes + RELOC_PACKED + packed * word, 0, word);
				bytes[RELOC_PACKED + packed * word] = 1;
			}
			if (is_packed && packed * word < 0x1c0) {
				uint8_t *at = bytes + RELOC_PACKED + packed * word;
				if (counted_from == 0) {
					memset(at, 0, word);
					bytes_put32(at, (uint32_t)place);
					counted_from = place + word;
					packed++;
					memset(at + word, 0, word);
					at[word] = 1;
				} else {
					uint64_t bit = (place - counted_from) / word + 1;
					at[bit / 8] |= (uint8_t)(1u << bit % 8);
				}
				if (word == 8)
					bytes_put64(wanted + i * word, was + BASE);
				else
					bytes_put32(wanted + i * word, (uint32_t)(was + BASE));
			} else if (in_table) {
				memset(entry, 0, spec.entry_bytes);
				bytes_put32(entry, (uint32_t)place);
				bytes_put32(entry + word, spec.type);
				if (word == 8) {
					bytes_put64(entry + 16, was ^ 0x5a5a);
					bytes_put64(wanted + i * word, (was ^ 0x5a5a) + BASE);
				} else {
					bytes_put32(wanted + i * word, (uint32_t)(was + BASE));
				}
				count++;
			}
		}
		bytes_put32(bytes + reloc_spec_dynamic(&spec, RELOC_SPEC_SIZE, true), count * spec.entry_bytes);
		bytes_put32(bytes + reloc_spec_dynamic(&spec, RELOC_SPEC_PACKED_SIZE, true), counted_from ? (packed + 1) * word : 0);
		struct elf elf;
		struct elf_policy policy;
		struct where where;
		struct reloc reloc;
		struct reloc_progress progress = { 0 };
		struct reloc_cursor cursor = { 0 };
		bool finished = false;
		elf_policy_strict(machine, &policy);
		assert_int_equal(elf_read(bytes, spec.elf.size_bytes, &elf, &where), STATUS_OK);
		assert_int_equal(elf_place(&elf, BASE, &where), STATUS_OK);
		assert_string_equal(status_name(elf_check(&elf, &policy, &where)), "OK");
		assert_string_equal(status_name(reloc_open(&elf, &reloc, &where)), "OK");
		while (!finished) {
			uint64_t before = progress.work, entries = random_below(&random, 5);
			assert_string_equal(status_name(reloc_check(&reloc, &elf, &progress, entries, &finished, &where)), "OK");
			assert_true(progress.work - before <= entries + 63);
		}
		static uint8_t got[RELOC_DATA_FILE];
		memcpy(got, bytes + RELOC_DATA_OFFSET, sizeof got);
		for (uint64_t done = 0; done < sizeof got;) { /* in pieces of any length */
			uint64_t step = word * random_between(&random, 1, 100);
			if (step > sizeof got - done)
				step = sizeof got - done;
			reloc_apply(&reloc, &cursor, BASE + RELOC_DATA + done, step, got + done);
			done += step;
		}
		assert_memory_equal(got, wanted, sizeof got);
		free(bytes);
	}
}

/* ---- sorting ---- */

static void sorted_tables(void **state)
{
	struct random random = random_start("sorted_tables", 0x50f7);
	(void)state;
	for (uint32_t round = 0; round < 200; round++) {
		struct reloc_spec spec;
		struct elf elf;
		struct reloc reloc;
		struct where where;
		uint64_t sum = 0;
		reloc_spec_default(&spec, machines[random_below(&random, 4)]);
		uint32_t count = (uint32_t)random_below(&random, 21);
		for (uint32_t i = 0; i < RELOC_ENTRIES; i++)
			elf_spec_poke(&spec.elf, reloc_spec_field(&spec, i, 0), spec.word_bytes, random_below(&random, 1u << 30));
		elf_spec_poke(&spec.elf, reloc_spec_dynamic(&spec, RELOC_SPEC_SIZE, true), spec.word_bytes, count * spec.entry_bytes);
		uint8_t *bytes = elf_spec_build(&spec.elf);
		for (uint32_t i = 0; i < count * spec.entry_bytes; i++)
			sum += bytes[RELOC_TABLE + i];
		assert_int_equal(elf_read(bytes, spec.elf.size_bytes, &elf, &where), STATUS_OK);
		assert_int_equal(reloc_open(&elf, &reloc, &where), STATUS_OK);
		reloc_sort(&reloc, bytes);
		for (uint32_t i = 1; i < count; i++)
			assert_true(word_at(bytes + reloc_spec_field(&spec, i - 1, 0), spec.word_bytes) <=
			            word_at(bytes + reloc_spec_field(&spec, i, 0), spec.word_bytes));
		for (uint32_t i = 0; i < count * spec.entry_bytes; i++)
			sum -= bytes[RELOC_TABLE + i];
		assert_int_equal(sum, 0);
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bases),
		cmocka_unit_test(random_bases),
		cmocka_unit_test(symbols_move_along),
		cmocka_unit_test(words_are_relocated),
		cmocka_unit_test(zero_pages_are_relocated),
		cmocka_unit_test(programs_that_relocate_themselves),
		cmocka_unit_test(random_tables),
		cmocka_unit_test(sorted_tables),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
