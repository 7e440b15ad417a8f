/* SPDX-License-Identifier: BSD-2-Clause */
/* The derivation tree: who is whose child, what revoke and delete take along, CNodes inside CNodes, and random sequences of
 * everything with the invariants checked after each call. */
#include "test/support/fakeport.h"
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "kernel/core/slot.h"
#include "test/support/kernelcheck.h"
#include "test/support/random.h"

enum { EP = FAKE_FREE, A, B, C, D, E, F, U, MANY = FAKE_FREE + 20 };

static bool is_empty(const struct fake *f, word slot)
{
	return cap_is_null(fake_cap(f, slot));
}

static word copy_into(struct fake *f, word from, word node, word index, word depth)
{
	return CALL(f, node, CNodeCopy, WORDS(index, depth, from, 64, 15), CAPS(FAKE_CNODE));
}

static word move_into(struct fake *f, word from, word node, word index, word depth)
{
	return CALL(f, node, CNodeMove, WORDS(index, depth, from, 64), CAPS(FAKE_CNODE));
}

/* ---- revoke ---- */
static void test_revoke_original(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	fake_retype(f, seL4_EndpointObject, 0, EP, 1);
	fake_copy(f, EP, A, 15), fake_mint(f, EP, B, 15, 7), fake_copy(f, B, C, 15), fake_copy(f, A, D, 3);
	assert_int_equal(fake_revoke(f, EP), seL4_NoError);
	assert_false(is_empty(f, EP));
	for (word i = A; i <= D; i++)
		assert_true(is_empty(f, i));
	fake_free(f);
}

/* A copy is a sibling: revoking it takes nothing. A badged one has children: its copies, and nobody else's. */
static void test_revoke_copies_and_badges(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	fake_retype(f, seL4_EndpointObject, 0, EP, 1);
	fake_copy(f, EP, A, 15);
	fake_mint(f, EP, B, 15, 7);
	fake_copy(f, B, C, 15);
	fake_mint(f, EP, D, 15, 7);
	fake_copy(f, D, E, 15);
	assert_int_equal(fake_revoke(f, A), seL4_NoError);
	for (word i = EP; i <= E; i++)
		assert_false(is_empty(f, i));
	assert_int_equal(fake_revoke(f, D), seL4_NoError);
	assert_true(is_empty(f, E));
	assert_false(is_empty(f, C));
	/* With the first of them gone, its copy stays a child of nobody that has the same badge. */
	assert_int_equal(fake_delete(f, B), seL4_NoError);
	assert_int_equal(fake_revoke(f, D), seL4_NoError);
	assert_false(is_empty(f, C));
	fake_free(f);
}

static void test_revoke_untyped(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	unsigned before = kernelcheck_cap_count(f);
	fake_retype(f, seL4_UntypedObject, 16, U, 1);
	fake_retype_from(f, U, seL4_UntypedObject, 14, A, 1);
	fake_retype_from(f, A, seL4_X86_4K, 0, B, 1);
	fake_copy(f, B, C, 2);
	fake_retype_from(f, U, seL4_TCBObject, 0, D, 1);
	fake_retype_from(f, U, seL4_CapTableObject, 4, E, 1);
	assert_int_equal(copy_into(f, FAKE_TCB, E, 1, 4), seL4_NoError);
	assert_int_equal(fake_revoke(f, U), seL4_NoError);
	assert_int_equal(kernelcheck_cap_count(f), before + 1);
	assert_int_equal(fake_delete(f, U), seL4_NoError);
	assert_int_equal(kernelcheck_cap_count(f), before);
	fake_free(f);
}

/* Deleting a parent leaves its children to its own parent. */
static void test_delete_in_the_middle(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	fake_retype(f, seL4_UntypedObject, 16, U, 1);
	fake_retype_from(f, U, seL4_UntypedObject, 14, A, 1);
	fake_retype_from(f, A, seL4_EndpointObject, 0, B, 1);
	assert_int_equal(fake_delete(f, A), seL4_NoError);
	assert_false(is_empty(f, B));
	assert_int_equal(fake_revoke(f, U), seL4_NoError);
	assert_true(is_empty(f, B));
	fake_free(f);
}

/* Handler capabilities are children of the control, and the interrupt is free again when the last is gone. */
static void test_revoke_irq_control(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	assert_int_equal(CALL(f, FAKE_IRQ_CONTROL, X86IRQIssueIRQHandlerIOAPIC, WORDS(A, 64, 0, 4, 0, 0, 20), CAPS(FAKE_CNODE)),
	                 seL4_NoError);
	fake_copy(f, A, B, 15);
	assert_int_equal(fake_delete(f, A), seL4_NoError);
	assert_int_equal(f->kernel.irq_states[36], IRQ_SIGNAL);
	assert_int_equal(fake_revoke(f, FAKE_IRQ_CONTROL), seL4_NoError);
	assert_true(is_empty(f, B));
	assert_int_equal(f->kernel.irq_states[36], IRQ_INACTIVE);
	fake_free(f);
}

/* ---- CNodes ---- */
static void test_delete_cnode(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	unsigned before = kernelcheck_cap_count(f);
	fake_retype(f, seL4_CapTableObject, 4, A, 1);
	fake_retype(f, seL4_EndpointObject, 0, EP, 1);
	for (word i = 0; i < 16; i += 3)
		assert_int_equal(copy_into(f, EP, A, i, 4), seL4_NoError);
	/* Not the last capability: the contents stay. */
	fake_copy(f, A, B, 15);
	assert_int_equal(fake_delete(f, A), seL4_NoError);
	assert_int_equal(kernelcheck_cap_count(f), before + 8);
	assert_int_equal(fake_delete(f, B), seL4_NoError);
	assert_int_equal(kernelcheck_cap_count(f), before + 1);
	fake_free(f);
}

/* Any depth, several branches, one capability kept outside: everything goes, whatever order it lies in. */
static void test_delete_nested_cnodes(void **state)
{
	(void)state;
	for (word variant = 0; variant < 16; variant++) {
		struct fake *f = fake_new();
		unsigned before = kernelcheck_cap_count(f);
		fake_retype(f, seL4_CapTableObject, 2, MANY, 12);
		fake_retype(f, seL4_EndpointObject, 0, EP, 1);
		for (word i = 0; i < 12; i++)
			assert_int_equal(copy_into(f, EP, MANY + i, variant & 3, 2), seL4_NoError);
		/* A chain of eight, two of whose links hold two more each. */
		for (word i = 11; i >= 8; i--)
			assert_int_equal(move_into(f, MANY + i, MANY + 1 + 3 * (i & 1), (variant + 1 + (i - 8) / 2) & 3, 2), seL4_NoError);
		for (word i = 7; i > 0; i--)
			assert_int_equal(move_into(f, MANY + i, MANY + i - 1, (variant >> 2 & 1 ? variant + 3 : variant + i % 2 * 2 + 1) & 3, 2)
			                 == seL4_NoError || move_into(f, MANY + i, MANY + i - 1, (variant + 3) & 3, 2) == seL4_NoError, 1);
		f->interrupt_pending = variant >> 3;
		assert_int_equal(fake_delete(f, MANY), seL4_NoError);
		assert_int_equal(kernelcheck_cap_count(f), before + 1);
		assert_true(slot_is_final(&f->cnode[EP]));
		fake_free(f);
	}
}

/* A CNode that holds its own last capability, and two that hold each other's: reached by nobody but revoke. */
static void test_cycles(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	unsigned before = kernelcheck_cap_count(f);
	for (word at = 0; at < 4; at++) {
		assert_int_equal(fake_retype(f, seL4_UntypedObject, 12, U, 1), seL4_NoError);
		fake_retype_from(f, U, seL4_CapTableObject, 2, A, 1);
		assert_int_equal(move_into(f, A, A, at, 2), seL4_NoError);
		assert_int_equal(kernelcheck_cap_count(f), before + 2);
		assert_int_equal(fake_revoke(f, U), seL4_NoError);
		assert_int_equal(kernelcheck_cap_count(f), before + 1);
		assert_int_equal(fake_delete(f, U), seL4_NoError);
		for (word back = 0; back < 4; back++) {
			assert_int_equal(fake_retype(f, seL4_UntypedObject, 12, U, 1), seL4_NoError);
			fake_retype_from(f, U, seL4_CapTableObject, 2, A, 2);
			fake_retype_from(f, U, seL4_EndpointObject, 0, EP, 1);
			assert_int_equal(copy_into(f, EP, A, (at + 1) & 3, 2), seL4_NoError);
			assert_int_equal(copy_into(f, EP, B, (back + 2) & 3, 2), seL4_NoError);
			assert_int_equal(copy_into(f, B, A, at, 2), seL4_NoError);
			assert_int_equal(move_into(f, A, B, back, 2), seL4_NoError);
			assert_int_equal(fake_delete(f, B), seL4_NoError);
			assert_int_equal(fake_revoke(f, U), seL4_NoError);
			assert_int_equal(kernelcheck_cap_count(f), before + 1);
			assert_int_equal(fake_delete(f, U), seL4_NoError);
		}
	}
	fake_free(f);
}

/* Deleting the slot, inside the CNode, that holds its last capability. */
static void test_delete_from_inside(void **state)
{
	(void)state;
	for (word at = 0; at < 8; at++) {
		struct fake *f = fake_new();
		unsigned before = kernelcheck_cap_count(f);
		struct kernel *k = &f->kernel;
		fake_retype(f, seL4_CapTableObject, 3, A, 1);
		fake_retype(f, seL4_EndpointObject, 0, EP, 1);
		struct cte *inside = cap_object(fake_cap(f, A));
		for (word i = 0; i < 8; i++)
			if (i != at)
				assert_int_equal(copy_into(f, EP, A, i, 3), seL4_NoError);
		assert_int_equal(move_into(f, A, A, at, 3), seL4_NoError);
		assert_int_equal(slot_delete(k, &inside[at]), 0);
		kernelcheck_all(f);
		assert_int_equal(kernelcheck_cap_count(f), before + 1);
		fake_free(f);
	}
}

/* The revoked capability itself lies in a CNode made from it. */
static void test_revoke_takes_itself(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	unsigned before = kernelcheck_cap_count(f);
	fake_retype(f, seL4_UntypedObject, 14, U, 1);
	fake_retype_from(f, U, seL4_CapTableObject, 4, A, 1);
	fake_retype_from(f, U, seL4_EndpointObject, 0, EP, 1);
	assert_int_equal(move_into(f, U, A, 9, 4), seL4_NoError);
	assert_int_equal(CALL(f, A, CNodeRevoke, WORDS(9, 4)), seL4_NoError);
	/* The untyped went with the CNode; what was left of its children belongs to its parent now. */
	assert_true(kernelcheck_cap_count(f) <= before + 1);
	assert_int_equal(fake_revoke(f, FAKE_UNTYPED), seL4_NoError);
	assert_int_equal(kernelcheck_cap_count(f), before);
	fake_free(f);
}

/* ---- interruption ---- */
static void test_revoke_is_interrupted(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	fake_retype(f, seL4_UntypedObject, 16, U, 1);
	fake_retype_from(f, U, seL4_EndpointObject, 0, MANY, 256);
	fake_retype_from(f, U, seL4_EndpointObject, 0, MANY + 256, 256);
	f->interrupt_pending = true;
	f->root->registers[REG_CAP] = FAKE_CNODE;
	struct message message = { .label = CNodeRevoke, WORDS(U, 64) };
	fake_put(f, &message);
	word start = f->root->registers[REG_NEXT_IP];
	unsigned entries = 0;
	do {
		unsigned before = kernelcheck_cap_count(f);
		fake_enter(f, seL4_SysCall);
		entries++;
		unsigned done = before - kernelcheck_cap_count(f);
		assert_true(done <= PREEMPTION_INTERVAL);
		assert_true(done > 0);
	} while (f->root->registers[REG_NEXT_IP] == start);
	assert_true(entries >= 512 / PREEMPTION_INTERVAL);
	assert_int_equal(fake_get(f, f->root).label, seL4_NoError);
	for (word i = 0; i < 512; i++)
		assert_true(is_empty(f, MANY + i));
	fake_free(f);
}

static void test_cnode_deletion_is_interrupted(void **state)
{
	(void)state;
	struct fake *f = fake_new();
	unsigned before = kernelcheck_cap_count(f);
	fake_retype(f, seL4_CapTableObject, 9, A, 1);
	fake_retype(f, seL4_CapTableObject, 12, B, 1);
	struct message answer;
	assert_int_equal(CALL_ANSWER(f, &answer, FAKE_UNTYPED, UntypedRetype, WORDS(seL4_EndpointObject, 0, 0, 0, 100, 200), CAPS(A)),
	                 seL4_NoError);
	f->interrupt_pending = true;
	unsigned polls = f->polls;
	assert_int_equal(fake_delete(f, A), seL4_NoError);
	assert_true(f->polls - polls >= 2);
	/* Empty slots are passed over in groups, but not without end. */
	polls = f->polls;
	assert_int_equal(fake_delete(f, B), seL4_NoError);
	assert_true(f->polls - polls >= 4096 / EMPTY_SLOTS_PER_UNIT / PREEMPTION_INTERVAL);
	assert_int_equal(kernelcheck_cap_count(f), before);
	fake_free(f);
}

/* ---- random sequences ---- */
#define ROUNDS     3000u
#define SLOTS      40u
#define RANDOM_SLOT(r) (MANY + random_below((r), SLOTS))

static const struct { word type, size; } random_types[] = {
	{ seL4_UntypedObject, 12 }, { seL4_UntypedObject, 15 }, { seL4_TCBObject, 0 }, { seL4_EndpointObject, 0 },
	{ seL4_NotificationObject, 0 }, { seL4_CapTableObject, 1 }, { seL4_CapTableObject, 3 }, { seL4_ReplyObject, 0 },
	{ seL4_SchedContextObject, 8 }, { seL4_X86_4K, 0 }, { seL4_X86_PageTableObject, 0 },
};

/* Rights of a kind that has some, so that a copy can be compared with its source. */
static word rights_of(struct cap cap)
{
	switch (cap_kind(cap)) {
	case CAP_ENDPOINT:
	case CAP_NOTIFICATION:
	case CAP_REPLY: return cap_rights(cap);
	case CAP_FRAME: return cap_frame_rights(cap);
	default: return 0;
	}
}

static void random_copy(struct fake *f, struct random *r, word label)
{
	word from = RANDOM_SLOT(r), to = RANDOM_SLOT(r), rights = random_below(r, 16), data = random_below(r, 4);
	struct cap source = fake_cap(f, from);
	if (CALL(f, FAKE_CNODE, label, WORDS(to, 64, from, 64, rights, data), CAPS(FAKE_CNODE)) != seL4_NoError)
		return;
	struct cap made = fake_cap(f, to);
	assert_int_equal(cap_kind(made), cap_kind(source));
	assert_int_equal(rights_of(made) & ~rights_of(source), 0);
	assert_int_equal(rights_of(made) & ~rights, 0);
	if (label == CNodeCopy && cap_kind(source) == CAP_ENDPOINT)
		assert_int_equal(cap_badge(made), cap_badge(source));
}

/* The root slots or one of the random CNodes, and an index in it. */
static void random_place(struct fake *f, struct random *r, word *node, word *index, word *depth)
{
	*node = RANDOM_SLOT(r);
	if (random_below(r, 3) != 0 || cap_kind(fake_cap(f, *node)) != CAP_CNODE) {
		*node = FAKE_CNODE, *index = RANDOM_SLOT(r), *depth = 64;
		return;
	}
	*depth = cap_cnode_radix(fake_cap(f, *node)) + cap_cnode_guard_bits(fake_cap(f, *node));
	*index = random_below(r, 1ul << cap_cnode_radix(fake_cap(f, *node)));
	*index |= cap_cnode_guard(fake_cap(f, *node)) << cap_cnode_radix(fake_cap(f, *node));
}

static void random_move(struct fake *f, struct random *r)
{
	word from_node, from, from_depth, to_node, to, to_depth;
	random_place(f, r, &from_node, &from, &from_depth);
	random_place(f, r, &to_node, &to, &to_depth);
	CALL(f, to_node, CNodeMove, WORDS(to, to_depth, from, from_depth), CAPS(from_node));
}

static void random_delete(struct fake *f, struct random *r, word label)
{
	word node, index, depth;
	random_place(f, r, &node, &index, &depth);
	CALL(f, node, label, WORDS(index, depth));
}

static void random_retype(struct fake *f, struct random *r)
{
	word kind = random_below(r, sizeof(random_types) / sizeof(random_types[0]));
	word untyped = RANDOM_SLOT(r);
	if (cap_kind(fake_cap(f, untyped)) != CAP_UNTYPED)
		untyped = U;
	word node, index, depth;
	random_place(f, r, &node, &index, &depth);
	word count = random_below(r, 4) == 0 ? 2 : 1;
	if (node != FAKE_CNODE)
		index &= (1ul << cap_cnode_radix(fake_cap(f, node))) - 1;
	CALL(f, untyped, UntypedRetype, WORDS(random_types[kind].type, random_types[kind].size, 0, 0, index, count), CAPS(node));
}

static void random_step(struct fake *f, struct random *r)
{
	f->interrupt_pending = random_below(r, 4) == 0;
	switch (random_below(r, 12)) {
	case 0: case 1: case 2: case 3: random_retype(f, r); break;
	case 4: case 5: random_copy(f, r, CNodeCopy); break;
	case 6: case 7: random_copy(f, r, CNodeMint); break;
	case 8: random_move(f, r); break;
	case 9: case 10: random_delete(f, r, CNodeDelete); break;
	default: random_delete(f, r, CNodeRevoke); break;
	}
}

static void test_random_sequences(void **state)
{
	(void)state;
	struct random r = random_start("kernel_tree", 20251122);
	for (unsigned world = 0; world < 4; world++) {
		struct fake *f = fake_new();
		assert_int_equal(fake_retype(f, seL4_UntypedObject, 19, U, 1), seL4_NoError);
		unsigned before = kernelcheck_cap_count(f);
		for (unsigned i = 0; i < ROUNDS; i++) {
			random_step(f, &r);
			if (i % 500 == 0)
				kernelcheck_zero(f);
		}
		/* Everything came from U, so revoking U takes everything, and all of U is there again. */
		assert_int_equal(fake_revoke(f, U), seL4_NoError);
		assert_int_equal(kernelcheck_cap_count(f), before);
		assert_int_equal(fake_retype_from(f, U, seL4_UntypedObject, 19, A, 1), seL4_NoError);
		fake_free(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_revoke_original),
		cmocka_unit_test(test_revoke_copies_and_badges),
		cmocka_unit_test(test_revoke_untyped),
		cmocka_unit_test(test_delete_in_the_middle),
		cmocka_unit_test(test_revoke_irq_control),
		cmocka_unit_test(test_delete_cnode),
		cmocka_unit_test(test_delete_nested_cnodes),
		cmocka_unit_test(test_cycles),
		cmocka_unit_test(test_delete_from_inside),
		cmocka_unit_test(test_revoke_takes_itself),
		cmocka_unit_test(test_revoke_is_interrupted),
		cmocka_unit_test(test_cnode_deletion_is_interrupted),
		cmocka_unit_test(test_random_sequences),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
