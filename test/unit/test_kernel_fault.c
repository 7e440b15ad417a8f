/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults told by message, and what the answers do; interrupts; system calls that do not exist. */
#include "test/support/fakeport.h"
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include <sel4/faults.h>
#include "kernel/core/slot.h"
#include "test/support/kernelcheck.h"

enum { EP = FAKE_FREE, NTFN, BADGED, A, B, C, D, E, NODE, T1 = FAKE_FREE + 10, T2 = T1 + THREAD_SLOTS };
#define LOW     100
#define BADGE   0xfau
#define HANDLER FAKE_FREE /* the endpoint */

struct world {
	struct fake *f;
	struct tcb  *root, *child;
};

/* A child whose faults come to the root, which is more important and does not wait yet. */
static struct world world_new(void)
{
	struct world w = { .f = fake_new() };
	w.root = w.f->root;
	assert_int_equal(fake_retype(w.f, seL4_EndpointObject, 0, EP, 1), seL4_NoError);
	assert_int_equal(fake_retype(w.f, seL4_NotificationObject, 0, NTFN, 1), seL4_NoError);
	assert_int_equal(fake_retype(w.f, seL4_ReplyObject, 0, A, 1), seL4_NoError);
	assert_int_equal(fake_mint(w.f, EP, BADGED, 15, BADGE), seL4_NoError);
	w.child = fake_thread(w.f, T1, LOW);
	assert_int_equal(CALL(w.f, T1 + THREAD_TCB, TCBSetSpace, WORDS(0, 0), CAPS(BADGED, FAKE_CNODE, FAKE_VSPACE)), seL4_NoError);
	return w;
}

/* The root receives, so the child runs. */
static void let_child_run(struct world *w)
{
	fake_receive(w->f, seL4_SysRecv, EP, A);
	fake_expect_current(w->f, w->child);
	for (word i = 0; i < REGISTER_COUNT; i++)
		w->child->registers[i] = 0x100 + i;
	w->child->registers[REG_NEXT_IP] = w->child->registers[REG_FAULT_IP] = 0x5000;
	w->child->registers[REG_RFLAGS] = 0x202;
}

static struct message expect_fault(struct world *w, word kind, word length)
{
	fake_expect_current(w->f, w->root);
	struct message m = fake_get(w->f, w->root);
	assert_int_equal(w->root->registers[REG_BADGE], BADGE);
	assert_int_equal(m.label, kind);
	assert_int_equal(m.length, length);
	assert_int_equal(w->child->state, THREAD_BLOCKED_ON_REPLY);
	kernelcheck_all(w->f);
	return m;
}

/* ---- the kinds of fault ---- */
static void test_vm_fault(void **state)
{
	(void)state;
	for (int fetch = 0; fetch < 2; fetch++) {
		struct world w = world_new();
		let_child_run(&w);
		kernel_vm_fault(&w.f->kernel, 0xdead000, 6, fetch);
		struct message m = expect_fault(&w, seL4_Fault_VMFault, seL4_VMFault_Length);
		assert_int_equal(m.words[seL4_VMFault_IP], 0x5000);
		assert_int_equal(m.words[seL4_VMFault_Addr], 0xdead000);
		assert_int_equal(m.words[seL4_VMFault_PrefetchFault], fetch);
		assert_int_equal(m.words[seL4_VMFault_FSR], 6);
		/* Whatever the answer says, the access is tried again, and no register is written. */
		m = (struct message){ .label = 1, WORDS(1, 2, 3, 4) };
		fake_reply_receive(w.f, EP, A, &m);
		fake_expect_current(w.f, w.child);
		assert_int_equal(w.child->registers[REG_NEXT_IP], 0x5000);
		assert_int_equal(w.child->registers[REG_RAX], 0x100 + REG_RAX);
		fake_free(w.f);
	}
}

static void test_exception(void **state)
{
	(void)state;
	struct world w = world_new();
	let_child_run(&w);
	kernel_exception(&w.f->kernel, 6, 0x77);
	struct message m = expect_fault(&w, seL4_Fault_UserException, seL4_UserException_Length);
	assert_int_equal(m.words[seL4_UserException_FaultIP], 0x5000);
	assert_int_equal(m.words[seL4_UserException_SP], 0x100 + REG_RSP);
	assert_int_equal(m.words[seL4_UserException_FLAGS], 0x202);
	assert_int_equal(m.words[seL4_UserException_Number], 6);
	assert_int_equal(m.words[seL4_UserException_Code], 0x77);
	/* The answer sets the first words it has: here instruction and stack pointer, not the flags. */
	w.root->registers[REG_MESSAGE + 2] = 0xcd5;
	m = (struct message){ .label = 0, WORDS(0x6000, 0x7000) };
	fake_reply_receive(w.f, EP, A, &m);
	fake_expect_current(w.f, w.child);
	assert_int_equal(w.child->registers[REG_NEXT_IP], 0x6000);
	assert_int_equal(w.child->registers[REG_RSP], 0x7000);
	assert_int_equal(w.child->registers[REG_RFLAGS], 0x202);
	fake_free(w.f);
}

static void test_exception_answers(void **state)
{
	(void)state;
	struct world w = world_new();
	let_child_run(&w);
	kernel_exception(&w.f->kernel, 6, 0);
	struct message m = { .label = 0, WORDS(0x6000, 0x7000, ~0ul, 1, 2, 3) };
	fake_reply_receive(w.f, EP, A, &m);
	assert_int_equal(w.child->registers[REG_RFLAGS], 0xcd5 | 0x202);
	/* Any other label: it stays stopped, though the registers are set. */
	kernel_exception(&w.f->kernel, 6, 0);
	m = (struct message){ .label = 5, WORDS(0x8000) };
	fake_reply_receive(w.f, EP, A, &m);
	assert_int_equal(w.child->state, THREAD_INACTIVE);
	assert_int_equal(w.child->registers[REG_FAULT_IP], 0x8000);
	assert_int_equal(w.child->fault.kind, seL4_Fault_NullFault);
	fake_free(w.f);
}

static void test_unknown_syscall(void **state)
{
	(void)state;
	struct world w = world_new();
	let_child_run(&w);
	word before[REGISTER_COUNT];
	fake_enter(w.f, -99);
	memcpy(before, w.child->registers, sizeof(before));
	struct message m = expect_fault(&w, seL4_Fault_UnknownSyscall, seL4_UnknownSyscall_Length);
	for (word i = 0; i < SYSCALL_MESSAGE_WORDS; i++)
		assert_int_equal(m.words[i], before[syscall_message_order[i]]);
	assert_int_equal(m.words[seL4_UnknownSyscall_FaultIP], 0x5000);
	assert_int_equal(m.words[seL4_UnknownSyscall_Syscall], (word)-99);
	/* All of them are written back; the handler skips the instruction. */
	m.label = 0;
	for (word i = 0; i < SYSCALL_MESSAGE_WORDS; i++)
		m.words[i] += 0x10000;
	m.words[seL4_UnknownSyscall_FLAGS] = 0x202;
	fake_reply_receive(w.f, EP, A, &m);
	fake_expect_current(w.f, w.child);
	for (word i = 0; i < SYSCALL_MESSAGE_WORDS; i++)
		if (syscall_message_order[i] != REG_RFLAGS)
			assert_int_equal(w.child->registers[syscall_message_order[i]], before[syscall_message_order[i]] + 0x10000);
	assert_int_equal(w.child->registers[REG_NEXT_IP], 0x15000);
	fake_free(w.f);
}

/* A handler without an IPC buffer sees and sets what fits in registers. */
static void test_handler_without_buffer(void **state)
{
	(void)state;
	struct world w = world_new();
	assert_int_equal(CALL(w.f, FAKE_TCB, TCBSetIPCBuffer, WORDS(0), CAPS(E)), seL4_NoError);
	let_child_run(&w);
	fake_enter(w.f, -99);
	expect_fault(&w, seL4_Fault_UnknownSyscall, MESSAGE_REGISTERS);
	struct message m = { .label = 0, .length = SYSCALL_MESSAGE_WORDS, .words = { 1, 2, 3, 4, 5 } };
	fake_reply_receive(w.f, EP, A, &m);
	fake_expect_current(w.f, w.child);
	assert_int_equal(w.child->registers[syscall_message_order[3]], 4);
	assert_int_equal(w.child->registers[syscall_message_order[4]], 0x100 + syscall_message_order[4]);
	fake_free(w.f);
}

/* ---- capability faults, in both phases and with every reason ---- */
static void give_child_cspace(struct world *w)
{
	/* 4 bits behind a guard of 56 bits: most addresses lead nowhere. */
	assert_int_equal(fake_retype(w->f, seL4_CapTableObject, 4, NODE, 1), seL4_NoError);
	assert_int_equal(CALL(w->f, T1 + THREAD_TCB, TCBSetSpace, WORDS(abi_cnode_data(0x35, 56), 0), CAPS(BADGED, NODE, FAKE_VSPACE)),
	                 seL4_NoError);
}

static void test_cap_fault_in_send(void **state)
{
	(void)state;
	struct world w = world_new();
	give_child_cspace(&w);
	let_child_run(&w);
	struct message m = { .label = 3, WORDS(1, 2) };
	fake_send(w.f, seL4_SysCall, 0x777, &m);
	m = expect_fault(&w, seL4_Fault_CapFault, seL4_CapFault_GuardMismatch_BitsFound + 1);
	assert_int_equal(m.words[seL4_CapFault_IP], 0x5000);
	assert_int_equal(m.words[seL4_CapFault_Addr], 0x777);
	assert_int_equal(m.words[seL4_CapFault_InRecvPhase], 0);
	assert_int_equal(m.words[seL4_CapFault_LookupFailureType], seL4_GuardMismatch);
	assert_int_equal(m.words[seL4_CapFault_BitsLeft], 64);
	assert_int_equal(m.words[seL4_CapFault_GuardMismatch_GuardFound], 0x35);
	assert_int_equal(m.words[seL4_CapFault_GuardMismatch_BitsFound], 56);
	/* A send that does not wait says nothing. */
	m = (struct message){ .label = 0 };
	fake_reply_receive(w.f, EP, A, &m);
	fake_expect_current(w.f, w.child);
	fake_send(w.f, seL4_SysNBSend, 0x777, &m);
	fake_expect_current(w.f, w.child);
	fake_free(w.f);
}

static void test_cap_fault_in_receive(void **state)
{
	(void)state;
	struct world w = world_new();
	let_child_run(&w);
	fake_receive(w.f, seL4_SysRecv, FAKE_TCB, A);
	struct message m = expect_fault(&w, seL4_Fault_CapFault, seL4_CapFault_BitsLeft + 1);
	assert_int_equal(m.words[seL4_CapFault_Addr], FAKE_TCB);
	assert_int_equal(m.words[seL4_CapFault_InRecvPhase], 1);
	assert_int_equal(m.words[seL4_CapFault_LookupFailureType], seL4_MissingCapability);
	assert_int_equal(m.words[seL4_CapFault_BitsLeft], 0);
	/* A receive without a reply object where one is needed names the reply register's capability. */
	m = (struct message){ .label = 0 };
	fake_reply_receive(w.f, EP, A, &m);
	fake_receive(w.f, seL4_SysRecv, EP, NTFN);
	m = expect_fault(&w, seL4_Fault_CapFault, seL4_CapFault_BitsLeft + 1);
	assert_int_equal(m.words[seL4_CapFault_Addr], NTFN);
	m = (struct message){ .label = 0 };
	fake_reply_receive(w.f, EP, A, &m);
	fake_receive(w.f, seL4_SysRecv, EP, 1ul << 40);
	m = expect_fault(&w, seL4_Fault_CapFault, seL4_CapFault_GuardMismatch_BitsFound + 1);
	assert_int_equal(m.words[seL4_CapFault_Addr], 1ul << 40);
	assert_int_equal(m.words[seL4_CapFault_InRecvPhase], 1);
	fake_free(w.f);
}

static void test_cap_fault_in_extra_caps(void **state)
{
	(void)state;
	struct world w = world_new();
	let_child_run(&w);
	struct message m = { .label = 3, CAPS(EP, 1ul << 20) };
	fake_send(w.f, seL4_SysSend, NTFN, &m);
	m = expect_fault(&w, seL4_Fault_CapFault, seL4_CapFault_GuardMismatch_BitsFound + 1);
	assert_int_equal(m.words[seL4_CapFault_Addr], 1ul << 20);
	assert_int_equal(((struct notification *)cap_object(fake_cap(w.f, NTFN)))->state, NOTIFICATION_IDLE);
	fake_free(w.f);
}

static void test_cap_fault_invalid_root(void **state)
{
	(void)state;
	struct world w = world_new();
	give_child_cspace(&w);
	let_child_run(&w);
	/* Its CSpace is revoked from under it. */
	slot_clear(&w.child->slots[TCB_SLOT_CSPACE]);
	struct message m = { .label = 3 };
	fake_send(w.f, seL4_SysSend, 1, &m);
	m = expect_fault(&w, seL4_Fault_CapFault, seL4_CapFault_LookupFailureType + 1);
	assert_int_equal(m.words[seL4_CapFault_LookupFailureType], seL4_InvalidRoot);
	fake_free(w.f);
}

/* ---- no handler, cancelled handlers ---- */
static void test_no_handler(void **state)
{
	(void)state;
	struct world w = world_new();
	assert_int_equal(CALL(w.f, T1 + THREAD_TCB, TCBSetSpace, WORDS(0, 0), CAPS(E, FAKE_CNODE, FAKE_VSPACE)), seL4_NoError);
	let_child_run(&w);
	kernel_vm_fault(&w.f->kernel, 1, 2, false);
	kernelcheck_all(w.f);
	assert_int_equal(w.child->state, THREAD_INACTIVE);
	fake_expect_current(w.f, &w.f->kernel.idle);
	fake_free(w.f);
}

/* The endpoint goes while the fault waits to be received: the thread stays stopped, and can be resumed. */
static void test_handler_deleted(void **state)
{
	(void)state;
	struct world w = world_new();
	fake_receive(w.f, seL4_SysWait, NTFN, 0);
	fake_expect_current(w.f, w.child);
	kernel_vm_fault(&w.f->kernel, 1, 2, false);
	assert_int_equal(w.child->state, THREAD_BLOCKED_ON_SEND);
	w.f->kernel.irq_states[20] = IRQ_SIGNAL;
	slot_insert(fake_cap(w.f, NTFN), &w.f->cnode[NTFN], &w.f->kernel.irq_slots[20]);
	kernel_interrupt(&w.f->kernel, 20);
	fake_expect_current(w.f, w.root);
	assert_int_equal(fake_revoke(w.f, EP), seL4_NoError);
	assert_int_equal(fake_delete(w.f, EP), seL4_NoError);
	assert_int_equal(w.child->state, THREAD_INACTIVE);
	assert_int_equal(CALL(w.f, T1 + THREAD_TCB, TCBResume, .length = 0), seL4_NoError);
	assert_int_equal(w.child->state, THREAD_RESTART);
	assert_int_equal(w.child->fault.kind, seL4_Fault_NullFault);
	fake_free(w.f);
}

/* A faulting thread lends its context to a handler that has none, and gets it back with the answer. */
static void test_passive_handler(void **state)
{
	(void)state;
	struct world w = world_new();
	struct tcb *handler = fake_thread(w.f, T2, 255);
	fake_receive(w.f, seL4_SysRecv, EP, T2 + THREAD_REPLY);
	assert_int_equal(CALL(w.f, T2 + THREAD_SC, SchedContextUnbind, .length = 0), seL4_NoError);
	struct sched_context *lent = w.child->sc;
	fake_receive(w.f, seL4_SysWait, NTFN, 0);
	fake_expect_current(w.f, w.child);
	kernel_vm_fault(&w.f->kernel, 1, 2, false);
	fake_expect_current(w.f, handler);
	assert_ptr_equal(handler->sc, lent);
	struct message m = { .label = 0 };
	fake_reply_receive(w.f, EP, T2 + THREAD_REPLY, &m);
	fake_expect_current(w.f, w.child);
	assert_ptr_equal(w.child->sc, lent);
	fake_free(w.f);
}

/* ---- timeouts ---- */
static void test_timeout(void **state)
{
	(void)state;
	struct world w = world_new();
	assert_int_equal(CALL(w.f, FAKE_SCHED_CONTROL, SchedControlConfigureFlags, WORDS(100, 1000, 0, 0x70, 0), CAPS(T1 + THREAD_SC)),
	                 seL4_NoError);
	assert_int_equal(CALL(w.f, T1 + THREAD_TCB, TCBSetTimeoutEndpoint, CAPS(BADGED)), seL4_NoError);
	let_child_run(&w);
	fake_wait(w.f, 150);
	struct message m = expect_fault(&w, seL4_Fault_Timeout, seL4_Timeout_Length);
	assert_int_equal(m.words[seL4_Timeout_Data], 0x70);
	assert_in_range(m.words[seL4_Timeout_Consumed], 75, 100);
	/* The answer may set all registers; the thread goes on when it has budget again. */
	m = (struct message){ .label = 0, .length = TIMEOUT_MESSAGE_WORDS };
	for (word i = 0; i < TIMEOUT_MESSAGE_WORDS; i++)
		m.words[i] = 0x9000 + i;
	fake_reply_receive(w.f, EP, A, &m);
	assert_true(w.child->is_waiting_for_budget);
	fake_expect_current(w.f, &w.f->kernel.idle);
	fake_wait(w.f, 900);
	fake_expect_current(w.f, w.child);
	assert_int_equal(w.child->registers[REG_NEXT_IP], 0x9000);
	assert_int_equal(w.child->registers[REG_FS_BASE], 0x9000 + 18);
	fake_free(w.f);
}

/* Round robin has no timeouts. */
static void test_no_timeout_in_round_robin(void **state)
{
	(void)state;
	struct world w = world_new();
	assert_int_equal(CALL(w.f, T1 + THREAD_TCB, TCBSetTimeoutEndpoint, CAPS(BADGED)), seL4_NoError);
	let_child_run(&w);
	fake_wait(w.f, 5000);
	fake_expect_current(w.f, w.child);
	fake_free(w.f);
}

/* ---- interrupts ---- */
static word issue(struct fake *f, struct message *answer, word slot, word ioapic, word pin, word level, word polarity, word irq)
{
	return CALL_ANSWER(f, answer, FAKE_IRQ_CONTROL, X86IRQIssueIRQHandlerIOAPIC,
	                   WORDS(slot, 64, ioapic, pin, level, polarity, irq), CAPS(FAKE_CNODE));
}

static void test_irq_refusals(void **state)
{
	(void)state;
	struct fake *f = world_new().f;
	struct message answer;
	assert_int_equal(CALL(f, FAKE_IRQ_CONTROL, IRQIssueIRQHandler, WORDS(1, B), CAPS(FAKE_CNODE)), seL4_TruncatedMessage);
	assert_int_equal(CALL(f, FAKE_IRQ_CONTROL, IRQIssueIRQHandler, WORDS(1, B, 64), CAPS(FAKE_CNODE)), seL4_IllegalOperation);
	assert_int_equal(CALL(f, FAKE_IRQ_CONTROL, UntypedRetype, WORDS(1, B, 64), CAPS(FAKE_CNODE)), seL4_IllegalOperation);
	assert_int_equal(CALL(f, FAKE_IRQ_CONTROL, X86IRQIssueIRQHandlerIOAPIC, WORDS(B, 64, 0, 0, 0, 0), CAPS(FAKE_CNODE)),
	                 seL4_TruncatedMessage);
	assert_int_equal(CALL(f, FAKE_IRQ_CONTROL, X86IRQIssueIRQHandlerIOAPIC, WORDS(B, 64, 0, 0, 0, 0, 0)), seL4_TruncatedMessage);
	static const struct { word slot, ioapic, pin, level, polarity, irq, max; } out_of_range[] = {
		{ EP, 9, 99, 9, 9, 108, 107 }, { B, 1, 99, 9, 9, 0, 0 }, { B, 0, 24, 9, 9, 0, 23 }, { B, 0, 23, 2, 9, 0, 1 },
		{ B, 0, 23, 2, 0, 0, 1 }, { B, 0, 23, 1, 2, 0, 1 },
	};
	for (size_t i = 0; i < sizeof(out_of_range) / sizeof(out_of_range[0]); i++) {
		assert_int_equal(issue(f, &answer, out_of_range[i].slot, out_of_range[i].ioapic, out_of_range[i].pin,
		                       out_of_range[i].level, out_of_range[i].polarity, out_of_range[i].irq), seL4_RangeError);
		assert_int_equal(answer.words[0], 0);
		assert_int_equal(answer.words[1], out_of_range[i].max);
	}
	f->ioapics = 0;
	assert_int_equal(issue(f, &answer, B, 0, 1, 0, 0, 0), seL4_IllegalOperation);
	f->ioapics = 1;
	assert_int_equal(CALL(f, FAKE_IRQ_CONTROL, X86IRQIssueIRQHandlerIOAPIC, WORDS(B, 65, 1, 0, 0, 0, 0), CAPS(FAKE_CNODE)),
	                 seL4_RangeError);
	assert_int_equal(issue(f, &answer, EP, 0, 1, 0, 0, 0), seL4_DeleteFirst);
	assert_int_equal(issue(f, &answer, B, 0, 4, 1, 0, 7), seL4_NoError);
	assert_int_equal(issue(f, &answer, EP, 0, 4, 1, 0, 7), seL4_RevokeFirst);
	static const word route[] = { 0, 4, 1, 0, IRQ_USER_FIRST + 7 };
	assert_memory_equal(f->route, route, sizeof(route));
	/* Message-signalled: the place on the bus is checked. */
	static const struct { word bus, device, function, max; } places[] = { { 256, 32, 8, 255 }, { 255, 32, 8, 31 }, { 255, 31, 8, 7 } };
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(CALL_ANSWER(f, &answer, FAKE_IRQ_CONTROL, X86IRQIssueIRQHandlerMSI,
		                             WORDS(C, 64, places[i].bus, places[i].device, places[i].function, 0, 9), CAPS(FAKE_CNODE)),
		                 seL4_RangeError);
		assert_int_equal(answer.words[1], places[i].max);
	}
	assert_int_equal(CALL(f, FAKE_IRQ_CONTROL, X86IRQIssueIRQHandlerMSI, WORDS(C, 64, 1, 2, 3, 0, 9), CAPS(FAKE_CNODE)), seL4_NoError);
	assert_memory_equal(f->route, route, sizeof(route));
	fake_free(f);
}

static bool is_masked(const struct fake *f, word irq)
{
	return f->irq_masked[irq / 64] >> irq % 64 & 1;
}

static void test_irq(void **state)
{
	(void)state;
	struct world w = world_new();
	struct fake *f = w.f;
	struct message answer;
	const word irq = IRQ_USER_FIRST + 4;
	assert_int_equal(issue(f, &answer, B, 0, 4, 0, 0, 4), seL4_NoError);
	assert_false(is_masked(f, irq));
	assert_int_equal(fake_mint(f, NTFN, C, 15, 0x40), seL4_NoError);
	assert_int_equal(fake_copy(f, NTFN, D, ABI_RIGHT_READ), seL4_NoError);
	assert_int_equal(CALL(f, B, IRQSetIRQHandler, .length = 0), seL4_TruncatedMessage);
	assert_int_equal(CALL_ANSWER(f, &answer, B, IRQSetIRQHandler, CAPS(EP)), seL4_InvalidCapability);
	assert_int_equal(answer.words[0], 0);
	assert_int_equal(CALL(f, B, IRQSetIRQHandler, CAPS(D)), seL4_InvalidCapability);
	assert_int_equal(CALL(f, B, UntypedRetype, CAPS(D)), seL4_IllegalOperation);
	assert_int_equal(CALL(f, B, IRQSetIRQHandler, CAPS(C)), seL4_NoError);
	/* It arrives: signalled, masked until it is acknowledged. */
	kernel_interrupt(&f->kernel, irq);
	assert_true(is_masked(f, irq));
	assert_int_equal(f->irq_acked, irq);
	fake_receive(f, seL4_SysWait, NTFN, 0);
	fake_expect_current(f, w.root);
	assert_int_equal(w.root->registers[REG_BADGE], 0x40);
	assert_int_equal(CALL(f, B, IRQAckIRQ, .length = 0), seL4_NoError);
	assert_false(is_masked(f, irq));
	/* Set again replaces, clear takes away; then it is masked and nobody hears of it. */
	assert_int_equal(CALL(f, B, IRQSetIRQHandler, CAPS(NTFN)), seL4_NoError);
	assert_int_equal(CALL(f, B, IRQClearIRQHandler, .length = 0), seL4_NoError);
	kernel_interrupt(&f->kernel, irq);
	kernelcheck_all(f);
	fake_receive(f, seL4_SysNBWait, NTFN, 0);
	assert_int_equal(w.root->registers[REG_BADGE], 0);
	/* The last handler capability goes: inactive, and its notification forgotten. */
	assert_int_equal(CALL(f, B, IRQSetIRQHandler, CAPS(NTFN)), seL4_NoError);
	assert_int_equal(fake_delete(f, B), seL4_NoError);
	assert_int_equal(f->kernel.irq_states[irq], IRQ_INACTIVE);
	assert_true(cte_is_empty(&f->kernel.irq_slots[irq]));
	kernel_interrupt(&f->kernel, irq);
	assert_true(is_masked(f, irq));
	/* One that does not exist. */
	kernel_interrupt(&f->kernel, IRQ_COUNT - 1);
	kernel_interrupt(&f->kernel, 255);
	kernelcheck_all(f);
	fake_free(f);
}

/* ---- the rest ---- */
static void test_domain(void **state)
{
	(void)state;
	struct fake *f = world_new().f;
	struct message answer;
	assert_int_equal(CALL(f, FAKE_DOMAIN, DomainSetSet, .length = 0, CAPS(FAKE_TCB)), seL4_TruncatedMessage);
	assert_int_equal(CALL_ANSWER(f, &answer, FAKE_DOMAIN, DomainSetSet, WORDS(1), CAPS(FAKE_TCB)), seL4_InvalidArgument);
	assert_int_equal(answer.words[0], 0);
	assert_int_equal(CALL(f, FAKE_DOMAIN, DomainSetSet, WORDS(0)), seL4_TruncatedMessage);
	assert_int_equal(CALL_ANSWER(f, &answer, FAKE_DOMAIN, DomainSetSet, WORDS(0), CAPS(EP)), seL4_InvalidArgument);
	assert_int_equal(answer.words[0], 1);
	assert_int_equal(CALL(f, FAKE_DOMAIN, DomainSetSet, WORDS(0), CAPS(FAKE_TCB)), seL4_NoError);
	assert_int_equal(CALL(f, FAKE_DOMAIN, DomainScheduleConfigure, WORDS(0, 0, 0)), seL4_IllegalOperation);
	fake_free(f);
}

/* Every number, every register full of rubbish, from a thread with a handler: no crash, and the invariants hold. */
static void test_any_syscall(void **state)
{
	(void)state;
	for (sword number = -20; number <= 2; number++) {
		if (number == seL4_SysYield)
			continue;
#if ABI_PRINTING
		if (number == seL4_SysDebugHalt)
			continue;
#endif
		for (word rubbish = 0; rubbish < 3; rubbish++) {
			struct world w = world_new();
			let_child_run(&w);
			for (word i = 0; i < REGISTER_COUNT; i++)
				w.child->registers[i] = rubbish == 0 ? 0 : rubbish == 1 ? ~0ul : 0x5555555555555555ul * (i + 1);
			fake_enter(w.f, number);
			fake_free(w.f);
		}
	}
}

#if ABI_PRINTING
static void test_debug_calls(void **state)
{
	(void)state;
	struct fake *f = world_new().f;
	f->root->registers[REG_CAP] = 'x';
	fake_enter(f, seL4_SysDebugPutChar);
	assert_int_equal(f->route[0], 'x');
	f->root->registers[REG_CAP] = FAKE_TCB;
	fake_enter(f, seL4_SysDebugCapIdentify);
	assert_int_equal(f->root->registers[REG_CAP], 12);
	if (setjmp(f->panic_jump) == 0) {
		fake_enter(f, seL4_SysDebugHalt);
		fail();
	}
	fake_free(f);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vm_fault),
		cmocka_unit_test(test_exception),
		cmocka_unit_test(test_exception_answers),
		cmocka_unit_test(test_unknown_syscall),
		cmocka_unit_test(test_handler_without_buffer),
		cmocka_unit_test(test_cap_fault_in_send),
		cmocka_unit_test(test_cap_fault_in_receive),
		cmocka_unit_test(test_cap_fault_in_extra_caps),
		cmocka_unit_test(test_cap_fault_invalid_root),
		cmocka_unit_test(test_no_handler),
		cmocka_unit_test(test_handler_deleted),
		cmocka_unit_test(test_passive_handler),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_no_timeout_in_round_robin),
		cmocka_unit_test(test_irq_refusals),
		cmocka_unit_test(test_irq),
		cmocka_unit_test(test_domain),
		cmocka_unit_test(test_any_syscall),
#if ABI_PRINTING
		cmocka_unit_test(test_debug_calls),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
