/* SPDX-License-Identifier: BSD-2-Clause */
/* The invariants of the kernel core, checked over everything that exists. */
#pragma once
#include "test/support/fakeport.h"

/* Fails the test with the name of the first invariant that does not hold. */
void kernelcheck_all(const struct fake *f);

/* Slower: U1, that memory above every watermark is zero. */
void kernelcheck_zero(const struct fake *f);

/* How many capabilities exist. */
unsigned kernelcheck_cap_count(const struct fake *f);
