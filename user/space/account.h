/* SPDX-License-Identifier: BSD-2-Clause */
/* Accounts: where an image's memory comes from and goes back to.
 *
 * An account is at most ACCOUNT_BLOCKS_MAX untypeds of the pool, and a CNode
 * retyped from the first of them that holds the capability of every object and
 * every copy the image has. Revoking the untypeds takes all of it away, whatever
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

struct account {
	uint8_t  used;
	uint8_t  block_count;
	uint8_t  radix;                     /* the CNode has 2^radix slots */
	uint8_t  current;                   /* block that objects are retyped from now */
	uint16_t block[ACCOUNT_BLOCKS_MAX]; /* numbers of pool blocks, largest first */
	uint16_t slot;                      /* of the CNode, relative to the space's first slot given */
	uint16_t threads;
	uint32_t frames;
	uint32_t tables;
	uint64_t block_left;                /* bytes of the current block not yet retyped */
};

/* The sizes of everything an image retypes, in the order in which it is retyped. */
struct account_bill {
	uint8_t  radix;        /* of the CNode */
	uint64_t bytes;        /* of all objects, CNode and thread included */
	uint64_t frames;
	uint64_t tables;       /* with the root */
	uint64_t slots;
};

/* From a finished plan to what an account must hold. plan_finish was called with BUILD_EXTRA_SLOTS and BUILD_EXTRA_BYTES.
 * STATUS_SPACE_IMAGE_TOO_LARGE if no CNode is large enough. */
enum status account_bill_of(const struct plan *plan, struct account_bill *bill, struct where *where) MUST_USE;

/* Could this be reserved now? No kernel call; errors as account_open. */
enum status account_can_open(const struct space *space, const struct account_bill *bill, struct where *where) MUST_USE;

/* Reserves: takes blocks from the pool that cover the bill, retypes the CNode. Everything checked first: a refusal for want of
 * memory (where: value = bytes needed, limit = bytes free), slots or accounts makes no kernel call. *account is its number.
 * STATUS_SPACE_NO_ACCOUNTS, ..._NO_MEMORY, ..._NO_SLOTS, ..._NO_BLOCKS, ..._KERNEL_REFUSED (everything undone). */
enum status account_open(struct space *space, const struct account_bill *bill, uint32_t *account, struct where *where) MUST_USE;

/* Destroys the account and all that was made from it: Revoke of each untyped, then the blocks go back. The caller has
 * suspended the image's thread if it could be running. A refusal by the kernel leaves the account in use, to be closed again. */
enum status account_close(struct space *space, uint32_t account) MUST_USE;

/* Retypes up to count objects of size 2^size_bits into slots first.. of the account's CNode; one kernel call. *made is how many:
 * at most RETYPE_BATCH_MAX and what the current block still holds. STATUS_SPACE_KERNEL_REFUSED. */
enum status account_retype(struct space *space, uint32_t account, uint64_t type, uint8_t size_bits, uint32_t first,
                           uint32_t count, uint32_t *made) MUST_USE;

/* The CPtr of slot number slot of the account's CNode. */
uint64_t account_cptr(const struct space *space, uint32_t account, uint32_t slot);

/* Bytes of untyped memory the account holds. */
uint64_t account_bytes(const struct space *space, uint32_t account);
