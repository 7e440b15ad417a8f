/* SPDX-License-Identifier: BSD-2-Clause */
/* The controller: a Microkit-style program that replaces other programs. Everything it may use is in its grant; everything
 * that must outlive it is in its record.
 *
 * Who may ask for what: a managed domain for itself only, whoever else the description gave a channel to for any domain.
 * A managed domain is known by the channel it calls on. The controller must have a scheduling context of its own (it is
 * not passive): a call to it must not carry the caller's away. */
#include "user/controller/controller.h"

struct controller controller;

/* ---- without a personality ---- */

__attribute__((weak)) void personality_start(void)
{
}

__attribute__((weak)) bool personality_serve(microkit_channel ch, microkit_msginfo info, struct answer *answer)
{
	(void)ch, (void)info, (void)answer;
	return false;
}

__attribute__((weak)) bool personality_owns(uint32_t domain)
{
	(void)domain;
	return false;
}

__attribute__((weak)) void personality_notified(microkit_channel ch)
{
	(void)ch;
}

__attribute__((weak)) void personality_faulted(uint32_t domain, seL4_Word label)
{
	(void)domain, (void)label;
}

__attribute__((weak)) bool personality_work(void)
{
	return false;
}

__attribute__((weak)) bool personality_holds(seL4_CPtr reply)
{
	(void)reply;
	return false;
}

__attribute__((weak)) bool personality_prints_name(uint32_t domain)
{
	(void)domain;
	return false;
}

/* ---- start ---- */

static enum status add_untypeds(const struct grant *grant)
{
	enum status status = STATUS_OK;

	for (uint32_t i = 0; i < grant->untyped_count && status == STATUS_OK; i++) {
		struct space_caps name = { .root = grant->cnode, .first = grant->untyped[i].slot, .depth_bits = grant->cnode_bits,
		                           .count = 1 };

		status = pool_add(&controller.space, grant_cptr(grant->untyped[i].slot), &name, (uint8_t)grant->untyped[i].size_bits);
	}
	return status;
}

static void note_regions(const struct grant *grant)
{
	for (uint32_t i = 0; i < grant->region_count; i++) {
		const struct grant_region *region = &grant->region[i];

		controller.region[i] = (struct space_caps){ .root = grant->cnode, .first = region->first_slot,
		                                            .depth_bits = grant->cnode_bits, .page_bits = region->page_bits,
		                                            .count = region->pages };
	}
}

static void start_record(const struct grant *grant, volatile struct record *record)
{
	for (uint32_t i = 0; i < grant->spawn_count; i++)
		record->spawned[i].account = ACCOUNT_NONE;
	for (uint32_t i = 0; i < domain_seats(); i++)
		*domain_record(i) = (struct record_domain){ .account = ACCOUNT_NONE, .next = ACCOUNT_NONE, .building = ACCOUNT_NONE,
		                                            .kept = ACCOUNT_NONE, .state = CONTROLLER_EMPTY };
	record->domain_count = grant->domain_count;
	record->magic = RECORD_MAGIC; /* from here on it is worth reading */
}

enum status controller_start(const struct grant *grant, struct record *record)
{
	struct space_use use = {
		.cnode = grant->cnode, .cnode_bits = grant->cnode_bits, .slot_shift = grant->slot_shift, .slot_cptr = grant->slot_cptr,
		.free_first = grant->free_first, .free_end = grant->free_end, .vspace = grant->vspace, .window = grant->window_vaddr,
		.window_pages = grant->window_pages, .large_window = (seL4_Word)grant->large_window_vaddr,
		.asid_pool = grant->asid_pool, .text_vaddr = grant->text_vaddr,
		.authority = grant->tcb_authority,
	};
	enum status status;

	controller.grant = grant;
	controller.record = record;
	jobs_reset();
	programs_reset();
	trust_reset();
	if (grant->magic != GRANT_MAGIC || grant->abi_set != ABI_SET || grant->domain_count > GRANT_DOMAINS_MAX
	    || grant->spawn_count > SYSTEM_SPAWN_MAX || grant->offer_count > GRANT_OFFERS_MAX || grant->reply_count < JOBS_MAX)
		return STATUS_SPACE_BAD_USE;
	note_regions(grant);
	status = trust_start();
	if (status != STATUS_OK)
		return status;
	if (record->magic == RECORD_MAGIC && record->domain_count == grant->domain_count)
		return restart(&use);
	status = space_start(&controller.space, &use, &record->space);
	if (status == STATUS_OK)
		status = add_untypeds(grant);
	if (status == STATUS_OK)
		start_record(grant, record);
	return status;
}

void controller_not_back(const struct where *where)
{
	graft_printf("%s: an image's memory is not back yet: the kernel refused with error %lu\n", microkit_name,
	             (unsigned long)where->value);
}

void controller_close(uint32_t account)
{
	struct where where = { 0 };

	if (account_close(&controller.space, account, &where) != STATUS_OK)
		controller_not_back(&where);
}

static void load_first(uint32_t domain)
{
	static struct request request;
	const struct grant_domain *grant = domain_grant(domain);

	request = (struct request){ .verb = CONTROLLER_LOAD, .domain = domain };
	memcpy(request.name, grant->program, sizeof request.name);
	request.arguments = (struct start_arguments){ .argc = grant->argc, .strings = controller.grant->strings + grant->arguments,
	                                              .strings_bytes = grant->arguments_bytes };
	if (job_start(&request, 0, &job_told)) {
		while (jobs_work())
			continue;
	}
	domain_record(domain)->begun = 1;
	if (job_told.label != CONTROLLER_OK)
		graft_printf("%s: %s can't be loaded into %s: error %lu, %s (0x%lx, 0x%lx)\n", microkit_name, grant->program, grant->name,
		             job_told.label, status_text((enum status)job_told.word[0]), job_told.word[1], job_told.word[2]);
}

void init(void)
{
	enum status status = controller_start((const struct grant *)SYSTEM_GRANT_VADDR, (struct record *)SYSTEM_RECORD_VADDR);

	if (status != STATUS_OK) {
		graft_printf("%s: the grant can't be used: %s\n", microkit_name, status_text(status));
		microkit_internal_crash(seL4_NoError);
	}
	for (uint32_t i = 0; i < controller.grant->domain_count; i++) {
		if (domain_grant(i)->program[0] != '\0' && !domain_record(i)->begun && domain_record(i)->state == CONTROLLER_EMPTY)
			load_first(i);
	}
	personality_start();
}

/* ---- requests ---- */

/* Which domain is meant, and may the caller ask for it? caller: the caller's own domain, or DOMAIN_NONE. */
static enum controller_error find_domain(uint32_t caller, seL4_Word word, struct request *request)
{
	if (word == CONTROLLER_SELF && caller == DOMAIN_NONE)
		return CONTROLLER_NO_DOMAIN;
	request->domain = word == CONTROLLER_SELF ? caller : domain_of_child(word);
	request->by_self = caller != DOMAIN_NONE && request->domain == caller;
	if ((caller != DOMAIN_NONE && !request->by_self) || personality_owns(request->domain))
		return CONTROLLER_NOT_ALLOWED;
	return request->domain == DOMAIN_NONE ? CONTROLLER_NO_DOMAIN : CONTROLLER_OK;
}

/* ---- answering later ---- */

uint32_t reply_count(void)
{
	return 1 + controller.grant->reply_count;
}

seL4_CPtr reply_cptr(uint32_t i)
{
	return i == 0 ? GRAFT_REPLY_CAP : grant_cptr(controller.grant->reply_slot + i - 1);
}

/* The caller waits in graft_reply_cap; the next one is to wait where nobody does. There are more than jobs and spawned domains. */
void controller_answer_later(void)
{
	uint32_t i = 0;

	while (job_has_asker(reply_cptr(i)) || personality_holds(reply_cptr(i)))
		i++;
	graft_reply_cap = reply_cptr(i);
	graft_answers_later = true;
}

static struct answer serve_domain(struct request *request)
{
	struct answer answer = { 0 };

	switch (request->verb) {
	case CONTROLLER_STOP:
		return verbs_stop(request);
	case CONTROLLER_RESUME:
		return verbs_resume(request);
	case CONTROLLER_UNLOAD:
		return job_is_on(request->domain) ? answer_error(CONTROLLER_BUSY, 0, 0, 0) : verbs_unload(request);
	case CONTROLLER_REMOVE:
		return job_is_on(request->domain) ? answer_error(CONTROLLER_BUSY, 0, 0, 0) : spawn_remove(request);
	case CONTROLLER_CONFIRM:
		return probation_confirm(request);
	case CONTROLLER_ROLLBACK:
		return job_is_on(request->domain) ? answer_error(CONTROLLER_BUSY, 0, 0, 0) : probation_roll_back(request);
	case CONTROLLER_DUPLICATE:
		if (duplicate_start(request, graft_reply_cap, &answer))
			controller_answer_later();
		return answer;
	default:
		if (job_start(request, graft_reply_cap, &answer))
			controller_answer_later();
		return answer;
	}
}

static struct answer serve_spawn(struct request *request)
{
	struct answer answer = { 0 };

	if (spawn_start(request, graft_reply_cap, &answer))
		controller_answer_later();
	return answer;
}

static struct answer serve(microkit_channel ch, microkit_msginfo info)
{
	static struct request request;
	uint32_t caller = domain_of_channel(ch);
	seL4_Word word = microkit_mr_get(0);
	enum controller_error error;

	if (!request_decode(info, &request))
		return answer_error(CONTROLLER_BAD_REQUEST, 0, 0, 0);
	if (request.verb == CONTROLLER_LIST)
		return verbs_list(caller, word);
	if (request.verb == CONTROLLER_LEDGER)
		return verbs_ledger();
	if (request.older_too && caller != DOMAIN_NONE) /* nobody decides that for himself */
		return answer_error(CONTROLLER_NOT_ALLOWED, 0, 0, 0);
	if (request.verb == CONTROLLER_SPAWN)
		return caller == DOMAIN_NONE ? serve_spawn(&request) : answer_error(CONTROLLER_NOT_ALLOWED, 0, 0, 0);
	error = find_domain(caller, word, &request);
	if (error != CONTROLLER_OK)
		return answer_error(error, 0, 0, 0);
	return serve_domain(&request);
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
	struct answer answer = { 0 };

	if (!personality_serve(ch, msginfo, &answer))
		answer = serve(ch, msginfo);
	for (uint32_t i = 0; i < answer.words && !answer.in_buffer; i++)
		microkit_mr_set((seL4_Uint8)i, answer.word[i]);
	return microkit_msginfo_new(answer.label, (seL4_Uint16)answer.words);
}

bool graft_work(void)
{
	bool busy = personality_work();

	return jobs_work() || busy;
}

void notified(microkit_channel ch)
{
	probation_notified(ch);
	personality_notified(ch);
}

/* ---- faults ---- */

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
	uint32_t domain = domain_of_child(child);
	seL4_Word label = microkit_msginfo_get_label(msginfo);
	bool runs;

	(void)reply_msginfo;
	if (domain == DOMAIN_NONE) {
		graft_printf("fault: child %u, which this controller does not manage: left as it is\n", child);
		return seL4_False;
	}
	runs = domain_record(domain)->state == CONTROLLER_RUNNING;
	if (runs) /* first of all: the message does not come again */
		domain_is_doing(domain, RECORD_FAULT);
	report_fault(domain, msginfo);
	if (runs && !probation_fell(domain))
		verbs_faulted(domain);
	personality_faulted(domain, label);
	return seL4_False;
}
