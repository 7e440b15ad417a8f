/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of systems/walk share: channel ids as in walk.system, and the keepers' protocol. */
#pragma once
#include <stdint.h>
#include <graft.h>
#include <graft/refuse.h>
#include "sel4_machine.h"
#include "user/microkit/controller_client.h"

/* Channel ids, by the domain that uses them. */
enum keeper_channel { KEEPER_CONTROLLER = 1, KEEPER_OPERATOR = 2, KEEPER_PEER = 3 };
enum operator_channel { OPERATOR_CONTROLLER = 1, OPERATOR_KEEPER = 2, OPERATOR_PROBE = 3, OPERATOR_GUEST = 6 };
enum peer_channel { PEER_GUEST = 5 };
enum probe_channel { PROBE_OPERATOR = 1 };

/* Labels of calls to a keeper. A notification makes it fault. */
enum keeper_verb {
	KEEPER_ASK,           /* reply: MR0 its number, MR1 how many calls this image of it has had, MR2 1 if its memory is sound */
	KEEPER_SWAP_YOURSELF, /* reply only if that was refused: MR0 the controller's error, MR1 its detail */
	KEEPER_DUPLICATE_YOURSELF, /* reply: MR0 the error, MR1 its detail, MR2 the child's id */
	KEEPER_TALK           /* calls and notifies the peer; reply: MR0 1 if the peer answered right */
};

/* Offers to the controller, in the order of the description. */
enum offer { OFFER_PEER, OFFER_OPERATOR, OFFERS };

/* The system call of graft/refuse.h; returns how many invocations counted. On a kernel that has no such thing it is a fault. */
static inline seL4_Word kernel_refuse(seL4_Word priority, seL4_Word error, seL4_Word nth, seL4_Word *was_refused)
{
	struct sel4_words words = { 0 };
	seL4_Word seen;

	*was_refused = sel4_machine_exchange(GRAFT_SYS_REFUSE, priority | error << GRAFT_REFUSE_ERROR_SHIFT, nth, &seen, &words, 0);
	return seen;
}
