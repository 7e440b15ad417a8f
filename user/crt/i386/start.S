/* SPDX-License-Identifier: BSD-2-Clause */
/* The first instructions of a process. The stack pointer is 16-aligned and points at argc, argv, 0, envp, 0, the auxiliary
 * vector. */
	.section .text.start, "ax"
	.globl	_start
	.type	_start, @function
_start:
	xorl	%ebp, %ebp	/* the end of every chain of frames */
	movl	%esp, %eax
	subl	$12, %esp	/* arguments end on 16 bytes */
	pushl	%eax
	call	crt_start
	ud2
	.size	_start, . - _start
	.section .note.GNU-stack, "", @progbits
