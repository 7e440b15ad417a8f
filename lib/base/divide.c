/* SPDX-License-Identifier: BSD-2-Clause */
/* The division functions that compilers for 32-bit machines call by themselves, for where there is no compiler
 * library.
 *
 * Schoolbook division, one bit a step, of as many bits as the numbers differ in length: the divisions we make are
 * few. */
#include "lib/base/divide.h"

/* Leading zeros of a number that is not 0. */
static unsigned leading_zeros(uint64_t x)
{
	return (unsigned)__builtin_clzll(x);
}

uint64_t divide_unsigned(uint64_t n, uint64_t d, uint64_t *rest)
{
	uint64_t quotient = 0;
	if (n >= d) {
		for (unsigned steps = leading_zeros(d) - leading_zeros(n) + 1; steps > 0; steps--) {
			uint64_t part = d << (steps - 1);
			quotient <<= 1;
			if (n >= part) {
				n -= part;
				quotient |= 1;
			}
		}
	}
	*rest = n;
	return quotient;
}

#if UINTPTR_MAX == UINT32_MAX
uint64_t __udivdi3(uint64_t n, uint64_t d);
uint64_t __umoddi3(uint64_t n, uint64_t d);
uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t *rest);
int64_t __divdi3(int64_t n, int64_t d);
int64_t __moddi3(int64_t n, int64_t d);

static uint64_t magnitude(int64_t x)
{
	return x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
}

uint64_t __udivdi3(uint64_t n, uint64_t d)
{
	uint64_t rest;
	return divide_unsigned(n, d, &rest);
}

uint64_t __umoddi3(uint64_t n, uint64_t d)
{
	uint64_t rest;
	divide_unsigned(n, d, &rest);
	return rest;
}

uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t *rest)
{
	uint64_t remainder;
	uint64_t quotient = divide_unsigned(n, d, &remainder);
	if (rest != NULL) {
		*rest = remainder;
	}
	return quotient;
}

int64_t __divdi3(int64_t n, int64_t d)
{
	uint64_t quotient = __udivdi3(magnitude(n), magnitude(d));
	return (int64_t)((n < 0) != (d < 0) ? 0 - quotient : quotient);
}

int64_t __moddi3(int64_t n, int64_t d)
{
	uint64_t rest = __umoddi3(magnitude(n), magnitude(d));
	return (int64_t)(n < 0 ? 0 - rest : rest);
}
#endif
