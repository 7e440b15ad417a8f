/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest: sums up its own text over and over, says how often on its desk, if it has one, and faults if the sum is ever another. */
#include "systems/upload/upload.h"

#define TABLE_WORDS 4096u
#define COMPLAINT   0xbad00000ul /* a fault at this address */

__attribute__((section(".data.patched"))) volatile struct guest_desk *desk = 0;

extern const uint8_t __init_array_start[]; /* program.ld: where the pages of text and constants end */
void _start(void);

/* Most of the text: pages that all images of the program share. */
static const seL4_Word table[TABLE_WORDS] = { [0 ... TABLE_WORDS - 1] = 0x5a17c0deul };

static seL4_Word sum_of_text(void)
{
	const volatile seL4_Word *at = (const volatile seL4_Word *)((uintptr_t)_start & ~(uintptr_t)0xfff);
	seL4_Word sum = table[0];

	for (; (uintptr_t)at < (uintptr_t)__init_array_start; at++)
		sum = (sum << 5 | sum >> 27) ^ *at;
	return sum;
}

void init(void)
{
	seL4_Word sum = sum_of_text();

	if (desk)
		desk->sum = sum;
	for (;;) {
		if (sum_of_text() != sum)
			*(volatile int *)COMPLAINT = 0;
		if (desk)
			desk->rounds++;
	}
}

void notified(microkit_channel ch)
{
	(void)ch;
}
