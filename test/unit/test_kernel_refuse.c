/* SPDX-License-Identifier: BSD-2-Clause */
/* Refusals on request (abi/include/graft/refuse.h): which invocations count, what a refused one leaves, and that a kernel that
 * was not told to has nothing of the kind. */
#include "test/support/fakeport.h"
#include <stdarg.h>
#include <cmocka.h>
#include <graft/refuse.h>
#include <sel4/faults.h>
#include "kernel/core/refuse.h"
#include "kernel/core/slot.h"
#include "test/support/kernelcheck.h"

enum { A = FAKE_FREE, B, C, EP, NTFN, NODE, T = FAKE_FREE + 10 };

/* The system call by the current thread: what it gave back. */
struct told {
	word seen, was_refused;
};

static struct told arm(struct fake *f, word priority, word error, word nth)
{
	struct tcb *tcb = f->kernel.current;

	tcb->registers[REG_CAP] = priority | error << GRAFT_REFUSE_ERROR_SHIFT;
	tcb->registers[REG_INFO] = nth;
	fake_enter(f, GRAFT_SYS_REFUSE);
	assert_ptr_equal(f->kernel.current, tcb);
	return (struct told){ tcb->registers[REG_BADGE], tcb->registers[REG_INFO] };
}

static struct fake *new_world(void)
{
	struct fake *f = fake_new();

	assert_int_equal(fake_retype(f, seL4_EndpointObject, 0, EP, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_NotificationObject, 0, NTFN, 1), seL4_NoError);
	return f;
}

static void is_an_unknown_system_call_unless_enabled(void **state)
{
	(void)state;
	struct fake *f = new_world();
	struct tcb *child = fake_thread(f, T, 100);

	assert_int_equal(CALL(f, T + THREAD_TCB, TCBSetSpace, WORDS(0, 0), CAPS(EP, FAKE_CNODE, FAKE_VSPACE)), seL4_NoError);
	fake_receive(f, seL4_SysRecv, EP, T + THREAD_REPLY);
	fake_expect_current(f, child);
	fake_enter(f, GRAFT_SYS_REFUSE);
	fake_expect_current(f, f->root);
	assert_int_equal(fake_get(f, f->root).label, seL4_Fault_UnknownSyscall);
	assert_int_equal(f->kernel.refusal.turn, 0);
	fake_free(f);
}

static void refuses_the_one_that_was_named(void **state)
{
	(void)state;
	for (word error = seL4_InvalidArgument; error <= seL4_NotEnoughMemory; error++) {
		struct fake *f = new_world();
		struct message answer;

		refusal_enable(&f->kernel, 0, 0, 0);
		arm(f, FAKE_ROOT_PRIORITY, error, 2);
		assert_int_equal(fake_copy(f, EP, A, 15), seL4_NoError);
		assert_int_equal(CALL_ANSWER(f, &answer, FAKE_CNODE, CNodeCopy, WORDS(B, 64, EP, 64, 15), CAPS(FAKE_CNODE)), error);
		for (word i = 0; i < answer.length; i++)
			assert_int_equal(answer.words[i], i == 1 && error == seL4_FailedLookup ? seL4_MissingCapability : 0);
		assert_int_equal(cap_kind(fake_cap(f, B)), CAP_NULL);
		assert_int_equal(fake_copy(f, EP, B, 15), seL4_NoError); /* once only */
		struct told told = arm(f, 0, 0, 0);
		assert_int_equal(told.seen, 3);
		assert_int_equal(told.was_refused, 1);
		told = arm(f, 0, 0, 0);
		assert_int_equal(told.seen, 0);
		assert_int_equal(told.was_refused, 0);
		fake_free(f);
	}
}

static void counts_what_it_says(void **state)
{
	(void)state;
	struct fake *f = new_world();

	refusal_enable(&f->kernel, 0, 0, 0);
	arm(f, FAKE_ROOT_PRIORITY, seL4_RangeError, 1);
	fake_send(f, seL4_SysNBSend, EP, &(struct message){ .label = 1 });
	fake_send(f, seL4_SysSend, NTFN, &(struct message){ .label = 1 });
	struct told told = arm(f, FAKE_ROOT_PRIORITY - 1, seL4_RangeError, 1);
	assert_int_equal(told.seen, 0);
	assert_int_equal(fake_copy(f, EP, A, 15), seL4_NoError); /* of another priority */
	told = arm(f, FAKE_ROOT_PRIORITY, seL4_NoError, 1);
	assert_int_equal(told.seen, 0);
	assert_int_equal(fake_copy(f, EP, B, 15), seL4_NoError); /* no error to refuse with */
	told = arm(f, FAKE_ROOT_PRIORITY, seL4_NotEnoughMemory + 1, 1);
	assert_int_equal(told.seen, 1);
	assert_int_equal(fake_copy(f, EP, C, 15), seL4_NoError);
	assert_int_equal(arm(f, 0, 0, 0).was_refused, 0);
	fake_free(f);
}

/* A long one that leaves the kernel for an interrupt and is issued again is still one. */
static void counts_an_interrupted_one_once(void **state)
{
	(void)state;
	struct fake *f = new_world();

	assert_int_equal(fake_retype(f, seL4_CapTableObject, 9, NODE, 1), seL4_NoError);
	for (word i = 0; i < 400; i++)
		assert_int_equal(CALL(f, NODE, CNodeCopy, WORDS(i, 9, EP, 64, 15), CAPS(FAKE_CNODE)), seL4_NoError);
	refusal_enable(&f->kernel, FAKE_ROOT_PRIORITY, 2, seL4_RevokeFirst);
	f->interrupt_pending = true;
	f->polls = 0;
	assert_int_equal(fake_revoke(f, EP), seL4_NoError);
	assert_true(f->polls > 1);
	assert_int_equal(fake_revoke(f, EP), seL4_RevokeFirst);
	assert_int_equal(arm(f, 0, 0, 0).seen, 2);
	fake_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_an_unknown_system_call_unless_enabled),
		cmocka_unit_test(refuses_the_one_that_was_named),
		cmocka_unit_test(counts_what_it_says),
		cmocka_unit_test(counts_an_interrupted_one_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
