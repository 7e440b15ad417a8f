/* SPDX-License-Identifier: BSD-2-Clause */
/* Greeter 1: the program that the worker domain starts with. When the peer asks it to, it has the controller replace
 * it by greeter 2; the peer's call is then still unanswered. */
#include "systems/swap/greeter.h"

void init(void)
{
	greeter_start(1);
}

void notified(microkit_channel ch)
{
	(void)ch;
}

static void swap_to_greeter2(void)
{
	static const char *const arguments[] = { "greeter2", "with", "its-own", "arguments" };
	struct controller_result result;

	graft_printf("worker: greeter 1 asks to be replaced by greeter2\n");
	graft_flush();
	controller_swap(WORKER_CONTROLLER, CONTROLLER_SELF, "greeter2", 4, arguments, &result);
	/* Only a refusal comes back here. */
	desk->error = result.error;
	desk->detail = result.detail;
	desk->asked++;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
	(void)ch;
	if (microkit_msginfo_get_label(msginfo) == WORKER_SWAP_YOURSELF) {
		desk->count++;
		swap_to_greeter2();
		return microkit_msginfo_new(1, 0);
	}
	return greeter_answer(1);
}
