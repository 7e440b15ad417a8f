/* SPDX-License-Identifier: BSD-2-Clause */
/* splitmix64 (public domain algorithm by Sebastiano Vigna): every seed is a good one. */
#include "test/support/random.h"
#include <stdio.h>
#include <stdlib.h>

struct random random_start(const char *test, uint64_t seed)
{
	const char *wanted = getenv("TEST_SEED");
	if (wanted)
		seed = strtoull(wanted, NULL, 0);
	printf("%s: TEST_SEED=0x%llx\n", test, (unsigned long long)seed);
	return (struct random) { seed };
}

uint64_t random_next(struct random *random)
{
	uint64_t z = random->state += 0x9e3779b97f4a7c15ull;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

uint64_t random_below(struct random *random, uint64_t count)
{
	return random_next(random) % count;
}

uint64_t random_between(struct random *random, uint64_t low, uint64_t high)
{
	return low + random_below(random, high - low + 1);
}
