/* SPDX-License-Identifier: BSD-2-Clause */
/* Invocations of TCBs: what each does, and each refusal. */
#include "test/support/fakeport.h"
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "kernel/core/slot.h"
#include "test/support/kernelcheck.h"

enum { EP = FAKE_FREE, NTFN, NODE, A, B, C, D, E, T = FAKE_FREE + 10, T2 = T + THREAD_SLOTS };
#define TCB (T + THREAD_TCB)
#define LOW 100

static struct fake *world(void)
{
	struct fake *f = fake_new();
	assert_int_equal(fake_retype(f, seL4_EndpointObject, 0, EP, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_NotificationObject, 0, NTFN, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_CapTableObject, 4, NODE, 1), seL4_NoError);
	return f;
}

#define EXPECT(error_, call_, ...) \
	do { \
		static const word details_[] = { __VA_ARGS__ }; \
		struct message answer; \
		assert_int_equal((call_), (error_)); \
		assert_int_equal(answer.length, sizeof(details_) / sizeof(word)); \
		for (word i_ = 0; i_ < answer.length; i_++) \
			assert_int_equal(answer.words[i_], details_[i_]); \
	} while (0)
#define ASK(cap_, label_, ...) CALL_ANSWER(f, &answer, (cap_), (label_), __VA_ARGS__)

/* ---- registers ---- */
static void test_write_and_read_registers(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *tcb = fake_thread(f, T, LOW);
	struct message m = { .label = TCBWriteRegisters, .length = 2 + ABI_CONTEXT_WORDS, .words = { 0, ABI_CONTEXT_WORDS } };
	for (word i = 0; i < ABI_CONTEXT_WORDS; i++)
		m.words[2 + i] = 0x1000 + i;
	struct message answer;
	assert_int_equal(fake_call(f, TCB, &m, NULL), seL4_NoError);
	assert_int_equal(tcb->registers[REG_FAULT_IP], 0x1000);
	assert_int_equal(tcb->registers[REG_NEXT_IP], 0x1000);
	/* Flags are what user code may set. */
	assert_int_equal(tcb->registers[REG_RFLAGS], (0x1002 & 0xcd5) | 0x202);
	assert_int_equal(ASK(TCB, TCBReadRegisters, WORDS(0, ABI_CONTEXT_WORDS)), seL4_NoError);
	assert_int_equal(answer.length, ABI_CONTEXT_WORDS);
	for (word i = 0; i < ABI_CONTEXT_WORDS; i++)
		assert_int_equal(answer.words[i], i == 2 ? 0x202 : 0x1000 + i);
	/* The first ones only. */
	m.words[1] = 2, m.words[2] = 0x5000, m.words[3] = 0x6000, m.words[4] = 0x7000, m.words[5] = 0x8000;
	assert_int_equal(fake_call(f, TCB, &m, NULL), seL4_NoError);
	assert_int_equal(tcb->registers[REG_FAULT_IP], 0x5000);
	assert_int_equal(tcb->registers[REG_RSP], 0x6000);
	assert_int_equal(tcb->registers[REG_RAX], 0x1003);
	/* Nobody who does not wait for an answer gets one. */
	f->root->registers[REG_BADGE] = 1;
	fake_send(f, seL4_SysSend, TCB, &(struct message){ .label = TCBReadRegisters, WORDS(0, 2, 77, 78) });
	assert_int_equal(f->root->registers[REG_MESSAGE], 0);
	assert_int_equal(f->root->registers[REG_MESSAGE + 2], 77);
	/* More than there are: the rest does not count. */
	m.words[1] = 30, m.length = 40;
	assert_int_equal(fake_call(f, TCB, &m, NULL), seL4_NoError);
	fake_free(f);
}

static void test_registers_resume_and_suspend(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *tcb = fake_passive_thread(f, T, LOW);
	assert_int_equal(tcb->state, THREAD_INACTIVE);
	assert_int_equal(CALL(f, TCB, TCBWriteRegisters, WORDS(1, 1, 0x9000)), seL4_NoError);
	assert_int_equal(tcb->state, THREAD_RESTART);
	assert_int_equal(CALL(f, TCB, TCBReadRegisters, WORDS(0, 1)), seL4_NoError);
	assert_int_equal(tcb->state, THREAD_RESTART);
	struct message answer;
	assert_int_equal(ASK(TCB, TCBReadRegisters, WORDS(1, 1)), seL4_NoError);
	assert_int_equal(answer.length, 1);
	assert_int_equal(answer.words[0], 0x9000);
	assert_int_equal(tcb->state, THREAD_INACTIVE);
	fake_free(f);
}

/* A thread that waits in a system call goes on with all its registers after they were written, not with those that a return
 * from a system call restores. */
static void test_written_registers_are_restored(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *tcb = fake_thread(f, T, 255), *other = fake_thread(f, T2, LOW);
	fake_expect_current(f, tcb);
	tcb->registers[REG_ERROR] = ERROR_SYSCALL;
	fake_receive(f, seL4_SysWait, EP, 0);
	fake_expect_current(f, f->root);
	assert_int_equal(CALL(f, TCB, TCBWriteRegisters, WORDS(0, 1, 0x9000)), seL4_NoError);
	assert_int_equal(tcb->registers[REG_ERROR], 0);
	tcb->registers[REG_ERROR] = ERROR_SYSCALL;
	assert_int_equal(CALL(f, TCB, TCBCopyRegisters, WORDS(4), CAPS(T2 + THREAD_TCB)), seL4_NoError);
	assert_int_equal(tcb->registers[REG_ERROR], 0);
	assert_non_null(other);
	/* Into oneself: one is in a system call and returns from it. */
	f->root->registers[REG_ERROR] = ERROR_SYSCALL;
	assert_int_equal(CALL(f, FAKE_TCB, TCBCopyRegisters, WORDS(8), CAPS(T2 + THREAD_TCB)), seL4_NoError);
	assert_int_equal(f->root->registers[REG_ERROR], ERROR_SYSCALL);
	fake_free(f);
}

static void test_register_refusals(void **state)
{
	(void)state;
	struct fake *f = world();
	fake_thread(f, T, LOW);
	EXPECT(seL4_TruncatedMessage, ASK(TCB, TCBReadRegisters, WORDS(0)));
	EXPECT(seL4_RangeError, ASK(TCB, TCBReadRegisters, WORDS(0, 0)), 1, ABI_CONTEXT_WORDS);
	EXPECT(seL4_RangeError, ASK(TCB, TCBReadRegisters, WORDS(0, ABI_CONTEXT_WORDS + 1)), 1, ABI_CONTEXT_WORDS);
	EXPECT(seL4_IllegalOperation, ASK(FAKE_TCB, TCBReadRegisters, WORDS(0, 1)));
	EXPECT(seL4_RangeError, ASK(FAKE_TCB, TCBReadRegisters, WORDS(0, 0)), 1, ABI_CONTEXT_WORDS);
	EXPECT(seL4_TruncatedMessage, ASK(TCB, TCBWriteRegisters, WORDS(0)));
	EXPECT(seL4_TruncatedMessage, ASK(TCB, TCBWriteRegisters, WORDS(0, 2, 1)));
	EXPECT(seL4_TruncatedMessage, ASK(TCB, TCBWriteRegisters, WORDS(0, ~0ul, 1)));
	EXPECT(seL4_IllegalOperation, ASK(FAKE_TCB, TCBWriteRegisters, WORDS(0, 1, 1)));
	EXPECT(seL4_TruncatedMessage, ASK(TCB, TCBCopyRegisters, CAPS(FAKE_TCB)));
	EXPECT(seL4_TruncatedMessage, ASK(TCB, TCBCopyRegisters, WORDS(0)));
	EXPECT(seL4_InvalidCapability, ASK(TCB, TCBCopyRegisters, WORDS(0), CAPS(EP)), 1);
	EXPECT(seL4_TruncatedMessage, ASK(TCB, TCBSetTLSBase, .length = 0));
	EXPECT(seL4_TruncatedMessage, ASK(TCB, TCBSetFlags, WORDS(0)));
	EXPECT(seL4_IllegalOperation, ASK(TCB, UntypedRetype, WORDS(0)));
	EXPECT(seL4_IllegalOperation, ASK(TCB, 9999, WORDS(0)));
#if ABI_HARDWARE_DEBUG
	EXPECT(seL4_IllegalOperation, ASK(TCB, TCBSetBreakpoint, WORDS(0, 0, 0, 0, 0)));
#endif
	fake_free(f);
}

static void test_copy_registers(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *from = fake_thread(f, T, LOW), *to = fake_passive_thread(f, T2, LOW);
	from->registers[REG_RBX] = 77, from->registers[REG_FS_BASE] = 88;
	assert_int_equal(CALL(f, T2 + THREAD_TCB, TCBCopyRegisters, WORDS(4), CAPS(TCB)), seL4_NoError);
	assert_int_equal(to->registers[REG_RBX], 77);
	assert_int_equal(to->registers[REG_FS_BASE], 0);
	assert_int_equal(to->registers[REG_NEXT_IP], from->registers[REG_FAULT_IP]);
	assert_int_equal(to->state, THREAD_INACTIVE);
	assert_int_equal(from->state, THREAD_RESTART);
	from->registers[REG_RBX] = 99;
	assert_int_equal(CALL(f, T2 + THREAD_TCB, TCBCopyRegisters, WORDS(1 | 2 | 8), CAPS(TCB)), seL4_NoError);
	assert_int_equal(to->registers[REG_FS_BASE], 88);
	assert_int_equal(to->registers[REG_RBX], 77);
	assert_int_equal(to->state, THREAD_RESTART);
	assert_int_equal(from->state, THREAD_INACTIVE);
	fake_free(f);
}

static void test_tls_base_and_flags(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *tcb = fake_thread(f, T, LOW);
	assert_int_equal(CALL(f, TCB, TCBSetTLSBase, WORDS(0x123456)), seL4_NoError);
	assert_int_equal(tcb->registers[REG_TLS_BASE], 0x123456);
	assert_int_equal(CALL(f, FAKE_TCB, TCBSetTLSBase, WORDS(0x777)), seL4_NoError);
	assert_int_equal(f->root->registers[REG_TLS_BASE], 0x777);
	EXPECT(seL4_NoError, ASK(TCB, TCBSetFlags, WORDS(0, 0)), 0);
	assert_null(f->fpu_released);
	EXPECT(seL4_NoError, ASK(TCB, TCBSetFlags, WORDS(0, 0xff)), seL4_TCBFlag_fpuDisabled);
	assert_ptr_equal(f->fpu_released, tcb);
	EXPECT(seL4_NoError, ASK(TCB, TCBSetFlags, WORDS(0, 0)), seL4_TCBFlag_fpuDisabled);
	EXPECT(seL4_NoError, ASK(TCB, TCBSetFlags, WORDS(1, 0)), 0);
	fake_free(f);
}

/* ---- spaces ---- */
static void test_configure(void **state)
{
	(void)state;
	struct fake *f = world();
	assert_int_equal(fake_retype(f, seL4_TCBObject, 0, T, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_X86_4K, 0, A, 1), seL4_NoError);
	struct tcb *tcb = fake_tcb(f, T);
	word guard = abi_cnode_data(3, 60);
	assert_int_equal(CALL(f, T, TCBConfigure, WORDS(guard, 0, 0x40000400), CAPS(NODE, FAKE_VSPACE, A)), seL4_NoError);
	assert_ptr_equal(cap_object(tcb->slots[TCB_SLOT_CSPACE].cap), cap_object(fake_cap(f, NODE)));
	assert_int_equal(cap_data(tcb->slots[TCB_SLOT_CSPACE].cap), guard);
	assert_int_equal(cap_kind(tcb->slots[TCB_SLOT_VSPACE].cap), CAP_VSPACE);
	assert_ptr_equal(thread_buffer(tcb, true), (uint8_t *)cap_object(fake_cap(f, A)) + 0x400);
	/* It leaves the fault handler alone, and data 0 keeps the guard of the capability. */
	assert_int_equal(CALL(f, T, TCBSetSpace, WORDS(0, 0), CAPS(EP, FAKE_CNODE, FAKE_VSPACE)), seL4_NoError);
	assert_int_equal(cap_data(tcb->slots[TCB_SLOT_CSPACE].cap), cap_data(fake_cap(f, FAKE_CNODE)));
	assert_int_equal(CALL(f, T, TCBConfigure, WORDS(guard, 0, 0), CAPS(NODE, FAKE_VSPACE, EP)), seL4_NoError);
	assert_int_equal(cap_kind(tcb->slots[TCB_SLOT_FAULT].cap), CAP_ENDPOINT);
	assert_true(cte_is_empty(&tcb->slots[TCB_SLOT_BUFFER]));
	/* SetSpace with an empty slot takes the handler away. */
	assert_int_equal(CALL(f, T, TCBSetSpace, WORDS(0, 0), CAPS(E, FAKE_CNODE, FAKE_VSPACE)), seL4_NoError);
	assert_true(cte_is_empty(&tcb->slots[TCB_SLOT_FAULT]));
	/* What is in the TCB's slots are children: revoking the VSpace's takes it out of the TCB, too. */
	assert_int_equal(fake_delete(f, T), seL4_NoError);
	assert_true(cte_is_empty(&tcb->slots[TCB_SLOT_CSPACE]));
	fake_free(f);
}

static void test_configure_refusals(void **state)
{
	(void)state;
	struct fake *f = world();
	assert_int_equal(fake_retype(f, seL4_TCBObject, 0, T, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_X86_4K, 0, A, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_X64_PML4Object, 0, B, 1), seL4_NoError);
	assert_int_equal(fake_retype_from(f, FAKE_DEVICE, seL4_X86_4K, 0, C, 1), seL4_NoError);
	EXPECT(seL4_TruncatedMessage, ASK(T, TCBConfigure, WORDS(0, 0), CAPS(NODE, FAKE_VSPACE, A)));
	EXPECT(seL4_TruncatedMessage, ASK(T, TCBConfigure, WORDS(0, 0, 0), CAPS(NODE, FAKE_VSPACE)));
	/* The buffer first: what is not a frame, a device, not aligned. */
	EXPECT(seL4_IllegalOperation, ASK(T, TCBConfigure, WORDS(0, 0, 0x400), CAPS(EP, EP, EP)));
	EXPECT(seL4_IllegalOperation, ASK(T, TCBConfigure, WORDS(0, 0, 0x401), CAPS(EP, EP, C)));
	EXPECT(seL4_AlignmentError, ASK(T, TCBConfigure, WORDS(0, 0, 0x600), CAPS(EP, EP, A)));
	EXPECT(seL4_IllegalOperation, ASK(T, TCBConfigure, WORDS(0, 0, 0x400), CAPS(EP, FAKE_VSPACE, A)));
	EXPECT(seL4_IllegalOperation, ASK(T, TCBConfigure, WORDS(abi_cnode_data(0, 61), 0, 0x400), CAPS(NODE, FAKE_VSPACE, A)));
	EXPECT(seL4_IllegalOperation, ASK(T, TCBConfigure, WORDS(0, 0, 0x400), CAPS(NODE, EP, A)));
	/* A VSpace root without an ASID. */
	EXPECT(seL4_IllegalOperation, ASK(T, TCBConfigure, WORDS(0, 0, 0x400), CAPS(NODE, B, A)));
	EXPECT(seL4_TruncatedMessage, ASK(T, TCBSetSpace, WORDS(0), CAPS(EP, NODE, FAKE_VSPACE)));
	EXPECT(seL4_TruncatedMessage, ASK(T, TCBSetSpace, WORDS(0, 0), CAPS(EP, NODE)));
	EXPECT(seL4_IllegalOperation, ASK(T, TCBSetSpace, WORDS(0, 0), CAPS(NTFN, EP, FAKE_VSPACE)));
	EXPECT(seL4_IllegalOperation, ASK(T, TCBSetSpace, WORDS(0, 0), CAPS(NTFN, NODE, B)));
	EXPECT(seL4_InvalidCapability, ASK(T, TCBSetSpace, WORDS(0, 0), CAPS(NTFN, NODE, FAKE_VSPACE)), 1);
	EXPECT(seL4_TruncatedMessage, ASK(T, TCBSetIPCBuffer, .length = 0, CAPS(A)));
	EXPECT(seL4_TruncatedMessage, ASK(T, TCBSetIPCBuffer, WORDS(0)));
	EXPECT(seL4_IllegalOperation, ASK(T, TCBSetIPCBuffer, WORDS(0x400), CAPS(EP)));
	EXPECT(seL4_AlignmentError, ASK(T, TCBSetIPCBuffer, WORDS(0x500), CAPS(A)));
	struct tcb *tcb = fake_tcb(f, T);
	for (word i = 0; i < TCB_SLOT_COUNT; i++)
		assert_true(cte_is_empty(&tcb->slots[i]));
	/* Why a capability can't be copied is told: one with children. */
	EXPECT(seL4_RevokeFirst, ASK(T, TCBSetIPCBuffer, WORDS(0x400), CAPS(FAKE_UNTYPED)));
	EXPECT(seL4_RevokeFirst, ASK(T, TCBConfigure, WORDS(0, 0, 0), CAPS(FAKE_UNTYPED, FAKE_VSPACE, A)));
	EXPECT(seL4_RevokeFirst, ASK(T, TCBConfigure, WORDS(0, 0, 0), CAPS(NODE, FAKE_UNTYPED, A)));
	/* A refusal changes nothing. */
	assert_int_equal(CALL(f, T, TCBConfigure, WORDS(0, 0, 0x400), CAPS(NODE, FAKE_VSPACE, A)), seL4_NoError);
	EXPECT(seL4_AlignmentError, ASK(T, TCBSetIPCBuffer, WORDS(0x500), CAPS(A)));
	assert_non_null(thread_buffer(tcb, true));
	assert_int_equal(tcb->buffer_address, 0x400);
	fake_free(f);
}

static void test_own_space(void **state)
{
	(void)state;
	struct fake *f = world();
	unsigned switches = f->switches;
	assert_int_equal(CALL(f, FAKE_TCB, TCBSetSpace, WORDS(0, 0), CAPS(E, FAKE_CNODE, FAKE_VSPACE)), seL4_NoError);
	assert_true(f->switches > switches);
	fake_free(f);
}

/* A root CNode that only this TCB holds can't be replaced: deleting it could take long. */
static void test_last_cspace(void **state)
{
	(void)state;
	struct fake *f = world();
	assert_int_equal(fake_retype(f, seL4_TCBObject, 0, T, 1), seL4_NoError);
	assert_int_equal(CALL(f, T, TCBSetSpace, WORDS(0, 0), CAPS(E, NODE, FAKE_VSPACE)), seL4_NoError);
	assert_int_equal(fake_delete(f, NODE), seL4_NoError);
	assert_int_equal(CALL(f, T, TCBSetSpace, WORDS(0, 0), CAPS(E, FAKE_CNODE, FAKE_VSPACE)), seL4_IllegalOperation);
	assert_int_equal(CALL(f, T, TCBConfigure, WORDS(0, 0, 0), CAPS(FAKE_CNODE, FAKE_VSPACE, E)), seL4_IllegalOperation);
	fake_free(f);
}

static void test_fault_handler_rights(void **state)
{
	(void)state;
	struct fake *f = world();
	assert_int_equal(fake_retype(f, seL4_TCBObject, 0, T, 1), seL4_NoError);
	for (word rights = 0; rights < 16; rights++) {
		bool fits = (rights & 1) && (rights & 12);
		assert_int_equal(fake_copy(f, EP, A, rights), seL4_NoError);
		assert_int_equal(CALL(f, T, TCBSetTimeoutEndpoint, CAPS(A)), fits ? seL4_NoError : seL4_InvalidCapability);
		assert_int_equal(CALL(f, T, TCBSetSpace, WORDS(0, 0), CAPS(A, NODE, FAKE_VSPACE)),
		                 fits ? seL4_NoError : seL4_InvalidCapability);
		fake_delete(f, A);
	}
	EXPECT(seL4_InvalidCapability, ASK(T, TCBSetTimeoutEndpoint, CAPS(NTFN)), 1);
	EXPECT(seL4_TruncatedMessage, ASK(T, TCBSetTimeoutEndpoint, .length = 0));
	assert_int_equal(CALL(f, T, TCBSetTimeoutEndpoint, CAPS(E)), seL4_NoError);
	assert_true(cte_is_empty(&fake_tcb(f, T)->slots[TCB_SLOT_TIMEOUT]));
	fake_free(f);
}

/* ---- priorities ---- */
static void test_priorities(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *tcb = fake_thread(f, T, LOW);
	assert_int_equal(CALL(f, TCB, TCBSetMCPriority, WORDS(50), CAPS(FAKE_TCB)), seL4_NoError);
	assert_int_equal(tcb->mcp, 50);
	/* The authority's maximum counts, not one's own priority. */
	EXPECT(seL4_RangeError, ASK(TCB, TCBSetPriority, WORDS(51), CAPS(TCB)), 0, 50);
	assert_int_equal(CALL(f, TCB, TCBSetPriority, WORDS(50), CAPS(TCB)), seL4_NoError);
	assert_int_equal(tcb->priority, 50);
	EXPECT(seL4_RangeError, ASK(TCB, TCBSetMCPriority, WORDS(51), CAPS(TCB)), 0, 50);
	EXPECT(seL4_RangeError, ASK(TCB, TCBSetPriority, WORDS(256), CAPS(FAKE_TCB)), 0, 255);
	EXPECT(seL4_TruncatedMessage, ASK(TCB, TCBSetPriority, WORDS(1)));
	EXPECT(seL4_TruncatedMessage, ASK(TCB, TCBSetPriority, .length = 0, CAPS(FAKE_TCB)));
	EXPECT(seL4_InvalidCapability, ASK(TCB, TCBSetPriority, WORDS(1), CAPS(EP)), 1);
	EXPECT(seL4_InvalidCapability, ASK(TCB, TCBSetMCPriority, WORDS(1), CAPS(EP)), 1);
	/* Raised above the one that asks: it runs at once; and back. */
	assert_int_equal(CALL(f, TCB, TCBSetPriority, WORDS(255), CAPS(FAKE_TCB)), 0);
	fake_expect_current(f, tcb);
	tcb->registers[REG_CAP] = TCB;
	struct message m = { .label = TCBSetPriority, WORDS(20), CAPS(TCB) };
	fake_put(f, &m);
	fake_enter(f, seL4_SysCall);
	fake_expect_current(f, f->root);
	fake_free(f);
}

static void test_sched_params(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *tcb = fake_passive_thread(f, T, LOW);
	EXPECT(seL4_TruncatedMessage, ASK(TCB, TCBSetSchedParams, WORDS(1), CAPS(FAKE_TCB, E, E)));
	EXPECT(seL4_TruncatedMessage, ASK(TCB, TCBSetSchedParams, WORDS(1, 1), CAPS(FAKE_TCB, E)));
	EXPECT(seL4_InvalidCapability, ASK(TCB, TCBSetSchedParams, WORDS(256, 256), CAPS(EP, EP, NTFN)), 1);
	EXPECT(seL4_RangeError, ASK(TCB, TCBSetSchedParams, WORDS(256, 0), CAPS(FAKE_TCB, EP, NTFN)), 0, 255);
	EXPECT(seL4_RangeError, ASK(TCB, TCBSetSchedParams, WORDS(0, 256), CAPS(FAKE_TCB, EP, NTFN)), 0, 255);
	EXPECT(seL4_InvalidCapability, ASK(TCB, TCBSetSchedParams, WORDS(1, 1), CAPS(FAKE_TCB, EP, NTFN)), 2);
	EXPECT(seL4_IllegalOperation, ASK(TCB, TCBSetSchedParams, WORDS(1, 1), CAPS(FAKE_TCB, FAKE_SC, NTFN)));
	EXPECT(seL4_InvalidCapability, ASK(TCB, TCBSetSchedParams, WORDS(1, 1), CAPS(FAKE_TCB, E, NTFN)), 3);
	EXPECT(seL4_IllegalOperation, ASK(FAKE_TCB, TCBSetSchedParams, WORDS(1, 1), CAPS(FAKE_TCB, E, E)));
	assert_int_equal(CALL(f, TCB, TCBSetSchedParams, WORDS(7, 8), CAPS(FAKE_TCB, T + THREAD_SC, EP)), seL4_NoError);
	assert_int_equal(tcb->mcp, 7);
	assert_int_equal(tcb->priority, 8);
	assert_ptr_equal(tcb->sc, cap_object(fake_cap(f, T + THREAD_SC)));
	assert_int_equal(cap_kind(tcb->slots[TCB_SLOT_FAULT].cap), CAP_ENDPOINT);
	/* The same again is no change; another context is refused; none takes it away. */
	assert_int_equal(CALL(f, TCB, TCBSetSchedParams, WORDS(7, 8), CAPS(FAKE_TCB, T + THREAD_SC, EP)), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_SchedContextObject, 8, A, 1), seL4_NoError);
	EXPECT(seL4_IllegalOperation, ASK(TCB, TCBSetSchedParams, WORDS(7, 8), CAPS(FAKE_TCB, A, EP)));
	assert_int_equal(CALL(f, TCB, TCBSetSchedParams, WORDS(7, 8), CAPS(FAKE_TCB, E, E)), seL4_NoError);
	assert_null(tcb->sc);
	assert_true(cte_is_empty(&tcb->slots[TCB_SLOT_FAULT]));
	fake_free(f);
}

/* ---- notifications ---- */
static void test_bind_notification(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *tcb = fake_thread(f, T, LOW);
	fake_copy(f, NTFN, A, ABI_RIGHT_WRITE);
	EXPECT(seL4_TruncatedMessage, ASK(TCB, TCBBindNotification, .length = 0));
	EXPECT(seL4_IllegalOperation, ASK(TCB, TCBBindNotification, CAPS(EP)));
	EXPECT(seL4_IllegalOperation, ASK(TCB, TCBBindNotification, CAPS(A)));
	EXPECT(seL4_IllegalOperation, ASK(TCB, TCBUnbindNotification, .length = 0));
	assert_int_equal(CALL(f, TCB, TCBBindNotification, CAPS(NTFN)), seL4_NoError);
	assert_ptr_equal(tcb->bound_notification, cap_object(fake_cap(f, NTFN)));
	EXPECT(seL4_IllegalOperation, ASK(TCB, TCBBindNotification, CAPS(NTFN)));
	EXPECT(seL4_IllegalOperation, ASK(FAKE_TCB, TCBBindNotification, CAPS(NTFN)));
	assert_int_equal(CALL(f, TCB, TCBUnbindNotification, .length = 0), seL4_NoError);
	assert_null(tcb->bound_notification);
	/* Not one that somebody waits for. */
	fake_receive(f, seL4_SysWait, NTFN, 0);
	fake_expect_current(f, tcb);
	EXPECT(seL4_IllegalOperation, ASK(TCB, TCBBindNotification, CAPS(NTFN)));
	fake_free(f);
}

/* ---- suspend, resume, delete ---- */
static void test_suspend_and_resume(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *tcb = fake_thread(f, T, LOW);
	word start = tcb->registers[REG_NEXT_IP];
	assert_int_equal(CALL(f, TCB, TCBSuspend, .length = 0), seL4_NoError);
	assert_int_equal(tcb->state, THREAD_INACTIVE);
	assert_false(tcb->is_queued);
	assert_int_equal(CALL(f, TCB, TCBSuspend, .length = 0), seL4_NoError);
	assert_int_equal(CALL(f, TCB, TCBResume, .length = 0), seL4_NoError);
	assert_int_equal(CALL(f, TCB, TCBResume, .length = 0), seL4_NoError);
	/* One that waits tries its call again when it is resumed. */
	fake_receive(f, seL4_SysWait, EP, 0);
	fake_expect_current(f, tcb);
	assert_int_equal(tcb->registers[REG_NEXT_IP], start);
	fake_receive(f, seL4_SysWait, NTFN, 0);
	assert_int_equal(tcb->registers[REG_FAULT_IP], start);
	fake_free(f);
}

/* A thread stopped in user code goes on where it was; one that was about to repeat a call still repeats it. */
static void test_where_it_goes_on(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *tcb = fake_thread(f, T, LOW);
	fake_receive(f, seL4_SysWait, NTFN, 0);
	fake_expect_current(f, tcb);
	tcb->registers[REG_NEXT_IP] = 0x7777, tcb->registers[REG_FAULT_IP] = 0x1111;
	/* An interrupt brings the root back; the other one was in user code. */
	f->kernel.irq_states[20] = IRQ_SIGNAL;
	slot_insert(fake_cap(f, NTFN), &f->cnode[NTFN], &f->kernel.irq_slots[20]);
	kernel_interrupt(&f->kernel, 20);
	fake_expect_current(f, f->root);
	assert_int_equal(tcb->state, THREAD_RUNNING);
	assert_int_equal(CALL(f, TCB, TCBResume, .length = 0), seL4_NoError);
	assert_int_equal(tcb->state, THREAD_RUNNING);
	assert_int_equal(CALL(f, TCB, TCBSuspend, .length = 0), seL4_NoError);
	assert_int_equal(tcb->registers[REG_FAULT_IP], 0x7777);
	tcb->registers[REG_FAULT_IP] = 0x2222;
	assert_int_equal(CALL(f, TCB, TCBResume, .length = 0), seL4_NoError);
	assert_int_equal(CALL(f, TCB, TCBSuspend, .length = 0), seL4_NoError);
	assert_int_equal(tcb->registers[REG_FAULT_IP], 0x2222);
	/* One that waits without a reply object. */
	assert_int_equal(CALL(f, TCB, TCBResume, .length = 0), seL4_NoError);
	fake_receive(f, seL4_SysWait, NTFN, 0);
	fake_expect_current(f, tcb);
	fake_receive(f, seL4_SysWait, EP, 0);
	kernel_interrupt(&f->kernel, 20);
	fake_expect_current(f, f->root);
	assert_int_equal(tcb->state, THREAD_BLOCKED_ON_RECEIVE);
	assert_int_equal(CALL(f, TCB, TCBSuspend, .length = 0), seL4_NoError);
	assert_int_equal(tcb->state, THREAD_INACTIVE);
	fake_free(f);
}

static void test_suspend_self(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *tcb = fake_thread(f, T, LOW);
	fake_send(f, seL4_SysCall, FAKE_TCB, &(struct message){ .label = TCBSuspend });
	assert_int_equal(f->root->state, THREAD_INACTIVE);
	fake_expect_current(f, tcb);
	/* As in the interface: it suspends itself again when it is resumed. */
	fake_send(f, seL4_SysCall, FAKE_TCB, &(struct message){ .label = TCBResume });
	fake_expect_current(f, f->root);
	assert_int_equal(f->root->registers[REG_NEXT_IP], f->root->registers[REG_FAULT_IP]);
	fake_free(f);
}

static void test_delete_running_threads(void **state)
{
	(void)state;
	struct fake *f = world();
	struct tcb *tcb = fake_thread(f, T, LOW);
	assert_int_equal(CALL(f, TCB, TCBBindNotification, CAPS(NTFN)), seL4_NoError);
	struct sched_context *sc = tcb->sc;
	assert_int_equal(fake_delete(f, TCB), seL4_NoError);
	assert_null(sc->tcb);
	assert_null(((struct notification *)cap_object(fake_cap(f, NTFN)))->bound_tcb);
	assert_ptr_equal(f->fpu_released, tcb);
	/* In its own system call. */
	tcb = fake_thread(f, T2, 255);
	fake_expect_current(f, tcb);
	fake_send(f, seL4_SysCall, FAKE_CNODE, &(struct message){ .label = CNodeDelete, WORDS(T2 + THREAD_TCB, 64) });
	fake_expect_current(f, f->root);
	fake_free(f);
}

/* A thread that revokes the memory it is made of. */
static void test_revoke_own_memory(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	struct tcb *tcb = fake_thread(f, T, 255);
	fake_expect_current(f, tcb);
	f->interrupt_pending = true;
	struct message m = { .label = CNodeRevoke, WORDS(FAKE_UNTYPED, 64) };
	fake_send(f, seL4_SysCall, FAKE_CNODE, &m);
	while (f->kernel.current == tcb)
		fake_enter(f, seL4_SysCall);
	fake_expect_current(f, f->root);
	assert_int_equal(fake_revoke(f, FAKE_UNTYPED), seL4_NoError);
	assert_true(cap_is_null(fake_cap(f, T)));
	fake_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write_and_read_registers),
		cmocka_unit_test(test_registers_resume_and_suspend),
		cmocka_unit_test(test_written_registers_are_restored),
		cmocka_unit_test(test_register_refusals),
		cmocka_unit_test(test_copy_registers),
		cmocka_unit_test(test_tls_base_and_flags),
		cmocka_unit_test(test_configure),
		cmocka_unit_test(test_configure_refusals),
		cmocka_unit_test(test_own_space),
		cmocka_unit_test(test_last_cspace),
		cmocka_unit_test(test_fault_handler_rights),
		cmocka_unit_test(test_priorities),
		cmocka_unit_test(test_sched_params),
		cmocka_unit_test(test_bind_notification),
		cmocka_unit_test(test_suspend_and_resume),
		cmocka_unit_test(test_where_it_goes_on),
		cmocka_unit_test(test_suspend_self),
		cmocka_unit_test(test_delete_running_threads),
		cmocka_unit_test(test_revoke_own_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
