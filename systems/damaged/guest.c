/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest: whenever it is notified it sums up its own text, answers if the sum is what it was at the start, and faults if not. */
#include "systems/damaged/damaged.h"

#define COMPLAINT 0xbad00000ul /* a fault at this address */

__attribute__((section(".data.patched"))) volatile struct guest_desk *desk = 0;

extern const uint8_t __init_array_start[]; /* program.ld: where the pages of text and constants end */
void _start(void);

static seL4_Word sum_at_start;

static seL4_Word sum_of_text(void)
{
	const volatile seL4_Word *at = (const volatile seL4_Word *)((uintptr_t)_start & ~(uintptr_t)0xfff);
	seL4_Word sum = 1;

	for (; (uintptr_t)at < (uintptr_t)__init_array_start; at++)
		sum = (sum << 5 | sum >> 27) ^ *at;
	return sum;
}

void init(void)
{
	sum_at_start = sum_of_text();
}

void notified(microkit_channel ch)
{
	(void)ch;
	if (sum_of_text() != sum_at_start)
		*(volatile int *)COMPLAINT = 0;
	desk->answered = desk->asked;
}
