/* SPDX-License-Identifier: BSD-2-Clause */
/* The Microkit-style runtime against a fake kernel that records calls and hands out prepared answers: formatting, the
 * console line buffer, the main loop's dispatch, arguments, and the controller's client. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "lib/base/base.h"
#include "user/microkit/include/microkit.h"
#include "user/microkit/include/graft.h"
#include "user/microkit/controller_client.h"
#include "user/microkit/runtime.h"
#include "user/console/protocol.h"

/* ---- the fake kernel ---- */

#define CONSOLE_CHANNEL 61u
#define CALLS_MAX       64u

static seL4_IPCBuffer ipc_buffer;

struct call {
	seL4_Word number, to, label, length, reply;
	seL4_Word msg[seL4_MsgMaxLength];
};
static struct call calls[CALLS_MAX];
static unsigned int call_count;
static char console_text[4096];
static unsigned int console_bytes;

/* What the next waits find: badge and info; after the last one the main loop is left by longjmp. */
static struct {
	seL4_Word badge;
	seL4_MessageInfo_t info;
} arrivals[8];
static unsigned int arrival_count, arrival_next;
static jmp_buf out_of_loop;

/* What a call that is not to the console is answered. */
static seL4_MessageInfo_t answer_info;
static seL4_Word answer_msg[seL4_MsgMaxLength];
static bool answer_by_new_thread; /* the call returns with the floating-point unit as a new thread has it */

static void set_fpu_control(uint32_t mxcsr, uint16_t x87)
{
	__asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(mxcsr), "m"(x87));
}

static void record(seL4_Word number, seL4_CPtr to, seL4_Word info, const struct sel4_words *words, seL4_CPtr reply)
{
	struct call *call = &calls[call_count++];
	seL4_MessageInfo_t tag = { { info } };

	assert_true(call_count < CALLS_MAX);
	*call =
		(struct call){ number, to, seL4_MessageInfo_get_label(tag), seL4_MessageInfo_get_length(tag), reply, { 0 } };
	memcpy(call->msg, ipc_buffer.msg, sizeof call->msg);
	if (words)
		memcpy(call->msg, words, sizeof *words);
}

void sel4_machine_send(seL4_Word number, seL4_CPtr to, seL4_Word info, const struct sel4_words *words)
{
	record(number, to, info, words, 0);
}

static seL4_Word arrive(seL4_Word *badge, struct sel4_words *words)
{
	if (arrival_next == arrival_count)
		longjmp(out_of_loop, 1);
	*badge = arrivals[arrival_next].badge;
	*words = (struct sel4_words){ 100, 101, 102, 103 };
	return arrivals[arrival_next++].info.words[0];
}

seL4_Word sel4_machine_receive(seL4_Word number, seL4_CPtr from, seL4_Word *badge, struct sel4_words *words,
                               seL4_CPtr reply)
{
	record(number, from, 0, NULL, reply);
	return arrive(badge, words);
}

seL4_Word sel4_machine_exchange(seL4_Word number, seL4_CPtr to, seL4_Word info, seL4_Word *badge,
                                struct sel4_words *words, seL4_CPtr reply)
{
	record(number, to, info, words, reply);
	if (number == (seL4_Word)seL4_SysReplyRecv)
		return arrive(badge, words);
	*badge = 0;
	if (to == BASE_ENDPOINT_CAP + CONSOLE_CHANNEL) {
		assert_int_equal(calls[call_count - 1].label, CONSOLE_WRITE);
		memcpy(console_text + console_bytes, &calls[call_count - 1].msg[1], calls[call_count - 1].msg[0]);
		console_bytes += (unsigned int)calls[call_count - 1].msg[0];
		*words = (struct sel4_words){ 0xdead, 0xdead, 0xdead, 0xdead };
		return seL4_MessageInfo_new(0, 0, 0, 1).words[0];
	}
	if (answer_by_new_thread)
		set_fpu_control(0x1f80, 0x37f);
	memcpy(ipc_buffer.msg, answer_msg, sizeof answer_msg);
	memcpy(words, answer_msg, sizeof *words);
	return answer_info.words[0];
}

seL4_Word sel4_machine_send_receive(seL4_Word number, seL4_CPtr to, seL4_Word info, seL4_CPtr from, seL4_Word *badge,
                                    struct sel4_words *words, seL4_CPtr reply)
{
	record(number, to, info, words, reply);
	assert_int_equal(from, 1);
	return arrive(badge, words);
}

void sel4_machine_yield(void)
{
}

/* ---- the program under the runtime ---- */

static unsigned int init_count, notified_count, fault_count;
static microkit_channel notified_channels[64];
static microkit_channel called_channel;
static microkit_child faulted_child;
static seL4_Bool fault_answer;
static seL4_Word *deferred_channel; /* what notified is to defer, or NULL */

void init(void)
{
	init_count++;
}

/* Pieces of work: how many are left, and what had been sent when each was asked for. */
static unsigned int pieces_left, pieces_asked, leave_work, answer_later_to;
static unsigned int calls_at_piece[16];

bool graft_work(void)
{
	if (pieces_left == 0)
		return false;
	calls_at_piece[pieces_asked++] = call_count;
	return --pieces_left > 0;
}

void notified(microkit_channel ch)
{
	notified_channels[notified_count++] = ch;
	if (deferred_channel)
		microkit_deferred_notify((microkit_channel)*deferred_channel);
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
	called_channel = ch;
	microkit_mr_set(0, microkit_mr_get(0) + microkit_msginfo_get_label(msginfo));
	graft_printf("unfinished");
	pieces_left += leave_work;
	leave_work = 0;
	if (answer_later_to != 0 && graft_reply_cap != answer_later_to) {
		graft_answers_later = true;
		graft_reply_cap = answer_later_to;
	}
	return microkit_msginfo_new(77, 1);
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
	(void)msginfo;
	fault_count++;
	faulted_child = child;
	*reply_msginfo = microkit_msginfo_new(0, 0);
	return fault_answer;
}

static int setup(void **state)
{
	(void)state;
	memset(&ipc_buffer, 0, sizeof ipc_buffer);
	__sel4_ipc_buffer = &ipc_buffer;
	call_count = console_bytes = arrival_count = arrival_next = 0;
	init_count = notified_count = fault_count = 0;
	pieces_left = pieces_asked = leave_work = answer_later_to = 0;
	memset(console_text, 0, sizeof console_text);
	graft_console = CONSOLE_CHANNEL;
	microkit_pps = 1ul << CONSOLE_CHANNEL | 1ul << 5;
	microkit_notifications = 1ul << 7;
	microkit_irqs = 0;
	microkit_passive = 0;
	microkit_have_signal = 0;
	strcpy(microkit_name, "tested");
	answer_info = seL4_MessageInfo_new(0, 0, 0, 0);
	memset(answer_msg, 0, sizeof answer_msg);
	answer_by_new_thread = false;
	fault_answer = seL4_False;
	deferred_channel = NULL;
	return 0;
}

static void run_loop(void)
{
	if (setjmp(out_of_loop) == 0)
		microkit_main();
}

static void arrival(seL4_Word badge, seL4_Word label, seL4_Word length)
{
	arrivals[arrival_count].badge = badge;
	arrivals[arrival_count++].info = seL4_MessageInfo_new(label, 0, 0, length);
}

/* ---- formatting: compared with the C library, which knows the same conversions ---- */

#define SAME(...)                                                                                                    \
	do {                                                                                                             \
		char ours[128], theirs[128];                                                                                 \
		int ours_length = graft_snprintf(ours, sizeof ours, __VA_ARGS__);                                            \
		int theirs_length = snprintf(theirs, sizeof theirs, __VA_ARGS__);                                            \
		assert_string_equal(ours, theirs);                                                                           \
		assert_int_equal(ours_length, theirs_length);                                                                \
	} while (0)

static void formats_as_the_library_does(void **state)
{
	(void)state;
	SAME("plain");
	SAME("%d %d %d %i", 0, -1, 2147483647, -2147483647 - 1);
	SAME("%u %u", 0u, 4294967295u);
	SAME("%x %X %x", 0u, 0xabcdefu, 0xffffffffu);
	SAME("%lu %ld %lx", 18446744073709551615ul, -9223372036854775807l - 1, 0x123456789abcdef0ul);
	SAME("%llu %lld %zu", 18446744073709551615ull, -1ll, (size_t)7);
	SAME("[%5d] [%-5d] [%05d] [%5d]", 42, 42, 42, -42);
	SAME("[%05d] [%016lx] [%-8x]", -42, 0xbeeful, 0xbeefu);
	SAME("[%s] [%8s] [%-8s] [%2s]", "text", "text", "text", "text");
	SAME("%c%c [%3c] 100%%", 'a', 'b', 'c');
	SAME("%p", (void *)0x1234);
	SAME("%s", "");
}

static void never_writes_past_the_end(void **state)
{
	char text[8] = "#######";
	const char *volatile nothing = NULL;

	(void)state;
	assert_int_equal(graft_snprintf(text, 4, "%s", "abcdef"), 6);
	assert_string_equal(text, "abc");
	assert_int_equal(text[4], '#');
	assert_int_equal(graft_snprintf(text, 0, "%s", "xyz"), 3);
	assert_string_equal(text, "abc");
	assert_int_equal(graft_snprintf(text, 8, "%s", nothing), 6);
	assert_string_equal(text, "(null)");
}

/* ---- the console ---- */

static void one_line_is_one_call(void **state)
{
	(void)state;
	microkit_dbg_puts("a line of ");
	microkit_dbg_put32(4294967295u);
	microkit_dbg_putc(' ');
	microkit_dbg_put8(255);
	assert_int_equal(call_count, 0);
	microkit_dbg_putc('\n');
	assert_int_equal(call_count, 1);
	assert_string_equal(console_text, "a line of 4294967295 255\n");
	assert_int_equal(calls[0].to, BASE_ENDPOINT_CAP + CONSOLE_CHANNEL);
	assert_true(calls[0].length * 8 >= 8 + console_bytes);
}

static void long_lines_are_cut_into_calls(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 600; i++)
		microkit_dbg_putc('a' + (int)(i % 26));
	graft_flush();
	assert_int_equal(console_bytes, 600);
	for (unsigned int i = 0; i < 600; i++)
		assert_int_equal(console_text[i], 'a' + (int)(i % 26));
	for (unsigned int i = 0; i < call_count; i++)
		assert_true(calls[i].length <= seL4_MsgMaxLength);
}

static void printing_leaves_the_message_registers_alone(void **state)
{
	(void)state;
	for (seL4_Word i = 0; i < seL4_MsgMaxLength; i++)
		seL4_SetMR(i, i + 1000);
	microkit_dbg_puts("x\n");
	microkit_dbg_puts("a line that is long enough to need more than the four words that travel in registers\n");
	for (seL4_Word i = 0; i < seL4_MsgMaxLength; i++)
		assert_int_equal(seL4_GetMR(i), i + 1000);
}

static void without_a_console_nothing_happens(void **state)
{
	(void)state;
	graft_console = GRAFT_NO_CHANNEL;
	microkit_dbg_puts("nobody hears this\n");
	graft_console = 6; /* a channel, but not one to call on */
	microkit_dbg_puts("nor this\n");
	graft_console = 64;
	microkit_dbg_puts("nor that\n");
	assert_int_equal(call_count, 0);
}

/* ---- channels ---- */

static void unknown_channels_are_refused(void **state)
{
	(void)state;
	microkit_notify(6);
	microkit_notify(62);
	microkit_notify(4000000000u);
	assert_int_equal(microkit_msginfo_get_count(microkit_ppcall(4, microkit_msginfo_new(9, 1))), 0);
	microkit_irq_ack(3);
	microkit_deferred_notify(8);
	microkit_deferred_irq_ack(1);
	(void)microkit_x86_ioport_read_8(1, 0x80);
	assert_false(microkit_have_signal);
	for (unsigned int i = 0; i < call_count; i++)
		assert_int_equal(calls[i].to, BASE_ENDPOINT_CAP + CONSOLE_CHANNEL);
	assert_int_equal(call_count, 8);
	assert_non_null(strstr(console_text, "tested microkit_notify: invalid id '62'\n"));
}

static void known_channels_use_microkits_slots(void **state)
{
	(void)state;
	microkit_irqs = 1ul << 3;
	microkit_ioports = 1ul << 2;
	microkit_notify(7);
	(void)microkit_ppcall(5, microkit_msginfo_new(9, 1));
	microkit_irq_ack(3);
	answer_msg[0] = 0x5a;
	assert_int_equal(microkit_x86_ioport_read_8(2, 0x3fd), 0x5a);
	microkit_pd_stop(4);
	assert_int_equal(call_count, 5);
	assert_int_equal(calls[0].to, 17);
	assert_int_equal(calls[0].number, (seL4_Word)seL4_SysSend);
	assert_int_equal(calls[1].to, 79);
	assert_int_equal(calls[1].label, 9);
	assert_int_equal(calls[2].to, 141);
	assert_int_equal(calls[2].label, IRQAckIRQ);
	assert_int_equal(calls[3].to, 396);
	assert_int_equal(calls[3].label, X86IOPortIn8);
	assert_int_equal(calls[4].to, 206);
	assert_int_equal(calls[4].label, TCBSuspend);
}

static void cspace_slots_become_pointers(void **state)
{
	(void)state;
	assert_int_equal(microkit_cspace_root_slot_to_cptr(0), 0);
	assert_int_equal(microkit_cspace_root_slot_to_cptr(1), 1ul << 58);
	assert_int_equal(microkit_cspace_root_slot_to_cptr(63), 63ul << 58);
	assert_int_equal(microkit_cspace_root_slot_to_cptr(64), 0);
}

/* ---- the main loop ---- */

static void first_wait_is_a_receive_with_the_reply_object(void **state)
{
	(void)state;
	run_loop();
	assert_int_equal(init_count, 1);
	assert_int_equal(call_count, 1);
	assert_int_equal(calls[0].number, (seL4_Word)seL4_SysRecv);
	assert_int_equal(calls[0].to, 1);
	assert_int_equal(calls[0].reply, 4);
}

static void every_bit_of_a_notification_is_a_channel(void **state)
{
	(void)state;
	arrival(1ul << 0 | 1ul << 7 | 1ul << 61, 0, 0);
	run_loop();
	assert_int_equal(notified_count, 3);
	assert_int_equal(notified_channels[0], 0);
	assert_int_equal(notified_channels[1], 7);
	assert_int_equal(notified_channels[2], 61);
	assert_int_equal(calls[1].number, (seL4_Word)seL4_SysRecv);
}

static void a_call_is_answered_by_the_next_wait(void **state)
{
	const struct call *last;

	(void)state;
	arrival(1ul << 63 | 9, 11, 1);
	run_loop();
	last = &calls[call_count - 1];
	assert_int_equal(called_channel, 9);
	assert_int_equal(last->number, (seL4_Word)seL4_SysReplyRecv);
	assert_int_equal(last->to, 1);
	assert_int_equal(last->reply, 4);
	assert_int_equal(last->label, 77);
	/* The unfinished line was sent first, and did not spoil the answer. */
	assert_string_equal(console_text, "unfinished");
	assert_int_equal(last->msg[0], 111);
}

static void a_fault_is_answered_only_if_asked(void **state)
{
	(void)state;
	arrival(1ul << 62 | 5, 6, 4);
	run_loop();
	assert_int_equal(fault_count, 1);
	assert_int_equal(faulted_child, 5);
	assert_int_equal(calls[1].number, (seL4_Word)seL4_SysRecv);

	setup(NULL);
	fault_answer = seL4_True;
	arrival(1ul << 62 | 60, 6, 4);
	run_loop();
	assert_int_equal(faulted_child, 60);
	assert_int_equal(calls[1].number, (seL4_Word)seL4_SysReplyRecv);
}

static void a_deferred_signal_travels_with_the_next_wait(void **state)
{
	seL4_Word channel = 7;

	(void)state;
	deferred_channel = &channel;
	arrival(1, 0, 0);
	run_loop();
	assert_int_equal(call_count, 2);
	assert_int_equal(calls[1].number, (seL4_Word)seL4_SysNBSendRecv);
	assert_int_equal(calls[1].to, 17);
	assert_int_equal(calls[1].reply, 4);
	assert_false(microkit_have_signal);
}

/* The numbers of the calls made, the console's aside. */
static void expect_calls(const int64_t *numbers, unsigned int count)
{
	unsigned int at = 0;

	for (unsigned int i = 0; i < call_count; i++) {
		if (calls[i].to == BASE_ENDPOINT_CAP + CONSOLE_CHANNEL)
			continue;
		assert_true(at < count);
		assert_int_equal((int64_t)calls[i].number, numbers[at++]);
	}
	assert_int_equal(at, count);
}

static void a_caller_may_be_answered_later(void **state)
{
	static const int64_t numbers[] = { seL4_SysRecv, seL4_SysRecv };

	(void)state;
	answer_later_to = 1000;
	arrival(1ul << 63 | 9, 11, 1);
	run_loop();
	expect_calls(numbers, 2);
	assert_int_equal(calls[0].reply, 4);
	assert_int_equal(calls[call_count - 1].reply, 1000); /* the caller still waits in the other */
	run_loop();
	assert_int_equal(calls[call_count - 1].reply, 4); /* the program was started anew */
}

static void messages_are_served_between_pieces_of_work(void **state)
{
	/* One call that is left unanswered, and three pieces of work; after the first a call is answered before the second, after that
	 * nothing waits. */
	static const int64_t numbers[] = { seL4_SysRecv, seL4_SysNBRecv, seL4_SysSend, seL4_SysNBRecv, seL4_SysRecv };

	(void)state;
	answer_later_to = 1000;
	arrival(1ul << 63 | 9, 11, 1);
	run_loop();
	assert_int_equal(pieces_asked, 0); /* none is left: asked for in vain */
	setup(NULL);
	arrival(1ul << 63 | 9, 11, 1);
	arrival(1ul << 63 | 10, 11, 1);
	arrival(0, 0, 0);
	answer_later_to = 1000;
	leave_work = 3;
	run_loop();
	expect_calls(numbers, 5);
	assert_int_equal(pieces_asked, 3);
	assert_int_equal(called_channel, 10);
	for (unsigned int i = 0; i < call_count; i++) {
		if ((int64_t)calls[i].number != seL4_SysSend)
			continue;
		assert_int_equal(calls[i].to, 1000); /* the second caller waited in the second reply object */
		assert_int_equal(calls[i].label, 77);
		assert_int_equal(calls[i].msg[0], 111);
	}
}

static void a_passive_domain_says_so_after_init(void **state)
{
	(void)state;
	microkit_passive = 1;
	run_loop();
	assert_int_equal(calls[0].number, (seL4_Word)seL4_SysNBSendRecv);
	assert_int_equal(calls[0].to, MONITOR_EP);
}

static void interrupts_are_acknowledged_before_the_first_wait(void **state)
{
	(void)state;
	microkit_irqs = 1ul << 0 | 1ul << 61;
	run_loop();
	assert_int_equal(call_count, 3);
	assert_int_equal(calls[0].to, 138);
	assert_int_equal(calls[1].to, 199);
	assert_int_equal(calls[2].number, (seL4_Word)seL4_SysRecv);
}

/* ---- arguments ---- */

static void arguments_come_from_the_frame(void **state)
{
	static char first[] = "name", second[] = "argument";
	seL4_Word frame[8] __attribute__((aligned(64))) = { 2, (seL4_Word)first, (seL4_Word)second, 0 };
	int argc;
	char **argv;

	(void)state;
	graft_frame = frame;
	if (((uintptr_t)frame & 4095) == 0)
		skip(); /* by chance on a page boundary, which stands for "no frame" */
	graft_arguments(&argc, &argv);
	assert_int_equal(argc, 2);
	assert_string_equal(argv[0], "name");
	assert_string_equal(argv[1], "argument");
	assert_null(argv[2]);
}

static void a_bare_stack_has_no_arguments(void **state)
{
	int argc = 7;
	char **argv = NULL;

	(void)state;
	graft_frame = (const seL4_Word *)0x7fffffffd000;
	graft_arguments(&argc, &argv);
	assert_int_equal(argc, 0);
	assert_non_null(argv);
	assert_null(argv[0]);
}

/* ---- the controller's client ---- */

static void a_swap_request_is_laid_out_as_the_protocol_says(void **state)
{
	static const char *const arguments[] = { "name", "a", "bc" };
	struct controller_result result;
	const seL4_Word *msg = calls[0].msg;

	(void)state;
	answer_msg[0] = 42;
	assert_int_equal(controller_swap(5, 3, "program", 3, arguments, &result), CONTROLLER_OK);
	assert_int_equal(result.generation, 42);
	assert_int_equal(calls[0].label, CONTROLLER_SWAP);
	assert_int_equal(calls[0].to, 79);
	assert_int_equal(msg[0], 3);
	assert_memory_equal(&msg[1], "program\0\0\0\0\0\0\0\0\0", 16);
	for (unsigned int i = 2; i <= 8; i++)
		assert_int_equal(msg[i], 0);
	assert_int_equal(msg[9], 3);
	assert_int_equal(msg[10], 10);
	assert_memory_equal(&msg[11], "name\0a\0bc\0\0\0\0\0\0\0", 16);
	assert_int_equal(calls[0].length, 13);
}

static void what_is_too_long_is_not_sent(void **state)
{
	static char name[65], argument[513];
	const char *const one[] = { argument };
	struct controller_result result;

	(void)state;
	memset(name, 'n', 64);
	memset(argument, 'a', 512);
	assert_int_equal(controller_load(5, 3, name, 0, NULL, &result), CONTROLLER_BAD_REQUEST);
	assert_int_equal(controller_load(5, 3, "n", 1, one, &result), CONTROLLER_BAD_REQUEST);
	assert_int_equal(call_count, 0);
	name[63] = argument[511] = '\0';
	assert_int_equal(controller_load(5, 3, name, 1, one, &result), CONTROLLER_OK);
	assert_int_equal(calls[0].length, 75);
}

static void expect_fpu_control(uint32_t mxcsr, uint16_t x87)
{
	uint32_t mxcsr_now;
	uint16_t x87_now;

	__asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(mxcsr_now), "=m"(x87_now));
	assert_int_equal(mxcsr_now, mxcsr);
	assert_int_equal(x87_now, x87);
}

static void a_duplicate_has_the_control_words_of_the_caller(void **state)
{
	struct controller_spawning spawning = { .priority = CONTROLLER_SAME_PRIORITY, .budget_us = 100, .period_us = 1000,
	                                        .connection_count = 1, .connection = { { 2, 9 } } };
	static const seL4_Word expected[] = { CONTROLLER_SELF, CONTROLLER_SAME, 100, 1000, 1, 2 << 8 | 9 };
	struct controller_result result = { .child = 1, .generation = 1 };

	(void)state;
	answer_by_new_thread = true;
	answer_info = seL4_MessageInfo_new(CONTROLLER_OK, 0, 0, 1);
	answer_msg[1] = 77; /* no word of the answer */
	set_fpu_control(0x7f80, 0xf7f);
	assert_int_equal(controller_duplicate(5, CONTROLLER_SELF, &spawning, &result), CONTROLLER_OK);
	expect_fpu_control(0x7f80, 0xf7f);
	assert_int_equal(result.child, 0);
	assert_int_equal(result.generation, 0);
	assert_int_equal(calls[0].label, CONTROLLER_DUPLICATE);
	assert_int_equal(calls[0].length, 6);
	assert_memory_equal(calls[0].msg, expected, sizeof expected);
	spawning.has_no_fpu = true;
	assert_int_equal(controller_duplicate(5, CONTROLLER_SELF, &spawning, &result), CONTROLLER_OK);
	expect_fpu_control(0x1f80, 0x37f);
}

static void a_parent_is_told_its_child(void **state)
{
	static const seL4_Word same[] = { 7, CONTROLLER_SAME, CONTROLLER_SAME, CONTROLLER_SAME, 0 };
	struct controller_spawning too_many = { .connection_count = CONTROLLER_CONNECTIONS_MAX + 1 };
	struct controller_result result;

	(void)state;
	assert_int_equal(controller_duplicate(5, 7, &too_many, &result), CONTROLLER_BAD_REQUEST);
	assert_int_equal(call_count, 0);
	answer_info = seL4_MessageInfo_new(CONTROLLER_OK, 0, 0, 2);
	answer_msg[0] = 33, answer_msg[1] = 4;
	assert_int_equal(controller_duplicate(5, 7, NULL, &result), CONTROLLER_OK);
	assert_int_equal(result.child, 33);
	assert_int_equal(result.generation, 4);
	assert_int_equal(calls[0].length, 5);
	assert_memory_equal(calls[0].msg, same, sizeof same);
}

/* A channel or an offer that is too large does not become another one. */
static void connections_that_no_word_holds_are_not_sent(void **state)
{
	struct controller_spawning spawning = { .stack_pages = 1, .connection_count = 2, .connection = { { 1, 2 }, { 3, 0x100 | 9 } } };

	(void)state;
	assert_int_equal(controller_spawn(5, &spawning, "n", 0, NULL, NULL), CONTROLLER_BAD_REQUEST);
	assert_int_equal(controller_duplicate(5, 7, &spawning, NULL), CONTROLLER_BAD_REQUEST);
	spawning.connection[1] = (struct controller_connection){ CONTROLLER_OFFER_SELF + 1, 9 };
	assert_int_equal(controller_spawn(5, &spawning, "n", 0, NULL, NULL), CONTROLLER_BAD_REQUEST);
	assert_int_equal(controller_duplicate(5, 7, &spawning, NULL), CONTROLLER_BAD_REQUEST);
	assert_int_equal(call_count, 0);
	spawning.connection[1] = (struct controller_connection){ CONTROLLER_OFFER_SELF, 0xff };
	assert_int_equal(controller_spawn(5, &spawning, "n", 0, NULL, NULL), CONTROLLER_OK);
	assert_int_equal(calls[0].msg[calls[0].length - 1], 0xffffffff);
}

static void errors_come_with_their_figures(void **state)
{
	struct controller_result result;

	(void)state;
	answer_info = seL4_MessageInfo_new(CONTROLLER_NO_MEMORY, 0, 0, 3);
	answer_msg[0] = 1, answer_msg[1] = 4096, answer_msg[2] = 1024;
	assert_int_equal(controller_unload(5, 3, &result), CONTROLLER_NO_MEMORY);
	assert_int_equal(result.error, CONTROLLER_NO_MEMORY);
	assert_int_equal(result.detail, 1);
	assert_int_equal(result.figure[0], 4096);
	assert_int_equal(result.figure[1], 1024);
	assert_int_equal(controller_stop(5, 3, NULL), CONTROLLER_NO_MEMORY);
	assert_string_equal(controller_error_text(CONTROLLER_NO_MEMORY), "not enough memory");
	assert_string_equal(controller_error_text(CONTROLLER_RESTARTED), "the server was replaced");
	assert_string_equal(controller_error_text(999), "unknown error");
}

static void list_and_ledger_believe_the_length_only(void **state)
{
	struct controller_domain domains[4];
	seL4_Word ledger[LEDGER_WORDS];
	unsigned int count;

	(void)state;
	for (seL4_Word i = 0; i < 20; i++)
		answer_msg[1 + i] = 10 + i;
	answer_msg[0] = 3; /* domains, it says, but the message holds two and a half */
	answer_info = seL4_MessageInfo_new(0, 0, 0, 20);
	assert_int_equal(controller_list(5, domains, 4, &count), CONTROLLER_OK);
	assert_int_equal(count, 2);
	assert_int_equal(domains[1].id, 18);
	assert_int_equal(domains[1].kept_bytes, 25);
	assert_int_equal(controller_list(5, domains, 1, &count), CONTROLLER_OK);
	assert_int_equal(count, 1);
	answer_msg[0] = 16;
	answer_info = seL4_MessageInfo_new(0, 0, 0, 3);
	assert_int_equal(controller_ledger(5, ledger), CONTROLLER_OK);
	assert_int_equal(ledger[0], 10);
	assert_int_equal(ledger[1], 11);
	assert_int_equal(ledger[2], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(formats_as_the_library_does, setup),
		cmocka_unit_test_setup(never_writes_past_the_end, setup),
		cmocka_unit_test_setup(one_line_is_one_call, setup),
		cmocka_unit_test_setup(long_lines_are_cut_into_calls, setup),
		cmocka_unit_test_setup(printing_leaves_the_message_registers_alone, setup),
		cmocka_unit_test_setup(without_a_console_nothing_happens, setup),
		cmocka_unit_test_setup(unknown_channels_are_refused, setup),
		cmocka_unit_test_setup(known_channels_use_microkits_slots, setup),
		cmocka_unit_test_setup(cspace_slots_become_pointers, setup),
		cmocka_unit_test_setup(first_wait_is_a_receive_with_the_reply_object, setup),
		cmocka_unit_test_setup(every_bit_of_a_notification_is_a_channel, setup),
		cmocka_unit_test_setup(a_call_is_answered_by_the_next_wait, setup),
		cmocka_unit_test_setup(a_fault_is_answered_only_if_asked, setup),
		cmocka_unit_test_setup(a_deferred_signal_travels_with_the_next_wait, setup),
		cmocka_unit_test_setup(a_passive_domain_says_so_after_init, setup),
		cmocka_unit_test_setup(a_caller_may_be_answered_later, setup),
		cmocka_unit_test_setup(messages_are_served_between_pieces_of_work, setup),
		cmocka_unit_test_setup(interrupts_are_acknowledged_before_the_first_wait, setup),
		cmocka_unit_test_setup(arguments_come_from_the_frame, setup),
		cmocka_unit_test_setup(a_bare_stack_has_no_arguments, setup),
		cmocka_unit_test_setup(a_swap_request_is_laid_out_as_the_protocol_says, setup),
		cmocka_unit_test_setup(what_is_too_long_is_not_sent, setup),
		cmocka_unit_test_setup(a_duplicate_has_the_control_words_of_the_caller, setup),
		cmocka_unit_test_setup(a_parent_is_told_its_child, setup),
		cmocka_unit_test_setup(connections_that_no_word_holds_are_not_sent, setup),
		cmocka_unit_test_setup(errors_come_with_their_figures, setup),
		cmocka_unit_test_setup(list_and_ledger_believe_the_length_only, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
