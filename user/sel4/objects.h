/* SPDX-License-Identifier: BSD-2-Clause */
/* Invocations of the objects that every machine has. Each returns the kernel's error; after an error the IPC buffer
 * holds the words that explain it (for a failed lookup: what failed; for a range: its two ends). */
#pragma once
#include <sel4/invocation.h>
#include "user/sel4/ipc.h"

/* One invocation with up to four words by value; words 4.. and capabilities are in the IPC buffer already. The
 * answer's words replace *words, and after an error they are put into the IPC buffer as well. */
static inline seL4_Error sel4_invoke_words(seL4_CPtr service, seL4_Word label, seL4_Word caps, seL4_Word length,
                                           struct sel4_words *words)
{
	seL4_Word badge;
	seL4_MessageInfo_t info = seL4_MessageInfo_new(label, 0, caps, length);

	info.words[0] = sel4_machine_exchange((seL4_Word)seL4_SysCall, service, info.words[0], &badge, words, 0);
	if (seL4_MessageInfo_get_label(info) != seL4_NoError)
		sel4_words_store(words);
	return (seL4_Error)seL4_MessageInfo_get_label(info);
}

static inline seL4_Error sel4_invoke(seL4_CPtr service, seL4_Word label, seL4_Word caps, seL4_Word length,
                                     seL4_Word mr0, seL4_Word mr1, seL4_Word mr2, seL4_Word mr3)
{
	struct sel4_words words = { mr0, mr1, mr2, mr3 };

	return sel4_invoke_words(service, label, caps, length, &words);
}

/* ---- untyped memory ---- */

/* Makes num_objects objects of a type in consecutive slots from node_offset of the CNode that node_index, node_depth
 * name below root (depth 0: root itself). size_bits: for untypeds, CNodes (slots) and scheduling contexts; else
 * ignored. */
static inline seL4_Error seL4_Untyped_Retype(seL4_Untyped service, seL4_Word type, seL4_Word size_bits,
                                             seL4_CNode root, seL4_Word node_index, seL4_Word node_depth,
                                             seL4_Word node_offset, seL4_Word num_objects)
{
	seL4_SetCap(0, root);
	seL4_SetMR(4, node_offset);
	seL4_SetMR(5, num_objects);
	return sel4_invoke(service, UntypedRetype, 1, 6, type, size_bits, node_index, node_depth);
}

/* ---- CNodes: (index, depth) names a slot below the CNode ---- */

static inline seL4_Error seL4_CNode_Revoke(seL4_CNode service, seL4_Word index, seL4_Word depth)
{
	return sel4_invoke(service, CNodeRevoke, 0, 2, index, depth, 0, 0);
}

static inline seL4_Error seL4_CNode_Delete(seL4_CNode service, seL4_Word index, seL4_Word depth)
{
	return sel4_invoke(service, CNodeDelete, 0, 2, index, depth, 0, 0);
}

static inline seL4_Error seL4_CNode_CancelBadgedSends(seL4_CNode service, seL4_Word index, seL4_Word depth)
{
	return sel4_invoke(service, CNodeCancelBadgedSends, 0, 2, index, depth, 0, 0);
}

static inline seL4_Error seL4_CNode_Copy(seL4_CNode service, seL4_Word dest_index, seL4_Word dest_depth,
                                         seL4_CNode src_root, seL4_Word src_index, seL4_Word src_depth,
                                         seL4_CapRights_t rights)
{
	seL4_SetCap(0, src_root);
	seL4_SetMR(4, rights.words[0]);
	return sel4_invoke(service, CNodeCopy, 1, 5, dest_index, dest_depth, src_index, src_depth);
}

static inline seL4_Error seL4_CNode_Mint(seL4_CNode service, seL4_Word dest_index, seL4_Word dest_depth,
                                         seL4_CNode src_root, seL4_Word src_index, seL4_Word src_depth,
                                         seL4_CapRights_t rights, seL4_Word badge)
{
	seL4_SetCap(0, src_root);
	seL4_SetMR(4, rights.words[0]);
	seL4_SetMR(5, badge);
	return sel4_invoke(service, CNodeMint, 1, 6, dest_index, dest_depth, src_index, src_depth);
}

static inline seL4_Error seL4_CNode_Move(seL4_CNode service, seL4_Word dest_index, seL4_Word dest_depth,
                                         seL4_CNode src_root, seL4_Word src_index, seL4_Word src_depth)
{
	seL4_SetCap(0, src_root);
	return sel4_invoke(service, CNodeMove, 1, 4, dest_index, dest_depth, src_index, src_depth);
}

static inline seL4_Error seL4_CNode_Mutate(seL4_CNode service, seL4_Word dest_index, seL4_Word dest_depth,
                                           seL4_CNode src_root, seL4_Word src_index, seL4_Word src_depth,
                                           seL4_Word badge)
{
	seL4_SetCap(0, src_root);
	seL4_SetMR(4, badge);
	return sel4_invoke(service, CNodeMutate, 1, 5, dest_index, dest_depth, src_index, src_depth);
}

static inline seL4_Error seL4_CNode_Rotate(seL4_CNode service, seL4_Word dest_index, seL4_Word dest_depth,
                                           seL4_Word dest_badge, seL4_CNode pivot_root, seL4_Word pivot_index,
                                           seL4_Word pivot_depth, seL4_Word pivot_badge, seL4_CNode src_root,
                                           seL4_Word src_index, seL4_Word src_depth)
{
	seL4_SetCap(0, pivot_root);
	seL4_SetCap(1, src_root);
	seL4_SetMR(4, pivot_depth);
	seL4_SetMR(5, pivot_badge);
	seL4_SetMR(6, src_index);
	seL4_SetMR(7, src_depth);
	return sel4_invoke(service, CNodeRotate, 2, 8, dest_index, dest_depth, dest_badge, pivot_index);
}

/* ---- threads ---- */

/* Fetches the first count words of *regs. The kernel reads a thread other than the caller only. */
static inline seL4_Error seL4_TCB_ReadRegisters(seL4_TCB service, seL4_Bool suspend_source, seL4_Uint8 arch_flags,
                                                seL4_Word count, seL4_UserContext *regs)
{
	struct sel4_words words = { (seL4_Word)(suspend_source & 1) | (seL4_Word)arch_flags << 8, count, 0, 0 };
	seL4_Error error = sel4_invoke_words(service, TCBReadRegisters, 0, 2, &words);
	seL4_Word *out = (seL4_Word *)regs;

	if (error != seL4_NoError)
		return error;
	sel4_words_store(&words);
	for (seL4_Word i = 0; i < count && i < ABI_CONTEXT_WORDS; i++)
		out[i] = seL4_GetMR(i);
	return seL4_NoError;
}

/* Writes the first count words of *regs. */
static inline seL4_Error seL4_TCB_WriteRegisters(seL4_TCB service, seL4_Bool resume_target, seL4_Uint8 arch_flags,
                                                 seL4_Word count, seL4_UserContext *regs)
{
	const seL4_Word *in = (const seL4_Word *)regs;

	for (seL4_Word i = 2; i < ABI_CONTEXT_WORDS; i++)
		seL4_SetMR(i + 2, in[i]);
	return sel4_invoke(service, TCBWriteRegisters, 0, ABI_CONTEXT_WORDS + 2,
	                   (seL4_Word)(resume_target & 1) | (seL4_Word)arch_flags << 8, count, in[0], in[1]);
}

static inline seL4_Error seL4_TCB_CopyRegisters(seL4_TCB service, seL4_TCB source, seL4_Bool suspend_source,
                                                seL4_Bool resume_target, seL4_Bool transfer_frame,
                                                seL4_Bool transfer_integer, seL4_Uint8 arch_flags)
{
	seL4_Word flags = (seL4_Word)(suspend_source & 1) | (seL4_Word)(resume_target & 1) << 1
	                  | (seL4_Word)(transfer_frame & 1) << 2 | (seL4_Word)(transfer_integer & 1) << 3
	                  | (seL4_Word)arch_flags << 8;

	seL4_SetCap(0, source);
	return sel4_invoke(service, TCBCopyRegisters, 1, 1, flags, 0, 0, 0);
}

static inline seL4_Error seL4_TCB_Configure(seL4_TCB service, seL4_CNode cspace_root, seL4_Word cspace_root_data,
                                            seL4_CPtr vspace_root, seL4_Word vspace_root_data, seL4_Word buffer,
                                            seL4_CPtr buffer_frame)
{
	seL4_SetCap(0, cspace_root);
	seL4_SetCap(1, vspace_root);
	seL4_SetCap(2, buffer_frame);
	return sel4_invoke(service, TCBConfigure, 3, 3, cspace_root_data, vspace_root_data, buffer, 0);
}

static inline seL4_Error seL4_TCB_SetPriority(seL4_TCB service, seL4_TCB authority, seL4_Word priority)
{
	seL4_SetCap(0, authority);
	return sel4_invoke(service, TCBSetPriority, 1, 1, priority, 0, 0, 0);
}

static inline seL4_Error seL4_TCB_SetMCPriority(seL4_TCB service, seL4_TCB authority, seL4_Word mcp)
{
	seL4_SetCap(0, authority);
	return sel4_invoke(service, TCBSetMCPriority, 1, 1, mcp, 0, 0, 0);
}

static inline seL4_Error seL4_TCB_SetSchedParams(seL4_TCB service, seL4_TCB authority, seL4_Word mcp,
                                                 seL4_Word priority, seL4_CPtr sched_context, seL4_CPtr fault_ep)
{
	seL4_SetCap(0, authority);
	seL4_SetCap(1, sched_context);
	seL4_SetCap(2, fault_ep);
	return sel4_invoke(service, TCBSetSchedParams, 3, 2, mcp, priority, 0, 0);
}

static inline seL4_Error seL4_TCB_SetTimeoutEndpoint(seL4_TCB service, seL4_CPtr timeout_fault_ep)
{
	seL4_SetCap(0, timeout_fault_ep);
	return sel4_invoke(service, TCBSetTimeoutEndpoint, 1, 0, 0, 0, 0, 0);
}

static inline seL4_Error seL4_TCB_SetIPCBuffer(seL4_TCB service, seL4_Word buffer, seL4_CPtr buffer_frame)
{
	seL4_SetCap(0, buffer_frame);
	return sel4_invoke(service, TCBSetIPCBuffer, 1, 1, buffer, 0, 0, 0);
}

static inline seL4_Error seL4_TCB_SetSpace(seL4_TCB service, seL4_CPtr fault_ep, seL4_CNode cspace_root,
                                           seL4_Word cspace_root_data, seL4_CPtr vspace_root,
                                           seL4_Word vspace_root_data)
{
	seL4_SetCap(0, fault_ep);
	seL4_SetCap(1, cspace_root);
	seL4_SetCap(2, vspace_root);
	return sel4_invoke(service, TCBSetSpace, 3, 2, cspace_root_data, vspace_root_data, 0, 0);
}

static inline seL4_Error seL4_TCB_Suspend(seL4_TCB service)
{
	return sel4_invoke(service, TCBSuspend, 0, 0, 0, 0, 0, 0);
}

static inline seL4_Error seL4_TCB_Resume(seL4_TCB service)
{
	return sel4_invoke(service, TCBResume, 0, 0, 0, 0, 0, 0);
}

static inline seL4_Error seL4_TCB_BindNotification(seL4_TCB service, seL4_CPtr notification)
{
	seL4_SetCap(0, notification);
	return sel4_invoke(service, TCBBindNotification, 1, 0, 0, 0, 0, 0);
}

static inline seL4_Error seL4_TCB_UnbindNotification(seL4_TCB service)
{
	return sel4_invoke(service, TCBUnbindNotification, 0, 0, 0, 0, 0, 0);
}

static inline seL4_Error seL4_TCB_SetTLSBase(seL4_TCB service, seL4_Word tls_base)
{
	return sel4_invoke(service, TCBSetTLSBase, 0, 1, tls_base, 0, 0, 0);
}

typedef struct {
	int error;
	seL4_Word flags;
} seL4_TCB_SetFlags_t;

static inline seL4_TCB_SetFlags_t seL4_TCB_SetFlags(seL4_TCB service, seL4_Word clear, seL4_Word set)
{
	struct sel4_words words = { clear, set, 0, 0 };
	seL4_Error error = sel4_invoke_words(service, TCBSetFlags, 0, 2, &words);
	seL4_TCB_SetFlags_t result = { (int)error, words.mr0 };

	return result;
}

/* ---- scheduling contexts; times in microseconds, 64 bits, one word each on 64-bit machines ---- */

typedef struct {
	int error;
	seL4_Time consumed;
} seL4_SchedContext_Consumed_t;
typedef seL4_SchedContext_Consumed_t seL4_SchedContext_YieldTo_t;

#if ABI_WORD_BITS == 64
static inline seL4_Error seL4_SchedControl_ConfigureFlags(seL4_SchedControl service, seL4_SchedContext sched_context,
                                                          seL4_Time budget, seL4_Time period, seL4_Word extra_refills,
                                                          seL4_Word badge, seL4_Word flags)
{
	seL4_SetCap(0, sched_context);
	seL4_SetMR(4, flags);
	return sel4_invoke(service, SchedControlConfigureFlags, 1, 5, budget, period, extra_refills, badge);
}

static inline seL4_SchedContext_Consumed_t sel4_sched_context_consumed(seL4_SchedContext service, seL4_Word label)
{
	struct sel4_words words = { 0, 0, 0, 0 };
	seL4_Error error = sel4_invoke_words(service, label, 0, 0, &words);
	seL4_SchedContext_Consumed_t result = { (int)error, words.mr0 };

	return result;
}
#else
static inline seL4_Error seL4_SchedControl_ConfigureFlags(seL4_SchedControl service, seL4_SchedContext sched_context,
                                                          seL4_Time budget, seL4_Time period, seL4_Word extra_refills,
                                                          seL4_Word badge, seL4_Word flags)
{
	seL4_SetCap(0, sched_context);
	seL4_SetMR(4, extra_refills);
	seL4_SetMR(5, badge);
	seL4_SetMR(6, flags);
	return sel4_invoke(service, SchedControlConfigureFlags, 1, 7, (seL4_Word)budget, (seL4_Word)(budget >> 32),
	                   (seL4_Word)period, (seL4_Word)(period >> 32));
}

static inline seL4_SchedContext_Consumed_t sel4_sched_context_consumed(seL4_SchedContext service, seL4_Word label)
{
	struct sel4_words words = { 0, 0, 0, 0 };
	seL4_Error error = sel4_invoke_words(service, label, 0, 0, &words);
	seL4_SchedContext_Consumed_t result = { (int)error, words.mr0 | (seL4_Time)words.mr1 << 32 };

	return result;
}
#endif

static inline seL4_Error seL4_SchedControl_Configure(seL4_SchedControl service, seL4_SchedContext sched_context,
                                                     seL4_Time budget, seL4_Time period, seL4_Word extra_refills,
                                                     seL4_Word badge)
{
	return seL4_SchedControl_ConfigureFlags(service, sched_context, budget, period, extra_refills, badge,
	                                        seL4_SchedContext_NoFlag);
}

static inline seL4_Error seL4_SchedContext_Bind(seL4_SchedContext service, seL4_CPtr cap)
{
	seL4_SetCap(0, cap);
	return sel4_invoke(service, SchedContextBind, 1, 0, 0, 0, 0, 0);
}

static inline seL4_Error seL4_SchedContext_Unbind(seL4_SchedContext service)
{
	return sel4_invoke(service, SchedContextUnbind, 0, 0, 0, 0, 0, 0);
}

static inline seL4_Error seL4_SchedContext_UnbindObject(seL4_SchedContext service, seL4_CPtr cap)
{
	seL4_SetCap(0, cap);
	return sel4_invoke(service, SchedContextUnbindObject, 1, 0, 0, 0, 0, 0);
}

static inline seL4_SchedContext_Consumed_t seL4_SchedContext_Consumed(seL4_SchedContext service)
{
	return sel4_sched_context_consumed(service, SchedContextConsumed);
}

static inline seL4_SchedContext_YieldTo_t seL4_SchedContext_YieldTo(seL4_SchedContext service)
{
	return sel4_sched_context_consumed(service, SchedContextYieldTo);
}

/* ---- interrupts ---- */

static inline seL4_Error seL4_IRQControl_Get(seL4_IRQControl service, seL4_Word irq, seL4_CNode root, seL4_Word index,
                                             seL4_Word depth)
{
	seL4_SetCap(0, root);
	return sel4_invoke(service, IRQIssueIRQHandler, 1, 3, irq, index, depth, 0);
}

static inline seL4_Error seL4_IRQHandler_Ack(seL4_IRQHandler service)
{
	return sel4_invoke(service, IRQAckIRQ, 0, 0, 0, 0, 0, 0);
}

static inline seL4_Error seL4_IRQHandler_SetNotification(seL4_IRQHandler service, seL4_CPtr notification)
{
	seL4_SetCap(0, notification);
	return sel4_invoke(service, IRQSetIRQHandler, 1, 0, 0, 0, 0, 0);
}

static inline seL4_Error seL4_IRQHandler_Clear(seL4_IRQHandler service)
{
	return sel4_invoke(service, IRQClearIRQHandler, 0, 0, 0, 0, 0, 0);
}
