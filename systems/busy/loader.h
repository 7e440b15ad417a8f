/* SPDX-License-Identifier: BSD-2-Clause */
/* A loader: asks the controller for something that takes long, and waits for it in the operator's place. */
#pragma once
#include <stddef.h>
#include "systems/busy/busy.h"

__attribute__((section(".data.patched"))) struct desk *desk = 0;

void init(void)
{
}

void notified(microkit_channel ch)
{
	uint64_t start = ticks();
	seL4_Word child = CHILD_BULK + LOADER_NUMBER, verb = desk->loader[LOADER_NUMBER].verb, error;

	(void)ch;
	if (verb == CONTROLLER_UNLOAD)
		error = controller_unload(LOADER_CONTROLLER, child, NULL);
	else if (verb == CONTROLLER_SWAP)
		error = controller_swap(LOADER_CONTROLLER, child, "bulk", 0, NULL, NULL);
	else
		error = controller_load(LOADER_CONTROLLER, child, "bulk", 0, NULL, NULL);
	desk->loader[LOADER_NUMBER].error = error;
	desk->loader[LOADER_NUMBER].ticks = ticks() - start;
	desk->loader[LOADER_NUMBER].done++;
	microkit_notify(LOADER_OPERATOR);
}
