/* SPDX-License-Identifier: BSD-2-Clause */
/* What processes are linked with, held against the host's C library: strings, numbers out of text, formatted text; and the heap, at
 * random, with every block's bytes looked after, down to the last byte there is. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test/support/random.h"

#define memchr  crt_memchr
#define strnlen crt_strnlen
#define strcmp  crt_strcmp
#define strncmp crt_strncmp
#define strcpy  crt_strcpy
#define strncpy crt_strncpy
#define strcat  crt_strcat
#define strchr  crt_strchr
#define strrchr crt_strrchr
#define strstr  crt_strstr
#define malloc  crt_malloc
#define calloc  crt_calloc
#define realloc crt_realloc
#define free    crt_free
#define abs     crt_abs
#define atoi    crt_atoi
#define strtol  crt_strtol
#define strtoul crt_strtoul
#include "user/crt/include/string.h"
#include "user/crt/include/stdlib.h"
#include "user/crt/string.c"
#include "user/crt/number.c"
#include "user/crt/heap.c"
#undef memchr
#undef strnlen
#undef strcmp
#undef strncmp
#undef strcpy
#undef strncpy
#undef strcat
#undef strchr
#undef strrchr
#undef strstr
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef abs
#undef atoi
#undef strtol
#undef strtoul

#define ROUNDS 20000

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

/* A string of few different letters, so that parts of it are found in others; bytes above 127 among them. */
static void draw_text(struct random *random, char *text, size_t most)
{
	static const char letters[] = { 'a', 'b', (char)0xe4 };
	size_t length = random_below(random, most);

	for (size_t i = 0; i < length; i++)
		text[i] = letters[random_below(random, 3)];
	text[length] = '\0';
}

static void strings(void **state)
{
	struct random random = random_start("strings", 1);

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		char a[24], b[8], to[64], expected[64];
		size_t n = random_below(&random, 24);
		int c = "ab\344z"[random_below(&random, 5)];

		draw_text(&random, a, sizeof a);
		draw_text(&random, b, 4);
		assert_int_equal(sign(crt_strcmp(a, b)), sign(strcmp(a, b)));
		assert_int_equal(sign(crt_strncmp(a, b, n)), sign(strncmp(a, b, n)));
		assert_int_equal(crt_strnlen(a, n), strnlen(a, n));
		assert_ptr_equal(crt_strchr(a, c), strchr(a, c));
		assert_ptr_equal(crt_strrchr(a, c), strrchr(a, c));
		assert_ptr_equal(crt_strstr(a, b), strstr(a, b));
		assert_ptr_equal(crt_memchr(a, c, strlen(a)), memchr(a, c, strlen(a)));
		memset(to, 'x', sizeof to);
		memset(expected, 'x', sizeof expected);
		assert_ptr_equal(crt_strncpy(to, a, n), to);
		memset(expected, 0, n);
		memcpy(expected, a, strnlen(a, n));
		assert_memory_equal(to, expected, sizeof to);
		assert_ptr_equal(crt_strcat(crt_strcpy(to, a), b), to);
		snprintf(expected, sizeof expected, "%s%s", a, b);
		assert_string_equal(to, expected);
	}
}

static void numbers(void **state)
{
	static const char *const texts[] = {
		"", "0", "-0", "+7", " \t12x", "0x", "0x1F", "0xg", "-0x10", "077", "08", "z", "9223372036854775807", "9223372036854775808",
		"-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", "-18446744073709551615",
		"99999999999999999999999", "-99999999999999999999999", "--1", "+-1", "1e5", "zz", "-", "+",
	};
	static const int bases[] = { 0, 2, 8, 10, 16, 36 };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		for (size_t b = 0; b < sizeof bases / sizeof bases[0]; b++) {
			char *end, *expected_end;

			assert_true(crt_strtol(texts[i], &end, bases[b]) == strtol(texts[i], &expected_end, bases[b]));
			assert_ptr_equal(end, expected_end);
			assert_true(crt_strtoul(texts[i], &end, bases[b]) == strtoul(texts[i], &expected_end, bases[b]));
			assert_ptr_equal(end, expected_end);
		}
	}
	assert_int_equal(crt_strtol("12", NULL, 1), 0);
	assert_int_equal(crt_strtol("12", NULL, 37), 0);
	assert_int_equal(crt_atoi("-42 "), -42);
	assert_int_equal(crt_abs(-3), 3);
	assert_int_equal(crt_abs(3), 3);
}

/* ---- the heap ---- */

#define BLOCKS 64

struct held {
	unsigned char *bytes;
	size_t count;
	unsigned char value;
};

static void check_held(const struct held *held)
{
	for (size_t i = 0; i < held->count; i++)
		assert_int_equal(held->bytes[i], held->value);
}

static void fill(struct held *held, size_t count, unsigned char value)
{
	held->count = count;
	held->value = value;
	memset(held->bytes, value, count);
}

static void change(struct random *random, struct held *held)
{
	size_t count = random_below(random, 3000);
	unsigned char *moved;

	check_held(held);
	if (random_below(random, 3) == 0 || !held->bytes) {
		moved = held->bytes ? crt_realloc(held->bytes, count) : crt_malloc(count);
		if (!moved)
			return; /* as it was */
		if (held->bytes) {
			held->count = held->count < count ? held->count : count;
			held->bytes = moved;
			check_held(held);
		}
		held->bytes = moved;
		fill(held, count, (unsigned char)random_below(random, 256));
	} else {
		crt_free(held->bytes);
		*held = (struct held){ 0 };
	}
	if (held->bytes)
		assert_int_equal((uintptr_t)held->bytes % 16, 0);
}

static void heap_at_random(void **state)
{
	static struct held held[BLOCKS];
	struct random random = random_start("heap", 7);
	void *all;

	(void)state;
	for (int i = 0; i < ROUNDS; i++)
		change(&random, &held[random_below(&random, BLOCKS)]);
	for (int i = 0; i < BLOCKS; i++) {
		check_held(&held[i]);
		crt_free(held[i].bytes);
	}
	all = crt_malloc(HEAP_BYTES - sizeof(struct block));
	assert_non_null(all); /* nothing has leaked */
	assert_null(crt_malloc(0));
	assert_null(sbrk(1));
	crt_free(all);
}

static void heap_limits(void **state)
{
	unsigned char *zeros;

	(void)state;
	assert_null(crt_malloc(HEAP_BYTES));
	assert_null(crt_malloc(SIZE_MAX));
	assert_null(crt_malloc(SIZE_MAX - 20));
	assert_null(crt_calloc(SIZE_MAX / 4, 5));
	assert_null(crt_calloc((size_t)1 << 33, (size_t)1 << 33));
	crt_free(NULL);
	zeros = crt_malloc(100);
	memset(zeros, 0xff, 100);
	crt_free(zeros);
	zeros = crt_calloc(10, 10);
	for (int i = 0; i < 100; i++)
		assert_int_equal(zeros[i], 0);
	assert_null(crt_realloc(zeros, HEAP_BYTES));
	assert_int_equal(zeros[99], 0);
	crt_free(zeros);
}

/* The break can be taken back as well, but not below the start or beyond the end. */
static void heap_break(void **state)
{
	char *start = sbrk(0);

	(void)state;
	assert_null(sbrk((long)HEAP_BYTES + 1));
	assert_null(sbrk(-(start - crt_heap) - 1));
	assert_null(sbrk(LONG_MIN));
	assert_ptr_equal(sbrk(-(start - crt_heap)), start);
	assert_ptr_equal(sbrk(HEAP_BYTES), crt_heap);
	assert_null(sbrk(1));
	assert_ptr_equal(sbrk(-(long)HEAP_BYTES), crt_heap + HEAP_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings), cmocka_unit_test(numbers), cmocka_unit_test(heap_at_random), cmocka_unit_test(heap_limits),
		cmocka_unit_test(heap_break),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
