/* SPDX-License-Identifier: BSD-2-Clause */
/* Little-endian numbers in bytes of any alignment. The caller has checked the range, once, for the structure they are in. */
#pragma once
#include "lib/base/base.h"

static inline uint16_t bytes_get16(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t bytes_get32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t bytes_get64(const uint8_t *at)
{
	return bytes_get32(at) | (uint64_t)bytes_get32(at + 4) << 32;
}

static inline void bytes_put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

static inline void bytes_put32(uint8_t *at, uint32_t value)
{
	bytes_put16(at, (uint16_t)value);
	bytes_put16(at + 2, (uint16_t)(value >> 16));
}

static inline void bytes_put64(uint8_t *at, uint64_t value)
{
	bytes_put32(at, (uint32_t)value);
	bytes_put32(at + 4, (uint32_t)(value >> 32));
}

/* The number of leading zero bytes, at most length. */
uint64_t bytes_count_zero(const uint8_t *at, uint64_t length) MUST_USE;

/* The length of a text in a field of field_bytes, or field_bytes if no NUL lies inside it. */
uint32_t bytes_text_length(const uint8_t *at, uint32_t field_bytes) MUST_USE;
