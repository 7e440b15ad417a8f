/* SPDX-License-Identifier: BSD-2-Clause */
/* What the controller believes: with a key, only what is in a signed table; of two versions, the newer one. */
#include "test/unit/controller_world.h"
#include "lib/archive/layout.h"
#include "lib/archive/pack.h"
#include "test/support/signature_host.h"

static struct signature_host_keys keys;

/* The world's program, signed, in the place of the world's archive. It lies on page 1 there too. */
static void sign(uint32_t version)
{
	struct pack_program program = { .id = 1, .version = version, .name = "first", .payload_bytes = PROGRAM_PAGES * PAGE_BYTES };
	uint64_t plain_bytes = pack_archive_bytes(&program, 1), signed_bytes;
	uint8_t *plain = malloc(plain_bytes), *payload = malloc(program.payload_bytes), *bytes;

	memcpy(payload, archive + PAGE_BYTES, program.payload_bytes);
	program.payload = payload;
	pack_archive(&program, 1, plain);
	bytes = signature_host_sign(plain, plain_bytes, &keys, &signed_bytes);
	memcpy(archive, bytes, signed_bytes);
	offer(1);
	store.entry.version = version;
	free(bytes);
	free(plain);
	free(payload);
}

/* The controller, started anew with the key on what is in the archive now. */
static enum status start_with_key(void)
{
	grant.controller_flags = SYSTEM_CONTROLLER_KEY;
	memcpy(grant.key, keys.public_key, sizeof grant.key);
	return controller_start(&grant, &record);
}

static void expect_refused(enum controller_error label, enum status status)
{
	struct space_ledger before = ledger_now(), now;

	assert_int_equal(load(), label);
	assert_int_equal(microkit_mr_get(0), status);
	assert_int_equal(record.domain[0].state, CONTROLLER_EMPTY);
	now = ledger_now();
	assert_memory_equal(&now, &before, sizeof now);
}

static int start_signed(void **arg)
{
	signature_host_keys(1, &keys);
	signature_host_is_known = true;
	signature_host_count = 0;
	if (start(arg) != 0)
		return -1;
	sign(7);
	return start_with_key() == STATUS_OK ? 0 : -1;
}

/* ---- the signature ---- */

static void takes_what_is_signed(void **arg)
{
	(void)arg;
	assert_int_equal(signature_host_count, 1);
	assert_int_equal(load(), CONTROLLER_OK);
	assert_int_equal(swap(), CONTROLLER_OK);
	assert_int_equal(signature_host_count, 1);
	assert_int_equal(console_bytes, 0);
}

static void refuses_all_when_the_table_is_wrong(void **arg)
{
	static const struct { uint32_t offset; enum status status; } rows[] = {
		{ HEADER_MAGIC, STATUS_ARCHIVE_MAGIC }, { HEADER_DIGEST, STATUS_ARCHIVE_TABLE_DIGEST },
		{ ARCHIVE_HEADER_BYTES + ENTRY_VERSION, STATUS_ARCHIVE_TABLE_DIGEST },
		{ ARCHIVE_HEADER_BYTES + ARCHIVE_ENTRY_BYTES + SIGNATURE_KEY, STATUS_ARCHIVE_OTHER_KEY },
		{ ARCHIVE_HEADER_BYTES + ARCHIVE_ENTRY_BYTES + SIGNATURE_BYTES + 9, STATUS_ARCHIVE_SIGNATURE },
		{ PAGE_BYTES - 1, STATUS_ARCHIVE_PADDING },
	};

	(void)arg;
	for (uint32_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		archive[rows[i].offset] ^= 1;
		assert_int_equal(start_with_key(), STATUS_OK);
		graft_flush();
		assert_non_null(strstr(console, status_text(rows[i].status)));
		expect_refused(CONTROLLER_BAD_PROGRAM, rows[i].status);
		archive[rows[i].offset] ^= 1;
	}
	bytes_put32(archive + HEADER_SIGNATURE_BYTES, 0);
	memset(archive + ARCHIVE_HEADER_BYTES + ARCHIVE_ENTRY_BYTES, 0, SIGNATURE_RECORD_BYTES);
	assert_int_equal(start_with_key(), STATUS_OK);
	expect_refused(CONTROLLER_BAD_PROGRAM, STATUS_ARCHIVE_UNSIGNED);
}

static void believes_the_table_and_not_the_store(void **arg)
{
	struct archive_entry truth = store.entry;

	(void)arg;
	store.entry.version = 8;
	expect_refused(CONTROLLER_BAD_PROGRAM, STATUS_TRUST_ENTRY_NOT_SIGNED);
	store.entry = truth;
	store.entry.id = 2;
	expect_refused(CONTROLLER_BAD_PROGRAM, STATUS_TRUST_ENTRY_NOT_SIGNED);
	store.entry = truth;
	store.entry.flags = ARCHIVE_PROGRAM_RELOCATES;
	expect_refused(CONTROLLER_BAD_PROGRAM, STATUS_TRUST_ENTRY_NOT_SIGNED);
	offer(6); /* a program, and its digest, but not one that is signed for */
	store.entry.version = 7;
	expect_refused(CONTROLLER_BAD_PROGRAM, STATUS_TRUST_ENTRY_NOT_SIGNED);
	store.entry = truth;
	archive[PAGE_BYTES + 0x1100] ^= 1;
	expect_refused(CONTROLLER_BAD_PROGRAM, STATUS_ARCHIVE_PAYLOAD_DIGEST);
	archive[PAGE_BYTES + 0x1100] ^= 1;
	assert_int_equal(load(), CONTROLLER_OK);
}

/* Another archive in the same place: its table is looked at before anything of it is believed. */
static void sees_a_new_table(void **arg)
{
	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	sign(8);
	assert_int_equal(swap(), CONTROLLER_OK);
	assert_int_equal(signature_host_count, 2);
	sign(9);
	archive[ARCHIVE_HEADER_BYTES + ARCHIVE_ENTRY_BYTES + SIGNATURE_BYTES] ^= 1;
	assert_int_equal(swap(), CONTROLLER_BAD_PROGRAM);
	assert_int_equal(microkit_mr_get(0), STATUS_ARCHIVE_SIGNATURE);
	archive[ARCHIVE_HEADER_BYTES + ARCHIVE_ENTRY_BYTES + SIGNATURE_BYTES] ^= 1;
	assert_int_equal(swap(), CONTROLLER_OK);
	for (uint32_t i = 0; i < PAGE_BYTES; i += 61) { /* one byte anywhere before the first program */
		archive[i] ^= 0x20;
		assert_int_equal(swap(), CONTROLLER_BAD_PROGRAM);
		archive[i] ^= 0x20;
	}
	assert_int_equal(swap(), CONTROLLER_OK);
}

static void refuses_to_start_where_nothing_can_be_checked(void **arg)
{
	(void)arg;
	signature_host_is_known = false;
	assert_int_equal(start_with_key(), STATUS_TRUST_SIGNATURE_UNKNOWN);
	grant.controller_flags = 0;
	assert_int_equal(controller_start(&grant, &record), STATUS_OK);
}

/* ---- versions ---- */

static seL4_Word swap_older(microkit_channel ch)
{
	seL4_Word *message = seL4_GetIPCBuffer()->msg;

	memset(message, 0, 12 * sizeof *message);
	message[0] = CHILD_ID;
	memcpy(&message[1], "first", 5);
	message[9] = CONTROLLER_OLDER_TOO;
	return send(ch, CONTROLLER_SWAP, 11);
}

static void refuses_what_is_older(void **arg)
{
	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	sign(6);
	assert_int_equal(swap(), CONTROLLER_TOO_OLD);
	assert_int_equal(microkit_mr_get(0), STATUS_TRUST_PROGRAM_OLDER);
	assert_int_equal(microkit_mr_get(1), 6);
	assert_int_equal(microkit_mr_get(2), 7);
	assert_int_equal(record.domain[0].generation, 1);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID), CONTROLLER_OK);
	expect_refused(CONTROLLER_TOO_OLD, STATUS_TRUST_PROGRAM_OLDER);
	sign(7);
	assert_int_equal(load(), CONTROLLER_OK);
	sign(9);
	assert_int_equal(swap(), CONTROLLER_OK);
	sign(8);
	assert_int_equal(swap(), CONTROLLER_TOO_OLD);
}

static void goes_back_when_told_so(void **arg)
{
	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	sign(3);
	assert_int_equal(swap_older(CHILD_CHANNEL), CONTROLLER_NOT_ALLOWED);
	assert_int_equal(swap_older(OPERATOR_CHANNEL), CONTROLLER_OK);
	graft_flush();
	assert_non_null(strstr(console, "back to version 3 of first for worker, by request; version 7 has run"));
	assert_int_equal(swap(), CONTROLLER_TOO_OLD);
	assert_int_equal(microkit_mr_get(2), 7);
}

static void remembers_over_a_restart(void **arg)
{
	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	sign(6);
	assert_int_equal(start_with_key(), STATUS_OK);
	assert_int_equal(swap(), CONTROLLER_TOO_OLD);
	assert_int_equal(microkit_mr_get(2), 7);
}

/* What was refused, or never ran, does not count. */
static void counts_what_has_run(void **arg)
{
	(void)arg;
	sign(50);
	archive[PAGE_BYTES + 0x1100] ^= 1;
	expect_refused(CONTROLLER_BAD_PROGRAM, STATUS_ARCHIVE_PAYLOAD_DIGEST);
	archive[PAGE_BYTES + 0x1100] ^= 1;
	sign(7);
	assert_int_equal(load(), CONTROLLER_OK);
}

static void needs_no_key_for_versions(void **arg)
{
	(void)arg;
	grant.controller_flags = 0;
	store.entry.version = 4;
	assert_int_equal(load(), CONTROLLER_OK);
	store.entry.version = 3;
	assert_int_equal(swap(), CONTROLLER_TOO_OLD);
	store.entry.version = 0;
	assert_int_equal(swap(), CONTROLLER_TOO_OLD);
	store.entry.version = UINT32_MAX;
	assert_int_equal(swap(), CONTROLLER_OK);
}

static void has_room_for_so_many(void **arg)
{
	(void)arg;
	for (uint32_t i = 0; i < RECORD_VERSIONS_MAX; i++)
		record.version[i] = (struct record_version){ .name = { 1, (uint8_t)i }, .version = 1 };
	expect_refused(CONTROLLER_BAD_PROGRAM, STATUS_TRUST_TOO_MANY_VERSIONS);
	sign(0);
	assert_int_equal(load(), CONTROLLER_OK);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID), CONTROLLER_OK);
	record.version[77].version = 0;
	sign(7);
	assert_int_equal(load(), CONTROLLER_OK);
	assert_int_equal(record.version[77].version, 7);
}

#define SIGNED(name) cmocka_unit_test_setup_teardown(name, start_signed, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIGNED(takes_what_is_signed), SIGNED(refuses_all_when_the_table_is_wrong), SIGNED(believes_the_table_and_not_the_store),
		SIGNED(sees_a_new_table), SIGNED(refuses_to_start_where_nothing_can_be_checked), SIGNED(refuses_what_is_older),
		SIGNED(goes_back_when_told_so), SIGNED(remembers_over_a_restart), SIGNED(counts_what_has_run),
		SIGNED(needs_no_key_for_versions), SIGNED(has_room_for_so_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
