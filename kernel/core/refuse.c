/* SPDX-License-Identifier: BSD-2-Clause */
/* Refusals on request: the k-th invocation by threads of one priority is answered with an error and not carried out, so that a
 * test can see what becomes of whoever made it. Exists only where boot has enabled it.
 *
 * Invariants: F1 without refusal_enable nothing here is ever reached. F2 an invocation is refused before anything was
 * decoded, so it has changed nothing. F3 one refusal per arming. Deliberately absent: messages; their sender learns of no error. */
#include <graft/refuse.h>
#include "kernel/core/refuse.h"
#include "kernel/core/slot.h"
#include "kernel/core/thread.h"

static void arm(struct kernel *k, word priority, word nth, word error)
{
	bool makes_sense = error >= seL4_InvalidArgument && error <= seL4_NotEnoughMemory;

	k->refusal.priority = (uint8_t)priority;
	k->refusal.error = error;
	k->refusal.turn = makes_sense ? nth : 0;
	k->refusal.seen = 0;
	k->refusal.was_refused = false;
}

void refusal_enable(struct kernel *k, word priority, word nth, word error)
{
	arm(k, priority, nth, error);
	k->refusal.is_enabled = true;
}

void refusal_syscall(struct kernel *k)
{
	word *registers = k->current->registers;
	word how = registers[REG_CAP], nth = registers[REG_INFO];

	registers[REG_CAP] = k->refusal.seen;
	registers[REG_INFO] = k->refusal.was_refused;
	arm(k, how & GRAFT_REFUSE_PRIORITY_MASK, nth, how >> GRAFT_REFUSE_ERROR_SHIFT);
}

static bool counts(const struct kernel *k, const struct invocation *call)
{
	enum cap_kind kind = cap_kind(call->cap);

	return k->current->priority == k->refusal.priority && kind != CAP_ENDPOINT && kind != CAP_NOTIFICATION && kind != CAP_REPLY;
}

word refusal_take(struct kernel *k, struct invocation *call)
{
	if (!counts(k, call) || ++k->refusal.seen != k->refusal.turn)
		return seL4_NoError;
	k->refusal.was_refused = true;
	call->error_words[0] = call->error_words[1] = 0;
	call->lookup_in_source = false;
	call->lookup = lookup_missing(0);
	return k->refusal.error;
}

void refusal_give_back(struct kernel *k, const struct invocation *call)
{
	if (counts(k, call))
		k->refusal.seen--;
}
