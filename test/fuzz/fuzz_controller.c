/* SPDX-License-Identifier: BSD-2-Clause */
/* The controller on the kernel core: any requests, from anybody, with any answers of the store, over an archive in which any bytes are
 * changed. When all jobs are done and every domain is unloaded, the ledger is what it was. */
#include "test/unit/controller_world.h"
#include "test/support/kernelcheck.h"
#include "test/fuzz/invariant.h"

#define REQUESTS_MAX 24u

static const uint8_t *input;
static size_t left;

static seL4_Word byte(void)
{
	if (left == 0)
		return 0;
	left--;
	return *input++;
}

/* What the store says next: the truth about either program, a part of it changed, or that there is none. */
static void change_store(void)
{
	seL4_Word kind = byte();
	uint8_t *entry = (uint8_t *)&store.entry;

	offer(kind & 1 ? 6 : 1);
	if ((kind & 6) == 6)
		entry[byte() % sizeof store.entry] = (uint8_t)byte();
	if (kind & 8)
		archive[(kind & 1 ? 6u : 1u) * PAGE_BYTES + (byte() | byte() << 8) % (PROGRAM_PAGES * PAGE_BYTES)] = (uint8_t)byte();
	if ((kind & 24) == 8 && range_is_inside(store.entry.offset, store.entry.size_bytes, ARCHIVE_PAGES * PAGE_BYTES))
		sha256(archive + store.entry.offset, store.entry.size_bytes, store.entry.digest);
	if ((kind & 0xe0) == 0xe0)
		store.label = byte() % 5;
}

static seL4_Word put_request(seL4_Word kind)
{
	seL4_Word *message = seL4_GetIPCBuffer()->msg, words = byte() % 24;

	memset(message, 0, 32 * sizeof *message);
	message[0] = kind & 16 ? CONTROLLER_SELF : kind & 32 ? CHILD_ID : CHILD_ID + 1;
	if (kind & 64) {
		for (seL4_Word i = 0; i < words; i++)
			message[byte() % 24] = byte() << 8 * (byte() % 8);
		return words;
	}
	memcpy(&message[1], "first", 5);
	message[9] = byte() % 4;
	message[10] = byte() % 3 * 4;
	memcpy(&message[11], "a\0b", 3);
	return 11 + (message[10] + 7) / 8;
}

static void make_request(void)
{
	static const microkit_channel channels[] = { OPERATOR_CHANNEL, CHILD_CHANNEL, OPERATOR_CHANNEL, 9 };
	seL4_Word kind = byte(), verb = byte() % 14, steps = byte() % 40, label;

	if (kind & 128)
		change_store();
	(void)begin(channels[kind % 4], verb, verb >= CONTROLLER_STOP && verb <= CONTROLLER_UNLOAD ? 1 : put_request(kind), &label);
	while (steps-- > 0 && graft_work())
		continue;
}

static void unload_all(void)
{
	for (uint32_t i = 0; i < 2; i++) {
		(void)ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID + i);
		invariant(record.domain[i].state == CONTROLLER_EMPTY);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct space_ledger before, after;

	input = bytes;
	left = size;
	start(NULL);
	w.fake->does_not_check = true;
	before = ledger_now();
	for (unsigned i = 0; i < REQUESTS_MAX && left > 0; i++)
		make_request();
	while (graft_work())
		continue;
	unload_all();
	after = ledger_now();
	invariant(memcmp(&before, &after, sizeof after) == 0);
	kernelcheck_all(w.fake);
	end(NULL);
	return 0;
}
