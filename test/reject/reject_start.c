/* SPDX-License-Identifier: BSD-2-Clause */
/* Each refusal of the start frame, with the neighbour that is accepted; a refused frame leaves the buffer alone. */
#include "test/reject/reject.h"
#include "lib/start/start.h"

#define STACK_TOP 0x7fffffffd000ull
static const struct start_auxv auxv = { .entry = 0x401000, .page_bytes = PAGE_BYTES };

static void expect(uint32_t argc, uint32_t envc, const char *strings, uint32_t strings_bytes, uint32_t buffer_bytes,
                   enum status wanted)
{
	static uint8_t buffer[START_BYTES_MAX + 64], before[START_BYTES_MAX + 64];
	const struct start_arguments arguments = { .argc = argc, .envc = envc, .strings = strings, .strings_bytes = strings_bytes };
	uint32_t frame_bytes = 12345;
	memset(buffer, 0xa5, sizeof buffer);
	memcpy(before, buffer, sizeof buffer);
	assert_status(start_frame(&arguments, &auxv, 8, STACK_TOP, buffer, buffer_bytes, &frame_bytes), wanted);
	if (wanted != STATUS_OK) {
		assert_memory_equal(buffer, before, sizeof buffer);
		assert_int_equal(frame_bytes, 12345);
	}
}

static void run_too_many(const void *data)
{
	static const char empty[START_ARGUMENTS_MAX + 1];
	(void)data;
	expect(START_ARGUMENTS_MAX + 1, 0, empty, START_ARGUMENTS_MAX + 1, START_BYTES_MAX, STATUS_START_TOO_MANY_ARGUMENTS);
	expect(1, START_ARGUMENTS_MAX, empty, START_ARGUMENTS_MAX + 1, START_BYTES_MAX, STATUS_START_TOO_MANY_ARGUMENTS);
	expect(UINT32_MAX, 2, empty, 1, START_BYTES_MAX, STATUS_START_TOO_MANY_ARGUMENTS);
	expect(2, UINT32_MAX, empty, 1, START_BYTES_MAX, STATUS_START_TOO_MANY_ARGUMENTS);
	expect(START_ARGUMENTS_MAX, 0, empty, START_ARGUMENTS_MAX, START_BYTES_MAX, STATUS_OK);
	expect(1, START_ARGUMENTS_MAX - 1, empty, START_ARGUMENTS_MAX, START_BYTES_MAX, STATUS_OK);
}

/* One argument: 4 words of lists and 16 of auxv, 16 random bytes, and the string; together a multiple of 16. */
static void run_too_long(const void *data)
{
	static char text[START_BYTES_MAX + 2];
	const uint32_t others = 20 * 8 + 16;
	(void)data;
	memset(text, 'x', sizeof text);
	text[START_BYTES_MAX - others - 1] = 0;
	expect(1, 0, text, START_BYTES_MAX - others, START_BYTES_MAX, STATUS_OK);
	expect(1, 0, text, START_BYTES_MAX - others, START_BYTES_MAX - 1, STATUS_START_ARGUMENTS_TOO_LONG);
	expect(0, 0, NULL, 0, 0, STATUS_START_ARGUMENTS_TOO_LONG);
	text[START_BYTES_MAX - others - 1] = 'x';
	text[START_BYTES_MAX - others] = 0;
	expect(1, 0, text, START_BYTES_MAX - others + 1, START_BYTES_MAX, STATUS_START_ARGUMENTS_TOO_LONG);
	expect(1, 0, text, START_BYTES_MAX - others + 1, START_BYTES_MAX + 64, STATUS_START_ARGUMENTS_TOO_LONG);
	expect(1, 0, text, START_BYTES_MAX + 1, START_BYTES_MAX, STATUS_START_ARGUMENTS_TOO_LONG);
	expect(1, 0, text, UINT32_MAX, START_BYTES_MAX, STATUS_START_ARGUMENTS_TOO_LONG);
}

static void run_malformed(const void *data)
{
	(void)data;
	expect(2, 1, "a\0b\0c", 6, START_BYTES_MAX, STATUS_OK);
	expect(2, 1, "a\0b\0c", 5, START_BYTES_MAX, STATUS_START_STRINGS_MALFORMED); /* the last has no end */
	expect(2, 0, "a\0b\0c", 6, START_BYTES_MAX, STATUS_START_STRINGS_MALFORMED); /* one too many */
	expect(2, 2, "a\0b\0c", 6, START_BYTES_MAX, STATUS_START_STRINGS_MALFORMED); /* one too few */
	expect(2, 0, "a\0b\0c", 5, START_BYTES_MAX, STATUS_START_STRINGS_MALFORMED);
	expect(0, 0, "", 1, START_BYTES_MAX, STATUS_START_STRINGS_MALFORMED);
	expect(0, 0, NULL, 0, START_BYTES_MAX, STATUS_OK);
}

static const struct reject_case cases[] = {
	{ STATUS_START_TOO_MANY_ARGUMENTS, "START_TOO_MANY_ARGUMENTS", run_too_many, NULL },
	{ STATUS_START_ARGUMENTS_TOO_LONG, "START_ARGUMENTS_TOO_LONG", run_too_long, NULL },
	{ STATUS_START_STRINGS_MALFORMED, "START_STRINGS_MALFORMED", run_malformed, NULL },
};
const struct reject_case *const reject_start_cases = cases;
const size_t reject_start_count = sizeof cases / sizeof cases[0];
