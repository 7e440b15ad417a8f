/* SPDX-License-Identifier: BSD-2-Clause */
/* The large program: a correct one that needs more memory than the pool has. */
#include "systems/swap/tour.h"

#define LARGE_BYTES (24ul << 20)

DESK(worker_desk);
static volatile unsigned char large[LARGE_BYTES];

void init(void)
{
	for (unsigned long i = 0; i < LARGE_BYTES; i += 4096)
		large[i] = 1;
	graft_printf("worker: large runs, which can't be\n");
}

void notified(microkit_channel ch)
{
	(void)ch;
}
