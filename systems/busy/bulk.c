/* SPDX-License-Identifier: BSD-2-Clause */
/* The bulk: 8 MiB that are only read and 8 MiB of data, none of it zero, so that every page has to be digested, and every second one
 * copied. Checks a word of each page when it starts. */
#include "systems/busy/busy.h"

#define BULK_PAGES 2048u
#define PAGE_WORDS 512u

__asm__(".pushsection .rodata\n.balign 4096\nbulk_read: .fill 1048576, 8, 0x74000001\n.popsection\n"
        ".pushsection .data\n.balign 4096\nbulk_written: .fill 1048576, 8, 0x74000002\n.popsection\n");
extern const volatile uint64_t bulk_read[];
extern volatile uint64_t bulk_written[];

void init(void)
{
	for (unsigned int i = 0; i < BULK_PAGES; i++) {
		if (bulk_read[i * PAGE_WORDS] != 0x74000001 || bulk_written[i * PAGE_WORDS] != 0x74000002)
			microkit_internal_crash(seL4_InvalidArgument);
		bulk_written[i * PAGE_WORDS] = 0;
	}
}

void notified(microkit_channel ch)
{
	(void)ch;
}
