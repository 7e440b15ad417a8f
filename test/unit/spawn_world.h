/* SPDX-License-Identifier: BSD-2-Clause */
/* A controller that may spawn, for the tests of it: two seats, two offers of one peer, and the monitor's own code to answer for budgets
 * and connections. The controller can be stopped for good behind any kernel call and started afresh; any call can be refused, the
 * monitor's too. Included by one .c file per program. */
#pragma once
#include "test/unit/stopping.h"
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

/* ---- asking ---- */

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
		message[12 + COUNT_WORD] = 0;
		words = CONNECTION_WORDS;
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

/* ---- looking ---- */

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

static uint64_t caps_now(void)
{
	const struct pool *pool = &controller.space.state->pool;

	return world_figures_now(&w).caps - 2 * (pool->pairs_total - pool->pairs_free);
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

/* What the asker is told of a refusal by the kernel: two have a meaning of their own. */
static void expect_told(seL4_Word answer)
{
	seL4_Word status = microkit_mr_get(0);

	if (answer == CONTROLLER_NO_SLOTS)
		assert_int_equal(status, STATUS_SPACE_NO_ASIDS);
	else if (answer == CONTROLLER_BUSY)
		assert_int_equal(status, STATUS_SPACE_LENT);
	else
		assert_int_equal(answer, CONTROLLER_KERNEL_REFUSED);
}
