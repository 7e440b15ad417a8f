/* SPDX-License-Identifier: BSD-2-Clause */
/* Signed archives: every byte counts, and nothing else does. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "lib/archive/layout.h"
#include "lib/archive/pack.h"
#include "lib/base/bytes.h"
#include "lib/base/sha256.h"
#include "test/support/random.h"
#include "test/support/signature_host.h"

static struct signature_host_keys keys, others;

/* Programs of one page each: to an archive a payload is bytes. */
static uint8_t *make_archive(uint32_t count, uint64_t *size_bytes)
{
	static uint8_t payload[PAGE_BYTES];
	static char names[ARCHIVE_ENTRIES_MAX][8];
	static struct pack_program programs[ARCHIVE_ENTRIES_MAX];
	for (uint32_t i = 0; i < PAGE_BYTES; i++)
		payload[i] = (uint8_t)(i * 7 + i / 256);
	for (uint32_t i = 0; i < count; i++) {
		names[i][0] = (char)('a' + i % 26);
		names[i][1] = (char)('a' + i / 26);
		programs[i] = (struct pack_program){ .id = i + 1, .version = 3, .name = names[i], .payload = payload, .payload_bytes = PAGE_BYTES };
	}
	*size_bytes = pack_archive_bytes(programs, count);
	uint8_t *bytes = malloc(*size_bytes);
	assert_non_null(bytes);
	pack_archive(programs, count, bytes);
	return bytes;
}

static uint8_t *make_signed(uint32_t count, uint64_t *size_bytes)
{
	uint64_t plain_bytes;
	uint8_t *plain = make_archive(count, &plain_bytes);
	uint8_t *bytes = signature_host_sign(plain, plain_bytes, &keys, size_bytes);
	free(plain);
	return bytes;
}

/* All that a controller with the key looks at. */
static enum status check_all(const uint8_t *bytes, uint64_t size_bytes, const uint8_t *key)
{
	struct archive archive;
	struct where where;
	enum status status = archive_open(bytes, size_bytes, &archive, &where);
	if (status == STATUS_OK)
		status = archive_check_signature(&archive, key, signature_verify, &where);
	for (uint32_t i = 0; status == STATUS_OK && i < archive.entry_count; i++) {
		struct archive_entry entry;
		archive_entry_get(&archive, i, &entry);
		status = archive_check_payload(&archive, &entry, &where);
	}
	return status;
}

static void test_accepted(void **unused)
{
	(void)unused;
	static const uint32_t counts[] = { 0, 1, 2, 20, 21, 22, 256 }; /* at 21 the signature takes a page more */
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		uint64_t plain_bytes, signed_bytes, again_bytes;
		uint8_t *plain = make_archive(counts[i], &plain_bytes);
		uint8_t *bytes = signature_host_sign(plain, plain_bytes, &keys, &signed_bytes);
		uint8_t *again = signature_host_sign(bytes, signed_bytes, &others, &again_bytes);
		assert_int_equal(signed_bytes, plain_bytes + (counts[i] == 21 ? PAGE_BYTES : 0));
		assert_int_equal(check_all(bytes, signed_bytes, keys.public_key), STATUS_OK);
		assert_int_equal(check_all(bytes, signed_bytes, NULL), STATUS_OK);
		assert_int_equal(check_all(bytes, signed_bytes, others.public_key), STATUS_ARCHIVE_OTHER_KEY);
		assert_int_equal(check_all(plain, plain_bytes, keys.public_key), STATUS_ARCHIVE_UNSIGNED);
		assert_int_equal(again_bytes, signed_bytes);
		assert_int_equal(check_all(again, again_bytes, others.public_key), STATUS_OK);
		free(plain);
		free(bytes);
		free(again);
	}
}

/* One byte changed anywhere, in every bit of it: refused. */
static void test_every_byte(void **unused)
{
	(void)unused;
	uint64_t size_bytes;
	uint8_t *bytes = make_signed(2, &size_bytes);
	struct random random = random_start("every_byte", 5);
	for (uint64_t i = 0; i < size_bytes; i++) {
		uint8_t change = (uint8_t)(1 + random_below(&random, 255));
		bytes[i] ^= change;
		assert_int_not_equal(check_all(bytes, size_bytes, keys.public_key), STATUS_OK);
		bytes[i] ^= change;
	}
	assert_int_equal(check_all(bytes, size_bytes, keys.public_key), STATUS_OK);
	free(bytes);
}

static void seal(uint8_t *bytes)
{
	sha256(bytes + ARCHIVE_HEADER_BYTES, (uint64_t)bytes_get32(bytes + HEADER_ENTRY_COUNT) * ARCHIVE_ENTRY_BYTES, bytes + HEADER_DIGEST);
}

/* Digests that are right again do not help: only the signature refuses. */
static void test_forged_tables(void **unused)
{
	(void)unused;
	uint64_t size_bytes;
	uint8_t *bytes = make_signed(2, &size_bytes);
	for (uint32_t i = 0; i < 2; i++) {
		uint8_t *entry = bytes + archive_entry_offset(i), old[ARCHIVE_ENTRY_BYTES];
		memcpy(old, entry, sizeof old);
		bytes_put32(entry + ENTRY_VERSION, 2);
		seal(bytes);
		assert_int_equal(check_all(bytes, size_bytes, keys.public_key), STATUS_ARCHIVE_SIGNATURE);
		memcpy(entry, old, sizeof old);
		bytes[entry[ENTRY_OFFSET + 1] * 256u + 5] ^= 1;
		sha256(bytes + bytes_get64(entry + ENTRY_OFFSET), PAGE_BYTES, entry + ENTRY_DIGEST);
		seal(bytes);
		assert_int_equal(check_all(bytes, size_bytes, keys.public_key), STATUS_ARCHIVE_SIGNATURE);
		bytes[entry[ENTRY_OFFSET + 1] * 256u + 5] ^= 1;
		memcpy(entry, old, sizeof old);
	}
	seal(bytes);
	assert_int_equal(check_all(bytes, size_bytes, keys.public_key), STATUS_OK);
	free(bytes);
}

/* Whoever signs with another key, and says so honestly or not, is refused. */
static void test_other_signer(void **unused)
{
	(void)unused;
	uint64_t size_bytes;
	uint8_t *bytes = make_signed(1, &size_bytes);
	signature_host_sign_header(bytes, &others);
	assert_int_equal(check_all(bytes, size_bytes, keys.public_key), STATUS_ARCHIVE_SIGNATURE);
	memcpy(bytes + archive_entry_offset(1), others.public_key, ARCHIVE_KEY_BYTES);
	assert_int_equal(check_all(bytes, size_bytes, keys.public_key), STATUS_ARCHIVE_OTHER_KEY);
	assert_int_equal(check_all(bytes, size_bytes, others.public_key), STATUS_OK);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted), cmocka_unit_test(test_every_byte), cmocka_unit_test(test_forged_tables),
		cmocka_unit_test(test_other_signer),
	};
	signature_host_keys(1, &keys);
	signature_host_keys(2, &others);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
