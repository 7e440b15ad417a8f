/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of systems/busy share: channel ids as in busy.system, and the desk. Times are ticks of the time-stamp counter:
 * one guest instruction each under QEMU's -icount shift=0, at 1,000 a microsecond. */
#pragma once
#include <stdint.h>
#include <graft.h>
#include "user/microkit/controller_client.h"

enum operator_channel { OPERATOR_CONTROLLER = 1, OPERATOR_PEER = 2, OPERATOR_FAULTY = 3, OPERATOR_LOADER = 4 /* and 5, 6 */ };
enum peer_channel { PEER_OPERATOR = 1 };
enum loader_channel { LOADER_CONTROLLER = 1, LOADER_OPERATOR = 2 };
enum watch_channel { WATCH_CONSOLE = 1 };
enum child { CHILD_BULK = 1 /* and 2, 3 */, CHILD_FAULTY = 4 };

#define LOADERS 3u

/* Who writes what: the operator round, wants_tell and the verbs; the peer gap and turns; the watch told_at; each loader the rest of its
 * own line. */
struct desk {
	volatile uint64_t round;      /* the peer starts anew when it changes */
	volatile uint64_t seen;       /* the round that the peer is in; it notifies the operator when this changes */
	volatile uint64_t gap;        /* the longest between two turns of the peer, this round */
	volatile uint64_t turns;      /* how often the peer was not running for a while, this round */
	volatile uint64_t wants_tell; /* the peer notifies the operator each time it was not running */
	volatile uint64_t told_at;    /* when the controller last told of a fault */
	struct {
		volatile seL4_Word verb;  /* what to ask the controller for: enum controller_verb */
		volatile seL4_Word done;  /* requests so far */
		volatile seL4_Word error; /* how the last one ended */
		volatile uint64_t ticks;  /* how long it took */
	} loader[LOADERS];
};

static inline uint64_t ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}
