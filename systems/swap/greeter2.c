/* SPDX-License-Identifier: BSD-2-Clause */
/* Greeter 2: what the worker becomes. When the operator notifies it, it asks the controller to be replaced by the
 * program that the desk names, and writes down what came back. */
#include "systems/swap/greeter.h"

void init(void)
{
	greeter_start(2);
	microkit_notify(WORKER_PEER);
}

void notified(microkit_channel ch)
{
	static const char *const arguments[] = { "never-seen" };
	struct controller_result result;
	char name[TEXT_BYTES];

	if (ch != WORKER_OPERATOR)
		return;
	for (unsigned int i = 0; i < TEXT_BYTES; i++)
		name[i] = desk->wanted[i];
	name[TEXT_BYTES - 1] = '\0';
	controller_swap(WORKER_CONTROLLER, CONTROLLER_SELF, name, 1, arguments, &result);
	graft_printf("worker: greeter 2 asked for '%s': %s\n", name, controller_error_text(result.error));
	desk->error = result.error;
	desk->detail = result.detail;
	desk->figure[0] = result.figure[0];
	desk->figure[1] = result.figure[1];
	desk->asked++;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
	(void)ch;
	if (microkit_msginfo_get_label(msginfo) != WORKER_GREET)
		return microkit_msginfo_new(1, 0);
	return greeter_answer(2);
}
