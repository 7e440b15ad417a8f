/* SPDX-License-Identifier: BSD-2-Clause */
/* The pool after an interruption at any instruction: what live accounts hold is kept, everything else is revoked.
 *
 * Of the state only this is relied upon: the blocks of live accounts, and for these and all blocks above them, parent and size.
 * R1 they were written before the account's first object was made, long before the caller called it live. R2 nothing writes
 * them while the account is in use: splitting writes free blocks, merging those below which everything is free. R3 a
 * block above a held one was split, so the kernel has both its halves in the slots of their pair. Hence, of every pair with a
 * held block in or below it, and of every untyped given, the capability is there; revoking those with nothing live in or
 * below them takes everything else away, whether the state knew of it or not. Lists and sums are made anew. */
#include "user/space/space.h"

#define DEPTH_MAX POOL_SIZE_BITS_END /* each block is smaller than the one above it */

enum kept { KEPT_NOT, KEPT_ABOVE, KEPT_HELD };

static uint16_t twin_of(uint16_t block)
{
	return (uint16_t)(((block - POOL_ROOTS_MAX) ^ 1u) + POOL_ROOTS_MAX);
}

static void mark_account(const struct space *space, const struct account *account, uint8_t kept[POOL_BLOCKS_MAX])
{
	for (uint32_t i = 0; i < account->block_count && i < 2 * ACCOUNT_BLOCKS_MAX; i++) {
		uint16_t at = account->block[i];

		kept[at] = KEPT_HELD;
		for (uint32_t depth = 0; depth < DEPTH_MAX; depth++) {
			at = space->state->pool.block[at].parent;
			if (at >= POOL_BLOCKS_MAX || kept[at] != KEPT_NOT)
				break;
			kept[at] = KEPT_ABOVE;
		}
	}
}

static bool exists(const struct pool *pool, const uint8_t kept[POOL_BLOCKS_MAX], uint16_t block)
{
	if (block < POOL_ROOTS_MAX)
		return block < pool->roots;
	return kept[block] != KEPT_NOT || kept[twin_of(block)] != KEPT_NOT;
}

/* The accounts that are not live have nothing any more. */
static void forget_accounts(struct space *space, const bool live[ACCOUNTS_MAX])
{
	for (uint32_t i = 0; i < ACCOUNTS_MAX; i++) {
		if (i >= space->state->accounts_total || !live[i])
			space->state->account[i] = (struct account){ .state = ACCOUNT_UNUSED };
	}
	space->state->accounts_doomed = 0;
}

/* The kernel refused to revoke it: it belongs to an account that each later account_open tries to close. */
static void doom(struct space *space, uint16_t block)
{
	struct account *account = space->state->account;
	uint32_t i = 0;

	while (i < space->state->accounts_total && account[i].state != ACCOUNT_UNUSED)
		i++;
	if (i == space->state->accounts_total)
		return; /* lost until the next restart */
	account[i] = (struct account){ .state = ACCOUNT_DOOMED, .block_count = 1, .block = { block } };
	space->state->accounts_doomed++;
}

static void make_free(struct space *space, uint16_t block)
{
	struct pool *pool = &space->state->pool;
	struct where where;

	if (block >= POOL_ROOTS_MAX) {
		pool->block[block].parent = pool->block[twin_of(block)].parent;
		pool->block[block].size_bits = pool->block[twin_of(block)].size_bits;
	}
	pool->block[block].state = POOL_HELD;
	if (pool_revoke(space, block, &where) == STATUS_OK)
		pool_give(space, block);
	else
		doom(space, block);
}

static void make_pair_list(struct pool *pool, const uint8_t kept[POOL_BLOCKS_MAX])
{
	pool->pair_list = POOL_NONE;
	pool->pairs_free = 0;
	for (uint32_t i = pool->pairs_total; i > 0; i--) {
		uint16_t lower = (uint16_t)(POOL_ROOTS_MAX + 2 * (i - 1));

		if (exists(pool, kept, lower))
			continue;
		pool->block[lower] = pool->block[lower + 1] = (struct pool_block){ .state = POOL_UNUSED };
		pool->block[lower].next = pool->pair_list;
		pool->pair_list = lower;
		pool->pairs_free++;
	}
}

static void keep(struct pool *pool, const uint8_t kept[POOL_BLOCKS_MAX], uint16_t block)
{
	pool->block[block].state = kept[block] == KEPT_HELD ? POOL_HELD : POOL_SPLIT;
	if (block >= POOL_ROOTS_MAX)
		pool->block[pool->block[block].parent].child = block < twin_of(block) ? block : twin_of(block);
}

void space_recover(struct space *space, const bool live_images[ACCOUNTS_MAX])
{
	struct pool *pool = &space->state->pool;
	uint8_t kept[POOL_BLOCKS_MAX] = { KEPT_NOT };
	bool live[ACCOUNTS_MAX];

	memcpy(live, live_images, sizeof live);
	text_mark_live(space, live);
	for (uint32_t i = 0; i < space->state->accounts_total; i++) {
		if (live[i])
			mark_account(space, &space->state->account[i], kept);
	}
	text_recover(space, live);
	forget_accounts(space, live);
	make_pair_list(pool, kept);
	for (uint32_t i = 0; i < POOL_SIZE_BITS_END; i++)
		pool->free_list[i] = POOL_NONE;
	pool->bytes_free = 0;
	for (uint16_t i = 0; i < POOL_BLOCKS_MAX; i++) {
		if (kept[i] != KEPT_NOT)
			keep(pool, kept, i);
		else if (exists(pool, kept, i))
			make_free(space, i);
	}
}
