/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts: a program's payload, copied once from a source that somebody may change, and shared by every image of it.
 *
 * A text is an account of the pool that holds the payload's frames and the page tables that map them, read-only once
 * copied, into the caller's own VSpace: what is checked there is what runs. Images map copies of the frames' capabilities
 * (PLAN_SHARED), so a text outlives them and is closed with the last that has to do with it. Texts have numbers from 1 on;
 * text n is mapped at text_vaddr + (n - 1) * TEXT_STRIDE_BYTES of that VSpace.
 *
 * Invariants: X1 an account names its text before it has a copy of one of its pages, and as long as it may have one. X2 a text is
 * in use while an account names it or somebody holds it; with the last it is closed. How many name it is counted when it is
 * asked for: there is no count that could be wrong after an interruption. X3 nobody but text_copy_step writes its pages, and only
 * before text_accept. X4 of one digest and size one text can be found. X5 the addresses of a text are used again only when nothing is
 * mapped there any more. */
#pragma once
#include <sel4/abi.h>
#include "lib/base/base.h"
#include "lib/base/sha256.h"
#include "lib/base/status.h"
#include "user/space/build.h"
#include "user/space/caps.h"
#include "user/space/limits.h"

struct space;

#define TEXT_NONE 0u

/* What one page table below the topmost maps on x86_64, four on i386: tables of two texts are never the same. */
#define TEXT_STRIDE_BITS  (ABI_WORD_BITS == 64 ? 30u : 24u)
#define TEXT_STRIDE_BYTES (1ull << TEXT_STRIDE_BITS)

enum text_state { TEXT_FREE, TEXT_COPYING, TEXT_WHOLE, TEXT_CLOSING /* it is free when no account is doomed any more */ };

struct text {
	uint8_t  digest[SHA256_DIGEST_BYTES];
	uint64_t size_bytes;
	uint32_t account;
	uint16_t state;   /* enum text_state */
	uint16_t holders; /* that are not accounts: jobs; forgotten by a restart, as jobs are */
};

/* The text with this digest and size, copied or being copied; TEXT_NONE if there is none. text_is_whole: it is accepted. */
uint32_t text_find(const struct space *space, const uint8_t digest[SHA256_DIGEST_BYTES], uint64_t size_bytes);
bool text_is_whole(const struct space *space, uint32_t text);

/* Reserves a text of whole pages, still without objects; the caller holds it. STATUS_SPACE_NO_TEXTS (where: needed, available),
 * STATUS_SPACE_TEXT_TOO_LARGE (bytes, limit), and as account_open. Nothing is held then. */
enum status text_open(struct space *space, const uint8_t digest[SHA256_DIGEST_BYTES], uint64_t size_bytes, uint32_t *text,
                      struct where *where) MUST_USE;

/* The copy, as a cursor. */
struct text_copy {
	struct space *space;
	uint32_t text;
	uint8_t  phase;     /* enum text_phase, text.c */
	uint8_t  page_step; /* which of a page's kernel calls is next */
	uint32_t done;      /* tables or pages done so far in this phase */
};
void text_copy_start(struct text_copy *copy, struct space *space, uint32_t text);

/* Makes at most calls kernel calls; a page is copied with every second one, each byte of from read once. BUILD_FAILED: *status says
 * why; the caller releases the text. */
enum build_progress text_copy_step(struct text_copy *copy, const uint8_t *from, uint32_t calls, enum status *status,
                                   struct where *where) MUST_USE;

/* The caller has found the digest of the copy right: from now on others may share it. */
void text_accept(struct space *space, uint32_t text);

/* Its bytes, mapped read-only here, and its frames, to be copied from. */
const uint8_t *text_bytes(const struct space *space, uint32_t text);
struct space_caps text_pages(const struct space *space, uint32_t text);

/* Which text an account maps pages of, or TEXT_NONE; to name it is build_start's (build_input.text). */
uint32_t text_of_account(const struct space *space, uint32_t account);

/* Accounts that name it and holders. */
uint32_t text_users(const struct space *space, uint32_t text);

/* Keeps a text from being closed, and lets go of it: the last one out closes it. A refusal by the kernel is told, but the text is gone
 * from the caller's view (its account is doomed, see account.h). TEXT_NONE: nothing. */
void text_hold(struct space *space, uint32_t text);
enum status text_release(struct space *space, uint32_t text, struct where *where) MUST_USE;

/* For account_close: if nobody uses the text any more, it can't be found from now on, and its account is returned, to be closed; else,
 * and for TEXT_NONE, ACCOUNT_NONE. */
uint32_t text_take_unused(struct space *space, uint32_t text);

/* For space_recover: marks the accounts of the texts that live accounts name; then forgets all others, and all holders. */
void text_mark_live(const struct space *space, bool live[ACCOUNTS_MAX]);
void text_recover(struct space *space, const bool live[ACCOUNTS_MAX]);
