/* SPDX-License-Identifier: BSD-2-Clause */
/* Invocations of TCBs. */
#include "kernel/core/invoke.h"
#include "kernel/core/ipc.h"
#include "kernel/core/slot.h"
#include "kernel/core/thread.h"

/* A capability to be put into one of a TCB's slots; null empties it. */
struct install {
	struct cap  cap;
	struct cte *source;
};

static void install(struct kernel *k, struct tcb *tcb, enum tcb_slot slot, const struct install *what)
{
	slot_delete_one(k, &tcb->slots[slot]);
	if (!cap_is_null(what->cap))
		slot_insert(what->cap, what->source, &tcb->slots[slot]);
}

/* ---- registers ---- */

/* All registers of the thread count now, also those that a return from a system call would not restore. */
static void registers_changed(const struct kernel *k, struct tcb *tcb)
{
	if (tcb != k->current)
		tcb->registers[REG_ERROR] = 0;
}

static inline word sanitise(unsigned index, word value)
{
	return REGISTERS_CHECKED >> index & 1 ? port_sanitise(index, value) : value;
}

static word read_registers_decode(struct kernel *k, struct invocation *call, struct tcb *tcb)
{
	if (call->length < 2)
		return refuse(seL4_TruncatedMessage);
	word flags = invocation_word(k, call, 0);
	word count = invocation_word(k, call, 1);
	if (count < 1 || count > ABI_CONTEXT_WORDS)
		return refuse_range(call, 1, ABI_CONTEXT_WORDS);
	if (tcb == k->current)
		return refuse(seL4_IllegalOperation);
	if (flags & 1)
		thread_suspend(k, tcb);
	if (!call->is_call)
		return seL4_NoError;
	word *buffer = thread_buffer(k->current, true);
	for (word i = 0; i < count; i++)
		call->reply_length = thread_set_message(k->current, buffer, i, tcb->registers[context_order[i]]);
	return seL4_NoError;
}

static word write_registers_decode(struct kernel *k, struct invocation *call, struct tcb *tcb)
{
	if (call->length < 2)
		return refuse(seL4_TruncatedMessage);
	word flags = invocation_word(k, call, 0);
	word count = invocation_word(k, call, 1);
	if (call->length - 2 < count)
		return refuse(seL4_TruncatedMessage);
	if (tcb == k->current)
		return refuse(seL4_IllegalOperation);
	if (count > ABI_CONTEXT_WORDS)
		count = ABI_CONTEXT_WORDS;
	for (word i = 0; i < count; i++)
		tcb->registers[context_order[i]] = sanitise(context_order[i], invocation_word(k, call, i + 2));
	tcb->registers[REG_NEXT_IP] = tcb->registers[REG_FAULT_IP];
	registers_changed(k, tcb);
	if (flags & 1)
		thread_restart(k, tcb);
	return seL4_NoError;
}

enum { COPY_SUSPEND_SOURCE = 1, COPY_RESUME_TARGET = 2, COPY_FRAME = 4, COPY_INTEGER = 8 };

static void copy_registers_do(struct kernel *k, struct tcb *to, struct tcb *from, word flags)
{
	if (flags & COPY_SUSPEND_SOURCE)
		thread_suspend(k, from);
	if (flags & COPY_RESUME_TARGET)
		thread_restart(k, to);
	if (flags & COPY_FRAME) {
		for (word i = 0; i < FRAME_REGISTERS; i++)
			to->registers[context_order[i]] = from->registers[context_order[i]];
		to->registers[REG_NEXT_IP] = to->registers[REG_FAULT_IP];
	}
	if (flags & COPY_INTEGER) {
		for (word i = FRAME_REGISTERS; i < ABI_CONTEXT_WORDS; i++)
			to->registers[context_order[i]] = from->registers[context_order[i]];
	}
	registers_changed(k, to);
}

static word copy_registers_decode(struct kernel *k, struct invocation *call, struct tcb *tcb)
{
	if (call->length < 1 || call->extra[0] == NULL)
		return refuse(seL4_TruncatedMessage);
	struct cap source = call->extra[0]->cap;
	if (cap_kind(source) != CAP_TCB)
		return refuse_capability(call, 1);
	copy_registers_do(k, tcb, cap_object(source), invocation_word(k, call, 0));
	return seL4_NoError;
}

static word set_tls_base_decode(struct kernel *k, struct invocation *call, struct tcb *tcb)
{
	if (call->length < 1)
		return refuse(seL4_TruncatedMessage);
	tcb->registers[REG_TLS_BASE] = sanitise(REG_TLS_BASE, invocation_word(k, call, 0));
	return seL4_NoError;
}

static word set_flags_decode(struct kernel *k, struct invocation *call, struct tcb *tcb)
{
	if (call->length < 2)
		return refuse(seL4_TruncatedMessage);
	word clear = invocation_word(k, call, 0);
	word set = invocation_word(k, call, 1);
	tcb->flags = (tcb->flags & ~clear) | (set & seL4_TCBFlag_fpuDisabled);
	if (tcb->flags & seL4_TCBFlag_fpuDisabled)
		port_fpu_release(k, tcb);
	answer_word(k, call, 0, tcb->flags);
	return seL4_NoError;
}

/* ---- spaces and IPC buffer ---- */
static word check_buffer(struct cte *slot, word address, struct install *buffer)
{
	struct cap cap;
	if (address == 0)
		return seL4_NoError;
	word status = cap_derive(slot, slot->cap, &cap);
	if (status != seL4_NoError)
		return status;
	if (cap_kind(cap) != CAP_FRAME || cap_frame_is_device(cap))
		return refuse(seL4_IllegalOperation);
	if ((address & ((1ul << seL4_IPCBufferSizeBits) - 1)) != 0)
		return refuse(seL4_AlignmentError);
	*buffer = (struct install){ cap, slot };
	return seL4_NoError;
}

static void set_buffer_do(struct kernel *k, struct tcb *tcb, word address, const struct install *buffer)
{
	tcb->buffer_address = address;
	install(k, tcb, TCB_SLOT_BUFFER, buffer);
}

static word set_ipc_buffer_decode(struct kernel *k, struct invocation *call, struct tcb *tcb)
{
	if (call->length < 1 || call->extra[0] == NULL)
		return refuse(seL4_TruncatedMessage);
	struct install buffer = { cap_null(), NULL };
	word address = invocation_word(k, call, 0);
	word status = check_buffer(call->extra[0], address, &buffer);
	if (status == seL4_NoError)
		set_buffer_do(k, tcb, address, &buffer);
	return status;
}

/* Capability for a root: with other data (a CNode's guard) if data is not 0, and fit to be copied. */
static word derive_root(struct cte *slot, word data, struct install *root)
{
	struct cap cap = slot->cap;
	if (data != 0)
		cap = cap_update_data(cap, data, false);
	root->source = slot;
	return cap_derive(slot, cap, &root->cap);
}

static word check_roots(struct tcb *tcb, struct cte *cspace_slot, word cspace_data, struct cte *vspace_slot,
                        word vspace_data, struct install roots[2])
{
	if (slot_is_long_to_delete(&tcb->slots[TCB_SLOT_CSPACE]) || slot_is_long_to_delete(&tcb->slots[TCB_SLOT_VSPACE]))
		return refuse(seL4_IllegalOperation);
	word status = derive_root(cspace_slot, cspace_data, &roots[0]);
	if (status != seL4_NoError)
		return status;
	if (cap_kind(roots[0].cap) != CAP_CNODE)
		return refuse(seL4_IllegalOperation);
	status = derive_root(vspace_slot, vspace_data, &roots[1]);
	if (status != seL4_NoError)
		return status;
	if (cap_kind(roots[1].cap) != CAP_VSPACE || !cap_is_mapped(roots[1].cap))
		return refuse(seL4_IllegalOperation);
	return seL4_NoError;
}

static void set_roots_do(struct kernel *k, struct tcb *tcb, const struct install roots[2])
{
	install(k, tcb, TCB_SLOT_CSPACE, &roots[0]);
	install(k, tcb, TCB_SLOT_VSPACE, &roots[1]);
	if (tcb == k->current)
		schedule_again(k); /* the port is to switch to the new VSpace */
}

static word configure_decode(struct kernel *k, struct invocation *call, struct tcb *tcb)
{
	if (call->length < 3 || call->extra[0] == NULL || call->extra[1] == NULL || call->extra[2] == NULL)
		return refuse(seL4_TruncatedMessage);
	struct install buffer = { cap_null(), NULL };
	struct install roots[2];
	word address = invocation_word(k, call, 2);
	word status = check_buffer(call->extra[2], address, &buffer);
	if (status == seL4_NoError)
		status = check_roots(tcb, call->extra[0], invocation_word(k, call, 0), call->extra[1],
		                     invocation_word(k, call, 1), roots);
	if (status != seL4_NoError)
		return status;
	set_roots_do(k, tcb, roots);
	set_buffer_do(k, tcb, address, &buffer);
	return seL4_NoError;
}

static word set_space_decode(struct kernel *k, struct invocation *call, struct tcb *tcb)
{
	if (call->length < 2 || call->extra[0] == NULL || call->extra[1] == NULL || call->extra[2] == NULL)
		return refuse(seL4_TruncatedMessage);
	struct install handler = { call->extra[0]->cap, call->extra[0] };
	struct install roots[2];
	word status = check_roots(tcb, call->extra[1], invocation_word(k, call, 0), call->extra[2],
	                          invocation_word(k, call, 1), roots);
	if (status != seL4_NoError)
		return status;
	if (!fault_handler_is_valid(handler.cap))
		return refuse_capability(call, 1);
	install(k, tcb, TCB_SLOT_FAULT, &handler);
	set_roots_do(k, tcb, roots);
	return seL4_NoError;
}

static word set_timeout_endpoint_decode(struct kernel *k, struct invocation *call, struct tcb *tcb)
{
	if (call->extra[0] == NULL)
		return refuse(seL4_TruncatedMessage);
	struct install handler = { call->extra[0]->cap, call->extra[0] };
	if (!fault_handler_is_valid(handler.cap))
		return refuse_capability(call, 1);
	install(k, tcb, TCB_SLOT_TIMEOUT, &handler);
	return seL4_NoError;
}

/* ---- priorities and scheduling ---- */
static word check_priority(struct invocation *call, word priority, const struct tcb *authority)
{
	return priority > authority->mcp ? refuse_range(call, seL4_MinPrio, authority->mcp) : seL4_NoError;
}

static word set_priority_decode(struct kernel *k, struct invocation *call, struct tcb *tcb)
{
	if (call->length < 1 || call->extra[0] == NULL)
		return refuse(seL4_TruncatedMessage);
	word priority = invocation_word(k, call, 0);
	struct cap authority = call->extra[0]->cap;
	if (cap_kind(authority) != CAP_TCB)
		return refuse_capability(call, 1);
	word status = check_priority(call, priority, cap_object(authority));
	if (status != seL4_NoError)
		return status;
	if (call->label == TCBSetMCPriority)
		tcb->mcp = (uint8_t)priority;
	else
		thread_set_priority(k, tcb, (uint8_t)priority);
	return seL4_NoError;
}

static word check_context(struct kernel *k, struct invocation *call, const struct tcb *tcb, struct cap cap)
{
	if (cap_is_null(cap))
		return tcb == k->current ? refuse(seL4_IllegalOperation) : seL4_NoError;
	if (cap_kind(cap) != CAP_SCHED_CONTEXT)
		return refuse_capability(call, 2);
	struct sched_context *sc = cap_object(cap);
	if (tcb->sc != sc && (tcb->sc != NULL || sc->tcb != NULL))
		return refuse(seL4_IllegalOperation);
	if (thread_is_blocked(tcb) && !(sc_is_active(sc) && budget_is_ready(k, sc)))
		return refuse(seL4_IllegalOperation);
	return seL4_NoError;
}

static void set_context_do(struct kernel *k, struct tcb *tcb, struct sched_context *sc)
{
	if (tcb->sc == sc)
		return;
	if (sc != NULL)
		sc_bind_tcb(k, sc, tcb);
	else
		sc_unbind_tcb(k, tcb->sc);
}

static word set_sched_params_decode(struct kernel *k, struct invocation *call, struct tcb *tcb)
{
	if (call->length < 2 || call->extra[0] == NULL || call->extra[1] == NULL || call->extra[2] == NULL)
		return refuse(seL4_TruncatedMessage);
	word mcp = invocation_word(k, call, 0);
	word priority = invocation_word(k, call, 1);
	struct cap authority = call->extra[0]->cap;
	struct cap context = call->extra[1]->cap;
	struct install handler = { call->extra[2]->cap, call->extra[2] };
	if (cap_kind(authority) != CAP_TCB)
		return refuse_capability(call, 1);
	word status = check_priority(call, mcp, cap_object(authority));
	if (status == seL4_NoError)
		status = check_priority(call, priority, cap_object(authority));
	if (status == seL4_NoError)
		status = check_context(k, call, tcb, context);
	if (status != seL4_NoError)
		return status;
	if (!fault_handler_is_valid(handler.cap))
		return refuse_capability(call, 3);
	install(k, tcb, TCB_SLOT_FAULT, &handler);
	tcb->mcp = (uint8_t)mcp;
	thread_set_priority(k, tcb, (uint8_t)priority);
	set_context_do(k, tcb, cap_object(context));
	return seL4_NoError;
}

/* ---- notifications ---- */
static word bind_notification_decode(struct invocation *call, struct tcb *tcb)
{
	if (call->extra[0] == NULL)
		return refuse(seL4_TruncatedMessage);
	struct cap cap = call->extra[0]->cap;
	if (tcb->bound_notification != NULL || cap_kind(cap) != CAP_NOTIFICATION || !cap_has_right(cap, ABI_RIGHT_READ))
		return refuse(seL4_IllegalOperation);
	struct notification *notification = cap_object(cap);
	if (notification->head != NULL || notification->bound_tcb != NULL)
		return refuse(seL4_IllegalOperation);
	notification_bind(notification, tcb);
	return seL4_NoError;
}

static word unbind_notification_decode(struct tcb *tcb)
{
	if (tcb->bound_notification == NULL)
		return refuse(seL4_IllegalOperation);
	notification_unbind(tcb->bound_notification);
	return seL4_NoError;
}

word tcb_decode(struct kernel *k, struct invocation *call)
{
	struct tcb *tcb = cap_object(call->cap);
	switch (call->label) {
	case TCBReadRegisters:
		return read_registers_decode(k, call, tcb);
	case TCBWriteRegisters:
		return write_registers_decode(k, call, tcb);
	case TCBCopyRegisters:
		return copy_registers_decode(k, call, tcb);
	case TCBConfigure:
		return configure_decode(k, call, tcb);
	case TCBSetPriority:
	case TCBSetMCPriority:
		return set_priority_decode(k, call, tcb);
	case TCBSetSchedParams:
		return set_sched_params_decode(k, call, tcb);
	case TCBSetTimeoutEndpoint:
		return set_timeout_endpoint_decode(k, call, tcb);
	case TCBSetIPCBuffer:
		return set_ipc_buffer_decode(k, call, tcb);
	case TCBSetSpace:
		return set_space_decode(k, call, tcb);
	case TCBSuspend:
		thread_suspend(k, tcb);
		return seL4_NoError;
	case TCBResume:
		thread_restart(k, tcb);
		return seL4_NoError;
	case TCBBindNotification:
		return bind_notification_decode(call, tcb);
	case TCBUnbindNotification:
		return unbind_notification_decode(tcb);
	case TCBSetTLSBase:
		return set_tls_base_decode(k, call, tcb);
	case TCBSetFlags:
		return set_flags_decode(k, call, tcb);
	default: /* breakpoints and single stepping too */
		return refuse(seL4_IllegalOperation);
	}
}
