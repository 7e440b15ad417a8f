/* SPDX-License-Identifier: BSD-2-Clause */
/* From the boot loader to C: protected mode without paging at 1 MiB, then paging with the first 4 MiB of physical
 * memory mapped at 0 and all that the window can hold at KERNEL_BASE, then port_boot(magic, information) on the
 * kernel's stack.
 *
 * Nothing is checked here but what is needed to get on: a CPU without 4M pages gets a message and stops.
 * These first tables are left behind when map.c has built the kernel's own. */
#include "layout.h"

#define MULTIBOOT_MAGIC     0x1badb002
#define MULTIBOOT_FLAGS     0x00000003 /* modules on page boundaries; memory information wanted */

#define CR0_PAGING          0x80000000
#define CR4_LARGE_PAGES     0x10
#define CPUID_LARGE_PAGES   0x8
#define PRESENT_WRITE_LARGE 0x83
#define LARGE_PAGE_SHIFT    22
#define ENTRY_OF(address)   (((address) >> LARGE_PAGE_SHIFT) * 4)

	.section .boot.header, "a", @progbits
	.balign 4
	.long MULTIBOOT_MAGIC, MULTIBOOT_FLAGS, -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

	.section .boot.text, "ax", @progbits
	.global boot_entry
	.type boot_entry, @function
boot_entry:
	cli
	cld
	movl %eax, %edi         /* magic: first argument of port_boot */
	movl %ebx, %esi         /* physical address of the information: second */
	movl $boot_stack_end, %esp

	movl $1, %eax
	cpuid
	testl $CPUID_LARGE_PAGES, %edx
	jz 9f

	movl $PRESENT_WRITE_LARGE, boot_directory /* 0 .. 4 MiB at 0 */
	movl $boot_directory + ENTRY_OF(PHYSICAL_WINDOW), %ebx
	movl $PRESENT_WRITE_LARGE, %eax
	movl $(WINDOW_BYTES >> LARGE_PAGE_SHIFT), %ecx
1:	movl %eax, (%ebx)
	addl $(1 << LARGE_PAGE_SHIFT), %eax
	addl $4, %ebx
	loop 1b

	movl %cr4, %eax
	orl $CR4_LARGE_PAGES, %eax
	movl %eax, %cr4
	movl $boot_directory, %eax
	movl %eax, %cr3
	movl %cr0, %eax
	orl $CR0_PAGING, %eax
	movl %eax, %cr0
	lgdt boot_gdt_pointer
	ljmp $SELECTOR_KERNEL_CODE, $boot_high

9:	movl $boot_no_large_pages, %ebx
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

	.section .boot.data, "aw", @progbits
	.balign 8
boot_gdt:
	.quad 0
	.quad 0x00cf9b000000ffff /* code */
	.quad 0x00cf93000000ffff /* data */
boot_gdt_pointer:
	.word . - boot_gdt - 1
	.long boot_gdt
boot_no_large_pages:
	.asciz "kernel panic: this CPU has no 4M pages\r\n"

	.section .boot.bss, "aw", @nobits
	.balign 4096
boot_directory: .skip 4096
	.skip 256
boot_stack_end:

	.text
boot_high:
	movw $SELECTOR_KERNEL_DATA, %ax
	movw %ax, %ss
	movw %ax, %ds
	movw %ax, %es
	xorl %ebp, %ebp
	movl $kernel_stack_end, %esp
	pushl %esi
	pushl %edi
	call port_boot
	ud2

	.section .bss, "aw", @nobits
	.balign 4096
	.global kernel_stack_guard, kernel_stack_end
kernel_stack_guard: .skip 4096 /* left unmapped by map.c */
kernel_stack:       .skip KERNEL_STACK_BYTES
kernel_stack_end:

	.section .note.GNU-stack, "", @progbits
