/* SPDX-License-Identifier: BSD-2-Clause */
/* A ring of bytes. */
#pragma once
#include "lib/base/base.h"

#define RING_BYTES 4096u /* a power of two */

struct ring {
	uint32_t first; /* free-running; the ring holds first..end */
	uint32_t end;
	uint8_t  byte[RING_BYTES];
};

static inline uint32_t ring_used(const struct ring *ring)
{
	return ring->end - ring->first;
}

static inline uint32_t ring_free(const struct ring *ring)
{
	return RING_BYTES - ring_used(ring);
}

/* The ring is not full. */
static inline void ring_put(struct ring *ring, uint8_t byte)
{
	ring->byte[ring->end++ % RING_BYTES] = byte;
}

/* The ring is not empty. */
static inline uint8_t ring_get(struct ring *ring)
{
	return ring->byte[ring->first++ % RING_BYTES];
}
