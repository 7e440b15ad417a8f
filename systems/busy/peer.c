/* SPDX-License-Identifier: BSD-2-Clause */
/* The peer: less important than everybody else, and always busy. It sees from the time-stamp counter when it was not running. */
#include "systems/busy/busy.h"

#define AWAY 2000u /* ticks between two looks that can't be its own work */

__attribute__((section(".data.patched"))) struct desk *desk = 0;

void init(void)
{
	uint64_t last = ticks(), round = 0;

	for (;;) {
		uint64_t now = ticks(), gap = now - last;

		last = now;
		if (desk->round != round) {
			round = desk->round;
			desk->gap = desk->turns = 0;
			desk->seen = round;
			last = ticks(); /* it may have been away since now */
			microkit_notify(PEER_OPERATOR); /* what comes next is measured from its start */
		} else if (gap > AWAY) {
			desk->gap = gap > desk->gap ? gap : desk->gap;
			desk->turns++;
			if (desk->wants_tell)
				microkit_notify(PEER_OPERATOR);
		}
	}
}

void notified(microkit_channel ch)
{
	(void)ch;
}
