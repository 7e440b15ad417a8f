/* SPDX-License-Identifier: BSD-2-Clause */
/* Spawned domains: made from the pool while the system runs, and given back whole.
 *
 * A domain has an account of its own, apart from its images': one CNode that is its whole CSpace, whose guard lets CPtr n < 128
 * be Microkit's slot n; a notification; a reply object; an endpoint if a peer may call it. Its scheduling context is one
 * of the grant's, with a budget that the monitor allows. Closing the account takes every capability to the domain from everyone,
 * its peers included; they learn of it by a signal on their channel.
 *
 * Invariants: S1 the record names the account before anything is made from it. S2 an offer is used by one domain at a time. S3 a
 * domain that could not be made whole is not there. S4 a context without a domain has no share of the processor. */
#include "user/controller/controller.h"
#include "user/monitor/protocol.h"

/* Slots of the domain's account. The grant_domain in the record uses the same numbers. */
enum spawn_slot { SPAWN_CNODE = 1, SPAWN_CSPACE, SPAWN_NOTIFICATION, SPAWN_REPLY, SPAWN_ENDPOINT, SPAWN_FAULT };

#define SPAWN_RADIX_BITS   7u   /* 128 slots */
#define SPAWN_CNODE_BYTES  (1u << (ACCOUNT_RADIX_MIN + seL4_SlotBits))
/* Of the account: its own small CNode and small objects in one half, the CSpace in the other. */
#define SPAWN_BYTES        (2u << (SPAWN_RADIX_BITS + seL4_SlotBits))

/* Badges and slots, as Microkit has them. */
#define BADGE_CALL  (1ul << (seL4_BadgeBits - 1))
#define BADGE_FAULT (1ul << (seL4_BadgeBits - 2))
#define INPUT_SLOT  1u
#define REPLY_SLOT  4u
#define NOTIFY_SLOT 10u
#define CALL_SLOT   74u

_Static_assert(CALL_SLOT + SPAWN_CHANNELS <= 1u << SPAWN_RADIX_BITS, "every channel's slots are in the CSpace");

static struct answer refuse_with(enum controller_error error, seL4_Word asked, seL4_Word limit)
{
	return answer_error(error, 0, asked, limit);
}

static const struct grant_offer *offer_of(const struct record_connection *connection)
{
	return &controller.grant->offer[connection->offer];
}

/* ---- symbols ---- */

struct domain_symbol spawn_symbol(const struct record_spawned *spawned, uint32_t i)
{
	static const uint64_t zero;
	const struct domain_symbol symbols[SPAWN_SYMBOLS] = {
		{ "microkit_name", (uint32_t)strlen(spawned->domain.name) + 1, spawned->domain.name },
		{ "microkit_passive", 1, (const char *)&zero },
		{ "microkit_irqs", sizeof(seL4_Word), (const char *)&zero },
		{ "microkit_ioports", sizeof(seL4_Word), (const char *)&zero },
		{ "microkit_notifications", sizeof(seL4_Word), (const char *)&spawned->notifications },
		{ "microkit_pps", sizeof(seL4_Word), (const char *)&spawned->calls },
	};

	return symbols[i];
}

/* ---- requests to the monitor ---- */

static seL4_Word ask_monitor(enum monitor_verb verb, seL4_Word word0, seL4_Word word1, seL4_Word word2, seL4_CPtr capability)
{
	seL4_Word words = verb == MONITOR_DISCONNECT ? 2 : 3;

	seL4_SetMR(0, word0);
	seL4_SetMR(1, word1);
	seL4_SetMR(2, word2);
	if (capability != 0)
		seL4_SetCap(0, capability);
	controller.space.calls++;
	return seL4_MessageInfo_get_label(
		seL4_Call(controller.grant->monitor, seL4_MessageInfo_new(verb, 0, capability != 0 ? 1 : 0, words)));
}

static seL4_Word context_of(uint32_t domain)
{
	return domain - controller.grant->domain_count;
}

/* What the monitor refused, for the caller. */
static struct answer answer_monitor(seL4_Word error)
{
	seL4_Word word0 = seL4_GetMR(0), word1 = seL4_GetMR(1);

	if (error == MONITOR_NO_SHARE)
		return refuse_with(CONTROLLER_NO_BUDGET, word0, word1);
	if (error == MONITOR_BAD_BUDGET)
		return refuse_with(CONTROLLER_BAD_REQUEST, 0, 0);
	return answer_error(CONTROLLER_KERNEL_REFUSED, word0, 0, 0);
}

/* ---- checks ---- */

static bool is_taken(uint32_t offer)
{
	for (uint32_t i = controller.grant->domain_count; i < domain_seats(); i++) {
		const struct record_spawned *spawned = domain_spawned(i);

		for (uint32_t c = 0; domain_is_there(i) && c < spawned->connection_count; c++) {
			if (spawned->connection[c].offer == offer)
				return true;
		}
	}
	return false;
}

static bool check_connection(const struct spawn_request *spawn, uint32_t i, struct answer *answer)
{
	uint32_t offer = spawn->connection[i].offer, flags;

	for (uint32_t k = 0; k < i; k++) {
		if (spawn->connection[k].channel == spawn->connection[i].channel || spawn->connection[k].offer == offer) {
			*answer = refuse_with(CONTROLLER_BAD_REQUEST, i, k);
			return false;
		}
	}
	if (offer == CONTROLLER_OFFER_SELF)
		return true;
	if (offer >= controller.grant->offer_count) {
		*answer = refuse_with(CONTROLLER_NO_OFFER, offer, controller.grant->offer_count);
		return false;
	}
	if (is_taken(offer)) {
		*answer = refuse_with(CONTROLLER_OFFER_TAKEN, offer, 0);
		return false;
	}
	flags = controller.grant->offer[offer].flags;
	if (((flags & SYSTEM_OFFER_CALL) != 0 && spawn->priority >= controller.grant->offer[offer].priority) ||
	    ((flags & SYSTEM_OFFER_PEER_CALL) != 0 && spawn->priority <= controller.grant->offer[offer].priority)) {
		*answer = refuse_with(CONTROLLER_BAD_PRIORITY, spawn->priority, controller.grant->offer[offer].priority);
		return false;
	}
	return true;
}

/* A spawned domain stays below its controller: it may call it, and can't slow it. */
static bool check_request(const struct spawn_request *spawn, struct answer *answer)
{
	if (spawn->priority >= controller.grant->priority) {
		*answer = refuse_with(CONTROLLER_BAD_PRIORITY, spawn->priority, controller.grant->priority);
		return false;
	}
	for (uint32_t i = 0; i < spawn->connection_count; i++) {
		if (!check_connection(spawn, i, answer))
			return false;
	}
	return true;
}

static uint32_t find_seat(void)
{
	uint32_t i = controller.grant->domain_count;

	while (i < domain_seats() && domain_is_there(i))
		i++;
	return i < domain_seats() ? i : DOMAIN_NONE;
}

/* ---- making ---- */

static void note_connection(struct record_spawned *spawned, const struct record_connection *connection)
{
	uint32_t flags = connection->offer == CONTROLLER_OFFER_SELF ? SYSTEM_OFFER_CALL : offer_of(connection)->flags;

	spawned->notifications |= (flags & SYSTEM_OFFER_NOTIFY) != 0 ? 1ull << connection->channel : 0;
	spawned->calls |= (flags & SYSTEM_OFFER_CALL) != 0 ? 1ull << connection->channel : 0;
	spawned->has_endpoint |= (flags & SYSTEM_OFFER_PEER_CALL) != 0;
}

static void name_spawned(struct grant_domain *domain)
{
	memcpy(domain->name, "spawned-", 8);
	domain->name[8] = (char)('0' + domain->child_id / 10);
	domain->name[9] = (char)('0' + domain->child_id % 10);
}

/* Fills the record of a seat; nothing is made yet. It is made elsewhere and copied, so that at no instant the record names an account. */
static void note(uint32_t domain, const struct spawn_request *spawn)
{
	static struct record_spawned made;
	uint32_t seat = (uint32_t)context_of(domain);

	made = (struct record_spawned){ .account = ACCOUNT_NONE, .is_incomplete = 1, .connection_count = spawn->connection_count,
	                                .is_duplicate = spawn->is_duplicate, .family = spawn->family };
	for (uint32_t i = 0; i < spawn->connection_count; i++) {
		made.connection[i] = spawn->connection[i];
		note_connection(&made, &spawn->connection[i]);
	}
	made.domain = (struct grant_domain){
		.child_id = SYSTEM_SPAWN_ID_FIRST + seat, .priority = spawn->priority, .cspace = SPAWN_CSPACE, .notification = SPAWN_NOTIFICATION,
		.reply = SPAWN_REPLY, .fault = SPAWN_FAULT, .sched_context = controller.grant->spawn_context + seat,
		.stack_pages = spawn->stack_pages, .patch_count = SPAWN_SYMBOLS, .flags = spawn->flags, .budget_us = spawn->budget_us,
		.period_us = spawn->period_us,
	};
	name_spawned(&made.domain);
	record_barrier();
	*domain_spawned(domain) = made;
}

static enum status retype(uint32_t account, seL4_Word type, uint8_t size_bits, uint32_t slot, struct where *where)
{
	uint32_t made = 0;

	return account_retype(&controller.space, account, type, size_bits, slot, 1, &made, where);
}

/* Small objects first, so that the CSpace is the second page. */
static enum status make_objects(const struct record_spawned *spawned, struct where *where)
{
	enum status status = retype(spawned->account, seL4_NotificationObject, seL4_NotificationBits, SPAWN_NOTIFICATION, where);

	if (status == STATUS_OK)
		status = retype(spawned->account, seL4_ReplyObject, seL4_ReplyBits, SPAWN_REPLY, where);
	if (status == STATUS_OK && spawned->has_endpoint)
		status = retype(spawned->account, seL4_EndpointObject, seL4_EndpointBits, SPAWN_ENDPOINT, where);
	if (status == STATUS_OK)
		status = retype(spawned->account, seL4_CapTableObject, SPAWN_RADIX_BITS + seL4_SlotBits, SPAWN_CNODE, where);
	return status;
}

/* Puts a copy of a capability of the domain's, or of the grant's, somewhere; badge 0: none, for a CNode its guard. */
static enum status put(struct space_caps to, struct space_caps from, seL4_CapRights_t rights, seL4_Word badge, struct where *where)
{
	seL4_Error error = badge == 0 ? seL4_CNode_Copy(to.root, to.first, (seL4_Uint8)to.depth_bits, from.root, from.first,
	                                                (seL4_Uint8)from.depth_bits, rights)
	                              : seL4_CNode_Mint(to.root, to.first, (seL4_Uint8)to.depth_bits, from.root, from.first,
	                                                (seL4_Uint8)from.depth_bits, rights, badge);

	return space_result(&controller.space, error, where);
}

/* A slot of the domain's CSpace. */
static struct space_caps in_cspace(uint32_t domain, uint32_t slot)
{
	return (struct space_caps){ .root = domain_cptr(domain, SPAWN_CNODE), .first = slot, .depth_bits = SPAWN_RADIX_BITS, .count = 1 };
}

static struct space_caps in_grant(seL4_Word slot)
{
	return (struct space_caps){ .root = controller.grant->cnode, .first = slot, .depth_bits = controller.grant->cnode_bits, .count = 1 };
}

/* The slot of a CPtr of the grant. */
static struct space_caps named(seL4_CPtr cptr)
{
	return in_grant((cptr & ~controller.grant->slot_cptr) >> controller.grant->slot_shift);
}

static const seL4_CapRights_t can_call = { { ABI_RIGHT_WRITE | ABI_RIGHT_GRANT_REPLY } };
static const seL4_CapRights_t can_read = { { ABI_RIGHT_READ } };
static const seL4_CapRights_t can_write = { { ABI_RIGHT_WRITE } };

/* What every domain has. */
static enum status fill_cspace(uint32_t domain, struct where *where)
{
	bool has_endpoint = domain_spawned(domain)->has_endpoint != 0;
	enum status status = put(domain_caps(domain, SPAWN_CSPACE), domain_caps(domain, SPAWN_CNODE), can_read,
	                         abi_cnode_data(0, seL4_WordBits - SPAWN_RADIX_BITS), where);

	if (status == STATUS_OK)
		status = put(domain_caps(domain, SPAWN_FAULT), named(controller.grant->endpoint), can_call,
		             BADGE_FAULT | domain_grant(domain)->child_id, where);
	if (status == STATUS_OK)
		status = put(in_cspace(domain, INPUT_SLOT), domain_caps(domain, has_endpoint ? SPAWN_ENDPOINT : SPAWN_NOTIFICATION), can_read, 0,
		             where);
	if (status == STATUS_OK)
		status = put(in_cspace(domain, REPLY_SLOT), domain_caps(domain, SPAWN_REPLY), can_read, 0, where);
	return status;
}

/* What the offer lets the spawned domain do. */
static enum status connect(uint32_t domain, const struct record_connection *connection, struct where *where)
{
	enum status status = STATUS_OK;

	if (connection->offer == CONTROLLER_OFFER_SELF)
		return put(in_cspace(domain, CALL_SLOT + connection->channel), named(controller.grant->endpoint), can_call,
		           BADGE_CALL | (SPAWN_CHANNEL_FIRST + context_of(domain)), where);
	if ((offer_of(connection)->flags & SYSTEM_OFFER_NOTIFY) != 0)
		status = put(in_cspace(domain, NOTIFY_SLOT + connection->channel), in_grant(offer_of(connection)->notification), can_write, 0,
		             where);
	if (status == STATUS_OK && (offer_of(connection)->flags & SYSTEM_OFFER_CALL) != 0)
		status = put(in_cspace(domain, CALL_SLOT + connection->channel), in_grant(offer_of(connection)->endpoint), can_call, 0,
		             where);
	return status;
}

/* What the offer lets its domain do: the monitor puts it there. */
static seL4_Word connect_peer(uint32_t domain, const struct record_connection *connection)
{
	seL4_Word error = MONITOR_OK, offer = connection->offer, channel = connection->channel;

	if (offer == CONTROLLER_OFFER_SELF)
		return MONITOR_OK;
	if ((offer_of(connection)->flags & SYSTEM_OFFER_PEER_NOTIFY) != 0)
		error = ask_monitor(MONITOR_CONNECT, offer, MONITOR_NOTIFY, channel, domain_cptr(domain, SPAWN_NOTIFICATION));
	if (error == MONITOR_OK && (offer_of(connection)->flags & SYSTEM_OFFER_PEER_CALL) != 0)
		error = ask_monitor(MONITOR_CONNECT, offer, MONITOR_CALL, channel, domain_cptr(domain, SPAWN_ENDPOINT));
	return error;
}

static enum status make(uint32_t domain, struct where *where)
{
	const struct record_spawned *spawned = domain_spawned(domain);
	enum status status = make_objects(spawned, where);

	if (status == STATUS_OK)
		status = fill_cspace(domain, where);
	for (uint32_t i = 0; i < spawned->connection_count && status == STATUS_OK; i++)
		status = connect(domain, &spawned->connection[i], where);
	return status;
}

/* What is not taken back now is tried again before the next domain is made. */
static void give_budget_back(uint32_t domain)
{
	struct record_spawned *spawned = domain_spawned(domain);

	spawned->owes_budget = ask_monitor(MONITOR_BUDGET, context_of(domain), 0, 0, 0) != MONITOR_OK;
	if (spawned->owes_budget)
		graft_printf("%s: the budget of %s is not back yet\n", microkit_name, spawned->domain.name);
}

static void give_old_budgets_back(void)
{
	for (uint32_t i = controller.grant->domain_count; i < domain_seats(); i++) {
		if (!domain_is_there(i) && domain_spawned(i)->owes_budget)
			give_budget_back(i);
	}
}

static seL4_Word ask_for_all(uint32_t domain, const struct spawn_request *spawn)
{
	const struct record_spawned *spawned = domain_spawned(domain);
	seL4_Word error = ask_monitor(MONITOR_BUDGET, context_of(domain), word_of(spawn->budget_us), word_of(spawn->period_us), 0);

	for (uint32_t i = 0; i < spawned->connection_count && error == MONITOR_OK; i++)
		error = connect_peer(domain, &spawned->connection[i]);
	return error;
}

bool spawn_open(const struct spawn_request *spawn, uint32_t *domain, struct answer *answer)
{
	static const struct account_bill bill = { .radix = ACCOUNT_RADIX_MIN, .cnode_bytes = SPAWN_CNODE_BYTES, .bytes = SPAWN_BYTES };
	uint32_t seat = find_seat(), account;
	struct where where = { 0 };
	enum status status;
	seL4_Word error;

	if (seat == DOMAIN_NONE) {
		*answer = refuse_with(CONTROLLER_NO_SEATS, controller.grant->spawn_count + 1u, controller.grant->spawn_count);
		return false;
	}
	if (!check_request(spawn, answer))
		return false;
	give_old_budgets_back();
	status = account_open(&controller.space, &bill, &account, &where);
	if (status != STATUS_OK) {
		*answer = answer_status(status, &where);
		return false;
	}
	note(seat, spawn);
	record_barrier();
	domain_spawned(seat)->account = account;
	status = make(seat, &where);
	if (status != STATUS_OK) {
		*answer = answer_status(status, &where);
		spawn_close(seat);
		return false;
	}
	error = ask_for_all(seat, spawn);
	if (error != MONITOR_OK) {
		*answer = answer_monitor(error);
		spawn_close(seat);
		return false;
	}
	*domain = seat;
	return true;
}

/* ---- giving back ---- */

static void tell_peers(uint32_t domain)
{
	const struct record_spawned *spawned = domain_spawned(domain);

	for (uint32_t i = 0; i < spawned->connection_count; i++) {
		if (spawned->connection[i].offer != CONTROLLER_OFFER_SELF) {
			seL4_Signal(grant_cptr(offer_of(&spawned->connection[i])->notification));
			controller.space.calls++;
		}
	}
}

static void leave_seat(uint32_t domain)
{
	volatile struct record_spawned *spawned = domain_spawned(domain);

	spawned->connection_count = 0;
	spawned->account = ACCOUNT_NONE;
	spawned->is_incomplete = 0;
}

void spawn_close(uint32_t domain)
{
	volatile struct record_spawned *spawned = domain_spawned(domain);

	spawned->is_incomplete = 1;
	give_budget_back(domain);
	controller_close(spawned->account);
	tell_peers(domain);
	leave_seat(domain);
}

struct answer spawn_remove(const struct request *request)
{
	struct record_domain *record = domain_record(request->domain);
	struct answer answer = answer_ok(record->generation);
	volatile struct record_spawned *spawned;

	if (!domain_is_spawned(request->domain))
		return answer_error(CONTROLLER_NOT_ALLOWED, 0, 0, 0);
	spawned = domain_spawned(request->domain);
	spawned->is_incomplete = 1; /* from here on a restart that finds it unloaded gives it back */
	if (record->state != CONTROLLER_EMPTY)
		answer = verbs_unload(request);
	if (answer.label == CONTROLLER_OK)
		spawn_close(request->domain);
	else
		spawned->is_incomplete = 0;
	return answer;
}

bool spawn_start(struct request *request, seL4_CPtr asker, struct answer *answer)
{
	if (jobs_are_full()) {
		*answer = answer_error(CONTROLLER_BUSY, 0, 0, 0);
		return false;
	}
	request->spawn.family = FAMILY_SPAWNED;
	if (!spawn_open(&request->spawn, &request->domain, answer))
		return false;
	if (job_start(request, asker, answer))
		return true;
	spawn_close(request->domain);
	return false;
}

void spawn_finish(uint32_t domain, struct answer *answer)
{
	if (answer->label != CONTROLLER_OK) {
		spawn_close(domain);
		return;
	}
	domain_spawned(domain)->is_incomplete = 0;
	answer->word[1] = answer->word[0];
	answer->word[0] = domain_grant(domain)->child_id;
	answer->words = 2;
}

/* ---- after an interruption ---- */

/* A domain whose first image has it is whole, even if that was not noted any more. */
bool spawn_is_incomplete(uint32_t domain)
{
	struct record_spawned *spawned = domain_spawned(domain);

	if (domain_record(domain)->account != ACCOUNT_NONE)
		spawned->is_incomplete = 0;
	return spawned->is_incomplete != 0;
}

void spawn_settle(uint32_t domain)
{
	give_budget_back(domain);
	tell_peers(domain);
	leave_seat(domain);
}

/* ---- the request ---- */

#define PRIORITY_WORD    0u /* from the first word behind the arguments */
#define STACK_WORD       1u /* DUPLICATE has the priority here, MR1, and behind it the same words as SPAWN */
#define BUDGET_WORD      2u
#define PERIOD_WORD      3u
#define COUNT_WORD       4u
#define CONNECTION_WORDS 5u

static bool decode_connections(const seL4_Word *words, struct spawn_request *spawn)
{
	for (uint32_t i = 0; i < spawn->connection_count; i++) {
		seL4_Word word = words[i];

		spawn->connection[i] = (struct record_connection){ .offer = (uint32_t)(word >> 8), .channel = (uint32_t)(word & 0xff) };
		if (word >> 16 >> 16 != 0 || spawn->connection[i].channel >= SPAWN_CHANNELS)
			return false;
	}
	return true;
}

/* words: of SPAWN, of which only those from the budget on are looked at. */
static bool decode_resources(const seL4_Word *words, seL4_Word count, struct spawn_request *spawn)
{
	if (count < CONNECTION_WORDS || words[COUNT_WORD] > SPAWN_CONNECTIONS_MAX ||
	    count != CONNECTION_WORDS + words[COUNT_WORD] || words[BUDGET_WORD] == 0)
		return false;
	spawn->budget_us = words[BUDGET_WORD];
	spawn->period_us = words[PERIOD_WORD];
	spawn->connection_count = (uint32_t)words[COUNT_WORD];
	return decode_connections(&words[CONNECTION_WORDS], spawn);
}

bool spawn_decode(const seL4_Word *words, seL4_Word count, struct spawn_request *spawn)
{
	if (count < CONNECTION_WORDS || words[PRIORITY_WORD] > SYSTEM_PRIORITY_MAX || words[STACK_WORD] == 0
	    || words[STACK_WORD] > SYSTEM_STACK_PAGES_MAX)
		return false;
	*spawn = (struct spawn_request){ .priority = (uint32_t)words[PRIORITY_WORD], .stack_pages = (uint32_t)words[STACK_WORD] };
	return decode_resources(words, count, spawn);
}

/* message: from MR0 on. */
bool spawn_decode_duplicate(const seL4_Word *message, seL4_Word count, struct spawn_request *spawn)
{
	seL4_Word priority;

	if (count < CONNECTION_WORDS)
		return false;
	priority = message[1];
	if (priority != CONTROLLER_SAME && priority > SYSTEM_PRIORITY_MAX)
		return false;
	*spawn = (struct spawn_request){ .priority = priority == CONTROLLER_SAME ? SPAWN_SAME_PRIORITY : (uint32_t)priority };
	if (!decode_resources(message, count, spawn))
		return false;
	if (message[BUDGET_WORD] == CONTROLLER_SAME)
		spawn->budget_us = SPAWN_SAME;
	if (message[PERIOD_WORD] == CONTROLLER_SAME)
		spawn->period_us = SPAWN_SAME;
	return true;
}
