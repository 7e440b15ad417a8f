/* SPDX-License-Identifier: BSD-2-Clause */
/* Searches in bounded bytes. */
#include "lib/base/bytes.h"

/* Eight bytes of any alignment, in whatever order. Freestanding, memcpy by its own name would be a call for each. */
static uint64_t eight(const uint8_t *at)
{
	uint64_t value;
	__builtin_memcpy(&value, at, sizeof value);
	return value;
}

/* Most of what is looked at is zero: whole pages' slack. */
uint64_t bytes_count_zero(const uint8_t *at, uint64_t length)
{
	uint64_t i = 0;
	while (length - i >= 32 && (eight(at + i) | eight(at + i + 8) | eight(at + i + 16) | eight(at + i + 24)) == 0)
		i += 32;
	while (i < length && at[i] == 0)
		i++;
	return i;
}

uint32_t bytes_text_length(const uint8_t *at, uint32_t field_bytes)
{
	uint32_t i = 0;
	while (i < field_bytes && at[i] != 0)
		i++;
	return i;
}
