/* SPDX-License-Identifier: BSD-2-Clause */
/* A domain that counts and never waits. */
#include <microkit.h>

volatile seL4_Word *counter;

void init(void)
{
	for (;;)
		(*counter)++;
}

void notified(microkit_channel ch)
{
	(void)ch;
}
