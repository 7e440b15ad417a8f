/* SPDX-License-Identifier: BSD-2-Clause */
/* Spawned domains on the kernel core, with the monitor's own code to answer for budgets and connections. The controller is stopped
 * for good behind every kernel call of SPAWN and REMOVE, and started afresh: each time the domain is there whole or not at all,
 * for the controller, for the monitor and for the peers, and nothing is lost. Where the domain was being made, handed over
 * or given back, the restart is stopped too, behind each of its calls. Then the same with every call refused once, the monitor's too. */
#include "test/unit/controller_world.h"
#include "user/monitor/domains.h"
#include "user/monitor/give.h"
#include "user/monitor/requests.h"

#define SEATS         2u
#define SEAT          2u /* domain index of the first seat, behind the two of the description */
#define SPAWNED_ID    SYSTEM_SPAWN_ID_FIRST
#define GRANTED_SHARE 500000u
#define MONITOR_REPLY 0x7000u /* no capability: the answer is taken on its way */
#define PEER_CHANNEL  5u

/* Offers: to be called by the spawned domain, which is notified; to call it and to be notified. */
enum { OFFER_SERVES, OFFER_CALLS, OFFER_COUNT };

/* ---- the monitor ---- */

static struct monitor monitor;
static struct system_header header;
static struct system_controller description;
static struct system_offer offers[OFFER_COUNT];
static seL4_MessageInfo_t monitor_answer;
static void (*after_monitor)(void);

static bool note_sent(seL4_CPtr to, seL4_MessageInfo_t info)
{
	if (to != MONITOR_REPLY)
		return note_answer(to, info);
	monitor_answer = info;
	return true;
}

/* Whose kernel call is refused: the controller's, or the monitor's, for which it is kept here while the controller runs. */
static struct {
	bool in_monitor;
	bool has_been; /* in the monitor, at any time: what it could not drop stays until the next CONNECT */
	uint64_t nth;
	seL4_Error error;
} refusal;

/* A capability of an account, as the kernel would hand it over with the message: not at all if there is no room for it. */
static void transfer(seL4_MessageInfo_t *info, seL4_CPtr cptr)
{
	seL4_Uint8 depth_bits = (seL4_Uint8)account_depth_bits(&controller.space);

	if (cap_kind(fake_cap(w.fake, monitor.received)) != CAP_NULL) {
		*info = seL4_MessageInfo_new(seL4_MessageInfo_get_label(*info), 0, 0, seL4_MessageInfo_get_length(*info));
		return;
	}
	assert_int_equal(seL4_CNode_Copy(FAKE_CNODE, monitor.received, 64, w.space.use.cnode, cptr & ((1ull << depth_bits) - 1), depth_bits,
	                                 seL4_AllRights), seL4_NoError);
}

/* The monitor is more important than the controller, and is never stopped in the middle. */
static void answer_as_monitor(seL4_MessageInfo_t *info, struct sel4_words *words)
{
	seL4_IPCBuffer *buffer = seL4_GetIPCBuffer();
	uint64_t calls = sel4_core_calls, of_controller = sel4_core_refuse(0, 0);

	after_monitor = sel4_core_after;
	sel4_core_after = NULL;
	memcpy(buffer->msg, words, sizeof *words);
	if (seL4_MessageInfo_get_extraCaps(*info) == 1)
		transfer(info, buffer->caps_or_badges[0]);
	if (refusal.in_monitor)
		sel4_core_refuse(refusal.nth, refusal.error);
	requests_serve(&monitor, MONITOR_BADGE_REQUEST, *info, MONITOR_REPLY);
	if (refusal.in_monitor)
		refusal.nth = sel4_core_refuse(0, 0);
	if (!refusal.has_been)
		assert_null(cap_object(fake_cap(w.fake, monitor.received)));
	sel4_core_refuse(of_controller, refusal.error);
	memcpy(words, buffer->msg, sizeof *words);
	*info = monitor_answer;
	sel4_core_calls = calls + 1;
	sel4_core_after = after_monitor;
	if (after_monitor)
		after_monitor();
}

static bool serve_all(seL4_CPtr to, seL4_MessageInfo_t *info, struct sel4_words *words)
{
	if (to != grant.monitor)
		return serve_in_their_place(to, info, words);
	answer_as_monitor(info, words);
	return true;
}

static void start_monitor(void)
{
	memset(&monitor, 0, sizeof monitor);
	header.controllers.count = 1;
	header.offers.count = OFFER_COUNT;
	for (uint32_t i = 0; i < OFFER_COUNT; i++)
		offers[i] = (struct system_offer){ .domain = 0, .id = PEER_CHANNEL + i, .controller = 0, .flags = grant.offer[i].flags };
	monitor.system = (struct system){ .header = &header, .controllers = &description, .offers = offers };
	monitor.sched_control = FAKE_SCHED_CONTROL;
	monitor.controller[0].budget = (struct budget){ .granted = GRANTED_SHARE, .contexts = SEATS };
	monitor.controller[0].spawn_contexts = w.next_slot;
	for (uint32_t i = 0; i < SEATS; i++)
		(void)world_make(&w, seL4_SchedContextObject, DOMAINS_SC_BITS);
	monitor.domain[0].microkit = world_make(&w, seL4_CapTableObject, GIVE_INNER_BITS);
	monitor.trial_thread = world_make(&w, seL4_TCBObject, 0);
	monitor.received = w.next_slot++;
}

/* ---- the grant ---- */

static struct grant_offer make_offer(uint32_t flags)
{
	struct grant_offer offer = { .id = PEER_CHANNEL, .flags = flags, .priority = (flags & SYSTEM_OFFER_CALL) != 0 ? 150 : 50 };

	offer.notification = grant_cap(world_make(&w, seL4_NotificationObject, 0));
	if ((flags & SYSTEM_OFFER_CALL) != 0)
		offer.endpoint = grant_cap(world_make(&w, seL4_EndpointObject, 0));
	return offer;
}

static void start_spawning(void)
{
	void *none = NULL;

	start(&none);
	memset(&refusal, 0, sizeof refusal);
	grant.offer[OFFER_SERVES] = make_offer(SYSTEM_OFFER_CALL | SYSTEM_OFFER_PEER_NOTIFY);
	grant.offer[OFFER_CALLS] = make_offer(SYSTEM_OFFER_NOTIFY | SYSTEM_OFFER_PEER_CALL);
	grant.offer_count = OFFER_COUNT;
	start_monitor();
	grant.spawn_count = SEATS;
	grant.spawn_share = GRANTED_SHARE;
	grant.spawn_context = next_granted;
	for (uint32_t i = 0; i < SEATS; i++)
		grant_cap(monitor.controller[0].spawn_contexts + i);
	grant.priority = 200;
	grant.endpoint = grant_cptr(grant_cap(world_make(&w, seL4_EndpointObject, 0)));
	grant.monitor = 0x7001;
	sel4_core_server = serve_all;
	sel4_core_sent = note_sent;
	memset(&record, 0, sizeof record);
	assert_int_equal(controller_start(&grant, &record), STATUS_OK);
}

static void end_spawning(void)
{
	void *none = NULL;

	end(&none);
}

/* ---- stopping ---- */

static jmp_buf stopped;
static uint64_t stop_in; /* 0: never */

static void stop_behind_the_call(void)
{
	if (stop_in > 0 && --stop_in == 0)
		longjmp(stopped, 1);
}

/* Runs what; true: it was stopped behind call k. */
static bool run_and_stop(void (*what)(void), uint64_t k)
{
	bool was_stopped = true;

	stop_in = k;
	sel4_core_after = stop_behind_the_call;
	if (setjmp(stopped) == 0) {
		what();
		was_stopped = false;
	}
	sel4_core_after = NULL;
	return was_stopped;
}

/* ---- what is interrupted ---- */

static bool with_connections; /* of the next domain: an offer is for one at a time */

static seL4_Word begin_spawn(bool *later)
{
	static const seL4_Word tail[] = { 100, 2, 100, 1000, 3, OFFER_SERVES << 8 | 1, OFFER_CALLS << 8 | 2,
	                                  (seL4_Word)CONTROLLER_OFFER_SELF << 8 | 3 };
	seL4_Word *message = seL4_GetIPCBuffer()->msg, label, words = sizeof tail / sizeof tail[0];

	memset(message, 0, 12 * sizeof *message);
	memcpy(&message[1], "first", 5);
	message[9] = 1;
	message[10] = 4;
	memcpy(&message[11], "one", 4);
	memcpy(&message[12], tail, sizeof tail);
	if (!with_connections) {
		message[12 + BUDGET_WORD + COUNT_WORD] = 0;
		words = BUDGET_WORD + CONNECTION_WORDS;
	}
	*later = begin(OPERATOR_CHANNEL, CONTROLLER_SPAWN, 12 + words, &label);
	return label;
}

static seL4_Word spawn(bool connected)
{
	bool later;
	seL4_Word label;

	with_connections = connected;
	label = begin_spawn(&later);
	if (!later)
		return label;
	while (graft_work())
		continue;
	return sent.label;
}

static void do_spawn(void)
{
	spawn(true);
}

static void do_remove(void)
{
	ask(OPERATOR_CHANNEL, CONTROLLER_REMOVE, SPAWNED_ID);
}

static void do_remove_itself(void)
{
	ask(SPAWN_CHANNEL_FIRST, CONTROLLER_REMOVE, CONTROLLER_SELF);
}

/* Another is being loaded meanwhile. */
static void do_remove_beside_a_spawn(void)
{
	bool later;

	with_connections = false;
	begin_spawn(&later);
	assert_true(later);
	for (uint32_t i = 0; i < 4; i++)
		graft_work();
	do_remove();
	while (graft_work())
		continue;
}

static void do_swap(void)
{
	offer(6);
	ask_program(SPAWN_CHANNEL_FIRST, CONTROLLER_SWAP, CONTROLLER_SELF);
}

static void do_restart(void)
{
	assert_int_equal(controller_start(&grant, &record), STATUS_OK);
}

/* ---- what must be so after it ---- */

static struct cap peer_cap(uint32_t slot)
{
	struct cte *cnode = cap_object(fake_cap(w.fake, monitor.domain[0].microkit));

	return cnode[slot].cap;
}

static struct sched_context *context_of_seat(uint32_t seat)
{
	return cap_object(fake_cap(w.fake, monitor.controller[0].spawn_contexts + seat));
}

static void expect_no_domain(uint32_t seat)
{
	assert_false(domain_is_there(SEAT + seat));
	assert_int_equal(record.domain[SEAT + seat].account, ACCOUNT_NONE);
	assert_int_equal(record.domain[SEAT + seat].state, CONTROLLER_EMPTY);
	assert_null(context_of_seat(seat)->tcb);
	assert_int_equal(monitor.controller[0].budget.share[seat], 0);
}

static void expect_a_whole_domain(uint32_t seat)
{
	const struct record_domain *domain = &record.domain[SEAT + seat];
	struct tcb *thread = cap_object(world_cap(&w, domain_thread(SEAT + seat)));

	assert_int_equal(domain->state, CONTROLLER_RUNNING);
	assert_int_equal(domain_spawned(SEAT + seat)->is_incomplete, 0);
	assert_ptr_equal(context_of_seat(seat)->tcb, thread);
	assert_true(thread_is_schedulable(thread));
	assert_non_null(thread->bound_notification);
	assert_int_equal(monitor.controller[0].budget.share[seat], 100000);
}

/* Capabilities at the peer are there exactly if the domain is. */
static void expect_connections(bool there)
{
	assert_int_equal(cap_kind(peer_cap(DOMAINS_NOTIFY + PEER_CHANNEL + OFFER_SERVES)), there ? CAP_NOTIFICATION : CAP_NULL);
	assert_int_equal(cap_kind(peer_cap(DOMAINS_CALL + PEER_CHANNEL + OFFER_CALLS)), there ? CAP_ENDPOINT : CAP_NULL);
}

static void expect_a_side(bool is_connected)
{
	uint32_t there = 0;

	for (uint32_t seat = 0; seat < SEATS; seat++) {
		const struct record_domain *domain = &record.domain[SEAT + seat];

		assert_int_equal(domain->next, ACCOUNT_NONE);
		assert_int_equal(domain->building, ACCOUNT_NONE);
		assert_int_equal(domain->doing, RECORD_NOTHING);
		if (domain_is_there(SEAT + seat))
			expect_a_whole_domain(seat);
		else
			expect_no_domain(seat);
		there += domain_is_there(SEAT + seat);
	}
	assert_int_equal(ledger_now().accounts, 2 * there);
	expect_connections(is_connected && domain_is_there(SEAT));
}

static uint64_t caps_now(void)
{
	const struct pool *pool = &controller.space.state->pool;

	return world_figures_now(&w).caps - 2 * (pool->pairs_total - pool->pairs_free);
}

/* The restarted controller does everything. */
static void expect_service(const struct space_ledger *empty, uint64_t caps)
{
	struct space_ledger now;

	for (uint32_t seat = 0; seat < SEATS; seat++) {
		if (domain_is_there(SEAT + seat))
			assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_REMOVE, SPAWNED_ID + seat), CONTROLLER_OK);
		expect_no_domain(seat);
	}
	expect_connections(false);
	assert_int_equal(spawn(true), CONTROLLER_OK);
	expect_a_side(true);
	expect_connections(true);
	assert_int_equal(ask_program(SPAWN_CHANNEL_FIRST, CONTROLLER_SWAP, CONTROLLER_SELF), CONTROLLER_OK);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_REMOVE, SPAWNED_ID), CONTROLLER_OK);
	now = ledger_now();
	assert_memory_equal(&now, empty, sizeof now);
	assert_int_equal(caps_now(), caps);
}

/* ---- the walk ---- */

struct walk {
	void (*what)(void);
	bool is_there;        /* a connected domain, before */
	seL4_Word before;     /* verb to bring it into another state first; 0: none */
	bool is_connected;    /* a domain in the first seat has connections, before and after */
};

static void prepare(const struct walk *walk)
{
	if (walk->is_there)
		assert_int_equal(spawn(true), CONTROLLER_OK);
	if (walk->before != 0)
		assert_int_equal(ask(OPERATOR_CHANNEL, walk->before, SPAWNED_ID), CONTROLLER_OK);
	memset(&sent, 0, sizeof sent);
}

static bool is_in_the_middle(void)
{
	const struct record_domain *domain = &record.domain[SEAT];

	return domain->next != ACCOUNT_NONE || domain->doing != RECORD_NOTHING ||
	       (domain_is_there(SEAT) && record.spawned[0].is_incomplete != 0 && domain->building == ACCOUNT_NONE);
}

/* A domain that was stopped is stopped or gone; one that was running is running or gone. */
static void expect_after(const struct walk *walk)
{
	struct record_domain *domain = &record.domain[SEAT];

	if (walk->before != 0 && domain_is_there(SEAT)) {
		assert_int_equal(domain->state, walk->before == CONTROLLER_STOP ? CONTROLLER_STOPPED : CONTROLLER_EMPTY);
		assert_int_equal(record.spawned[0].is_incomplete, 0);
		expect_connections(true);
	} else {
		expect_a_side(walk->is_connected);
	}
}

/* Stopped behind call k, and behind call j of the restart if j > 0. false: there is no such call (any more). */
static bool try(const struct walk *walk, uint64_t k, uint64_t j, bool *in_the_middle)
{
	struct space_ledger empty;
	uint64_t caps;
	bool stopped_there;

	start_spawning();
	empty = ledger_now();
	caps = caps_now();
	prepare(walk);
	stopped_there = run_and_stop(walk->what, k);
	*in_the_middle = is_in_the_middle();
	if (stopped_there && j > 0)
		stopped_there = run_and_stop(do_restart, j);
	if (stopped_there) {
		sent.count = 0;
		do_restart();
		assert_int_equal(sent.count, reply_count()); /* whoever waits is told */
		assert_int_equal(sent.label, CONTROLLER_RESTARTED);
		expect_after(walk);
		expect_service(&empty, caps);
	}
	end_spawning();
	return stopped_there;
}

static void walk_all(const struct walk *walk, uint64_t first, uint64_t calls_min)
{
	bool in_the_middle, unused;
	uint64_t k = first;

	for (; try(walk, k, 0, &in_the_middle); k++) {
		for (uint64_t j = 1; in_the_middle && try(walk, k, j, &unused); j++)
			continue;
	}
	assert_true(k > calls_min);
}

static void spawn_at_every_call(void **arg)
{
	(void)arg;
	walk_all(&(struct walk){ do_spawn, false, 0, true }, 1, 40);
}

static void remove_at_every_call(void **arg)
{
	(void)arg;
	walk_all(&(struct walk){ do_remove, true, 0, true }, 1, 7);
	walk_all(&(struct walk){ do_remove_itself, true, 0, true }, 1, 7);
}

static void remove_of_a_stopped_or_empty_one_at_every_call(void **arg)
{
	(void)arg;
	walk_all(&(struct walk){ do_remove, true, CONTROLLER_STOP, true }, 1, 4);
	walk_all(&(struct walk){ do_remove, true, CONTROLLER_UNLOAD, true }, 1, 4);
}

static void remove_beside_a_spawn_at_every_call(void **arg)
{
	(void)arg;
	walk_all(&(struct walk){ do_remove_beside_a_spawn, true, 0, true }, 1, 40);
}

static void swap_of_a_spawned_one_at_every_call(void **arg)
{
	(void)arg;
	walk_all(&(struct walk){ do_swap, true, 0, true }, 20, 40);
}

/* A program that asks for its own removal while the kernel refuses: the domain stays whole, and so it is after a restart. */
static void a_refused_removal_leaves_the_domain_whole(void **arg)
{
	(void)arg;
	start_spawning();
	assert_int_equal(spawn(true), CONTROLLER_OK);
	sel4_core_refuse(1, seL4_IllegalOperation);
	assert_int_not_equal(ask(OPERATOR_CHANNEL, CONTROLLER_REMOVE, SPAWNED_ID), CONTROLLER_OK);
	sel4_core_refuse(0, 0);
	expect_a_side(true);
	do_restart();
	expect_a_side(true);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_REMOVE, SPAWNED_ID), CONTROLLER_OK);
	expect_a_side(true);
	end_spawning();
}

/* ---- refusals ---- */

/* Says which kernel call is refused from now on; 0: none. Returns whether the last one was. */
static bool refuse_call(bool in_monitor, uint64_t nth, seL4_Error error)
{
	uint64_t left = refusal.in_monitor ? refusal.nth : sel4_core_refuse(0, 0);

	refusal.in_monitor = in_monitor;
	refusal.has_been |= in_monitor;
	refusal.nth = nth;
	refusal.error = error;
	sel4_core_refuse(in_monitor ? 0 : nth, error);
	return left == 0;
}

static seL4_Word spawn_connected(void)
{
	return spawn(true);
}

static seL4_Word remove_it(void)
{
	return ask(OPERATOR_CHANNEL, CONTROLLER_REMOVE, SPAWNED_ID);
}

static seL4_Word remove_itself(void)
{
	return ask(SPAWN_CHANNEL_FIRST, CONTROLLER_REMOVE, CONTROLLER_SELF);
}

/* A refused verb has changed nothing. One that was done in spite of it could not give something back: the next verb does. */
static void expect_undone(seL4_Word answer, seL4_Word (*back)(void), const struct space_ledger *ledger, uint64_t caps)
{
	struct space_ledger now;

	if (answer == CONTROLLER_OK)
		assert_int_equal(back(), CONTROLLER_OK);
	now = ledger_now();
	assert_memory_equal(&now, ledger, sizeof now);
	assert_int_equal(caps_now(), caps);
	expect_a_side(true);
}

/* The verb with call nth refused; false: it was through before. */
static bool refuse_one(seL4_Word (*what)(void), seL4_Word (*back)(void), bool in_monitor, uint64_t nth, seL4_Error error)
{
	struct space_ledger ledger = ledger_now();
	uint64_t caps = caps_now();
	bool was_refused;
	seL4_Word answer;

	refuse_call(in_monitor, nth, error);
	answer = what();
	was_refused = refuse_call(false, 0, 0);
	if (!was_refused)
		assert_int_equal(answer, CONTROLLER_OK);
	else if (answer != CONTROLLER_OK && !in_monitor)
		assert_int_equal(answer, microkit_mr_get(0) == STATUS_SPACE_LENT ? CONTROLLER_BUSY : CONTROLLER_KERNEL_REFUSED);
	expect_undone(answer, back, &ledger, caps);
	return was_refused;
}

static void refuse_each(seL4_Word (*what)(void), seL4_Word (*back)(void), bool in_monitor, uint64_t calls_min)
{
	for (seL4_Error error = seL4_InvalidArgument; error <= seL4_NotEnoughMemory; error++) {
		uint64_t nth = 1;

		while (refuse_one(what, back, in_monitor, nth, error))
			nth++;
		assert_true(nth > calls_min);
	}
}

static void any_call_of_spawn_and_remove_may_be_refused(void **arg)
{
	(void)arg;
	start_spawning();
	refuse_each(spawn_connected, remove_it, false, 40);
	assert_int_equal(spawn(true), CONTROLLER_OK);
	refuse_each(remove_it, spawn_connected, false, 4);
	refuse_each(remove_itself, spawn_connected, false, 4);
	end_spawning();
}

static void any_call_of_the_monitor_may_be_refused(void **arg)
{
	(void)arg;
	start_spawning();
	refuse_each(spawn_connected, remove_it, true, 12);
	assert_int_equal(spawn(true), CONTROLLER_OK);
	refuse_each(remove_it, spawn_connected, true, 1);
	end_spawning();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spawn_at_every_call),
		cmocka_unit_test(remove_at_every_call),
		cmocka_unit_test(remove_of_a_stopped_or_empty_one_at_every_call),
		cmocka_unit_test(remove_beside_a_spawn_at_every_call),
		cmocka_unit_test(swap_of_a_spawned_one_at_every_call),
		cmocka_unit_test(a_refused_removal_leaves_the_domain_whole),
		cmocka_unit_test(any_call_of_spawn_and_remove_may_be_refused),
		cmocka_unit_test(any_call_of_the_monitor_may_be_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
