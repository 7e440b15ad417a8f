/* SPDX-License-Identifier: BSD-2-Clause */
/* The keyboard: scan codes in, characters out; the mouse's bytes are none; a full ring; a code that comes while the interrupt is masked. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "user/keyboard/keyboard.c"
#include "test/unit/never_waits.h"

#define IRQ    5u
#define CLIENT 3u

static seL4_IPCBuffer ipc_buffer;
static uint8_t codes[256];
static unsigned int code_count, next_code, notifications, late; /* late: codes that come with the acknowledgement */
static bool is_mouse;

seL4_Word sel4_machine_exchange(seL4_Word number, seL4_CPtr to, seL4_Word info, seL4_Word *badge, struct sel4_words *words,
                                seL4_CPtr reply)
{
	(void)number, (void)info, (void)reply;
	*badge = 0;
	if (to == BASE_IRQ_CAP + IRQ) {
		code_count += late;
		late = 0;
	} else if (to == BASE_IOPORT_CAP + STATUS_ID) {
		words->mr0 = next_code < code_count ? STATUS_FULL | (is_mouse ? STATUS_MOUSE : 0) : 0;
	} else {
		assert_int_equal(to, BASE_IOPORT_CAP + DATA_ID);
		words->mr0 = codes[next_code++];
	}
	return 0;
}

void sel4_machine_send(seL4_Word number, seL4_CPtr to, seL4_Word info, const struct sel4_words *words)
{
	(void)number, (void)info, (void)words;
	assert_int_equal(to, BASE_OUTPUT_NOTIFICATION_CAP + CLIENT);
	notifications++;
}

static int set_up(void **state)
{
	(void)state;
	__sel4_ipc_buffer = &ipc_buffer;
	microkit_ioports = 1ul << DATA_ID | 1ul << STATUS_ID;
	microkit_irqs = 1ul << IRQ;
	microkit_notifications = 1ul << CLIENT;
	keyboard_irq = IRQ;
	typed.first = typed.end = 0;
	has_shift = has_control = has_caps = is_extended = is_mouse = false;
	code_count = next_code = notifications = late = 0;
	asker = (microkit_channel)GRAFT_NO_CHANNEL;
	init();
	return 0;
}

static void type(const char *keys, unsigned int count)
{
	next_code = 0;
	code_count = count;
	memcpy(codes, keys, count);
	notified(IRQ);
}
#define TYPE(keys) type(keys, sizeof(keys) - 1)

static void expect(const char *text)
{
	char seen[SERIAL_BYTES_MAX + 1];

	ipc_buffer.msg[0] = (seL4_Word)-1;
	(void)protected(CLIENT, microkit_msginfo_new(SERIAL_READ, 1));
	assert_true(ipc_buffer.msg[0] <= SERIAL_BYTES_MAX);
	memcpy(seen, &ipc_buffer.msg[1], ipc_buffer.msg[0]);
	seen[ipc_buffer.msg[0]] = '\0';
	assert_string_equal(seen, text);
}

static void characters(void **state)
{
	(void)state;
	TYPE("\x23\xa3\x17\x97\x39\xb9\x02\x82\x1c\x9c\x0e\x01\x35");
	expect("hi 1\n\b\033/");
	TYPE("\x2a\x23\x02\xaa\x23\x36\x29\xb6\x29"); /* shift, and without */
	expect("H!h~`");
	TYPE("\x3a\xba\x23\x02\x2a\x23\x02\xaa\x3a\x23"); /* caps lock changes letters only */
	expect("H1h!h");
	TYPE("\x1d\x2e\x1a\x02\x9d\x2e"); /* control */
	expect("\x03\x1b" "1c");
	TYPE("\xe0\x48\xe0\xc8\xe0\x2a\x23\x3b\x58\x7f\xff"); /* arrows, fake shift, F keys, and codes beyond the table */
	expect("h");
}

static void tells_who_asked(void **state)
{
	(void)state;
	TYPE("\x23");
	assert_int_equal(notifications, 0);
	expect("h");
	TYPE("\xa3");
	assert_int_equal(notifications, 0);
	TYPE("\x17");
	TYPE("\x17");
	assert_int_equal(notifications, 1);
	expect("ii");
}

static void what_comes_with_the_acknowledgement(void **state)
{
	(void)state;
	codes[0] = 0x23;
	codes[1] = 0x17;
	code_count = late = 1;
	notified(IRQ);
	expect("hi");
}

static void what_is_left_out(void **state)
{
	(void)state;
	is_mouse = true;
	TYPE("\x23");
	expect("");
	is_mouse = false;
	for (unsigned int i = 0; i < RING_BYTES + 10; i++)
		TYPE("\x23");
	assert_int_equal(ring_used(&typed), RING_BYTES);
	notified(IRQ + 1);
	assert_int_equal(microkit_msginfo_get_label(protected(CLIENT, microkit_msginfo_new(SERIAL_WRITE, 1))), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(characters, set_up), cmocka_unit_test_setup(tells_who_asked, set_up),
		cmocka_unit_test_setup(what_comes_with_the_acknowledgement, set_up), cmocka_unit_test_setup(what_is_left_out, set_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
