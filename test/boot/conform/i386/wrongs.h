/* SPDX-License-Identifier: BSD-2-Clause */
/* What a thread can do wrong on i386: each a function that ends in an undefined instruction. Included by faults.c. */
#pragma once

/* A system call whose registers are set up. */
#define ENTER "movl %esp, %ecx; leal 2f, %edx; 2: sysenter"

WRONG(selectors, "movl %cs, %eax; movl %ss, %ebx; movl %ds, %ecx; movl %es, %edx; movl %fs, %esi; movl %gs, %edi");
WRONG(read_null, "movl 0, %eax");
WRONG(write_null, "movl %eax, 8");
WRONG(write_text, "movl $write_text, %eax; movl %eax, (%eax)");
WRONG(read_kernel, "movl 0xe0100000, %eax");
WRONG(write_kernel, "movl %eax, 0xe0400000");
WRONG(read_device, "movl 0xfffff000, %eax");
WRONG(stack_null, "xorl %esp, %esp; pushl %eax");
WRONG(stack_kernel, "movl $0xe0400000, %esp; pushl %eax");
WRONG(jump_null, "xorl %eax, %eax; jmp *%eax");
WRONG(jump_data, "movl $0x10000000, %eax; jmp *%eax");
WRONG(jump_kernel, "movl $0xe0104000, %eax; jmp *%eax");
WRONG(jump_top, "movl $-1, %eax; jmp *%eax");
WRONG(divide_by_zero, "xorl %ecx, %ecx; movl $1, %eax; xorl %edx, %edx; divl %ecx");
WRONG(overflow, "movb $127, %al; addb $1, %al; into");
WRONG(bound_exceeded, "pushl $2; pushl $1; movl $3, %eax; bound %eax, (%esp)");
WRONG(undefined, "ud2");
WRONG(breakpoint, "int3");
WRONG(int_1, "int $1");
WRONG(int_2, "int $2");
WRONG(int_8, "int $8");
WRONG(int_14, "int $14");
WRONG(int_32, "int $32");
WRONG(int_80, "movl $0x11223344, %eax; int $0x80");
WRONG(int_157, "int $157");
WRONG(int_158, "movl $0x11223344, %eax; int $158");
WRONG(int_254, "movl $0x11223344, %eax; int $254");
WRONG(int_255, "movl $0x77, %ecx; int $255; movl $0x88, %edx");
WRONG(halt, "hlt");
WRONG(clear_interrupts, "cli");
WRONG(port_in, "inb $0x3d, %al");
WRONG(port_out, "outb %al, $0xf4");
WRONG(control_register, "movl %cr3, %eax");
WRONG(write_msr, "movl $0x174, %ecx; wrmsr");
WRONG(load_idt, "lidt (%esp)");
WRONG(load_task, "movl $0x28, %eax; ltr %ax");
WRONG(invalidate, "invlpg (%esp)");
WRONG(system_return, "sysexit");
WRONG(far_to_kernel, "pushl $8; pushl $1f; lretl; 1: nop");
WRONG(far_to_task, "ljmp $0x28, $0");
WRONG(return_to_kernel, "pushl $0x10; pushl %esp; pushl $0x202; pushl $8; pushl $1f; iretl; 1: nop");
WRONG(segment_kernel, "movl $0x10, %eax; movl %eax, %ds");
WRONG(segment_beyond, "movl $0x5b, %eax; movl %eax, %es");
WRONG(segment_task, "movl $0x2b, %eax; movl %eax, %fs");
WRONG(segment_null, "xorl %eax, %eax; movl %eax, %ds; movl %eax, %es; movl %eax, %fs; movl %eax, %gs; int3; "
                    "movl %ds, %eax; movl %gs, %ebx");
WRONG(read_through_null, "xorl %eax, %eax; movl %eax, %es; movl %es:4096, %eax");
WRONG(stack_segment_null, "xorl %eax, %eax; movl %eax, %ss");
WRONG(stack_segment_fs, "movl $0x33, %eax; movl %eax, %ss; int3; movl %ss, %ebx");
WRONG(x87_error, "fninit; pushl $0x300; fldcw (%esp); fldz; fld1; fdivp; fwait");
WRONG(sse_error, "pushl $0x1f80 & ~0x200; ldmxcsr (%esp); xorps %xmm0, %xmm0; movl $1, %eax; cvtsi2ss %eax, %xmm1; "
                 "divss %xmm0, %xmm1");
WRONG(avx, "vxorps %ymm0, %ymm0, %ymm0");
WRONG(set_xcr, "xorl %ecx, %ecx; movl $3, %eax; xorl %edx, %edx; xsetbv");
WRONG(single_step, "pushfl; orl $0x100, (%esp); popfl; nop; nop");
WRONG(nested_flag, "pushfl; orl $0x4000, (%esp); popfl; pushfl; popl %eax; pushl $0x202; popfl");
WRONG(aligned_syscall, "pushfl; orl $0x40400, (%esp); popfl; movl $-11, %eax; " ENTER "; pushfl; popl %eax; "
                       "andl $0x40400, %eax");
WRONG(privileged_flags, "pushfl; orl $0x3200, (%esp); popfl; pushfl; popl %eax; andl $0x3200, %eax");
WRONG(virtual_8086, "pushfl; orl $0x20000, (%esp); popfl; pushfl; popl %eax; andl $0x20000, %eax");
WRONG(call_0, "xorl %eax, %eax; movl $1, %ebx; movl $3, %esi; movl $4, %edi; movl $5, %ebp; " ENTER);
WRONG(call_minus_100, "movl $-100, %eax; " ENTER);
WRONG(call_large, "movl $0x7fffffff, %eax; " ENTER);
WRONG(call_minus_12, "movl $-12, %eax; movl $5, %ebx; " ENTER);
WRONG(call_from_nowhere, "movl $-100, %eax; movl $0x1234, %ecx; movl $0x5678, %edx; sysenter");
WRONG(return_to_null, "movl $-11, %eax; movl $0x1234, %ecx; movl $-2, %edx; sysenter");
WRONG(return_to_kernel_address, "movl $-11, %eax; movl %esp, %ecx; movl $0xe0104000, %edx; sysenter");
WRONG(send_nowhere, "movl $-5, %eax; movl $0x100000, %ebx; xorl %esi, %esi; " ENTER);
WRONG(call_nowhere, "movl $-1, %eax; movl $0x80000001, %ebx; movl $0x80, %esi; " ENTER);
WRONG(receive_nowhere, "movl $-7, %eax; movl $0x100000, %ebx; movl $6, %ebp; " ENTER);
WRONG(receive_no_reply, "movl $-7, %eax; movl $1, %ebx; xorl %ebp, %ebp; " ENTER);
WRONG(receive_on_frame, "movl $-7, %eax; movl $9, %ebx; movl $5, %ebp; " ENTER);
WRONG(wait_on_empty, "movl $-9, %eax; movl $0x1ffff, %ebx; " ENTER);
WRONG(poll_on_tcb, "movl $-10, %eax; movl $1, %ebx; " ENTER);
WRONG(poll_nowhere, "movl $-8, %eax; movl $0x200000, %ebx; " ENTER);
WRONG(nbsend_nowhere, "movl $-6, %eax; movl $0x200000, %ebx; xorl %esi, %esi; " ENTER "; ud2");
WRONG(nbsendrecv_nowhere, "movl $0x200000, 484(%edi); movl $-3, %eax; movl $0x300000, %ebx; xorl %esi, %esi; "
                          "" ENTER "; ud2");
WRONG(reply_nowhere, "movl $-2, %eax; movl $0x200000, %ebx; xorl %esi, %esi; xorl %ebp, %ebp; " ENTER);
WRONG(bad_extra_cap, "movl $0x300000, 488(%edi); movl $-1, %eax; movl $2, %ebx; movl $0x80, %esi; " ENTER);
WRONG(set_tls_base, "movl $write_text, %ebx; movl $-33, %eax; " ENTER "; movl %gs:1, %eax; subl $0, %eax; "
                    "movl $0x99, %ebx; "
                    "movl $-33, %eax; " ENTER "; movl %gs:0, %esi");
WRONG(yield, "movl $-11, %eax; " ENTER "; movl %esp, %eax");
WRONG(two_calls, "movl $-100, %eax; " ENTER "; movl $-101, %eax; " ENTER);
WRONG(after, "movl $0x600d, %eax; ud2");
WRONG(use_fpu, "movl $1, %eax; movd %eax, %xmm3; movd %xmm3, %ebx; movd %xmm7, %ecx; ud2");
WRONG(taint_fpu, "movl $0x5ec4e7, %eax; movd %eax, %xmm7; fldpi; movl $-11, %eax; " ENTER "; movd %xmm7, %ecx");
WRONG(x87_state, "subl $32, %esp; fnstenv (%esp); movzwl (%esp), %eax; movzwl 4(%esp), %ebx; movzwl 8(%esp), %ecx; "
                 "stmxcsr (%esp); movl (%esp), %edx");

#define WRONGS \
	ENTRY(selectors), ENTRY(read_null), ENTRY(write_null), ENTRY(write_text), ENTRY(read_kernel), ENTRY(write_kernel), \
	ENTRY(read_device), ENTRY(stack_null), ENTRY(stack_kernel), ENTRY(jump_null), ENTRY(jump_data), \
		ENTRY(jump_kernel), \
	ENTRY(jump_top), ENTRY(divide_by_zero), ENTRY(overflow), ENTRY(bound_exceeded), ENTRY(undefined), \
		ENTRY(breakpoint), \
	ENTRY(int_1), ENTRY(int_2), ENTRY(int_8), ENTRY(int_14), ENTRY(int_32), ENTRY(int_80), ENTRY(int_157), \
		ENTRY(int_158), \
	ENTRY(int_254), ENTRY(int_255), ENTRY(halt), ENTRY(clear_interrupts), ENTRY(port_in), ENTRY(port_out), \
	ENTRY(control_register), ENTRY(write_msr), ENTRY(load_idt), ENTRY(load_task), ENTRY(invalidate), \
		ENTRY(system_return), \
	ENTRY(far_to_kernel), ENTRY(far_to_task), ENTRY(return_to_kernel), ENTRY(segment_kernel), ENTRY(segment_beyond), \
	ENTRY(segment_task), ENTRY(segment_null), ENTRY(read_through_null), ENTRY(stack_segment_null), \
		ENTRY(stack_segment_fs), \
	ENTRY(x87_error), ENTRY(sse_error), ENTRY(avx), ENTRY(set_xcr), ENTRY(single_step), ENTRY(nested_flag), \
	ENTRY(aligned_syscall), ENTRY(privileged_flags), ENTRY(virtual_8086), ENTRY(call_0), ENTRY(call_minus_100), \
	ENTRY(call_large), ENTRY(call_minus_12), ENTRY(call_from_nowhere), ENTRY(return_to_null), \
		ENTRY(return_to_kernel_address), \
	ENTRY(send_nowhere), ENTRY(call_nowhere), ENTRY(receive_nowhere), ENTRY(receive_no_reply), \
		ENTRY(receive_on_frame), \
	ENTRY(wait_on_empty), ENTRY(poll_on_tcb), ENTRY(poll_nowhere), ENTRY(nbsend_nowhere), ENTRY(nbsendrecv_nowhere), \
	ENTRY(reply_nowhere), ENTRY(bad_extra_cap), ENTRY(set_tls_base), ENTRY(yield),

/* The set of i386 has no debug faults. */
#define DEBUG_WRONGS

/* What a reply to an unknown system call can set, and one to a timeout. */
#define SYSCALL_REPLY LIST(1, 2, 3, 4, 5, 6, 7, (word)after, 0x7fff0000, ~0ul)
#define TIMEOUT_REPLY LIST((word)after, 0x3000, 0x202, 1, 2, 3, 4, 5, 6, 7, 0x1000, 0x2000)
