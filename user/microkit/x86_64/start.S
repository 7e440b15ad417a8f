/* SPDX-License-Identifier: BSD-2-Clause */
/* The first instructions of a program. The loader enters here by a jump with the stack pointer at the argument frame (16-aligned;
 * Microkit itself lays no frame and gives the top of the stack). _start is weak: a program that wants to see its registers as
 * they came brings its own and ends it with a jump to graft_start. */
	.section .text.start, "ax"
	.weak	_start
	.type	_start, @function
	.globl	graft_start
	.type	graft_start, @function
_start:
graft_start:
	xorl	%ebp, %ebp		/* the end of every chain of frames */
	cmpq	$0, graft_frame(%rip)	/* a parent's microkit_pd_restart comes here again: the stack begins anew, and never fills up */
	cmovneq	graft_frame(%rip), %rsp
	movq	%rsp, graft_frame(%rip)
	andq	$-16, %rsp
	call	microkit_main
	ud2
	.size	graft_start, . - graft_start
	.section .note.GNU-stack, "", @progbits
