/* SPDX-License-Identifier: BSD-2-Clause */
/* The pool: splitting, merging and choosing blocks. Invariants B1 to B4 are in the header.
 *
 * Why choosing first is exact: block sizes are powers of two and an account asks for them largest first, so whether a
 * request can be met depends only on how many bytes lie in free (or mergeable) blocks of at least its size; which of
 * them is split does not matter to the requests that follow. Deliberately absent: any attempt to keep large blocks whole
 * by moving things; an account's memory never moves. */
#include "user/space/space.h"
#include "user/sel4/sel4.h"

void pool_start(struct pool *pool, uint32_t pairs)
{
	memset(pool, 0, sizeof *pool);
	for (uint32_t i = 0; i < POOL_SIZE_BITS_END; i++)
		pool->free_list[i] = POOL_NONE;
	if (pairs > (POOL_BLOCKS_MAX - POOL_ROOTS_MAX) / 2)
		pairs = (POOL_BLOCKS_MAX - POOL_ROOTS_MAX) / 2;
	pool->pairs_total = pool->pairs_free = pairs;
	pool->pair_list = POOL_NONE;
	for (uint32_t i = pairs; i > 0; i--) {
		uint16_t lower = (uint16_t)(POOL_ROOTS_MAX + 2 * (i - 1));

		pool->block[lower].next = pool->pair_list;
		pool->pair_list = lower;
	}
}

static void free_list_put(struct pool *pool, uint16_t number)
{
	struct pool_block *block = &pool->block[number];

	block->state = POOL_FREE;
	block->next = pool->free_list[block->size_bits];
	pool->free_list[block->size_bits] = number;
}

static void free_list_remove(struct pool *pool, uint16_t number)
{
	uint16_t *link = &pool->free_list[pool->block[number].size_bits];

	while (*link != number)
		link = &pool->block[*link].next;
	*link = pool->block[number].next;
}

enum status pool_add(struct space *space, seL4_CPtr cptr, const struct space_caps *caps, uint8_t size_bits)
{
	struct pool *pool = &space->state->pool;
	uint16_t number = (uint16_t)pool->roots;

	if (size_bits < POOL_SIZE_BITS_MIN || size_bits >= POOL_SIZE_BITS_END)
		return STATUS_SPACE_UNTYPED_SIZE;
	if (pool->roots == POOL_ROOTS_MAX)
		return STATUS_SPACE_TOO_MANY_UNTYPEDS;
	pool->roots++;
	pool->root[number] = (struct pool_root){
		.cptr = cptr, .cnode = caps->root, .index = caps->first, .depth_bits = caps->depth_bits
	};
	pool->block[number] = (struct pool_block){ .parent = POOL_NONE, .size_bits = size_bits };
	pool->bytes_total += 1ull << size_bits;
	pool->bytes_free += 1ull << size_bits;
	free_list_put(pool, number);
	return STATUS_OK;
}

seL4_CPtr pool_cptr(const struct space *space, uint16_t block)
{
	if (block < POOL_ROOTS_MAX)
		return space->state->pool.root[block].cptr;
	return space_slot_cptr(space, space_slot_of_block(space, block));
}

enum status pool_revoke(struct space *space, uint16_t block, struct where *where)
{
	if (block < POOL_ROOTS_MAX) {
		const struct pool_root *root = &space->state->pool.root[block];

		return space_result(space, seL4_CNode_Revoke(root->cnode, root->index, root->depth_bits), where);
	}
	return space_result(space, seL4_CNode_Revoke(space->use.cnode,
	                                             space_slot_index(space, space_slot_of_block(space, block)),
	                                             space->use.cnode_bits), where);
}

void pool_give(struct space *space, uint16_t block)
{
	struct pool *pool = &space->state->pool;

	pool->bytes_free += 1ull << pool->block[block].size_bits;
	free_list_put(pool, block);
}

/* ---- what could be had ---- */

/* Free blocks by size. */
struct supply {
	uint32_t count[POOL_SIZE_BITS_END];
};

static void supply_as_it_is(const struct pool *pool, struct supply *supply)
{
	for (uint32_t bits = 0; bits < POOL_SIZE_BITS_END; bits++) {
		supply->count[bits] = 0;
		for (uint16_t i = pool->free_list[bits]; i != POOL_NONE; i = pool->block[i].next)
			supply->count[bits]++;
	}
}

/* Marks each block below which, itself included, everything is free. Children are smaller than their parent, so going
 * through the sizes upwards sees them first. */
static void mark_whole(const struct pool *pool, bool whole[POOL_BLOCKS_MAX])
{
	for (uint32_t i = 0; i < POOL_BLOCKS_MAX; i++)
		whole[i] = pool->block[i].state == POOL_FREE;
	for (uint32_t bits = POOL_SIZE_BITS_MIN + 1; bits < POOL_SIZE_BITS_END; bits++) {
		for (uint32_t i = 0; i < POOL_BLOCKS_MAX; i++) {
			const struct pool_block *block = &pool->block[i];

			if (block->state == POOL_SPLIT && block->size_bits == bits)
				whole[i] = whole[block->child] && whole[block->child + 1];
		}
	}
}

static void supply_when_merged(const struct pool *pool, struct supply *supply)
{
	bool whole[POOL_BLOCKS_MAX];

	memset(supply, 0, sizeof *supply);
	mark_whole(pool, whole);
	for (uint32_t i = 0; i < POOL_BLOCKS_MAX; i++) {
		const struct pool_block *block = &pool->block[i];

		if (whole[i] && (block->parent == POOL_NONE || !whole[block->parent]))
			supply->count[block->size_bits]++;
	}
}

/* Takes one block of a size from the supply; false if there is none large enough. *splits grows by the splits it takes. */
static bool supply_take(struct supply *supply, uint32_t size_bits, uint32_t *splits)
{
	uint32_t from = size_bits;

	while (from < POOL_SIZE_BITS_END && supply->count[from] == 0)
		from++;
	if (from == POOL_SIZE_BITS_END)
		return false;
	supply->count[from]--;
	for (uint32_t bits = size_bits; bits < from; bits++)
		supply->count[bits]++;
	*splits += from - size_bits;
	return true;
}

static uint32_t floor_bits(uint64_t bytes)
{
	return 63u - (uint32_t)__builtin_clzll(bytes);
}

/* Covers bytes with at most ACCOUNT_BLOCKS_MAX blocks, none smaller than 2^least_bits, out of a copy of the supply. Returns the bytes
 * covered. */
static uint64_t supply_cover(struct supply supply, uint64_t bytes, uint32_t least_bits, uint8_t *size_bits, uint32_t *count,
                             uint32_t *splits)
{
	uint64_t covered = 0;
	uint32_t bound = POOL_SIZE_BITS_END - 1;

	*splits = 0;
	for (*count = 0; *count < ACCOUNT_BLOCKS_MAX && covered < bytes; covered += 1ull << size_bits[(*count)++]) {
		uint64_t left = bytes - covered;
		uint32_t bits = floor_bits(left);

		if (*count == ACCOUNT_BLOCKS_MAX - 1 && !is_power_of_two(left))
			bits++;
		bits = bits < bound ? bits : bound;
		while (bits >= least_bits && !supply_take(&supply, bits, splits))
			bits--;
		if (bits < least_bits)
			break;
		size_bits[*count] = (uint8_t)bits;
		bound = bits;
	}
	return covered;
}

/* The largest sum one account could have of this supply. */
static uint64_t supply_best(const struct supply *supply, uint32_t least_bits)
{
	uint64_t best = 0;
	uint32_t left = ACCOUNT_BLOCKS_MAX;

	for (uint32_t bits = POOL_SIZE_BITS_END; bits-- > least_bits && left > 0;) {
		uint32_t taken = supply->count[bits] < left ? supply->count[bits] : left;

		best += (uint64_t)taken << bits;
		left -= taken;
	}
	return best;
}

static enum status refuse(enum status status, uint64_t needed, uint64_t available, struct where *where)
{
	*where = (struct where){ .index = WHERE_NO_INDEX, .value = needed, .limit = available };
	return status;
}

enum status pool_choose(const struct space *space, uint64_t bytes, uint64_t largest_bytes, uint32_t least_bits,
                        uint8_t size_bits[ACCOUNT_BLOCKS_MAX], uint32_t *count, struct where *where)
{
	const struct pool *pool = &space->state->pool;
	struct supply supply;
	uint32_t splits;

	bytes = round_up(bytes, 1ull << least_bits);
	supply_as_it_is(pool, &supply);
	if (supply_cover(supply, bytes, least_bits, size_bits, count, &splits) >= bytes && 1ull << size_bits[0] >= largest_bytes) {
		if (splits > pool->pairs_free)
			return refuse(STATUS_SPACE_NO_SLOTS, 2ull * splits, 2ull * pool->pairs_free, where);
		return STATUS_OK;
	}
	supply_when_merged(pool, &supply);
	if (supply_cover(supply, bytes, least_bits, size_bits, count, &splits) >= bytes && 1ull << size_bits[0] >= largest_bytes)
		return STATUS_OK; /* merging frees slots as well; should they still be too few, pool_take says so */
	/* Enough bytes, but not in ACCOUNT_BLOCKS_MAX blocks: what is available is what one account could have of them. */
	return refuse(STATUS_SPACE_NO_MEMORY, bytes, bytes > pool->bytes_free ? pool->bytes_free : supply_best(&supply, least_bits), where);
}

/* ---- taking ---- */

/* All blocks below a block are unused again: their capabilities are gone. */
static void forget_children(struct pool *pool, uint16_t top)
{
	uint16_t at = pool->block[top].child;

	/* Down to the leaves and up again; a block's child is forgotten before the block is. */
	while (at != top) {
		struct pool_block *block = &pool->block[at];

		if (block->state == POOL_SPLIT) {
			at = block->child;
			block->state = POOL_UNUSED; /* as seen on the way up */
			continue;
		}
		if (block->state == POOL_FREE)
			free_list_remove(pool, at);
		block->state = POOL_UNUSED;
		if ((at - POOL_ROOTS_MAX) % 2 == 0) {
			at++;
			continue;
		}
		block[-1].next = pool->pair_list;
		pool->pair_list = (uint16_t)(at - 1);
		pool->pairs_free++;
		at = block->parent;
	}
}

/* Merges the smallest block of at least this size below which everything is free. */
static enum status merge(struct space *space, uint32_t size_bits, uint16_t *merged, struct where *where)
{
	struct pool *pool = &space->state->pool;
	bool whole[POOL_BLOCKS_MAX];
	uint16_t best = POOL_NONE;
	enum status status;

	mark_whole(pool, whole);
	for (uint16_t i = 0; i < POOL_BLOCKS_MAX; i++) {
		const struct pool_block *block = &pool->block[i];

		if (whole[i] && block->state == POOL_SPLIT && block->size_bits >= size_bits
		    && (best == POOL_NONE || block->size_bits < pool->block[best].size_bits))
			best = i;
	}
	if (best == POOL_NONE)
		return refuse(STATUS_SPACE_NO_MEMORY, 1ull << size_bits, 0, where);
	status = pool_revoke(space, best, where);
	if (status != STATUS_OK)
		return status;
	forget_children(pool, best);
	free_list_put(pool, best);
	*merged = best;
	return STATUS_OK;
}

/* Splits a free block. */
static enum status split(struct space *space, uint16_t number, struct where *where)
{
	struct pool *pool = &space->state->pool;
	struct pool_block *block = &pool->block[number];
	uint16_t lower = pool->pair_list;
	uint8_t half_bits = (uint8_t)(block->size_bits - 1);
	enum status status;

	if (lower == POOL_NONE)
		return refuse(STATUS_SPACE_NO_SLOTS, 2, 0, where);
	status = space_result(space, seL4_Untyped_Retype(pool_cptr(space, number), seL4_UntypedObject, half_bits,
	                                                 space->use.cnode, 0, 0,
	                                                 space_slot_index(space, space_slot_of_block(space, lower)), 2), where);
	if (status != STATUS_OK)
		return status;
	pool->pair_list = pool->block[lower].next;
	pool->pairs_free--;
	free_list_remove(pool, number);
	block->state = POOL_SPLIT;
	block->child = lower;
	for (uint32_t i = 2; i > 0; i--) { /* the lower half ends up first in its list */
		uint16_t half = (uint16_t)(lower + i - 1);

		pool->block[half] = (struct pool_block){ .parent = number, .size_bits = half_bits };
		free_list_put(pool, half);
	}
	return STATUS_OK;
}

static uint16_t smallest_free(const struct pool *pool, uint32_t size_bits)
{
	for (uint32_t bits = size_bits; bits < POOL_SIZE_BITS_END; bits++) {
		if (pool->free_list[bits] != POOL_NONE)
			return pool->free_list[bits];
	}
	return POOL_NONE;
}

enum status pool_take(struct space *space, uint8_t size_bits, uint16_t *block, struct where *where)
{
	struct pool *pool = &space->state->pool;
	uint16_t number = smallest_free(pool, size_bits);
	enum status status = STATUS_OK;

	if (number == POOL_NONE)
		status = merge(space, size_bits, &number, where);
	while (status == STATUS_OK && pool->block[number].size_bits > size_bits) {
		status = split(space, number, where);
		if (status == STATUS_OK)
			number = pool->block[number].child;
	}
	if (status != STATUS_OK)
		return status;
	free_list_remove(pool, number);
	pool->block[number].state = POOL_HELD;
	pool->bytes_free -= 1ull << size_bits;
	*block = number;
	return STATUS_OK;
}
