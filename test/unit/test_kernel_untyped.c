/* SPDX-License-Identifier: BSD-2-Clause */
/* Untyped memory: the checks of Retype in their order, where objects come to lie, that memory is zero when it is handed out,
 * and that nothing is lost or handed out twice. */
#include "test/support/fakeport.h"
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "test/support/kernelcheck.h"

enum { A = FAKE_FREE, B, C, D, MANY };

static word retype(struct fake *f, struct message *answer, word untyped, word type, word size, word index, word depth, word first,
                   word count)
{
	return CALL_ANSWER(f, answer, untyped, UntypedRetype, WORDS(type, size, index, depth, first, count), CAPS(FAKE_CNODE));
}

#define REFUSED(error_, ...) \
	do { \
		static const word details[] = { __VA_ARGS__ }; \
		assert_int_equal(answer.label, (error_)); \
		assert_int_equal(answer.length, sizeof(details) / sizeof(word)); \
		for (word i_ = 0; i_ < answer.length; i_++) \
			assert_int_equal(answer.words[i_], details[i_]); \
	} while (0)

static void test_refusals_in_order(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	struct message answer;
	assert_int_equal(CALL(f, FAKE_UNTYPED, UntypedRetype + 1, WORDS(0, 0, 0, 0, 0, 0), CAPS(FAKE_CNODE)), seL4_IllegalOperation);
	assert_int_equal(CALL(f, FAKE_UNTYPED, UntypedRetype, WORDS(0, 0, 0, 0, 0), CAPS(FAKE_CNODE)), seL4_TruncatedMessage);
	assert_int_equal(CALL(f, FAKE_UNTYPED, UntypedRetype, WORDS(0, 0, 0, 0, 0, 0)), seL4_TruncatedMessage);
	/* Each of these calls is wrong in everything that comes after, too. */
	retype(f, &answer, FAKE_DEVICE, seL4_ObjectTypeCount, 64, 0, 65, 1024, 0);
	REFUSED(seL4_InvalidArgument, 0);
	retype(f, &answer, FAKE_DEVICE, seL4_CapTableObject, 64, 0, 65, 1024, 0);
	REFUSED(seL4_RangeError, 0, 47);
	retype(f, &answer, FAKE_DEVICE, seL4_CapTableObject, 43, 0, 65, 1024, 0);
	REFUSED(seL4_RangeError, 0, 47);
	retype(f, &answer, FAKE_DEVICE, seL4_TCBObject, 64, 0, 65, 1024, 0);
	REFUSED(seL4_RangeError, 0, 47);
	retype(f, &answer, FAKE_DEVICE, seL4_CapTableObject, 0, 0, 65, 1024, 0);
	REFUSED(seL4_InvalidArgument, 1);
	retype(f, &answer, FAKE_DEVICE, seL4_UntypedObject, 3, 0, 65, 1024, 0);
	REFUSED(seL4_InvalidArgument, 1);
	retype(f, &answer, FAKE_DEVICE, seL4_SchedContextObject, 6, 0, 65, 1024, 0);
	REFUSED(seL4_InvalidArgument, 1);
	retype(f, &answer, FAKE_DEVICE, seL4_TCBObject, 0, 0, 65, 1024, 0);
	REFUSED(seL4_RangeError, 1, 64);
	retype(f, &answer, FAKE_DEVICE, seL4_TCBObject, 0, FAKE_TCB, 64, 1024, 0);
	REFUSED(seL4_FailedLookup, 0, seL4_MissingCapability, 64);
	retype(f, &answer, FAKE_DEVICE, seL4_TCBObject, 0, FAKE_CNODE, 64, 1024, 0);
	REFUSED(seL4_RangeError, 0, 1023);
	retype(f, &answer, FAKE_DEVICE, seL4_TCBObject, 0, 0, 0, 1020, 0);
	REFUSED(seL4_RangeError, 1, 256);
	retype(f, &answer, FAKE_DEVICE, seL4_TCBObject, 0, 0, 0, 1020, 257);
	REFUSED(seL4_RangeError, 1, 256);
	retype(f, &answer, FAKE_DEVICE, seL4_TCBObject, 0, 0, 0, 1020, 5);
	REFUSED(seL4_RangeError, 1, 4);
	retype(f, &answer, FAKE_DEVICE, seL4_X86_LargePageObject, 0, 0, 0, FAKE_TCB, 1);
	assert_int_equal(answer.label, seL4_DeleteFirst);
	/* The last of the window is occupied. */
	retype(f, &answer, FAKE_DEVICE, seL4_X86_LargePageObject, 0, 0, 0, 0, 2);
	assert_int_equal(answer.label, seL4_DeleteFirst);
	retype(f, &answer, FAKE_DEVICE, seL4_X86_LargePageObject, 0, 0, 0, A, 1);
	REFUSED(seL4_NotEnoughMemory, 1 << FAKE_DEVICE_BITS);
	retype(f, &answer, FAKE_DEVICE, seL4_TCBObject, 0, 0, 0, A, 1);
	REFUSED(seL4_InvalidArgument, 1);
	/* Nothing has changed. */
	assert_int_equal(cap_untyped_used_bytes(fake_cap(f, FAKE_DEVICE)), 0);
	assert_true(cap_is_null(fake_cap(f, A)));
	fake_free(f);
}

static void test_not_a_cnode(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	struct message answer;
	CALL_ANSWER(f, &answer, FAKE_UNTYPED, UntypedRetype, WORDS(seL4_TCBObject, 0, 0, 0, A, 1), CAPS(FAKE_TCB));
	REFUSED(seL4_FailedLookup, 0, seL4_MissingCapability, 0);
	CALL_ANSWER(f, &answer, FAKE_UNTYPED, UntypedRetype, WORDS(seL4_TCBObject, 0, 0, 64, A, 1), CAPS(FAKE_TCB));
	REFUSED(seL4_FailedLookup, 0, seL4_InvalidRoot);
	fake_free(f);
}

static void test_every_type(void **state)
{
	(void)state;
	static const struct { word type, size; enum cap_kind kind; unsigned bits; } types[] = {
		{ seL4_UntypedObject, 4, CAP_UNTYPED, 4 },
		{ seL4_UntypedObject, 16, CAP_UNTYPED, 16 },
		{ seL4_TCBObject, 0, CAP_TCB, 11 },
		{ seL4_EndpointObject, 0, CAP_ENDPOINT, 4 },
		{ seL4_NotificationObject, 0, CAP_NOTIFICATION, 6 },
		{ seL4_CapTableObject, 1, CAP_CNODE, 6 },
		{ seL4_CapTableObject, 7, CAP_CNODE, 12 },
		{ seL4_SchedContextObject, 7, CAP_SCHED_CONTEXT, 7 },
		{ seL4_SchedContextObject, 12, CAP_SCHED_CONTEXT, 12 },
		{ seL4_ReplyObject, 0, CAP_REPLY, 5 },
		{ seL4_X86_4K, 0, CAP_FRAME, 12 },
		{ seL4_X86_PageTableObject, 0, CAP_PAGE_TABLE, 12 },
		{ seL4_X86_PageDirectoryObject, 0, CAP_PAGE_DIRECTORY, 12 },
		{ seL4_X86_PDPTObject, 0, CAP_PDPT, 12 },
		{ seL4_X64_PML4Object, 0, CAP_VSPACE, 12 },
#if ABI_IOMMU
		{ seL4_X86_IOPageTableObject, 0, CAP_IO_PAGE_TABLE, 12 },
#endif
		{ seL4_EndpointObject, 63, CAP_ENDPOINT, 4 }, /* a size argument below the word's does not matter */
		{ seL4_X86_LargePageObject, 0, CAP_FRAME, 21 },
	};
	struct fake *f = fake_new();
	word used = 0;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		assert_int_equal(fake_retype(f, types[i].type, types[i].size, A + i, 1), seL4_NoError);
		struct cap cap = fake_cap(f, A + i);
		word bytes = 1ul << types[i].bits;
		used = (used + bytes - 1) / bytes * bytes;
		assert_int_equal(cap_kind(cap), types[i].kind);
		assert_ptr_equal((uint8_t *)cap_object(cap), f->memory + (1 << FAKE_UNTYPED_BITS) + used);
		used += bytes;
		assert_int_equal(cap_untyped_used_bytes(fake_cap(f, FAKE_UNTYPED)), used);
	}
	fake_free(f);
}

static void test_fresh_capabilities_have_all_rights(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	fake_retype(f, seL4_EndpointObject, 0, A, 1);
	fake_retype(f, seL4_NotificationObject, 0, B, 1);
	fake_retype(f, seL4_X86_4K, 0, C, 1);
	fake_retype(f, seL4_ReplyObject, 0, D, 1);
	assert_int_equal(cap_rights(fake_cap(f, A)), 15);
	assert_int_equal(cap_badge(fake_cap(f, A)), 0);
	assert_int_equal(cap_rights(fake_cap(f, B)), 3);
	assert_int_equal(cap_frame_rights(fake_cap(f, C)), 3);
	assert_false(cap_frame_is_device(fake_cap(f, C)));
	assert_int_equal(cap_rights(fake_cap(f, D)), ABI_RIGHT_GRANT);
	fake_free(f);
}

static void test_limit_per_call(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	assert_int_equal(fake_retype(f, seL4_EndpointObject, 0, MANY, 256), seL4_NoError);
	for (word i = 0; i < 256; i++)
		assert_ptr_equal((uint8_t *)cap_object(fake_cap(f, MANY + i)), f->memory + (1 << FAKE_UNTYPED_BITS) + 16 * i);
	fake_free(f);
}

/* A window that ends with the CNode, in a CNode named by index and depth. */
static void test_into_other_cnode(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	assert_int_equal(fake_retype(f, seL4_CapTableObject, 3, A, 1), seL4_NoError);
	struct message answer;
	assert_int_equal(retype(f, &answer, FAKE_UNTYPED, seL4_EndpointObject, 0, A, 64, 6, 2), seL4_NoError);
	assert_int_equal(retype(f, &answer, FAKE_UNTYPED, seL4_EndpointObject, 0, A, 64, 6, 3), seL4_RangeError);
	struct cte *inside = cap_object(fake_cap(f, A));
	assert_int_equal(cap_kind(inside[6].cap), CAP_ENDPOINT);
	assert_int_equal(cap_kind(inside[7].cap), CAP_ENDPOINT);
	fake_free(f);
}

/* Exhaustion is exact, and after a revoke all of it is there again, and zero. */
static void test_exact_fit_and_reuse(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	struct message answer;
	assert_int_equal(fake_retype(f, seL4_UntypedObject, 14, A, 1), seL4_NoError);
	for (int round = 0; round < 3; round++) {
		assert_int_equal(fake_retype_from(f, A, seL4_X86_4K, 0, MANY, 3), seL4_NoError);
		assert_int_equal(fake_retype_from(f, A, seL4_EndpointObject, 0, MANY + 3, 256), seL4_NoError);
		retype(f, &answer, A, seL4_EndpointObject, 0, 0, 0, B, 1);
		REFUSED(seL4_NotEnoughMemory, 0);
		for (word i = 0; i < 3; i++) {
			uint8_t *page = cap_object(fake_cap(f, MANY + i));
			for (word j = 0; j < 4096; j++)
				assert_int_equal(page[j], 0);
			memset(page, 0x77, 4096);
		}
		assert_int_equal(fake_revoke(f, A), seL4_NoError);
		for (word i = 0; i < 3 + 256; i++)
			assert_true(cap_is_null(fake_cap(f, MANY + i)));
	}
	fake_free(f);
}

/* A part that is free but not aligned still counts as free, as in the interface: what is left is told in bytes. */
static void test_alignment_wastes(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	struct message answer;
	assert_int_equal(fake_retype(f, seL4_UntypedObject, 13, A, 1), seL4_NoError);
	assert_int_equal(fake_retype_from(f, A, seL4_EndpointObject, 0, B, 1), seL4_NoError);
	retype(f, &answer, A, seL4_X86_4K, 0, 0, 0, C, 2);
	REFUSED(seL4_NotEnoughMemory, 8192 - 16);
	assert_int_equal(fake_retype_from(f, A, seL4_X86_4K, 0, C, 1), seL4_NoError);
	assert_int_equal((word)cap_object(fake_cap(f, C)) % 4096, 0);
	retype(f, &answer, A, seL4_EndpointObject, 0, 0, 0, D, 1);
	REFUSED(seL4_NotEnoughMemory, 0);
	fake_free(f);
}

/* Deleting the children one by one gives everything back, too; a single one left gives nothing. */
static void test_reset_needs_no_children(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	assert_int_equal(fake_retype(f, seL4_UntypedObject, 12, A, 1), seL4_NoError);
	assert_int_equal(fake_retype_from(f, A, seL4_UntypedObject, 11, B, 2), seL4_NoError);
	assert_int_equal(fake_delete(f, B), seL4_NoError);
	assert_int_equal(fake_retype_from(f, A, seL4_EndpointObject, 0, D, 1), seL4_NotEnoughMemory);
	assert_int_equal(fake_delete(f, C), seL4_NoError);
	assert_int_equal(fake_retype_from(f, A, seL4_X86_4K, 0, D, 1), seL4_NoError);
	fake_free(f);
}

static void test_device(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	assert_int_equal(fake_retype_from(f, FAKE_DEVICE, seL4_UntypedObject, 13, A, 1), seL4_NoError);
	assert_true(cap_untyped_is_device(fake_cap(f, A)));
	assert_int_equal(fake_retype_from(f, A, seL4_X86_4K, 0, B, 2), seL4_NoError);
	assert_true(cap_frame_is_device(fake_cap(f, B)));
	assert_ptr_equal(cap_object(fake_cap(f, C)), (void *)0x400000001000ul);
	for (word type = seL4_TCBObject; type <= seL4_ReplyObject; type++)
		assert_int_equal(fake_retype_from(f, FAKE_DEVICE, type, 8, D, 1), seL4_InvalidArgument);
	assert_int_equal(fake_retype_from(f, FAKE_DEVICE, seL4_X86_PageTableObject, 0, D, 1), seL4_InvalidArgument);
	assert_int_equal(fake_retype_from(f, FAKE_DEVICE, seL4_X64_PML4Object, 0, D, 1), seL4_InvalidArgument);
	kernel_boot_slot(&f->cnode[MANY], cap_untyped((void *)0x500000000000ul, 31, true, 0));
	assert_int_equal(fake_retype_from(f, MANY, seL4_X64_HugePageObject, 0, MANY + 1, 1), seL4_NoError);
	assert_int_equal(fake_retype_from(f, MANY, seL4_X86_LargePageObject, 0, MANY + 2, 1), seL4_NoError);
	assert_int_equal(cap_frame_bits(fake_cap(f, MANY + 1)), 30);
	/* Device memory is not cleared; it isn't even there. */
	assert_int_equal(fake_revoke(f, A), seL4_NoError);
	assert_int_equal(fake_retype_from(f, A, seL4_X86_4K, 0, B, 1), seL4_NoError);
	assert_ptr_equal(cap_object(fake_cap(f, B)), (void *)0x400000000000ul);
	fake_free(f);
}

/* Clearing stops for an interrupt, keeps what is done, and the watermark is true at every stop. */
static void test_clearing_is_interrupted(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	f->interrupt_pending = true;
	f->root->registers[REG_CAP] = FAKE_UNTYPED;
	struct message message = { .label = UntypedRetype, WORDS(seL4_EndpointObject, 0, 0, 0, A, 1), CAPS(FAKE_CNODE) };
	fake_put(f, &message);
	word left = 1ul << FAKE_UNTYPED_BITS;
	word start = f->root->registers[REG_NEXT_IP];
	unsigned entries = 0;
	do {
		fake_enter(f, seL4_SysCall);
		entries++;
		word used = cap_untyped_used_bytes(fake_cap(f, FAKE_UNTYPED));
		assert_true(used < left);
		left = used;
		kernelcheck_zero(f);
	} while (f->root->registers[REG_NEXT_IP] == start);
	assert_int_equal(entries, 1u << (FAKE_UNTYPED_BITS - CLEAR_CHUNK_BITS));
	assert_int_equal(fake_get(f, f->root).label, seL4_NoError);
	assert_int_equal(cap_kind(fake_cap(f, A)), CAP_ENDPOINT);
	fake_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals_in_order),
		cmocka_unit_test(test_not_a_cnode),
		cmocka_unit_test(test_every_type),
		cmocka_unit_test(test_fresh_capabilities_have_all_rights),
		cmocka_unit_test(test_limit_per_call),
		cmocka_unit_test(test_into_other_cnode),
		cmocka_unit_test(test_exact_fit_and_reuse),
		cmocka_unit_test(test_alignment_wastes),
		cmocka_unit_test(test_reset_needs_no_children),
		cmocka_unit_test(test_device),
		cmocka_unit_test(test_clearing_is_interrupted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
