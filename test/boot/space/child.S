/* SPDX-License-Identifier: BSD-2-Clause */
/* Keeps every register as the loader set it, then calls child_main(frame, registers). */
	.text
	.global _start
_start:
	push %rax
	push %rbx
	push %rcx
	push %rdx
	push %rsi
	push %rdi
	push %rbp
	push %r8
	push %r9
	push %r10
	push %r11
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, %rsi
	lea 120(%rsp), %rdi
	and $-16, %rsp
	call child_main
	ud2
	.section .note.GNU-stack, "", @progbits
