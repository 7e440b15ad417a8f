/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults when it is told to. */
#include "systems/busy/busy.h"

void init(void)
{
}

void notified(microkit_channel ch)
{
	(void)ch;
	*(volatile int *)0x123000 = 1;
}
