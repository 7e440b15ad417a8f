/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program's pages show: its own bytes and zeros, never a byte that only stands beside them. Every byte of a file says by its
 * value whose it is: bytes that no segment of a program has are canaries (0x80 and above), those of program number n lie in a range of
 * their own. Then every page that a loader would map is looked at, byte by byte, whether made from the file or from an archive, copied
 * or in place. (systems/relocate has a booted program look at its own memory.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "lib/archive/pack.h"
#include "lib/load/load.h"
#include "test/support/elf_random.h"
#include "test/support/reloc_spec.h"

#define CANARY   0x80u
#define PROGRAMS 3u
#define RANGE    0x20u /* values of one program's bytes: 1 + n * RANGE to (n + 1) * RANGE - 1 */

struct file {
	uint8_t *bytes;
	uint64_t size_bytes;
	uint16_t machine;
};

static struct plan plan;

static bool is_own(const struct elf *elf, uint64_t offset)
{
	for (uint32_t i = 0; i < elf->segment_count; i++) {
		const struct elf_segment *segment = &elf->segment[i];
		if (elf_segment_is_loaded(segment) && offset >= segment->offset && offset - segment->offset < segment->file_bytes)
			return true;
	}
	return false;
}

/* ELF header and program headers: the program's own if a segment holds them, but their values are what they must be. */
static bool is_header(const struct elf *elf, uint64_t offset)
{
	uint64_t table_end = elf->phoff + (uint64_t)elf->segment_count * elf->phentsize;
	return offset < 64 || (offset >= elf->phoff && offset < table_end);
}

/* Plants the bytes; keep says which others, beside headers, are to stay. */
static void plant(struct random *random, const struct elf *elf, uint8_t *bytes, uint32_t number, uint64_t keep, uint64_t keep_end)
{
	for (uint64_t i = 0; i < elf->size_bytes; i++) {
		if (is_header(elf, i) || (i >= keep && i < keep_end))
			continue;
		if (is_own(elf, i))
			bytes[i] = (uint8_t)(1 + number * RANGE + random_below(random, RANGE - 1));
		else
			bytes[i] = (uint8_t)(CANARY + random_below(random, 0x80));
	}
}

static void make_file(struct random *random, uint16_t machine, uint32_t number, struct file *file)
{
	struct elf_spec spec;
	struct elf elf;
	struct where where;
	elf_random_program(random, machine, &spec);
	spec.size_bytes += random_below(random, 2) * random_below(random, 3 * PAGE_BYTES);
	*file = (struct file) { elf_spec_build(&spec), spec.size_bytes, machine };
	assert_int_equal(elf_read(file->bytes, file->size_bytes, &elf, &where), STATUS_OK);
	plant(random, &elf, file->bytes, number, 0, 0);
}

/* Is this address one of the bytes of the headers in memory? */
static bool is_header_in_memory(const struct elf *elf, uint64_t vaddr)
{
	for (uint32_t i = 0; i < elf->segment_count; i++) {
		const struct elf_segment *segment = &elf->segment[i];
		if (elf_segment_is_loaded(segment) && vaddr >= segment->vaddr && vaddr - segment->vaddr < segment->file_bytes)
			return is_header(elf, segment->offset + (vaddr - segment->vaddr));
	}
	return false;
}

static void check_page(const struct elf *elf, uint64_t vaddr, const uint8_t page[PAGE_BYTES], uint32_t number)
{
	for (uint64_t i = 0; i < PAGE_BYTES; i++) {
		bool own = page[i] == 0 || (page[i] > number * RANGE && page[i] < (number + 1) * RANGE);
		if (!own && !is_header_in_memory(elf, vaddr + i))
			fail_msg("program %u shows 0x%x at 0x%llx", number, page[i], (unsigned long long)(vaddr + i));
	}
}

/* Every page of the plan, as a loader maps it. */
static uint64_t check_pages(const struct elf *elf, const uint8_t *payload, uint32_t number)
{
	struct plan_cursor cursor = { 0 };
	uint64_t pages = 0;
	for (uint32_t i = 0; i < plan.run_count; i++)
		for (uint64_t p = 0; p < plan.run[i].pages; p++, pages++) {
			const struct plan_run *run = &plan.run[i];
			uint8_t page[PAGE_BYTES] = { 0 };
			if (run->source == PLAN_SHARED)
				memcpy(page, payload + run->offset + p * PAGE_BYTES, PAGE_BYTES);
			else if (plan_is_filled(&plan, &cursor, i, p))
				plan_fill(&plan, &cursor, i, p, 1, payload, page);
			check_page(elf, run->vaddr + p * PAGE_BYTES, page, number);
		}
	return pages;
}

static void check_program(const uint8_t *bytes, uint64_t size_bytes, uint16_t machine, bool share, uint32_t number)
{
	struct load load;
	struct elf_policy policy;
	struct where where;
	load_policy(machine, 0, &policy);
	assert_string_equal(status_name(load_accept(bytes, size_bytes, &policy, LOAD_BASE_DEFAULT, &load, &where)), "OK");
	plan_start(plan_machine_of(machine), 2, &plan);
	assert_int_equal(plan_add_image(&plan, &load.elf, share, &where), STATUS_OK);
	assert_int_equal(load_add_startup(&load, &plan, &where), STATUS_OK);
	plan_finish(&plan, 0, 0);
	assert_true(check_pages(&load.elf, bytes, number) > 3);
}

static uint8_t *pack(const struct file *file, uint64_t *payload_bytes)
{
	struct elf elf;
	struct pack_layout layout;
	struct where where;
	assert_int_equal(elf_read(file->bytes, file->size_bytes, &elf, &where), STATUS_OK);
	assert_int_equal(pack_layout(&elf, 0, &layout, &where), STATUS_OK);
	uint8_t *payload = malloc(layout.size_bytes);
	memset(payload, 0xc5, layout.size_bytes);
	pack_payload(&elf, &layout, NULL, payload);
	*payload_bytes = layout.size_bytes;
	return payload;
}

static void files_and_archives(void **state)
{
	struct random random = random_start("files_and_archives", 0xca7a);
	static const char *const names[PROGRAMS] = { "a", "b", "c" };
	(void)state;
	for (uint32_t round = 0; round < 60; round++) {
		struct pack_program packed[PROGRAMS] = { 0 };
		struct file file[PROGRAMS];
		uint8_t *payload[PROGRAMS];
		uint16_t machine = elf_random_machine(&random);
		for (uint32_t i = 0; i < PROGRAMS; i++) {
			make_file(&random, machine, i, &file[i]);
			check_program(file[i].bytes, file[i].size_bytes, machine, false, i);
			check_program(file[i].bytes, file[i].size_bytes, machine, true, i);
			payload[i] = pack(&file[i], &packed[i].payload_bytes);
			packed[i].id = i + 1;
			packed[i].name = names[i];
			packed[i].payload = payload[i];
		}
		uint64_t archive_bytes = pack_archive_bytes(packed, PROGRAMS);
		uint8_t *bytes = malloc(archive_bytes);
		struct archive archive;
		struct where where;
		pack_archive(packed, PROGRAMS, bytes);
		assert_int_equal(archive_open(bytes, archive_bytes, &archive, &where), STATUS_OK);
		for (uint32_t i = 0; i < PROGRAMS; i++) {
			struct archive_entry entry;
			archive_entry_get(&archive, i, &entry);
			check_program(bytes + entry.offset, entry.size_bytes, machine, true, i);
			check_program(bytes + entry.offset, entry.size_bytes, machine, false, i);
			free(payload[i]);
			free(file[i].bytes);
		}
		free(bytes);
	}
}

/* The same for relocated words, thread-local storage and pages that become read-only: at base 0x10000000 and with the addends here, a
 * relocated word's bytes are in the program's range too. */
static void relocated_programs(void **state)
{
	static const uint16_t machines[] = { ELF_MACHINE_386, ELF_MACHINE_X86_64, ELF_MACHINE_AARCH64, ELF_MACHINE_RISCV };
	struct random random = random_start("relocated_programs", 0x5eed);
	(void)state;
	for (size_t m = 0; m < 4; m++) {
		struct reloc_spec spec;
		struct load load;
		struct elf_policy policy;
		struct where where;
		struct elf_segment extra[2] = {
			{ .type = ELF_TLS, .flags = ELF_R, .offset = RELOC_DATA_OFFSET, .vaddr = RELOC_DATA, .file_bytes = 0x80,
			  .memory_bytes = 0x123, .align = 16 },
			{ .type = ELF_GNU_RELRO, .flags = ELF_R, .offset = RELOC_DATA_OFFSET, .vaddr = RELOC_DATA, .file_bytes = 0x1000,
			  .memory_bytes = 0x1000 },
		};
		reloc_spec_default(&spec, machines[m]);
		elf_spec_add(&spec.elf, &extra[0]);
		elf_spec_add(&spec.elf, &extra[1]);
		for (uint32_t i = 0; i < RELOC_ENTRIES && spec.word_bytes == 8; i++)
			elf_spec_poke(&spec.elf, reloc_spec_field(&spec, i, 2), 8, 0x0101010101);
		uint8_t *bytes = elf_spec_build(&spec.elf);
		struct elf elf;
		assert_int_equal(elf_read(bytes, spec.elf.size_bytes, &elf, &where), STATUS_OK);
		plant(&random, &elf, bytes, 0, RELOC_DYNAMIC, RELOC_TABLES_END);
		memset(bytes + RELOC_DYNAMIC + 0x100, 1, RELOC_TABLE - RELOC_DYNAMIC - 0x100); /* what is kept must not show by itself */
		load_policy(machines[m], 0, &policy);
		assert_int_equal(load_accept(bytes, spec.elf.size_bytes, &policy, 0x10000000, &load, &where), STATUS_OK);
		plan_start(plan_machine_of(machines[m]), 2, &plan);
		assert_int_equal(plan_add_image(&plan, &load.elf, false, &where), STATUS_OK);
		assert_int_equal(load_add_startup(&load, &plan, &where), STATUS_OK);
		for (uint32_t i = 0; i < plan.run_count; i++) /* the tables' page has values of their own */
			for (uint64_t p = 0; p < plan.run[i].pages; p++) {
				uint64_t vaddr = plan.run[i].vaddr + p * PAGE_BYTES;
				struct plan_cursor cursor = { 0 };
				uint8_t page[PAGE_BYTES] = { 0 };
				if (plan_is_filled(&plan, &cursor, i, p))
					plan_fill(&plan, &cursor, i, p, 1, bytes, page);
				for (uint64_t b = 0; b < PAGE_BYTES; b++) {
					bool kept = vaddr + b >= load.elf.base + RELOC_DYNAMIC && vaddr + b < load.elf.base + RELOC_TABLES_END;
					bool self = plan.thread_pointer != 0 && vaddr + b >= plan.thread_pointer && vaddr + b < plan.thread_pointer + 8;
					if (page[b] >= CANARY && !kept && !self && !is_header_in_memory(&load.elf, vaddr + b))
						fail_msg("0x%x at 0x%llx", page[b], (unsigned long long)(vaddr + b));
				}
			}
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_and_archives),
		cmocka_unit_test(relocated_programs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
