/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the kernel enters the root task: ebx holds the address of the boot information, nothing else is promised, not
 * even a stack. Below the stack lies a page that monitor.c unmaps as soon as it can. */
	.section .text.start, "ax", @progbits
	.global _start
	.type _start, @function
_start:
	movl $monitor_stack_top, %esp
	xorl %ebp, %ebp
	subl $12, %esp /* with the argument a multiple of 16 at the call */
	pushl %ebx
	call monitor_main
	ud2 /* monitor_main does not return */
	.size _start, . - _start

	.bss
	.balign 4096
	.global monitor_stack_top
	.global monitor_stack_guard
monitor_stack_guard:
	.skip 4096
	.skip 65536
monitor_stack_top:

	.section .note.GNU-stack, "", @progbits
