/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry of the conformance root task, and one system call with every register in view. */
	.section .text.start, "ax", @progbits
	.global _start
_start:
	movl $main_stack_end, %esp
	xorl %ebp, %ebp
	pushl %ebx
	call conform_main
	ud2

	.text
	.global enter
	.type enter, @function
enter: /* struct registers: number, capability, info, four words of which one is in a register, reply */
	pushl %ebx
	pushl %esi
	pushl %edi
	pushl %ebp
	movl 20(%esp), %edx
	pushl %edx
	movl 0(%edx), %eax
	movl 4(%edx), %ebx
	movl 8(%edx), %esi
	movl 12(%edx), %edi
	movl 28(%edx), %ebp
	movl %esp, %ecx
	leal 1f, %edx
1:	sysenter
	popl %edx
	movl %eax, 0(%edx)
	movl %ebx, 4(%edx)
	movl %esi, 8(%edx)
	movl %edi, 12(%edx)
	movl %ebp, 28(%edx)
	popl %ebp
	popl %edi
	popl %esi
	popl %ebx
	ret

	.bss
	.balign 4096
	.skip 32768
main_stack_end:

	.section .note.GNU-stack, "", @progbits
