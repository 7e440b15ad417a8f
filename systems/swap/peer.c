/* SPDX-License-Identifier: BSD-2-Clause */
/* The peer: calls the worker and checks every answer, whoever gives it. A call that was open when the worker's
 * program was replaced comes back as "restarted"; nothing else may happen to it. */
#include "systems/swap/tour.h"

DESK(peer_desk);

static seL4_Word number;

static void call_worker(enum worker_verb verb)
{
	microkit_msginfo answer;

	microkit_mr_set(0, ++number);
	answer = microkit_ppcall(PEER_WORKER, microkit_msginfo_new((seL4_Word)verb, 1));
	if (microkit_msginfo_get_label(answer) == CONTROLLER_RESTARTED) {
		desk->restarted++;
	} else if (microkit_msginfo_get_label(answer) == 0 && microkit_mr_get(0) == number + 1) {
		desk->answered_by = microkit_mr_get(1);
		desk->answers++;
	} else {
		desk->wrong++;
	}
	desk->calls++;
}

static void carry_out(enum peer_order order)
{
	switch (order) {
	case PEER_IDLE:
		return;
	case PEER_CALL_ONCE:
		call_worker(WORKER_GREET);
		return;
	case PEER_ASK_FOR_SWAP:
		call_worker(WORKER_SWAP_YOURSELF);
		return;
	case PEER_WORK:
		while (!desk->stop)
			call_worker(WORKER_GREET);
		return;
	}
}

void init(void)
{
}

void notified(microkit_channel ch)
{
	if (ch == PEER_WORKER)
		desk->notified++;
	if (ch != PEER_OPERATOR)
		return;
	carry_out((enum peer_order)desk->order);
	desk->done++;
}
