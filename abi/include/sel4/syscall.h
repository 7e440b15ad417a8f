/* SPDX-License-Identifier: BSD-2-Clause */
/* System-call numbers. Debug calls exist only in sets built with printing; no program of ours uses one. */
#pragma once
#include <sel4/abi.h>

enum seL4_Syscall_ID {
	seL4_SysCall = -1,
	seL4_SysReplyRecv = -2,
	seL4_SysNBSendRecv = -3,
	seL4_SysNBSendWait = -4,
	seL4_SysSend = -5,
	seL4_SysNBSend = -6,
	seL4_SysRecv = -7,
	seL4_SysNBRecv = -8,
	seL4_SysWait = -9,
	seL4_SysNBWait = -10,
	seL4_SysYield = -11,
#if ABI_PRINTING
	seL4_SysDebugPutChar = -12,
	seL4_SysDebugDumpScheduler = -13,
	seL4_SysDebugHalt = -14,
	seL4_SysDebugCapIdentify = -15,
	seL4_SysDebugSnapshot = -16,
	seL4_SysDebugNameThread = -17,
#endif
#if ABI_WORD_BITS == 32
	seL4_SysSetTLSBase = -33,
#endif
};
