/* SPDX-License-Identifier: BSD-2-Clause */
/* The saved registers of a thread on x86_64: their order in memory (the port's entry code saves them in this order;
 * everybody else uses the names) and the order in which each kind of message carries them. */
#pragma once
#include <stdint.h>
#include <sel4/faults.h>
#include <sel4/types.h>

/* The last five are what the CPU pushes on a trap from ring 3 and IRETQ takes: the stack pointer of the TSS points behind
 * them, so the CPU itself saves them into the running thread. The entry code knows the order through the CONTEXT_ numbers
 * of kernel/port/x86_64/layout.h, which kernel/port/x86_64/tables.c compares with these names. */
enum register_index {
	REG_FS_BASE,
	REG_GS_BASE,
	REG_RAX,
	REG_RBX,
	REG_RCX,
	REG_RDX,
	REG_RSI,
	REG_RDI,
	REG_RBP,
	REG_R10,
	REG_R8,
	REG_R9,
	REG_R15,
	REG_R11,
	REG_R12,
	REG_R13,
	REG_R14,
	REG_FAULT_IP,
	REG_ERROR, /* of the trap; ERROR_SYSCALL if the thread entered by SYSCALL and may leave by SYSRET */
	REG_NEXT_IP,
	REG_CS,
	REG_RFLAGS,
	REG_RSP,
	REG_SS,
	REGISTER_COUNT
};
#define ERROR_SYSCALL (~0ul)

/* The registers that system calls give a meaning. */
#define REG_CAP          REG_RDI /* in: the capability invoked */
#define REG_BADGE        REG_RDI /* out: badge of the sender */
#define REG_INFO         REG_RSI /* message info, in and out */
#define REG_REPLY        REG_R12 /* reply capability of the receiving calls */
#define REG_NBSEND_CAP   REG_R13 /* what NBSendRecv sends to */
#define REG_TLS_BASE     REG_FS_BASE
#define REG_FLAGS        REG_RFLAGS
#define REG_ACCUMULATOR  REG_RAX /* low part of the number when an unused interrupt vector is taken for a system call */
#define REG_MESSAGE      REG_R10 /* the first of the message registers: they lie together */
#define MESSAGE_REGISTERS 4u
_Static_assert(MESSAGE_REGISTERS == seL4_FastMessageRegisters, "message registers");
_Static_assert(REG_R8 == REG_R10 + 1 && REG_R9 == REG_R10 + 2 && REG_R15 == REG_R10 + 3, "message registers in order");

/* Registers that user code may not set to anything: port_sanitise says to what. */
#define REGISTERS_CHECKED (1ul << REG_RFLAGS | 1ul << REG_FAULT_IP | 1ul << REG_NEXT_IP | 1ul << REG_FS_BASE | 1ul << REG_GS_BASE)

#define FPU_AREA_BYTES 576u
#define FPU_AREA_ALIGN 64

/* TCB_ReadRegisters and TCB_WriteRegisters: 18 of the frame, then 2 bases. */
#define FRAME_REGISTERS 18u
static const uint8_t context_order[ABI_CONTEXT_WORDS] = {
	REG_FAULT_IP, REG_RSP, REG_RFLAGS, REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RSI, REG_RDI, REG_RBP,
	REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_FS_BASE, REG_GS_BASE
};

/* Fault messages, and what a reply to one may write back. */
#define SYSCALL_MESSAGE_WORDS 18u
static const uint8_t syscall_message_order[SYSCALL_MESSAGE_WORDS] = {
	REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RSI, REG_RDI, REG_RBP, REG_R8, REG_R9, REG_R10, REG_R11, REG_R12,
	REG_R13, REG_R14, REG_R15, REG_FAULT_IP, REG_RSP, REG_RFLAGS
};

#define EXCEPTION_MESSAGE_WORDS 3u
static const uint8_t exception_message_order[EXCEPTION_MESSAGE_WORDS] = { REG_FAULT_IP, REG_RSP, REG_RFLAGS };

#define TIMEOUT_MESSAGE_WORDS 19u
static const uint8_t timeout_message_order[TIMEOUT_MESSAGE_WORDS] = {
	REG_FAULT_IP, REG_RSP, REG_RFLAGS, REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RSI, REG_RDI, REG_RBP,
	REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_FS_BASE
};
