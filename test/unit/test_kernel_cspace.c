/* SPDX-License-Identifier: BSD-2-Clause */
/* Capability spaces: lookup, and the CNode invocations with every refusal. */
#include "test/support/fakeport.h"
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "kernel/core/slot.h"
#include "test/support/kernelcheck.h"

enum { EP = FAKE_FREE, NODE, A, B, C, D, E, NTFN };

static struct fake *world(void)
{
	struct fake *f = fake_new();
	assert_int_equal(fake_retype(f, seL4_EndpointObject, 0, EP, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_CapTableObject, 4, NODE, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_NotificationObject, 0, NTFN, 1), seL4_NoError);
	return f;
}

static void expect_words(const struct message *answer, word length, const word *words)
{
	assert_int_equal(answer->length, length);
	for (word i = 0; i < length; i++)
		assert_int_equal(answer->words[i], words[i]);
}
#define EXPECT_WORDS(answer, ...) \
	expect_words(&(answer), sizeof((word[]){ __VA_ARGS__ }) / sizeof(word), (word[]){ __VA_ARGS__ })

/* ---- lookup alone ---- */
static void test_resolve(void **state)
{
	(void)state;
	static struct cte inner[16], outer[256];
	memset(inner, 0, sizeof(inner));
	memset(outer, 0, sizeof(outer));
	struct lookup_failure why;
	unsigned left;
	/* 8 + 8 bits of guard and radix, then a 4-bit CNode with a guard of 2 bits. */
	struct cap root = cap_cnode(outer, 8, abi_cnode_data(0x5a, 8));
	outer[0x33].cap = cap_cnode(inner, 4, abi_cnode_data(2, 2));
	outer[0x34].cap = cap_tcb(inner);

	assert_ptr_equal(cspace_resolve(root, 0x5a33, 16, &left, &why), &outer[0x33]);
	assert_int_equal(left, 0);
	assert_ptr_equal(cspace_resolve(root, 0x5a33ul << 6 | 2 << 4 | 9, 22, &left, &why), &inner[9]);
	assert_int_equal(left, 0);
	/* A slot without a CNode ends the way. */
	assert_ptr_equal(cspace_resolve(root, 0x5a34ul << 48, 64, &left, &why), &outer[0x34]);
	assert_int_equal(left, 48);

	assert_null(cspace_resolve(root, 0x5b33, 16, &left, &why));
	assert_int_equal(why.type, seL4_GuardMismatch);
	assert_int_equal(why.guard_found, 0x5a);
	assert_int_equal(why.bits_left, 16);
	assert_int_equal(why.bits_found, 8);
	/* Not even the guard fits. */
	assert_null(cspace_resolve(root, 0x5a, 7, &left, &why));
	assert_int_equal(why.type, seL4_GuardMismatch);
	/* The radix doesn't. */
	assert_null(cspace_resolve(root, 0x5a7, 12, &left, &why));
	assert_int_equal(why.type, seL4_DepthMismatch);
	assert_int_equal(why.bits_left, 12);
	assert_int_equal(why.bits_found, 16);
	/* In the second CNode. */
	assert_null(cspace_resolve(root, 0x5a33ul << 6 | 1 << 4 | 9, 22, &left, &why));
	assert_int_equal(why.type, seL4_GuardMismatch);
	assert_int_equal(why.bits_left, 6);
	assert_null(cspace_resolve(cap_tcb(inner), 0, 16, &left, &why));
	assert_int_equal(why.type, seL4_InvalidRoot);
	/* The top bits of a full address, without a guard: no shift by the word size. */
	root = cap_cnode(outer, 8, 0);
	outer[0x5a].cap = cap_null();
	assert_ptr_equal(cspace_resolve(root, 0x5aul << 56, 64, &left, &why), &outer[0x5a]);
	assert_int_equal(left, 56);
}

static void test_two_levels(void **state)
{
	(void)state;
	struct fake *f = world();
	assert_int_equal(CALL(f, NODE, CNodeCopy, WORDS(3, 4, EP, 64, 15), CAPS(FAKE_CNODE)), seL4_NoError);
	struct cte *inner = cap_object(fake_cap(f, NODE));
	assert_int_equal(cap_kind(inner[3].cap), CAP_ENDPOINT);
	/* A guard given by Mint takes part in the lookup. */
	assert_int_equal(fake_mint(f, NODE, A, 15, abi_cnode_data(5, 3)), seL4_NoError);
	assert_int_equal(CALL(f, A, CNodeDelete, WORDS(5 << 4 | 3, 7)), seL4_NoError);
	assert_true(cte_is_empty(&inner[3]));
	fake_free(f);
}

/* ---- refusals of the addresses in a CNode invocation ---- */
static void test_target_refusals(void **state)
{
	(void)state;
	struct fake *f = world();
	struct message answer;
	assert_int_equal(CALL_ANSWER(f, &answer, FAKE_CNODE, CNodeDelete, WORDS(A, 0)), seL4_RangeError);
	EXPECT_WORDS(answer, 1, 64);
	assert_int_equal(CALL_ANSWER(f, &answer, FAKE_CNODE, CNodeDelete, WORDS(A, 65)), seL4_RangeError);
	EXPECT_WORDS(answer, 1, 64);
	/* NODE has no guard and 4 bits: 3 are too few, 5 lead past an empty slot. */
	assert_int_equal(CALL_ANSWER(f, &answer, NODE, CNodeDelete, WORDS(0, 3)), seL4_FailedLookup);
	EXPECT_WORDS(answer, 0, seL4_DepthMismatch, 3, 4);
	assert_int_equal(CALL_ANSWER(f, &answer, NODE, CNodeDelete, WORDS(0, 5)), seL4_FailedLookup);
	EXPECT_WORDS(answer, 0, seL4_DepthMismatch, 1, 0);
	assert_int_equal(CALL_ANSWER(f, &answer, FAKE_CNODE, CNodeDelete, WORDS(1ul << 10, 64)), seL4_FailedLookup);
	EXPECT_WORDS(answer, 0, seL4_GuardMismatch, 64, 0, 54);
	/* A source is reported as one, and what is not a CNode is an invalid root. */
	assert_int_equal(CALL_ANSWER(f, &answer, FAKE_CNODE, CNodeMove, WORDS(A, 64, 0, 3), CAPS(NODE)), seL4_FailedLookup);
	EXPECT_WORDS(answer, 1, seL4_DepthMismatch, 3, 4);
	assert_int_equal(CALL_ANSWER(f, &answer, FAKE_CNODE, CNodeMove, WORDS(A, 64, 0, 3), CAPS(EP)), seL4_FailedLookup);
	EXPECT_WORDS(answer, 1, seL4_InvalidRoot);
	assert_int_equal(CALL_ANSWER(f, &answer, FAKE_CNODE, CNodeMove, WORDS(A, 64, 0, 0), CAPS(EP)), seL4_FailedLookup);
	assert_int_equal(CALL_ANSWER(f, &answer, FAKE_CNODE, CNodeMove, WORDS(A, 64, B, 64), CAPS(FAKE_CNODE)), seL4_FailedLookup);
	EXPECT_WORDS(answer, 1, seL4_MissingCapability, 64);
	fake_free(f);
}

static void test_truncated(void **state)
{
	(void)state;
	struct fake *f = world();
	assert_int_equal(CALL(f, FAKE_CNODE, CNodeDelete, WORDS(A)), seL4_TruncatedMessage);
	assert_int_equal(CALL(f, FAKE_CNODE, CNodeCopy, WORDS(A, 64, EP), CAPS(FAKE_CNODE)), seL4_TruncatedMessage);
	assert_int_equal(CALL(f, FAKE_CNODE, CNodeCopy, WORDS(A, 64, EP, 64, 15)), seL4_TruncatedMessage);
	assert_int_equal(CALL(f, FAKE_CNODE, CNodeCopy, WORDS(A, 64, EP, 64), CAPS(FAKE_CNODE)), seL4_TruncatedMessage);
	assert_int_equal(CALL(f, FAKE_CNODE, CNodeMint, WORDS(A, 64, EP, 64, 15), CAPS(FAKE_CNODE)), seL4_TruncatedMessage);
	assert_int_equal(CALL(f, FAKE_CNODE, CNodeMutate, WORDS(A, 64, EP, 64), CAPS(FAKE_CNODE)), seL4_TruncatedMessage);
	assert_int_equal(CALL(f, FAKE_CNODE, CNodeRotate, WORDS(A, 64, 0, B, 64, 0, C), CAPS(FAKE_CNODE, FAKE_CNODE)),
	                 seL4_TruncatedMessage);
	assert_int_equal(CALL(f, FAKE_CNODE, CNodeRotate, WORDS(A, 64, 0, B, 64, 0, C, 64), CAPS(FAKE_CNODE)),
	                 seL4_TruncatedMessage);
	/* Labels of others. */
	assert_int_equal(CALL(f, FAKE_CNODE, CNodeRevoke - 1, WORDS(A, 64)), seL4_IllegalOperation);
	assert_int_equal(CALL(f, FAKE_CNODE, CNodeRotate + 1, WORDS(A, 64)), seL4_IllegalOperation);
	/* The lookup comes before the length of what follows; an occupied target before the source. */
	assert_int_equal(CALL(f, FAKE_CNODE, CNodeMint, WORDS(EP, 64, B, 64), CAPS(FAKE_CNODE)), seL4_DeleteFirst);
	assert_int_equal(CALL(f, FAKE_CNODE, CNodeMint, WORDS(A, 64, B, 64), CAPS(FAKE_CNODE)), seL4_FailedLookup);
	fake_free(f);
}

/* ---- copying: rights only shrink ---- */
static void test_rights(void **state)
{
	(void)state;
	struct fake *f = world();
	assert_int_equal(fake_retype(f, seL4_X86_4K, 0, D, 1), seL4_NoError);
	assert_int_equal(fake_retype(f, seL4_ReplyObject, 0, E, 1), seL4_NoError);
	for (word rights = 0; rights < 16; rights++) {
		for (word again = 0; again < 16; again++) {
			assert_int_equal(fake_copy(f, EP, A, rights), seL4_NoError);
			assert_int_equal(cap_rights(fake_cap(f, A)), rights);
			assert_int_equal(fake_copy(f, A, B, again), seL4_NoError);
			assert_int_equal(cap_rights(fake_cap(f, B)), rights & again);
			fake_delete(f, A), fake_delete(f, B);
		}
		assert_int_equal(fake_copy(f, NTFN, A, rights), seL4_NoError);
		assert_int_equal(cap_rights(fake_cap(f, A)), rights & 3);
		assert_int_equal(fake_copy(f, E, B, rights), seL4_NoError);
		assert_int_equal(cap_rights(fake_cap(f, B)), rights & ABI_RIGHT_GRANT);
		assert_int_equal(fake_copy(f, D, C, rights), seL4_NoError);
		assert_int_equal(cap_frame_rights(fake_cap(f, C)), rights & ABI_RIGHT_READ ? rights & 3 : 0);
		fake_delete(f, A), fake_delete(f, B), fake_delete(f, C);
	}
	fake_free(f);
}

static void test_badges(void **state)
{
	(void)state;
	struct fake *f = world();
	assert_int_equal(fake_mint(f, EP, A, 15, 0xabcdef0123456789ul), seL4_NoError);
	assert_int_equal(cap_badge(fake_cap(f, A)), 0xabcdef0123456789ul);
	/* A badge is set once. */
	assert_int_equal(fake_mint(f, A, B, 15, 5), seL4_IllegalOperation);
	assert_int_equal(fake_mint(f, A, B, 15, 0), seL4_IllegalOperation);
	assert_int_equal(fake_copy(f, A, B, 15), seL4_NoError);
	assert_int_equal(cap_badge(fake_cap(f, B)), 0xabcdef0123456789ul);
	assert_int_equal(fake_mint(f, NTFN, C, 15, 77), seL4_NoError);
	assert_int_equal(cap_badge(fake_cap(f, C)), 77);
	/* Mutate moves, so it gives no badge. */
	assert_int_equal(CALL(f, FAKE_CNODE, CNodeMutate, WORDS(D, 64, EP, 64, 1), CAPS(FAKE_CNODE)), seL4_IllegalOperation);
	assert_int_equal(cap_kind(fake_cap(f, EP)), CAP_ENDPOINT);
	fake_free(f);
}

static void test_guards(void **state)
{
	(void)state;
	struct fake *f = world();
	/* 4 bits of radix leave 60 for the guard; more is refused. */
	assert_int_equal(fake_mint(f, NODE, A, 15, abi_cnode_data(1, 60)), seL4_NoError);
	assert_int_equal(fake_mint(f, NODE, B, 15, abi_cnode_data(1, 61)), seL4_IllegalOperation);
	/* Bits of the guard beyond its length do not count. */
	assert_int_equal(fake_mint(f, NODE, B, 15, abi_cnode_data(0xff, 3)), seL4_NoError);
	assert_int_equal(cap_cnode_guard(fake_cap(f, B)), 7);
	assert_int_equal(cap_cnode_guard_bits(fake_cap(f, B)), 3);
	assert_int_equal(CALL(f, FAKE_CNODE, CNodeMutate, WORDS(C, 64, B, 64, abi_cnode_data(2, 2)), CAPS(FAKE_CNODE)),
	                 seL4_NoError);
	assert_int_equal(cap_cnode_guard(fake_cap(f, C)), 2);
	assert_true(cap_is_null(fake_cap(f, B)));
	fake_free(f);
}

static void test_not_copied(void **state)
{
	(void)state;
	struct fake *f = world();
	assert_int_equal(fake_copy(f, FAKE_IRQ_CONTROL, A, 15), seL4_IllegalOperation);
	assert_int_equal(fake_copy(f, FAKE_IO_PORT_CONTROL, A, 15), seL4_IllegalOperation);
	/* An untyped with children isn't copied; one without is, and can't hand out anything afterwards. */
	assert_int_equal(fake_copy(f, FAKE_UNTYPED, A, 15), seL4_RevokeFirst);
	assert_int_equal(fake_retype(f, seL4_UntypedObject, 12, A, 1), seL4_NoError);
	assert_int_equal(fake_copy(f, A, B, 15), seL4_NoError);
	assert_int_equal(fake_retype_from(f, A, seL4_EndpointObject, 0, C, 1), seL4_NotEnoughMemory);
	assert_int_equal(fake_retype_from(f, B, seL4_EndpointObject, 0, C, 1), seL4_NoError);
	/* Page tables and VSpace roots only with a place of their own. */
	assert_int_equal(fake_retype(f, seL4_X86_PageTableObject, 0, D, 1), seL4_NoError);
	assert_int_equal(fake_copy(f, D, E, 15), seL4_IllegalOperation);
	fake_delete(f, D);
	assert_int_equal(fake_retype(f, seL4_X86_VSpaceObject, 0, D, 1), seL4_NoError);
	assert_int_equal(fake_copy(f, D, E, 15), seL4_IllegalOperation);
	assert_int_equal(fake_copy(f, FAKE_VSPACE, E, 15), seL4_NoError);
	fake_free(f);
}

static void test_frame_copy_is_unmapped(void **state)
{
	(void)state;
	struct fake *f = world();
	assert_int_equal(fake_retype(f, seL4_X86_4K, 0, A, 1), seL4_NoError);
	f->cnode[A].cap = cap_with_mapping(f->cnode[A].cap, 3, 0x5000);
	assert_int_equal(fake_copy(f, A, B, 15), seL4_NoError);
	assert_false(cap_is_mapped(fake_cap(f, B)));
	assert_int_equal(fake_move(f, A, C), seL4_NoError);
	assert_true(cap_is_mapped(fake_cap(f, C)));
	f->cnode[C].cap = cap_with_mapping(f->cnode[C].cap, 0, 0);
	fake_free(f);
}

/* What covers what, for every pair of kinds, all at one address with one datum. */
static void test_covers(void **state)
{
	(void)state;
	static uint8_t object[1 << 13] __attribute__((aligned(1 << 13)));
	struct cap caps[CAP_KIND_COUNT];
	for (unsigned kind = 0; kind < CAP_KIND_COUNT; kind++)
		caps[kind] = cap_pack((enum cap_kind)kind, object, 0, 0);
	caps[CAP_UNTYPED] = cap_untyped(object, 13, false, 0);
	caps[CAP_CNODE] = cap_cnode(object, 2, 0);
	caps[CAP_SCHED_CONTEXT] = cap_sched_context(object, 8);
	for (unsigned a = 0; a < CAP_KIND_COUNT; a++) {
		for (unsigned b = 0; b < CAP_KIND_COUNT; b++) {
			bool expected = a == b && a != CAP_NULL && a != CAP_ZOMBIE;
			if (a == CAP_UNTYPED)
				expected = cap_object_bits(caps[b]) != 0;
			if ((a == CAP_IRQ_CONTROL && b == CAP_IRQ_HANDLER) || (a == CAP_IO_PORT_CONTROL && b == CAP_IO_PORT))
				expected = true;
			assert_int_equal(cap_covers(caps[a], caps[b]), expected);
			bool same = a == b && a != CAP_NULL && a != CAP_ZOMBIE && a != CAP_UNTYPED && a != CAP_IRQ_CONTROL;
			assert_int_equal(cap_is_same_object(caps[a], caps[b]), same);
		}
	}
	/* An untyped covers what lies inside with its last byte, too. */
	assert_true(cap_covers(caps[CAP_UNTYPED], cap_frame(object + 4096, FRAME_4K, 3, false)));
	assert_false(cap_covers(caps[CAP_UNTYPED], cap_frame(object + 8192, FRAME_4K, 3, false)));
	assert_false(cap_covers(caps[CAP_UNTYPED], cap_frame(object, FRAME_LARGE, 3, false)));
	assert_false(cap_covers(caps[CAP_UNTYPED], cap_frame(object - 4096, FRAME_4K, 3, false)));
	/* Frames: one inside another is covered, but is not the same object; nor is a device. */
	struct cap small = cap_frame(object, FRAME_4K, 3, false), large = cap_frame(object, FRAME_LARGE, 3, false);
	assert_true(cap_covers(large, small) && !cap_covers(small, large));
	assert_false(cap_is_same_object(large, small));
	assert_false(cap_is_same_object(small, cap_frame(object, FRAME_4K, 3, true)));
	assert_true(cap_is_same_object(small, cap_frame(object, FRAME_4K, 0, false)));
	assert_false(cap_is_same_object(cap_irq_handler(3), cap_irq_handler(4)));
	assert_false(cap_is_same_object(cap_io_port(3, 9), cap_io_port(3, 10)));
}

static void test_move(void **state)
{
	(void)state;
	struct fake *f = world();
	struct cap cap = fake_cap(f, EP);
	assert_int_equal(fake_move(f, EP, A), seL4_NoError);
	assert_true(cap_is_identical(fake_cap(f, A), cap));
	assert_true(cap_is_null(fake_cap(f, EP)));
	assert_int_equal(fake_move(f, A, NODE), seL4_DeleteFirst);
	assert_int_equal(fake_move(f, EP, B), seL4_FailedLookup);
	/* Its children stay its children. */
	assert_int_equal(fake_mint(f, A, B, 15, 3), seL4_NoError);
	assert_int_equal(fake_move(f, A, EP), seL4_NoError);
	assert_int_equal(fake_revoke(f, EP), seL4_NoError);
	assert_true(cap_is_null(fake_cap(f, B)));
	/* One that is first of all in its list. */
	assert_int_equal(fake_move(f, FAKE_DOMAIN, B), seL4_NoError);
	assert_int_equal(fake_move(f, FAKE_UNTYPED, C), seL4_NoError);
	assert_int_equal(fake_move(f, C, FAKE_UNTYPED), seL4_NoError);
	fake_free(f);
}

/* ---- Rotate ---- */
static word rotate(struct fake *f, word target, word pivot, word source, word pivot_data, word source_data, struct message *answer)
{
	return CALL_ANSWER(f, answer, FAKE_CNODE, CNodeRotate,
	                   WORDS(target, 64, pivot_data, pivot, 64, source_data, source, 64), CAPS(FAKE_CNODE, FAKE_CNODE));
}

static void test_rotate(void **state)
{
	(void)state;
	struct fake *f = world();
	struct message answer;
	/* Frames take any data and stay as they are. */
	assert_int_equal(fake_retype(f, seL4_X86_4K, 0, A, 2), seL4_NoError);
	struct cap a = fake_cap(f, A), b = fake_cap(f, B);
	assert_int_equal(rotate(f, C, B, A, 0, 0, &answer), seL4_NoError);
	assert_true(cap_is_identical(fake_cap(f, C), b) && cap_is_identical(fake_cap(f, B), a) && cap_is_null(fake_cap(f, A)));
	/* Source and target the same slot: an exchange. */
	assert_int_equal(rotate(f, B, C, B, 0, 0, &answer), seL4_NoError);
	assert_true(cap_is_identical(fake_cap(f, B), b) && cap_is_identical(fake_cap(f, C), a));
	/* A CNode gets its new guard. */
	assert_int_equal(rotate(f, A, NODE, B, abi_cnode_data(1, 4), 0, &answer), seL4_NoError);
	assert_int_equal(cap_cnode_guard(fake_cap(f, A)), 1);
	assert_true(cap_is_identical(fake_cap(f, NODE), b));
	fake_free(f);
}

static void test_rotate_refusals(void **state)
{
	(void)state;
	struct fake *f = world();
	struct message answer;
	assert_int_equal(fake_retype(f, seL4_X86_4K, 0, A, 2), seL4_NoError);
	assert_int_equal(rotate(f, C, A, A, 0, 0, &answer), seL4_IllegalOperation);
	assert_int_equal(rotate(f, A, A, B, 0, 0, &answer), seL4_IllegalOperation);
	assert_int_equal(rotate(f, NODE, B, A, 0, 0, &answer), seL4_DeleteFirst);
	assert_int_equal(rotate(f, C, B, D, 0, 0, &answer), seL4_FailedLookup);
	EXPECT_WORDS(answer, 1, seL4_MissingCapability, 64);
	assert_int_equal(rotate(f, C, D, B, 0, 0, &answer), seL4_FailedLookup);
	EXPECT_WORDS(answer, 0, seL4_MissingCapability, 64);
	/* The source is looked up first. */
	assert_int_equal(CALL_ANSWER(f, &answer, FAKE_CNODE, CNodeRotate, WORDS(C, 64, 0, B, 64, 0, A, 65), CAPS(FAKE_CNODE, FAKE_CNODE)),
	                 seL4_RangeError);
	assert_int_equal(CALL_ANSWER(f, &answer, FAKE_CNODE, CNodeRotate, WORDS(C, 64, 0, B, 65, 0, A, 64), CAPS(FAKE_CNODE, FAKE_CNODE)),
	                 seL4_RangeError);
	assert_int_equal(CALL_ANSWER(f, &answer, FAKE_CNODE, CNodeRotate, WORDS(C, 64, 0, B, 65, 0, A, 64), CAPS(EP, EP)),
	                 seL4_FailedLookup);
	/* An endpoint takes no data when it is moved. */
	assert_int_equal(rotate(f, C, B, EP, 0, 0, &answer), seL4_IllegalOperation);
	assert_int_equal(rotate(f, C, EP, B, 0, 0, &answer), seL4_IllegalOperation);
	assert_int_equal(cap_kind(fake_cap(f, EP)), CAP_ENDPOINT);
	fake_free(f);
}

static void test_cancel_badged_refusals(void **state)
{
	(void)state;
	struct fake *f = world();
	assert_int_equal(CALL(f, FAKE_CNODE, CNodeCancelBadgedSends, WORDS(EP, 64)), seL4_NoError);
	for (word rights = 0; rights < 15; rights++) {
		assert_int_equal(fake_copy(f, EP, A, rights), seL4_NoError);
		assert_int_equal(CALL(f, FAKE_CNODE, CNodeCancelBadgedSends, WORDS(A, 64)), seL4_IllegalOperation);
		fake_delete(f, A);
	}
	assert_int_equal(CALL(f, FAKE_CNODE, CNodeCancelBadgedSends, WORDS(NTFN, 64)), seL4_IllegalOperation);
	assert_int_equal(CALL(f, FAKE_CNODE, CNodeCancelBadgedSends, WORDS(D, 64)), seL4_IllegalOperation);
	fake_free(f);
}

/* ---- what invoking an address itself gives ---- */
static void test_invoke_nothing(void **state)
{
	(void)state;
	struct fake *f = world();
	struct message answer;
	assert_int_equal(CALL_ANSWER(f, &answer, D, UntypedRetype, WORDS(1, 2)), seL4_InvalidCapability);
	EXPECT_WORDS(answer, 0);
	/* Without an IPC buffer no word beyond the registers arrives. */
	assert_int_equal(CALL(f, FAKE_TCB, TCBSetIPCBuffer, WORDS(0), CAPS(FAKE_BUFFER)), seL4_NoError);
	assert_int_equal(CALL(f, FAKE_CNODE, CNodeDelete, WORDS(A, 64, 0, 0, 0, 0)), seL4_NoError);
	assert_int_equal(CALL(f, FAKE_CNODE, CNodeMint, WORDS(A, 64, EP, 64, 15, 0), CAPS(FAKE_CNODE)), seL4_TruncatedMessage);
	assert_int_equal(CALL(f, FAKE_TCB, TCBWriteRegisters, WORDS(0, 5, 1, 2, 3, 4, 5)), seL4_TruncatedMessage);
	fake_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resolve),
		cmocka_unit_test(test_two_levels),
		cmocka_unit_test(test_target_refusals),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_rights),
		cmocka_unit_test(test_badges),
		cmocka_unit_test(test_guards),
		cmocka_unit_test(test_not_copied),
		cmocka_unit_test(test_frame_copy_is_unmapped),
		cmocka_unit_test(test_covers),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_rotate),
		cmocka_unit_test(test_rotate_refusals),
		cmocka_unit_test(test_cancel_badged_refusals),
		cmocka_unit_test(test_invoke_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
