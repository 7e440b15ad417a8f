/* SPDX-License-Identifier: BSD-2-Clause */
/* The hand-over on the kernel core. The test acts for every thread in turn: for the root thread through the stubs, for the
 * domain's and its peers' by entering the kernel with their system calls. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "kernel/core/slot.h"
#include "test/support/space_world.h"
#include "user/controller/protocol.h"

/* Slots of the domain's CSpace. */
enum { OWN_ROOT = 1, OWN_SERVICE = 2, OWN_REPLY = 4, OWN_PASSIVE = 5 };

static struct world w;
static struct where where;
static uint64_t root_endpoint, service, passive_endpoint, own_reply; /* slots of the root CNode */
static uint32_t old_account, new_account;

static uint64_t thread_of(uint32_t account)
{
	return build_thread_cptr(&w.space, account);
}

static void give(uint64_t slot, uint64_t cap, uint64_t badge)
{
	struct cap cspace = fake_cap(w.fake, w.cspace);

	assert_int_equal(fake_mint(w.fake, cap, w.next_slot, ABI_RIGHTS_ALL, badge), seL4_NoError);
	slot_insert(fake_cap(w.fake, w.next_slot), &w.fake->cnode[w.next_slot], (struct cte *)cap_object(cspace) + slot);
	w.next_slot++;
}

static int start(void **arg)
{
	(void)arg;
	world_start(&w);
	root_endpoint = world_make(&w, seL4_EndpointObject, 0);
	service = world_make(&w, seL4_EndpointObject, 0);
	passive_endpoint = world_make(&w, seL4_EndpointObject, 0);
	own_reply = world_make(&w, seL4_ReplyObject, 0);
	give(OWN_ROOT, root_endpoint, 7);
	give(OWN_SERVICE, service, 0);
	give(OWN_PASSIVE, passive_endpoint, 0);
	give(OWN_REPLY, w.owns.reply, 0);
	old_account = world_build(&w);
	new_account = world_build(&w);
	sel4_core_calls = w.space.calls = 0;
	return 0;
}

static int end(void **arg)
{
	(void)arg;
	world_end(&w);
	return 0;
}

/* ---- the domain ---- */

static struct sched_context *context(void)
{
	return cap_object(fake_cap(w.fake, w.owns.sched_context));
}

static struct notification *notification(void)
{
	return cap_object(fake_cap(w.fake, w.owns.notification));
}

static enum status hand_over(uint32_t from, uint32_t to, enum commit_from how)
{
	return commit_hand_over(&w.space, &w.owns, from == ACCOUNT_NONE ? 0 : thread_of(from), thread_of(to), how, &where);
}

/* The domain is this image's alone. */
static void expect_domain_of(uint32_t account)
{
	struct tcb *tcb = world_thread(&w, account);

	assert_ptr_equal(context()->tcb, tcb);
	assert_ptr_equal(tcb->sc, context());
	assert_ptr_equal(notification()->bound_tcb, tcb);
	assert_ptr_equal(tcb->bound_notification, notification());
}

static void expect_stopped(uint32_t account)
{
	struct tcb *tcb = world_thread(&w, account);

	assert_int_equal(tcb->state, THREAD_INACTIVE);
	assert_null(tcb->sc);
	assert_null(tcb->bound_notification);
}

static void start_old(void)
{
	assert_int_equal(hand_over(ACCOUNT_NONE, old_account, COMMIT_FROM_EMPTY), STATUS_OK);
	sel4_core_calls = w.space.calls = 0;
}

/* ---- acting for threads ---- */

static void expect_current(const struct tcb *tcb)
{
	fake_expect_current(w.fake, tcb);
}

/* The root thread waits, so that others run. */
static void root_waits(void)
{
	expect_current(w.fake->root);
	fake_receive(w.fake, seL4_SysRecv, root_endpoint, own_reply);
}

static void calls(uint64_t cap, uint64_t label)
{
	fake_send(w.fake, seL4_SysCall, cap, &(struct message){ .label = label, WORDS(label) });
}

/* The old image serves on the service endpoint, a client calls it, and it asks the root for something meanwhile. */
static struct tcb *old_serves_a_client(void)
{
	uint64_t slot = w.next_slot;
	struct tcb *old = world_thread(&w, old_account), *client;

	w.next_slot += THREAD_SLOTS;
	client = fake_thread(w.fake, slot, 90);
	root_waits();
	expect_current(old);
	fake_receive(w.fake, seL4_SysRecv, OWN_SERVICE, OWN_REPLY);
	expect_current(client);
	calls(service, 33);
	expect_current(old);
	calls(OWN_ROOT, 44);
	expect_current(w.fake->root);
	assert_int_equal(fake_get(w.fake, w.fake->root).label, 44);
	return client;
}

/* The old image calls the root and waits for its answer. */
static void old_calls_the_root(void)
{
	root_waits();
	expect_current(world_thread(&w, old_account));
	calls(OWN_ROOT, 44);
	expect_current(w.fake->root);
}

/* ---- tests ---- */

static void starts_the_first_image(void **arg)
{
	(void)arg;
	assert_int_equal(hand_over(ACCOUNT_NONE, old_account, COMMIT_FROM_EMPTY), STATUS_OK);
	assert_int_equal(sel4_core_calls, COMMIT_CALLS_START);
	assert_int_equal(w.space.calls, COMMIT_CALLS_START);
	expect_domain_of(old_account);
	root_waits();
	expect_current(world_thread(&w, old_account));
	assert_int_equal(w.fake->kernel.current->registers[REG_NEXT_IP], WORLD_TEXT + 16);
}

static void swaps_in_a_fixed_number_of_calls(void **arg)
{
	(void)arg;
	start_old();
	assert_int_equal(hand_over(old_account, new_account, COMMIT_FROM_RUNNING), STATUS_OK);
	assert_int_equal(sel4_core_calls, COMMIT_CALLS_SWAP);
	assert_int_equal(w.space.calls, COMMIT_CALLS_SWAP);
	expect_domain_of(new_account);
	expect_stopped(old_account);
	root_waits();
	expect_current(world_thread(&w, new_account));
}

static void swaps_a_caller_that_never_returns(void **arg)
{
	(void)arg;
	start_old();
	old_calls_the_root();
	assert_int_equal(hand_over(old_account, new_account, COMMIT_FROM_CALLER), STATUS_OK);
	assert_int_equal(sel4_core_calls, COMMIT_CALLS_SWAP);
	expect_domain_of(new_account);
	expect_stopped(old_account);
	seL4_Send(own_reply, seL4_MessageInfo_new(0, 0, 0, 0)); /* nobody is there any more */
	expect_stopped(old_account);
}

static void keeps_the_old_image_as_it_stopped(void **arg)
{
	word before[REGISTER_COUNT];
	struct tcb *old = world_thread(&w, old_account);

	(void)arg;
	start_old();
	old_calls_the_root();
	seL4_Send(own_reply, seL4_MessageInfo_new(0, 0, 0, 0));
	old->registers[REG_RBX] = 0x1234;
	memcpy(before, old->registers, sizeof before);
	assert_int_equal(hand_over(old_account, new_account, COMMIT_FROM_RUNNING), STATUS_OK);
	assert_int_equal(hand_over(new_account, old_account, COMMIT_FROM_RUNNING), STATUS_OK);
	before[REG_FAULT_IP] = before[REG_NEXT_IP]; /* where it goes on */
	assert_memory_equal(before, old->registers, sizeof before);
	expect_domain_of(old_account);
	expect_stopped(new_account);
	root_waits();
	expect_current(old);
}

static void gives_a_waiting_caller_one_answer(void **arg)
{
	struct tcb *client;
	uint64_t polls;

	(void)arg;
	start_old();
	client = old_serves_a_client();
	assert_int_equal(client->state, THREAD_BLOCKED_ON_REPLY);
	assert_int_equal(hand_over(old_account, new_account, COMMIT_FROM_CALLER), STATUS_OK);
	assert_int_equal(client->state, THREAD_RUNNING);
	assert_int_equal(fake_get(w.fake, client).label, CONTROLLER_RESTARTED);
	client->registers[REG_INFO] = polls = 5;
	assert_int_equal(hand_over(new_account, old_account, COMMIT_FROM_RUNNING), STATUS_OK);
	assert_int_equal(client->registers[REG_INFO], polls);
}

static void signals_reach_whoever_runs_next(void **arg)
{
	(void)arg;
	start_old();
	seL4_Signal(w.owns.notification);
	assert_int_equal(hand_over(old_account, new_account, COMMIT_FROM_RUNNING), STATUS_OK);
	root_waits();
	expect_current(world_thread(&w, new_account));
	fake_receive(w.fake, seL4_SysRecv, OWN_SERVICE, OWN_REPLY);
	expect_current(world_thread(&w, new_account)); /* it did not have to wait */
}

/* The scheduling context is with a passive server that the old image called; the server asks the root for something. */
static void does_not_strand_a_passive_server(void **arg)
{
	uint64_t slot = w.next_slot;
	struct tcb *server, *old = world_thread(&w, old_account);

	(void)arg;
	w.next_slot += THREAD_SLOTS;
	server = fake_thread(w.fake, slot, 120);
	root_waits();
	expect_current(server);
	calls(root_endpoint, 1); /* gets the root going again */
	start_old();
	seL4_Send(own_reply, seL4_MessageInfo_new(0, 0, 0, 0));
	root_waits();
	expect_current(server);
	fake_receive(w.fake, seL4_SysRecv, passive_endpoint, slot + THREAD_REPLY);
	expect_current(old);
	calls(OWN_ROOT, 2);
	assert_int_equal(seL4_SchedContext_Unbind(slot + THREAD_SC), seL4_NoError);
	seL4_Send(own_reply, seL4_MessageInfo_new(0, 0, 0, 0));
	root_waits();
	expect_current(old);
	calls(OWN_PASSIVE, 3);
	expect_current(server);
	assert_ptr_equal(server->sc, context());
	calls(root_endpoint, 4);
	expect_current(w.fake->root);
	sel4_core_calls = 0;
	assert_int_equal(hand_over(old_account, new_account, COMMIT_FROM_RUNNING), STATUS_SPACE_LENT);
	assert_int_equal(commit_stop(&w.space, &w.owns, thread_of(old_account), &where), STATUS_SPACE_LENT);
	assert_int_equal(sel4_core_calls, 2);
	assert_ptr_equal(server->sc, context());
	assert_int_equal(old->state, THREAD_BLOCKED_ON_REPLY);
	assert_ptr_equal(notification()->bound_tcb, old);
}

static void goes_back_after_any_refusal(void **arg)
{
	bool refused = true;

	(void)arg;
	start_old();
	for (uint64_t k = 1; refused; k++) {
		sel4_core_refuse(k, seL4_InvalidCapability);
		refused = hand_over(old_account, new_account, COMMIT_FROM_RUNNING) != STATUS_OK;
		sel4_core_refuse(0, 0);
		if (!refused)
			continue;
		expect_domain_of(old_account);
		expect_stopped(new_account);
		assert_true(thread_is_schedulable(world_thread(&w, old_account)));
		assert_int_equal(where.value, seL4_InvalidCapability);
		assert_true(k < COMMIT_CALLS_SWAP); /* the answer to a caller can't be refused */
	}
	expect_domain_of(new_account);
}

static void a_refusal_leaves_a_calling_image_its_answer(void **arg)
{
	struct tcb *old = world_thread(&w, old_account);

	(void)arg;
	start_old();
	for (uint64_t k = 1; k < COMMIT_CALLS_SWAP; k++) {
		old_calls_the_root();
		sel4_core_refuse(k, seL4_InvalidCapability);
		assert_int_equal(hand_over(old_account, new_account, COMMIT_FROM_CALLER), STATUS_SPACE_KERNEL_REFUSED);
		sel4_core_refuse(0, 0);
		expect_domain_of(old_account);
		expect_stopped(new_account);
		assert_int_equal(old->state, THREAD_BLOCKED_ON_REPLY);
		seL4_Send(own_reply, seL4_MessageInfo_new(CONTROLLER_KERNEL_REFUSED, 0, 0, 0));
		assert_int_equal(old->state, THREAD_RUNNING);
		assert_int_equal(fake_get(w.fake, old).label, CONTROLLER_KERNEL_REFUSED);
	}
}

static void stops_and_resumes(void **arg)
{
	struct tcb *old = world_thread(&w, old_account);

	(void)arg;
	start_old();
	assert_int_equal(commit_stop(&w.space, &w.owns, thread_of(old_account), &where), STATUS_OK);
	assert_int_equal(sel4_core_calls, COMMIT_CALLS_STOP);
	assert_int_equal(old->state, THREAD_INACTIVE);
	assert_null(old->sc);
	sel4_core_calls = 0;
	assert_int_equal(commit_resume(&w.space, &w.owns, thread_of(old_account), &where), STATUS_OK);
	assert_int_equal(sel4_core_calls, COMMIT_CALLS_RESUME);
	expect_domain_of(old_account);
	root_waits();
	expect_current(old);
}

static void a_refused_stop_or_resume_changes_nothing(void **arg)
{
	struct tcb *old = world_thread(&w, old_account);

	(void)arg;
	start_old();
	for (uint64_t k = 1; k < COMMIT_CALLS_STOP; k++) {
		sel4_core_refuse(k, seL4_InvalidCapability);
		assert_int_equal(commit_stop(&w.space, &w.owns, thread_of(old_account), &where), STATUS_SPACE_KERNEL_REFUSED);
		sel4_core_refuse(0, 0);
		expect_domain_of(old_account);
		assert_true(thread_is_schedulable(old));
	}
	assert_int_equal(commit_stop(&w.space, &w.owns, thread_of(old_account), &where), STATUS_OK);
	for (uint64_t k = 1; k <= COMMIT_CALLS_RESUME; k++) {
		sel4_core_refuse(k, seL4_InvalidCapability);
		assert_int_equal(commit_resume(&w.space, &w.owns, thread_of(old_account), &where), STATUS_SPACE_KERNEL_REFUSED);
		sel4_core_refuse(0, 0);
		assert_int_equal(old->state, THREAD_INACTIVE);
		assert_null(old->sc);
	}
}

static void a_stopped_image_is_replaced(void **arg)
{
	bool refused = true;

	(void)arg;
	start_old();
	assert_int_equal(commit_stop(&w.space, &w.owns, thread_of(old_account), &where), STATUS_OK);
	for (uint64_t k = 1; refused; k++) {
		sel4_core_refuse(k, seL4_InvalidCapability);
		refused = hand_over(old_account, new_account, COMMIT_FROM_STOPPED) != STATUS_OK;
		sel4_core_refuse(0, 0);
		if (!refused)
			continue;
		assert_int_equal(world_thread(&w, old_account)->state, THREAD_INACTIVE);
		assert_null(context()->tcb);
		assert_ptr_equal(notification()->bound_tcb, world_thread(&w, old_account));
		expect_stopped(new_account);
	}
	expect_domain_of(new_account);
	expect_stopped(old_account);
}

/* A passive domain: its context was taken from it when it first waited. */
static void a_passive_domain_is_replaced(void **arg)
{
	(void)arg;
	start_old();
	w.owns.passive = 1;
	assert_int_equal(seL4_SchedContext_Unbind(w.owns.sched_context), seL4_NoError);
	assert_int_equal(hand_over(old_account, new_account, COMMIT_FROM_RUNNING), STATUS_OK);
	expect_domain_of(new_account);
	expect_stopped(old_account);
}

static void a_stopped_call_can_be_answered(void **arg)
{
	struct tcb *old = world_thread(&w, old_account);
	uint64_t resume_at = 0;
	word ip;

	(void)arg;
	start_old();
	old_calls_the_root();
	ip = old->registers[REG_FAULT_IP];
	assert_int_equal(commit_stop(&w.space, &w.owns, thread_of(old_account), &where), STATUS_OK);
	for (int i = 0; i < 2; i++) /* once more, as after an interruption: it does not go further */
		assert_int_equal(commit_answer_for(&w.space, thread_of(old_account), 3, 77, &resume_at, &where), STATUS_OK);
	assert_int_equal(commit_resume(&w.space, &w.owns, thread_of(old_account), &where), STATUS_OK);
	root_waits();
	expect_current(old);
	assert_int_equal(old->registers[REG_NEXT_IP], ip + 2);
	assert_int_equal(fake_get(w.fake, old).label, 3);
	assert_int_equal(fake_get(w.fake, old).words[0], 77);
}

/* Closing the account of the image that has the domain leaves domain and notification to the next. */
static void a_domain_outlives_its_image(void **arg)
{
	(void)arg;
	start_old();
	assert_int_equal(commit_stop(&w.space, &w.owns, thread_of(old_account), &where), STATUS_OK);
	assert_int_equal(account_close(&w.space, old_account, &where), STATUS_OK);
	assert_null(context()->tcb);
	assert_null(notification()->bound_tcb);
	assert_int_equal(hand_over(ACCOUNT_NONE, new_account, COMMIT_FROM_EMPTY), STATUS_OK);
	expect_domain_of(new_account);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(starts_the_first_image),
		TEST(swaps_in_a_fixed_number_of_calls),
		TEST(swaps_a_caller_that_never_returns),
		TEST(keeps_the_old_image_as_it_stopped),
		TEST(gives_a_waiting_caller_one_answer),
		TEST(signals_reach_whoever_runs_next),
		TEST(does_not_strand_a_passive_server),
		TEST(goes_back_after_any_refusal),
		TEST(a_refusal_leaves_a_calling_image_its_answer),
		TEST(stops_and_resumes),
		TEST(a_refused_stop_or_resume_changes_nothing),
		TEST(a_stopped_image_is_replaced),
		TEST(a_passive_domain_is_replaced),
		TEST(a_stopped_call_can_be_answered),
		TEST(a_domain_outlives_its_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
