/* SPDX-License-Identifier: BSD-2-Clause */
/* The new program: its argument says what it makes of its probation. `ask`: it is the old one itself, and asks for a trial that refuses. */
#include "lib/base/base.h"
#include "systems/probation/probation.h"

DESK;

static bool is_told(const char *word)
{
	int argc;
	char **argv;

	graft_arguments(&argc, &argv);
	return argc == 1 && memcmp(argv[0], word, strlen(word) + 1) == 0;
}

static void loop(void)
{
	for (;;)
		desk->trial_turns++;
}

static void note(seL4_Word error, const struct controller_result *result)
{
	desk->error = error;
	desk->detail = result->detail;
	desk->asked++;
}

static void ask_for_itself(void)
{
	static const char *const arguments[] = { "refuse" };
	struct controller_result result;

	note(controller_swap_on_probation(WORKER_CONTROLLER, CONTROLLER_SELF, 0, "trial", 1, arguments, &result), &result);
}

void init(void)
{
	struct controller_result result;

	desk->trial_starts++;
	if (is_told("loop"))
		loop();
	if (is_told("fault"))
		*(volatile seL4_Word *)FAULT_ADDRESS = 1;
	if (is_told("refuse"))
		note(controller_rollback(WORKER_CONTROLLER, CONTROLLER_SELF, &result), &result); /* does not return */
	if (is_told("confirm"))
		note(controller_confirm(WORKER_CONTROLLER, CONTROLLER_SELF, &result), &result);
	if (is_told("unload"))
		note(controller_unload(WORKER_CONTROLLER, CONTROLLER_SELF, &result), &result);
}

void notified(microkit_channel ch)
{
	if (ch == WORKER_OPERATOR && is_told("confirm"))
		ask_for_itself();
}
