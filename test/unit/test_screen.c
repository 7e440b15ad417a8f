/* SPDX-License-Identifier: BSD-2-Clause */
/* The screen: what is written where, in memory of exactly a screen, which the sanitizer guards; and the cursor. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test/support/random.h"
#include "user/screen/screen.c"
#include "test/unit/never_waits.h"

static seL4_IPCBuffer ipc_buffer;
static unsigned int crtc_index, cursor;

seL4_Word sel4_machine_exchange(seL4_Word number, seL4_CPtr to, seL4_Word info, seL4_Word *badge, struct sel4_words *words,
                                seL4_CPtr reply)
{
	(void)number, (void)info, (void)reply;
	*badge = 0;
	assert_int_equal(to, BASE_IOPORT_CAP + PORT_ID);
	if (words->mr0 == CRTC_INDEX)
		crtc_index = (unsigned int)words->mr1;
	else if (crtc_index == CURSOR_HIGH)
		cursor = (unsigned int)words->mr1 << 8 | (cursor & 0xff);
	else
		cursor = (cursor & 0xff00) | (unsigned int)words->mr1;
	return 0;
}

void sel4_machine_send(seL4_Word number, seL4_CPtr to, seL4_Word info, const struct sel4_words *words)
{
	(void)number, (void)to, (void)info, (void)words;
	fail();
}

static int set_up(void **state)
{
	(void)state;
	__sel4_ipc_buffer = &ipc_buffer;
	microkit_ioports = 1ul << PORT_ID;
	screen_memory = malloc(COLUMNS * ROWS * sizeof screen_memory[0]);
	at = 0;
	init();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free((void *)(uintptr_t)screen_memory);
	return 0;
}

static void show(const char *text)
{
	ipc_buffer.msg[0] = strlen(text);
	memcpy(&ipc_buffer.msg[1], text, strlen(text));
	(void)protected(1, microkit_msginfo_new(SERIAL_WRITE, (seL4_Uint16)(1 + (strlen(text) + 7) / 8)));
	assert_int_equal(ipc_buffer.msg[0], strlen(text));
	assert_int_equal(cursor, at);
}

static void assert_row(unsigned int row, const char *text)
{
	for (unsigned int i = 0; i < COLUMNS; i++)
		assert_int_equal(screen_memory[row * COLUMNS + i], GREY | (i < strlen(text) ? (unsigned char)text[i] : ' '));
}

static void characters(void **state)
{
	(void)state;
	show("one\n\ttab\rx\bcd\nend");
	assert_row(0, "one");
	assert_row(1, "cd      tab");
	assert_row(2, "end");
	assert_int_equal(cursor, 2 * COLUMNS + 3);
	show("\r\b");
	assert_int_equal(cursor, 2 * COLUMNS);
}

static void scrolls(void **state)
{
	char line[8];

	(void)state;
	for (unsigned int i = 0; i < 30; i++) {
		snprintf(line, sizeof line, "%u\n", i);
		show(line);
	}
	assert_row(0, "6");
	assert_row(23, "29");
	assert_row(24, "");
	assert_int_equal(cursor, 24 * COLUMNS);
}

static void anything(void **state)
{
	struct random random = random_start("screen", 1);

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char text[3] = { "\n\r\b\tx"[random_below(&random, 5)], (char)(1 + random_below(&random, 255)), '\0' };

		show(text);
		assert_true(at < COLUMNS * ROWS);
	}
}

static void messages_that_lie(void **state)
{
	(void)state;
	ipc_buffer.msg[0] = 1000000;
	(void)protected(1, microkit_msginfo_new(SERIAL_WRITE, 2));
	assert_int_equal(ipc_buffer.msg[0], 8);
	assert_int_equal(microkit_msginfo_get_label(protected(1, microkit_msginfo_new(SERIAL_WRITE, 0))), 1);
	assert_int_equal(microkit_msginfo_get_label(protected(1, microkit_msginfo_new(SERIAL_READ, 1))), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(characters, set_up, tear_down), cmocka_unit_test_setup_teardown(scrolls, set_up, tear_down),
		cmocka_unit_test_setup_teardown(anything, set_up, tear_down), cmocka_unit_test_setup_teardown(messages_that_lie, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
