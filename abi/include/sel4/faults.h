/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults: the labels of fault messages and where each word of them lies. */
#pragma once
#include <sel4/abi.h>

enum seL4_Fault_tag {
	seL4_Fault_NullFault = 0,
	seL4_Fault_CapFault = 1,
	seL4_Fault_UnknownSyscall = 2,
	seL4_Fault_UserException = 3,
#if ABI_HARDWARE_DEBUG
	seL4_Fault_DebugException = 4,
#endif
	seL4_Fault_Timeout = 5,
	seL4_Fault_VMFault = 6
};

enum seL4_VMFault_Msg {
	seL4_VMFault_IP = 0,
	seL4_VMFault_Addr = 1,
	seL4_VMFault_PrefetchFault = 2,
	seL4_VMFault_FSR = 3,
	seL4_VMFault_Length = 4,
};

enum seL4_UnknownSyscall_Msg {
#if ABI_WORD_BITS == 64
	seL4_UnknownSyscall_RAX = 0,
	seL4_UnknownSyscall_RBX = 1,
	seL4_UnknownSyscall_RCX = 2,
	seL4_UnknownSyscall_RDX = 3,
	seL4_UnknownSyscall_RSI = 4,
	seL4_UnknownSyscall_RDI = 5,
	seL4_UnknownSyscall_RBP = 6,
	seL4_UnknownSyscall_R8 = 7,
	seL4_UnknownSyscall_R9 = 8,
	seL4_UnknownSyscall_R10 = 9,
	seL4_UnknownSyscall_R11 = 10,
	seL4_UnknownSyscall_R12 = 11,
	seL4_UnknownSyscall_R13 = 12,
	seL4_UnknownSyscall_R14 = 13,
	seL4_UnknownSyscall_R15 = 14,
	seL4_UnknownSyscall_FaultIP = 15,
	seL4_UnknownSyscall_SP = 16,
	seL4_UnknownSyscall_FLAGS = 17,
	seL4_UnknownSyscall_Syscall = 18,
	seL4_UnknownSyscall_Length = 19,
#else
	seL4_UnknownSyscall_FaultIP = 7,
	seL4_UnknownSyscall_SP = 8,
	seL4_UnknownSyscall_FLAGS = 9,
	seL4_UnknownSyscall_Syscall = 10,
	seL4_UnknownSyscall_Length = 11,
	seL4_UnknownSyscall_EAX = 0,
	seL4_UnknownSyscall_EBX = 1,
	seL4_UnknownSyscall_ECX = 2,
	seL4_UnknownSyscall_EDX = 3,
	seL4_UnknownSyscall_ESI = 4,
	seL4_UnknownSyscall_EDI = 5,
	seL4_UnknownSyscall_EBP = 6,
#endif
};

enum seL4_UserException_Msg {
	seL4_UserException_FaultIP = 0,
	seL4_UserException_SP = 1,
	seL4_UserException_FLAGS = 2,
	seL4_UserException_Number = 3,
	seL4_UserException_Code = 4,
	seL4_UserException_Length = 5,
};

enum seL4_Timeout_Msg {
	seL4_Timeout_Data = 0,
#if ABI_WORD_BITS == 64
	seL4_Timeout_Consumed = 1,
	seL4_Timeout_Length = 2,
#else
	seL4_Timeout_Length = 3,
	seL4_Timeout_Consumed_HighBits = 1,
	seL4_Timeout_Consumed_LowBits = 2,
#endif
};

enum seL4_TimeoutReply_Msg {
	seL4_TimeoutReply_FaultIP = 0,
	seL4_TimeoutReply_FLAGS = 2,
#if ABI_WORD_BITS == 64
	seL4_TimeoutReply_RSP = 1,
	seL4_TimeoutReply_RAX = 3,
	seL4_TimeoutReply_RBX = 4,
	seL4_TimeoutReply_RCX = 5,
	seL4_TimeoutReply_RDX = 6,
	seL4_TimeoutReply_RSI = 7,
	seL4_TimeoutReply_RDI = 8,
	seL4_TimeoutReply_RBP = 9,
	seL4_TimeoutReply_R8 = 10,
	seL4_TimeoutReply_R9 = 11,
	seL4_TimeoutReply_R10 = 12,
	seL4_TimeoutReply_R11 = 13,
	seL4_TimeoutReply_R12 = 14,
	seL4_TimeoutReply_R13 = 15,
	seL4_TimeoutReply_R14 = 16,
	seL4_TimeoutReply_R15 = 17,
	seL4_TimeoutReply_TLS_BASE = 18,
	seL4_TimeoutReply_Length = 19,
#else
	seL4_TimeoutReply_Length = 12,
	seL4_TimeoutReply_SP = 1,
	seL4_TimeoutReply_EAX = 3,
	seL4_TimeoutReply_EBX = 4,
	seL4_TimeoutReply_ECX = 5,
	seL4_TimeoutReply_EDX = 6,
	seL4_TimeoutReply_ESI = 7,
	seL4_TimeoutReply_EDI = 8,
	seL4_TimeoutReply_EBP = 9,
	seL4_TimeoutReply_FS_BASE = 10,
	seL4_TimeoutReply_GS_BASE = 11,
#endif
};

enum seL4_CapFault_Msg {
	seL4_CapFault_IP = 0,
	seL4_CapFault_Addr = 1,
	seL4_CapFault_InRecvPhase = 2,
	seL4_CapFault_LookupFailureType = 3,
	seL4_CapFault_BitsLeft = 4,
	seL4_CapFault_DepthMismatch_BitsFound = 5,
	seL4_CapFault_GuardMismatch_GuardFound = 5,
	seL4_CapFault_GuardMismatch_BitsFound = 6,
};
