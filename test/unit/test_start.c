/* SPDX-License-Identifier: BSD-2-Clause */
/* The start frame, read the way a program's start-up code reads it: from the stack pointer upwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/bytes.h"
#include "lib/start/start.h"
#include "test/support/elf_spec.h"

static uint8_t buffer[START_BYTES_MAX];

/* A reader on the new stack. */
struct reader {
	uint64_t stack_top, at;
	uint8_t  word_bytes;
};

static const uint8_t *byte_at(const struct reader *reader, uint64_t vaddr)
{
	assert_in_range(vaddr, reader->stack_top - sizeof buffer, reader->stack_top - 1);
	return buffer + sizeof buffer - (reader->stack_top - vaddr);
}

static uint64_t next_word(struct reader *reader)
{
	const uint8_t *at = byte_at(reader, reader->at);
	reader->at += reader->word_bytes;
	return reader->word_bytes == 8 ? bytes_get64(at) : bytes_get32(at);
}

static void expect_text(struct reader *reader, const char *text)
{
	assert_string_equal((const char *)byte_at(reader, next_word(reader)), text);
}

static void expect_pair(struct reader *reader, uint64_t type, uint64_t value)
{
	assert_int_equal(next_word(reader), type);
	assert_int_equal(next_word(reader), value);
}

static struct reader lay(const struct start_arguments *arguments, const struct start_auxv *auxv, uint8_t word_bytes, uint64_t top)
{
	uint32_t bytes = 0;
	memset(buffer, 0xee, sizeof buffer);
	assert_int_equal(start_frame(arguments, auxv, word_bytes, top, buffer, sizeof buffer, &bytes), STATUS_OK);
	assert_int_equal(bytes % 16, 0);
	assert_true(bytes > 0 && bytes <= sizeof buffer);
	if (bytes < sizeof buffer)
		assert_int_equal(buffer[sizeof buffer - bytes - 1], 0xee); /* nothing below the frame is touched */
	return (struct reader) { top, top - bytes, word_bytes };
}

static void check_frame(uint8_t word_bytes, uint64_t top)
{
	const struct start_arguments arguments = { .argc = 2, .envc = 1, .strings = "greeter\0-v\0HOME=/", .strings_bytes = 18,
		.random = "0123456789abcde" };
	const struct start_auxv auxv = { .entry = 0x401234, .phdr = 0x400040, .phent = 56, .phnum = 7, .page_bytes = 4096 };
	struct reader reader = lay(&arguments, &auxv, word_bytes, top);
	assert_int_equal(next_word(&reader), 2);
	expect_text(&reader, "greeter");
	expect_text(&reader, "-v");
	assert_int_equal(next_word(&reader), 0);
	expect_text(&reader, "HOME=/");
	assert_int_equal(next_word(&reader), 0);
	expect_pair(&reader, 3, 0x400040);
	expect_pair(&reader, 4, 56);
	expect_pair(&reader, 5, 7);
	expect_pair(&reader, 6, 4096);
	expect_pair(&reader, 9, 0x401234);
	expect_pair(&reader, 7, 0);
	expect_pair(&reader, 8, 0);
	expect_pair(&reader, 16, 0);
	expect_pair(&reader, 23, 0);
	assert_int_equal(next_word(&reader), 25);
	uint64_t random = next_word(&reader);
	assert_true(random + 16 <= top);
	assert_memory_equal(byte_at(&reader, random), arguments.random, 16);
	expect_pair(&reader, 0, 0);
	assert_true(reader.at <= top - 18 - 16);
}

static void test_64(void **state)
{
	(void)state;
	check_frame(8, 0x7fffffffd000);
}

static void test_32(void **state)
{
	(void)state;
	check_frame(4, 0xdfffe000);
}

static void test_empty(void **state)
{
	const struct start_arguments arguments = { .argc = 0 };
	const struct start_auxv auxv = { .entry = 1, .page_bytes = 4096 };
	(void)state;
	struct reader reader = lay(&arguments, &auxv, 8, 0x7fffffffd000);
	assert_int_equal(next_word(&reader), 0);
	assert_int_equal(next_word(&reader), 0);
	assert_int_equal(next_word(&reader), 0);
	assert_int_equal(next_word(&reader), 6); /* without program headers in memory, auxv begins with the page size */
}

/* All lengths of one argument: the frame stays aligned and the string whole. */
static void test_every_length(void **state)
{
	char text[40];
	const struct start_auxv auxv = { .entry = 1, .page_bytes = 4096 };
	(void)state;
	for (uint32_t length = 0; length < sizeof text; length++) {
		memset(text, 'y', sizeof text);
		text[length] = 0;
		const struct start_arguments arguments = { .argc = 1, .strings = text, .strings_bytes = length + 1 };
		struct reader reader = lay(&arguments, &auxv, length % 2 ? 4 : 8, 0xdfffe000);
		assert_int_equal(next_word(&reader), 1);
		expect_text(&reader, text);
	}
}

static void test_auxv_of(void **state)
{
	struct elf_spec spec;
	struct elf elf;
	struct where where;
	struct start_auxv auxv;
	(void)state;
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	uint8_t *bytes = elf_spec_build(&spec);
	assert_int_equal(elf_read(bytes, spec.size_bytes, &elf, &where), STATUS_OK);
	start_auxv_of(&elf, &auxv);
	assert_int_equal(auxv.entry, SPEC_ENTRY);
	assert_int_equal(auxv.phdr, SPEC_BASE + 64);
	assert_int_equal(auxv.phent, 56);
	assert_int_equal(auxv.phnum, SPEC_SEGMENT_COUNT);
	assert_int_equal(auxv.page_bytes, 4096);
	elf.segment[SPEC_HEADERS].file_bytes = 64 + SPEC_SEGMENT_COUNT * 56 - 1; /* the last byte of the table is not loaded */
	start_auxv_of(&elf, &auxv);
	assert_int_equal(auxv.phdr, 0);
	free(bytes);
}

/* SHA-256 of purpose, seed and count, 64 bits each, little-endian: python3 -c 'import hashlib, struct;
 * print(hashlib.sha256(struct.pack("<QQQ", 1, 0x5eed, 3)).hexdigest())' */
static void test_random(void **state)
{
	static const uint8_t wanted[16] = { 0x1c, 0x40, 0x50, 0x44, 0x10, 0x80, 0x5b, 0x87, 0x3a, 0xc6, 0xcc, 0xd0, 0xb9, 0x7f, 0x39, 0xfb };
	uint8_t random[16], other[16];
	(void)state;
	start_random(0x5eed, 3, random);
	assert_memory_equal(random, wanted, 16);
	assert_int_equal(start_random_base(0x5eed, 3), 0xff547f6442cae6beull);
	start_random(0x5eed, 4, other);
	assert_memory_not_equal(random, other, 16);
	start_random(0x5eee, 3, other);
	assert_memory_not_equal(random, other, 16);
	start_random(0, 3, other);
	assert_int_equal(bytes_count_zero(other, 16), 16);
	assert_int_equal(start_random_base(0, 3), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_64),
		cmocka_unit_test(test_32),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_auxv_of),
		cmocka_unit_test(test_random),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
