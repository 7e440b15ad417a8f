/* SPDX-License-Identifier: BSD-2-Clause */
/* The peer: agreed in the description to be connected to spawned domains. It counts what comes from them, and tries what it may do
 * to them; whether there is one at the other end, it finds out like this. */
#include "systems/spawn/spawn.h"

__attribute__((section(".data.patched"))) volatile struct peer_desk *desk = 0;

void init(void)
{
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo info)
{
	seL4_Word number = microkit_mr_get(0);

	(void)info;
	desk->calls += ch == PEER_CALLER;
	microkit_mr_set(0, number + 1);
	return microkit_msginfo_new(0, 1);
}

static void carry_out(void)
{
	if (desk->order == PEER_NOTIFY_CALLER)
		microkit_notify(PEER_CALLER);
	if (desk->order == PEER_CALL_SERVER) {
		microkit_mr_set(0, 41);
		desk->label = microkit_msginfo_get_label(microkit_ppcall(PEER_SERVER, microkit_msginfo_new(0, 1)));
		desk->answer = microkit_mr_get(0);
	}
	desk->done++;
}

void notified(microkit_channel ch)
{
	if (ch == PEER_OPERATOR)
		carry_out();
	else
		desk->notified[ch]++;
}
