/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest: a program for spawned domains. Its first argument is its role. */
#include <stddef.h>
#include "systems/spawn/spawn.h"

static bool plays(const char *role)
{
	int argc;
	char **argv;

	graft_arguments(&argc, &argv);
	for (unsigned int i = 0; argc > 0; i++) {
		if (argv[0][i] != role[i])
			return false;
		if (role[i] == '\0')
			return true;
	}
	return false;
}

/* Calls the peer and notifies it; faults if the answer is wrong, which the operator sees. */
static void talk(void)
{
	microkit_mr_set(0, 41);
	(void)microkit_ppcall(GUEST_PEER, microkit_msginfo_new(0, 1));
	if (microkit_mr_get(0) != 42)
		microkit_internal_crash(seL4_InvalidArgument);
	microkit_notify(GUEST_PEER);
}

void init(void)
{
	if (plays("caller"))
		talk();
	if (plays("faulty"))
		*(volatile int *)0x123000 = 1;
	while (plays("spinner"))
		;
	if (plays("leaver"))
		(void)controller_remove(GUEST_CONTROLLER, CONTROLLER_SELF, NULL);
	if (plays("greedy") && controller_remove(GUEST_CONTROLLER, 1, NULL) == CONTROLLER_NOT_ALLOWED
	    && controller_spawn(GUEST_CONTROLLER, &(struct controller_spawning){ .stack_pages = 1, .budget_us = 20, .period_us = 1000 },
	                        "guest", 0, NULL, NULL) == CONTROLLER_NOT_ALLOWED)
		(void)controller_stop(GUEST_CONTROLLER, CONTROLLER_SELF, NULL);
}

void notified(microkit_channel ch)
{
	if (ch == GUEST_PEER)
		talk();
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo info)
{
	seL4_Word number = microkit_mr_get(0);

	(void)ch, (void)info;
	microkit_mr_set(0, number + 1);
	return microkit_msginfo_new(0, 1);
}
