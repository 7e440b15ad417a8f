/* SPDX-License-Identifier: BSD-2-Clause */
/* The good program: starts and waits. */
#include "systems/swap/tour.h"

DESK(guest_desk);

void init(void)
{
	graft_printf("guest: good starts and waits\n");
	desk->started = GUEST_GOOD;
}

void notified(microkit_channel ch)
{
	(void)ch;
}
