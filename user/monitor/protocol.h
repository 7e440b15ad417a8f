/* SPDX-License-Identifier: BSD-2-Clause */
/* What a controller that spawns may ask the monitor for, by calls on its grant's monitor endpoint. Label: the verb.
 *
 * verb        MR0            MR1        MR2             capability                reply: MR0, MR1
 * BUDGET      context        budget us  period us       -                         share asked for, share left
 * CONNECT     offer          direction  channel id      the object, without badge -
 * DISCONNECT  offer          direction  -               -                         -
 *
 * BUDGET: context is a number below grant.spawn_count. Shares are parts per million of the processor, rounded up; all that a
 * controller's contexts have together stays within the description's share, and what one has had before counts as
 * free for it. A budget of 0 gives the share back: nothing is bound to the context any more.
 * CONNECT: offer is an index of grant.offer, whose domain gets the object at its channel, for use with the channel id that
 * the spawned domain knows it by: MONITOR_NOTIFY: a notification with read and write rights that is bound to no
 * thread yet; MONITOR_CALL: an endpoint with write and grant-reply rights. What was connected there before goes.
 * Reply label: 0 done, else an enum monitor_error. */
#pragma once
#include <sel4/constants.h>

enum monitor_verb { MONITOR_BUDGET = 1, MONITOR_CONNECT, MONITOR_DISCONNECT };
enum monitor_direction { MONITOR_NOTIFY, MONITOR_CALL };

enum monitor_error {
	MONITOR_OK = 0,
	MONITOR_BAD_REQUEST,    /* unknown verb, wrong length, unknown direction, channel id above 61 (i386: 25) */
	MONITOR_NO_CONTEXT,     /* no such scheduling context */
	MONITOR_BAD_BUDGET,     /* below MONITOR_BUDGET_US_MIN, above the period, or the period above MONITOR_TURN_US_MAX */
	MONITOR_NO_SHARE,       /* more than is left */
	MONITOR_NO_OFFER,       /* no such offer to this controller */
	MONITOR_NOT_OFFERED,    /* the offer does not say that its domain may notify, or call, the spawned one */
	MONITOR_BAD_CAPABILITY, /* none came, or it is not what the direction wants; MR0: the seL4 error */
	MONITOR_KERNEL_REFUSED  /* MR0: the seL4 error */
};

#define MONITOR_BUDGET_US_MIN 20u         /* seL4's MIN_BUDGET_US on x86 */
/* The longest period that may be asked for. A share of the processor bounds what others lose in the long run, this what they lose in one
 * go: nobody's budget lasts longer. */
#define MONITOR_TURN_US_MAX 1000000u
/* Twelve days, so that the share of the longest budget still fits 64 bits; 35 minutes where a word has 32. */
#define MONITOR_PERIOD_US_MAX (1ull << (ABI_WORD_BITS == 64 ? 40 : 31))
#define MONITOR_BADGE_REQUEST (1ul << (seL4_BadgeBits - 3)) /* of a controller's endpoint capability; its number is in the low bits */
