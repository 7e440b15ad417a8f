/* SPDX-License-Identifier: BSD-2-Clause */
/* The operator: has the worker loaded, asks it something, and has it swapped and unloaded. If a load is refused it says why; the system
 * then ends as one in which a step did not hold. */
#include <stddef.h>
#include <graft.h>
#include "lib/base/status.h"
#include "systems/verdict.h"
#include "user/microkit/controller_client.h"

#define CONTROLLER  1u
#define WORKER      2u /* the channel */
#define WORKER_ID   1u

static void step(seL4_Word error, const struct controller_result *result, const char *what)
{
	if (error == CONTROLLER_OK) {
		graft_printf("graft: step %lu: %s\n", ++step_number, what);
		return;
	}
	graft_printf("operator: %s: %s: %s\n", what, controller_error_text(error), status_text((enum status)result->detail));
	graft_printf("graft: a step did not hold\n");
	end_machine(EXIT_FAILED);
}

static seL4_Word ask(void)
{
	microkit_mr_set(0, 41);
	(void)microkit_ppcall(WORKER, microkit_msginfo_new(0, 1));
	return microkit_mr_get(0) == 42 ? CONTROLLER_OK : CONTROLLER_NO_DOMAIN;
}

void init(void)
{
	struct controller_result result = { 0 };

	step(controller_load(CONTROLLER, WORKER_ID, "worker", 0, NULL, &result), &result, "a program that is signed for is loaded");
	step(ask(), &result, "it runs");
	step(controller_swap(CONTROLLER, WORKER_ID, "worker", 0, NULL, &result), &result, "it is swapped for itself");
	step(ask(), &result, "it runs again");
	step(controller_unload(CONTROLLER, WORKER_ID, &result), &result, "it is unloaded");
	end_held();
}

void notified(microkit_channel ch)
{
	(void)ch;
}
