/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 after FIPS 180-4; names as there: Ch, Maj, Sigma, sigma. */
#include "lib/base/sha256.h"

/* Section 4.2.2: first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t round_constant[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline uint32_t rotate_right(uint32_t x, unsigned bits)
{
	return x >> bits | x << (32 - bits);
}

static uint32_t get32_big_endian(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put32_big_endian(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Rotations are nested: one of the sum of what is left to rotate takes no copy of the word for each. */
static inline uint32_t Sigma0(uint32_t x)
{
	return rotate_right(rotate_right(rotate_right(x, 9) ^ x, 11) ^ x, 2); /* by 2, 13, 22 */
}

static inline uint32_t Sigma1(uint32_t x)
{
	return rotate_right(rotate_right(rotate_right(x, 14) ^ x, 5) ^ x, 6); /* by 6, 11, 25 */
}

static inline uint32_t sigma0(uint32_t x)
{
	return rotate_right(rotate_right(x, 11) ^ x, 7) ^ x >> 3; /* by 7, 18 */
}

static inline uint32_t sigma1(uint32_t x)
{
	return rotate_right(rotate_right(x, 2) ^ x, 17) ^ x >> 10; /* by 17, 19 */
}

static void expand(uint32_t schedule[64], const uint8_t *block)
{
	for (unsigned i = 0; i < 16; i++)
		schedule[i] = get32_big_endian(block + 4 * i);
	for (unsigned i = 16; i < 64; i++)
		schedule[i] = schedule[i - 16] + sigma0(schedule[i - 15]) + schedule[i - 7] + sigma1(schedule[i - 2]);
}

/* One round. Who is called a to h goes round from call to call, so that no word has to be moved: only two change. */
static inline void turn(uint32_t a, uint32_t b, uint32_t c, uint32_t *d, uint32_t e, uint32_t f, uint32_t g, uint32_t *h, uint32_t addend)
{
	uint32_t Ch = g ^ (e & (f ^ g)), Maj = (a & b) | (c & (a | b));
	uint32_t T1 = *h + addend + Sigma1(e) + Ch;
	*d += T1;
	*h = T1 + Sigma0(a) + Maj;
}

static void compress(uint32_t state[8], const uint8_t *block)
{
	uint32_t schedule[64];
	expand(schedule, block);
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
	for (unsigned i = 0; i < 64; i += 8) {
		const uint32_t *constant = &round_constant[i], *word = &schedule[i];
		turn(a, b, c, &d, e, f, g, &h, constant[0] + word[0]);
		turn(h, a, b, &c, d, e, f, &g, constant[1] + word[1]);
		turn(g, h, a, &b, c, d, e, &f, constant[2] + word[2]);
		turn(f, g, h, &a, b, c, d, &e, constant[3] + word[3]);
		turn(e, f, g, &h, a, b, c, &d, constant[4] + word[4]);
		turn(d, e, f, &g, h, a, b, &c, constant[5] + word[5]);
		turn(c, d, e, &f, g, h, a, &b, constant[6] + word[6]);
		turn(b, c, d, &e, f, g, h, &a, constant[7] + word[7]);
	}
	const uint32_t worked[8] = { a, b, c, d, e, f, g, h };
	for (unsigned i = 0; i < 8; i++)
		state[i] += worked[i];
}

void sha256_start(struct sha256 *hash)
{
	/* Section 5.3.3: first 32 bits of the fractional parts of the square roots of the first 8 primes. */
	static const uint32_t first[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	};
	memcpy(hash->state, first, sizeof first);
	hash->length_bytes = 0;
}

void sha256_add(struct sha256 *hash, const uint8_t *bytes, uint64_t length_bytes)
{
	uint64_t waiting = hash->length_bytes % SHA256_BLOCK_BYTES;
	hash->length_bytes += length_bytes;
	if (waiting + length_bytes < SHA256_BLOCK_BYTES) {
		memcpy(hash->block + waiting, bytes, (size_t)length_bytes);
		return;
	}
	uint64_t done = 0;
	if (waiting != 0) {
		done = SHA256_BLOCK_BYTES - waiting;
		memcpy(hash->block + waiting, bytes, (size_t)done);
		compress(hash->state, hash->block);
	}
	for (; length_bytes - done >= SHA256_BLOCK_BYTES; done += SHA256_BLOCK_BYTES)
		compress(hash->state, bytes + done);
	memcpy(hash->block, bytes + done, (size_t)(length_bytes - done));
}

void sha256_finish(struct sha256 *hash, uint8_t digest[SHA256_DIGEST_BYTES])
{
	/* Section 5.1.1: one bit, zeros up to 8 bytes before the end of a block, the length in bits. */
	static const uint8_t padding[SHA256_BLOCK_BYTES] = { 0x80 };
	uint64_t length_bits = hash->length_bytes * 8;
	uint64_t waiting = hash->length_bytes % SHA256_BLOCK_BYTES;
	uint64_t zeros_end = waiting < 56 ? 56 : 56 + SHA256_BLOCK_BYTES;
	sha256_add(hash, padding, zeros_end - waiting);
	uint8_t length[8];
	put32_big_endian(length, (uint32_t)(length_bits >> 32));
	put32_big_endian(length + 4, (uint32_t)length_bits);
	sha256_add(hash, length, sizeof length);
	for (unsigned i = 0; i < 8; i++)
		put32_big_endian(digest + 4 * i, hash->state[i]);
}

void sha256(const uint8_t *bytes, uint64_t length_bytes, uint8_t digest[SHA256_DIGEST_BYTES])
{
	struct sha256 hash;
	sha256_start(&hash);
	sha256_add(&hash, bytes, length_bytes);
	sha256_finish(&hash, digest);
}
