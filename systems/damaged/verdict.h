/* SPDX-License-Identifier: BSD-2-Clause */
/* What is said of each file, and the sum of it all: by the operator, of the running controller's answers, and on the host by
 * test/tool/verdicts.c, of the library's. Who compares the two compares these lines. */
#pragma once
#include <stdint.h>
#include "lib/base/status.h"

/* Number (or "whole"), the file it was made of; the status's text, the two figures of a refusal. */
#define VERDICT_ACCEPTED "verdict %lu of %s: accepted\n"
#define VERDICT_REFUSED  "verdict %lu of %s: %s (0x%lx, 0x%lx)\n"
#define VERDICT_TALLY    "verdicts: %lu accepted, %lu refused for %lu reasons, checksum 0x%08lx\n"

struct verdict {
	unsigned long status; /* STATUS_OK: accepted by every rule, whether there was room for it or not */
	unsigned long figure[2];
};

struct tally {
	unsigned long accepted, refused, reasons;
	uint64_t sum;
	bool seen[STATUS_COUNT];
};

static inline void tally_word(struct tally *tally, uint64_t word)
{
	tally->sum = (tally->sum ^ word) * 0x100000001b3ull;
	tally->sum ^= tally->sum >> 29;
}

static inline void tally_add(struct tally *tally, unsigned long number, const struct verdict *verdict)
{
	if (verdict->status == STATUS_OK)
		tally->accepted++;
	else
		tally->refused++;
	if (verdict->status != STATUS_OK && !tally->seen[verdict->status])
		tally->reasons++;
	tally->seen[verdict->status] = true;
	tally_word(tally, number);
	tally_word(tally, verdict->status);
	tally_word(tally, verdict->figure[0]);
	tally_word(tally, verdict->figure[1]);
}

/* What is printed of it. */
static inline unsigned long tally_sum(const struct tally *tally)
{
	return (unsigned long)(tally->sum & 0xffffffff);
}
