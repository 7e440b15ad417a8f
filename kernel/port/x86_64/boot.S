/* SPDX-License-Identifier: BSD-2-Clause */
/* From the boot loader to C: 32-bit protected mode at 1 MiB, then long mode with the first 4 GiB of physical memory
 * mapped at 0, at PHYSICAL_WINDOW and (the first GiB) at KERNEL_BASE, then port_boot(magic, information) on the boot
 * stack.
 *
 * Nothing is checked here but what is needed to get on: a CPU without long mode or 2M pages gets a message and stops.
 * These first tables are left behind when memory.c has built the kernel's own. */
#include "layout.h"

#define MULTIBOOT_MAGIC     0x1badb002
#define MULTIBOOT_FLAGS     0x00000003 /* modules on page boundaries; memory information wanted */

#define CR0_PAGING          0x80000000
#define CR4_PAE             0x20
#define MSR_EFER            0xc0000080
#define EFER_LONG_MODE      0x100
#define CPUID_LONG_MODE     0x20000000
#define PRESENT_WRITE       0x3
#define PRESENT_WRITE_LARGE 0x83

	.section .boot.header, "a", @progbits
	.balign 4
	.long MULTIBOOT_MAGIC, MULTIBOOT_FLAGS, -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

	.section .boot.text, "ax", @progbits
	.code32
	.global boot_entry
	.type boot_entry, @function
boot_entry:
	cli
	cld
	movl %eax, %edi         /* magic: first argument of port_boot */
	movl %ebx, %esi         /* physical address of the information: second */
	movl $boot_stack_end, %esp

	movl $0x80000000, %eax
	cpuid
	cmpl $0x80000001, %eax
	jb 9f
	movl $0x80000001, %eax
	cpuid
	testl $CPUID_LONG_MODE, %edx
	jz 9f

	/* Four directories of 2M pages: physical 0..4 GiB. */
	movl $boot_directories, %ebx
	movl $PRESENT_WRITE_LARGE, %eax
	movl $2048, %ecx
1:	movl %eax, (%ebx)
	addl $0x200000, %eax
	addl $8, %ebx
	loop 1b

	movl $boot_directories + PRESENT_WRITE, %eax
	movl $boot_pdpt_low, %ebx
	movl $boot_pdpt_high, %edx
	movl $4, %ecx
2:	movl %eax, (%ebx)       /* at 0 */
	movl %eax, (%edx)       /* at PHYSICAL_WINDOW */
	addl $0x1000, %eax
	addl $8, %ebx
	addl $8, %edx
	loop 2b
	movl $boot_directories + PRESENT_WRITE, boot_pdpt_high + 510 * 8 /* at KERNEL_BASE */
	movl $boot_pdpt_low + PRESENT_WRITE, boot_pml4
	movl $boot_pdpt_high + PRESENT_WRITE, boot_pml4 + 511 * 8

	movl %cr4, %eax
	orl $CR4_PAE, %eax
	movl %eax, %cr4
	movl $boot_pml4, %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	rdmsr
	orl $EFER_LONG_MODE, %eax
	wrmsr
	movl %cr0, %eax
	orl $CR0_PAGING, %eax
	movl %eax, %cr0
	lgdt boot_gdt_pointer
	ljmp $SELECTOR_KERNEL_CODE, $boot_long

9:	movl $boot_no_long_mode, %ebx
3:	movb (%ebx), %al
	testb %al, %al
	jz 4f
	movw $0x3f8, %dx
	outb %al, %dx
	incl %ebx
	jmp 3b
4:	movb $0x7d, %al
	movw $0xf4, %dx
	outb %al, %dx
5:	hlt
	jmp 5b
	.size boot_entry, . - boot_entry

	.code64
boot_long:
	movw $SELECTOR_KERNEL_DATA, %ax
	movw %ax, %ss
	movw %ax, %ds
	movw %ax, %es
	xorl %ebp, %ebp
	movl %edi, %edi         /* the upper halves are undefined after the change of mode */
	movl %esi, %esi
	movq $kernel_stack_end, %rsp
	movq $port_boot, %rax
	call *%rax
	ud2

	.section .boot.data, "aw", @progbits
	.balign 8
boot_gdt:
	.quad 0
	.quad 0x00209a0000000000 /* 64-bit code */
	.quad 0x0000920000000000 /* data */
boot_gdt_pointer:
	.word . - boot_gdt - 1
	.long boot_gdt
boot_no_long_mode:
	.asciz "kernel panic: this CPU has no 64-bit mode\r\n"

	.section .boot.bss, "aw", @nobits
	.balign 4096
boot_pml4:        .skip 4096
boot_pdpt_low:    .skip 4096
boot_pdpt_high:   .skip 4096
boot_directories: .skip 4 * 4096
	.skip 256
boot_stack_end:

	.section .bss, "aw", @nobits
	.balign 4096
	.global kernel_stack_guard, kernel_stack_end
kernel_stack_guard: .skip 4096 /* left unmapped by memory.c */
kernel_stack:       .skip KERNEL_STACK_BYTES
kernel_stack_end:

	.section .note.GNU-stack, "", @progbits
