/* SPDX-License-Identifier: BSD-2-Clause */
/* Random numbers for systems that do things at random, and for what runs beside them on the host: splitmix64. The same numbers from the
 * same seed on every machine. */
#pragma once
#include <stdint.h>

static inline uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* 0..below - 1 */
static inline unsigned long random_below(uint64_t *state, unsigned long below)
{
	return (unsigned long)(random_next(state) % below);
}
