/* SPDX-License-Identifier: BSD-2-Clause */
/* The operator: goes through the tour step by step, checks after each what the domains did, and ends the machine with
 * the verdict: 0x2a to the exit port if every step held, 0x15 if one did not. README.md tells the steps.
 *
 * It runs as a script, all in init: where it waits for another domain it watches that domain's desk and yields. */
#include "lib/base/base.h"
#include "lib/base/status.h"
#include "systems/swap/tour.h"
#include "systems/verdict.h"

#define SWAPS        1000u
#define SWAPS_WITHOUT_PAUSE 50u
#define SWAPS_WARM   4u /* before the ledger is read: whatever is made once is made then */

/* The desks, set by the description. */
__attribute__((section(".data.patched"))) volatile struct worker_desk *worker = 0;
__attribute__((section(".data.patched"))) volatile struct peer_desk *peer = 0;
__attribute__((section(".data.patched"))) const volatile struct guest_desk *guest = 0;

/* ---- verdicts ---- */

static void step_ok(const char *what)
{
	graft_printf("step %lu ok: %s\n", ++step_number, what);
}

/* Everything the tour demands goes through here: the first thing that does not hold ends it. */
static void demand_done(seL4_Word error, const char *what, const struct controller_result *result)
{
	if (error != CONTROLLER_OK)
		graft_printf("operator: %s: %s, detail %lu, figures %lu %lu\n", what, controller_error_text(error),
		             result->detail, result->figure[0], result->figure[1]);
	demand(error == CONTROLLER_OK, what, error);
}

/* ---- waiting ---- */

static void wait_for(const volatile seL4_Word *word, seL4_Word value, const char *what)
{
	for (unsigned int i = 0; i < TURNS_MAX && *word != value; i++)
		seL4_Yield();
	demand(*word == value, what, *word);
}

/* ---- asking others ---- */

static struct controller_domain domain_line(enum child child)
{
	struct controller_domain lines[8];
	unsigned int count = 0;

	demand(controller_list(OPERATOR_CONTROLLER, lines, 8, &count) == CONTROLLER_OK, "LIST is refused", 0);
	for (unsigned int i = 0; i < count; i++)
		if (lines[i].id == (seL4_Word)child)
			return lines[i];
	demand(false, "LIST does not name the domain", (seL4_Word)child);
	return lines[0];
}

static void demand_state(enum child child, enum controller_state state, const char *what)
{
	struct controller_domain line = domain_line(child);

	demand(line.state == (seL4_Word)state, what, line.state);
}

static void order_peer(enum peer_order order)
{
	seL4_Word done = peer->done;

	peer->order = order;
	microkit_notify(OPERATOR_PEER);
	if (order != PEER_WORK)
		wait_for(&peer->done, done + 1, "the peer does not carry out its order");
}

static void demand_argument(unsigned int i, const char *text)
{
	unsigned int k = 0;

	while (k < TEXT_BYTES && text[k] && worker->argv[i][k] == text[k])
		k++;
	demand(k < TEXT_BYTES && !text[k] && !worker->argv[i][k], "the worker's program has other arguments", i);
}

static void demand_arguments(const char *const texts[], unsigned int count)
{
	demand(worker->argc == count, "the worker's program has another number of arguments", worker->argc);
	for (unsigned int i = 0; i < count; i++)
		demand_argument(i, texts[i]);
}

static void demand_clean(void)
{
	if (worker->unclean)
		graft_printf("operator: a greeter found something unclean: bits 0x%lx, detail 0x%lx\n", worker->unclean,
		             worker->unclean_at);
	demand(worker->unclean == 0, "a greeter found something unclean at its start", worker->unclean);
}

/* ---- the steps ---- */

static void step_everything_runs(void)
{
	static const char *const arguments[] = { "greeter1", "started", "by-the", "description" };

	wait_for(&worker->starts, 1, "greeter 1 does not start");
	graft_printf("operator: the tour begins\n"); /* not before: who speaks first must not depend on who is loaded first */
	demand(worker->running == 1, "another greeter runs", worker->running);
	demand_arguments(arguments, 4);
	demand_state(CHILD_WORKER, CONTROLLER_RUNNING, "the worker is not listed as running");
	demand_state(CHILD_GUEST, CONTROLLER_EMPTY, "the guest is not listed as empty");
	step_ok("the worker runs greeter 1 with the description's arguments; the guest is empty");
}

static void step_count(void)
{
	for (unsigned int i = 0; i < 3; i++)
		order_peer(PEER_CALL_ONCE);
	demand(peer->answers == 3 && peer->answered_by == 1, "greeter 1 does not answer the peer", peer->answers);
	demand(worker->count == 3, "greeter 1 does not count", worker->count);
	step_ok("greeter 1 answers the peer and counts to 3 in the domain's memory region");
}

static void step_swap_itself(void)
{
	static const char *const arguments[] = { "greeter2", "with", "its-own", "arguments" };
	seL4_Word generation = domain_line(CHILD_WORKER).generation;

	order_peer(PEER_ASK_FOR_SWAP);
	wait_for(&worker->starts, 2, "greeter 2 does not start");
	demand(worker->running == 2, "another greeter runs", worker->running);
	demand_arguments(arguments, 4);
	demand(domain_line(CHILD_WORKER).generation == generation + 1, "the generation is not one more", generation);
	step_ok("greeter 1 asked to be replaced: greeter 2 runs in its domain, with arguments of its own");
}

static void step_waiting_peer(void)
{
	demand(peer->restarted == 1, "the peer's open call was not answered with 'restarted'", peer->restarted);
	demand(peer->wrong == 0, "the peer got a wrong answer", peer->wrong);
	step_ok("the peer, which was waiting for greeter 1, was told that its server was replaced");
}

static void step_clean_start(void)
{
	demand_clean();
	step_ok(
		"greeter 2 found its registers, FPU, stack and memory clean, although greeter 1 left dirt in all of them");
}

static void step_channels(void)
{
	demand(worker->found == 4, "greeter 2 did not find the count where it was left", worker->found);
	wait_for(&peer->notified, 1, "greeter 2's notification does not reach the peer");
	order_peer(PEER_CALL_ONCE);
	demand(peer->answers == 4 && peer->answered_by == 2, "greeter 2 does not answer the peer", peer->answered_by);
	demand(worker->count == 5, "greeter 2 does not go on counting", worker->count);
	step_ok("greeter 2 found the count at 4 and goes on with it; its channel to the peer works both ways");
}

/* Has greeter 2 ask the controller for a program that it can't get. */
static void ask_for(const char *name, seL4_Word error)
{
	seL4_Word asked = worker->asked;
	unsigned int i = 0;

	for (; name[i]; i++)
		worker->wanted[i] = name[i];
	worker->wanted[i] = '\0';
	microkit_notify(OPERATOR_WORKER);
	wait_for(&worker->asked, asked + 1, "greeter 2's request does not come back");
	demand(worker->error == error, "greeter 2 was told another error", worker->error);
}

static void step_no_such_program(void)
{
	ask_for("nobody", CONTROLLER_NO_PROGRAM);
	step_ok("asked for a program that is not in the archive, the controller says so");
}

static void step_damaged(void)
{
	ask_for("damaged", CONTROLLER_BAD_PROGRAM);
	demand(worker->detail == STATUS_ARCHIVE_PAYLOAD_DIGEST, "the damage is called something else", worker->detail);
	graft_printf("operator: refused because: %s\n", status_text((enum status)worker->detail));
	ask_for("forged", CONTROLLER_BAD_PROGRAM);
	demand(worker->detail == STATUS_ELF_SEGMENT_HEADER_SIZE, "the forged header is called something else",
	       worker->detail);
	graft_printf("operator: refused because: %s\n", status_text((enum status)worker->detail));
	step_ok(
		"a damaged program, and one with a bad header under a digest that fits, are refused, each for its reason");
}

static void step_too_large(void)
{
	ask_for("large", CONTROLLER_NO_MEMORY);
	graft_printf("operator: large needs %lu bytes, the pool has %lu\n", worker->figure[0], worker->figure[1]);
	demand(worker->figure[0] > worker->figure[1] && worker->figure[1] > 0, "the two figures make no sense",
	       worker->figure[0]);
	step_ok("a program larger than the pool is refused, with both figures");
}

static void step_unharmed(void)
{
	seL4_Word answers = peer->answers;

	order_peer(PEER_CALL_ONCE);
	demand(peer->answers == answers + 1 && peer->answered_by == 2, "greeter 2 does not answer any more",
	       peer->answered_by);
	demand(worker->starts == 2 && worker->running == 2, "greeter 2 did not go on unharmed", worker->starts);
	step_ok("greeter 2 goes on unharmed after the refusals");
}

static void step_busy_loop(void)
{
	static const char *const arguments[] = { "good" };
	struct controller_result result;
	seL4_Word turns;

	demand_done(controller_load(OPERATOR_CONTROLLER, CHILD_GUEST, "looper", 0, NULL, &result), "LOAD looper",
	            &result);
	wait_for(&guest->started, GUEST_LOOPER, "the looper does not start");
	turns = guest->turns;
	for (unsigned int i = 0; i < TURNS_MAX && guest->turns == turns; i++)
		seL4_Yield();
	demand(guest->turns != turns, "the looper does not loop", turns);
	demand_done(controller_swap(OPERATOR_CONTROLLER, CHILD_GUEST, "good", 1, arguments, &result), "SWAP to good",
	            &result);
	wait_for(&guest->started, GUEST_GOOD, "the good program does not start");
	turns = guest->turns;
	for (unsigned int i = 0; i < 100; i++)
		seL4_Yield();
	demand(guest->turns == turns, "the looper still runs", guest->turns);
	step_ok("a program in an endless loop was replaced from outside");
}

static void step_fault(void)
{
	struct controller_result result;

	demand_done(controller_swap(OPERATOR_CONTROLLER, CHILD_GUEST, "faulty", 0, NULL, &result), "SWAP to faulty",
	            &result);
	wait_for(&guest->started, GUEST_FAULTY, "the faulty program does not start");
	for (unsigned int i = 0; i < TURNS_MAX && domain_line(CHILD_GUEST).state != CONTROLLER_FAULTED; i++)
		seL4_Yield();
	demand_state(CHILD_GUEST, CONTROLLER_FAULTED, "the guest is not listed as faulted");
	demand_done(controller_swap(OPERATOR_CONTROLLER, CHILD_GUEST, "good", 0, NULL, &result), "SWAP to good", &result);
	wait_for(&guest->started, GUEST_GOOD, "the good program does not start");
	demand_state(CHILD_GUEST, CONTROLLER_RUNNING, "the guest is not listed as running");
	step_ok("a program that faulted was reported and stopped, and a good one took its place");
}

static void step_verbs(void)
{
	struct controller_result result;
	seL4_Word turns;

	controller_load(OPERATOR_CONTROLLER, CHILD_GUEST, "looper", 0, NULL, &result);
	demand(result.error == CONTROLLER_WRONG_STATE, "LOAD into a running domain is not refused", result.error);
	demand_done(controller_swap(OPERATOR_CONTROLLER, CHILD_GUEST, "looper", 0, NULL, &result), "SWAP to looper",
	            &result);
	wait_for(&guest->started, GUEST_LOOPER, "the looper does not start");
	demand_done(controller_stop(OPERATOR_CONTROLLER, CHILD_GUEST, &result), "STOP", &result);
	demand_state(CHILD_GUEST, CONTROLLER_STOPPED, "the guest is not listed as stopped");
	turns = guest->turns;
	for (unsigned int i = 0; i < 100; i++)
		seL4_Yield();
	demand(guest->turns == turns, "the stopped looper still runs", guest->turns);
	demand_done(controller_resume(OPERATOR_CONTROLLER, CHILD_GUEST, &result), "RESUME", &result);
	for (unsigned int i = 0; i < TURNS_MAX && guest->turns == turns; i++)
		seL4_Yield();
	demand(guest->turns != turns, "the resumed looper does not go on", turns);
	demand_done(controller_unload(OPERATOR_CONTROLLER, CHILD_GUEST, &result), "UNLOAD", &result);
	demand_state(CHILD_GUEST, CONTROLLER_EMPTY, "the guest is not listed as empty");
	demand(controller_unload(OPERATOR_CONTROLLER, CHILD_GUEST, &result) != CONTROLLER_OK,
	       "UNLOAD of nothing succeeds", 0);
	demand(controller_stop(OPERATOR_CONTROLLER, 60, &result) != CONTROLLER_OK, "STOP of nobody succeeds", 0);
	step_ok("stop, resume and unload do what they say, and refuse what they can't");
}

/* ---- a thousand swaps ---- */

static void print_ledger(const char *when, const seL4_Word ledger[LEDGER_WORDS])
{
	graft_printf("operator: ledger %s: untyped %lu of %lu bytes free, slots %lu of %lu free, %lu frames, %lu tables, "
	             "%lu threads, %lu accounts\n",
	             when, ledger[LEDGER_UNTYPED_BYTES_FREE], ledger[LEDGER_UNTYPED_BYTES_TOTAL],
	             ledger[LEDGER_SLOTS_FREE], ledger[LEDGER_SLOTS_TOTAL], ledger[LEDGER_FRAMES], ledger[LEDGER_TABLES],
	             ledger[LEDGER_THREADS], ledger[LEDGER_ACCOUNTS]);
}

/* Swaps the worker to the greeter that is not running, and sees it start. */
static void swap_worker(void)
{
	seL4_Word starts = worker->starts;
	bool to_second = worker->running == 1;
	struct controller_result result;

	demand_done(
		controller_swap(OPERATOR_CONTROLLER, CHILD_WORKER, to_second ? "greeter2" : "greeter1", 0, NULL, &result),
		"SWAP of the worker", &result);
	wait_for(&worker->starts, starts + 1, "the greeter does not start");
	demand(worker->running == (to_second ? 2 : 1), "another greeter runs", worker->running);
	demand_clean();
}

static void wait_for_peer(void)
{
	seL4_Word answers = peer->answers;

	for (unsigned int i = 0; i < TURNS_MAX && peer->answers == answers; i++)
		seL4_Yield();
	demand(peer->answers > answers, "the peer does not get on with its work meanwhile", answers);
}

/* A greeter's start can take all of the worker's budget, and the next swap replace it before it has answered anybody: so now and
 * then there is a pause until the peer has got an answer. */
static void swap_many(void)
{
	for (unsigned int i = 0; i < SWAPS; i++) {
		swap_worker();
		if (i % SWAPS_WITHOUT_PAUSE == 0)
			wait_for_peer();
	}
}

static void stop_peer(seL4_Word done)
{
	peer->stop = 1;
	wait_for(&peer->done, done + 1, "the peer does not stop working");
	graft_printf("operator: the peer made %lu calls: %lu were answered, %lu came back as restarted, %lu wrong\n",
	             peer->calls, peer->answers, peer->restarted, peer->wrong);
	demand(peer->wrong == 0, "the peer got wrong answers", peer->wrong);
	demand(peer->answers + peer->restarted == peer->calls, "a call of the peer has no answer", peer->calls);
	/* One call besides those counted as answered may have been counted by a greeter that was then replaced. */
	demand(worker->count >= peer->answers && worker->count <= peer->calls, "the count is lost", worker->count);
}

static void step_thousand_swaps(void)
{
	seL4_Word before[LEDGER_WORDS], after[LEDGER_WORDS];
	seL4_Word done = peer->done;

	order_peer(PEER_WORK);
	for (unsigned int i = 0; i < SWAPS_WARM; i++)
		swap_worker();
	demand(controller_ledger(OPERATOR_CONTROLLER, before) == CONTROLLER_OK, "LEDGER is refused", 0);
	print_ledger("before", before);
	swap_many();
	demand(controller_ledger(OPERATOR_CONTROLLER, after) == CONTROLLER_OK, "LEDGER is refused", 0);
	print_ledger("after", after);
	stop_peer(done);
	demand(before[LEDGER_UNTYPED_BYTES_TOTAL] > 0, "the ledger is empty", 0);
	for (unsigned int i = 0; i < LEDGER_WORDS; i++)
		demand(before[i] == after[i], "the ledger's word differs", i);
	step_ok("1000 swaps back and forth while the peer worked: every call has its answer, and the ledger is equal");
}

void init(void)
{
	step_everything_runs();
	step_count();
	step_swap_itself();
	step_waiting_peer();
	step_clean_start();
	step_channels();
	step_no_such_program();
	step_damaged();
	step_too_large();
	step_unharmed();
	step_busy_loop();
	step_fault();
	step_verbs();
	step_thousand_swaps();
	end_held();
}

void notified(microkit_channel ch)
{
	(void)ch;
}
