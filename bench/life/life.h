/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of this system share. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <graft.h>

/* Written by the loaded program, read by the operator. Times in ticks of the time-stamp counter. */
struct life_desk {
	uint64_t entered; /* its init began */
	uint64_t touched; /* it had touched every page */
	uint64_t sum;
};

static inline uint64_t ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}
