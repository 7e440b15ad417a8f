/* SPDX-License-Identifier: BSD-2-Clause */
/* The serial line in front of a 16550 that does things between any two of its accesses: bytes come, the transmitter empties, and an edge
 * that comes while the interrupt is masked is lost, as an I/O APIC loses it. At random, with a client that waits to be notified: every byte
 * arrives, in order, in both directions. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "test/support/random.h"
#include "user/serial/serial.c"
#include "test/unit/never_waits.h"

#define IRQ         5u
#define CLIENT      3u
#define STREAM      30000u
#define STEPS_MAX   2000000u
#define IDLE_MAX    20000u /* steps without progress: somebody was not told */

static seL4_IPCBuffer ipc_buffer;
static struct random random_;

static struct {
	uint8_t  in[16], registers[8];
	unsigned in_count, out_count, fifo;
	bool     empty_pending, was_high, is_masked, has_fired;
	uint32_t fed, sent; /* of the streams */
	uint32_t to_feed;   /* as long as that */
	uint8_t  out[2 * STREAM];
} uart;
static bool was_notified, is_chaotic;

static uint8_t stream_byte(uint32_t i)
{
	return (uint8_t)(i * 7 + i / 256);
}

/* ---- the device ---- */

static bool is_high(void)
{
	return ((uart.registers[UART_INTERRUPTS] & INTERRUPT_RECEIVED) && uart.in_count > 0) ||
	       ((uart.registers[UART_INTERRUPTS] & INTERRUPT_EMPTY) && uart.empty_pending);
}

static void look_for_edge(void)
{
	bool high = is_high();

	if (high && !uart.was_high && !uart.is_masked)
		uart.has_fired = uart.is_masked = true;
	uart.was_high = high;
}

static void feed(void)
{
	if (uart.fed < uart.to_feed && uart.in_count < uart.fifo)
		uart.in[uart.in_count++] = stream_byte(uart.fed++);
	look_for_edge();
}

static void empty(void)
{
	if (uart.out_count > 0) {
		uart.out_count = 0;
		uart.empty_pending = true;
	}
	look_for_edge();
}

static void something_happens(void)
{
	if (is_chaotic && random_below(&random_, 3) == 0)
		feed();
	if (is_chaotic && random_below(&random_, 5) == 0)
		empty();
}

static uint8_t uart_read(seL4_Word number)
{
	uint8_t value = uart.in[0];

	switch (number) {
	case UART_DATA:
		if (uart.in_count > 0)
			memmove(uart.in, uart.in + 1, --uart.in_count);
		return value;
	case UART_CAUSE:
		if ((uart.registers[UART_INTERRUPTS] & INTERRUPT_RECEIVED) && uart.in_count > 0)
			return 0x04;
		value = is_high() ? 0x02 : CAUSE_NONE;
		uart.empty_pending = false;
		return value;
	case UART_STATUS:
		return (uint8_t)((uart.in_count > 0 ? STATUS_RECEIVED : 0) | (uart.out_count == 0 ? STATUS_EMPTY : 0));
	default:
		return 0;
	}
}

static void uart_write(seL4_Word number, uint8_t value)
{
	bool is_divisor = (uart.registers[UART_LINE] & LINE_DIVISOR) != 0;

	if (number == UART_DATA && !is_divisor) {
		assert_true(uart.out_count < uart.fifo); /* else it is lost */
		uart.out_count++;
		uart.out[uart.sent++] = value;
		uart.empty_pending = false;
		return;
	}
	if (number == UART_FIFO) {
		assert_int_equal(uart.in_count, 0); /* else they are lost */
		uart.fifo = 16;
	}
	if (number == UART_INTERRUPTS && !is_divisor && (value & INTERRUPT_EMPTY) && !(uart.registers[number] & INTERRUPT_EMPTY))
		uart.empty_pending = uart.out_count == 0;
	if (!(is_divisor && number < 2))
		uart.registers[number] = value;
}

/* ---- the kernel ---- */

seL4_Word sel4_machine_exchange(seL4_Word number, seL4_CPtr to, seL4_Word info, seL4_Word *badge, struct sel4_words *words,
                                seL4_CPtr reply)
{
	seL4_MessageInfo_t tag = { { info } };

	(void)number, (void)reply;
	*badge = 0;
	if (to == BASE_IRQ_CAP + IRQ) {
		uart.is_masked = false;
		return 0;
	}
	assert_int_equal(to, BASE_IOPORT_CAP + PORT_ID);
	assert_true(words->mr0 >= COM1 && words->mr0 < COM1 + 8);
	something_happens();
	if (seL4_MessageInfo_get_label(tag) == X86IOPortOut8)
		uart_write(words->mr0 - COM1, (uint8_t)words->mr1);
	else
		words->mr0 = uart_read(words->mr0 - COM1);
	look_for_edge();
	memset(ipc_buffer.msg, 0xee, sizeof ipc_buffer.msg); /* a kernel call spoils the message */
	return 0;
}

void sel4_machine_send(seL4_Word number, seL4_CPtr to, seL4_Word info, const struct sel4_words *words)
{
	(void)number, (void)info, (void)words;
	assert_int_equal(to, BASE_OUTPUT_NOTIFICATION_CAP + CLIENT);
	was_notified = true;
}

/* ---- the client ---- */

static uint32_t got, written;
static bool may_read, may_write;

static bool client_reads(void)
{
	seL4_Word count, wanted = 1 + random_below(&random_, SERIAL_BYTES_MAX);
	const uint8_t *text = (const uint8_t *)&ipc_buffer.msg[1];

	ipc_buffer.msg[0] = wanted;
	(void)protected(CLIENT, microkit_msginfo_new(SERIAL_READ, 1));
	count = ipc_buffer.msg[0];
	assert_true(count <= wanted);
	for (seL4_Word i = 0; i < count; i++)
		assert_int_equal(text[i], stream_byte(got++));
	may_read = count == wanted;
	return count > 0;
}

/* Letters only, so that nothing is added to them. */
static uint8_t letter(uint32_t i)
{
	return (uint8_t)('a' + i % 26);
}

static bool client_writes(void)
{
	seL4_Word count = 1 + random_below(&random_, SERIAL_BYTES_MAX);
	uint8_t *text = (uint8_t *)&ipc_buffer.msg[1];

	if (count > STREAM - written)
		count = STREAM - written;
	ipc_buffer.msg[0] = count;
	for (seL4_Word i = 0; i < count; i++)
		text[i] = letter(written + (uint32_t)i);
	(void)protected(CLIENT, microkit_msginfo_new(SERIAL_WRITE, (seL4_Uint16)(1 + (count + 7) / 8)));
	assert_true(ipc_buffer.msg[0] <= count);
	may_write = ipc_buffer.msg[0] == count;
	written += (uint32_t)ipc_buffer.msg[0];
	return ipc_buffer.msg[0] > 0;
}

/* One step of somebody; true: something got on. */
static bool step(void)
{
	uint32_t before = uart.fed + uart.sent;
	bool moved = false;

	feed();
	if (random_below(&random_, 4) == 0)
		empty();
	if (uart.has_fired) {
		uart.has_fired = false;
		notified(IRQ);
	}
	if (was_notified) {
		was_notified = false;
		may_read = may_write = true;
	}
	if (may_read && random_below(&random_, 50) == 0)
		moved |= client_reads();
	if (may_write && written < STREAM && random_below(&random_, 8) == 0)
		moved |= client_writes();
	return moved || uart.fed + uart.sent != before;
}

static void start(bool has_input)
{
	memset(&uart, 0, sizeof uart);
	memset(&ipc_buffer, 0, sizeof ipc_buffer);
	__sel4_ipc_buffer = &ipc_buffer;
	microkit_ioports = 1ul << PORT_ID;
	microkit_irqs = 1ul << IRQ;
	microkit_notifications = 1ul << CLIENT;
	serial_irq = IRQ;
	received.first = received.end = to_send.first = to_send.end = 0;
	input_asker = room_asker = (microkit_channel)GRAFT_NO_CHANNEL;
	interrupts = 0;
	is_held = was_notified = false;
	got = written = 0;
	may_read = may_write = true;
	uart.fifo = 1;
	uart.to_feed = STREAM;
	is_chaotic = false;
	if (has_input)
		feed();
	init();
	assert_int_equal(uart.fifo, has_input ? 1 : 16);
}

static void run(bool has_input)
{
	uint32_t steps = 0, idle = 0;

	start(has_input);
	is_chaotic = true;
	for (; (got < STREAM || uart.sent < STREAM) && steps < STEPS_MAX && idle < IDLE_MAX; steps++)
		idle = step() ? 0 : idle + 1;
	assert_int_equal(got, STREAM);
	assert_int_equal(uart.sent, STREAM);
	for (uint32_t i = 0; i < STREAM; i++)
		assert_int_equal(uart.out[i], letter(i));
}

static void loses_nothing(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		random_ = random_start("serial", seed);
		run(false);
	}
}

static void loses_nothing_that_came_before(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		random_ = random_start("serial, early", seed);
		run(true);
	}
}

/* ---- calls ---- */

static void a_full_buffer_holds_the_sender(void **state)
{
	(void)state;
	random_ = random_start("full", 1);
	start(false);
	for (int i = 0; i < 20000; i++) {
		feed();
		if (uart.has_fired) {
			uart.has_fired = false;
			notified(IRQ);
		}
	}
	assert_int_equal(ring_used(&received), RING_BYTES);
	assert_int_equal(uart.fed, RING_BYTES + 16);
	assert_int_equal(uart.registers[UART_MODEM], MODEM_WAIT);
	while (client_reads() && got < RING_BYTES)
		continue;
	assert_int_equal(uart.registers[UART_MODEM], MODEM_READY);
}

static void the_console_is_whole(void **state)
{
	static const char text[] = "one\ntwo\n";

	(void)state;
	start(false);
	is_chaotic = true;
	for (int i = 0; i < 1000; i++) {
		ipc_buffer.msg[0] = sizeof text - 1;
		memcpy(&ipc_buffer.msg[1], text, sizeof text - 1);
		(void)protected(7, microkit_msginfo_new(CONSOLE_WRITE, 2));
		assert_int_equal(ipc_buffer.msg[0], sizeof text - 1);
	}
	while (ring_used(&to_send) > 0)
		transmit();
	assert_int_equal(uart.sent, 1000 * (sizeof text - 1 + 2));
	for (int i = 0; i < 1000; i++)
		assert_memory_equal(uart.out + 10 * i, "one\r\ntwo\r\n", 10);
}

static void messages_that_lie(void **state)
{
	(void)state;
	start(false);
	ipc_buffer.msg[0] = 1000;
	(void)protected(CLIENT, microkit_msginfo_new(SERIAL_WRITE, 2));
	assert_int_equal(ipc_buffer.msg[0], 8); /* what was carried */
	ipc_buffer.msg[0] = 1000;
	(void)protected(CLIENT, microkit_msginfo_new(SERIAL_WRITE, 0));
	assert_int_equal(ipc_buffer.msg[0], 0);
	ipc_buffer.msg[0] = (seL4_Word)-1;
	(void)protected(CLIENT, microkit_msginfo_new(SERIAL_WRITE, 120));
	assert_true(ipc_buffer.msg[0] <= TEXT_BYTES_MAX);
	ipc_buffer.msg[0] = (seL4_Word)-1;
	(void)protected(CLIENT, microkit_msginfo_new(SERIAL_READ, 1));
	assert_int_equal(ipc_buffer.msg[0], 0);
	assert_int_equal(microkit_msginfo_get_label(protected(CLIENT, microkit_msginfo_new(99, 0))), 1);
	notified(IRQ + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loses_nothing), cmocka_unit_test(loses_nothing_that_came_before),
		cmocka_unit_test(a_full_buffer_holds_the_sender), cmocka_unit_test(the_console_is_whole), cmocka_unit_test(messages_that_lie),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
