/* SPDX-License-Identifier: BSD-2-Clause */
/* Stop, resume, unload, list, ledger. A stopped domain's scheduling context is bound to no thread (user/space/commit.h). */
#include "user/controller/controller.h"

#define LIST_WORDS 8u
#define LIST_MAX   ((seL4_MsgMaxLength - 1u) / LIST_WORDS)

struct commit_domain domain_owns(uint32_t domain)
{
	const struct grant_domain *grant = domain_grant(domain);

	return (struct commit_domain){ .sched_context = grant_cptr(grant->sched_context),
	                               .notification = domain_cptr(domain, grant->notification),
	                               .reply = domain_cptr(domain, grant->reply), .passive = (grant->flags & SYSTEM_PASSIVE) != 0,
	                               .progress = &domain_record(domain)->progress };
}

seL4_CPtr domain_thread(uint32_t domain)
{
	return build_thread_cptr(&controller.space, domain_record(domain)->account);
}

void domain_is_doing(uint32_t domain, enum record_doing doing)
{
	volatile struct record_domain *record = domain_record(domain);

	record->progress = 0;
	record->doing = doing;
}

static struct answer wrong_state(uint32_t domain)
{
	return answer_error(CONTROLLER_WRONG_STATE, 0, domain_record(domain)->state, 0);
}

/* Stops what runs. A program that stops itself goes on behind its call when it is resumed; else it would stop itself again. */
static enum status stop(uint32_t domain, enum record_doing doing, struct where *where)
{
	struct commit_domain owns = domain_owns(domain);
	volatile struct record_domain *record = domain_record(domain);
	enum status status;

	record->resume_at = 0;
	domain_is_doing(domain, doing);
	status = commit_stop(&controller.space, &owns, domain_thread(domain), where);
	if (status != STATUS_OK) {
		domain_is_doing(domain, RECORD_NOTHING);
		return status;
	}
	job_forget_caller(domain);
	if (doing == RECORD_STOP_SELF)
		status = commit_answer_for(&controller.space, domain_thread(domain), CONTROLLER_OK, word_of(record->generation),
		                           &domain_record(domain)->resume_at, where);
	return status;
}

/* The state is written before it is noted that nothing is being done any more. */
static void set_state(uint32_t domain, enum controller_state state)
{
	volatile struct record_domain *record = domain_record(domain);

	record->state = state;
	record->doing = RECORD_NOTHING;
}

struct answer verbs_stop(const struct request *request)
{
	struct record_domain *record = domain_record(request->domain);
	struct where where = { 0 };
	enum status status;

	if (record->state != CONTROLLER_RUNNING)
		return wrong_state(request->domain);
	if (job_copies(request->domain))
		return answer_error(CONTROLLER_BUSY, 0, 0, 0);
	status = stop(request->domain, request->by_self ? RECORD_STOP_SELF : RECORD_STOP, &where);
	if (status != STATUS_OK && record->doing == RECORD_NOTHING)
		return answer_status(status, &where);
	set_state(request->domain, CONTROLLER_STOPPED);
	return status == STATUS_OK ? answer_ok(record->generation) : answer_status(status, &where);
}

struct answer verbs_resume(const struct request *request)
{
	struct record_domain *record = domain_record(request->domain);
	struct commit_domain owns = domain_owns(request->domain);
	struct where where = { 0 };
	enum status status;

	if (record->state != CONTROLLER_STOPPED)
		return wrong_state(request->domain);
	if (job_copies(request->domain))
		return answer_error(CONTROLLER_BUSY, 0, 0, 0);
	domain_is_doing(request->domain, RECORD_RESUME);
	status = commit_resume(&controller.space, &owns, domain_thread(request->domain), &where);
	set_state(request->domain, status == STATUS_OK ? CONTROLLER_RUNNING : CONTROLLER_STOPPED);
	return status == STATUS_OK ? answer_ok(record->generation) : answer_status(status, &where);
}

void domain_emptied(uint32_t domain)
{
	volatile struct record_domain *record = domain_record(domain);
	uint32_t account = record->account, kept = record->kept;

	record->kept = ACCOUNT_NONE;
	record->account = ACCOUNT_NONE;
	record->program = (struct record_program){ 0 };
	record->swap = CONTROLLER_SWAP_IDLE;
	record->reason = CONTROLLER_REASON_NONE;
	set_state(domain, CONTROLLER_EMPTY);
	if (account != ACCOUNT_NONE)
		controller_close(account);
	if (kept != ACCOUNT_NONE)
		controller_close(kept);
}

struct answer verbs_unload(const struct request *request)
{
	struct record_domain *record = domain_record(request->domain);
	struct where where = { 0 };
	enum status status = STATUS_OK;

	if (record->state == CONTROLLER_EMPTY)
		return wrong_state(request->domain);
	if (request->by_self && probation_is_on(request->domain)) /* who is on probation does not take the other one along */
		return answer_error(CONTROLLER_UNCONFIRMED, 0, 0, 0);
	if (record->state == CONTROLLER_RUNNING)
		status = stop(request->domain, RECORD_UNLOAD, &where);
	if (status != STATUS_OK)
		return answer_status(status, &where);
	if (record->doing == RECORD_NOTHING)
		domain_is_doing(request->domain, RECORD_UNLOAD);
	domain_emptied(request->domain);
	return answer_ok(record->generation);
}

void verbs_faulted(uint32_t domain)
{
	struct where where = { 0 };
	enum status status = stop(domain, RECORD_FAULT, &where);

	if (status == STATUS_OK)
		set_state(domain, CONTROLLER_FAULTED);
	else /* it waits for an answer to its fault that never comes; a swap may still replace it */
		graft_printf("%s: %s could not be stopped: %s\n", microkit_name, domain_grant(domain)->name, status_text(status));
}

static enum controller_swap_state swap_state(uint32_t domain)
{
	if (job_swap_state(domain) != CONTROLLER_SWAP_IDLE)
		return job_swap_state(domain);
	return probation_is_on(domain) ? CONTROLLER_SWAP_ON_PROBATION : (enum controller_swap_state)domain_record(domain)->swap;
}

static seL4_Word bytes_of(uint32_t account)
{
	return account == ACCOUNT_NONE ? 0 : word_of(account_bytes(&controller.space, account));
}

static void list_one(uint32_t domain, seL4_Word *words)
{
	const struct record_domain *record = domain_record(domain);

	words[0] = domain_grant(domain)->child_id;
	words[1] = record->state == CONTROLLER_EMPTY && job_is_on(domain) ? CONTROLLER_BUILDING : record->state;
	words[2] = word_of(record->generation);
	words[3] = record->program.id;
	words[4] = bytes_of(record->account);
	words[5] = swap_state(domain);
	words[6] = words[5] == CONTROLLER_SWAP_ROLLED_BACK ? record->reason : CONTROLLER_REASON_NONE;
	words[7] = bytes_of(record->kept);
}

struct answer verbs_list(uint32_t only, seL4_Word skipped)
{
	seL4_Word *message = seL4_GetIPCBuffer()->msg, count = 0;

	for (uint32_t i = 0; i < domain_seats() && count < LIST_MAX; i++) {
		if (!domain_is_there(i) || (only != DOMAIN_NONE && only != i))
			continue;
		if (skipped > 0)
			skipped--;
		else
			list_one(i, &message[1 + LIST_WORDS * count++]);
	}
	message[0] = count;
	return (struct answer){ .label = CONTROLLER_OK, .words = 1 + LIST_WORDS * count, .in_buffer = true };
}

struct answer verbs_ledger(void)
{
	seL4_Word *message = seL4_GetIPCBuffer()->msg;
	struct space_ledger ledger;

	space_ledger_get(&controller.space, &ledger);
	message[0] = LEDGER_WORDS;
	message[1 + LEDGER_UNTYPED_BYTES_TOTAL] = word_of(ledger.untyped_bytes_total);
	message[1 + LEDGER_UNTYPED_BYTES_FREE] = word_of(ledger.untyped_bytes_free);
	message[1 + LEDGER_SLOTS_TOTAL] = word_of(ledger.slots_total);
	message[1 + LEDGER_SLOTS_FREE] = word_of(ledger.slots_free);
	message[1 + LEDGER_FRAMES] = word_of(ledger.frames);
	message[1 + LEDGER_TABLES] = word_of(ledger.tables);
	message[1 + LEDGER_THREADS] = word_of(ledger.threads);
	message[1 + LEDGER_ACCOUNTS] = word_of(ledger.accounts);
	message[1 + LEDGER_TEXTS] = word_of(ledger.texts);
	return (struct answer){ .label = CONTROLLER_OK, .words = 1 + LEDGER_WORDS, .in_buffer = true };
}
