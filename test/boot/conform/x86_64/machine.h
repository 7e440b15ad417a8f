/* SPDX-License-Identifier: BSD-2-Clause */
/* What the conformance task must know of x86_64. */
#pragma once

#define NOT_CANONICAL   0x0000800000000000ul
#define KERNEL_ADDRESS  0xffffffff80000000ul
#define KERNEL_UNUSED   0xffffffff80100000ul
#define HIGH_BIT        40 /* of a slot's address: above the root CNode's bits */
#define VERY_LARGE      (1ul << 32)
#define FLAGS_DEFAULT   0x202
#define LARGE_BYTES     0x200000ul

/* A time as an argument. */
#define TIME(us) (us)

/* One system call of a thread with that buffer. */
static inline void enter_from(seL4_IPCBuffer *from, struct registers *registers)
{
	(void)from; /* the first four words are in registers */
	enter(registers);
}

/* For TCB_WriteRegisters: a fresh thread's stack pointer, so that the function at its start finds its argument. */
static inline void set_argument(word *context, uint8_t *stack_end, word argument)
{
	context[1] = (word)(stack_end - 8);
	context[8] = argument; /* rdi */
}
