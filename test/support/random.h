/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers for property tests: the same from the same seed on every machine. */
#pragma once
#include <stdint.h>

struct random { uint64_t state; };

/* Takes the seed from the environment (TEST_SEED) or the default, and prints it under the test's name. */
struct random random_start(const char *test, uint64_t seed);

/* A number; one in [0, count); one of low..high, both included. */
uint64_t random_next(struct random *random);
uint64_t random_below(struct random *random, uint64_t count);
uint64_t random_between(struct random *random, uint64_t low, uint64_t high);
