/* SPDX-License-Identifier: BSD-2-Clause */
/* The hand-over, step by step. Invariants H1 to H4 are in the header.
 *
 * The scheduling context is taken from the old thread first. That is the one step that can be refused for a good reason
 * (it is with a passive server that the old image has called; taken from there, the server would never run again), and
 * from then on the old image can't run (H1). It is given to the new thread last: the domain changes hands in one kernel
 * call. A caller that waits for the old image is answered before, while nobody can receive with the domain's reply
 * object: the next receive would cancel the caller (H3). An old image that waits for the answer of whoever calls this is
 * suspended last of all, because suspending breaks off its call, and it could not be told of a refusal any more (H4). */
#include "user/space/space.h"
#include "user/controller/protocol.h"
#include "user/sel4/sel4.h"

enum step { TAKE_CONTEXT, STOP_OLD, TAKE_NOTIFICATION, GIVE_NOTIFICATION, READY_NEW, ANSWER_CALLER, GIVE_CONTEXT, STEPS };
#define SYSCALL_BYTES 2u
#define STEPS_MAX 16u /* more than any order has */

struct hand_over {
	struct space *space;
	const struct commit_domain *domain;
	seL4_CPtr old_thread;
	seL4_CPtr new_thread;
	enum commit_from from;
	bool had_context; /* the old thread held the scheduling context */
};

static const enum step order_start[] = { GIVE_NOTIFICATION, READY_NEW, GIVE_CONTEXT, STEPS };
static const enum step order_running[] = { TAKE_CONTEXT, STOP_OLD, TAKE_NOTIFICATION, GIVE_NOTIFICATION, READY_NEW,
	                                   ANSWER_CALLER, GIVE_CONTEXT, STEPS };
static const enum step order_caller[] = { TAKE_CONTEXT, TAKE_NOTIFICATION, GIVE_NOTIFICATION, READY_NEW, ANSWER_CALLER,
	                                  GIVE_CONTEXT, STOP_OLD, STEPS };
static const enum step order_stopped[] = { TAKE_NOTIFICATION, GIVE_NOTIFICATION, READY_NEW, GIVE_CONTEXT, STEPS };

static const enum step *order_of(enum commit_from from)
{
	switch (from) {
	case COMMIT_FROM_EMPTY:
		return order_start;
	case COMMIT_FROM_CALLER:
		return order_caller;
	case COMMIT_FROM_STOPPED:
		return order_stopped;
	case COMMIT_FROM_RUNNING:
		break;
	}
	return order_running;
}

/* Written after the step it counts: what comes next may have been done or not, nothing behind it has. */
static void made_progress(const struct commit_domain *domain, uint32_t steps)
{
	if (domain->progress)
		*domain->progress = steps;
}

uint32_t commit_progress_of(enum commit_from from)
{
	return (uint32_t)from * STEPS_MAX;
}

static enum status take_context(struct space *space, const struct commit_domain *domain, seL4_CPtr thread, bool *had,
                                struct where *where)
{
	enum status status = space_result(space, seL4_SchedContext_UnbindObject(domain->sched_context, thread), where);

	*had = status == STATUS_OK;
	if (status == STATUS_OK || space->error != seL4_IllegalOperation)
		return status;
	return domain->passive ? STATUS_OK : STATUS_SPACE_LENT;
}

/* Nothing happens if nobody waits: the kernel ignores a reply object that is idle. */
static void answer_caller(struct space *space, const struct commit_domain *domain)
{
	if (domain->reply == 0)
		return;
	seL4_Send(domain->reply, seL4_MessageInfo_new(CONTROLLER_RESTARTED, 0, 0, 0));
	space->calls++;
}

static enum status bind_notification(struct hand_over *h, seL4_CPtr thread, struct where *where)
{
	if (h->domain->notification == 0)
		return STATUS_OK;
	return space_result(h->space, seL4_TCB_BindNotification(thread, h->domain->notification), where);
}

static enum status unbind_notification(struct hand_over *h, seL4_CPtr thread, struct where *where)
{
	if (h->domain->notification == 0)
		return STATUS_OK;
	return space_result(h->space, seL4_TCB_UnbindNotification(thread), where);
}

/* The image that gets the domain is not to run: it was stopped when it lost it. */
static bool is_left_out(const struct hand_over *h, enum step step)
{
	return h->domain->stays_stopped && (step == READY_NEW || step == GIVE_CONTEXT);
}

static enum status go(struct hand_over *h, enum step step, struct where *where)
{
	if (is_left_out(h, step))
		return STATUS_OK;
	switch (step) {
	case TAKE_CONTEXT:
		return take_context(h->space, h->domain, h->old_thread, &h->had_context, where);
	case STOP_OLD:
		return space_result(h->space, seL4_TCB_Suspend(h->old_thread), where);
	case TAKE_NOTIFICATION:
		return unbind_notification(h, h->old_thread, where);
	case GIVE_NOTIFICATION:
		return bind_notification(h, h->new_thread, where);
	case READY_NEW:
		return space_result(h->space, seL4_TCB_Resume(h->new_thread), where);
	case ANSWER_CALLER:
		answer_caller(h->space, h->domain);
		return STATUS_OK;
	case GIVE_CONTEXT:
		return space_result(h->space, seL4_SchedContext_Bind(h->domain->sched_context, h->new_thread), where);
	case STEPS:
		break;
	}
	return STATUS_OK;
}

/* The kernel binds no context without budget to a thread that is blocked: that one is made to try again what it is blocked in. */
static enum status give_context_back(struct space *space, const struct commit_domain *domain, seL4_CPtr thread, struct where *where)
{
	enum status status = space_result(space, seL4_SchedContext_Bind(domain->sched_context, thread), where);

	if (status == STATUS_OK || space->error != seL4_IllegalOperation)
		return status;
	status = space_result(space, seL4_TCB_Resume(thread), where);
	return status != STATUS_OK ? status : space_result(space, seL4_SchedContext_Bind(domain->sched_context, thread), where);
}

static enum status go_back(struct hand_over *h, enum step step, struct where *where)
{
	if (is_left_out(h, step))
		return STATUS_OK;
	switch (step) {
	case TAKE_CONTEXT:
		return h->had_context ? give_context_back(h->space, h->domain, h->old_thread, where) : STATUS_OK;
	case STOP_OLD:
		return space_result(h->space, seL4_TCB_Resume(h->old_thread), where);
	case TAKE_NOTIFICATION:
		return bind_notification(h, h->old_thread, where);
	case GIVE_NOTIFICATION:
		return unbind_notification(h, h->new_thread, where);
	case READY_NEW:
		return space_result(h->space, seL4_TCB_Suspend(h->new_thread), where);
	case GIVE_CONTEXT:
		return space_result(h->space, seL4_SchedContext_UnbindObject(h->domain->sched_context, h->new_thread), where);
	case ANSWER_CALLER:
	case STEPS:
		break;
	}
	return STATUS_OK;
}

enum status commit_hand_over(struct space *space, const struct commit_domain *domain, seL4_CPtr old_thread, seL4_CPtr new_thread,
                             enum commit_from from, struct where *where)
{
	struct hand_over h = { space, domain, old_thread, new_thread, from, false };
	const enum step *order = order_of(from);
	enum status status = STATUS_OK;
	struct where undo;
	uint32_t at = 0;

	while (order[at] != STEPS && status == STATUS_OK) {
		status = go(&h, order[at], where);
		if (status == STATUS_OK)
			made_progress(domain, commit_progress_of(from) + ++at);
	}
	if (status == STATUS_OK)
		return STATUS_OK;
	while (at > 0) {
		made_progress(domain, commit_progress_of(from) + --at);
		if (go_back(&h, order[at], &undo) != STATUS_OK)
			continue; /* the kernel refused twice what it had no reason to refuse; the rest is put back all the same */
	}
	return status;
}

enum status commit_stop(struct space *space, const struct commit_domain *domain, seL4_CPtr thread, struct where *where)
{
	enum status status;
	struct where undo;
	bool had;

	status = take_context(space, domain, thread, &had, where);
	if (status != STATUS_OK)
		return status;
	made_progress(domain, 1);
	status = space_result(space, seL4_TCB_Suspend(thread), where);
	if (status == STATUS_OK) {
		answer_caller(space, domain);
		return STATUS_OK;
	}
	made_progress(domain, 0);
	if (had && give_context_back(space, domain, thread, &undo) != STATUS_OK)
		return STATUS_SPACE_KERNEL_REFUSED;
	return status;
}

enum status commit_resume(struct space *space, const struct commit_domain *domain, seL4_CPtr thread, struct where *where)
{
	enum status status = space_result(space, seL4_TCB_Resume(thread), where);
	struct where undo;

	if (status != STATUS_OK)
		return status;
	made_progress(domain, 1);
	status = space_result(space, seL4_SchedContext_Bind(domain->sched_context, thread), where);
	if (status == STATUS_OK)
		return STATUS_OK;
	made_progress(domain, 0);
	return space_result(space, seL4_TCB_Suspend(thread), &undo) == STATUS_OK ? status : STATUS_SPACE_KERNEL_REFUSED;
}

/* Of a call that is not over the instruction pointer is still on the instruction that enters the kernel. */
void commit_answer_in(seL4_UserContext *context, seL4_Word label, seL4_Word word)
{
	context->SEL4_CONTEXT_IP += SEL4_ENTER_BYTES;
	context->SEL4_CONTEXT_BADGE = 0;
	context->SEL4_CONTEXT_INFO = seL4_MessageInfo_new(label, 0, 0, 1).words[0];
	context->SEL4_CONTEXT_MR0 = word;
}

enum status commit_answer_for(struct space *space, seL4_CPtr thread, seL4_Word label, seL4_Word word, uint64_t *resume_at,
                              struct where *where)
{
	seL4_UserContext context = { 0 };
	enum status status;

	status = space_result(space, seL4_TCB_ReadRegisters(thread, 0, 0, ABI_CONTEXT_WORDS, &context), where);
	if (status != STATUS_OK)
		return status;
	if (*resume_at == 0)
		*resume_at = context.SEL4_CONTEXT_IP + SEL4_ENTER_BYTES; /* a thread stopped in a call would execute it again */
	context.SEL4_CONTEXT_IP = (seL4_Word)*resume_at - SEL4_ENTER_BYTES;
	commit_answer_in(&context, label, word);
	return space_result(space, seL4_TCB_WriteRegisters(thread, 0, 0, ABI_CONTEXT_WORDS, &context), where);
}

/* ---- after an interruption ---- */

/* What was done already is refused so, or does nothing. */
static enum status unless_done(struct space *space, enum status status)
{
	return status != STATUS_OK && space->error == seL4_IllegalOperation ? STATUS_OK : status;
}

/* The step that takes the context from a thread, which may have been made already: then the kernel refuses it, as it does if the
 * context is lent. Whether any thread holds it YieldTo tells: not from one that is more important than the caller; a passive server should
 * not be. The context can't simply be given back to see: the kernel binds none without budget to a thread that is blocked. */
static enum status settle_taken(struct space *space, const struct commit_domain *domain, seL4_CPtr thread, struct where *where)
{
	bool had;
	enum status status = take_context(space, domain, thread, &had, where);

	if (status != STATUS_SPACE_LENT)
		return status;
	space->calls++;
	return seL4_SchedContext_YieldTo(domain->sched_context).error == seL4_NoError ? STATUS_SPACE_LENT : STATUS_OK;
}

enum status commit_settle_hand_over(struct space *space, const struct commit_domain *domain, seL4_CPtr old_thread, seL4_CPtr new_thread,
                                    enum commit_side *side, struct where *where)
{
	enum commit_from from = (enum commit_from)(*domain->progress / STEPS_MAX);
	struct hand_over h = { space, domain, old_thread, new_thread, from, false };
	const enum step *order = order_of(from);
	enum status status = STATUS_OK;

	*side = COMMIT_SIDE_OLD;
	if (order[*domain->progress % STEPS_MAX] == TAKE_CONTEXT) {
		if (settle_taken(space, domain, old_thread, where) != STATUS_OK)
			return STATUS_OK;
		made_progress(domain, *domain->progress + 1);
	}
	*side = COMMIT_SIDE_NEW;
	while (order[*domain->progress % STEPS_MAX] != STEPS && status == STATUS_OK) {
		status = unless_done(space, go(&h, order[*domain->progress % STEPS_MAX], where));
		if (status == STATUS_OK)
			made_progress(domain, *domain->progress + 1);
	}
	return status;
}

enum status commit_settle_stop(struct space *space, const struct commit_domain *domain, seL4_CPtr thread, struct where *where)
{
	enum status status = STATUS_OK;

	if (*domain->progress == 0)
		status = settle_taken(space, domain, thread, where);
	if (status != STATUS_OK)
		return status;
	made_progress(domain, 1);
	status = space_result(space, seL4_TCB_Suspend(thread), where);
	if (status == STATUS_OK)
		answer_caller(space, domain);
	return status;
}

enum status commit_settle_resume(struct space *space, const struct commit_domain *domain, seL4_CPtr thread, struct where *where)
{
	if (*domain->progress == 0)
		return commit_resume(space, domain, thread, where);
	return unless_done(space, space_result(space, seL4_SchedContext_Bind(domain->sched_context, thread), where));
}
