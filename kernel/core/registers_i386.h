/* SPDX-License-Identifier: BSD-2-Clause */
/* The saved registers of a thread on i386: their order in memory (the port's entry code saves them in this order;
 * everybody else uses the names) and the order in which each kind of message carries them. */
#pragma once
#include <stdint.h>
#include <sel4/faults.h>
#include <sel4/types.h>

/* The last five are what the CPU pushes on a trap from ring 3 and IRET takes: the stack pointer of the TSS points
 * behind them, so the CPU itself saves them into the running thread. The entry code knows the order through the
 * CONTEXT_ numbers of kernel/port/i386/layout.h, which kernel/port/i386/tables.c compares with these names. */
enum register_index {
	REG_FS_BASE,
	REG_GS_BASE,
	REG_EAX,
	REG_EBX,
	REG_ECX,
	REG_EDX,
	REG_ESI,
	REG_EDI,
	REG_EBP,
	REG_FAULT_IP,
	REG_ERROR, /* of the trap; ERROR_SYSCALL if the thread entered by SYSENTER and leaves by SYSEXIT */
	REG_NEXT_IP,
	REG_CS,
	REG_EFLAGS,
	REG_ESP,
	REG_SS,
	REGISTER_COUNT
};
#define ERROR_SYSCALL (~0ul)

/* The registers that system calls give a meaning. Two capabilities in a call leave none for the second: NBSendRecv
 * finds the one to send to in the user data word of the IPC buffer. */
#define REG_CAP          REG_EBX /* in: the capability invoked */
#define REG_BADGE        REG_EBX /* out: badge of the sender */
#define REG_INFO         REG_ESI /* message info, in and out */
#define REG_REPLY        REG_EBP /* reply capability of the receiving calls */
#define REG_TLS_BASE     REG_GS_BASE
#define REG_FLAGS        REG_EFLAGS
#define REG_ACCUMULATOR  REG_EAX /* low part of the number when an unused interrupt vector is taken for a system call */
#define REG_MESSAGE      REG_EDI /* the only message register */
#define MESSAGE_REGISTERS 1u
_Static_assert(MESSAGE_REGISTERS == seL4_FastMessageRegisters, "message registers");

/* Registers that user code may not set to anything: port_sanitise says to what. */
#define REGISTERS_CHECKED (1ul << REG_EFLAGS)

#define FPU_AREA_BYTES 576u
#define FPU_AREA_ALIGN 64

/* TCB_ReadRegisters and TCB_WriteRegisters: 10 of the frame, then 2 bases. */
#define FRAME_REGISTERS 10u
static const uint8_t context_order[ABI_CONTEXT_WORDS] = {
	REG_FAULT_IP, REG_ESP, REG_EFLAGS, REG_EAX, REG_EBX, REG_ECX, REG_EDX, REG_ESI, REG_EDI, REG_EBP,
	REG_FS_BASE, REG_GS_BASE
};

/* Fault messages, and what a reply to one may write back. */
#define SYSCALL_MESSAGE_WORDS 10u
static const uint8_t syscall_message_order[SYSCALL_MESSAGE_WORDS] = {
	REG_EAX, REG_EBX, REG_ECX, REG_EDX, REG_ESI, REG_EDI, REG_EBP, REG_FAULT_IP, REG_ESP, REG_EFLAGS
};

#define EXCEPTION_MESSAGE_WORDS 3u
static const uint8_t exception_message_order[EXCEPTION_MESSAGE_WORDS] = { REG_FAULT_IP, REG_ESP, REG_EFLAGS };

#define TIMEOUT_MESSAGE_WORDS 12u
static const uint8_t timeout_message_order[TIMEOUT_MESSAGE_WORDS] = {
	REG_FAULT_IP, REG_ESP, REG_EFLAGS, REG_EAX, REG_EBX, REG_ECX, REG_EDX, REG_ESI, REG_EDI, REG_EBP,
	REG_FS_BASE, REG_GS_BASE
};
