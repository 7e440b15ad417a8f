/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of systems/spawn share: channel ids and offers as in spawn.system, and the desks, where peer and rival write
 * what they saw and the operator reads it. */
#pragma once
#include <stdint.h>
#include <graft.h>
#include "user/microkit/controller_client.h"

/* Channel ids, by the domain that uses them. */
enum guest_channel { GUEST_PEER = 1, GUEST_CONTROLLER = 2 };
enum peer_channel { PEER_OPERATOR = 3, PEER_CALLER = 5, PEER_SERVER = 6, PEER_RIVAL = 7 };
enum operator_channel { OPERATOR_CONTROLLER = 1, OPERATOR_PEER = 3 };

/* Offers to the controller, in the order of the description. */
enum offer {
	OFFER_CALLER, /* to notify and call the peer, which may notify back; from priorities below its own, 120 */
	OFFER_SERVER, /* to be called by the peer; from priorities above its own */
	OFFERS
};

enum peer_order { PEER_NOTIFY_CALLER = 1, PEER_CALL_SERVER };

struct peer_desk {
	seL4_Word order;    /* written by the operator before it notifies the peer */
	seL4_Word done;     /* orders carried out */
	seL4_Word calls;    /* by a guest, each answered with the number that comes after the one it brought */
	seL4_Word notified[8]; /* by channel: a guest's signal, or the controller's that it is gone */
	seL4_Word label, answer; /* what the last call of the server came back with */
};

struct rival_desk {
	seL4_Word tries;    /* what it tried at the monitor */
	seL4_Word wrong;    /* tries that did not end as they must; which is in last */
	seL4_Word last, got;
	seL4_Word floods;   /* rounds of requests so far; it never ends */
};
