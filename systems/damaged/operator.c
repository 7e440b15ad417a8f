/* SPDX-License-Identifier: BSD-2-Clause */
/* The operator: has the keeper present one damaged file after another, asks for each to be loaded into an empty domain, to take the place
 * of a program that runs, and to be spawned, and wants all to be refused by one of the rules, or all accepted. Then everything is as
 * before: the ledger, the empty domain, the old program, which answers. What an accepted file does until it is taken away is its own
 * affair. README.md tells what the orders can say. */
#include "lib/base/base.h"
#include "lib/base/status.h"
#include "systems/damaged/damaged.h"
#include "systems/damaged/verdict.h"
#include "systems/orders.h"
#include "systems/verdict.h"

#define DOMAINS_MAX 2u
#define NEWS_FILES  1000u /* a line every so many */

__attribute__((section(".data.patched"))) volatile struct guest_desk *desk = 0;
__attribute__((section(".data.patched"))) const char *orders = 0;

static seL4_Word ledger_before[LEDGER_WORDS];
static seL4_Word seed, number; /* of the file at hand */
static bool tells_each;
static char name[ARCHIVE_NAME_BYTES]; /* of what the file was made of */
static seL4_Word generation; /* of FIRST */
static seL4_Word without_room;
static struct tally tally;

/* ---- verdicts ---- */

static void demand_here(bool holds, const char *what, seL4_Word figure)
{
	if (!holds)
		graft_printf("graft: damaged: seed=%lu first=%lu count=1, made of %s\n", seed, number, name);
	demand(holds, what, figure);
}

static void tell(const struct verdict *verdict)
{
	if (verdict->status == STATUS_OK)
		graft_printf(VERDICT_ACCEPTED, number, name);
	else
		graft_printf(VERDICT_REFUSED, number, name, status_text((enum status)verdict->status), verdict->figure[0],
		             verdict->figure[1]);
}

static bool lacks_room(const struct controller_result *result)
{
	return result->error == CONTROLLER_NO_MEMORY || result->error == CONTROLLER_NO_SLOTS;
}

/* Who is refused for the lack of room has passed every rule, and does want more than there is. */
static struct verdict verdict_of(const struct controller_result *result)
{
	struct verdict verdict = { STATUS_OK, { 0, 0 } };

	if (result->error == CONTROLLER_OK)
		return verdict;
	if (lacks_room(result)) {
		demand_here(result->figure[0] > result->figure[1], "there is no room, and there is", result->figure[0]);
		return verdict;
	}
	demand_here(result->error == CONTROLLER_BAD_PROGRAM, "the request ends otherwise", result->error);
	demand_here(result->detail != STATUS_OK && result->detail < STATUS_COUNT, "refused for nothing", result->detail);
	demand_here(result->detail != STATUS_ARCHIVE_PAYLOAD_DIGEST, "refused for its digest", result->detail);
	return (struct verdict){ result->detail, { result->figure[0], result->figure[1] } };
}

static bool verdicts_differ(const struct verdict *a, const struct verdict *b)
{
	return a->status != b->status || a->figure[0] != b->figure[0] || a->figure[1] != b->figure[1];
}

/* ---- as it was ---- */

static void demand_domains(void)
{
	struct controller_domain lines[DOMAINS_MAX];
	unsigned int count = 0;

	demand_here(controller_list(CONTROLLER_CHANNEL, lines, DOMAINS_MAX, &count) == CONTROLLER_OK, "LIST is refused", 0);
	demand_here(count == DOMAINS_MAX, "there are more or fewer domains", count);
	for (unsigned int i = 0; i < count; i++) {
		demand_here(lines[i].state == (lines[i].id == FIRST ? CONTROLLER_RUNNING : CONTROLLER_EMPTY),
		            "a domain is in another state", lines[i].id << 8 | lines[i].state);
		demand_here(lines[i].id != FIRST || lines[i].generation == generation, "the old program was replaced", lines[i].generation);
	}
}

static void demand_ledger(void)
{
	seL4_Word now[LEDGER_WORDS];

	demand_here(controller_ledger(CONTROLLER_CHANNEL, now) == CONTROLLER_OK, "LEDGER is refused", 0);
	for (unsigned int i = 0; i < LEDGER_WORDS; i++)
		demand_here(now[i] == ledger_before[i], "the ledger's word differs", i);
}

/* Who answers is the old program: nobody else knows what was asked. */
static void demand_guest(void)
{
	static seL4_Word asked = 0x6e5f0000;

	desk->asked = ++asked;
	microkit_notify(GUEST_CHANNEL);
	for (unsigned int turn = 0; turn < TURNS_MAX && desk->answered != asked; turn++)
		seL4_Yield();
	demand_here(desk->answered == asked, "the old program does not answer", desk->answered);
}

/* ---- one file ---- */

static void take_name(void)
{
	memcpy(name, seL4_GetIPCBuffer()->msg, sizeof name);
	name[sizeof name - 1] = '\0';
}

static void put_old_program_back(struct controller_result *result)
{
	(void)controller_swap(CONTROLLER_CHANNEL, FIRST, OLD_PROGRAM, 0, NULL, result);
	demand_here(result->error == CONTROLLER_OK, "the old program is refused", result->error << 16 | result->detail);
	generation = result->generation;
}

/* Not of a domain's symbols, regions and addresses. */
static bool is_about_file(const struct verdict *verdict)
{
	return verdict->status != STATUS_OK && verdict->status < STATUS_ARCHIVE_TOO_SHORT;
}

/* A spawned domain has no region and other symbols: there the rules about files alone say the same. */
static void try_spawn(const struct verdict *verdict)
{
	const struct controller_spawning spawning = { .priority = 100, .stack_pages = 2, .budget_us = 300, .period_us = 1000 };
	struct controller_result spawn;
	struct verdict again;

	(void)controller_spawn(CONTROLLER_CHANNEL, &spawning, FILE_PROGRAM, 0, NULL, &spawn);
	again = verdict_of(&spawn);
	if (is_about_file(verdict) || is_about_file(&again))
		demand_here(!verdicts_differ(verdict, &again), "SPAWN and LOAD differ", verdict->status << 16 | again.status);
	if (spawn.error == CONTROLLER_OK)
		demand_here(controller_remove(CONTROLLER_CHANNEL, spawn.child, NULL) == CONTROLLER_OK, "REMOVE is refused", 0);
}

static void try_file(void)
{
	struct controller_result load, swap;
	struct verdict verdict, again;

	(void)controller_load(CONTROLLER_CHANNEL, OTHER, FILE_PROGRAM, 0, NULL, &load);
	(void)controller_swap(CONTROLLER_CHANNEL, FIRST, FILE_PROGRAM, 0, NULL, &swap);
	verdict = verdict_of(&load);
	again = verdict_of(&swap);
	demand_here(!verdicts_differ(&verdict, &again), "SWAP and LOAD differ", verdict.status << 16 | again.status);
	if (swap.error == CONTROLLER_OK)
		put_old_program_back(&swap);
	if (load.error == CONTROLLER_OK)
		demand_here(controller_unload(CONTROLLER_CHANNEL, OTHER, NULL) == CONTROLLER_OK, "UNLOAD is refused", 0);
	try_spawn(&verdict);
	demand_domains();
	demand_ledger();
	demand_guest();
	without_room += lacks_room(&load) || lacks_room(&swap);
	tally_add(&tally, number, &verdict);
	if (tells_each)
		tell(&verdict);
}

/* ---- steps ---- */

static void step_start(void)
{
	struct controller_result result;

	(void)controller_load(CONTROLLER_CHANNEL, FIRST, OLD_PROGRAM, 0, NULL, &result);
	demand(result.error == CONTROLLER_OK, "LOAD is refused", result.error << 16 | result.detail);
	generation = result.generation;
	demand(controller_ledger(CONTROLLER_CHANNEL, ledger_before) == CONTROLLER_OK, "LEDGER is refused", 0);
	memcpy(name, OLD_PROGRAM, sizeof OLD_PROGRAM);
	demand_guest();
}

/* Every file of the archive as it is. */
static void step_whole(void)
{
	bool tells = tells_each;
	seL4_Word files;

	(void)microkit_ppcall(KEEPER_CHANNEL, microkit_msginfo_new(KEEPER_FILES, 0));
	files = microkit_mr_get(0);
	tells_each = true;
	for (number = 0; number < files; number++) {
		microkit_mr_set(0, number);
		(void)microkit_ppcall(KEEPER_CHANNEL, microkit_msginfo_new(KEEPER_WHOLE, 1));
		take_name();
		try_file();
	}
	tells_each = tells;
	graft_printf("step %lu ok: the files of the archive as they are\n", ++step_number);
}

static void step_spoiled(seL4_Word first, seL4_Word count)
{
	for (number = first; number - first < count; number++) {
		microkit_mr_set(0, seed);
		microkit_mr_set(1, number);
		(void)microkit_ppcall(KEEPER_CHANNEL, microkit_msginfo_new(KEEPER_SPOILED, 2));
		take_name();
		try_file();
		if ((number - first + 1) % NEWS_FILES == 0)
			graft_printf("graft: damaged: %lu files\n", number - first + 1);
	}
	graft_printf("step %lu ok: damaged ones\n", ++step_number);
}

void init(void)
{
	seed = order_number(orders, "seed=");
	tells_each = order_number(orders, "each=") != 0;
	step_start();
	step_whole();
	step_spoiled(order_number(orders, "first="), order_number(orders, "count="));
	graft_printf(VERDICT_TALLY, tally.accepted, tally.refused, tally.reasons, tally_sum(&tally));
	if (without_room != 0)
		graft_printf("graft: damaged: %lu of them passed every rule, but there was no room\n", without_room);
	end_held();
}

void notified(microkit_channel ch)
{
	(void)ch;
}
