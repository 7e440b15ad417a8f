/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry of the benchmark's root task. */
	.section .text.start, "ax", @progbits
	.global _start
_start:
	lea stack_top(%rip), %rsp
	xor %ebp, %ebp
	call bench_main
	ud2

	.bss
	.balign 16
	.skip 16384
stack_top:
	.section .note.GNU-stack, "", @progbits
