/* SPDX-License-Identifier: BSD-2-Clause */
/* What a thread can do wrong, and what its handler is told. Addresses in the messages are those of this program, which
 * is the same file on both kernels. */
#include "test/boot/conform/conform.h"

/* Each is a whole function of its own instructions: no prologue, so that registers are as TCB_WriteRegisters left
 * them. */
#define WRONG(name, code) \
	void name(word argument); \
	__asm__(".pushsection .text.wrong, \"ax\", @progbits; .balign 64; .global " #name "; " #name ": " code "; ud2; " \
	        ".popsection")

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
WRONG(nested_syscall, "pushfq; orq $0x4000, (%rsp); popfq; movq $-11, %rdx; movq %rsp, %rbx; syscall; movq %rbx, %rsp; "
      "pushfq; popq %rax");
WRONG(aligned_syscall, "pushfq; orq $0x40400, (%rsp); popfq; movq $-11, %rdx; movq %rsp, %rbx; syscall; "
      "movq %rbx, %rsp; pushfq; popq %rax");
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

static const struct { const char *name; void (*function)(word); } wrongs[] = {
#define ENTRY(name) { #name, name }
	ENTRY(selectors), ENTRY(read_null), ENTRY(write_null), ENTRY(write_text), ENTRY(read_kernel), ENTRY(read_window),
	ENTRY(write_kernel),
	ENTRY(read_not_canonical), ENTRY(stack_not_canonical), ENTRY(stack_null), ENTRY(jump_null), ENTRY(jump_data),
	ENTRY(jump_not_canonical), ENTRY(jump_kernel), ENTRY(divide_by_zero), ENTRY(undefined), ENTRY(int_1),
	ENTRY(int_2), ENTRY(int_8), ENTRY(int_14), ENTRY(int_32), ENTRY(int_80), ENTRY(int_157), ENTRY(int_158),
	ENTRY(int_254),
	ENTRY(int_255), ENTRY(halt), ENTRY(clear_interrupts), ENTRY(port_in), ENTRY(port_out), ENTRY(control_register),
	ENTRY(write_msr),
	ENTRY(load_idt), ENTRY(load_task), ENTRY(invalidate), ENTRY(system_return), ENTRY(swap_gs), ENTRY(far_to_kernel),
	ENTRY(return_to_kernel), ENTRY(segment_kernel), ENTRY(segment_beyond), ENTRY(stack_segment_null), ENTRY(x87_error),
	ENTRY(sse_error), ENTRY(avx), ENTRY(set_xcr), ENTRY(nested_syscall),
	ENTRY(aligned_syscall), ENTRY(nested_fault), ENTRY(privileged_flags), ENTRY(call_0), ENTRY(call_minus_100),
	ENTRY(call_large),
	ENTRY(call_minus_18), ENTRY(send_nowhere), ENTRY(call_nowhere), ENTRY(receive_nowhere), ENTRY(receive_no_reply),
	ENTRY(receive_on_frame), ENTRY(wait_on_empty), ENTRY(poll_on_tcb), ENTRY(poll_nowhere), ENTRY(nbsend_nowhere),
	ENTRY(reply_nowhere), ENTRY(bad_extra_cap), ENTRY(yield),
#if !ABI_HARDWARE_DEBUG /* there they are debug faults, which the bundled kernel leaves out */
	ENTRY(breakpoint), ENTRY(single_step), ENTRY(single_step_syscall),
#endif
#undef ENTRY
};

/* The fault, the registers as they stand then, and the next fault after an empty reply if the first was an exception of
 * some kind that can go on. */
static void show_wrong(const char *name, void (*function)(word), word endpoint, word reply)
{
	struct thread thread;
	make_thread(&thread, 0, function, 0, 100, endpoint);
	word argument[] = { 0, 9, (word)function, 0x7000000, 0x202, 0, 0, 0, 0, 0, (word)thread.buffer };
	argument[3] = (word)thread.buffer + 2048; /* a stack of its own, and rdi = its buffer */
	must(invoke(thread.tcb, TCBWriteRegisters, LIST(), (struct list){ argument, 11 }), "write registers");
	resume(&thread);
	receive((word)seL4_SysRecv, endpoint, reply);
	show_answer(name);
	show("  registers", invoke(thread.tcb, TCBReadRegisters, LIST(), LIST(0, 20)));
	drop_thread(&thread);
}

static void test_wrongs(void)
{
	word endpoint = make(seL4_EndpointObject, 0), handler = mint(endpoint, 15, 0xfa), reply = make(seL4_ReplyObject, 0);
	for (unsigned i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
		(void)endpoint;
		show_wrong(wrongs[i].name, wrongs[i].function, handler, reply);
	}
}

/* ---- replies to faults ---- */
WRONG(two_calls, "movq $-100, %rdx; syscall; movq $-101, %rdx; syscall");
WRONG(after, "movl $0x600d, %eax; ud2");

static void test_reply(const char *name, void (*function)(word), word label, struct list words)
{
	struct thread thread;
	word endpoint = make(seL4_EndpointObject, 0), reply = make(seL4_ReplyObject, 0);
	make_thread(&thread, 0, function, 0, 100, endpoint);
	resume(&thread);
	receive((word)seL4_SysRecv, endpoint, reply);
	send((word)seL4_SysSend, reply, label, LIST(), words);
	settle();
	receive((word)seL4_SysNBRecv, endpoint, reply);
	show_answer(name);
	show("  registers", invoke(thread.tcb, TCBReadRegisters, LIST(), LIST(0, 20)));
	drop_thread(&thread);
}

static void test_replies(void)
{
	struct list registers = LIST(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, (word)after, 0x7fff0000, ~0ul);
	test_reply("unknown call, empty reply", two_calls, 0, LIST());
	test_reply("unknown call, all registers", two_calls, 0, registers);
	test_reply("unknown call, all registers, label", two_calls, 1, registers);
	test_reply("unknown call, five registers", two_calls, 0, LIST(1, 2, 3, 4, 5));
	test_reply("exception, empty reply", undefined, 0, LIST());
	test_reply("exception, new address", undefined, 0, LIST((word)after));
	test_reply("exception, address in the hole", undefined, 0, LIST(1ul << 47));
	test_reply("exception, all", undefined, 0, LIST((word)after, 0x1234, ~0ul));
	test_reply("exception, label", undefined, 1, LIST((word)after));
	test_reply("page fault, empty reply", read_null, 0, LIST());
	test_reply("page fault, label", read_null, 7, LIST(1, 2, 3));
	test_reply("capability fault, empty reply", send_nowhere, 0, LIST());
	test_reply("capability fault, label", send_nowhere, 1, LIST());
}

/* ---- no handler, FPU ---- */
static void test_no_handler(void)
{
	struct thread thread;
	make_thread(&thread, 0, divide_by_zero, 0, 100, 0);
	resume(&thread);
	settle();
	show("without a handler", invoke(thread.tcb, TCBReadRegisters, LIST(), LIST(0, 3)));
	show("resume it", invoke(thread.tcb, TCBResume, LIST(), LIST()));
	settle();
	drop_thread(&thread);
}

WRONG(use_fpu, "movq $1, %rax; movq %rax, %xmm3; movq %xmm3, %rbx; movq %xmm7, %rcx; ud2");
WRONG(taint_fpu, "movq $0x5ec4e7, %rax; movq %rax, %xmm7; fldpi; movq $-11, %rdx; movq %rsp, %rbx; syscall; "
      "movq %rbx, %rsp; movq %xmm7, %rcx");
WRONG(x87_state, "pushq $0; pushq $0; pushq $0; pushq $0; fnstenv (%rsp); movzwl (%rsp), %eax; movzwl 4(%rsp), %ebx; "
      "movzwl 8(%rsp), %ecx; "
                 "stmxcsr (%rsp); movl (%rsp), %edx");

static void test_fpu(void)
{
	word endpoint = make(seL4_EndpointObject, 0), reply = make(seL4_ReplyObject, 0);
	struct thread thread;
	show_wrong("taint the FPU", taint_fpu, endpoint, reply);
	show_wrong("another thread finds nothing of it", use_fpu, endpoint, reply);
	show_wrong("fresh control words", x87_state, endpoint, reply);
	make_thread(&thread, 0, use_fpu, 0, 100, endpoint);
	show("FPU off", invoke(thread.tcb, TCBSetFlags, LIST(), LIST(0, 1)));
	resume(&thread);
	receive((word)seL4_SysRecv, endpoint, reply);
	show_answer("use it");
	show("FPU on", invoke(thread.tcb, TCBSetFlags, LIST(), LIST(1, 0)));
	send((word)seL4_SysSend, reply, 0, LIST(), LIST());
	receive((word)seL4_SysRecv, endpoint, reply);
	show_answer("goes on");
	drop_thread(&thread);
}

/* ---- budgets ---- */
static void spin(word unused)
{
	(void)unused;
	for (;;) {
	}
}

static void test_timeout(void)
{
	struct thread thread;
	word endpoint = make(seL4_EndpointObject, 0), reply = make(seL4_ReplyObject, 0);
	make_thread(&thread, 0, spin, 0, 100, 0);
	must(invoke(info->schedcontrol.start, SchedControlConfigureFlags, LIST(thread.sc),
	            LIST(1000, 1000000, 0, 0xabc, 0)), "budget");
	must(invoke(thread.tcb, TCBSetTimeoutEndpoint, LIST(mint(endpoint, 15, 0x66)), LIST()), "handler");
	resume(&thread);
	receive((word)seL4_SysRecv, endpoint, reply);
	show_number("timeout label", answer.label);
	show_number("  badge", answer.badge);
	show_number("  words", answer.length);
	show_number("  data", answer.words[0]);
	must(invoke(thread.tcb, TCBSetTimeoutEndpoint, LIST(0), LIST()), "no handler");
	word words[19] = { (word)after, 0x3000, 0x202, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x1000 };
	must(invoke(thread.tcb, TCBSetSpace, LIST(mint(endpoint, 15, 0x67), seL4_CapInitThreadCNode,
	                                          seL4_CapInitThreadVSpace),
	            LIST(0, 0)), "fault handler");
	must(invoke(info->schedcontrol.start, SchedControlConfigureFlags, LIST(thread.sc), LIST(1000, 1000, 0, 0, 0)),
	     "budget");
	send((word)seL4_SysSend, reply, 0, LIST(), (struct list){ words, 19 });
	receive((word)seL4_SysRecv, endpoint, reply);
	show_answer("goes on elsewhere");
	show("  registers", invoke(thread.tcb, TCBReadRegisters, LIST(), LIST(0, 20)));
	drop_thread(&thread);
}

void test_faults(void)
{
	test_wrongs();
	revoke(scratch);
	test_replies();
	revoke(scratch);
	test_no_handler();
	test_fpu();
	test_timeout();
}
