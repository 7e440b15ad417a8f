/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts what loading costs, the whole system included: the operator's request, the controller, the store, the kernel, and the program
 * touching each of its pages. The least of ROUNDS, in steady state; the program is more important than the operator and less than the
 * controller, so when a request returns, it has run. Judges nothing but that each request was carried out. */
#include "bench/life/life.h"
#include "systems/verdict.h"
#include "user/microkit/controller_client.h"

#define CONTROLLER   1u
#define GUEST        1u
#define TWIN         2u
#define ROUNDS       6u

__attribute__((section(".data.patched"))) volatile struct life_desk *desk = 0;

struct figures {
	uint64_t load;   /* from the request to the program's first instruction */
	uint64_t unload;
	uint64_t life;   /* load, touching every page, unload */
	uint64_t swap;   /* from the request to the first instruction, the old program's memory back included */
	uint64_t duplicate, duplicate_life; /* of a stopped program that has touched all: until it runs; and until it is gone again */
};

static void need(seL4_Word error, const char *verb, const struct controller_result *result)
{
	if (error == CONTROLLER_OK)
		return;
	graft_printf("life: %s: %s, detail %lu, figures %lu %lu\n", verb, controller_error_text(error), result->detail,
	             result->figure[0], result->figure[1]);
	end_machine(EXIT_FAILED);
}

static void keep_least(uint64_t *figure, uint64_t value)
{
	if (value < *figure)
		*figure = value;
}

static void one_round(const char *name, struct figures *least)
{
	struct controller_result result;
	uint64_t begun = ticks(), loaded, ended;

	need(controller_load(CONTROLLER, GUEST, name, 0, NULL, &result), "LOAD", &result);
	loaded = ticks();
	keep_least(&least->load, desk->entered - begun);
	need(controller_unload(CONTROLLER, GUEST, &result), "UNLOAD", &result);
	ended = ticks();
	keep_least(&least->unload, ended - loaded);
	keep_least(&least->life, ended - begun);
	need(controller_load(CONTROLLER, GUEST, name, 0, NULL, &result), "LOAD", &result);
	begun = ticks();
	need(controller_swap(CONTROLLER, GUEST, name, 0, NULL, &result), "SWAP", &result);
	keep_least(&least->swap, desk->entered - begun);
	need(controller_unload(CONTROLLER, GUEST, &result), "UNLOAD", &result);
}

static void one_duplicate(struct figures *least)
{
	struct controller_result result;
	uint64_t begun = ticks();

	need(controller_duplicate(CONTROLLER, TWIN, NULL, &result), "DUPLICATE", &result);
	keep_least(&least->duplicate, ticks() - begun);
	need(controller_remove(CONTROLLER, result.child, &result), "REMOVE", &result);
	keep_least(&least->duplicate_life, ticks() - begun);
}

static void count_duplicates(const char *name, struct figures *least)
{
	struct controller_result result;

	need(controller_load(CONTROLLER, TWIN, name, 0, NULL, &result), "LOAD", &result);
	need(controller_stop(CONTROLLER, TWIN, &result), "STOP", &result);
	for (unsigned int i = 0; i < ROUNDS; i++)
		one_duplicate(least);
	need(controller_unload(CONTROLLER, TWIN, &result), "UNLOAD", &result);
}

static void count(const char *name)
{
	struct figures least = { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX };

	for (unsigned int i = 0; i < ROUNDS; i++)
		one_round(name, &least);
	count_duplicates(name, &least);
	graft_printf("%s, load to first instruction %lu\n", name, least.load);
	graft_printf("%s, life: load, touch, unload %lu\n", name, least.life);
	graft_printf("%s, unload %lu\n", name, least.unload);
	graft_printf("%s, swap for itself %lu\n", name, least.swap);
	graft_printf("%s, duplicate %lu\n", name, least.duplicate);
	graft_printf("%s, life: duplicate, run, remove %lu\n", name, least.duplicate_life);
}

void init(void)
{
	count("filler16");
	count("filler256");
	count("filler4096");
	end_machine(EXIT_HELD);
}

void notified(microkit_channel ch)
{
	(void)ch;
}
