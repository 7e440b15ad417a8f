/* SPDX-License-Identifier: BSD-2-Clause */
/* What every part of lib/ stands on: fixed-width types, the one overflow-safe
 * range predicate, memory functions, and where a refusal was seen. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_USE __attribute__((warn_unused_result))

#define PAGE_BITS       12u
#define PAGE_BYTES      (1ull << PAGE_BITS)
#define LARGE_PAGE_BITS 21u

/* Is [offset, offset + length) inside [0, size)? Never wraps; an empty range at size is inside. */
static inline bool range_is_inside(uint64_t offset, uint64_t length, uint64_t size)
{
	return offset <= size && length <= size - offset;
}

/* Does a + b fit in 64 bits? */
static inline bool sum_is_exact(uint64_t a, uint64_t b)
{
	return a <= UINT64_MAX - b;
}

static inline bool is_power_of_two(uint64_t x)
{
	return x != 0 && (x & (x - 1)) == 0;
}

/* Is x a multiple of power? (Not with %: dividing 64 bits takes a library function on 32-bit machines.) */
static inline bool is_multiple(uint64_t x, uint64_t power)
{
	return (x & (power - 1)) == 0;
}

static inline uint64_t round_down(uint64_t x, uint64_t power)
{
	return x & ~(power - 1);
}

/* Rounds up to a multiple of power; the caller has made sure that it does not wrap. */
static inline uint64_t round_up(uint64_t x, uint64_t power)
{
	return round_down(x + power - 1, power);
}

/* Where a refusal was seen. Every function that refuses untrusted bytes takes one, and fills it only when it refuses. */
#define WHERE_NO_INDEX UINT32_MAX
struct where {
	uint64_t offset; /* byte offset in the file or archive that was read */
	uint32_t index;  /* number of the program header or archive entry, or WHERE_NO_INDEX */
	uint64_t value;  /* the offending value */
	uint64_t limit;  /* what it was compared with, 0 where nothing was */
};

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int   memcmp(const void *a, const void *b, size_t bytes);
size_t strlen(const char *text);
