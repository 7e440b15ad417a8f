/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests of controllers. A controller is not trusted with more than its description says: every number is compared, and
 * a capability is tried on a thread of the monitor's own that never runs before it goes into another domain's CSpace.
 *
 * Invariants: R1 the shares of a controller's contexts never exceed what it was granted. R2 a domain's slot is written for an
 * offer of that domain only, and holds nothing but an endpoint or a notification, with the rights that the offer
 * names. R3 the slot that receives capabilities is empty whenever the monitor waits. R4 a request takes a bounded
 * number of kernel calls, and never waits. */
#include "user/monitor/requests.h"
#include "user/monitor/domains.h"
#include "user/monitor/give.h"
#include "user/monitor/objects.h"
#include "user/monitor/protocol.h"

#define WORDS 3u

struct request {
	uint32_t  controller;
	seL4_Word verb, words, capabilities;
	seL4_Word word[WORDS];
};

struct answer {
	enum monitor_error error;
	seL4_Word word[2];
};

static struct answer refuse(enum monitor_error error, seL4_Word word)
{
	return (struct answer){ .error = error, .word = { word, 0 } };
}

static struct answer answer_kernel(enum monitor_error error, seL4_Error refusal)
{
	return refusal == seL4_NoError ? refuse(MONITOR_OK, 0) : refuse(error, refusal);
}

/* ---- start ---- */

static void make_contexts(struct monitor *monitor, uint32_t index)
{
	const struct system_controller *description = &monitor->system.controllers[index];
	struct monitor_controller *controller = &monitor->controller[index];
	controller->budget = (struct budget){ .granted = description->budget_share, .contexts = description->spawn_domains };
	if (description->spawn_domains == 0)
		return;
	controller->spawn_contexts = objects_make(monitor, seL4_SchedContextObject, DOMAINS_SC_BITS, description->spawn_domains);
	if (monitor->received != 0)
		return;
	monitor->received = objects_slots(monitor, 1);
	monitor->trial_thread = objects_make(monitor, seL4_TCBObject, 0, 1);
	seL4_SetCapReceivePath(seL4_CapInitThreadCNode, monitor->received, seL4_WordBits);
}

void requests_make(struct monitor *monitor)
{
	for (uint32_t i = 0; i < monitor->system.header->controllers.count; i++)
		make_contexts(monitor, i);
}

/* ---- budgets ---- */

/* A context without budget can't be made: it keeps the least that the kernel allows, once in MONITOR_PERIOD_US_MAX. */
static seL4_Error configure(const struct monitor *monitor, seL4_CPtr context, uint64_t budget_us, uint64_t period_us)
{
	if (budget_us == 0) {
		seL4_Error error = seL4_SchedContext_Unbind(context);
		if (error != seL4_NoError)
			return error;
		budget_us = MONITOR_BUDGET_US_MIN;
		period_us = MONITOR_PERIOD_US_MAX;
	}
	return seL4_SchedControl_ConfigureFlags(monitor->sched_control, context, budget_us, period_us, DOMAINS_EXTRA_REFILLS, 0,
	                                        seL4_SchedContext_NoFlag);
}

static struct answer serve_budget(struct monitor *monitor, const struct request *request)
{
	struct monitor_controller *controller = &monitor->controller[request->controller];
	uint64_t context = request->word[0];
	uint32_t asked, left;
	if (request->words != 3 || request->capabilities != 0)
		return refuse(MONITOR_BAD_REQUEST, 0);
	enum monitor_error error = budget_check(&controller->budget, context, request->word[1], request->word[2], &asked, &left);
	if (error != MONITOR_OK)
		return (struct answer){ .error = error, .word = { asked, left } };
	seL4_Error refusal = configure(monitor, controller->spawn_contexts + (seL4_Word)context, request->word[1], request->word[2]);
	if (refusal != seL4_NoError)
		return refuse(MONITOR_KERNEL_REFUSED, refusal);
	controller->budget.share[context] = asked;
	return (struct answer){ .word = { asked, left - asked } };
}

/* ---- connections ---- */

/* The nth of the offers to a controller, counted as its grant counts them; NULL if there are not so many. */
static const struct system_offer *find_offer(const struct monitor *monitor, uint32_t controller, uint64_t nth)
{
	const struct system *system = &monitor->system;
	for (uint32_t i = 0; i < system->header->offers.count; i++) {
		if (system->offers[i].controller == controller && nth-- == 0)
			return &system->offers[i];
	}
	return NULL;
}

/* Where a direction's capability goes. *error tells why it can't. */
static bool find_slot(const struct monitor *monitor, const struct request *request, struct cap_at *slot,
                      enum monitor_error *error)
{
	const struct system_offer *offer = find_offer(monitor, request->controller, request->word[0]);
	seL4_Word direction = request->word[1];
	*error = offer == NULL ? MONITOR_NO_OFFER : direction > MONITOR_CALL ? MONITOR_BAD_REQUEST : MONITOR_NOT_OFFERED;
	uint32_t flag = direction == MONITOR_NOTIFY ? SYSTEM_OFFER_PEER_NOTIFY : SYSTEM_OFFER_PEER_CALL;
	if (offer == NULL || direction > MONITOR_CALL || (offer->flags & flag) == 0)
		return false;
	*slot = (struct cap_at){ monitor->domain[offer->domain].microkit,
	                         (direction == MONITOR_NOTIFY ? DOMAINS_NOTIFY : DOMAINS_CALL) + offer->id, GIVE_INNER_BITS };
	return true;
}

/* The kernel binds nothing but a notification to a thread, and takes nothing but an endpoint (or nothing at all, which
 * can't be minted from later) as its timeout handler. */
static seL4_Error try_capability(const struct monitor *monitor, seL4_Word direction)
{
	if (direction == MONITOR_CALL)
		return seL4_TCB_SetTimeoutEndpoint(monitor->trial_thread, monitor->received);
	seL4_Error error = seL4_TCB_BindNotification(monitor->trial_thread, monitor->received);
	return error != seL4_NoError ? error : seL4_TCB_UnbindNotification(monitor->trial_thread);
}

static struct answer serve_connect(struct monitor *monitor, const struct request *request)
{
	struct cap_at slot;
	enum monitor_error reason;
	seL4_Word direction = request->word[1], channel = request->word[2];
	if (request->words != 3 || channel > DOMAINS_CHANNEL_ID_MAX)
		return refuse(MONITOR_BAD_REQUEST, 0);
	if (!find_slot(monitor, request, &slot, &reason))
		return refuse(reason, 0);
	if (request->capabilities != 1)
		return refuse(MONITOR_BAD_CAPABILITY, 0);
	seL4_Error error = try_capability(monitor, direction);
	if (error != seL4_NoError)
		return refuse(MONITOR_BAD_CAPABILITY, error);
	error = seL4_CNode_Delete(slot.root, slot.index, slot.depth_bits);
	if (error != seL4_NoError)
		return refuse(MONITOR_KERNEL_REFUSED, error);
	bool notify = direction == MONITOR_NOTIFY;
	error = seL4_CNode_Mint(slot.root, slot.index, slot.depth_bits, seL4_CapInitThreadCNode, monitor->received,
	                        seL4_WordBits, notify ? seL4_CanWrite : seL4_CapRights_new(1, 0, 0, 1),
	                        notify ? 1ul << channel : DOMAINS_BADGE_CALL | channel);
	return answer_kernel(MONITOR_BAD_CAPABILITY, error);
}

static struct answer serve_disconnect(struct monitor *monitor, const struct request *request)
{
	struct cap_at slot;
	enum monitor_error reason;
	if (request->words != 2 || request->capabilities != 0)
		return refuse(MONITOR_BAD_REQUEST, 0);
	if (!find_slot(monitor, request, &slot, &reason))
		return refuse(reason, 0);
	return answer_kernel(MONITOR_KERNEL_REFUSED, seL4_CNode_Delete(slot.root, slot.index, slot.depth_bits));
}

/* ---- the request ---- */

static struct answer serve_one(struct monitor *monitor, const struct request *request)
{
	if (request->controller >= monitor->system.header->controllers.count)
		return refuse(MONITOR_BAD_REQUEST, 0);
	switch (request->verb) {
	case MONITOR_BUDGET:
		return serve_budget(monitor, request);
	case MONITOR_CONNECT:
		return serve_connect(monitor, request);
	case MONITOR_DISCONNECT:
		return serve_disconnect(monitor, request);
	default:
		return refuse(MONITOR_BAD_REQUEST, 0);
	}
}

/* R3; should the kernel refuse, the next request that brings a capability finds no room for it, and makes room. The timeout
 * handler is taken from the trial thread by giving it what the slot then holds: nothing. */
static void drop_received(const struct monitor *monitor)
{
	(void)seL4_CNode_Delete(seL4_CapInitThreadCNode, monitor->received, seL4_WordBits);
	(void)seL4_TCB_SetTimeoutEndpoint(monitor->trial_thread, monitor->received);
}

void requests_serve(struct monitor *monitor, uint64_t badge, seL4_MessageInfo_t info, seL4_CPtr reply)
{
	struct request request = {
		.controller = (uint32_t)(badge & ~MONITOR_BADGE_REQUEST), .verb = seL4_MessageInfo_get_label(info),
		.words = seL4_MessageInfo_get_length(info), .capabilities = seL4_MessageInfo_get_extraCaps(info),
	};
	for (seL4_Word i = 0; i < WORDS && i < request.words; i++)
		request.word[i] = seL4_GetMR(i);
	struct answer answer = serve_one(monitor, &request);
	if (request.capabilities != 0 || request.verb == MONITOR_CONNECT)
		drop_received(monitor);
	seL4_SetMR(0, answer.word[0]);
	seL4_SetMR(1, answer.word[1]);
	seL4_Send(reply, seL4_MessageInfo_new(answer.error, 0, 0, 2));
}
