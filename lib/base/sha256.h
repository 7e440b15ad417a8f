/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 (FIPS 180-4). */
#pragma once
#include "lib/base/base.h"

#define SHA256_DIGEST_BYTES 32u
#define SHA256_BLOCK_BYTES  64u

struct sha256 {
	uint32_t state[8];
	uint64_t length_bytes; /* taken in so far */
	uint8_t  block[SHA256_BLOCK_BYTES]; /* its first length_bytes % 64 bytes wait for more */
};

void sha256_start(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const uint8_t *bytes, uint64_t length_bytes);
void sha256_finish(struct sha256 *hash, uint8_t digest[SHA256_DIGEST_BYTES]);

/* All three at once. */
void sha256(const uint8_t *bytes, uint64_t length_bytes, uint8_t digest[SHA256_DIGEST_BYTES]);
