/* SPDX-License-Identifier: BSD-2-Clause */
/* The peer: agreed to be called and notified by what is spawned. */
#include "systems/walk/walk.h"

void init(void)
{
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo info)
{
	seL4_Word number = microkit_mr_get(0);

	(void)ch, (void)info;
	microkit_mr_set(0, number + 1);
	return microkit_msginfo_new(0, 1);
}

void notified(microkit_channel ch)
{
	(void)ch;
}
