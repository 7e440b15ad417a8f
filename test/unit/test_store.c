/* SPDX-License-Identifier: BSD-2-Clause */
/* The store's answers, called as the main loop would call it: what it finds, and every kind of request it must
 * refuse. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "lib/archive/layout.h"
#include "lib/archive/pack.h"
#include "lib/base/sha256.h"
#include "user/store/store.c"
#include "test/unit/never_waits.h"

/* The store makes no kernel call of its own; its complaints go nowhere here. */
void sel4_machine_send(seL4_Word number, seL4_CPtr to, seL4_Word info, const struct sel4_words *words)
{
	(void)number, (void)to, (void)info, (void)words;
	fail();
}

seL4_Word sel4_machine_exchange(seL4_Word number, seL4_CPtr to, seL4_Word info, seL4_Word *badge,
                                struct sel4_words *words, seL4_CPtr reply)
{
	(void)number, (void)to, (void)info, (void)badge, (void)words, (void)reply;
	fail();
	return 0;
}

static seL4_IPCBuffer ipc_buffer;
static uint8_t bytes[4 * PAGE_BYTES] __attribute__((aligned(4096)));
static uint8_t payloads[2][PAGE_BYTES];

static int setup(void **state)
{
	const struct pack_program programs[] = {
		{ .id = 7, .flags = 0, .version = 3, .name = "first", .payload = payloads[0], .payload_bytes = PAGE_BYTES },
		{ .id = 9, .flags = 0, .version = 4, .name = "second", .payload = payloads[1], .payload_bytes = PAGE_BYTES },
	};

	(void)state;
	memset(payloads[0], 0x11, PAGE_BYTES);
	memset(payloads[1], 0x22, PAGE_BYTES);
	assert_int_equal(pack_archive_bytes(programs, 2), 3 * PAGE_BYTES);
	pack_archive(programs, 2, bytes);
	store_archive = (seL4_Word)bytes;
	store_archive_bytes = 3 * PAGE_BYTES;
	memset(&ipc_buffer, 0, sizeof ipc_buffer);
	__sel4_ipc_buffer = &ipc_buffer;
	graft_console = GRAFT_NO_CHANNEL;
	return 0;
}

static microkit_msginfo ask_name(const char *name, seL4_Uint16 words)
{
	memset(ipc_buffer.msg, 0, 64);
	memcpy(ipc_buffer.msg, name, strlen(name));
	return protected(1, microkit_msginfo_new(STORE_FIND_NAME, words));
}

static void finds_by_name_and_by_id(void **state)
{
	uint8_t digest[32];

	(void)state;
	init();
	sha256(payloads[1], PAGE_BYTES, digest);
	for (int by_id = 0; by_id < 2; by_id++) {
		microkit_msginfo answer;

		ipc_buffer.msg[0] = 9;
		answer = by_id ? protected(1, microkit_msginfo_new(STORE_FIND_ID, 1)) : ask_name("second", STORE_NAME_WORDS);
		assert_int_equal(microkit_msginfo_get_label(answer), STORE_OK);
		assert_int_equal(microkit_msginfo_get_count(answer), 9);
		assert_int_equal(ipc_buffer.msg[0], 9);
		assert_int_equal(ipc_buffer.msg[1], 2 * PAGE_BYTES);
		assert_int_equal(ipc_buffer.msg[2], PAGE_BYTES);
		assert_int_equal(ipc_buffer.msg[3], 0);
		assert_int_equal(ipc_buffer.msg[4], 4);
		assert_memory_equal(&ipc_buffer.msg[5], digest, 32);
	}
}

static void says_no_such_program(void **state)
{
	(void)state;
	init();
	assert_int_equal(microkit_msginfo_get_label(ask_name("secon", STORE_NAME_WORDS)), STORE_NO_SUCH_PROGRAM);
	assert_int_equal(microkit_msginfo_get_label(ask_name("", STORE_NAME_WORDS)), STORE_NO_SUCH_PROGRAM);
	ipc_buffer.msg[0] = 8;
	assert_int_equal(microkit_msginfo_get_label(protected(1, microkit_msginfo_new(STORE_FIND_ID, 1))),
	                 STORE_NO_SUCH_PROGRAM);
}

static void refuses_malformed_requests(void **state)
{
	(void)state;
	init();
	assert_int_equal(microkit_msginfo_get_label(ask_name("second", STORE_NAME_WORDS - 1)), STORE_BAD_REQUEST);
	assert_int_equal(microkit_msginfo_get_label(ask_name("second", 0)), STORE_BAD_REQUEST);
	memset(ipc_buffer.msg, 'x', 64); /* no NUL */
	assert_int_equal(microkit_msginfo_get_label(protected(1, microkit_msginfo_new(STORE_FIND_NAME, 8))),
	                 STORE_BAD_REQUEST);
	ipc_buffer.msg[0] = 0x100000009; /* 9 in the low half */
	assert_int_equal(microkit_msginfo_get_label(protected(1, microkit_msginfo_new(STORE_FIND_ID, 1))),
	                 STORE_BAD_REQUEST);
	ipc_buffer.msg[0] = 9;
	assert_int_equal(microkit_msginfo_get_label(protected(1, microkit_msginfo_new(STORE_FIND_ID, 0))),
	                 STORE_BAD_REQUEST);
	assert_int_equal(microkit_msginfo_get_label(protected(1, microkit_msginfo_new(0, 1))), STORE_BAD_REQUEST);
	assert_int_equal(microkit_msginfo_get_label(protected(1, microkit_msginfo_new(99, 1))), STORE_BAD_REQUEST);
}

static void counts(void **state)
{
	(void)state;
	init();
	assert_int_equal(microkit_msginfo_get_label(protected(1, microkit_msginfo_new(STORE_COUNT, 0))), STORE_OK);
	assert_int_equal(ipc_buffer.msg[0], 2);
}

static void a_refused_archive_answers_everything_with_its_status(void **state)
{
	(void)state;
	bytes[archive_entry_offset(1) + ENTRY_SIZE] ^= 1;
	init();
	assert_int_equal(microkit_msginfo_get_label(ask_name("second", STORE_NAME_WORDS)), STORE_BAD_ARCHIVE);
	assert_int_equal(ipc_buffer.msg[0], STATUS_ARCHIVE_TABLE_DIGEST);
	store_archive_bytes = 10;
	init();
	assert_int_equal(microkit_msginfo_get_label(protected(1, microkit_msginfo_new(STORE_COUNT, 0))),
	                 STORE_BAD_ARCHIVE);
	assert_int_equal(ipc_buffer.msg[0], STATUS_ARCHIVE_TOO_SHORT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(finds_by_name_and_by_id, setup),
		cmocka_unit_test_setup(says_no_such_program, setup),
		cmocka_unit_test_setup(refuses_malformed_requests, setup),
		cmocka_unit_test_setup(counts, setup),
		cmocka_unit_test_setup(a_refused_archive_answers_everything_with_its_status, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
