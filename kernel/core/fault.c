/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults: told to a handler as a message from the faulting thread, which waits for the answer. */
#include "kernel/core/ipc.h"
#include "kernel/core/slot.h"
#include "kernel/core/thread.h"

bool fault_handler_is_valid(struct cap cap)
{
	if (cap_is_null(cap))
		return true;
	return cap_kind(cap) == CAP_ENDPOINT && cap_has_right(cap, ABI_RIGHT_WRITE)
	       && cap_has_right(cap, ABI_RIGHT_GRANT | ABI_RIGHT_GRANT_REPLY);
}

static void send_to(struct kernel *k, struct tcb *tcb, struct cap handler, bool can_donate)
{
	struct send how = {
		.can_block = true,
		.can_grant = cap_has_right(handler, ABI_RIGHT_GRANT),
		.can_grant_reply = cap_has_right(handler, ABI_RIGHT_GRANT_REPLY),
		.can_donate = can_donate,
		.badge = cap_badge(handler),
	};
	endpoint_send(k, tcb, cap_object(handler), &how);
}

void fault_raise(struct kernel *k, struct tcb *tcb, const struct fault *fault)
{
	struct cap handler = tcb->slots[TCB_SLOT_FAULT].cap;
	if (cap_kind(handler) != CAP_ENDPOINT) {
		thread_set_state(k, tcb, THREAD_INACTIVE);
		return;
	}
	tcb->fault = *fault;
	send_to(k, tcb, handler, tcb->sc != NULL);
}

void fault_capability(struct kernel *k, struct tcb *tcb, word address, bool in_receive_phase,
                      const struct lookup_failure *why)
{
	struct fault fault = {
		.kind = seL4_Fault_CapFault,
		.words = { address },
		.in_receive_phase = in_receive_phase,
		.lookup = *why,
	};
	fault_raise(k, tcb, &fault);
}

void fault_timeout(struct kernel *k, struct tcb *tcb)
{
	tcb->fault = (struct fault){ .kind = seL4_Fault_Timeout, .words = { tcb->sc->badge } };
	send_to(k, tcb, tcb->slots[TCB_SLOT_TIMEOUT].cap, false);
}

/* ---- messages ---- */
word fault_write_lookup(struct tcb *receiver, word *buffer, word i, const struct lookup_failure *why)
{
	word length = thread_set_message(receiver, buffer, i, why->type);
	if (why->type == seL4_InvalidRoot)
		return length;
	length = thread_set_message(receiver, buffer, i + 1, why->bits_left);
	if (why->type == seL4_MissingCapability)
		return length;
	if (why->type == seL4_DepthMismatch)
		return thread_set_message(receiver, buffer, i + 2, why->bits_found);
	thread_set_message(receiver, buffer, i + 2, why->guard_found);
	return thread_set_message(receiver, buffer, i + 3, why->bits_found);
}

static word write_registers(const struct tcb *sender, struct tcb *receiver, word *buffer, const uint8_t *order, word count)
{
	word length = 0;
	for (word i = 0; i < count; i++)
		length = thread_set_message(receiver, buffer, i, sender->registers[order[i]]);
	return length;
}

static word write_cap_fault(struct tcb *sender, struct tcb *receiver, word *buffer)
{
	const struct fault *fault = &sender->fault;
	thread_set_message(receiver, buffer, seL4_CapFault_IP, sender->registers[REG_FAULT_IP]);
	thread_set_message(receiver, buffer, seL4_CapFault_Addr, fault->words[0]);
	thread_set_message(receiver, buffer, seL4_CapFault_InRecvPhase, fault->in_receive_phase);
	return fault_write_lookup(receiver, buffer, seL4_CapFault_LookupFailureType, &fault->lookup);
}

static word write_vm_fault(struct tcb *sender, struct tcb *receiver, word *buffer)
{
	const struct fault *fault = &sender->fault;
	thread_set_message(receiver, buffer, seL4_VMFault_IP, sender->registers[REG_FAULT_IP]);
	thread_set_message(receiver, buffer, seL4_VMFault_Addr, fault->words[0]);
	thread_set_message(receiver, buffer, seL4_VMFault_PrefetchFault, fault->is_fetch);
	return thread_set_message(receiver, buffer, seL4_VMFault_FSR, fault->words[1]);
}

static word write_timeout(struct kernel *k, struct tcb *sender, struct tcb *receiver, word *buffer)
{
	word length = thread_set_message(receiver, buffer, seL4_Timeout_Data, sender->fault.words[0]);
	if (sender->sc == NULL)
		return length;
	return thread_set_time(receiver, buffer, length, sc_take_consumed(k, sender->sc));
}

word fault_write_message(struct kernel *k, struct tcb *sender, struct tcb *receiver, word *buffer)
{
	const struct fault *fault = &sender->fault;
	switch (fault->kind) {
	case seL4_Fault_CapFault:
		return write_cap_fault(sender, receiver, buffer);
	case seL4_Fault_UnknownSyscall:
		write_registers(sender, receiver, buffer, syscall_message_order, SYSCALL_MESSAGE_WORDS);
		return thread_set_message(receiver, buffer, seL4_UnknownSyscall_Syscall, fault->words[0]);
	case seL4_Fault_UserException:
		write_registers(sender, receiver, buffer, exception_message_order, EXCEPTION_MESSAGE_WORDS);
		thread_set_message(receiver, buffer, seL4_UserException_Number, fault->words[0]);
		return thread_set_message(receiver, buffer, seL4_UserException_Code, fault->words[1]);
	case seL4_Fault_Timeout:
		return write_timeout(k, sender, receiver, buffer);
	default:
		return write_vm_fault(sender, receiver, buffer);
	}
}

/* ---- answers ---- */
static void read_registers(struct tcb *faulter, struct tcb *sender, const uint8_t *order, word count)
{
	const word *buffer = thread_buffer(sender, false);
	word length = seL4_MessageInfo_get_length(message_info(sender));
	if (length > count)
		length = count;
	if (length > MESSAGE_REGISTERS && buffer == NULL)
		length = MESSAGE_REGISTERS;
	for (word i = 0; i < length; i++) {
		word value = i < MESSAGE_REGISTERS ? sender->registers[REG_MESSAGE + i] : buffer[i + 1];
		faulter->registers[order[i]] = port_sanitise(order[i], value);
	}
}

bool fault_take_reply(struct tcb *faulter, struct tcb *sender)
{
	switch (faulter->fault.kind) {
	case seL4_Fault_UnknownSyscall:
		read_registers(faulter, sender, syscall_message_order, SYSCALL_MESSAGE_WORDS);
		break;
	case seL4_Fault_UserException:
		read_registers(faulter, sender, exception_message_order, EXCEPTION_MESSAGE_WORDS);
		break;
	case seL4_Fault_Timeout:
		read_registers(faulter, sender, timeout_message_order, TIMEOUT_MESSAGE_WORDS);
		break;
	default: /* capability and VM faults: tried again whatever the answer says */
		return true;
	}
	return seL4_MessageInfo_get_label(message_info(sender)) == 0;
}
