/* SPDX-License-Identifier: BSD-2-Clause */
/* The looper: starts, and never makes another system call. */
#include "systems/swap/tour.h"

DESK(guest_desk);

void init(void)
{
	graft_printf("guest: looper starts and will not yield\n");
	desk->started = GUEST_LOOPER;
	for (;;)
		desk->turns++;
}

void notified(microkit_channel ch)
{
	(void)ch;
}
