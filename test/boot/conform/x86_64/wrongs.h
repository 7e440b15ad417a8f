/* SPDX-License-Identifier: BSD-2-Clause */
/* What a thread can do wrong on x86_64: each a function that ends in an undefined instruction. Included by faults.c. */
#pragma once

WRONG(read_null, "movq 0, %rax");
WRONG(write_null, "movq %rax, 8");
WRONG(write_text, "leaq write_text(%rip), %rax; movq %rax, (%rax)");
WRONG(read_kernel, "movq 0xffffffff80200000, %rax");
WRONG(read_window, "movabsq 0xffffff8000100000, %rax");
WRONG(write_kernel, "movq %rax, 0xffffffff80200000");
WRONG(read_not_canonical, "movabsq 0x0000800000000000, %rax");
WRONG(stack_not_canonical, "movabsq $0x0000900000000000, %rsp; pushq %rax");
WRONG(stack_null, "xorl %esp, %esp; pushq %rax");
WRONG(jump_null, "xorl %eax, %eax; jmp *%rax");
WRONG(jump_data, "movl $0x10000000, %eax; jmp *%rax");
WRONG(jump_not_canonical, "movabsq $0x0000800000000000, %rax; jmp *%rax");
WRONG(jump_kernel, "movq $0xffffffff80109000, %rax; jmp *%rax");
WRONG(divide_by_zero, "xorl %ecx, %ecx; movl $1, %eax; xorl %edx, %edx; divl %ecx");
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
WRONG(control_register, "movq %cr3, %rax");
WRONG(write_msr, "movl $0xc0000080, %ecx; wrmsr");
WRONG(load_idt, "lidt (%rsp)");
WRONG(load_task, "movl $0x28, %eax; ltr %ax");
WRONG(invalidate, "invlpg (%rsp)");
WRONG(system_return, "sysretq");
WRONG(swap_gs, "swapgs");
WRONG(far_to_kernel, "pushq $8; leaq 1f(%rip), %rax; pushq %rax; lretq; 1: nop");
WRONG(return_to_kernel, "pushq $16; pushq %rsp; pushq $0x202; pushq $8; leaq 1f(%rip), %rax; pushq %rax; iretq; "
                        "1: nop");
WRONG(segment_kernel, "movl $0x10, %eax; movl %eax, %ds");
WRONG(segment_beyond, "movl $0x5b, %eax; movl %eax, %es");
WRONG(stack_segment_null, "xorl %eax, %eax; movl %eax, %ss");
WRONG(selectors, "movl %cs, %eax; movl %ss, %ebx; movl %ds, %ecx; movl %es, %edx; movl %fs, %esi; movl %gs, %edi");
WRONG(x87_error, "fninit; pushq $0x300; fldcw (%rsp); fldz; fld1; fdivp; fwait");
WRONG(sse_error, "pushq $0x1f80 & ~0x200; ldmxcsr (%rsp); xorps %xmm0, %xmm0; movl $1, %eax; cvtsi2ss %eax, %xmm1; "
                 "divss %xmm0, %xmm1");
WRONG(avx, "vxorps %ymm0, %ymm0, %ymm0");
WRONG(set_xcr, "xorl %ecx, %ecx; movl $3, %eax; xorl %edx, %edx; xsetbv");
WRONG(single_step, "pushfq; orq $0x100, (%rsp); popfq; nop; nop");
WRONG(single_step_syscall, "movq $-11, %rdx; movq %rsp, %rbx; pushfq; orq $0x100, (%rsp); popfq; syscall; "
                           "movq %rbx, %rsp; nop");
WRONG(nested_syscall, "pushfq; orq $0x4000, (%rsp); popfq; movq $-11, %rdx; movq %rsp, %rbx; syscall; "
                      "movq %rbx, %rsp; pushfq; popq %rax");
WRONG(aligned_syscall, "pushfq; orq $0x40400, (%rsp); popfq; "
                       "movq $-11, %rdx; movq %rsp, %rbx; syscall; movq %rbx, %rsp; pushfq; popq %rax");
WRONG(nested_fault, "pushfq; orq $0x44400, (%rsp); popfq; movq 0, %rax");
WRONG(privileged_flags, "pushfq; orq $0x3200, (%rsp); popfq; pushfq; popq %rax; andl $0x3200, %eax");
WRONG(call_0, "xorl %edx, %edx; movl $1, %eax; movl $2, %edi; movl $3, %esi; movl $4, %r8d; syscall");
WRONG(call_minus_100, "movq $-100, %rdx; syscall");
WRONG(call_large, "movabsq $0x7fffffffffffffff, %rdx; syscall");
WRONG(call_minus_18, "movq $-18, %rdx; movl $5, %edi; syscall");
WRONG(send_nowhere, "movq $-5, %rdx; movq $0x100000, %rdi; xorl %esi, %esi; syscall");
WRONG(call_nowhere, "movq $-1, %rdx; movabsq $0x8000000000000001, %rdi; movl $0x80, %esi; syscall");
WRONG(receive_nowhere, "movq $-7, %rdx; movq $0x100000, %rdi; movq $6, %r12; syscall");
WRONG(receive_no_reply, "movq $-7, %rdx; movl $1, %edi; xorl %r12d, %r12d; syscall");
WRONG(receive_on_frame, "movq $-7, %rdx; movl $9, %edi; movl $5, %r12d; syscall");
WRONG(wait_on_empty, "movq $-9, %rdx; movl $0x1ffff, %edi; syscall");
WRONG(poll_on_tcb, "movq $-10, %rdx; movl $1, %edi; syscall");
WRONG(poll_nowhere, "movq $-8, %rdx; movq $0x200000, %rdi; syscall");
WRONG(nbsend_nowhere, "movq $-6, %rdx; movq $0x200000, %rdi; xorl %esi, %esi; syscall; ud2");
WRONG(reply_nowhere, "movq $-2, %rdx; movq $0x200000, %rdi; xorl %esi, %esi; xorl %r12d, %r12d; syscall");
WRONG(bad_extra_cap, "movq $0x300000, 976(%rdi); movq $-1, %rdx; movl $2, %edi; movl $0x80, %esi; syscall");
WRONG(yield, "movq $-11, %rdx; movq %rsp, %rbx; syscall; movq %rsp, %rax; movq %rbx, %rsp");
WRONG(two_calls, "movq $-100, %rdx; syscall; movq $-101, %rdx; syscall");
WRONG(after, "movl $0x600d, %eax; ud2");
WRONG(use_fpu, "movq $1, %rax; movq %rax, %xmm3; movq %xmm3, %rbx; movq %xmm7, %rcx; ud2");
WRONG(taint_fpu, "movq $0x5ec4e7, %rax; movq %rax, %xmm7; "
                 "fldpi; movq $-11, %rdx; movq %rsp, %rbx; syscall; movq %rbx, %rsp; movq %xmm7, %rcx");
WRONG(x87_state, "pushq $0; pushq $0; pushq $0; pushq $0; fnstenv (%rsp); movzwl (%rsp), %eax; movzwl 4(%rsp), %ebx; "
                 "movzwl 8(%rsp), %ecx; "
                 "stmxcsr (%rsp); movl (%rsp), %edx");

#define WRONGS \
	ENTRY(selectors), ENTRY(read_null), ENTRY(write_null), ENTRY(write_text), ENTRY(read_kernel), ENTRY(read_window), \
		ENTRY(write_kernel), \
	ENTRY(read_not_canonical), ENTRY(stack_not_canonical), ENTRY(stack_null), ENTRY(jump_null), ENTRY(jump_data), \
	ENTRY(jump_not_canonical), ENTRY(jump_kernel), ENTRY(divide_by_zero), ENTRY(undefined), ENTRY(int_1), \
	ENTRY(int_2), ENTRY(int_8), ENTRY(int_14), ENTRY(int_32), ENTRY(int_80), ENTRY(int_157), ENTRY(int_158), \
		ENTRY(int_254), \
	ENTRY(int_255), ENTRY(halt), ENTRY(clear_interrupts), ENTRY(port_in), ENTRY(port_out), ENTRY(control_register), \
		ENTRY(write_msr), \
	ENTRY(load_idt), ENTRY(load_task), ENTRY(invalidate), ENTRY(system_return), ENTRY(swap_gs), ENTRY(far_to_kernel), \
	ENTRY(return_to_kernel), ENTRY(segment_kernel), ENTRY(segment_beyond), ENTRY(stack_segment_null), \
		ENTRY(x87_error), \
	ENTRY(sse_error), ENTRY(avx), ENTRY(set_xcr), ENTRY(nested_syscall), \
	ENTRY(aligned_syscall), ENTRY(nested_fault), ENTRY(privileged_flags), ENTRY(call_0), ENTRY(call_minus_100), \
		ENTRY(call_large), \
	ENTRY(call_minus_18), ENTRY(send_nowhere), ENTRY(call_nowhere), ENTRY(receive_nowhere), ENTRY(receive_no_reply), \
	ENTRY(receive_on_frame), ENTRY(wait_on_empty), ENTRY(poll_on_tcb), ENTRY(poll_nowhere), ENTRY(nbsend_nowhere), \
	ENTRY(reply_nowhere), ENTRY(bad_extra_cap), ENTRY(yield),

/* Debug faults in sets that have them, which the bundled kernel leaves out. */
#define DEBUG_WRONGS \
	ENTRY(breakpoint), ENTRY(single_step), ENTRY(single_step_syscall),

/* What a reply to an unknown system call can set, and one to a timeout. */
#define SYSCALL_REPLY LIST(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, (word)after, 0x7fff0000, ~0ul)
#define TIMEOUT_REPLY LIST((word)after, 0x3000, 0x202, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x1000)
