/* SPDX-License-Identifier: BSD-2-Clause */
/* An invocation on its way: what a decode function gets, and how it refuses or answers.
 *
 * Every object file has one decode function: it checks everything, in seL4's order, and writes nothing; then it
 * calls its own do-function, which can't refuse any more. */
#pragma once
#include <sel4/invocation.h>
#include <sel4/objecttype.h>
#include "kernel/core/kernel.h"

/* Result of a decode function: seL4_NoError .. seL4_NotEnoughMemory, or this: an interrupt waits, and the
 * system call is to be issued again afterwards. Refusals are made with the refuse_ functions only. */
#define INVOKE_PREEMPTED ((word)seL4_NumErrors)

struct invocation {
	word        label;
	word        length;    /* message words that are really there */
	struct cte *slot;      /* where the invoked capability lies */
	struct cap  cap;       /* what was in there */
	struct cte *extra[seL4_MsgMaxExtraCaps]; /* extra capabilities; NULL from the first missing one on */
	word       *buffer;    /* the caller's IPC buffer, as words (message word i is buffer[i + 1]); NULL if there is none */
	bool        is_call;   /* an answer is expected */
	bool        can_block;
	bool        can_donate;
	bool        is_first_phase; /* the sending half of a call that sends and receives */
	word        reply_length;   /* words answered so far */

	/* details of a refusal */
	word                  error_words[2];
	bool                  lookup_in_source;
	struct lookup_failure lookup;
};

/* Message word i of the caller, i < length. */
static inline word invocation_word(struct kernel *k, const struct invocation *call, word i)
{
	return i < MESSAGE_REGISTERS ? k->current->registers[REG_MESSAGE + i] : call->buffer[i + 1];
}

/* A time in the caller's message, from word i on; it takes TIME_WORDS words. */
static inline uint64_t invocation_time(struct kernel *k, const struct invocation *call, word i)
{
	uint64_t us = invocation_word(k, call, i);
#if ABI_WORD_BITS == 32
	us |= (uint64_t)invocation_word(k, call, i + 1) << 32;
#endif
	return us;
}

/* Refusals; each returns the error to return. number counts as seL4 counts: arguments and capabilities from 0. */
word refuse(word error);
word refuse_argument(struct invocation *call, word number);
word refuse_capability(struct invocation *call, word number);
word refuse_range(struct invocation *call, word min, word max);
word refuse_lookup(struct invocation *call, bool in_source, const struct lookup_failure *failure);
word refuse_memory(struct invocation *call, word bytes_left);

/* Puts word i of the answer in its place and makes the answer at least i + 1 words long. Without effect if no
 * answer is expected. */
void answer_word(struct kernel *k, struct invocation *call, word i, word value);
/* The same for a time, which takes TIME_WORDS words from i on. */
void answer_time(struct kernel *k, struct invocation *call, word i, uint64_t us);

/* Invokes the capability at an address of the current thread's CSpace. The caller has set is_call, can_block, can_donate and
 * is_first_phase. False: interrupted, the thread will issue the call again. */
bool invoke(struct kernel *k, word address, struct invocation *call);

/* ---- decode functions of the core's own objects ---- */
word untyped_decode(struct kernel *k, struct invocation *call);
word cnode_decode(struct kernel *k, struct invocation *call);
word tcb_decode(struct kernel *k, struct invocation *call);
word sched_context_decode(struct kernel *k, struct invocation *call);
word sched_control_decode(struct kernel *k, struct invocation *call);

/* ---- the memory objects' part: kernel/core/{frame,table,asid,ioport}.c ---- */
word frame_decode(struct kernel *k, struct invocation *call);
word table_decode(struct kernel *k, struct invocation *call); /* CAP_PAGE_TABLE .. CAP_IO_PAGE_TABLE */
word asid_control_decode(struct kernel *k, struct invocation *call);
word asid_pool_decode(struct kernel *k, struct invocation *call);
word io_port_control_decode(struct kernel *k, struct invocation *call);
word io_port_decode(struct kernel *k, struct invocation *call);

/* A capability is being deleted: undo what it stands for (unmap; for the last capability of a VSpace root,
 * pool or port range, give up the ASID, the pool, the ports). */
void frame_finalise(struct kernel *k, struct cap cap, bool is_final);
void table_finalise(struct kernel *k, struct cap cap, bool is_final); /* CAP_PAGE_TABLE .. CAP_IO_PAGE_TABLE */
void asid_pool_finalise(struct kernel *k, struct cap cap, bool is_final);
void io_port_finalise(struct kernel *k, struct cap cap, bool is_final);

/* ---- what the core gives them ---- */
/* Looks a slot up in a CNode given as capability, as CNode invocations do: depth 1 .. word bits, slot exactly at it.
 * 0, or the refusal. in_source says how the failure is reported. */
word lookup_target_slot(struct invocation *call, struct cap root, word index, word depth, bool in_source,
                        struct cte **slot);

/* Refuses with DeleteFirst unless the slot is empty. */
word slot_check_empty(const struct cte *slot);

/* Refuses with RevokeFirst if the capability has descendants. */
word slot_check_no_children(const struct cte *slot);

/* Is this the only capability of its object? */
bool slot_is_final(const struct cte *slot);

/* Puts a capability made from the one in parent into an empty slot, in its place in the derivation tree. */
void slot_insert(struct cap cap, struct cte *parent, struct cte *slot);

/* The copy of a capability that may be handed out: frames lose their mapping, page tables must have one. Refusals as
 * seL4 gives them. */
word cap_derive(struct cte *slot, struct cap cap, struct cap *derived);

/* Deletes what is in a slot as far as an immediate, non-recursive way goes (no CNode, no TCB). */
void slot_delete_one(struct kernel *k, struct cte *slot);
