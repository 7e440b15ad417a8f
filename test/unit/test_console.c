/* SPDX-License-Identifier: BSD-2-Clause */
/* The console domain in front of a fake 16550: what goes out, and what a message that lies about its length can do.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "user/console/console.c"
#include "test/unit/never_waits.h"

/* ---- the fake port ---- */

static seL4_IPCBuffer ipc_buffer;
static char sent[4096];
static unsigned int sent_bytes, status_reads, sent_since_status;
static uint8_t registers[8];
static bool is_stuck;

static seL4_Word port_out(seL4_Word port, seL4_Word value)
{
	assert_true(port >= 0x3f8 && port <= 0x3ff && value <= 255);
	if (port == 0x3f8 && !(registers[3] & 0x80)) {
		sent[sent_bytes++] = (char)value;
		sent_since_status++;
		assert_true(sent_since_status <= 16); /* more would overrun the FIFO */
	} else if (!(registers[3] & 0x80) || port == 0x3fb) {
		registers[port - 0x3f8] = (uint8_t)value;
	}
	return 0;
}

seL4_Word sel4_machine_exchange(seL4_Word number, seL4_CPtr to, seL4_Word info, seL4_Word *badge,
                                struct sel4_words *words, seL4_CPtr reply)
{
	seL4_MessageInfo_t tag = { { info } };

	(void)number, (void)reply;
	*badge = 0;
	assert_int_equal(to, BASE_IOPORT_CAP + 1);
	if (seL4_MessageInfo_get_label(tag) == X86IOPortOut8)
		return port_out(words->mr0, words->mr1);
	assert_int_equal(seL4_MessageInfo_get_label(tag), X86IOPortIn8);
	assert_int_equal(words->mr0, 0x3fd);
	status_reads++;
	sent_since_status = 0;
	words->mr0 = is_stuck ? 0 : 0x60;
	/* A kernel call spoils the message registers. */
	memset(ipc_buffer.msg, 0xee, sizeof ipc_buffer.msg);
	return 0;
}

void sel4_machine_send(seL4_Word number, seL4_CPtr to, seL4_Word info, const struct sel4_words *words)
{
	(void)number, (void)to, (void)info, (void)words;
	fail();
}

static int setup(void **state)
{
	(void)state;
	memset(&ipc_buffer, 0, sizeof ipc_buffer);
	memset(sent, 0, sizeof sent);
	__sel4_ipc_buffer = &ipc_buffer;
	microkit_ioports = 1ul << 1;
	sent_bytes = status_reads = sent_since_status = 0;
	is_stuck = false;
	fifo_free = 0;
	init();
	return 0;
}

static seL4_Word write_text(const char *text, seL4_Word bytes, seL4_Uint16 words)
{
	microkit_msginfo answer;

	ipc_buffer.msg[0] = bytes;
	memcpy(&ipc_buffer.msg[1], text, strlen(text));
	answer = protected(5, microkit_msginfo_new(CONSOLE_WRITE, words));
	assert_int_equal(microkit_msginfo_get_label(answer), 0);
	assert_int_equal(microkit_msginfo_get_count(answer), 1);
	return ipc_buffer.msg[0];
}

static void starts_the_line(void **state)
{
	(void)state;
	assert_int_equal(registers[1], 0);
	assert_int_equal(registers[3], 0x03);
	assert_int_equal(sent_bytes, 0);
}

static void writes_and_says_how_much(void **state)
{
	(void)state;
	assert_int_equal(write_text("hello", 5, 2), 5);
	assert_string_equal(sent, "hello");
}

static void a_line_feed_returns_the_carriage(void **state)
{
	(void)state;
	assert_int_equal(write_text("a\nb\n", 4, 2), 4);
	assert_string_equal(sent, "a\r\nb\r\n");
}

static void long_text_waits_for_the_fifo(void **state)
{
	char text[CONSOLE_BYTES_MAX + 1];

	(void)state;
	memset(text, 'x', CONSOLE_BYTES_MAX);
	text[CONSOLE_BYTES_MAX] = '\0';
	assert_int_equal(write_text(text, CONSOLE_BYTES_MAX, 118), CONSOLE_BYTES_MAX);
	assert_int_equal(sent_bytes, CONSOLE_BYTES_MAX);
	assert_true(status_reads >= CONSOLE_BYTES_MAX / 16);
	for (unsigned int i = 0; i < sent_bytes; i++)
		assert_int_equal(sent[i], 'x');
}

static void believes_no_length_beyond_the_message(void **state)
{
	(void)state;
	assert_int_equal(write_text("abcdefghij", 10, 2), 8);
	assert_int_equal(write_text("abc", 3, 1), 0);
	assert_int_equal(write_text("abc", 3, 0), 0);
	assert_int_equal(write_text("abc", (seL4_Word)-1, 2), 8);
	assert_int_equal(write_text("abc", CONSOLE_BYTES_MAX + 1, 120), 0);
	assert_int_equal(sent_bytes, 16);
}

static void knows_one_verb(void **state)
{
	(void)state;
	ipc_buffer.msg[0] = 3;
	(void)protected(5, microkit_msginfo_new(2, 2));
	assert_int_equal(ipc_buffer.msg[0], 0);
	assert_int_equal(sent_bytes, 0);
}

static void a_stuck_port_drops_text_and_nothing_else(void **state)
{
	(void)state;
	is_stuck = true;
	assert_int_equal(write_text("x", 1, 2), 1);
	assert_int_equal(sent_bytes, 0);
	is_stuck = false;
	assert_int_equal(write_text("y", 1, 2), 1);
	assert_string_equal(sent, "y");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(starts_the_line, setup),
		cmocka_unit_test_setup(writes_and_says_how_much, setup),
		cmocka_unit_test_setup(a_line_feed_returns_the_carriage, setup),
		cmocka_unit_test_setup(long_text_waits_for_the_fifo, setup),
		cmocka_unit_test_setup(believes_no_length_beyond_the_message, setup),
		cmocka_unit_test_setup(knows_one_verb, setup),
		cmocka_unit_test_setup(a_stuck_port_drops_text_and_nothing_else, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
