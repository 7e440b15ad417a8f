/* SPDX-License-Identifier: BSD-2-Clause */
/* The operator: spawns guests step by step, checks after each what they and the peer did and that everything came back, and ends
 * the machine with the verdict: 0x2a to the exit port if every step held, 0x15 if one did not. README.md tells the steps. */
#include "lib/base/base.h"
#include "systems/spawn/spawn.h"
#include "systems/verdict.h"

#define SEATS        4u
#define SHARE        300000u

__attribute__((section(".data.patched"))) volatile struct peer_desk *peer = 0;
__attribute__((section(".data.patched"))) const volatile struct rival_desk *rival = 0;

static seL4_Word ledger_before[LEDGER_WORDS];

/* ---- verdicts ---- */

static void wait_for(const volatile seL4_Word *word, seL4_Word value, const char *what)
{
	for (unsigned int i = 0; i < TURNS_MAX && *word != value; i++)
		seL4_Yield();
	demand(*word == value, what, *word);
}

/* Every step begins and ends with nothing spawned and the same ledger. */
static void step_ok(const char *what)
{
	struct controller_domain lines[SEATS];
	seL4_Word ledger[LEDGER_WORDS];
	unsigned int count = 0;

	demand(controller_list(OPERATOR_CONTROLLER, lines, SEATS, &count) == CONTROLLER_OK, "LIST is refused", 0);
	demand(count == 0, "a domain is left", count);
	demand(controller_ledger(OPERATOR_CONTROLLER, ledger) == CONTROLLER_OK, "LEDGER is refused", 0);
	for (unsigned int i = 0; i < LEDGER_WORDS; i++)
		demand(ledger[i] == ledger_before[i], "the ledger's word differs", i);
	graft_printf("step %lu ok: %s\n", ++step_number, what);
}

/* ---- guests ---- */

/* An unconnected guest, less important than peer and rival. */
static struct controller_spawning plain(void)
{
	return (struct controller_spawning){ .priority = 90, .stack_pages = 2, .budget_us = 700, .period_us = 10000 };
}

static struct controller_spawning connected(unsigned int priority, unsigned int offer, unsigned int channel)
{
	struct controller_spawning spawning = plain();

	spawning.priority = priority;
	spawning.connection_count = 1;
	spawning.connection[0] = (struct controller_connection){ offer, channel };
	return spawning;
}

static struct controller_result try_spawn(const struct controller_spawning *spawning, const char *name, const char *role)
{
	struct controller_result result;
	const char *const argv[] = { role };

	(void)controller_spawn(OPERATOR_CONTROLLER, spawning, name, 1, argv, &result);
	return result;
}

static seL4_Word spawn(const struct controller_spawning *spawning, const char *role)
{
	struct controller_result result = try_spawn(spawning, "guest", role);

	if (result.error != CONTROLLER_OK)
		graft_printf("operator: SPAWN: %s, detail %lu, figures %lu %lu\n", controller_error_text(result.error), result.detail,
		             result.figure[0], result.figure[1]);
	demand(result.error == CONTROLLER_OK, "SPAWN is refused", result.error);
	return result.child;
}

static void remove(seL4_Word child)
{
	seL4_Word error = controller_remove(OPERATOR_CONTROLLER, child, NULL);

	demand(error == CONTROLLER_OK, "REMOVE is refused", error);
}

static void demand_refused(const struct controller_spawning *spawning, const char *name, seL4_Word error, seL4_Word figure0,
                           seL4_Word figure1)
{
	struct controller_result result = try_spawn(spawning, name, "idler");

	demand(result.error == error, "SPAWN ends otherwise", result.error);
	demand(result.figure[0] == figure0, "a refusal has another first figure", result.figure[0]);
	demand(result.figure[1] == figure1, "a refusal has another second figure", result.figure[1]);
}

static void wait_for_state(seL4_Word child, seL4_Word state, const char *what)
{
	struct controller_domain lines[SEATS];
	unsigned int count;

	for (unsigned int turn = 0; turn < TURNS_MAX; turn++) {
		demand(controller_list(OPERATOR_CONTROLLER, lines, SEATS, &count) == CONTROLLER_OK, "LIST is refused", 0);
		for (unsigned int i = 0; i < count; i++) {
			if (lines[i].id == child && lines[i].state == state)
				return;
		}
		seL4_Yield();
	}
	demand(false, what, child);
}

static void order(enum peer_order what)
{
	seL4_Word done = peer->done;

	peer->order = what;
	microkit_notify(OPERATOR_PEER);
	wait_for(&peer->done, done + 1, "the peer does not carry out its order");
}

/* ---- steps ---- */

static void step_talk(void)
{
	struct controller_spawning spawning = connected(90, OFFER_CALLER, GUEST_PEER);
	seL4_Word child = spawn(&spawning, "caller");

	demand(child == 32, "the first child id is another", child);
	wait_for(&peer->calls, 1, "the guest does not call the peer");
	wait_for(&peer->notified[PEER_CALLER], 1, "the guest does not notify the peer");
	order(PEER_NOTIFY_CALLER);
	wait_for(&peer->calls, 2, "the guest is not notified by the peer");
	wait_for(&peer->notified[PEER_CALLER], 2, "the guest does not notify the peer again");
	remove(child);
	wait_for(&peer->notified[PEER_CALLER], 3, "the peer is not told that the guest is gone");
	order(PEER_NOTIFY_CALLER); /* into the void */
	step_ok("a spawned domain calls and notifies its peer, and is notified; when it is removed the peer is told");
}

static void step_serve(void)
{
	struct controller_spawning spawning = connected(130, OFFER_SERVER, 3);
	seL4_Word child = spawn(&spawning, "server");

	wait_for_state(child, CONTROLLER_RUNNING, "the server does not run");
	order(PEER_CALL_SERVER);
	demand(peer->label == 0 && peer->answer == 42, "the server gives another answer", peer->answer);
	remove(child);
	order(PEER_CALL_SERVER);
	demand(peer->label == seL4_InvalidCapability, "the peer still has a capability to the server", peer->label);
	child = spawn(&spawning, "server");
	order(PEER_CALL_SERVER);
	demand(peer->label == 0 && peer->answer == 42, "the next server gives another answer", peer->answer);
	remove(child);
	step_ok("the peer calls a spawned server; once that is removed its capability is dead, and the next one gets a new one");
}

static void step_seats(void)
{
	struct controller_spawning spawning = plain();
	seL4_Word child[SEATS];

	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int i = 0; i < SEATS; i++)
			child[i] = spawn(&spawning, "idler");
		demand_refused(&spawning, "guest", CONTROLLER_NO_SEATS, SEATS + 1, SEATS);
		remove(child[round]);
		child[round] = spawn(&spawning, "idler");
		for (unsigned int i = 0; i < SEATS; i++)
			remove(child[i]);
	}
	demand(controller_remove(OPERATOR_CONTROLLER, child[0], NULL) == CONTROLLER_NO_DOMAIN, "a removed domain is there", 0);
	step_ok("no more domains than the description grants; a seat that is given back can be taken again");
}

static void step_budget(void)
{
	struct controller_spawning spawning = plain();
	seL4_Word first;

	spawning.budget_us = 2000;
	first = spawn(&spawning, "idler");
	demand_refused(&spawning, "guest", CONTROLLER_NO_BUDGET, 200000, SHARE - 200000);
	spawning.budget_us = 10001;
	demand_refused(&spawning, "guest", CONTROLLER_BAD_REQUEST, 0, 0);
	spawning.budget_us = 1000;
	remove(spawn(&spawning, "idler"));
	remove(first);
	spawning.budget_us = 3000;
	remove(spawn(&spawning, "idler"));
	step_ok("no more of the processor than the description grants; what is given back can be had again");
}

static void step_memory(void)
{
	struct controller_spawning spawning = plain();
	struct controller_result result;
	seL4_Word first;

	spawning.stack_pages = 128;
	first = spawn(&spawning, "idler");
	result = try_spawn(&spawning, "guest", "idler");
	demand(result.error == CONTROLLER_NO_MEMORY && result.figure[0] > result.figure[1], "too little memory ends otherwise", result.error);
	remove(first);
	remove(spawn(&spawning, "idler"));
	demand_refused(&spawning, "nobody", CONTROLLER_NO_PROGRAM, 0, 0);
	step_ok("too little memory and an unknown program are refused, and no half-made domain is left");
}

static void step_offers(void)
{
	struct controller_spawning caller = connected(90, OFFER_CALLER, GUEST_PEER), wrong = caller;
	seL4_Word child = spawn(&caller, "idler");

	demand_refused(&caller, "guest", CONTROLLER_OFFER_TAKEN, OFFER_CALLER, 0);
	wrong.connection[0].offer = OFFERS;
	demand_refused(&wrong, "guest", CONTROLLER_NO_OFFER, OFFERS, OFFERS);
	remove(child);
	caller.priority = 120;
	demand_refused(&caller, "guest", CONTROLLER_BAD_PRIORITY, 120, 120);
	wrong = connected(120, OFFER_SERVER, 3);
	demand_refused(&wrong, "guest", CONTROLLER_BAD_PRIORITY, 120, 120);
	wrong = plain();
	wrong.priority = 190;
	demand_refused(&wrong, "guest", CONTROLLER_BAD_PRIORITY, 190, 190);
	wrong = connected(90, OFFER_CALLER, 54);
	demand_refused(&wrong, "guest", CONTROLLER_BAD_REQUEST, 0, 0);
	step_ok("an offer is for one domain at a time, calls go upward, and nothing spawned is as important as its controller");
}

static void step_faults(void)
{
	struct controller_spawning spawning = plain();
	seL4_Word child = spawn(&spawning, "faulty");

	wait_for_state(child, CONTROLLER_FAULTED, "the fault does not reach the controller");
	remove(child);
	step_ok("a fault of a spawned domain is its controller's to handle");
}

static void step_self(void)
{
	struct controller_spawning spawning = connected(90, CONTROLLER_OFFER_SELF, GUEST_CONTROLLER);
	struct controller_domain lines[SEATS];
	unsigned int count = 1;
	seL4_Word child;

	(void)spawn(&spawning, "leaver");
	for (unsigned int turn = 0; turn < TURNS_MAX && count != 0; turn++) {
		seL4_Yield();
		(void)controller_list(OPERATOR_CONTROLLER, lines, SEATS, &count);
	}
	child = spawn(&spawning, "greedy");
	wait_for_state(child, CONTROLLER_STOPPED, "the greedy one was not refused");
	remove(child);
	step_ok("a spawned domain may ask the controller for itself, and removes itself; for others it is refused");
}

/* Above the operator, and never yields: only its budget lets anybody else run. */
static void step_spinner(void)
{
	struct controller_spawning spawning = plain();
	seL4_Word child;

	spawning.priority = 110;
	spawning.budget_us = 2000;
	child = spawn(&spawning, "spinner");
	for (unsigned int i = 0; i < 100; i++)
		seL4_Yield();
	remove(child);
	step_ok("a busy loop of higher priority has its budget and no more");
}

static void step_rival(void)
{
	struct controller_spawning spawning = plain();
	seL4_Word floods = rival->floods;

	for (unsigned int i = 0; i < 50 || rival->floods < floods + 10; i++)
		remove(spawn(&spawning, "idler"));
	if (rival->wrong != 0)
		graft_printf("operator: the rival's try %lu ended with %lu\n", rival->last, rival->got);
	demand(rival->tries > 30 && rival->wrong == 0, "the rival got something it must not have, or was refused otherwise", rival->wrong);
	demand(peer->notified[PEER_RIVAL] == 0 && peer->notified[PEER_CALLER] != 0, "the peer heard of the rival", 0);
	step_ok("a hostile controller is refused whatever is not its own, and its flood of requests stops nobody");
}

void init(void)
{
	demand(controller_ledger(OPERATOR_CONTROLLER, ledger_before) == CONTROLLER_OK, "LEDGER is refused", 0);
	step_talk();
	step_serve();
	step_seats();
	step_budget();
	step_memory();
	step_offers();
	step_faults();
	step_self();
	step_spinner();
	step_rival();
	end_held();
}

void notified(microkit_channel ch)
{
	(void)ch;
}
