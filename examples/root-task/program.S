/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry of a program: the stack pointer is at argc. */
	.text
	.global _start
_start:
	mov %rsp, %rdi
	and $-16, %rsp
	call program_main
	ud2
	.section .note.GNU-stack, "", @progbits
