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
#include <sel4/constants.h>
#include <sel4/errors.h>
#include "lib/base/base.h"
#include "lib/base/status.h"
#include "user/space/limits.h"
#include "user/space/pool.h"
#include "user/space/account.h"
#include "user/space/build.h"
#include "user/space/text.h"
#include "user/space/commit.h"

/* The machine that this is compiled for. */
#if ABI_WORD_BITS == 64
#define SPACE_MACHINE plan_machine_x86_64
#else
#define SPACE_MACHINE plan_machine_i386
#endif

#define SPACE_SLOTS_MIN 16u
#define SPACE_SLOTS_MAX (POOL_BLOCKS_MAX - POOL_ROOTS_MAX + ACCOUNTS_MAX + 1u)

struct space_use {
	seL4_CPtr cnode;     /* CPtr of the CNode */
	uint32_t cnode_bits; /* bits of an index for invocations on that CPtr: its radix and its guard, which is 0 */
	uint32_t slot_shift; /* ACCOUNT_RADIX_MAX or more */
	seL4_CPtr slot_cptr;
	uint32_t free_first; /* SPACE_SLOTS_MIN at least; at most SPACE_SLOTS_MAX of them are used */
	uint32_t free_end;
	seL4_CPtr vspace;    /* CPtr of the caller's own VSpace */
	seL4_Word window;    /* address of a page in it that nothing is mapped at; its page table is present */
	uint64_t window_pages; /* so many from there on; 0 stands for one; duplicates need two */
	seL4_Word large_window; /* address of two large pages in it that nothing is mapped at, not even page tables; the table above them
	                         * is present; 0: no image has large frames */
	seL4_CPtr asid_pool; /* CPtr */
	uint64_t text_vaddr; /* where texts are mapped in that VSpace, TEXTS_MAX times TEXT_STRIDE_BYTES; only the topmost table is
	                      * present there; 0: there are no texts */
	seL4_CPtr authority; /* CPtr of a TCB whose maximum controlled priority bounds what is given */
};

/* All that outlives: in a controller it lies in the record. The slots given are used so, counted from free_first: one for
 * each block of the pool's pairs, one for each account's CNode, one that is empty between kernel calls. */
struct space_state {
	uint32_t slots_total;
	uint32_t accounts_total; /* as many as slots allow, at most ACCOUNTS_MAX */
	uint32_t accounts_doomed;
	uint32_t reserved;
	struct pool pool;
	struct account account[ACCOUNTS_MAX];
	struct text text[TEXTS_MAX];
};

struct space {
	struct space_use use;
	struct space_state *state;
	uint64_t calls;      /* kernel calls made so far */
	seL4_Error error;    /* the last refusal by the kernel */
	uint32_t large_window_user; /* which account's build has a frame in the large window: its number and one; 0: none */
};

/* What is in use, exactly. Slots: those for accounts, one each; what an image has besides lies in its account's CNode. Those
 * of the pool's splits are left out: how often blocks are split depends on which are held, not only on how much. */
struct space_ledger {
	uint64_t untyped_bytes_total, untyped_bytes_free;
	uint64_t slots_total, slots_free;
	uint64_t frames, tables, threads, accounts;
	uint64_t texts; /* each has an account */
};

/* Starts an empty space: clears *state. STATUS_SPACE_BAD_USE if the numbers in *use can't be right. No kernel call. */
enum status space_start(struct space *space, const struct space_use *use, struct space_state *state) MUST_USE;

/* Takes up a space again whose state has outlived the caller: images run on meanwhile. *state is as space_start and whatever came
 * after left it, at whatever instruction it was interrupted; what it says of accounts may be used, what it says of the pool
 * not before space_recover. STATUS_SPACE_BAD_USE if it can't belong to *use. No kernel call. */
enum status space_attach(struct space *space, const struct space_use *use, struct space_state *state) MUST_USE;

/* Keeps the accounts that are live, which were complete when the caller was interrupted, and revokes everything else that was made
 * of the pool, whatever half-done state it is in. A block whose revocation the kernel refuses is kept in a doomed account. May
 * be interrupted and begun anew. Texts that live accounts name are kept with them. recover.c says why what it relies on is right at
 * every instruction. */
void space_recover(struct space *space, const bool live[ACCOUNTS_MAX]);

/* Sums up the state. */
void space_ledger_get(const struct space *space, struct space_ledger *ledger);

/* The CPtr, and the index for CNode invocations, of a slot counted from free_first. */
seL4_CPtr space_slot_cptr(const struct space *space, uint32_t slot);
seL4_Word space_slot_index(const struct space *space, uint32_t slot);

/* Slots counted from free_first: of a block of the pool, of an account's CNode, and the one that is empty between calls. */
uint32_t space_slot_of_block(const struct space *space, uint16_t block);
uint32_t space_slot_of_account(const struct space *space, uint32_t account);
uint32_t space_slot_scratch(const struct space *space);

/* Counts a kernel call and notes its outcome: STATUS_OK, or STATUS_SPACE_KERNEL_REFUSED with where->value = error. */
enum status space_result(struct space *space, seL4_Error error, struct where *where) MUST_USE;
