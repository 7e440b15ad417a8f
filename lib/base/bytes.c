/* SPDX-License-Identifier: BSD-2-Clause */
/* Searches in bounded bytes. */
#include "lib/base/bytes.h"

uint64_t bytes_count_zero(const uint8_t *at, uint64_t length)
{
	uint64_t i = 0;
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
