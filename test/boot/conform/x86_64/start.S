/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry of the conformance root task, and one system call with every register in view. */
	.section .text.start, "ax", @progbits
	.global _start
_start:
	leaq main_stack_end(%rip), %rsp
	xorl %ebp, %ebp
	call conform_main
	ud2

	.text
	.global enter
	.type enter, @function
enter: /* struct registers: rdx rdi rsi r10 r8 r9 r15 r12 r13 */
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	pushq %rdi
	movq 0(%rdi), %rdx
	movq 16(%rdi), %rsi
	movq 24(%rdi), %r10
	movq 32(%rdi), %r8
	movq 40(%rdi), %r9
	movq 48(%rdi), %r15
	movq 56(%rdi), %r12
	movq 64(%rdi), %r13
	movq 8(%rdi), %rdi
	movq %rsp, %rbx
	syscall
	movq %rbx, %rsp
	movq (%rsp), %rbx
	movq %rdx, 0(%rbx)
	movq %rdi, 8(%rbx)
	movq %rsi, 16(%rbx)
	movq %r10, 24(%rbx)
	movq %r8, 32(%rbx)
	movq %r9, 40(%rbx)
	movq %r15, 48(%rbx)
	movq %r12, 56(%rbx)
	movq %r13, 64(%rbx)
	popq %rdi
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	ret

	.bss
	.balign 4096
	.skip 32768
main_stack_end:

	.section .note.GNU-stack, "", @progbits
