/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages through endpoints, replies, capabilities that go along, and signals. */
#include "test/support/fakeport.h"
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "kernel/core/slot.h"
#include "test/support/kernelcheck.h"

/* T1, T2: threads above and below the root. */
enum { EP = FAKE_FREE, NTFN, EP2, A, B, C, D, T1 = FAKE_FREE + 10, T2 = T1 + THREAD_SLOTS, T3 = T2 + THREAD_SLOTS };
#define HIGH 255
#define LOW  100

struct world {
	struct fake *f;
	struct tcb  *root, *high, *low;
};

/* The high thread runs first, as soon as it exists: make it wait at once. */
static struct world world_new(void)
{
	struct world w = { .f = fake_new() };
	w.root = w.f->root;
	assert_int_equal(fake_retype(w.f, seL4_EndpointObject, 0, EP, 1), seL4_NoError);
	assert_int_equal(fake_retype(w.f, seL4_NotificationObject, 0, NTFN, 1), seL4_NoError);
	assert_int_equal(fake_retype(w.f, seL4_EndpointObject, 0, EP2, 1), seL4_NoError);
	w.low = fake_thread(w.f, T2, LOW);
	return w;
}

static void add_high(struct world *w)
{
	w->high = fake_passive_thread(w->f, T1, HIGH);
	assert_int_equal(CALL(w->f, FAKE_SCHED_CONTROL, SchedControlConfigureFlags, WORDS(1000, 1000, 0, 9, 0), CAPS(T1 + THREAD_SC)),
	                 seL4_NoError);
	assert_int_equal(CALL(w->f, T1 + THREAD_SC, SchedContextBind, CAPS(T1 + THREAD_TCB)), seL4_NoError);
	CALL(w->f, T1 + THREAD_TCB, TCBResume, .length = 0);
	fake_expect_current(w->f, w->high);
}

static void expect_message(struct world *w, const struct tcb *tcb, word badge, word label, word length, word first)
{
	struct message m = fake_get(w->f, tcb);
	assert_int_equal(tcb->registers[REG_BADGE], badge);
	assert_int_equal(m.label, label);
	assert_int_equal(m.length, length);
	for (word i = 0; i < length; i++)
		assert_int_equal(m.words[i], first + i);
}

static struct message count_from(word label, word first, word length)
{
	struct message m = { .label = label, .length = length };
	for (word i = 0; i < length && i < seL4_MsgMaxLength; i++)
		m.words[i] = first + i;
	return m;
}

/* ---- plain sending ---- */
static void test_send_to_waiting(void **state)
{
	(void)state;
	for (word length = 0; length <= seL4_MsgMaxLength; length += length < 6 ? 1 : 19) {
		struct world w = world_new();
		fake_mint(w.f, EP, A, 15, 0x1234);
		add_high(&w);
		fake_receive(w.f, seL4_SysRecv, EP, T1 + THREAD_REPLY);
		fake_expect_current(w.f, w.root);
		struct message m = count_from(0x7777, 100, length);
		fake_send(w.f, seL4_SysSend, A, &m);
		fake_expect_current(w.f, w.high);
		expect_message(&w, w.high, 0x1234, 0x7777, length, 100);
		fake_free(w.f);
	}
}

/* A length that no message has counts as the longest. */
static void test_length_is_cut(void **state)
{
	(void)state;
	struct world w = world_new();
	add_high(&w);
	fake_receive(w.f, seL4_SysRecv, EP, T1 + THREAD_REPLY);
	struct message m = count_from(1, 5, seL4_MsgMaxLength);
	fake_put(w.f, &m);
	w.root->registers[REG_INFO] |= 127;
	w.root->registers[REG_CAP] = EP;
	fake_enter(w.f, seL4_SysSend);
	expect_message(&w, w.high, 0, 1, seL4_MsgMaxLength, 5);
	fake_free(w.f);
}

/* Without an IPC buffer on either side only the registers travel. */
static void test_no_buffer(void **state)
{
	(void)state;
	struct world w = world_new();
	add_high(&w);
	assert_int_equal(CALL(w.f, T1 + THREAD_TCB, TCBSetIPCBuffer, WORDS(0), CAPS(FAKE_BUFFER)), seL4_NoError);
	fake_receive(w.f, seL4_SysRecv, EP, T1 + THREAD_REPLY);
	struct message m = count_from(1, 5, 20);
	fake_send(w.f, seL4_SysSend, EP, &m);
	expect_message(&w, w.high, 0, 1, MESSAGE_REGISTERS, 5);
	fake_free(w.f);
}

/* A buffer that may only be read sends, but does not receive; one without rights does neither. */
static void test_buffer_rights(void **state)
{
	(void)state;
	struct world w = world_new();
	assert_int_equal(fake_copy(w.f, FAKE_BUFFER, A, ABI_RIGHT_READ), seL4_NoError);
	assert_int_equal(CALL(w.f, FAKE_TCB, TCBSetIPCBuffer, WORDS(0x10000000), CAPS(A)), seL4_NoError);
	assert_non_null(thread_buffer(w.root, false));
	assert_null(thread_buffer(w.root, true));
	assert_int_equal(fake_delete(w.f, A), seL4_NoError);
	assert_int_equal(fake_copy(w.f, FAKE_BUFFER, A, 0), seL4_NoError);
	assert_int_equal(CALL(w.f, FAKE_TCB, TCBSetIPCBuffer, WORDS(0x10000000), CAPS(A)), seL4_NoError);
	assert_null(thread_buffer(w.root, false));
	fake_free(w.f);
}

static void test_sender_waits(void **state)
{
	(void)state;
	struct world w = world_new();
	fake_mint(w.f, EP, A, ABI_RIGHT_WRITE, 3);
	struct message m = count_from(9, 50, 7);
	fake_send(w.f, seL4_SysSend, A, &m);
	assert_int_equal(w.root->state, THREAD_BLOCKED_ON_SEND);
	fake_expect_current(w.f, w.low);
	fake_receive(w.f, seL4_SysRecv, EP, T2 + THREAD_REPLY);
	expect_message(&w, w.low, 3, 9, 7, 50);
	fake_expect_current(w.f, w.root);
	fake_free(w.f);
}

static void test_nonblocking(void **state)
{
	(void)state;
	struct world w = world_new();
	struct message m = count_from(9, 50, 2);
	fake_send(w.f, seL4_SysNBSend, EP, &m);
	fake_expect_current(w.f, w.root);
	w.root->registers[REG_BADGE] = 99;
	fake_receive(w.f, seL4_SysNBRecv, EP, T1 + THREAD_REPLY); /* there is no such capability */
	fake_expect_current(w.f, w.low);
	fake_free(w.f);

	w = world_new();
	assert_int_equal(fake_retype(w.f, seL4_ReplyObject, 0, A, 1), seL4_NoError);
	fake_receive(w.f, seL4_SysNBRecv, EP, A);
	fake_expect_current(w.f, w.root);
	assert_int_equal(w.root->registers[REG_BADGE], 0);
	fake_receive(w.f, seL4_SysNBWait, EP, 0);
	fake_expect_current(w.f, w.root);
	fake_receive(w.f, seL4_SysNBWait, NTFN, 0);
	fake_expect_current(w.f, w.root);
	assert_int_equal(w.root->registers[REG_BADGE], 0);
	fake_free(w.f);
}

static void test_rights_are_needed(void **state)
{
	(void)state;
	struct world w = world_new();
	struct message answer;
	fake_copy(w.f, EP, A, 14);
	assert_int_equal(CALL_ANSWER(w.f, &answer, A, 5, WORDS(1)), seL4_InvalidCapability);
	assert_int_equal(answer.length, 1);
	assert_int_equal(answer.words[0], 0);
	fake_copy(w.f, NTFN, B, 2);
	assert_int_equal(CALL(w.f, B, 5, WORDS(1)), seL4_InvalidCapability);
	assert_int_equal(((struct notification *)cap_object(fake_cap(w.f, NTFN)))->state, NOTIFICATION_IDLE);
	/* Receiving without the right is a fault; the root has no handler, so it stops. */
	fake_copy(w.f, EP, C, 13);
	fake_receive(w.f, seL4_SysWait, C, 0);
	assert_int_equal(w.root->state, THREAD_INACTIVE);
	fake_free(w.f);
	w = world_new();
	fake_copy(w.f, NTFN, C, 1);
	fake_receive(w.f, seL4_SysWait, C, 0);
	assert_int_equal(w.root->state, THREAD_INACTIVE);
	fake_free(w.f);
}

/* Threads wait by priority, equal ones in order. */
static void test_order_of_waiting(void **state)
{
	(void)state;
	struct world w = world_new();
	struct tcb *third = fake_thread(w.f, T3, LOW);
	add_high(&w);
	struct message m = count_from(1, 0, 1);
	fake_mint(w.f, EP, A, 15, 1), fake_mint(w.f, EP, B, 15, 2);
	fake_receive(w.f, seL4_SysWait, NTFN, 0);
	fake_expect_current(w.f, w.root);
	/* The one made last runs first: a less important thread that is woken goes to the front of its queue. */
	struct endpoint *endpoint = cap_object(fake_cap(w.f, EP));
	fake_receive(w.f, seL4_SysWait, EP2, 0);
	fake_expect_current(w.f, third);
	fake_send(w.f, seL4_SysSend, A, &m);
	fake_expect_current(w.f, w.low);
	fake_send(w.f, seL4_SysSend, B, &m);
	fake_expect_current(w.f, &w.f->kernel.idle);
	assert_ptr_equal((void *)(endpoint->head & ~3ul), third);
	assert_ptr_equal((void *)endpoint->tail, w.low);
	/* More important, more to the front. */
	thread_set_priority(&w.f->kernel, w.low, LOW + 1);
	assert_ptr_equal((void *)(endpoint->head & ~3ul), w.low);
	thread_set_priority(&w.f->kernel, w.low, LOW - 1);
	assert_ptr_equal((void *)(endpoint->head & ~3ul), third);
	kernelcheck_all(w.f);
	fake_free(w.f);
}

/* ---- calls and replies ---- */
static void test_call_and_reply(void **state)
{
	(void)state;
	struct world w = world_new();
	fake_mint(w.f, EP, A, 15, 0x55);
	add_high(&w);
	fake_receive(w.f, seL4_SysRecv, EP, T1 + THREAD_REPLY);
	struct message m = count_from(4, 10, 6);
	fake_send(w.f, seL4_SysCall, A, &m);
	fake_expect_current(w.f, w.high);
	assert_int_equal(w.root->state, THREAD_BLOCKED_ON_REPLY);
	expect_message(&w, w.high, 0x55, 4, 6, 10);
	m = count_from(8, 70, 5);
	fake_reply_receive(w.f, EP, T1 + THREAD_REPLY, &m);
	fake_expect_current(w.f, w.root);
	expect_message(&w, w.root, 0, 8, 5, 70);
	assert_int_equal(w.high->state, THREAD_BLOCKED_ON_RECEIVE);
	fake_free(w.f);
}

/* The caller is there before the server: what it sent waits with it, and so does its call. */
static void test_call_waits_for_server(void **state)
{
	(void)state;
	for (int has_reply = 0; has_reply < 2; has_reply++) {
		struct world w = world_new();
		fake_mint(w.f, EP, A, 15, 0x66);
		struct message m = count_from(4, 10, 6);
		fake_send(w.f, seL4_SysCall, A, &m);
		assert_int_equal(w.root->state, THREAD_BLOCKED_ON_SEND);
		fake_expect_current(w.f, w.low);
		fake_receive(w.f, has_reply ? seL4_SysRecv : seL4_SysWait, EP, T2 + THREAD_REPLY);
		fake_expect_current(w.f, w.low);
		expect_message(&w, w.low, 0x66, 4, 6, 10);
		assert_int_equal(w.root->state, has_reply ? THREAD_BLOCKED_ON_REPLY : THREAD_INACTIVE);
		if (has_reply) {
			m = count_from(9, 30, 5);
			fake_send(w.f, seL4_SysSend, T2 + THREAD_REPLY, &m);
			fake_expect_current(w.f, w.root);
			expect_message(&w, w.root, 0, 9, 5, 30);
		}
		fake_free(w.f);
	}
}

/* Send to the reply object works like the first half of ReplyRecv; a second one has nobody to answer. */
static void test_reply_by_send(void **state)
{
	(void)state;
	struct world w = world_new();
	add_high(&w);
	fake_receive(w.f, seL4_SysRecv, EP, T1 + THREAD_REPLY);
	struct message m = count_from(4, 10, 1);
	fake_send(w.f, seL4_SysCall, EP, &m);
	m = count_from(5, 11, 2);
	fake_send(w.f, seL4_SysSend, T1 + THREAD_REPLY, &m);
	fake_expect_current(w.f, w.high);
	assert_int_equal(w.root->state, THREAD_RUNNING);
	expect_message(&w, w.root, 0, 5, 2, 11);
	fake_send(w.f, seL4_SysSend, T1 + THREAD_REPLY, &m);
	fake_expect_current(w.f, w.high);
	fake_free(w.f);
}

/* Without grant or grant-reply no reply is possible: the caller stops for good. So it does without a reply object. */
static void test_call_without_way_back(void **state)
{
	(void)state;
	struct world w = world_new();
	fake_copy(w.f, EP, A, ABI_RIGHT_WRITE);
	add_high(&w);
	fake_receive(w.f, seL4_SysRecv, EP, T1 + THREAD_REPLY);
	struct message m = count_from(4, 10, 1);
	fake_send(w.f, seL4_SysCall, A, &m);
	fake_expect_current(w.f, w.high);
	assert_int_equal(w.root->state, THREAD_INACTIVE);
	fake_free(w.f);
	w = world_new();
	add_high(&w);
	fake_receive(w.f, seL4_SysWait, EP, 0);
	fake_send(w.f, seL4_SysCall, EP, &m);
	assert_int_equal(w.root->state, THREAD_INACTIVE);
	fake_free(w.f);
}

/* A reply object that is in use and offered again: the first caller is given up. */
static void test_reply_object_reused(void **state)
{
	(void)state;
	struct world w = world_new();
	add_high(&w);
	fake_receive(w.f, seL4_SysRecv, EP, T1 + THREAD_REPLY);
	struct message m = count_from(4, 10, 1);
	fake_send(w.f, seL4_SysCall, EP, &m);
	fake_receive(w.f, seL4_SysRecv, EP, T1 + THREAD_REPLY);
	assert_int_equal(w.root->state, THREAD_INACTIVE);
	fake_expect_current(w.f, w.low);
	fake_send(w.f, seL4_SysCall, EP, &m);
	fake_expect_current(w.f, w.high);
	assert_int_equal(w.low->state, THREAD_BLOCKED_ON_REPLY);
	fake_free(w.f);
}

/* Deleting the last capability of a reply object, or of the endpoint somebody waits at. */
static void test_delete_under_waiters(void **state)
{
	(void)state;
	struct world w = world_new();
	add_high(&w);
	fake_receive(w.f, seL4_SysRecv, EP, T1 + THREAD_REPLY);
	struct message m = count_from(4, 10, 1);
	fake_send(w.f, seL4_SysCall, EP, &m);
	assert_int_equal(fake_delete(w.f, T1 + THREAD_REPLY), seL4_NoError);
	assert_int_equal(w.root->state, THREAD_INACTIVE);
	fake_receive(w.f, seL4_SysWait, EP, 0);
	fake_expect_current(w.f, w.low);
	/* The receiver tries its call again, from the instruction itself. */
	word again = w.high->registers[REG_FAULT_IP];
	assert_int_equal(fake_delete(w.f, EP2), seL4_NoError);
	assert_int_equal(w.high->state, THREAD_BLOCKED_ON_RECEIVE);
	w.low->registers[REG_CAP] = FAKE_CNODE;
	m = (struct message){ .label = CNodeDelete, WORDS(EP, 64) };
	fake_put(w.f, &m);
	fake_enter(w.f, seL4_SysCall);
	fake_expect_current(w.f, w.high);
	assert_int_equal(w.high->registers[REG_NEXT_IP], again);
	fake_free(w.f);
}

/* Receivers with a reply object are cut loose from it when the endpoint goes. */
static void test_delete_endpoint_under_receiver(void **state)
{
	(void)state;
	struct world w = world_new();
	add_high(&w);
	fake_receive(w.f, seL4_SysRecv, EP, T1 + THREAD_REPLY);
	const struct reply *reply = cap_object(fake_cap(w.f, T1 + THREAD_REPLY));
	assert_ptr_equal(reply->tcb, w.high);
	/* Cancelling sends leaves receivers alone, whatever badge they sent with last. */
	w.high->blocked_badge = 3;
	fake_mint(w.f, EP, A, 15, 3);
	assert_int_equal(CALL(w.f, FAKE_CNODE, CNodeCancelBadgedSends, WORDS(A, 64)), seL4_NoError);
	assert_int_equal(w.high->state, THREAD_BLOCKED_ON_RECEIVE);
	assert_int_equal(fake_delete(w.f, A), seL4_NoError);
	fake_send(w.f, seL4_SysCall, FAKE_CNODE, &(struct message){ .label = CNodeDelete, WORDS(EP, 64) });
	fake_expect_current(w.f, w.high);
	assert_null(reply->tcb);
	fake_free(w.f);
}

static void test_cancel_badged_sends(void **state)
{
	(void)state;
	struct world w = world_new();
	struct tcb *third = fake_thread(w.f, T3, LOW);
	fake_mint(w.f, EP, A, 15, 1), fake_mint(w.f, EP, B, 15, 2);
	struct message m = count_from(1, 0, 1);
	fake_receive(w.f, seL4_SysWait, NTFN, 0);
	fake_expect_current(w.f, third);
	fake_send(w.f, seL4_SysSend, A, &m);
	fake_expect_current(w.f, w.low);
	fake_send(w.f, seL4_SysCall, B, &m);
	fake_expect_current(w.f, &w.f->kernel.idle);
	/* Wake the root with an interrupt's signal, as nobody else is left. */
	w.f->kernel.irq_states[40] = IRQ_SIGNAL;
	slot_insert(fake_cap(w.f, NTFN), &w.f->cnode[NTFN], &w.f->kernel.irq_slots[40]);
	kernel_interrupt(&w.f->kernel, 40);
	fake_expect_current(w.f, w.root);
	/* Through a capability without badge nothing is cancelled, not even those without. */
	third->blocked_badge = 0;
	assert_int_equal(CALL(w.f, FAKE_CNODE, CNodeCancelBadgedSends, WORDS(EP, 64)), seL4_NoError);
	assert_int_equal(third->state, THREAD_BLOCKED_ON_SEND);
	assert_int_equal(CALL(w.f, FAKE_CNODE, CNodeCancelBadgedSends, WORDS(B, 64)), seL4_NoError);
	assert_int_equal(third->state, THREAD_BLOCKED_ON_SEND);
	assert_int_equal(w.low->state, THREAD_RESTART);
	fake_free(w.f);
}

/* ---- capabilities in messages ---- */
static void set_receive_slot(struct tcb *tcb, word cnode, word index, word depth)
{
	seL4_IPCBuffer *buffer = (seL4_IPCBuffer *)thread_buffer(tcb, true);
	buffer->receiveCNode = cnode;
	buffer->receiveIndex = index;
	buffer->receiveDepth = depth;
}

static struct message transfer(struct world *w, word endpoint, word slot, const struct message *m)
{
	add_high(w);
	set_receive_slot(w->high, FAKE_CNODE, slot, 64);
	fake_receive(w->f, seL4_SysRecv, EP, T1 + THREAD_REPLY);
	fake_send(w->f, seL4_SysSend, endpoint, m);
	fake_expect_current(w->f, w->high);
	return fake_get(w->f, w->high);
}

static word unwrapped(const struct tcb *tcb)
{
	return seL4_MessageInfo_get_capsUnwrapped((seL4_MessageInfo_t){ { tcb->registers[REG_INFO] } });
}

static void test_capability_arrives(void **state)
{
	(void)state;
	struct world w = world_new();
	fake_mint(w.f, NTFN, B, ABI_RIGHT_WRITE, 6);
	struct message m = { .label = 1, CAPS(B) };
	struct message got = transfer(&w, EP, D, &m);
	assert_int_equal(got.cap_count, 1);
	assert_int_equal(unwrapped(w.high), 0);
	assert_true(cap_is_identical(fake_cap(w.f, D), fake_cap(w.f, B)));
	/* It is a child of the notification, as the one it was made from. */
	assert_int_equal(fake_revoke(w.f, NTFN), seL4_NoError);
	assert_true(cap_is_null(fake_cap(w.f, D)));
	fake_free(w.f);
}

static void test_only_with_grant(void **state)
{
	(void)state;
	struct world w = world_new();
	fake_copy(w.f, EP, A, 15 & ~ABI_RIGHT_GRANT);
	struct message m = { .label = 1, CAPS(NTFN) };
	struct message got = transfer(&w, A, D, &m);
	assert_int_equal(got.cap_count, 0);
	assert_true(cap_is_null(fake_cap(w.f, D)));
	fake_free(w.f);
}

/* The second one finds the slot taken; so does the first if it is taken already. */
static void test_one_slot(void **state)
{
	(void)state;
	struct world w = world_new();
	struct message m = { .label = 1, CAPS(NTFN, EP2) };
	struct message got = transfer(&w, EP, D, &m);
	assert_int_equal(got.cap_count, 1);
	assert_int_equal(cap_kind(fake_cap(w.f, D)), CAP_NOTIFICATION);
	fake_free(w.f);
	w = world_new();
	got = transfer(&w, EP, EP2, &m);
	assert_int_equal(got.cap_count, 0);
	fake_free(w.f);
}

/* Capabilities to the endpoint itself arrive as badges and need no slot. */
static void test_unwrapped(void **state)
{
	(void)state;
	struct world w = world_new();
	fake_mint(w.f, EP, A, 15, 0x1001), fake_mint(w.f, EP, B, 15, 0x1002);
	struct message m = { .label = 1, CAPS(A, NTFN, B) };
	struct message got = transfer(&w, EP, D, &m);
	assert_int_equal(got.cap_count, 3);
	assert_int_equal(unwrapped(w.high), 5);
	assert_int_equal(got.caps[0], 0x1001);
	assert_int_equal(got.caps[2], 0x1002);
	assert_int_equal(cap_kind(fake_cap(w.f, D)), CAP_NOTIFICATION);
	fake_free(w.f);
}

/* A receive slot that is none: no CNode, no such address, too deep. */
static void test_no_receive_slot(void **state)
{
	(void)state;
	static const word places[][3] = { { EP, D, 64 }, { 1ul << 40, D, 64 }, { FAKE_CNODE, D, 0 }, { FAKE_CNODE, D, 65 },
	                                  { FAKE_CNODE, 1ul << 40, 64 } };
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct world w = world_new();
		add_high(&w);
		set_receive_slot(w.high, places[i][0], places[i][1], places[i][2]);
		fake_receive(w.f, seL4_SysRecv, EP, T1 + THREAD_REPLY);
		struct message m = { .label = 1, CAPS(NTFN) };
		fake_send(w.f, seL4_SysSend, EP, &m);
		assert_int_equal(fake_get(w.f, w.high).cap_count, 0);
		assert_true(cap_is_null(fake_cap(w.f, D)));
		fake_free(w.f);
	}
}

/* One that can't be copied ends the list. */
static void test_not_derivable(void **state)
{
	(void)state;
	struct world w = world_new();
	struct message m = { .label = 1, CAPS(FAKE_IRQ_CONTROL, NTFN) };
	struct message got = transfer(&w, EP, D, &m);
	assert_int_equal(got.cap_count, 0);
	assert_true(cap_is_null(fake_cap(w.f, D)));
	fake_free(w.f);
}

/* Capabilities in a reply need the grant right of the reply capability. */
static void test_capability_in_reply(void **state)
{
	(void)state;
	for (word rights = 0; rights < 16; rights += 15) {
		struct world w = world_new();
		add_high(&w);
		fake_copy(w.f, T1 + THREAD_REPLY, A, rights);
		set_receive_slot(w.root, FAKE_CNODE, D, 64);
		fake_receive(w.f, seL4_SysRecv, EP, A);
		struct message m = { .label = 1 };
		fake_send(w.f, seL4_SysCall, EP, &m);
		m = (struct message){ .label = 1, CAPS(NTFN) };
		fake_reply_receive(w.f, EP, A, &m);
		fake_expect_current(w.f, w.root);
		assert_int_equal(fake_get(w.f, w.root).cap_count, rights != 0);
		assert_int_equal(cap_kind(fake_cap(w.f, D)), rights != 0 ? CAP_NOTIFICATION : CAP_NULL);
		fake_free(w.f);
	}
}

/* ---- the combined calls ---- */
static void test_nbsend_recv_and_wait(void **state)
{
	(void)state;
	struct world w = world_new();
	assert_int_equal(fake_retype(w.f, seL4_ReplyObject, 0, C, 1), seL4_NoError);
	fake_mint(w.f, NTFN, A, 15, 4);
	struct message m = count_from(1, 0, 1);
	fake_put(w.f, &m);
	w.root->registers[REG_NBSEND_CAP] = A;
	fake_receive(w.f, seL4_SysNBSendRecv, EP, C);
	fake_expect_current(w.f, w.low);
	struct notification *n = cap_object(fake_cap(w.f, NTFN));
	assert_int_equal(n->state, NOTIFICATION_ACTIVE);
	assert_int_equal(n->badge, 4);
	/* NBSendWait: the destination is in the reply register; the wait takes the signal. */
	fake_put(w.f, &m);
	fake_receive(w.f, seL4_SysNBSendWait, NTFN, A);
	fake_expect_current(w.f, w.low);
	assert_int_equal(w.low->registers[REG_BADGE], 4);
	assert_int_equal(n->state, NOTIFICATION_IDLE);
	fake_free(w.f);
}

/* TCBs, CNodes and the like can't be invoked by the sending half; the receiving half takes place all the same. */
static void test_first_phase(void **state)
{
	(void)state;
	static const word slots[] = { T2 + THREAD_TCB, FAKE_CNODE, FAKE_SC, FAKE_SCHED_CONTROL, FAKE_DOMAIN };
	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		struct world w = world_new();
		struct message m = { .label = TCBSuspend };
		fake_put(w.f, &m);
		fake_receive(w.f, seL4_SysNBSendWait, NTFN, slots[i]);
		fake_expect_current(w.f, w.low);
		assert_int_equal(w.root->state, THREAD_BLOCKED_ON_NOTIFICATION);
		fake_free(w.f);
	}
}

/* ---- signals ---- */
static void test_signals_add_up(void **state)
{
	(void)state;
	struct world w = world_new();
	fake_mint(w.f, NTFN, A, 15, 5), fake_mint(w.f, NTFN, B, 15, 10);
	struct message m = { .label = 0 };
	fake_send(w.f, seL4_SysSend, A, &m);
	fake_send(w.f, seL4_SysSend, B, &m);
	fake_receive(w.f, seL4_SysWait, NTFN, 0);
	fake_expect_current(w.f, w.root);
	assert_int_equal(w.root->registers[REG_BADGE], 15);
	fake_receive(w.f, seL4_SysWait, NTFN, 0);
	assert_int_equal(w.root->state, THREAD_BLOCKED_ON_NOTIFICATION);
	fake_expect_current(w.f, w.low);
	fake_send(w.f, seL4_SysSend, A, &m);
	fake_expect_current(w.f, w.root);
	assert_int_equal(w.root->registers[REG_BADGE], 5);
	/* It went to the waiter and nowhere else. */
	fake_receive(w.f, seL4_SysNBWait, NTFN, 0);
	assert_int_equal(w.root->registers[REG_BADGE], 0);
	fake_free(w.f);
}

static void test_bound(void **state)
{
	(void)state;
	struct world w = world_new();
	fake_mint(w.f, NTFN, A, 15, 8);
	add_high(&w);
	assert_int_equal(CALL(w.f, T1 + THREAD_TCB, TCBBindNotification, CAPS(NTFN)), seL4_NoError);
	fake_receive(w.f, seL4_SysRecv, EP, T1 + THREAD_REPLY);
	struct message m = { .label = 0 };
	fake_send(w.f, seL4_SysSend, A, &m);
	fake_expect_current(w.f, w.high);
	assert_int_equal(w.high->registers[REG_BADGE], 8);
	/* One that is there already ends a receive at once, whether it waits or not. */
	w.high->registers[REG_CAP] = A;
	fake_put(w.f, &m);
	fake_enter(w.f, seL4_SysSend);
	fake_receive(w.f, seL4_SysNBRecv, EP, T1 + THREAD_REPLY);
	fake_expect_current(w.f, w.high);
	assert_int_equal(w.high->registers[REG_BADGE], 8);
	/* The bound thread may wait for it, others may not. */
	fake_receive(w.f, seL4_SysWait, NTFN, 0);
	assert_int_equal(w.high->state, THREAD_BLOCKED_ON_NOTIFICATION);
	fake_expect_current(w.f, w.root);
	fake_receive(w.f, seL4_SysWait, NTFN, 0);
	assert_int_equal(w.root->state, THREAD_INACTIVE);
	fake_free(w.f);
}

/* Waiters by priority, which may change while they wait. */
static void test_order_at_notification(void **state)
{
	(void)state;
	struct world w = world_new();
	struct notification *n = cap_object(fake_cap(w.f, NTFN));
	struct tcb *third = fake_thread(w.f, T3, LOW);
	fake_receive(w.f, seL4_SysWait, EP2, 0);
	fake_expect_current(w.f, third);
	fake_receive(w.f, seL4_SysWait, NTFN, 0);
	fake_receive(w.f, seL4_SysWait, NTFN, 0);
	assert_ptr_equal(n->head, third);
	thread_set_priority(&w.f->kernel, w.low, LOW + 1);
	assert_ptr_equal(n->head, w.low);
	kernelcheck_all(w.f);
	fake_free(w.f);
}

/* A thread in a call hears no signals. */
static void test_bound_in_call(void **state)
{
	(void)state;
	struct world w = world_new();
	assert_int_equal(CALL(w.f, FAKE_TCB, TCBBindNotification, CAPS(NTFN)), seL4_NoError);
	struct message m = { .label = 0 };
	fake_send(w.f, seL4_SysCall, EP, &m);
	fake_expect_current(w.f, w.low);
	fake_send(w.f, seL4_SysSend, NTFN, &m);
	assert_int_equal(w.root->state, THREAD_BLOCKED_ON_SEND);
	fake_free(w.f);
}

static void test_delete_notification(void **state)
{
	(void)state;
	struct world w = world_new();
	add_high(&w);
	fake_receive(w.f, seL4_SysWait, NTFN, 0);
	fake_expect_current(w.f, w.root);
	w.root->registers[REG_CAP] = FAKE_CNODE;
	struct message m = { .label = CNodeDelete, WORDS(NTFN, 64) };
	fake_put(w.f, &m);
	fake_enter(w.f, seL4_SysCall);
	fake_expect_current(w.f, w.high);
	fake_free(w.f);
	w = world_new();
	assert_int_equal(CALL(w.f, FAKE_TCB, TCBBindNotification, CAPS(NTFN)), seL4_NoError);
	assert_int_equal(CALL(w.f, FAKE_SC, SchedContextBind, CAPS(NTFN)), seL4_NoError);
	assert_int_equal(fake_delete(w.f, NTFN), seL4_NoError);
	assert_null(w.root->bound_notification);
	assert_null(w.root->sc->notification);
	fake_free(w.f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_send_to_waiting),
		cmocka_unit_test(test_length_is_cut),
		cmocka_unit_test(test_no_buffer),
		cmocka_unit_test(test_buffer_rights),
		cmocka_unit_test(test_sender_waits),
		cmocka_unit_test(test_nonblocking),
		cmocka_unit_test(test_rights_are_needed),
		cmocka_unit_test(test_order_of_waiting),
		cmocka_unit_test(test_call_and_reply),
		cmocka_unit_test(test_call_waits_for_server),
		cmocka_unit_test(test_reply_by_send),
		cmocka_unit_test(test_call_without_way_back),
		cmocka_unit_test(test_reply_object_reused),
		cmocka_unit_test(test_delete_under_waiters),
		cmocka_unit_test(test_delete_endpoint_under_receiver),
		cmocka_unit_test(test_cancel_badged_sends),
		cmocka_unit_test(test_capability_arrives),
		cmocka_unit_test(test_only_with_grant),
		cmocka_unit_test(test_one_slot),
		cmocka_unit_test(test_unwrapped),
		cmocka_unit_test(test_no_receive_slot),
		cmocka_unit_test(test_not_derivable),
		cmocka_unit_test(test_capability_in_reply),
		cmocka_unit_test(test_nbsend_recv_and_wait),
		cmocka_unit_test(test_first_phase),
		cmocka_unit_test(test_signals_add_up),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_order_at_notification),
		cmocka_unit_test(test_bound_in_call),
		cmocka_unit_test(test_delete_notification),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
