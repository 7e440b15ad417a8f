/* SPDX-License-Identifier: BSD-2-Clause */
/* A domain without a parent that writes where nothing is. */
#include <microkit.h>

void init(void)
{
	*(volatile int *)0xdead000 = 1;
}

void notified(microkit_channel ch)
{
	(void)ch;
}
