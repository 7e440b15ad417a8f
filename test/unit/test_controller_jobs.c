/* SPDX-License-Identifier: BSD-2-Clause */
/* Jobs beside each other: what is served between two steps of a load, how long a step is, and who gets which answer. */
#include "test/unit/controller_world.h"

/* Begins a load or swap of a domain; true: it is answered later. */
static bool begin_program(microkit_channel ch, seL4_Word verb, seL4_Word domain, seL4_Word *label)
{
	seL4_Word *message = seL4_GetIPCBuffer()->msg;

	memset(message, 0, 11 * sizeof *message);
	message[0] = domain;
	memcpy(&message[1], "first", 5);
	return begin(ch, verb, 11, label);
}

static void finish_all(void)
{
	while (graft_work())
		continue;
}

static void two_at_once_and_a_third_is_busy(void **arg)
{
	seL4_CPtr waits_in[2];
	seL4_Word label;

	(void)arg;
	fill_domain(2);
	grant.domain_count = 3;
	memset(&record, 0, sizeof record);
	assert_int_equal(controller_start(&grant, &record), STATUS_OK);
	for (uint32_t i = 0; i < 2; i++) {
		waits_in[i] = graft_reply_cap;
		assert_true(begin_program(OPERATOR_CHANNEL, CONTROLLER_LOAD, CHILD_ID + i, &label));
	}
	assert_int_not_equal(waits_in[0], waits_in[1]);
	assert_int_not_equal(graft_reply_cap, waits_in[0]);
	assert_int_not_equal(graft_reply_cap, waits_in[1]);
	assert_false(begin_program(OPERATOR_CHANNEL, CONTROLLER_LOAD, CHILD_ID + 2, &label));
	assert_int_equal(label, CONTROLLER_BUSY);
	assert_true(graft_work());
	for (uint32_t i = 0; i < 2; i++) { /* they take turns */
		assert_true(job_is_on(i));
		assert_int_equal(record.domain[i].state, CONTROLLER_EMPTY);
	}
	sent.count = 0;
	while (sent.count == 0)
		assert_true(graft_work());
	assert_int_equal(sent.to, waits_in[1]); /* the first step was this one's */
	finish_all();
	assert_int_equal(sent.count, 2);
	assert_int_equal(sent.to, waits_in[0]);
	assert_int_equal(sent.label, CONTROLLER_OK);
	for (uint32_t i = 0; i < 2; i++)
		assert_int_equal(record.domain[i].state, CONTROLLER_RUNNING);
	assert_true(begin_program(OPERATOR_CHANNEL, CONTROLLER_LOAD, CHILD_ID + 2, &label));
	finish_all();
	assert_int_equal(record.domain[2].state, CONTROLLER_RUNNING);
}

static void one_job_on_a_domain(void **arg)
{
	seL4_Word label;

	(void)arg;
	assert_true(begin_program(OPERATOR_CHANNEL, CONTROLLER_LOAD, CHILD_ID, &label));
	assert_false(begin_program(OPERATOR_CHANNEL, CONTROLLER_LOAD, CHILD_ID, &label));
	assert_int_equal(label, CONTROLLER_BUSY);
	finish_all();
	assert_true(begin_program(OPERATOR_CHANNEL, CONTROLLER_SWAP, CHILD_ID, &label));
	assert_false(begin_program(CHILD_CHANNEL, CONTROLLER_SWAP, CONTROLLER_SELF, &label));
	assert_int_equal(label, CONTROLLER_BUSY);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID), CONTROLLER_BUSY);
	finish_all();
	assert_int_equal(record.domain[0].generation, 2);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID), CONTROLLER_OK);
	assert_int_equal(ledger_now().accounts, 0);
}

/* Between any two steps of a load into one domain, the other one is listed, stopped, resumed and faults. */
static void others_are_served_between_steps(void **arg)
{
	seL4_MessageInfo_t none;
	uint32_t steps = 0;
	seL4_Word label;

	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	offer(6); /* another program, whose digest is not known to be right yet */
	assert_true(begin_program(OPERATOR_CHANNEL, CONTROLLER_LOAD, CHILD_ID + 1, &label));
	while (job_is_on(1)) {
		assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_LIST, 0), CONTROLLER_OK);
		assert_int_equal(microkit_mr_get(10), CONTROLLER_BUILDING);
		assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_LEDGER, 0), CONTROLLER_OK);
		if (steps++ == 1) {
			microkit_mr_set(0, 0);
			assert_false(fault(CHILD_ID, microkit_msginfo_new(seL4_Fault_VMFault, 4), &none));
			assert_int_equal(record.domain[0].state, CONTROLLER_FAULTED);
			assert_null(context()->tcb);
		} else if (steps < 2) {
			assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_STOP, CHILD_ID), CONTROLLER_OK);
			assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_RESUME, CHILD_ID), CONTROLLER_OK);
		}
		assert_int_equal(graft_answers_later, false);
		graft_work();
	}
	assert_true(steps > 4);
	assert_int_equal(record.domain[1].state, CONTROLLER_RUNNING);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID), CONTROLLER_OK);
}

static void a_step_is_bounded(void **arg)
{
	seL4_Word label;
	bool more = true;

	(void)arg;
	grant.domain[0].stack_pages = 40; /* some 100 kernel calls */
	grant.untyped[0].size_bits = 18;
	assert_true(begin_program(OPERATOR_CHANNEL, CONTROLLER_LOAD, CHILD_ID, &label));
	while (more) {
		uint64_t calls = controller.space.calls, bytes = jobs[0].phase == JOB_DIGEST ? jobs[0].program.hash.length_bytes : ~0ull;

		more = graft_work();
		assert_true(controller.space.calls - calls <= JOB_STEP_CALLS + 2); /* a page is not left in the window */
		assert_true(jobs[0].phase != JOB_DIGEST || jobs[0].program.hash.length_bytes - bytes <= JOB_STEP_BYTES);
	}
	assert_true(controller.space.calls > JOB_STEP_CALLS);
	assert_int_equal(record.domain[0].state, CONTROLLER_RUNNING);
}

static void a_swap_takes_the_domain_as_it_is_then(void **arg)
{
	seL4_MessageInfo_t none;
	seL4_Word label;

	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	assert_true(begin_program(OPERATOR_CHANNEL, CONTROLLER_SWAP, CHILD_ID, &label));
	assert_true(graft_work());
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_STOP, CHILD_ID), CONTROLLER_OK);
	finish_all();
	assert_int_equal(record.domain[0].state, CONTROLLER_RUNNING);
	assert_ptr_equal(context()->tcb, thread_now());
	assert_true(begin_program(OPERATOR_CHANNEL, CONTROLLER_SWAP, CHILD_ID, &label));
	assert_true(graft_work());
	assert_false(fault(CHILD_ID, microkit_msginfo_new(seL4_Fault_VMFault, 4), &none));
	finish_all();
	assert_int_equal(record.domain[0].state, CONTROLLER_RUNNING);
	assert_int_equal(record.domain[0].generation, 3);
	/* A program that asked for its own replacement does not wait any more once it was stopped from outside. */
	assert_true(begin_program(CHILD_CHANNEL, CONTROLLER_SWAP, CONTROLLER_SELF, &label));
	assert_true(jobs[0].by_self);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_STOP, CHILD_ID), CONTROLLER_OK);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_RESUME, CHILD_ID), CONTROLLER_OK);
	assert_false(jobs[0].by_self);
	finish_all();
	assert_int_equal(record.domain[0].generation, 4);
	assert_ptr_equal(context()->tcb, thread_now());
}

static void each_caller_gets_its_own_answer(void **arg)
{
	seL4_CPtr good, bad;
	seL4_Word label;

	(void)arg;
	good = graft_reply_cap;
	assert_true(begin_program(OPERATOR_CHANNEL, CONTROLLER_LOAD, CHILD_ID, &label));
	bad = graft_reply_cap;
	store.entry.digest[0] ^= 1;
	assert_true(begin_program(OPERATOR_CHANNEL, CONTROLLER_LOAD, CHILD_ID + 1, &label));
	sent.count = 0;
	while (sent.count == 0)
		graft_work();
	assert_int_equal(sent.to, bad);
	assert_int_equal(sent.label, CONTROLLER_BAD_PROGRAM);
	assert_int_equal(microkit_mr_get(0), STATUS_ARCHIVE_PAYLOAD_DIGEST);
	finish_all();
	assert_int_equal(sent.count, 2);
	assert_int_equal(sent.to, good);
	assert_int_equal(sent.label, CONTROLLER_OK);
	/* The objects are used again. */
	for (uint32_t i = 0; i < 3 * GRANT_REPLIES; i++)
		assert_int_equal(swap(), CONTROLLER_BAD_PROGRAM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_at_once_and_a_third_is_busy),
		TEST(one_job_on_a_domain),
		TEST(others_are_served_between_steps),
		TEST(a_step_is_bounded),
		TEST(a_swap_takes_the_domain_as_it_is_then),
		TEST(each_caller_gets_its_own_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
