/* SPDX-License-Identifier: BSD-2-Clause */
/* What the conformance task must know of i386. Only the first word of a message travels in a register: the others are
 * put into the thread's IPC buffer when it makes the call, and taken from there when that returns. */
#pragma once

#define NOT_CANONICAL   0xfffff000ul /* there is no such thing: an address of the kernel */
#define KERNEL_ADDRESS  0xe0000000ul
#define KERNEL_UNUSED   0xffd00000ul /* nothing is mapped there: QEMU 7.2 lets LRET read the kernel's memory */
#define HIGH_BIT        24 /* of a slot's address: above the root CNode's bits */
#define VERY_LARGE      (1ul << 31)
#define FLAGS_DEFAULT   0x202
#define LARGE_BYTES     0x400000ul

/* A time as an argument. */
#define TIME(us) (word)(us), (word)((uint64_t)(us) >> 32)

/* One system call of a thread with that buffer. */
static inline void enter_from(seL4_IPCBuffer *from, struct registers *registers)
{
	for (unsigned i = 1; i < 4; i++) {
		from->msg[i] = registers->words[i];
	}
	if (registers->number == (word)seL4_SysNBSendRecv) {
		from->userData = registers->second;
	}
	enter(registers);
	for (unsigned i = 1; i < 4; i++) {
		registers->words[i] = from->msg[i];
	}
}

/* For TCB_WriteRegisters: a fresh thread's stack, so that the function at its start finds its argument. */
static inline void set_argument(word *context, uint8_t *stack_end, word argument)
{
	word *stack = (word *)(void *)stack_end;
	stack[-1] = argument;
	stack[-2] = 0;
	context[1] = (word)(stack - 2);
}
