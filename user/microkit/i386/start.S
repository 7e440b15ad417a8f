/* SPDX-License-Identifier: BSD-2-Clause */
/* The first instructions of a program. The loader enters here by a jump with the stack pointer at the argument frame (16-aligned).
 * _start is weak: a program that wants to see its registers as they came brings its own and ends it with a jump to
 * graft_start. */
	.section .text.start, "ax"
	.weak	_start
	.type	_start, @function
	.globl	graft_start
	.type	graft_start, @function
_start:
graft_start:
	xorl	%ebp, %ebp		/* the end of every chain of frames */
	cmpl	$0, graft_frame		/* a parent's microkit_pd_restart comes here again: the stack begins anew, and never fills up */
	cmovnel	graft_frame, %esp
	movl	%esp, graft_frame
	andl	$-16, %esp
	call	microkit_main
	ud2
	.size	graft_start, . - graft_start
	.section .note.GNU-stack, "", @progbits
