/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts: handing out handler capabilities, and signalling the notification set for each.
 *
 * Invariants
 *  I1  An interrupt is active if and only if a handler capability for it exists.
 *  I2  The slot of an interrupt is empty or holds a notification; it is empty while the interrupt is inactive. */
#include "kernel/core/irq.h"
#include "kernel/core/ipc.h"
#include "kernel/core/slot.h"

#define PCI_BUS_MAX      255u
#define PCI_DEVICE_MAX   31u
#define PCI_FUNCTION_MAX 7u

static void set_state(struct kernel *k, word irq, enum irq_state state)
{
	k->irq_states[irq] = (uint8_t)state;
	port_irq_set_masked(k, irq, state == IRQ_INACTIVE);
}

void irq_finalise(struct kernel *k, word irq)
{
	slot_delete_one(k, &k->irq_slots[irq]);
	set_state(k, irq, IRQ_INACTIVE);
}

void irq_deliver(struct kernel *k, word irq)
{
	if (irq < IRQ_COUNT && k->irq_states[irq] == IRQ_SIGNAL) {
		struct cap cap = k->irq_slots[irq].cap;
		if (cap_kind(cap) == CAP_NOTIFICATION)
			notification_signal(k, cap_object(cap), cap_badge(cap));
	}
	port_irq_set_masked(k, irq, true);
	port_irq_ack(k, irq);
}

/* ---- IRQControl ---- */
static void issue_do(struct kernel *k, struct invocation *call, word irq, struct cte *slot)
{
	set_state(k, irq, IRQ_SIGNAL);
	slot_insert(cap_irq_handler(irq), call->slot, slot);
}

static word check_up_to(struct invocation *call, word value, word max)
{
	return value > max ? refuse_range(call, 0, max) : seL4_NoError;
}

static word ioapic_check(struct kernel *k, struct invocation *call)
{
	word ioapic = invocation_word(k, call, 2);
	word count = port_ioapic_count(k);
	if (count == 0)
		return refuse(seL4_IllegalOperation);
	word status = check_up_to(call, ioapic, count - 1);
	if (status == seL4_NoError)
		status = check_up_to(call, invocation_word(k, call, 3), port_ioapic_pins(k, ioapic) - 1);
	if (status == seL4_NoError)
		status = check_up_to(call, invocation_word(k, call, 4), 1);
	if (status == seL4_NoError)
		status = check_up_to(call, invocation_word(k, call, 5), 1);
	return status;
}

/* Only the place is checked: message-signalled interrupts need nothing set up here. */
static word msi_check(struct kernel *k, struct invocation *call)
{
	word status = check_up_to(call, invocation_word(k, call, 2), PCI_BUS_MAX);
	if (status == seL4_NoError)
		status = check_up_to(call, invocation_word(k, call, 3), PCI_DEVICE_MAX);
	if (status == seL4_NoError)
		status = check_up_to(call, invocation_word(k, call, 4), PCI_FUNCTION_MAX);
	return status;
}

static word issue_decode(struct kernel *k, struct invocation *call)
{
	if (call->length < 7 || call->extra[0] == NULL)
		return refuse(seL4_TruncatedMessage);
	word irq = invocation_word(k, call, 6);
	if (irq > IRQ_USER_LAST - IRQ_USER_FIRST)
		return refuse_range(call, 0, IRQ_USER_LAST - IRQ_USER_FIRST);
	irq += IRQ_USER_FIRST;
	if (k->irq_states[irq] != IRQ_INACTIVE)
		return refuse(seL4_RevokeFirst);
	struct cte *slot;
	word status = lookup_target_slot(call, call->extra[0]->cap, invocation_word(k, call, 0), invocation_word(k, call, 1),
	                                 false, &slot);
	if (status == seL4_NoError)
		status = slot_check_empty(slot);
	if (status != seL4_NoError)
		return status;
	status = call->label == X86IRQIssueIRQHandlerIOAPIC ? ioapic_check(k, call) : msi_check(k, call);
	if (status != seL4_NoError)
		return status;
	if (call->label == X86IRQIssueIRQHandlerIOAPIC)
		port_ioapic_route(k, invocation_word(k, call, 2), invocation_word(k, call, 3), invocation_word(k, call, 4) != 0,
		                  invocation_word(k, call, 5) != 0, irq);
	issue_do(k, call, irq, slot);
	return seL4_NoError;
}

word irq_control_decode(struct kernel *k, struct invocation *call)
{
	if (call->label == X86IRQIssueIRQHandlerIOAPIC || call->label == X86IRQIssueIRQHandlerMSI)
		return issue_decode(k, call);
	/* The lines of the legacy controller do not exist where there is an I/O APIC. */
	if (call->label == IRQIssueIRQHandler && (call->length < 3 || call->extra[0] == NULL))
		return refuse(seL4_TruncatedMessage);
	return refuse(seL4_IllegalOperation);
}

/* ---- IRQHandler ---- */
static word set_handler_decode(struct kernel *k, struct invocation *call, word irq)
{
	if (call->extra[0] == NULL)
		return refuse(seL4_TruncatedMessage);
	struct cap cap = call->extra[0]->cap;
	if (cap_kind(cap) != CAP_NOTIFICATION || !cap_has_right(cap, ABI_RIGHT_WRITE))
		return refuse_capability(call, 0);
	slot_delete_one(k, &k->irq_slots[irq]);
	slot_insert(cap, call->extra[0], &k->irq_slots[irq]);
	return seL4_NoError;
}

word irq_handler_decode(struct kernel *k, struct invocation *call)
{
	word irq = cap_irq(call->cap);
	switch (call->label) {
	case IRQAckIRQ:
		port_irq_set_masked(k, irq, false);
		return seL4_NoError;
	case IRQSetIRQHandler:
		return set_handler_decode(k, call, irq);
	case IRQClearIRQHandler:
		slot_delete_one(k, &k->irq_slots[irq]);
		return seL4_NoError;
	default:
		return refuse(seL4_IllegalOperation);
	}
}
