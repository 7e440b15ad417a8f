/* SPDX-License-Identifier: BSD-2-Clause */
/* The witness: notes what duplicates tell it, for the operator to read. */
#include "systems/duplicate/duplicate.h"

__attribute__((section(".data.patched"))) volatile struct witness_desk *desk = 0;

void init(void)
{
}

void notified(microkit_channel ch)
{
	(void)ch;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo info)
{
	(void)ch, (void)info;
	desk->value = microkit_mr_get(0);
	desk->calls++;
	return microkit_msginfo_new(0, 0);
}
