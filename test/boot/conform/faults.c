/* SPDX-License-Identifier: BSD-2-Clause */
/* What a thread can do wrong, and what its handler is told. Addresses in the messages are those of this program,
 * which is the same file on both kernels. */
#include "test/boot/conform/conform.h"

/* Each is a whole function of its own instructions: no prologue, so that registers are as TCB_WriteRegisters left
 * them. */
#define WRONG(name, code) \
	void name(word argument); \
	__asm__(".pushsection .text.wrong, \"ax\", @progbits; .balign 64; .global " #name "; " #name ": " code "; ud2; " \
	        ".popsection")

#if ABI_WORD_BITS == 64
#include "test/boot/conform/x86_64/wrongs.h"
#else
#include "test/boot/conform/i386/wrongs.h"
#endif

static const struct { const char *name; void (*function)(word); } wrongs[] = {
#define ENTRY(name) { #name, name }
	WRONGS
#if !ABI_HARDWARE_DEBUG
	DEBUG_WRONGS
#endif
#undef ENTRY
};

/* The fault that came, without flags that differ. */
static void show_fault(const char *name)
{
	if (answer.label == seL4_Fault_UnknownSyscall) {
		hide_flags(seL4_UnknownSyscall_FLAGS);
	} else if (answer.label == seL4_Fault_UserException) {
		hide_flags(seL4_UserException_FLAGS);
	}
	show_answer(name);
}

static void show_registers(word tcb)
{
	word error = invoke(tcb, TCBReadRegisters, LIST(), LIST(0, CONTEXT_WORDS));
	hide_flags(2);
	show("  registers", error);
}

/* The fault, the registers as they stand then, and the next fault after an empty reply if the first was an exception
 * of some kind that can go on. */
static void show_wrong(const char *name, void (*function)(word), word endpoint, word reply)
{
	struct thread thread;
	make_thread(&thread, 0, function, 0, 100, endpoint);
	word argument[] = { 0, 9, (word)function, 0x7000000, 0x202, 0, 0, 0, 0, 0, (word)thread.buffer };
	argument[3] = (word)thread.buffer + 2048; /* a stack of its own, and rdi = its buffer */
	must(invoke(thread.tcb, TCBWriteRegisters, LIST(), (struct list){ argument, 11 }), "write registers");
	resume(&thread);
	receive((word)seL4_SysRecv, endpoint, reply);
	show_fault(name);
	show_registers(thread.tcb);
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
	show_fault(name);
	show_registers(thread.tcb);
	drop_thread(&thread);
}

static void test_replies(void)
{
	struct list registers = SYSCALL_REPLY;
	test_reply("unknown call, empty reply", two_calls, 0, LIST());
	test_reply("unknown call, all registers", two_calls, 0, registers);
	test_reply("unknown call, all registers, label", two_calls, 1, registers);
	test_reply("unknown call, five registers", two_calls, 0, LIST(1, 2, 3, 4, 5));
	test_reply("exception, empty reply", undefined, 0, LIST());
	test_reply("exception, new address", undefined, 0, LIST((word)after));
	test_reply("exception, address in the hole", undefined, 0, LIST(NOT_CANONICAL));
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
	show_fault("use it");
	show("FPU on", invoke(thread.tcb, TCBSetFlags, LIST(), LIST(1, 0)));
	send((word)seL4_SysSend, reply, 0, LIST(), LIST());
	receive((word)seL4_SysRecv, endpoint, reply);
	show_fault("goes on");
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
	            LIST(TIME(1000), TIME(1000000), 0, 0xabc, 0)), "budget");
	must(invoke(thread.tcb, TCBSetTimeoutEndpoint, LIST(mint(endpoint, 15, 0x66)), LIST()), "handler");
	resume(&thread);
	receive((word)seL4_SysRecv, endpoint, reply);
	show_number("timeout label", answer.label);
	show_number("  badge", answer.badge);
	show_number("  words", answer.length);
	show_number("  data", answer.words[0]);
	must(invoke(thread.tcb, TCBSetTimeoutEndpoint, LIST(0), LIST()), "no handler");
	must(invoke(thread.tcb, TCBSetSpace, LIST(mint(endpoint, 15, 0x67), seL4_CapInitThreadCNode,
	                                          seL4_CapInitThreadVSpace),
	            LIST(0, 0)), "fault handler");
	must(invoke(info->schedcontrol.start, SchedControlConfigureFlags, LIST(thread.sc), LIST(TIME(1000), TIME(1000),
		0, 0, 0)), "budget");
	send((word)seL4_SysSend, reply, 0, LIST(), TIMEOUT_REPLY);
	receive((word)seL4_SysRecv, endpoint, reply);
	show_fault("goes on elsewhere");
	show_registers(thread.tcb);
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
