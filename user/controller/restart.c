/* SPDX-License-Identifier: BSD-2-Clause */
/* The controller, started afresh by its parent while its domains run on. The record says what was going on, the kernel what
 * of it was done; doc/controller.md has the rules as a table. First every domain is put on one side, with the calls of
 * commit.h that may be made any number of times; then whatever accounts no record names are revoked, with all that was half
 * made; last, whoever still waits in a reply object is told "restarted". May itself be interrupted and begun anew. */
#include "user/controller/controller.h"

/* What can't be settled is left stopped, for the operator to swap or unload. */
static void give_up(uint32_t domain)
{
	volatile struct record_domain *record = domain_record(domain);

	graft_printf("%s: %s could not be settled after a restart: it is stopped\n", microkit_name, domain_grant(domain)->name);
	record->state = CONTROLLER_FAULTED;
	record->doing = RECORD_NOTHING;
}

static void settle_commit(uint32_t domain)
{
	volatile struct record_domain *record = domain_record(domain);
	struct commit_domain owns = domain_owns(domain);
	enum commit_side side = COMMIT_SIDE_NEW;
	enum status status = STATUS_OK;
	struct where where;

	owns.stays_stopped = record->next_purpose == RECORD_ROLLBACK && record->kept_state != CONTROLLER_RUNNING;
	if (record->account != record->next)
		status = commit_settle_hand_over(&controller.space, &owns, record->account == ACCOUNT_NONE ? 0 : domain_thread(domain),
		                                 build_thread_cptr(&controller.space, record->next), &side, &where);
	if (side == COMMIT_SIDE_OLD) {
		record->next = ACCOUNT_NONE;
		return;
	}
	(void)domain_note_handed_over(domain); /* what no record names any more goes below */
	if (status != STATUS_OK)
		give_up(domain);
}

static void settle_stop(uint32_t domain)
{
	static const enum controller_state after[] = {
		[RECORD_STOP] = CONTROLLER_STOPPED, [RECORD_STOP_SELF] = CONTROLLER_STOPPED, [RECORD_FAULT] = CONTROLLER_FAULTED,
		[RECORD_UNLOAD] = CONTROLLER_EMPTY,
	};
	volatile struct record_domain *record = domain_record(domain);
	struct commit_domain owns = domain_owns(domain);
	enum status status = STATUS_OK;
	struct where where;

	if (record->account != ACCOUNT_NONE)
		status = commit_settle_stop(&controller.space, &owns, domain_thread(domain), &where);
	if (status == STATUS_SPACE_LENT) {
		record->doing = RECORD_NOTHING;
		return;
	}
	if (status == STATUS_OK && record->doing == RECORD_STOP_SELF)
		status = commit_answer_for(&controller.space, domain_thread(domain), CONTROLLER_OK, word_of(record->generation),
		                           &domain_record(domain)->resume_at, &where);
	if (status != STATUS_OK) {
		give_up(domain);
		return;
	}
	if (record->doing == RECORD_UNLOAD) {
		record->kept = ACCOUNT_NONE;
		record->swap = CONTROLLER_SWAP_IDLE;
		record->account = ACCOUNT_NONE;
		record->program = (struct record_program){ 0 };
	}
	record->state = after[record->doing];
	record->doing = RECORD_NOTHING;
}

static void settle_resume(uint32_t domain)
{
	volatile struct record_domain *record = domain_record(domain);
	struct commit_domain owns = domain_owns(domain);
	struct where where;

	if (commit_settle_resume(&controller.space, &owns, domain_thread(domain), &where) != STATUS_OK) {
		give_up(domain);
		return;
	}
	record->state = CONTROLLER_RUNNING;
	record->doing = RECORD_NOTHING;
}

static void settle(uint32_t domain)
{
	struct record_domain *record = domain_record(domain);

	record->building = ACCOUNT_NONE;
	if (record->next != ACCOUNT_NONE)
		settle_commit(domain);
	else if (record->doing == RECORD_RESUME)
		settle_resume(domain);
	else if (record->doing != RECORD_NOTHING)
		settle_stop(domain);
}

static void recover_memory(void)
{
	bool live[ACCOUNTS_MAX] = { false };

	for (uint32_t i = 0; i < domain_seats(); i++) {
		if (!domain_is_there(i) || (domain_is_spawned(i) && spawn_is_incomplete(i)))
			continue;
		if (domain_record(i)->account < ACCOUNTS_MAX)
			live[domain_record(i)->account] = true;
		if (domain_record(i)->kept < ACCOUNTS_MAX)
			live[domain_record(i)->kept] = true;
		if (domain_is_spawned(i) && domain_spawned(i)->account < ACCOUNTS_MAX)
			live[domain_spawned(i)->account] = true;
	}
	space_recover(&controller.space, live);
	for (uint32_t i = controller.grant->domain_count; i < domain_seats(); i++) {
		if (domain_is_there(i) && spawn_is_incomplete(i))
			spawn_settle(i);
	}
}

/* Whose fault was noted, and no more: it is taken back now. */
static void take_back_faulted(void)
{
	for (uint32_t i = 0; i < domain_seats(); i++) {
		if (domain_is_there(i) && domain_record(i)->state == CONTROLLER_FAULTED)
			(void)probation_fell(i);
	}
}

/* Messages to reply objects that nobody waits in do nothing. */
static void answer_all(void)
{
	struct answer restarted = { .label = CONTROLLER_RESTARTED };

	for (uint32_t i = 0; i < reply_count(); i++)
		answer_send(reply_cptr(i), &restarted);
}

enum status restart(const struct space_use *use)
{
	enum status status = space_attach(&controller.space, use, &controller.record->space);

	if (status != STATUS_OK)
		return status;
	for (uint32_t i = 0; i < domain_seats(); i++) {
		if (domain_is_there(i))
			settle(i);
	}
	recover_memory();
	take_back_faulted();
	answer_all();
	probation_set_alarm();
	return STATUS_OK;
}
