/* SPDX-License-Identifier: BSD-2-Clause */
/* Accounts: where an image's memory comes from and goes back to.
 *
 * An account is a few untypeds of the pool, and a CNode retyped from one of them
 * that holds the capability of every object and every copy the image has. Large
 * frames have untypeds of their own, so that alignment wastes nothing. Revoking the untypeds takes all of it away, whatever
 * state a half-done load was in: unload and rollback are the same call.
 *
 * Invariants: A1 nothing outside the account is retyped from its untypeds. A2 all
 * capabilities made while building lie in its CNode. A3 the counts of frames,
 * tables and threads are what Retype has made and not yet been revoked. */
#pragma once
#include "lib/base/base.h"
#include "lib/base/status.h"
#include "lib/plan/plan.h"
#include "user/space/limits.h"

struct space;

#define ACCOUNT_NONE UINT32_MAX

enum account_state { ACCOUNT_UNUSED, ACCOUNT_USED, ACCOUNT_DOOMED /* being closed; the kernel refused a part of it */ };

struct account {
	uint8_t  state;                     /* enum account_state */
	uint8_t  block_count;
	uint8_t  radix;                     /* the CNode has 2^radix slots */
	uint8_t  current;                   /* block that objects are retyped from now; never one of large frames */
	uint8_t  large_blocks;              /* so many at the start of block[] are for large frames only; the next has the CNode */
	uint16_t large_frames;              /* made so far: they fill their blocks in order */
	uint16_t block[2 * ACCOUNT_BLOCKS_MAX]; /* numbers of pool blocks, largest first in either part */
	uint16_t threads;
	uint16_t text;                      /* the text whose pages it maps, or TEXT_NONE (text.h) */
	uint32_t frames;                    /* pages: a large one counts as all that it takes in */
	uint32_t tables;                    /* with the root */
	uint64_t block_used;                /* bytes of the current block retyped so far */
};

/* What an account must cover. Objects are retyped in the order CNode, thread, everything else, which is of one page each: so
 * alignment wastes nothing beyond the page that CNode and thread share or the thread begins. Large frames lie apart. */
struct account_bill {
	uint8_t  radix;       /* of the CNode */
	uint64_t cnode_bytes;
	uint64_t bytes;       /* of all objects but large frames, alignment included */
	uint64_t large_bytes; /* of large frames */
};

/* From a finished plan to what an account must hold. plan_finish was called with BUILD_EXTRA_SLOTS and BUILD_EXTRA_BYTES.
 * STATUS_SPACE_TOO_MANY_SLOTS if no CNode is large enough. */
enum status account_bill_of(const struct plan *plan, struct account_bill *bill, struct where *where) MUST_USE;

/* The same for an account of page tables and frames only. */
enum status account_bill_of_pages(uint64_t pages, struct account_bill *bill, struct where *where) MUST_USE;

/* Reserves: takes blocks that cover the bill from the pool and makes the CNode. Too little memory (where: value = bytes
 * needed, limit = bytes available) is found out before any kernel call. *account is its number.
 * STATUS_SPACE_NO_ACCOUNTS, ..._NO_MEMORY, ..._NO_SLOTS, ..._KERNEL_REFUSED: nothing is held then. */
enum status account_open(struct space *space, const struct account_bill *bill, uint32_t *account, struct where *where) MUST_USE;

/* Destroys the account and all that was made from it: Revoke of each untyped, then the blocks go back. The caller has
 * suspended the image's thread if it could be running, and forgets the number, whatever is returned: after a refusal by the
 * kernel the account is doomed, and each later account_open tries to close it first (account_sweep). A text that it was the last to
 * use is closed with it. */
enum status account_close(struct space *space, uint32_t account, struct where *where) MUST_USE;
void account_sweep(struct space *space);

/* Retypes up to count objects of 2^size_bits bytes each (CNodes too) into slots first.. of the account's CNode; one kernel
 * call. *made is how many: at most RETYPE_BATCH_MAX and what the current block still holds. STATUS_SPACE_KERNEL_REFUSED;
 * STATUS_SPACE_OVERDRAWN if the account's memory is used up, which a correct bill excludes. */
enum status account_retype(struct space *space, uint32_t account, seL4_Word type, uint8_t size_bits, uint32_t first,
                           uint32_t count, uint32_t *made, struct where *where) MUST_USE;

/* The same with large frames, from the blocks that are for them. */
enum status account_retype_large(struct space *space, uint32_t account, uint32_t first, uint32_t count, uint32_t *made,
                                 struct where *where) MUST_USE;

/* The CPtr of a slot of the account's CNode, and its index for CNode invocations (root: the space's CNode, depth:
 * account_depth_bits). */
seL4_CPtr account_cptr(const struct space *space, uint32_t account, uint32_t slot);
seL4_Word account_index(const struct space *space, uint32_t account, uint32_t slot);
uint32_t account_depth_bits(const struct space *space);

/* Bytes of untyped memory the account holds. */
uint64_t account_bytes(const struct space *space, uint32_t account);
