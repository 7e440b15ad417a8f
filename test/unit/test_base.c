/* SPDX-License-Identifier: BSD-2-Clause */
/* lib/base: predicates, bytes, SHA-256 (FIPS 180-4 and NIST's published vectors), and the memory functions that take the C
 * library's place on the target, compiled here under other names and compared with the C library's. */
#define memcpy  target_memcpy
#define memmove target_memmove
#define memset  target_memset
#define memcmp  target_memcmp
#define strlen  target_strlen
#include "lib/base/memory.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef strlen

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/bytes.h"
#include "lib/base/divide.h"
#include "lib/base/sha256.h"
#include "test/support/random.h"

static void test_ranges(void **state)
{
	(void)state;
	assert_true(range_is_inside(0, 0, 0));
	assert_true(range_is_inside(10, 0, 10));
	assert_false(range_is_inside(11, 0, 10));
	assert_true(range_is_inside(3, 7, 10));
	assert_false(range_is_inside(3, 8, 10));
	assert_false(range_is_inside(UINT64_MAX, 2, 10));
	assert_false(range_is_inside(2, UINT64_MAX, 10));
	assert_true(range_is_inside(1, UINT64_MAX - 1, UINT64_MAX));
	assert_true(sum_is_exact(UINT64_MAX, 0));
	assert_false(sum_is_exact(UINT64_MAX, 1));
	assert_true(is_power_of_two(1) && is_power_of_two(1ull << 63));
	assert_false(is_power_of_two(0) || is_power_of_two(3) || is_power_of_two(UINT64_MAX));
	assert_int_equal(round_down(0x1fff, 0x1000), 0x1000);
	assert_int_equal(round_up(0x1001, 0x1000), 0x2000);
	assert_int_equal(round_up(0x1000, 0x1000), 0x1000);
	assert_true(is_multiple(0, 8) && is_multiple(24, 8) && !is_multiple(28, 8));
}

static void test_bytes(void **state)
{
	uint8_t bytes[9] = { 0xff, 1, 2, 3, 4, 5, 6, 7, 0x88 }, out[8];
	(void)state;
	assert_int_equal(bytes_get16(bytes + 1), 0x0201);
	assert_int_equal(bytes_get32(bytes + 1), 0x04030201);
	assert_true(bytes_get64(bytes + 1) == 0x8807060504030201);
	bytes_put64(out, 0x8807060504030201);
	assert_memory_equal(out, bytes + 1, 8);
	assert_int_equal(bytes_count_zero((const uint8_t *)"\0\0x", 3), 2);
	assert_int_equal(bytes_count_zero((const uint8_t *)"\0\0\0\0", 3), 3);
	assert_int_equal(bytes_text_length((const uint8_t *)"ab\0", 3), 2);
	assert_int_equal(bytes_text_length((const uint8_t *)"abcd", 3), 3);
}

static void test_count_zero(void **state)
{
	uint8_t bytes[100];

	(void)state;
	for (unsigned at = 0; at < 8; at++) {
		for (unsigned first = at; first <= sizeof bytes; first++) {
			memset(bytes, 0, sizeof bytes);
			if (first < sizeof bytes)
				bytes[first] = 0x80;
			assert_int_equal(bytes_count_zero(bytes + at, sizeof bytes - at), first - at);
		}
	}
	assert_int_equal(bytes_count_zero(bytes, 0), 0);
}

static void expect_digest(const uint8_t *bytes, uint64_t length, const char *hexadecimal)
{
	uint8_t digest[SHA256_DIGEST_BYTES];
	char text[2 * SHA256_DIGEST_BYTES + 1];
	sha256(bytes, length, digest);
	for (unsigned i = 0; i < SHA256_DIGEST_BYTES; i++) {
		text[2 * i] = "0123456789abcdef"[digest[i] >> 4];
		text[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
	}
	text[2 * SHA256_DIGEST_BYTES] = 0;
	assert_string_equal(text, hexadecimal);
}

static void expect_text_digest(const char *text, const char *hexadecimal)
{
	expect_digest((const uint8_t *)text, strlen(text), hexadecimal);
}

static void test_sha256_vectors(void **state)
{
	(void)state;
	expect_text_digest("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	expect_text_digest("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	expect_text_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	                   "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	expect_text_digest("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
	                   "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
	/* CAVS byte-oriented short messages, 8 and 512 bits. */
	expect_digest((const uint8_t *)"\xd3", 1, "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1");
	static uint8_t million[1000000];
	memset(million, 'a', sizeof million);
	expect_digest(million, sizeof million, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* However the message is cut, the digest is the same; every length around the padding's edges is tried. */
static void test_sha256_pieces(void **state)
{
	struct random random = random_start("sha256_pieces", 0x5a5a);
	uint8_t message[300], whole[SHA256_DIGEST_BYTES], pieces[SHA256_DIGEST_BYTES];
	(void)state;
	for (unsigned i = 0; i < sizeof message; i++)
		message[i] = (uint8_t)random_next(&random);
	for (uint64_t length = 0; length <= sizeof message; length++) {
		struct sha256 hash;
		sha256(message, length, whole);
		sha256_start(&hash);
		for (uint64_t done = 0; done < length;) {
			uint64_t piece = random_between(&random, 1, length - done);
			sha256_add(&hash, message + done, piece);
			done += piece;
		}
		sha256_finish(&hash, pieces);
		assert_memory_equal(pieces, whole, sizeof whole);
	}
}

#define MEMORY_BYTES 200u

static void test_copy_and_fill(void **state)
{
	struct random random = random_start("copy_and_fill", 1);
	uint8_t from[MEMORY_BYTES], to[MEMORY_BYTES], expected[MEMORY_BYTES];
	(void)state;
	for (unsigned round = 0; round < 5000; round++) {
		for (unsigned i = 0; i < MEMORY_BYTES; i++)
			from[i] = expected[i] = to[i] = (uint8_t)random_next(&random);
		size_t bytes = random_below(&random, MEMORY_BYTES), a = random_below(&random, MEMORY_BYTES - bytes + 1),
		       b = random_below(&random, MEMORY_BYTES - bytes + 1);
		assert_ptr_equal(target_memcpy(to + a, from + b, bytes), to + a);
		memcpy(expected + a, from + b, bytes);
		assert_memory_equal(to, expected, MEMORY_BYTES);
		assert_ptr_equal(target_memmove(to + b, to + a, bytes), to + b);
		memmove(expected + b, expected + a, bytes);
		assert_memory_equal(to, expected, MEMORY_BYTES);
		int value = (int)random_next(&random);
		assert_ptr_equal(target_memset(to + a, value, bytes), to + a);
		memset(expected + a, value, bytes);
		assert_memory_equal(to, expected, MEMORY_BYTES);
	}
}

static void test_compare_and_length(void **state)
{
	(void)state;
	assert_int_equal(target_memcmp("abc", "abd", 2), 0);
	assert_true(target_memcmp("abc", "abd", 3) < 0);
	assert_true(target_memcmp("\xff", "\x01", 1) > 0);
	assert_int_equal(target_memcmp("a", "b", 0), 0);
	assert_int_equal(target_strlen(""), 0);
	assert_int_equal(target_strlen("four"), 4);
}

static void test_divide(void **state)
{
	static const uint64_t edges[] = { 1, 2, 3, 9, 10, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff,
		                          0x8000000000000000, 0xffffffffffffffff };
	struct random random = random_start(__func__, 5);

	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		uint64_t n = round < 144 ? edges[round / 12] : random_next(&random) >> random_below(&random, 64), rest;
		uint64_t d = round < 144 ? edges[round % 12] : (random_next(&random) >> random_below(&random, 64)) | 1;
		assert_int_equal(divide_unsigned(n, d, &rest), n / d);
		assert_int_equal(rest, n % d);
	}
	uint64_t rest;
	assert_int_equal(divide_unsigned(0, 7, &rest), 0);
	assert_int_equal(rest, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_count_zero),
		cmocka_unit_test(test_sha256_vectors),
		cmocka_unit_test(test_sha256_pieces),
		cmocka_unit_test(test_copy_and_fill),
		cmocka_unit_test(test_compare_and_length),
		cmocka_unit_test(test_divide),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
