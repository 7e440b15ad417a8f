/* SPDX-License-Identifier: BSD-2-Clause */
/* A controller on the kernel core, for the tests of it: its own sources, a grant of two domains, an archive; the store and the
 * console are stood in for. Included by one .c file per program. */
#pragma once
#pragma GCC diagnostic ignored "-Wunused-function" /* no program uses all of it */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "user/controller/answer.c"
#include "user/controller/domain.c"
#include "user/controller/duplicate.c"
#include "user/controller/job.c"
#include "user/controller/probation.c"
#include "user/controller/program.c"
#include "user/controller/report.c"
#include "user/controller/request.c"
#include "user/controller/spawn.c"
#include "user/controller/trust.c"
#include "user/controller/verbs.c"
#include "user/controller/controller.c"
#include "user/controller/restart.c"
#include "kernel/core/slot.h"
#include "kernel/core/paging.h"
#include "lib/base/bytes.h"
#include "test/support/space_world.h"
#include "user/console/protocol.h"

#define STORE_CHANNEL    61u
#define CONSOLE_CHANNEL  60u
#define CHILD_CHANNEL    2u  /* leads to domain 0 */
#define OPERATOR_CHANNEL 3u
#define CHILD_ID         5u  /* of domain 0; domain 1 is CHILD_ID + 1 */
#define PROGRAM_PAGES    4u
#define ARCHIVE_PAGES    12u
#define GRANT_FIRST      700u /* slots of the space's CNode that play the grant */

static struct world w;
static struct grant grant;
static struct record record;
static uint8_t *archive;
static bool archive_can_change; /* somebody can write it */
static char console[2048];
static uint32_t console_bytes;

/* What the store says. */
static struct {
	seL4_Word label, words;
	struct archive_entry entry;
} store;

/* ---- stand-ins ---- */

static void answer_as_store(seL4_MessageInfo_t *info, struct sel4_words *words)
{
	seL4_Word *message = seL4_GetIPCBuffer()->msg;

	assert_int_equal(seL4_MessageInfo_get_label(*info), STORE_FIND_NAME);
	assert_int_equal(seL4_MessageInfo_get_length(*info), STORE_NAME_WORDS);
	*words = (struct sel4_words){ store.entry.id, store.entry.offset, store.entry.size_bytes, store.entry.flags };
	if (store.label == STORE_BAD_ARCHIVE)
		words->mr0 = STATUS_ARCHIVE_MAGIC;
	message[4] = store.entry.version;
	memcpy(&message[5], store.entry.digest, sizeof store.entry.digest);
	*info = seL4_MessageInfo_new(store.label, 0, 0, store.words);
}

static void answer_as_console(seL4_MessageInfo_t *info, struct sel4_words *words)
{
	seL4_Word message[1 + CONSOLE_BYTES_MAX / sizeof(seL4_Word)];

	memcpy(message, seL4_GetIPCBuffer()->msg, sizeof message);
	memcpy(message, words, sizeof *words);
	if (console_bytes + message[0] < sizeof console)
		memcpy(console + console_bytes, &message[1], message[0]);
	console_bytes += (uint32_t)message[0];
	*info = seL4_MessageInfo_new(0, 0, 0, 1);
}

static bool serve_in_their_place(seL4_CPtr to, seL4_MessageInfo_t *info, struct sel4_words *words)
{
	if (to == BASE_ENDPOINT_CAP + STORE_CHANNEL)
		answer_as_store(info, words);
	else if (to == BASE_ENDPOINT_CAP + CONSOLE_CHANNEL)
		answer_as_console(info, words);
	else
		return false;
	return true;
}

/* The answer to a caller that was answered later. */
static struct {
	uint32_t count;
	seL4_CPtr to;
	seL4_Word label;
} sent;

static bool note_answer(seL4_CPtr to, seL4_MessageInfo_t info)
{
	for (uint32_t i = 0; i < reply_count(); i++) {
		if (to != reply_cptr(i))
			continue;
		sent.count++;
		sent.to = to;
		sent.label = seL4_MessageInfo_get_label(info);
		return true;
	}
	return false;
}

/* ---- the archive: one program, PROGRAM_PAGES from page 1 on, and the same once more from page 6 on ---- */

static void put_segment(uint8_t *file, uint32_t number, const struct elf_segment *s)
{
	uint8_t *at = file + 64 + 56 * number;

	bytes_put32(at, s->type);
	bytes_put32(at + 4, s->flags);
	bytes_put64(at + 8, s->offset);
	bytes_put64(at + 16, s->vaddr);
	bytes_put64(at + 24, s->vaddr);
	bytes_put64(at + 32, s->file_bytes);
	bytes_put64(at + 40, s->memory_bytes);
	bytes_put64(at + 48, s->align);
}

static void put_program(uint8_t *file)
{
	static const uint8_t ident[16] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };

	memcpy(file, ident, sizeof ident);
	bytes_put16(file + 16, ELF_TYPE_EXEC);
	bytes_put16(file + 18, ELF_MACHINE_X86_64);
	bytes_put32(file + 20, 1);
	bytes_put64(file + 24, 0x200000);
	bytes_put64(file + 32, 64);
	bytes_put16(file + 52, 64);
	bytes_put16(file + 54, 56);
	bytes_put16(file + 56, 3);
	put_segment(file, 0, &(struct elf_segment){ ELF_LOAD, ELF_R | ELF_X, 0x1000, 0x200000, 0x1000, 0x1000, 0x1000, 0 });
	put_segment(file, 1, &(struct elf_segment){ ELF_LOAD, ELF_R | ELF_W, 0x2000, 0x201000, 0x100, 0x2100, 0x1000, 0 });
	put_segment(file, 2, &(struct elf_segment){ ELF_GRAFT_SYMBOLS, 0, 0x3000, 0, ARCHIVE_SYMBOL_BYTES, 0, 8, 0 });
	memset(file + 0x1000, 0x90, 0x1000);
	memset(file + 0x2000, 0x44, 0x100);
	bytes_put64(file + 0x3000, 0x201040);
	bytes_put64(file + 0x3008, 8);
	memcpy(file + 0x3010, "desk", 4);
}

/* Tells the store of the program at this page, digest and all. */
static void offer(uint64_t page)
{
	store.label = STORE_OK;
	store.words = 9;
	store.entry = (struct archive_entry){ .id = (uint32_t)page, .offset = page * PAGE_BYTES, .size_bytes = PROGRAM_PAGES * PAGE_BYTES };
	sha256(archive + store.entry.offset, store.entry.size_bytes, store.entry.digest);
}

static void make_archive(void)
{
	archive = aligned_alloc(PAGE_BYTES, ARCHIVE_PAGES * PAGE_BYTES);
	memset(archive, 0, ARCHIVE_PAGES * PAGE_BYTES);
	put_program(archive + 1 * PAGE_BYTES);
	put_program(archive + 6 * PAGE_BYTES);
	archive[7 * PAGE_BYTES] = 0xcc;
}

/* ---- the grant ---- */

static uint32_t next_granted;

static uint32_t grant_cap(uint64_t slot)
{
	assert_int_equal(seL4_CNode_Copy(w.space.use.cnode, next_granted, w.space.use.cnode_bits, FAKE_CNODE, slot, 64, seL4_AllRights),
	                 seL4_NoError);
	return next_granted++;
}

static uint32_t grant_frames(const uint8_t *bytes, uint32_t pages)
{
	uint32_t first = next_granted;

	for (uint32_t i = 0; i < pages; i++) {
		uint64_t slot = world_make(&w, seL4_X86_4K, 0);

		if (bytes)
			memcpy(cap_object(fake_cap(w.fake, slot)), bytes + i * PAGE_BYTES, PAGE_BYTES);
		grant_cap(slot);
	}
	return first;
}

static uint64_t make_context(void)
{
	uint64_t slot = world_make(&w, seL4_SchedContextObject, 8);

	assert_int_equal(CALL(w.fake, FAKE_SCHED_CONTROL, SchedControlConfigureFlags, WORDS(1000, 1000, 0, 2, 0), CAPS(slot)), seL4_NoError);
	return slot;
}

static void fill_domain(uint32_t index)
{
	struct grant_domain *domain = &grant.domain[index];

	*domain = (struct grant_domain){ .child_id = CHILD_ID + index, .priority = 100, .stack_pages = 2, .map_count = 1,
	                                 .patch_count = 2, .channels = index == 0 ? 1u << CHILD_CHANNEL : 0 };
	strcpy(domain->name, index == 0 ? "worker" : "guest");
	domain->cspace = grant_cap(w.cspace);
	domain->fault = grant_cap(w.fault);
	domain->notification = grant_cap(index == 0 ? w.owns.notification : world_make(&w, seL4_NotificationObject, 0));
	domain->reply = grant_cap(index == 0 ? w.owns.reply : world_make(&w, seL4_ReplyObject, 0));
	domain->sched_context = grant_cap(index == 0 ? w.owns.sched_context : make_context());
}

static void fill_grant(void)
{
	const struct space_use *use = &w.space.use;

	memset(&grant, 0, sizeof grant);
	next_granted = GRANT_FIRST;
	grant = (struct grant){ .magic = GRANT_MAGIC, .abi_set = ABI_SET, .domain_count = 2, .slot_cptr = use->slot_cptr,
	                        .slot_shift = use->slot_shift, .cnode_bits = use->cnode_bits, .cnode = use->cnode, .free_first = 0,
	                        .free_end = GRANT_FIRST, .vspace = use->vspace, .asid_pool = use->asid_pool,
	                        .tcb_authority = use->authority, .window_vaddr = use->window, .window_pages = 1,
	                        .text_vaddr = SEL4_CORE_TEXT, .archive_vaddr = (uintptr_t)archive, .archive_pages = ARCHIVE_PAGES,
	                        .untyped_count = 1, .region_count = 1, .reply_count = GRANT_REPLIES };
	for (uint32_t i = 0; i < 2; i++)
		fill_domain(i);
	strcpy(grant.domain[0].program, "first");
	grant.reply_slot = next_granted;
	for (uint32_t i = 0; i < GRANT_REPLIES; i++)
		grant_cap(world_make(&w, seL4_ReplyObject, 0));
	if (archive_can_change)
		grant.archive_flags = GRANT_ARCHIVE_CHANGEABLE;
	else
		grant.archive_slot = grant_frames(archive, ARCHIVE_PAGES);
	grant.region[0] = (struct grant_region){ grant_frames(NULL, 2), PAGE_BITS, 2 };
	grant.map[0] = (struct grant_map){ .vaddr = WORLD_REGION, .region = 0, .rights = ELF_R | ELF_W };
	grant.patch[0] = (struct grant_patch){ .symbol = "desk", .size_bytes = 8, .value = 0 };
	grant.patch[1] = (struct grant_patch){ .symbol = "nowhere", .size_bytes = 8, .value = 0 };
	bytes_put64((uint8_t *)grant.strings, WORLD_REGION);
	grant.strings_bytes = 8;
	grant.untyped[0] = (struct grant_untyped){ next_granted, 18 };
	assert_int_equal(seL4_CNode_Move(use->cnode, next_granted++, use->cnode_bits, FAKE_CNODE,
	                                 world_make(&w, seL4_UntypedObject, 18), 64), seL4_NoError);
}

/* ---- set-up ---- */

static int start(void **arg)
{
	(void)arg;
	make_archive();
	world_start(&w);
	fill_grant();
	memset(&record, 0, sizeof record);
	memset(console, 0, sizeof console);
	console_bytes = 0;
	controller_store = STORE_CHANNEL;
	graft_console = CONSOLE_CHANNEL;
	microkit_pps = 1ull << STORE_CHANNEL | 1ull << CONSOLE_CHANNEL;
	strcpy(microkit_name, "controller");
	sel4_core_server = serve_in_their_place;
	sel4_core_sent = note_answer;
	graft_reply_cap = GRAFT_REPLY_CAP;
	graft_answers_later = false;
	offer(1);
	assert_int_equal(controller_start(&grant, &record), STATUS_OK);
	return 0;
}

static int end(void **arg)
{
	(void)arg;
	controller_store = graft_console = GRAFT_NO_CHANNEL;
	world_end(&w);
	free(archive);
	return 0;
}

/* ---- asking ---- */

/* Begins a request, as the main loop does; true: it is answered later. */
static bool begin(microkit_channel ch, seL4_Word verb, seL4_Word words, seL4_Word *label)
{
	graft_answers_later = false;
	*label = microkit_msginfo_get_label(protected(ch, microkit_msginfo_new(verb, (seL4_Uint16)words)));
	return graft_answers_later;
}

static seL4_Word send(microkit_channel ch, seL4_Word verb, seL4_Word words)
{
	seL4_CPtr waits_in = graft_reply_cap;
	uint32_t count = sent.count;
	seL4_Word label;

	if (!begin(ch, verb, words, &label))
		return label;
	assert_int_not_equal(graft_reply_cap, waits_in);
	while (graft_work())
		assert_int_equal(sent.count, count);
	assert_int_equal(sent.count, count + 1);
	assert_int_equal(sent.to, waits_in);
	return sent.label;
}

static seL4_Word ask(microkit_channel ch, seL4_Word verb, seL4_Word domain)
{
	microkit_mr_set(0, domain);
	return send(ch, verb, 1);
}

static seL4_Word ask_program(microkit_channel ch, seL4_Word verb, seL4_Word domain)
{
	seL4_Word *message = seL4_GetIPCBuffer()->msg;

	memset(message, 0, 12 * sizeof *message);
	message[0] = domain;
	memcpy(&message[1], "first", 5);
	message[9] = 2;
	message[10] = 8;
	memcpy(&message[11], "one\0two", 8);
	return send(ch, verb, 12);
}

static seL4_Word load(void)
{
	return ask_program(OPERATOR_CHANNEL, CONTROLLER_LOAD, CHILD_ID);
}

static seL4_Word swap(void)
{
	return ask_program(OPERATOR_CHANNEL, CONTROLLER_SWAP, CHILD_ID);
}

static struct space_ledger ledger_now(void)
{
	struct space_ledger ledger;

	space_ledger_get(&controller.space, &ledger);
	return ledger;
}

/* The kernel's capabilities beyond those of splits, and the ledger. */
static void expect_as_before(const struct world_figures *before)
{
	struct space_ledger now = ledger_now();

	assert_memory_equal(&now, &before->ledger, sizeof now);
}

static struct tcb *thread_now(void)
{
	return cap_object(world_cap(&w, domain_thread(0)));
}

static struct sched_context *context(void)
{
	return cap_object(fake_cap(w.fake, w.owns.sched_context));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
