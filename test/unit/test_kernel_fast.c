/* SPDX-License-Identifier: BSD-2-Clause */
/* The short ways of Call and ReplyRecv: two worlds made alike, one takes them, the other the general way; afterwards all
 * memory is the same. */
#include "test/support/fakeport.h"
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "kernel/core/fast.h"
#include "kernel/core/slot.h"
#include "test/support/kernelcheck.h"
#include "test/support/random.h"

enum { EP = FAKE_FREE, NTFN, EP2, BADGED, UNREADABLE, T1 = FAKE_FREE + 10, T2 = T1 + THREAD_SLOTS, T3 = T2 + THREAD_SLOTS };

/* ---- comparing ---- */

/* Words are alike if they are equal, or addresses of the same place in the two worlds, plain or packed in a capability. */
static bool is_alike(const struct fake *f, const struct fake *g, word a, word b)
{
	word memory = (word)f->memory - (word)g->memory, kernel = (word)&f->kernel - (word)&g->kernel;
	return a == b || a - b == memory || a - b == kernel || a - b == memory << CAP_ADDRESS_SHIFT;
}

static void expect_alike_bytes(const struct fake *f, const struct fake *g, const void *a, const void *b, size_t bytes)
{
	const word *x = a, *y = b;
	for (size_t i = 0; i < bytes / sizeof(word); i++)
		if (!is_alike(f, g, x[i], y[i]))
			fail_msg("word %zu of %zu: %lx and %lx", i, bytes / sizeof(word), x[i], y[i]);
}

static void expect_alike(const struct fake *f, const struct fake *g)
{
	expect_alike_bytes(f, g, f->memory, g->memory, 1u << FAKE_MEMORY_BITS);
	expect_alike_bytes(f, g, &f->kernel, &g->kernel, offsetof(struct kernel, port));
}

/* ---- worlds ---- */
struct shape {
	word server_priority, ready_priority; /* 0: no third thread is ready */
	word rights;      /* of the caller's endpoint capability */
	word length, caps;
	bool has_bound, is_signalled; /* the server's notification */
	bool is_active;   /* the server has a context of its own */
	bool is_queued;   /* a second server waits behind it */
	bool is_chain;    /* the caller itself serves somebody */
	bool no_reply;    /* the server offers no reply object */
	bool not_readable; /* the server's endpoint capability, when it answers, lacks the right to receive */
	bool two_levels;  /* the caller's root CNode does not lead to it at once */
};

/* The root calls; or, in a chain, the root has called the middle server at EP2, which calls on. */
static struct fake *build(const struct shape *s)
{
	struct fake *f = fake_new();
	fake_retype(f, seL4_EndpointObject, 0, EP, 1), fake_retype(f, seL4_EndpointObject, 0, EP2, 1);
	fake_retype(f, seL4_NotificationObject, 0, NTFN, 1);
	fake_mint(f, EP, BADGED, s->rights, 0x4711);
	fake_mint(f, EP, UNREADABLE, ABI_RIGHTS_ALL & ~ABI_RIGHT_READ, 0);
	fake_thread(f, T1, 255);
	if (s->no_reply)
		fake_receive(f, seL4_SysWait, EP, 0);
	else
		fake_receive(f, seL4_SysRecv, EP, T1 + THREAD_REPLY);
	if (!s->is_active)
		CALL(f, T1 + THREAD_SC, SchedContextUnbind, .length = 0);
	if (s->has_bound)
		CALL(f, T1 + THREAD_TCB, TCBBindNotification, CAPS(NTFN));
	fake_thread(f, T2, 255);
	if (s->is_chain || s->is_queued) {
		fake_receive(f, seL4_SysRecv, s->is_chain ? EP2 : EP, T2 + THREAD_REPLY);
		CALL(f, T2 + THREAD_SC, SchedContextUnbind, .length = 0);
	} else {
		fake_receive(f, seL4_SysWait, EP2, 0);
	}
	CALL(f, T1 + THREAD_TCB, TCBSetPriority, WORDS(s->server_priority), CAPS(FAKE_TCB));
	if (s->ready_priority != 0)
		fake_thread(f, T3, s->ready_priority);
	if (s->is_chain)
		fake_send(f, seL4_SysCall, EP2, &(struct message){ .label = 1 });
	return f;
}

static void enter(struct fake *f, sword number, bool is_general)
{
	struct tcb *tcb = f->kernel.current;
	tcb->registers[REG_FAULT_IP] = tcb->registers[REG_NEXT_IP];
	tcb->registers[REG_NEXT_IP] += 2;
	if (is_general)
		kernel_syscall_general(&f->kernel, number);
	else
		kernel_syscall(&f->kernel, number);
	kernelcheck_all(f);
}

static void prepare_call(struct fake *f, const struct shape *s)
{
	struct message m = { .label = 0x123, .length = s->length, .words = { 11, 12, 13, 14, 15, 16 }, .cap_count = s->caps,
	                     .caps = { NTFN, EP2 } };
	fake_put(f, &m);
	f->kernel.current->registers[REG_CAP] = BADGED;
	if (s->two_levels) {
		struct cte *root = &f->kernel.current->slots[TCB_SLOT_CSPACE];
		root->cap = cap_with_data(root->cap, 0);
		f->kernel.current->registers[REG_CAP] = (word)BADGED << (64 - FAKE_CNODE_BITS);
	}
}

static void prepare_reply(struct fake *f, const struct shape *s)
{
	struct message m = { .label = 0x77, .length = s->length, .words = { 21, 22, 23, 24, 25, 26 }, .cap_count = s->caps,
	                     .caps = { NTFN, EP2 } };
	fake_put(f, &m);
	f->kernel.current->registers[REG_CAP] = s->not_readable ? UNREADABLE : EP;
	f->kernel.current->registers[REG_REPLY] = T1 + THREAD_REPLY;
	if (s->is_signalled) {
		struct notification *n = cap_object(fake_cap(f, NTFN));
		n->state = NOTIFICATION_ACTIVE, n->badge = 9;
	}
}

static void compare(const struct shape *s)
{
	struct fake *f = build(s), *g = build(s);
	struct tcb *caller = f->kernel.current;
	prepare_call(f, s), prepare_call(g, s);
	enter(f, seL4_SysCall, false), enter(g, seL4_SysCall, true);
	expect_alike(f, g);
	/* The server answers, if it is the server that runs now. */
	struct tcb *server = fake_tcb(f, T1 + THREAD_TCB);
	if (f->kernel.current == server && caller->state == THREAD_BLOCKED_ON_REPLY) {
		prepare_reply(f, s), prepare_reply(g, s);
		enter(f, seL4_SysReplyRecv, false), enter(g, seL4_SysReplyRecv, true);
		expect_alike(f, g);
	}
	fake_free(f), fake_free(g);
}

static const struct shape plain = { .server_priority = 255, .rights = 15 };

/* ---- the plain case really is the short way, and each departure from it is not ---- */
static bool is_fast(const struct shape *s, bool *reply_is_fast)
{
	struct fake *f = build(s);
	prepare_call(f, s);
	bool is_call_fast = fast_call(&f->kernel);
	*reply_is_fast = false;
	if (is_call_fast) {
		prepare_reply(f, s);
		*reply_is_fast = fast_reply_receive(&f->kernel);
	}
	fake_free(f);
	return is_call_fast;
}

static void test_plain_is_fast(void **state)
{
	(void)state;
	bool reply;
	for (word length = 0; length <= MESSAGE_REGISTERS; length++) {
		struct shape s = plain;
		s.length = length;
		assert_true(is_fast(&s, &reply));
		assert_true(reply);
		s.has_bound = true;
		assert_true(is_fast(&s, &reply));
		assert_true(reply);
		s.is_chain = true;
		assert_true(is_fast(&s, &reply));
		assert_true(reply);
		compare(&s);
	}
}

static void test_what_is_not_fast(void **state)
{
	(void)state;
	bool reply;
	struct shape s[11];
	for (size_t i = 0; i < 11; i++)
		s[i] = plain;
	s[0].length = MESSAGE_REGISTERS + 1;
	s[1].caps = 1;
	s[2].rights = ABI_RIGHT_WRITE | ABI_RIGHT_READ;
	s[3].rights = 14;
	s[4].is_active = true;
	s[5].no_reply = true;
	s[6].server_priority = 100, s[6].ready_priority = 150;
	s[7].two_levels = true;
	for (size_t i = 0; i < 8; i++) {
		assert_false(is_fast(&s[i], &reply));
		compare(&s[i]);
	}
	s[8].is_queued = true;
	s[9].has_bound = true, s[9].is_signalled = true;
	s[10].not_readable = true;
	for (size_t i = 8; i < 11; i++) {
		assert_true(is_fast(&s[i], &reply));
		assert_false(reply);
		compare(&s[i]);
	}
}

static void test_random_shapes(void **state)
{
	(void)state;
	struct random r = random_start("kernel_fast", 99);
	for (int i = 0; i < 60; i++) {
		struct shape s = {
			.server_priority = random_between(&r, 1, 255),
			.ready_priority = random_below(&r, 2) ? random_between(&r, 1, FAKE_ROOT_PRIORITY) : 0,
			.rights = random_below(&r, 4) ? 15 : random_below(&r, 16),
			.length = random_below(&r, 6),
			.caps = random_below(&r, 5) ? 0 : random_below(&r, 3),
			.has_bound = random_below(&r, 2),
			.is_active = random_below(&r, 5) == 0,
			.is_queued = random_below(&r, 5) == 0,
			.no_reply = random_below(&r, 8) == 0,
			.not_readable = random_below(&r, 8) == 0,
			.two_levels = random_below(&r, 8) == 0,
		};
		s.is_signalled = s.has_bound && random_below(&r, 3) == 0;
		s.is_chain = !s.is_queued && random_below(&r, 3) == 0;
		compare(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_is_fast),
		cmocka_unit_test(test_what_is_not_fast),
		cmocka_unit_test(test_random_shapes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
