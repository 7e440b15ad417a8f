/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry of the root task, and the program it loads, as the linker made it. */
	.section .text.start, "ax", @progbits
	.global _start
_start:
	lea stack_top(%rip), %rsp
	xor %ebp, %ebp
	call root_main
	ud2

	.bss
	.balign 4096
	.skip 65536
stack_top:

	.section .rodata.program, "a", @progbits
	.balign 4096
	.global program_start, program_end
program_start:
	.incbin CHILD_ELF
program_end:
	.balign 4096
	.global damaged_start, damaged_end
	.section .note.GNU-stack, "", @progbits
