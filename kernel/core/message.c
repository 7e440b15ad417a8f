/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages: words from registers and IPC buffers, and capabilities that go along. */
#include "kernel/core/invoke.h"
#include "kernel/core/ipc.h"
#include "kernel/core/slot.h"
#include "kernel/core/thread.h"

/* Places in an IPC buffer, in words. */
#define BUFFER_CAPS          (seL4_MsgMaxLength + 2)
#define BUFFER_RECEIVE_CNODE (BUFFER_CAPS + seL4_MsgMaxExtraCaps)
_Static_assert(offsetof(seL4_IPCBuffer, caps_or_badges) == BUFFER_CAPS * sizeof(word), "capabilities in the buffer");
_Static_assert(offsetof(seL4_IPCBuffer, receiveCNode) == BUFFER_RECEIVE_CNODE * sizeof(word), "receive slot in the buffer");

bool message_find_extra(struct tcb *tcb, const word *buffer, seL4_MessageInfo_t info,
                        struct cte *slots[seL4_MsgMaxExtraCaps], word *address, struct lookup_failure *why)
{
	word count = buffer != NULL ? seL4_MessageInfo_get_extraCaps(info) : 0;
	for (word i = 0; i < count; i++) {
		slots[i] = cspace_find(tcb, buffer[BUFFER_CAPS + i], why);
		if (slots[i] == NULL) {
			*address = buffer[BUFFER_CAPS + i];
			return false;
		}
	}
	for (word i = count; i < seL4_MsgMaxExtraCaps; i++)
		slots[i] = NULL;
	return true;
}

/* Where the receiver wants a capability: an empty slot, or NULL. */
static struct cte *receive_slot(const struct tcb *receiver, const word *buffer)
{
	struct lookup_failure why;
	const struct cte *root = cspace_find(receiver, buffer[BUFFER_RECEIVE_CNODE], &why);
	if (root == NULL)
		return NULL;
	struct cte *slot = cspace_target(root->cap, buffer[BUFFER_RECEIVE_CNODE + 1], buffer[BUFFER_RECEIVE_CNODE + 2], &why);
	return slot != NULL && cte_is_empty(slot) ? slot : NULL;
}

/* Hands over capabilities: those to the endpoint itself as badges, of the others one, into the receive slot. Returns the
 * count of those that arrived and sets a bit for each that came as a badge. */
static word transfer_caps(struct cte *const slots[seL4_MsgMaxExtraCaps], const struct endpoint *endpoint,
                          struct tcb *receiver, word *buffer, word *unwrapped)
{
	struct cte *target = receive_slot(receiver, buffer);
	word i = 0;
	for (; i < seL4_MsgMaxExtraCaps && slots[i] != NULL; i++) {
		struct cap cap = slots[i]->cap;
		if (cap_kind(cap) == CAP_ENDPOINT && cap_object(cap) == endpoint) {
			buffer[BUFFER_CAPS + i] = cap_badge(cap);
			*unwrapped |= 1ul << i;
			continue;
		}
		struct cap derived;
		if (target == NULL || cap_derive(slots[i], cap, &derived) != seL4_NoError || cap_is_null(derived))
			break;
		slot_insert(derived, slots[i], target);
		target = NULL;
	}
	return i;
}

static word copy_words(const struct tcb *sender, const word *from, struct tcb *receiver, word *to, word length)
{
	word in_registers = length < MESSAGE_REGISTERS ? length : MESSAGE_REGISTERS;
	for (word i = 0; i < in_registers; i++)
		receiver->registers[REG_MESSAGE + i] = sender->registers[REG_MESSAGE + i];
	if (length <= MESSAGE_REGISTERS || from == NULL || to == NULL)
		return in_registers;
	for (word i = MESSAGE_REGISTERS; i < length; i++)
		to[i + 1] = from[i + 1];
	return length;
}

static void transfer_normal(struct tcb *sender, const struct endpoint *endpoint, bool can_grant, struct tcb *receiver,
                            word *to)
{
	seL4_MessageInfo_t info = message_info(sender);
	word caps = 0;
	word unwrapped = 0;
	const word *from = NULL;
	word length = seL4_MessageInfo_get_length(info);
	if (length > MESSAGE_REGISTERS || seL4_MessageInfo_get_extraCaps(info) != 0)
		from = thread_buffer(sender, false);
	length = copy_words(sender, from, receiver, to, length);
	if (can_grant && seL4_MessageInfo_get_extraCaps(info) != 0 && to != NULL) {
		struct cte *slots[seL4_MsgMaxExtraCaps];
		struct lookup_failure why;
		word address;
		if (message_find_extra(sender, from, info, slots, &address, &why))
			caps = transfer_caps(slots, endpoint, receiver, to, &unwrapped);
	}
	info = seL4_MessageInfo_new(seL4_MessageInfo_get_label(info), unwrapped, caps, length);
	receiver->registers[REG_INFO] = info.words[0];
}

void message_transfer(struct kernel *k, struct tcb *sender, const struct endpoint *endpoint, word badge, bool can_grant,
                      struct tcb *receiver)
{
	word *to = thread_buffer(receiver, true);
	if (sender->fault.kind == seL4_Fault_NullFault) {
		transfer_normal(sender, endpoint, can_grant, receiver, to);
	} else {
		word length = fault_write_message(k, sender, receiver, to);
		receiver->registers[REG_INFO] = seL4_MessageInfo_new(sender->fault.kind, 0, 0, length).words[0];
	}
	receiver->registers[REG_BADGE] = badge;
}
