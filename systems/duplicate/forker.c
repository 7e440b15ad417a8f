/* SPDX-License-Identifier: BSD-2-Clause */
/* The forker: has itself duplicated, writes, looks at what it wrote, and stops itself where all is as it must be. Where it is not, it
 * faults at an address that tells the line. Its first argument is its role. */
#include <stddef.h>
#include <stdbool.h>
#include "systems/duplicate/duplicate.h"

#define COMPLAINTS 0xbad00000ul /* a fault at this address plus a line */
#define FILLER     0x5a17c0deul
#define FILLERS    4096u
#define ZERO_WORDS 1536u
#define PAGE_WORDS (4096u / sizeof(seL4_Word))
#define SPREAD_PAGES (SPREAD_BYTES / 4096u)
#define MXCSR      0x7f80u /* round towards zero, nothing trapped */
#define X87        0x0f7fu /* the same */
#if defined(__x86_64__)
#define THREAD_POINTER "%%fs:0"
#else
#define THREAD_POINTER "%%gs:0"
#endif
#define TLS_WORD   0x7654000ul /* what the thread pointer points at */

static const seL4_Word table[FILLERS] = { [0 ... FILLERS - 1] = FILLER }; /* eight pages that all images share */
static volatile seL4_Word initialised = 1;
static volatile seL4_Word zeroed[ZERO_WORDS];
static volatile seL4_Word spread[SPREAD_BYTES / sizeof(seL4_Word)]; /* with a large page in it, wherever it lies */
static seL4_Word tls_word = TLS_WORD;

static void demand_at(bool holds, unsigned int line)
{
	if (!holds)
		*(volatile int *)(COMPLAINTS + line) = 0;
}
#define DEMAND(holds) demand_at(holds, __LINE__)

/* ---- what a duplicate has of its own ---- */

static void mark(seL4_Word value)
{
	initialised = value;
	for (unsigned int i = 0; i < ZERO_WORDS; i++)
		zeroed[i] = value + i;
	for (unsigned int i = 0; i < SPREAD_PAGES; i++)
		spread[i * PAGE_WORDS] = value + i;
}

static bool has(seL4_Word value)
{
	bool same = initialised == value;

	for (unsigned int i = 0; i < ZERO_WORDS; i++)
		same = same && zeroed[i] == value + i;
	for (unsigned int i = 0; i < SPREAD_PAGES; i++)
		same = same && spread[i * PAGE_WORDS] == value + i;
	for (unsigned int i = 0; i < FILLERS; i++)
		same = same && table[i] == FILLER;
	return same;
}

static void set_registers(void)
{
	uint32_t mxcsr = MXCSR;
	uint16_t x87 = X87;

	__asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(mxcsr), "m"(x87));
	sel4_machine_set_thread_pointer((seL4_Word)&tls_word);
}

static bool has_registers(void)
{
	uint32_t mxcsr;
	uint16_t x87;
	seL4_Word pointed_at;

	__asm__ volatile("stmxcsr %0\n\tfnstcw %1\n\tmov " THREAD_POINTER ", %2" : "=m"(mxcsr), "=m"(x87), "=r"(pointed_at));
	return mxcsr == MXCSR && x87 == X87 && pointed_at == TLS_WORD;
}

/* ---- what it asks ---- */

static void rest(void)
{
	DEMAND(controller_stop(CONTROLLER_CHANNEL, CONTROLLER_SELF, NULL) == CONTROLLER_OK);
}

/* With a channel to the controller; what is not said is the same. */
static struct controller_spawning same(void)
{
	return (struct controller_spawning){ .priority = CONTROLLER_SAME_PRIORITY, .budget_us = CONTROLLER_SAME,
	                                     .period_us = CONTROLLER_SAME, .connection_count = 1,
	                                     .connection = { { CONTROLLER_OFFER_SELF, CONTROLLER_CHANNEL } } };
}

static seL4_Word duplicate(struct controller_result *result)
{
	struct controller_spawning spawning = same();

	return controller_duplicate(CONTROLLER_CHANNEL, CONTROLLER_SELF, &spawning, result);
}

/* ---- roles ---- */

/* Parent and child, each with its own memory; then they rest, and look again when they are resumed. */
static void play_twins(void)
{
	struct controller_result result;
	volatile seL4_Word on_stack = 11;
	seL4_Word own;

	mark(100);
	set_registers();
	DEMAND(duplicate(&result) == CONTROLLER_OK);
	DEMAND(has(100) && has_registers() && on_stack == 11);
	own = result.child == 0 ? 200 : 300;
	mark(own);
	on_stack = own;
	for (;;) {
		rest();
		DEMAND(has(own) && has_registers() && on_stack == own);
		mark(++own);
		on_stack = own;
	}
}

/* A duplicate of a duplicate of ... until the family is complete. */
static void play_chain(unsigned int duplicates_max)
{
	struct controller_result result;

	for (seL4_Word depth = 0;; depth++) {
		seL4_Word error;

		mark(depth);
		error = duplicate(&result);
		DEMAND(has(depth));
		if (error == CONTROLLER_OK && result.child == 0)
			continue;
		if (error != CONTROLLER_OK)
			DEMAND(depth == duplicates_max && error == CONTROLLER_NO_DUPLICATES && result.figure[0] == duplicates_max + 1
			       && result.figure[1] == duplicates_max);
		rest();
		DEMAND(has(depth));
		rest();
	}
}

/* Every one of them duplicates itself for as long as it is let. */
static void play_bomb(void)
{
	struct controller_result result;
	seL4_Word error;

	do
		error = duplicate(&result);
	while (error == CONTROLLER_OK || error == CONTROLLER_BUSY);
	DEMAND(error == CONTROLLER_NO_DUPLICATES);
	rest();
}

static void demand_refused(const struct controller_spawning *spawning, seL4_Word domain, seL4_Word error)
{
	DEMAND(controller_duplicate(CONTROLLER_CHANNEL, domain, spawning, NULL) == error);
}

/* Asks for more than it has. */
static void play_greedy(void)
{
	struct controller_spawning spawning = same();

	demand_refused(&spawning, LONER, CONTROLLER_NOT_ALLOWED);
	spawning.priority = 101;
	demand_refused(&spawning, CONTROLLER_SELF, CONTROLLER_BAD_PRIORITY);
	spawning = same();
	spawning.budget_us = 1001;
	demand_refused(&spawning, CONTROLLER_SELF, CONTROLLER_NOT_ALLOWED);
	spawning = same();
	spawning.period_us = 9999;
	demand_refused(&spawning, CONTROLLER_SELF, CONTROLLER_NOT_ALLOWED);
	spawning = same();
	spawning.connection[0].offer = OFFER_WITNESS;
	demand_refused(&spawning, CONTROLLER_SELF, CONTROLLER_NOT_ALLOWED);
	spawning = same();
	spawning.connection[0].channel = 54;
	demand_refused(&spawning, CONTROLLER_SELF, CONTROLLER_BAD_REQUEST);
	rest();
}

static void play_loner(void)
{
	struct controller_spawning spawning = same();

	demand_refused(&spawning, CONTROLLER_SELF, CONTROLLER_NO_RIGHT);
	rest();
}

/* Rests; whoever goes on from there with a channel to the witness tells it what it finds. */
static void play_sleeper(void)
{
	mark(777);
	rest();
	DEMAND(has(777));
	if ((microkit_pps >> WITNESS_CHANNEL & 1) != 0) {
		microkit_mr_set(0, initialised);
		(void)microkit_ppcall(WITNESS_CHANNEL, microkit_msginfo_new(0, 1));
		mark(778);
	}
	for (;;)
		;
}

static bool plays(const char *role)
{
	int argc;
	char **argv;
	unsigned int i = 0;

	graft_arguments(&argc, &argv);
	if (argc == 0)
		return false;
	while (argv[0][i] == role[i] && role[i] != '\0')
		i++;
	return argv[0][i] == role[i];
}

void init(void)
{
	if (plays("twins"))
		play_twins();
	if (plays("chain"))
		play_chain(WORKER_DUPLICATES);
	if (plays("spawned chain"))
		play_chain(SPAWNED_DUPLICATES);
	if (plays("bomb"))
		play_bomb();
	if (plays("greedy"))
		play_greedy();
	if (plays("loner"))
		play_loner();
	if (plays("sleeper"))
		play_sleeper();
}

void notified(microkit_channel ch)
{
	(void)ch;
}
