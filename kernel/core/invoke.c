/* SPDX-License-Identifier: BSD-2-Clause */
/* Invocations: from a capability address in a register to the object's decode function, and the answer back. */
#include "kernel/core/invoke.h"
#include "kernel/core/ipc.h"
#include "kernel/core/irq.h"
#include "kernel/core/refuse.h"
#include "kernel/core/slot.h"
#include "kernel/core/thread.h"

/* ---- refusals ---- */
word refuse(word error)
{
	return error;
}

word refuse_argument(struct invocation *call, word number)
{
	call->error_words[0] = number;
	return seL4_InvalidArgument;
}

word refuse_capability(struct invocation *call, word number)
{
	call->error_words[0] = number;
	return seL4_InvalidCapability;
}

word refuse_range(struct invocation *call, word min, word max)
{
	call->error_words[0] = min;
	call->error_words[1] = max;
	return seL4_RangeError;
}

word refuse_lookup(struct invocation *call, bool in_source, const struct lookup_failure *failure)
{
	call->lookup_in_source = in_source;
	call->lookup = *failure;
	return seL4_FailedLookup;
}

word refuse_memory(struct invocation *call, word bytes_left)
{
	call->error_words[0] = bytes_left;
	return seL4_NotEnoughMemory;
}

void answer_word(struct kernel *k, struct invocation *call, word i, word value)
{
	if (!call->is_call)
		return;
	word *buffer = i < MESSAGE_REGISTERS ? NULL : thread_buffer(k->current, true);
	word length = thread_set_message(k->current, buffer, i, value);
	if (length > call->reply_length)
		call->reply_length = length;
}

void answer_time(struct kernel *k, struct invocation *call, word i, uint64_t us)
{
	answer_word(k, call, i, (word)us);
#if ABI_WORD_BITS == 32
	answer_word(k, call, i + 1, (word)(us >> 32));
#endif
}

static word write_error(struct tcb *tcb, const struct invocation *call, word error)
{
	word *buffer = thread_buffer(tcb, true);
	switch (error) {
	case seL4_InvalidArgument:
	case seL4_InvalidCapability:
	case seL4_NotEnoughMemory:
		return thread_set_message(tcb, buffer, 0, call->error_words[0]);
	case seL4_RangeError:
		thread_set_message(tcb, buffer, 0, call->error_words[0]);
		return thread_set_message(tcb, buffer, 1, call->error_words[1]);
	case seL4_FailedLookup:
		thread_set_message(tcb, buffer, 0, call->lookup_in_source);
		return fault_write_lookup(tcb, buffer, 1, &call->lookup);
	default:
		return 0;
	}
}

/* ---- capabilities whose invocation is a message ---- */
static word endpoint_decode(struct kernel *k, struct invocation *call)
{
	if (!cap_has_right(call->cap, ABI_RIGHT_WRITE))
		return refuse_capability(call, 0);
	struct send how = {
		.can_block = call->can_block,
		.is_call = call->is_call,
		.can_grant = cap_has_right(call->cap, ABI_RIGHT_GRANT),
		.can_grant_reply = cap_has_right(call->cap, ABI_RIGHT_GRANT_REPLY),
		.can_donate = call->can_donate,
		.badge = cap_badge(call->cap),
	};
	endpoint_send(k, k->current, cap_object(call->cap), &how);
	return seL4_NoError;
}

static word notification_decode(struct kernel *k, struct invocation *call)
{
	if (!cap_has_right(call->cap, ABI_RIGHT_WRITE))
		return refuse_capability(call, 0);
	notification_signal(k, cap_object(call->cap), cap_badge(call->cap));
	return seL4_NoError;
}

/* There is one time partition, number 0, and its schedule can't be changed. */
static word domain_decode(struct kernel *k, struct invocation *call)
{
	if (call->label != DomainSetSet)
		return refuse(seL4_IllegalOperation);
	if (call->length == 0)
		return refuse(seL4_TruncatedMessage);
	if (invocation_word(k, call, 0) != 0)
		return refuse_argument(call, 0);
	if (call->extra[0] == NULL)
		return refuse(seL4_TruncatedMessage);
	if (cap_kind(call->extra[0]->cap) != CAP_TCB)
		return refuse_argument(call, 1);
	return seL4_NoError;
}

/* Kinds that may not be invoked by the sending half of a send-and-receive call. */
static word second_phase_decode(struct kernel *k, struct invocation *call)
{
	if (call->is_first_phase)
		return refuse_capability(call, 0);
	switch (cap_kind(call->cap)) {
	case CAP_TCB:
		return tcb_decode(k, call);
	case CAP_CNODE:
		return cnode_decode(k, call);
	case CAP_SCHED_CONTEXT:
		return sched_context_decode(k, call);
	case CAP_SCHED_CONTROL:
		return sched_control_decode(k, call);
	default:
		return domain_decode(k, call);
	}
}

static word decode(struct kernel *k, struct invocation *call)
{
	switch (cap_kind(call->cap)) {
	case CAP_ENDPOINT:
		return endpoint_decode(k, call);
	case CAP_NOTIFICATION:
		return notification_decode(k, call);
	case CAP_REPLY:
		reply_send(k, k->current, cap_object(call->cap), cap_has_right(call->cap, ABI_RIGHT_GRANT));
		return seL4_NoError;
	case CAP_TCB:
	case CAP_CNODE:
	case CAP_SCHED_CONTEXT:
	case CAP_SCHED_CONTROL:
	case CAP_DOMAIN:
		return second_phase_decode(k, call);
	case CAP_UNTYPED:
		return untyped_decode(k, call);
	case CAP_FRAME:
		return frame_decode(k, call);
	case CAP_PAGE_TABLE:
	case CAP_PAGE_DIRECTORY:
	case CAP_PDPT:
	case CAP_VSPACE:
	case CAP_IO_PAGE_TABLE:
		return table_decode(k, call);
	case CAP_IRQ_CONTROL:
		return irq_control_decode(k, call);
	case CAP_IRQ_HANDLER:
		return irq_handler_decode(k, call);
	case CAP_ASID_CONTROL:
		return asid_control_decode(k, call);
	case CAP_ASID_POOL:
		return asid_pool_decode(k, call);
	case CAP_IO_PORT_CONTROL:
		return io_port_control_decode(k, call);
	case CAP_IO_PORT:
		return io_port_decode(k, call);
	default: /* null, zombie */
		return refuse_capability(call, 0);
	}
}

bool invoke(struct kernel *k, word address, struct invocation *call)
{
	struct tcb *tcb = k->current;
	struct lookup_failure why;
	seL4_MessageInfo_t info = message_info(tcb);
	call->slot = cspace_find(tcb, address, &why);
	if (call->slot != NULL) {
		call->cap = call->slot->cap;
		call->buffer = thread_buffer(tcb, false);
	}
	if (call->slot == NULL || !message_find_extra(tcb, call->buffer, info, call->extra, &address, &why)) {
		if (call->can_block)
			fault_capability(k, tcb, address, false, &why);
		return true;
	}
	call->label = seL4_MessageInfo_get_label(info);
	call->length = seL4_MessageInfo_get_length(info);
	if (call->length > MESSAGE_REGISTERS && call->buffer == NULL)
		call->length = MESSAGE_REGISTERS;
	call->reply_length = 0;

	/* Whatever stops the thread from here on, it issues the call again when it goes on. */
	tcb->state = THREAD_RESTART;
	word status = k->refusal.is_enabled ? refusal_take(k, call) : seL4_NoError;
	if (status == seL4_NoError)
		status = decode(k, call);
	if (status == INVOKE_PREEMPTED) {
		if (k->refusal.is_enabled)
			refusal_give_back(k, call);
		return false;
	}
	if (status != seL4_NoError) {
		tcb->state = THREAD_RUNNING;
		if (call->is_call)
			thread_set_reply(tcb, status, write_error(tcb, call, status));
	} else if (tcb->state == THREAD_RESTART) {
		tcb->state = THREAD_RUNNING;
		if (call->is_call)
			thread_set_reply(tcb, seL4_NoError, call->reply_length);
	}
	return true;
}
