/* SPDX-License-Identifier: BSD-2-Clause */
/* The hand-over: a domain's scheduling context and notification go from one image
 * to another, in a fixed number of kernel calls whatever the images' size. The
 * same function hands back.
 *
 * Invariants: H1 at no instant can both images run. H2 the image given up is left
 * exactly as it stopped. H3 a caller that waits in the domain's reply object gets
 * exactly one answer. H4 after a refusal the domain is as before. */
#pragma once
#include <sel4/types.h>
#include "lib/base/base.h"
#include "lib/base/status.h"

struct space;

/* What the domain owns. CPtrs. */
struct commit_domain {
	seL4_CPtr sched_context;
	seL4_CPtr notification; /* 0: none */
	seL4_CPtr reply;        /* 0: none */
	uint8_t  passive;      /* its scheduling context may have been taken from it after init */
	uint8_t  stays_stopped; /* commit_hand_over, and settling it: commit_stop had stopped new_thread when it lost the domain, and
	                         * stopped it gets it back, to be resumed some time */
	volatile uint32_t *progress; /* NULL, or where to note which steps are done, for commit_settle_...: it lies where an
	                              * interruption leaves it, and the caller sets it first: to commit_progress_of(from) before a
	                              * hand-over, to 0 before a stop or resume */
};

/* Kernel calls of a hand-over between two images, of a first start, of a stop, of a resume: for a domain that has a notification
 * and a reply object. test/unit/test_space_commit.c counts them. */
#define COMMIT_CALLS_SWAP   7u
#define COMMIT_CALLS_START  3u
#define COMMIT_CALLS_STOP   3u
#define COMMIT_CALLS_RESUME 2u

enum commit_from {
	COMMIT_FROM_EMPTY,   /* there is no old image */
	COMMIT_FROM_RUNNING, /* the old image may be running or blocked anywhere */
	COMMIT_FROM_CALLER,  /* it is blocked in a call to the caller of this function, whose answer depends on the outcome */
	COMMIT_FROM_STOPPED  /* commit_stop has stopped it */
};

/* Hands the domain from old_thread to new_thread (CPtrs of TCBs); new_thread has never run, or was left by an earlier hand-over.
 * STATUS_SPACE_LENT: the old image is in a call to a passive server that holds its scheduling context now; nothing was touched.
 * STATUS_SPACE_KERNEL_REFUSED: undone; an old thread that was running runs again. */
enum status commit_hand_over(struct space *space, const struct commit_domain *domain, seL4_CPtr old_thread, seL4_CPtr new_thread,
                             enum commit_from from, struct where *where) MUST_USE;

/* Stops a domain's thread: takes its scheduling context, suspends it, answers whoever waits in the domain's reply object with
 * CONTROLLER_RESTARTED. Errors as above. */
enum status commit_stop(struct space *space, const struct commit_domain *domain, seL4_CPtr thread, struct where *where) MUST_USE;

/* Lets a stopped domain's thread go on. A receive or call it was stopped in begins anew. */
enum status commit_resume(struct space *space, const struct commit_domain *domain, seL4_CPtr thread, struct where *where) MUST_USE;

/* Sets the registers of a thread that waits for an answer to its call as if the answer had come: label and one word. */
void commit_answer_in(seL4_UserContext *context, seL4_Word label, seL4_Word word);

/* Makes a suspended thread believe that the call it was stopped in has returned with this label and one word: the instruction is
 * passed, the message registers are set. Two kernel calls. *resume_at: 0 before; where the thread will go on, written before it is
 * told so. Called again with that value, because it was interrupted, it does the same once. */
enum status commit_answer_for(struct space *space, seL4_CPtr thread, seL4_Word label, seL4_Word word, uint64_t *resume_at,
                              struct where *where) MUST_USE;

uint32_t commit_progress_of(enum commit_from from);

/* After whoever ran one of the functions above was interrupted inside it, at any point: *domain->progress says which steps were
 * done for certain. The next one may have been done or not; each can be made again. May be interrupted and begun anew. */
enum commit_side { COMMIT_SIDE_OLD, COMMIT_SIDE_NEW };

/* Interrupted hand-over: finished, unless the old thread's context is lent: then nothing had been done. old_thread: 0 for none.
 * STATUS_SPACE_KERNEL_REFUSED: it could not be finished; neither thread runs. */
enum status commit_settle_hand_over(struct space *space, const struct commit_domain *domain, seL4_CPtr old_thread, seL4_CPtr new_thread,
                                    enum commit_side *side, struct where *where) MUST_USE;

/* Interrupted stop: finished. STATUS_SPACE_LENT: nothing had been done, and can't be now. */
enum status commit_settle_stop(struct space *space, const struct commit_domain *domain, seL4_CPtr thread, struct where *where) MUST_USE;

/* Interrupted resume: finished. */
enum status commit_settle_resume(struct space *space, const struct commit_domain *domain, seL4_CPtr thread, struct where *where) MUST_USE;
