/* SPDX-License-Identifier: BSD-2-Clause */
/* What a loader would take from a source of entropy, from a seed instead: the same seed and count, the same bytes. */
#include "lib/start/start.h"
#include "lib/base/bytes.h"
#include "lib/base/sha256.h"

enum purpose { FOR_AUXV = 1, FOR_BASE = 2 };

static void digest_of(enum purpose purpose, uint64_t seed, uint64_t count, uint8_t digest[SHA256_DIGEST_BYTES])
{
	uint8_t from[24];
	bytes_put64(from, purpose);
	bytes_put64(from + 8, seed);
	bytes_put64(from + 16, count);
	sha256(from, sizeof from, digest);
}

void start_random(uint64_t seed, uint64_t count, uint8_t random[16])
{
	uint8_t digest[SHA256_DIGEST_BYTES] = { 0 };
	if (seed != 0)
		digest_of(FOR_AUXV, seed, count, digest);
	memcpy(random, digest, 16);
}

uint64_t start_random_base(uint64_t seed, uint64_t count)
{
	uint8_t digest[SHA256_DIGEST_BYTES] = { 0 };
	if (seed != 0)
		digest_of(FOR_BASE, seed, count, digest);
	return bytes_get64(digest);
}
