/* SPDX-License-Identifier: BSD-2-Clause */
/* Into the kernel and out of it.
 *
 * The kernel runs on one stack, with interrupts off, and keeps nothing on it between entries: an entry saves the
 * running thread's registers into its TCB, C decides who goes on (trap.c), and port_resume takes that thread's
 * registers from its TCB.
 *
 * tss.rsp0 (trap_context) always points behind the register file of the running thread. On a trap from ring 3 the CPU
 * pushes SS, RSP, RFLAGS, CS, RIP right there; the stubs add the error code and the vector below.
 *
 * SYSCALL saves as seL4's kernel does: RSP, RCX and R11 of the thread are not saved (its stub keeps RSP in RBX); SYSRET
 * returns with RSP 0. A thread that was preempted or had its registers written returns by IRETQ with all of them.
 *
 * Traps from ring 0 are either interrupts while idle (port_idle) or the end: kernel_trap panics. Double fault, NMI and
 * machine check have stacks of their own. */
#include "layout.h"

#define FLAG_VIRTUAL_8086 0x20000

	.text
	.balign 16
	.global entry_syscall
	.type entry_syscall, @function
entry_syscall: /* RCX: next instruction, R11: flags; flags masked by MSR_SYSCALL_MASK */
	movq trap_context(%rip), %rsp
	movq %r11, CONTEXT_RFLAGS(%rsp)
	movq %rcx, CONTEXT_NEXT_IP(%rsp)
	movq $-1, CONTEXT_ERROR(%rsp)
	subq $2, %rcx
	movq %rcx, CONTEXT_FAULT_IP(%rsp)
	movq %rdx, CONTEXT_RDX(%rsp)
	movq %rsi, CONTEXT_RSI(%rsp)
	movq %rdi, CONTEXT_RDI(%rsp)
	movq %r10, CONTEXT_R10(%rsp)
	movq %r8, CONTEXT_R8(%rsp)
	movq %r9, CONTEXT_R9(%rsp)
	movq %r15, CONTEXT_R15(%rsp)
	movq %r12, CONTEXT_R12(%rsp)
	movq %r13, CONTEXT_R13(%rsp)
	movq %r14, CONTEXT_R14(%rsp)
	movq %rax, CONTEXT_RAX(%rsp)
	movq %rbx, CONTEXT_RBX(%rsp)
	movq %rbp, CONTEXT_RBP(%rsp)
	rdfsbase %rax
	movq %rax, CONTEXT_FS_BASE(%rsp)
	rdgsbase %rax
	movq %rax, CONTEXT_GS_BASE(%rsp)
	movq $kernel_stack_end, %rsp
	xorl %ebp, %ebp
	movq %rdx, %rdi
	call trap_syscall /* does not return */
	ud2
	.size entry_syscall, . - entry_syscall

/* Every trap from ring 3 joins here with vector and error code pushed: RSP is at FAULT_IP of the running thread. */
	.balign 16
	.type entry_trap, @function
entry_trap:
	testb $3, 24(%rsp) /* CS: which ring? */
	jz entry_from_kernel
	cld
	subq $CONTEXT_FAULT_IP, %rsp /* to the end of the register file */
	movq %rax, CONTEXT_RAX(%rsp)
	movq %rbx, CONTEXT_RBX(%rsp)
	movq %rcx, CONTEXT_RCX(%rsp)
	movq %rdx, CONTEXT_RDX(%rsp)
	movq %rsi, CONTEXT_RSI(%rsp)
	movq %rdi, CONTEXT_RDI(%rsp)
	movq %rbp, CONTEXT_RBP(%rsp)
	movq %r8, CONTEXT_R8(%rsp)
	movq %r9, CONTEXT_R9(%rsp)
	movq %r10, CONTEXT_R10(%rsp)
	movq %r11, CONTEXT_R11(%rsp)
	movq %r12, CONTEXT_R12(%rsp)
	movq %r13, CONTEXT_R13(%rsp)
	movq %r14, CONTEXT_R14(%rsp)
	movq %r15, CONTEXT_R15(%rsp)
	rdfsbase %rax
	movq %rax, CONTEXT_FS_BASE(%rsp)
	rdgsbase %rax
	movq %rax, CONTEXT_GS_BASE(%rsp)
	movq CONTEXT_FAULT_IP(%rsp), %rdi /* the vector, for now */
	movq CONTEXT_NEXT_IP(%rsp), %rax
	movq %rax, CONTEXT_FAULT_IP(%rsp)
	movq CONTEXT_ERROR(%rsp), %rsi
	movq $kernel_stack_end, %rsp
	xorl %ebp, %ebp
	call trap_user /* does not return */
	ud2
	.size entry_trap, . - entry_trap

/* An emulator (QEMU 7.2) lets ring 3 set the virtual-8086 flag with a 32-bit IRET in 64-bit mode, which no CPU does:
 * then CS says nothing, and CS and SS are no selectors that IRETQ could take. Such a trap is ring 3's all the same. */
entry_from_virtual_8086:
	movq $SELECTOR_USER_CODE, 24(%rsp)
	movq $SELECTOR_USER_DATA, 48(%rsp)
	andq $~FLAG_VIRTUAL_8086, 32(%rsp)
	jmp entry_trap

entry_from_kernel:
	testl $FLAG_VIRTUAL_8086, 32(%rsp)
	jnz entry_from_virtual_8086
	cmpb $0, trap_is_idle(%rip)
	je entry_kernel_trap
	popq %rdi /* vector; whatever was on the stack is of no use any more */
	movq $kernel_stack_end, %rsp
	xorl %ebp, %ebp
	call trap_idle /* does not return */
	ud2
entry_kernel_trap: /* vector, error, RIP, CS, RFLAGS, RSP, SS on the stack */
	cld
	movq %rsp, %rdi
	movq %rbp, %rsi
	movq 40(%rsp), %rdx
	andq $-16, %rsp
	call trap_kernel /* does not return */
	ud2

/* port_resume(end of the thread's register file): goes on in ring 3. */
	.balign 16
	.global entry_resume
	.type entry_resume, @function
entry_resume:
	movq %rdi, %rsp
	movq CONTEXT_FS_BASE(%rsp), %rax
	wrfsbase %rax
	movq CONTEXT_GS_BASE(%rsp), %rax
	wrgsbase %rax
	movq CONTEXT_RAX(%rsp), %rax
	movq CONTEXT_RBX(%rsp), %rbx
	movq CONTEXT_RDX(%rsp), %rdx
	movq CONTEXT_RSI(%rsp), %rsi
	movq CONTEXT_RDI(%rsp), %rdi
	movq CONTEXT_RBP(%rsp), %rbp
	movq CONTEXT_R8(%rsp), %r8
	movq CONTEXT_R9(%rsp), %r9
	movq CONTEXT_R10(%rsp), %r10
	movq CONTEXT_R12(%rsp), %r12
	movq CONTEXT_R13(%rsp), %r13
	movq CONTEXT_R14(%rsp), %r14
	movq CONTEXT_R15(%rsp), %r15
	cmpq $-1, CONTEXT_ERROR(%rsp)
	jne 1f
	movq CONTEXT_NEXT_IP(%rsp), %rcx
	movq CONTEXT_RFLAGS(%rsp), %r11
	xorl %esp, %esp
	sysretq
1:	movq CONTEXT_R11(%rsp), %r11
	movq CONTEXT_RCX(%rsp), %rcx
	addq $CONTEXT_NEXT_IP, %rsp
	iretq
	.size entry_resume, . - entry_resume

/* Waits for an interrupt. The flag tells entry_from_kernel that nothing is lost by dropping this stack. */
	.balign 16
	.global entry_idle
	.type entry_idle, @function
entry_idle:
	movq $kernel_stack_end, %rsp
	movb $1, trap_is_idle(%rip)
1:	sti
	hlt
	jmp 1b
	.size entry_idle, . - entry_idle

/* One stub for each vector, STUB_BYTES apart. */
	.balign 16
	.global entry_stubs
	.type entry_stubs, @object
entry_stubs:
	.set vector, 0
	.rept VECTOR_COUNT
	.balign 16
	.if vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21
	.else
	pushq $0
	.endif
	pushq $vector
	jmp entry_trap
	.set vector, vector + 1
	.endr
	.size entry_stubs, . - entry_stubs

/* Stubs of the vectors that run on stacks of their own, whatever ring they come from. */
	.global entry_stub_nmi, entry_stub_double_fault, entry_stub_machine_check
entry_stub_nmi:
	pushq $0
	pushq $VECTOR_NMI
	jmp entry_kernel_trap
entry_stub_double_fault:
	pushq $VECTOR_DOUBLE_FAULT
	jmp entry_kernel_trap
entry_stub_machine_check:
	pushq $0
	pushq $VECTOR_MACHINE_CHECK
	jmp entry_kernel_trap

/* The task state. Its second field, the ring 0 stack pointer, is the variable trap_context. */
	.section .bss, "aw", @nobits
	.balign 8
	.skip 4
	.global trap_task, trap_context
trap_task:
	.skip 4
trap_context:
	.skip 100

	.section .note.GNU-stack, "", @progbits
