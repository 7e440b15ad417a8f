/* SPDX-License-Identifier: BSD-2-Clause */
/* The pool against a fake kernel that keeps its own books: which untyped capability is where, what is below it. Whatever
 * the pool asks for must be possible there, and after any sequence of takes and gives, with any call refused, the pool
 * says the same as the books. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "user/sel4/sel4.h"
#include "user/space/space.h"
#include "test/support/random.h"

/* ---- the fake kernel: a CNode of untypeds ---- */

#define CNODE      0x77u
#define CNODE_BITS 10u
#define SHIFT      20u
#define SLOTS      (1u << CNODE_BITS)
#define ROOT_SLOT  900u /* of the first untyped given; they follow each other */
#define FREE_FIRST 10u

static seL4_IPCBuffer ipc_buffer;
seL4_IPCBuffer *__sel4_ipc_buffer = &ipc_buffer;

static struct {
	uint32_t bits;   /* 0: empty */
	uint32_t parent; /* slot */
	uint64_t used;   /* bytes retyped */
} books[SLOTS];
static uint32_t calls, refuse_at; /* refuse_at 0: never; else that call from now on, counted from 1 */

static bool is_refused(void)
{
	calls++;
	return refuse_at != 0 && calls == refuse_at;
}

static bool is_below(uint32_t slot, uint32_t top)
{
	while (slot != top && books[slot].bits != 0 && books[slot].parent != slot)
		slot = books[slot].parent;
	return slot == top;
}

static seL4_Word revoke(uint32_t slot)
{
	bool doomed[SLOTS];

	assert_int_not_equal(books[slot].bits, 0);
	for (uint32_t i = 0; i < SLOTS; i++)
		doomed[i] = i != slot && books[i].bits != 0 && is_below(i, slot);
	for (uint32_t i = 0; i < SLOTS; i++)
		if (doomed[i])
			books[i].bits = 0;
	books[slot].used = 0;
	return seL4_NoError;
}

static seL4_Word retype(uint32_t slot, const struct sel4_words *words)
{
	uint32_t first = (uint32_t)ipc_buffer.msg[4], count = (uint32_t)ipc_buffer.msg[5];

	assert_int_equal(words->mr0, seL4_UntypedObject);
	assert_int_equal(ipc_buffer.caps_or_badges[0], CNODE);
	assert_int_equal(count, 2);
	assert_int_not_equal(books[slot].bits, 0);
	assert_true(books[slot].used + (count << words->mr1) <= 1ull << books[slot].bits);
	for (uint32_t i = first; i < first + count; i++) {
		assert_true(i < SLOTS);
		assert_int_equal(books[i].bits, 0);
		books[i].bits = (uint32_t)words->mr1;
		books[i].parent = slot;
		books[i].used = 0;
	}
	books[slot].used += (uint64_t)count << words->mr1;
	return seL4_NoError;
}

seL4_Word sel4_machine_exchange(seL4_Word number, seL4_CPtr to, seL4_Word info, seL4_Word *badge, struct sel4_words *words,
                                seL4_CPtr reply)
{
	seL4_MessageInfo_t tag = { { info } };
	seL4_Word error = seL4_NotEnoughMemory;

	assert_int_equal(number, (seL4_Word)seL4_SysCall);
	assert_int_equal(reply, 0);
	*badge = 0;
	if (!is_refused()) {
		if (seL4_MessageInfo_get_label(tag) == CNodeRevoke) {
			assert_int_equal(to, CNODE);
			assert_int_equal(words->mr1, CNODE_BITS);
			error = revoke((uint32_t)words->mr0);
		} else {
			assert_int_equal(seL4_MessageInfo_get_label(tag), UntypedRetype);
			error = retype((uint32_t)(to >> SHIFT), words);
		}
	}
	return seL4_MessageInfo_new(error, 0, 0, 0).words[0];
}

void sel4_machine_send(seL4_Word number, seL4_CPtr to, seL4_Word info, const struct sel4_words *words)
{
	(void)number, (void)to, (void)info, (void)words;
	fail();
}

seL4_Word sel4_machine_receive(seL4_Word number, seL4_CPtr from, seL4_Word *badge, struct sel4_words *words, seL4_CPtr reply)
{
	(void)number, (void)from, (void)badge, (void)words, (void)reply;
	fail();
	return 0;
}

/* ---- the space ---- */

static struct space space;
static struct space_state state;
static struct where where;

static void start_with(uint32_t slots)
{
	struct space_use use = { .cnode = CNODE, .cnode_bits = CNODE_BITS, .slot_shift = SHIFT, .free_first = FREE_FIRST,
	                         .free_end = FREE_FIRST + slots, .window = 0x1000 };

	memset(books, 0, sizeof books);
	calls = refuse_at = 0;
	assert_int_equal(space_start(&space, &use, &state), STATUS_OK);
}

static void give_untyped(uint32_t number, uint8_t bits)
{
	uint32_t slot = ROOT_SLOT + number;
	struct space_caps name = { CNODE, slot, CNODE_BITS, 0, 1 };

	books[slot].bits = bits;
	books[slot].parent = slot;
	assert_int_equal(pool_add(&space, (uint64_t)slot << SHIFT, &name, bits), STATUS_OK);
}

/* Invariants B1, B2 and B3, against the books. */
static void check_pool(void)
{
	const struct pool *pool = &state.pool;
	uint64_t bytes = 0, listed = 0, pairs = 0;

	for (uint32_t i = 0; i < POOL_BLOCKS_MAX; i++) {
		const struct pool_block *block = &pool->block[i];
		uint32_t slot = (uint32_t)(pool_cptr(&space, (uint16_t)i) >> SHIFT);

		if (block->state == POOL_UNUSED)
			continue;
		assert_int_equal(books[slot].bits, block->size_bits);
		assert_int_equal(books[slot].used, block->state == POOL_SPLIT ? 1ull << block->size_bits : 0);
		bytes += block->state == POOL_FREE ? 1ull << block->size_bits : 0;
		pairs += block->state == POOL_SPLIT;
	}
	for (uint32_t bits = 0; bits < POOL_SIZE_BITS_END; bits++) {
		for (uint16_t i = pool->free_list[bits]; i != POOL_NONE; i = pool->block[i].next) {
			assert_int_equal(pool->block[i].state, POOL_FREE);
			assert_int_equal(pool->block[i].size_bits, bits);
			listed += 1ull << bits;
		}
	}
	assert_int_equal(bytes, pool->bytes_free);
	assert_int_equal(listed, pool->bytes_free);
	assert_int_equal(pairs, pool->pairs_total - pool->pairs_free);
}

static enum status take(uint8_t bits, uint16_t *block)
{
	enum status status = pool_take(&space, bits, block, &where);

	check_pool();
	return status;
}

/* As an account does it: revoked, then given back. */
static void give(uint16_t block)
{
	assert_int_equal(pool_revoke(&space, block, &where), STATUS_OK);
	pool_give(&space, block);
	check_pool();
}

/* ---- tests ---- */

static void refuses_untypeds_that_it_cannot_keep(void **arg)
{
	struct space_caps name = { CNODE, 1, CNODE_BITS, 0, 1 };

	(void)arg;
	start_with(800);
	assert_int_equal(pool_add(&space, 1, &name, 11), STATUS_SPACE_UNTYPED_SIZE);
	assert_int_equal(pool_add(&space, 1, &name, 48), STATUS_SPACE_UNTYPED_SIZE);
	for (uint32_t i = 0; i < POOL_ROOTS_MAX; i++)
		assert_int_equal(pool_add(&space, 1, &name, 12), STATUS_OK);
	assert_int_equal(pool_add(&space, 1, &name, 12), STATUS_SPACE_TOO_MANY_UNTYPEDS);
	assert_int_equal(state.pool.bytes_total, POOL_ROOTS_MAX * PAGE_BYTES);
}

static void splits_the_smallest_that_is_large_enough(void **arg)
{
	uint16_t a, b;

	(void)arg;
	start_with(800);
	give_untyped(0, 20);
	give_untyped(1, 14);
	assert_int_equal(take(13, &a), STATUS_OK);
	assert_int_equal(calls, 1);
	assert_int_equal(take(13, &b), STATUS_OK);
	assert_int_equal(calls, 1);
	assert_int_equal(take(14, &a), STATUS_OK);
	assert_int_equal(calls, 1 + 6);
	assert_int_equal(state.pool.bytes_free, (1u << 20) - (1u << 14));
}

static void merges_only_when_it_must(void **arg)
{
	uint16_t a, b, whole;

	(void)arg;
	start_with(800);
	give_untyped(0, 16);
	assert_int_equal(take(12, &a), STATUS_OK);
	assert_int_equal(take(12, &b), STATUS_OK);
	assert_int_equal(take(16, &whole), STATUS_SPACE_NO_MEMORY);
	give(a);
	assert_int_equal(take(16, &whole), STATUS_SPACE_NO_MEMORY);
	give(b);
	calls = 0;
	assert_int_equal(take(16, &whole), STATUS_OK);
	assert_int_equal(calls, 1);
	assert_int_equal(state.pool.pairs_free, state.pool.pairs_total);
	give(whole);
	assert_int_equal(state.pool.bytes_free, 1u << 16);
}

static void merges_no_more_than_it_must(void **arg)
{
	uint16_t a, b, c;

	(void)arg;
	start_with(800);
	give_untyped(0, 16);
	assert_int_equal(take(15, &a), STATUS_OK);
	assert_int_equal(take(12, &b), STATUS_OK);
	give(b);
	give(a);
	assert_int_equal(take(15, &a), STATUS_OK); /* the half that is whole already */
	assert_int_equal(take(14, &b), STATUS_OK);
	assert_int_equal(take(14, &c), STATUS_OK); /* 12 + 12 + 13, merged */
	assert_int_equal(state.pool.bytes_free, 0);
}

static void says_how_many_slots_splitting_needs(void **arg)
{
	uint8_t sizes[ACCOUNT_BLOCKS_MAX];
	uint32_t count;
	uint16_t block;

	(void)arg;
	start_with(SPACE_SLOTS_MIN); /* 4 accounts, 5 pairs */
	give_untyped(0, 20);
	assert_int_equal(state.pool.pairs_total, 5);
	assert_int_equal(pool_choose(&space, 1u << 12, 1, POOL_SIZE_BITS_MIN, sizes, &count, &where), STATUS_SPACE_NO_SLOTS);
	assert_int_equal(where.value, 16);
	assert_int_equal(where.limit, 10);
	assert_int_equal(take(12, &block), STATUS_SPACE_NO_SLOTS);
	assert_int_equal(state.pool.bytes_free, 1u << 20);
	assert_int_equal(take(15, &block), STATUS_OK);
}

static void chooses_exact_powers_and_rounds_the_last(void **arg)
{
	uint8_t sizes[ACCOUNT_BLOCKS_MAX];
	uint32_t count;

	(void)arg;
	start_with(800);
	give_untyped(0, 24);
	assert_int_equal(pool_choose(&space, 31 * PAGE_BYTES, 1, POOL_SIZE_BITS_MIN, sizes, &count, &where), STATUS_OK);
	assert_int_equal(count, 4);
	assert_int_equal(sizes[0], 16);
	assert_int_equal(sizes[1], 15);
	assert_int_equal(sizes[2], 14);
	assert_int_equal(sizes[3], 14); /* 3 pages left, taken as 4 */
	assert_int_equal(pool_choose(&space, 8 * PAGE_BYTES, 1, POOL_SIZE_BITS_MIN, sizes, &count, &where), STATUS_OK);
	assert_int_equal(count, 1);
	assert_int_equal(calls, 0);
}

static void says_what_is_needed_and_available(void **arg)
{
	uint8_t sizes[ACCOUNT_BLOCKS_MAX];
	uint32_t count;

	(void)arg;
	start_with(800);
	for (uint32_t i = 0; i < 6; i++)
		give_untyped(i, 14);
	assert_int_equal(pool_choose(&space, 20 * PAGE_BYTES, 1, POOL_SIZE_BITS_MIN, sizes, &count, &where), STATUS_SPACE_NO_MEMORY);
	assert_int_equal(where.value, 20 * PAGE_BYTES);
	assert_int_equal(where.limit, 16 * PAGE_BYTES); /* four of the six */
	assert_int_equal(pool_choose(&space, 25 * PAGE_BYTES, 1, POOL_SIZE_BITS_MIN, sizes, &count, &where), STATUS_SPACE_NO_MEMORY);
	assert_int_equal(where.limit, 24 * PAGE_BYTES);
	assert_int_equal(pool_choose(&space, 16 * PAGE_BYTES, 1, POOL_SIZE_BITS_MIN, sizes, &count, &where), STATUS_OK);
	assert_int_equal(pool_choose(&space, 16 * PAGE_BYTES, 8 * PAGE_BYTES, POOL_SIZE_BITS_MIN, sizes, &count, &where),
	                 STATUS_SPACE_NO_MEMORY);
	assert_int_equal(calls, 0);
}

/* What pool_choose promises, pool_take keeps; and the other way round, with calls refused here and there. */
static void keeps_its_books_through_anything(void **arg)
{
	struct random random = random_start("keeps_its_books_through_anything", 20260711);
	uint16_t held[64];
	uint32_t held_count = 0, taken = 0;

	(void)arg;
	start_with(700);
	give_untyped(0, 20);
	give_untyped(1, 19);
	give_untyped(2, 17);
	for (uint32_t turn = 0; turn < 4000; turn++) {
		uint8_t sizes[ACCOUNT_BLOCKS_MAX];
		uint32_t count, i;

		if (held_count > 40 || (held_count > 0 && random_below(&random, 2) == 0)) {
			i = (uint32_t)random_below(&random, held_count);
			give(held[i]);
			held[i] = held[--held_count];
			continue;
		}
		if (pool_choose(&space, (1 + random_below(&random, 100)) * PAGE_BYTES, 1, POOL_SIZE_BITS_MIN, sizes, &count, &where) != STATUS_OK)
			continue;
		refuse_at = random_below(&random, 8) == 0 ? calls + 1 + (uint32_t)random_below(&random, 3) : 0;
		for (i = 0; i < count; i++) {
			uint64_t before = state.pool.bytes_free;
			enum status status = take(sizes[i], &held[held_count]);

			if (status == STATUS_OK) {
				held_count++;
				taken++;
				continue;
			}
			assert_int_equal(status, STATUS_SPACE_KERNEL_REFUSED);
			assert_int_equal(where.value, seL4_NotEnoughMemory);
			assert_int_equal(calls, refuse_at);
			assert_int_equal(state.pool.bytes_free, before);
			break;
		}
		refuse_at = 0;
	}
	assert_true(taken > 1000);
	while (held_count > 0)
		give(held[--held_count]);
	assert_int_equal(state.pool.bytes_free, state.pool.bytes_total);
	assert_int_equal(take(20, &held[0]), STATUS_OK);
	assert_int_equal(take(19, &held[1]), STATUS_OK);
	assert_int_equal(take(17, &held[2]), STATUS_OK);
	assert_int_equal(state.pool.pairs_free, state.pool.pairs_total);
}

static void refuses_a_use_that_cannot_be_right(void **arg)
{
	const struct space_use good = { .cnode = 1, .cnode_bits = 10, .slot_shift = 16, .free_first = 1, .free_end = 1024, .window = 4096 };
	struct space_use use;

	(void)arg;
	assert_int_equal(space_start(&space, &good, &state), STATUS_OK);
#define REFUSES(field, value) (use = good, use.field = (value), assert_int_equal(space_start(&space, &use, &state), STATUS_SPACE_BAD_USE))
	REFUSES(cnode_bits, 0);
	REFUSES(cnode_bits, 64);
	REFUSES(slot_shift, ACCOUNT_RADIX_MAX - 1);
	REFUSES(slot_shift, 55);
	REFUSES(free_first, 1020);
	REFUSES(free_end, 1025);
	REFUSES(free_end, 0);
	REFUSES(window, 4095);
	REFUSES(window, 0);
	REFUSES(large_window, 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_untypeds_that_it_cannot_keep),
		cmocka_unit_test(splits_the_smallest_that_is_large_enough),
		cmocka_unit_test(merges_only_when_it_must),
		cmocka_unit_test(merges_no_more_than_it_must),
		cmocka_unit_test(says_how_many_slots_splitting_needs),
		cmocka_unit_test(chooses_exact_powers_and_rounds_the_last),
		cmocka_unit_test(says_what_is_needed_and_available),
		cmocka_unit_test(keeps_its_books_through_anything),
		cmocka_unit_test(refuses_a_use_that_cannot_be_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
