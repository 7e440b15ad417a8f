/* SPDX-License-Identifier: BSD-2-Clause */
/* Invocation labels: the operation asked for when a capability is invoked.
 * The numbers follow from the order and from the options of the set (sel4/abi.h);
 * test/unit/test_abi.c compares every one with the numbers of the supported sets. */
#pragma once
#include <sel4/abi.h>

enum seL4_InvocationLabel {
	InvalidInvocation = 0,
	UntypedRetype,
	TCBReadRegisters,
	TCBWriteRegisters,
	TCBCopyRegisters,
	TCBConfigure,
	TCBSetPriority,
	TCBSetMCPriority,
	TCBSetSchedParams,
	TCBSetTimeoutEndpoint,
	TCBSetIPCBuffer,
	TCBSetSpace,
	TCBSuspend,
	TCBResume,
	TCBBindNotification,
	TCBUnbindNotification,
#if ABI_HARDWARE_DEBUG
	TCBSetBreakpoint,
	TCBGetBreakpoint,
	TCBUnsetBreakpoint,
	TCBConfigureSingleStepping,
#endif
	TCBSetTLSBase,
	TCBSetFlags,
	CNodeRevoke,
	CNodeDelete,
	CNodeCancelBadgedSends,
	CNodeCopy,
	CNodeMint,
	CNodeMove,
	CNodeMutate,
	CNodeRotate,
	IRQIssueIRQHandler,
	IRQAckIRQ,
	IRQSetIRQHandler,
	IRQClearIRQHandler,
	DomainSetSet,
	DomainScheduleConfigure,
	DomainScheduleSetStart,
	SchedControlConfigureFlags,
	SchedContextBind,
	SchedContextUnbind,
	SchedContextUnbindObject,
	SchedContextConsumed,
	SchedContextYieldTo,
#if ABI_WORD_BITS == 64
	X86PDPTMap,
	X86PDPTUnmap,
#endif
	X86PageDirectoryMap,
	X86PageDirectoryUnmap,
#if ABI_WORD_BITS == 32
	X86PageDirectoryGetStatusBits,
#endif
	X86PageTableMap,
	X86PageTableUnmap,
#if ABI_IOMMU
	X86IOPageTableMap,
	X86IOPageTableUnmap,
#endif
	X86PageMap,
	X86PageUnmap,
#if ABI_IOMMU
	X86PageMapIO,
#endif
	X86PageGetAddress,
	X86ASIDControlMakePool,
	X86ASIDPoolAssign,
	X86IOPortControlIssue,
	X86IOPortIn8,
	X86IOPortIn16,
	X86IOPortIn32,
	X86IOPortOut8,
	X86IOPortOut16,
	X86IOPortOut32,
	X86IRQIssueIRQHandlerIOAPIC,
	X86IRQIssueIRQHandlerMSI,
	ABI_INVOCATION_COUNT
};
