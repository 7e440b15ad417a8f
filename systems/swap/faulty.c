/* SPDX-License-Identifier: BSD-2-Clause */
/* The faulty program: writes where nothing is mapped. */
#include "systems/swap/tour.h"

DESK(guest_desk);

void init(void)
{
	graft_printf("guest: faulty starts and will write to 0x%lx\n", FAULT_ADDRESS);
	desk->started = GUEST_FAULTY;
	*(volatile seL4_Word *)FAULT_ADDRESS = 1;
	desk->started = GUEST_NONE; /* never reached */
}

void notified(microkit_channel ch)
{
	(void)ch;
}
