/* SPDX-License-Identifier: BSD-2-Clause */
/* Probation: a swap that can be taken back. The image that lost the domain is kept as it stopped: its thread is suspended and has no
 * scheduling context, its account is named by record.kept, so nothing can change it. It goes with CONFIRM, or gets the domain again: when
 * it is asked for, by whoever may swap the domain or by the new program itself, when that faults, or when a deadline is over.
 *
 * P1 going back needs nothing that is not held: no memory, no slot, no account; it is commit_hand_over with the images exchanged, and as
 * long. P2 one word of the record decides: kept, written once by CONFIRM; next, as for any commit. P3 what can't be taken back now (the
 * kernel refuses, the scheduling context is lent, the image is being duplicated) stays on probation, and is tried again if it was the
 * deadline that asked. */
#include "user/controller/controller.h"
#include "user/timer/protocol.h"

#define RETRY_MS 10u

/* Set by the description: the channel to a timer, which serves nobody else. */
__attribute__((section(".data.patched"))) seL4_Word controller_timer = GRAFT_NO_CHANNEL;

bool probation_is_on(uint32_t domain)
{
	return domain_record(domain)->kept != ACCOUNT_NONE;
}

static struct answer not_on_probation(uint32_t domain)
{
	const struct record_domain *record = domain_record(domain);

	return answer_error(CONTROLLER_NOT_ON_PROBATION, 0, record->swap, record->reason);
}

/* ---- confirm ---- */

struct answer probation_confirm(const struct request *request)
{
	volatile struct record_domain *record = domain_record(request->domain);
	uint32_t kept = record->kept;

	if (kept == ACCOUNT_NONE)
		return not_on_probation(request->domain);
	if (record->state == CONTROLLER_FAULTED)
		return answer_error(CONTROLLER_WRONG_STATE, 0, record->state, 0);
	trust_has_run(request->domain);
	record->swap = CONTROLLER_SWAP_CONFIRMED;
	record->reason = CONTROLLER_REASON_NONE;
	record->kept = ACCOUNT_NONE; /* from here on it is */
	controller_close(kept);
	return answer_ok(record->generation);
}

/* ---- the way back ---- */

static void report_back(uint32_t domain)
{
	static const char *const texts[] = { [CONTROLLER_REASON_ASKED] = "by request", [CONTROLLER_REASON_REJECTED] = "the new program refused",
		                             [CONTROLLER_REASON_FAULT] = "the new program faulted",
		                             [CONTROLLER_REASON_DEADLINE] = "nobody confirmed the new program in time" };
	const struct record_domain *record = domain_record(domain);

	graft_printf("%s: %s is back to %s: %s\n", microkit_name, domain_grant(domain)->name, record->program.name, texts[record->reason]);
}

static void note_back(uint32_t domain, enum controller_reason reason, enum commit_from from)
{
	volatile struct record_domain *record = domain_record(domain);

	record->doing = RECORD_NOTHING; /* a fault that was noted: this is what becomes of it */
	record->progress = commit_progress_of(from);
	record->next_program = record->kept_program;
	record->next_generation = record->generation + 1;
	record->next_purpose = RECORD_ROLLBACK;
	record->next_reason = reason;
	record->next = record->kept;
}

/* A program that asked for its own replacement is told before it gets the domain: it would ask again. */
static enum status go_back(uint32_t domain, enum controller_reason reason, enum commit_from from, struct where *where)
{
	struct record_domain *record = domain_record(domain);
	struct commit_domain owns = domain_owns(domain);
	seL4_CPtr thread = build_thread_cptr(&controller.space, record->kept);
	enum status status = STATUS_OK;

	if (record->kept_waits)
		status = commit_answer_for(&controller.space, thread, CONTROLLER_ROLLED_BACK, reason, &record->kept_resume_at, where);
	if (status != STATUS_OK)
		return status;
	owns.stays_stopped = record->kept_state != CONTROLLER_RUNNING;
	note_back(domain, reason, from);
	record_barrier();
	status = commit_hand_over(&controller.space, &owns, domain_thread(domain), thread, from, where);
	if (status != STATUS_OK) {
		record->next = ACCOUNT_NONE;
		return status;
	}
	domain_handed_over(domain);
	report_back(domain);
	return STATUS_OK;
}

static enum commit_from commit_from_of_state(uint32_t domain, bool by_self)
{
	if (domain_record(domain)->state != CONTROLLER_RUNNING)
		return COMMIT_FROM_STOPPED;
	return by_self ? COMMIT_FROM_CALLER : COMMIT_FROM_RUNNING;
}

struct answer probation_roll_back(const struct request *request)
{
	struct where where = { 0 };
	enum status status;

	if (!probation_is_on(request->domain))
		return not_on_probation(request->domain);
	status = go_back(request->domain, request->by_self ? CONTROLLER_REASON_REJECTED : CONTROLLER_REASON_ASKED,
	                 commit_from_of_state(request->domain, request->by_self), &where);
	return status == STATUS_OK ? answer_ok(domain_record(request->domain)->generation) : answer_status(status, &where);
}

bool probation_fell(uint32_t domain)
{
	struct where where = { 0 };
	enum status status;

	if (!probation_is_on(domain))
		return false;
	status = go_back(domain, CONTROLLER_REASON_FAULT, commit_from_of_state(domain, false), &where);
	if (status != STATUS_OK)
		graft_printf("%s: %s could not be taken back: %s\n", microkit_name, domain_grant(domain)->name, status_text(status));
	return status == STATUS_OK;
}

/* ---- the deadline ---- */

/* *ms: for ALARM when, then the time. */
static bool ask_timer(enum timer_verb verb, uint64_t *ms)
{
	microkit_msginfo info;

	if (controller_timer == GRAFT_NO_CHANNEL)
		return false;
	microkit_mr_set(0, (uint32_t)*ms);
	microkit_mr_set(1, (seL4_Word)(*ms >> 32));
	info = microkit_ppcall((microkit_channel)controller_timer, microkit_msginfo_new(verb, verb == TIMER_ALARM ? 2 : 0));
	if (microkit_msginfo_get_label(info) != 0 || microkit_msginfo_get_count(info) != 2)
		return false;
	*ms = (uint64_t)microkit_mr_get(1) << 32 | (uint32_t)microkit_mr_get(0);
	return true;
}

static uint64_t later(uint64_t now_ms, uint64_t by_ms)
{
	return sum_is_exact(now_ms, by_ms) ? now_ms + by_ms : UINT64_MAX;
}

bool probation_ends_at(uint64_t deadline_ms, uint64_t *ends_ms)
{
	uint64_t now = 0;

	*ends_ms = 0;
	if (deadline_ms == 0)
		return true;
	if (!ask_timer(TIMER_NOW, &now))
		return false;
	*ends_ms = later(now, deadline_ms);
	return true;
}

void probation_set_alarm(void)
{
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < domain_seats(); i++) {
		const struct record_domain *record = domain_record(i);

		if (probation_is_on(i) && record->deadline_ms != 0 && record->deadline_ms < next)
			next = record->deadline_ms;
	}
	if (next != UINT64_MAX && !ask_timer(TIMER_ALARM, &next))
		graft_printf("%s: the timer sets no alarm: a deadline may pass unnoticed\n", microkit_name);
}

/* true: it was due. */
static bool end_if_due(uint32_t domain, uint64_t now_ms)
{
	struct record_domain *record = domain_record(domain);
	struct where where = { 0 };

	if (!probation_is_on(domain) || record->deadline_ms == 0 || record->deadline_ms > now_ms)
		return false;
	if (job_is_on(domain) || go_back(domain, CONTROLLER_REASON_DEADLINE, commit_from_of_state(domain, false), &where) != STATUS_OK)
		record->deadline_ms = later(now_ms, RETRY_MS);
	return true;
}

/* One at a time, so that others have their turns: the alarm for the next one rings at once. */
void probation_notified(microkit_channel ch)
{
	uint64_t now = 0;
	uint32_t i = 0;

	if (ch != controller_timer || !ask_timer(TIMER_NOW, &now))
		return;
	while (i < domain_seats() && !end_if_due(i, now))
		i++;
	probation_set_alarm();
}
