/* SPDX-License-Identifier: BSD-2-Clause */
/* The pool: a buddy allocator over untyped capabilities.
 *
 * A block is an untyped capability in a slot of the space's CNode. A block that is
 * too large is split by retyping it into two untypeds of half its size; blocks
 * merge lazily, by revoking their parent when both halves are free and a larger
 * block is asked for: the kernel clears a parent up to its watermark, so merging
 * early would be paid for without need.
 *
 * Invariants: B1 the free bytes counted are the sum of the sizes of free blocks.
 * B2 a free or held block has no children. B3 a split block's two children lie in
 * two slots of their own. B4 a held block is named by exactly one account. */
#pragma once
#include "lib/base/base.h"
#include "lib/base/status.h"
#include "user/space/limits.h"

struct space;

#define POOL_NONE UINT16_MAX

enum pool_block_state { POOL_UNUSED, POOL_FREE, POOL_HELD, POOL_SPLIT };

struct pool_block {
	uint16_t slot;     /* in the space's CNode, relative to its first slot given */
	uint16_t parent;   /* block number, or POOL_NONE for one that was given */
	uint8_t  size_bits;
	uint8_t  state;    /* enum pool_block_state */
	uint16_t child;    /* SPLIT: number of its lower half */
};

struct pool {
	uint64_t bytes_total;
	uint64_t bytes_free;
	struct pool_block block[POOL_BLOCKS_MAX];
};

/* Gives an untyped to the pool. cptr is not a slot of the free range but any CPtr that resolves; size_bits as the kernel
 * told it. STATUS_SPACE_NO_BLOCKS when the table is full. No kernel call. */
enum status pool_add(struct space *space, uint64_t cptr, uint8_t size_bits) MUST_USE;

/* Finds out, without a kernel call, whether blocks of these sizes can be had one after the other, merging included.
 * STATUS_SPACE_NO_MEMORY, STATUS_SPACE_NO_SLOTS or STATUS_SPACE_NO_BLOCKS with the needed and the available figure. */
enum status pool_can_take(const struct space *space, const uint8_t *size_bits, uint32_t count, struct where *where) MUST_USE;

/* Takes one block of exactly 2^size_bits bytes: splits and merges as needed; the smallest free block that is large enough,
 * lowest number first. STATUS_SPACE_NO_MEMORY, ..._NO_SLOTS, ..._KERNEL_REFUSED; the pool is then as good as before. */
enum status pool_take(struct space *space, uint8_t size_bits, uint16_t *block, struct where *where) MUST_USE;

/* Gives a block back. The caller has revoked it. No kernel call. */
void pool_give(struct space *space, uint16_t block);

/* The CPtr of a block's untyped. */
uint64_t pool_cptr(const struct space *space, uint16_t block);

/* Merges everything that can be merged: what is free is then in as few blocks as possible. */
enum status pool_merge(struct space *space, struct where *where) MUST_USE;
