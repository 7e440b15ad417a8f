/* SPDX-License-Identifier: BSD-2-Clause */
/* The hand-over: a domain's scheduling context and notification go from one image
 * to another, in a fixed number of kernel calls whatever the images' size. The
 * same function hands back.
 *
 * Invariants: H1 at no instant can both images run. H2 the image given up is left
 * exactly as it stopped. H3 a caller that waits in the domain's reply object gets
 * exactly one answer. H4 after a refusal the domain is as before. */
#pragma once
#include "lib/base/base.h"
#include "lib/base/status.h"

struct space;

/* What the domain owns. CPtrs. */
struct commit_domain {
	uint64_t sched_context;
	uint64_t notification; /* 0: none */
	uint64_t reply;        /* 0: none */
	uint8_t  passive;      /* its scheduling context may have been taken from it after init */
};

/* Kernel calls of a hand-over between two images; of a first start; of giving up the last one. */
#define COMMIT_CALLS_SWAP  7u
#define COMMIT_CALLS_START 3u
#define COMMIT_CALLS_STOP  2u

enum commit_from {
	COMMIT_FROM_RUNNING,  /* the old image may be running or blocked anywhere */
	COMMIT_FROM_CALLER,   /* it is blocked in a call to the caller of this function, whose answer depends on the outcome */
	COMMIT_FROM_STOPPED   /* it is suspended or waits for the answer to a fault: a refusal must not set it going */
};

/* Hands the domain from thread old_thread to thread new_thread (CPtrs of TCBs; old_thread 0: the domain is empty).
 * STATUS_SPACE_LENT: the old image is in a call to a passive server that holds its scheduling context now; nothing was touched.
 * STATUS_SPACE_KERNEL_REFUSED: undone. */
enum status commit_hand_over(struct space *space, const struct commit_domain *domain, uint64_t old_thread, uint64_t new_thread,
                             enum commit_from from, struct where *where) MUST_USE;

/* Stops a thread and answers whoever waits in the domain's reply object with CONTROLLER_RESTARTED. */
enum status commit_stop(struct space *space, const struct commit_domain *domain, uint64_t thread, struct where *where) MUST_USE;

/* Lets a stopped thread go on. */
enum status commit_resume(struct space *space, uint64_t thread, struct where *where) MUST_USE;

/* Makes a suspended thread believe that the call it was blocked in has returned with this label and first word: the
 * instruction is passed, the message registers are set. Two kernel calls. */
enum status commit_answer_for(struct space *space, uint64_t thread, uint64_t label, uint64_t word, struct where *where) MUST_USE;
