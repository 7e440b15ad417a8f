/* SPDX-License-Identifier: BSD-2-Clause */
/* The worker: does nothing but be there. */
#include <microkit.h>

void init(void)
{
}

void notified(microkit_channel ch)
{
	(void)ch;
}
