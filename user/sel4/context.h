/* SPDX-License-Identifier: BSD-2-Clause */
/* A thread's registers by what they are for, so that code that starts or answers threads need not name those of a machine. */
#pragma once
#include <sel4/types.h>

#define SEL4_FLAGS_START 0x202ul /* interrupts on, and the bit that is always 1 */
#define SEL4_ENTER_BYTES 2u      /* of the instruction that enters the kernel: SYSCALL, SYSENTER */

#if ABI_WORD_BITS == 64
#define SEL4_CONTEXT_IP     rip
#define SEL4_CONTEXT_SP     rsp
#define SEL4_CONTEXT_FLAGS  rflags
#define SEL4_CONTEXT_BADGE  rdi
#define SEL4_CONTEXT_INFO   rsi
#define SEL4_CONTEXT_MR0    r10
#define SEL4_CONTEXT_TLS    fs_base
#else
#define SEL4_CONTEXT_IP     eip
#define SEL4_CONTEXT_SP     esp
#define SEL4_CONTEXT_FLAGS  eflags
#define SEL4_CONTEXT_BADGE  ebx
#define SEL4_CONTEXT_INFO   esi
#define SEL4_CONTEXT_MR0    edi
#define SEL4_CONTEXT_TLS    gs_base
#endif
