/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of systems/soak share: channel ids as in soak.system, what the operator and the guests say to each other, the
 * keeper's desk. */
#pragma once
#include <stdint.h>
#include <graft.h>
#include "lib/base/base.h"
#include "systems/orders.h"
#include "systems/random.h"
#include "user/microkit/controller_client.h"

/* Channel ids, by the domain that uses them. Managed domain n is child 1 + n of the controller, spawned ones are connected by an
 * offer of the operator's. */
enum guest_channel { GUEST_OPERATOR = 1, GUEST_CONTROLLER = 2 };
enum operator_channel { OPERATOR_CONTROLLER = 1, OPERATOR_MANAGED = 2, OPERATOR_OFFERED = 12 };

#define MANAGED 10u
#define SPAWNED (ABI_WORD_BITS == 64 ? 30u : 14u) /* as many as the operator has channels for (system.mk) */
#define DOMAINS (MANAGED + SPAWNED)

/* The operator's calls of a guest. CHECK: MR0 which part of the memory is to be looked at; answer: enum guest_answer_word. ORDER: MR0 is
 * carried out when the guest is notified next, MR1 and MR2 as it needs them. */
enum guest_label { GUEST_CHECK = 1, GUEST_ORDER };
enum guest_answer_word { ANSWER_PROGRAM, ANSWER_TOKEN, ANSWER_FLAW, ANSWER_ERROR, ANSWER_WORDS };
enum guest_order {
	ORDER_NONE,
	ORDER_SWAP,   /* MR1 program, MR2 token */
	ORDER_STOP,   /* itself, by the controller */
	ORDER_REMOVE,
	ORDER_FAULT,  /* writes where nothing is */
	ORDER_CRASH,  /* an instruction that there is not */
	ORDER_SPIN,   /* for ever */
	ORDER_MEDDLE, /* asks for another domain, which is MR1 */
	ORDER_DUPLICATE, /* itself; not made again if the controller is killed over it */
	ORDERS
};
#define PROGRAMS 3u /* guest1 to guest3 */

struct keeper_desk {
	seL4_Word armed;     /* written by the operator: kill the controller again and again */
	seL4_Word rests;     /* by the keeper: it has seen that it is not armed */
	seL4_Word seed;      /* by the operator */
	seL4_Word step;      /* by the operator: the number of the step it is in */
	seL4_Word kills;
	seL4_Word crashes;   /* faults of the controller's, which it never may have */
	seL4_Word crash[3];  /* the first one's label and words */
};
