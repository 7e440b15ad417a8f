/* SPDX-License-Identifier: BSD-2-Clause */
/* The pool: a buddy allocator over untyped capabilities.
 *
 * A block is an untyped capability. Blocks 0..POOL_ROOTS_MAX-1 were given; the others come in pairs, made by retyping
 * a block into two untypeds of half its size, and lie in slots of the space's CNode (space.h says in which). Blocks
 * merge lazily, by revoking a block below which everything is free, and only when nothing else is large enough: the
 * kernel clears an untyped up to its watermark when it is retyped anew, so merging early would be paid for in vain.
 *
 * Invariants: B1 bytes_free is the sum of the sizes of free blocks. B2 a free or held block has no children. B3 the
 * list of a size holds the free blocks of that size and no other. B4 a held block is named by exactly one account. */
#pragma once
#include "lib/base/base.h"
#include "lib/base/status.h"
#include "user/space/caps.h"
#include "user/space/limits.h"

struct space;

#define POOL_NONE UINT16_MAX

enum pool_block_state { POOL_UNUSED, POOL_FREE, POOL_HELD, POOL_SPLIT };

struct pool_block {
	uint16_t parent;    /* block number, or POOL_NONE for one that was given */
	uint16_t child;     /* SPLIT: number of its lower half; the upper half is the next number */
	uint16_t next;      /* in its list: of free blocks of one size, or of unused pairs (by their lower half) */
	uint8_t  size_bits;
	uint8_t  state;     /* enum pool_block_state */
};

/* An untyped that was given. */
struct pool_root {
	seL4_CPtr cptr;
	seL4_CPtr cnode; /* how Revoke names it */
	seL4_Word index;
	uint32_t depth_bits;
	uint32_t reserved;
};

struct pool {
	uint64_t bytes_total;
	uint64_t bytes_free;
	uint32_t roots;
	uint32_t pairs_total;
	uint32_t pairs_free;
	uint16_t pair_list;
	uint16_t free_list[POOL_SIZE_BITS_END];
	struct pool_root root[POOL_ROOTS_MAX];
	struct pool_block block[POOL_BLOCKS_MAX];
};

/* Empties the pool; pairs: how many splits it may hold at a time, at most (POOL_BLOCKS_MAX - POOL_ROOTS_MAX) / 2. */
void pool_start(struct pool *pool, uint32_t pairs);

/* Gives an untyped to the pool, by CPtr and by the name under which it can be revoked (caps->first). It has no children.
 * STATUS_SPACE_TOO_MANY_UNTYPEDS, STATUS_SPACE_UNTYPED_SIZE (smaller than a page or larger than there is). No kernel call. */
enum status pool_add(struct space *space, seL4_CPtr cptr, const struct space_caps *caps, uint8_t size_bits) MUST_USE;

/* Chooses block sizes, largest first, that cover bytes and can be had one after the other: exact powers of two, the
 * last rounded up. *count <= ACCOUNT_BLOCKS_MAX. largest_bytes: the first must be at least this large; 2^least_bits: each. No kernel call.
 * STATUS_SPACE_NO_MEMORY (where: value = bytes, limit = bytes free, or if there are enough, as many as so few blocks can
 * have), STATUS_SPACE_NO_SLOTS (slots needed for splitting, slots free). */
enum status pool_choose(const struct space *space, uint64_t bytes, uint64_t largest_bytes, uint32_t least_bits,
                        uint8_t size_bits[ACCOUNT_BLOCKS_MAX], uint32_t *count, struct where *where) MUST_USE;

/* Takes one block of 2^size_bits bytes: the smallest free one that is large enough is split; if there is none, the smallest
 * that can be merged is merged first. STATUS_SPACE_NO_MEMORY, ..._NO_SLOTS, ..._KERNEL_REFUSED: no block is held then, and every
 * byte that was free still is. Kernel calls: one per split, one for merging. */
enum status pool_take(struct space *space, uint8_t size_bits, uint16_t *block, struct where *where) MUST_USE;

/* Gives a block back. The caller has revoked it. No kernel call. */
void pool_give(struct space *space, uint16_t block);

/* Revokes a block: whatever was made from it is gone. One kernel call. */
enum status pool_revoke(struct space *space, uint16_t block, struct where *where) MUST_USE;

/* The CPtr of a block's untyped. */
seL4_CPtr pool_cptr(const struct space *space, uint16_t block);
