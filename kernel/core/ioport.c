/* SPDX-License-Identifier: BSD-2-Clause */
/* I/O ports: who may use which.
 *
 * Invariant: k->io_ports_taken has a bit for each port that some range issued by the control capability covers; ranges
 * never overlap, and are free again when their last capability goes. */
#include "kernel/core/kernel.h"
#include "kernel/core/invoke.h"
#include <sel4/invocation.h>

#define PORT_MASK 0xfffful

/* The bits of bitmap word number index that stand for ports of first..last. */
static uint64_t port_bits(word index, word first, word last)
{
	unsigned low = first > index * 64 ? (unsigned)(first - index * 64) : 0;
	unsigned high = last < index * 64 + 63 ? (unsigned)(last - index * 64) : 63;
	return UINT64_MAX >> (63 - (high - low)) << low;
}

static bool any_taken(const struct kernel *k, word first, word last)
{
	for (word i = first / 64; i <= last / 64; i++) {
		if (k->io_ports_taken[i] & port_bits(i, first, last)) {
			return true;
		}
	}
	return false;
}

static void set_taken(struct kernel *k, word first, word last, bool taken)
{
	for (word i = first / 64; i <= last / 64; i++) {
		uint64_t bits = port_bits(i, first, last);
		k->io_ports_taken[i] = taken ? k->io_ports_taken[i] | bits : k->io_ports_taken[i] & ~bits;
	}
}

word io_port_control_decode(struct kernel *k, struct invocation *call)
{
	if (call->label != X86IOPortControlIssue) {
		return refuse(seL4_IllegalOperation);
	}
	if (call->length < 4 || !call->extra[0]) {
		return refuse(seL4_TruncatedMessage);
	}
	word first = invocation_word(k, call, 0) & PORT_MASK, last = invocation_word(k, call, 1) & PORT_MASK;
	if (last < first) {
		return refuse_argument(call, 1);
	}
	if (any_taken(k, first, last)) {
		return refuse(seL4_RevokeFirst);
	}
	struct cte *slot = NULL;
	word error = lookup_target_slot(call, call->extra[0]->cap, invocation_word(k, call, 2), invocation_word(k, call, 3),
	                                false, &slot);
	if (!error) {
		error = slot_check_empty(slot);
	}
	if (error) {
		return error;
	}
	set_taken(k, first, last, true);
	slot_insert(cap_io_port(first, last), call->slot, slot);
	return seL4_NoError;
}

/* Bytes an In or Out label moves, 0 for any other. */
static unsigned access_bytes(word label, word label_8, word label_16, word label_32)
{
	return label == label_8 ? 1 : label == label_16 ? 2 : label == label_32 ? 4 : 0;
}

static bool is_inside(struct cap cap, word port, unsigned bytes)
{
	return port >= cap_io_port_first(cap) && port + bytes - 1 <= cap_io_port_last(cap);
}

word io_port_decode(struct kernel *k, struct invocation *call)
{
	unsigned in = access_bytes(call->label, X86IOPortIn8, X86IOPortIn16, X86IOPortIn32);
	unsigned out = access_bytes(call->label, X86IOPortOut8, X86IOPortOut16, X86IOPortOut32);
	if (!in && !out) {
		return refuse(seL4_IllegalOperation);
	}
	if (call->length < (in ? 1u : 2u)) {
		return refuse(seL4_TruncatedMessage);
	}
	word port = invocation_word(k, call, 0) & PORT_MASK;
	if (!is_inside(call->cap, port, in + out)) {
		return refuse(seL4_IllegalOperation);
	}
	if (in) {
		answer_word(k, call, 0, port_io_read(k, port, in));
	} else {
		port_io_write(k, port, out, (uint32_t)invocation_word(k, call, 1));
	}
	return seL4_NoError;
}

void io_port_finalise(struct kernel *k, struct cap cap, bool is_final)
{
	if (is_final) {
		set_taken(k, cap_io_port_first(cap), cap_io_port_last(cap), false);
	}
}
