/* SPDX-License-Identifier: BSD-2-Clause */
/* A space: what the capability loader may use, and what it has made of it.
 *
 * The loader assumes nothing about who calls it: monitor, controller, somebody
 * else's root task. Everything it may use is an argument (struct space_use);
 * everything it remembers is in struct space_state, which holds no pointers and
 * may lie in memory that outlives the caller's image. Order of use:
 *
 *   space_start, pool_add (for each untyped), then per image
 *   plan_start .. plan_finish, build_start, build_step .. BUILD_DONE, commit_hand_over,
 *   and at the end commit_stop and account_close.
 *
 * Slots: the space owns the slots [free_first, free_end) of one CNode, which must be
 * empty. The CPtr of slot i is slot_cptr | i << slot_shift, and slot_shift bits
 * must remain behind it: account CNodes hang below, their slot j is
 * slot_cptr | i << slot_shift | j. CNode invocations name slot i by (cnode, i, cnode_bits).
 * A root task whose root CNode swallows all bits gets such a CNode from space_boot. */
#pragma once
#include <sel4/abi.h>
#include <sel4/errors.h>
#include "lib/base/base.h"
#include "lib/base/status.h"
#include "user/space/limits.h"
#include "user/space/pool.h"
#include "user/space/account.h"
#include "user/space/build.h"
#include "user/space/commit.h"

struct space_use {
	uint64_t cnode;      /* CPtr of the CNode, guard 0 */
	uint32_t cnode_bits; /* its radix */
	uint32_t slot_shift; /* ACCOUNT_RADIX_MAX or more */
	uint64_t slot_cptr;
	uint32_t free_first; /* at most SLOTS_MAX of them are used */
	uint32_t free_end;
	uint64_t vspace;     /* CPtr of the caller's own VSpace */
	uint64_t window;     /* address of one page in it that nothing is mapped at; its page table is present */
	uint64_t asid_pool;  /* CPtr */
	uint64_t authority;  /* CPtr of a TCB whose maximum controlled priority bounds what is given */
};

/* Slots taken of the space's own CNode: a bit each. */
struct space_slots {
	uint32_t total;
	uint32_t free;
	uint64_t taken[SLOTS_MAX / 64];
};

/* All that outlives: in a controller it lies in the record. */
struct space_state {
	struct space_slots slots;
	struct pool pool;
	struct account account[ACCOUNTS_MAX];
	uint64_t root_cptr[POOL_ROOTS_MAX]; /* of the untypeds that were given */
};

struct space {
	struct space_use use;
	struct space_state *state;
	uint64_t calls;      /* kernel calls made so far */
	seL4_Error error;    /* the last refusal by the kernel */
};

/* What is in use, exactly. */
struct space_ledger {
	uint64_t untyped_bytes_total, untyped_bytes_free;
	uint64_t slots_total, slots_free;
	uint64_t frames, tables, threads, accounts;
};

/* Starts an empty space: clears *state. STATUS_SPACE_BAD_USE if the numbers in *use can't be right. No kernel call. */
enum status space_start(struct space *space, const struct space_use *use, struct space_state *state) MUST_USE;

/* Sums up the state. */
void space_ledger_get(const struct space *space, struct space_ledger *ledger);

/* Slots of the space's own CNode, for the pool and accounts and for a caller that needs some: count consecutive ones, relative to
 * free_first. STATUS_SPACE_NO_SLOTS (where: value = needed, limit = free). space_slots_give: they are empty again. */
enum status space_slots_take(struct space *space, uint32_t count, uint16_t *slot, struct where *where) MUST_USE;
void space_slots_give(struct space *space, uint16_t slot, uint32_t count);

/* The CPtr, and the index for CNode invocations, of a slot counted from free_first. */
uint64_t space_slot_cptr(const struct space *space, uint32_t slot);
uint64_t space_slot_index(const struct space *space, uint32_t slot);

/* Notes the outcome of a kernel call: STATUS_OK, or STATUS_SPACE_KERNEL_REFUSED with where->value = error. */
enum status space_result(struct space *space, seL4_Error error, struct where *where);
