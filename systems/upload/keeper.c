/* SPDX-License-Identifier: BSD-2-Clause */
/* A store that has the archive mapped writable, and uses that: as the operator tells it, it changes programs before its answer, after
 * it, or all the time, and says what is not so. It answers from a copy of the table made at its start, so its answers name the digests of
 * what was packed. It never waits: more important than the controller, it works whenever its budget lets it. */
#include "lib/archive/archive.h"
#include "systems/upload/upload.h"
#include "user/store/protocol.h"

#define PROGRAMS_MAX 4u
#define LATE_BYTE    0x1111u /* of the program, in its text */

__attribute__((section(".data.patched"))) uint8_t *keeper_archive = 0;
__attribute__((section(".data.patched"))) seL4_Word keeper_archive_bytes = 0;

static struct archive_entry programs[PROGRAMS_MAX];
static uint32_t program_count;
static uint64_t payloads, payloads_end; /* all of them, in the archive */
static enum keeper_mode mode;
static uint64_t flipped; /* offset of the byte that is another, 0 for none */
static uint32_t seed = 1;

void init(void)
{
	struct archive archive;
	struct where where;

	if (archive_open(keeper_archive, keeper_archive_bytes, &archive, &where) != STATUS_OK || archive.entry_count > PROGRAMS_MAX)
		microkit_internal_crash(seL4_InvalidArgument);
	program_count = archive.entry_count;
	for (uint32_t i = 0; i < program_count; i++) {
		archive_entry_get(&archive, i, &programs[i]);
		payloads_end = programs[i].offset + programs[i].size_bytes;
	}
	payloads = programs[0].offset;
}

/* ---- writing ---- */

static void flip(uint64_t offset)
{
	*(volatile uint8_t *)&keeper_archive[offset] ^= 0xff;
}

static void flip_back(void)
{
	if (flipped != 0)
		flip(flipped);
	flipped = 0;
}

static void flip_one(uint64_t offset)
{
	flip_back();
	flip(offset);
	flipped = offset;
}

static void set_mode(enum keeper_mode next)
{
	flip_back();
	if ((next == KEEPER_SPOILED) != (mode == KEEPER_SPOILED)) {
		for (uint64_t at = payloads; at < payloads_end; at++)
			flip(at);
	}
	mode = next;
}

bool graft_work(void)
{
	for (unsigned int i = 0; mode == KEEPER_STORM && i < 16; i++) {
		seed = seed * 1664525u + 1013904223u;
		if (seed >> 28 == 0)
			flip_one(payloads + (uint32_t)(seed >> 4) % (uint32_t)(payloads_end - payloads));
		else if (seed >> 28 == 1)
			flip_back();
	}
	return true;
}

/* ---- answering ---- */

static microkit_msginfo answer_entry(const struct archive_entry *entry)
{
	seL4_Word size_bytes = (seL4_Word)entry->size_bytes;

	microkit_mr_set(0, entry->id);
	microkit_mr_set(1, (seL4_Word)entry->offset);
	microkit_mr_set(2, mode == KEEPER_BEYOND ? size_bytes + keeper_archive_bytes : size_bytes);
	microkit_mr_set(3, entry->flags);
	microkit_mr_set(4, entry->version);
	memcpy(&seL4_GetIPCBuffer()->msg[5], entry->digest, sizeof entry->digest);
	if (mode == KEEPER_FORGED)
		seL4_GetIPCBuffer()->msg[5] ^= 1;
	if (mode == KEEPER_LATE)
		flip_one(entry->offset + LATE_BYTE);
	return microkit_msginfo_new(STORE_OK, 5 + ARCHIVE_DIGEST_BYTES / sizeof(seL4_Word));
}

static microkit_msginfo find_name(void)
{
	char name[STORE_NAME_WORDS * sizeof(seL4_Word)];

	memcpy(name, seL4_GetIPCBuffer()->msg, sizeof name);
	for (uint32_t i = 0; i < program_count; i++) {
		if (memcmp(name, programs[i].name, sizeof name) == 0)
			return answer_entry(&programs[i]);
	}
	return microkit_msginfo_new(STORE_NO_SUCH_PROGRAM, 0);
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
	seL4_Word words = microkit_msginfo_get_count(msginfo), label = microkit_msginfo_get_label(msginfo);

	if (ch != OPERATOR_CHANNEL)
		return label == STORE_FIND_NAME && words == STORE_NAME_WORDS ? find_name() : microkit_msginfo_new(STORE_BAD_REQUEST, 0);
	if (label == KEEPER_MODE && words == 1)
		set_mode((enum keeper_mode)microkit_mr_get(0));
	return microkit_msginfo_new(0, 0);
}

void notified(microkit_channel ch)
{
	(void)ch;
}
