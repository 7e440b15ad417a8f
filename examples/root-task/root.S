/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry of the root task (boot information in rdi), its stack, and the archive: whole pages of read-only data. */
	.section .text.start, "ax", @progbits
	.global _start
_start:
	lea stack_top(%rip), %rsp
	xor %ebp, %ebp
	call root_main
	ud2

	.bss
	.balign 4096
	.skip 32768
stack_top:

	.section .rodata.archive, "a", @progbits
	.balign 4096
	.global archive_start, archive_end
archive_start:
	.incbin ARCHIVE
archive_end:
	.section .note.GNU-stack, "", @progbits
