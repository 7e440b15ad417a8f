/* SPDX-License-Identifier: BSD-2-Clause */
/* The runtime of a Microkit-style program: the variables that the builder of the system sets, and the loop that turns
 * what arrives on slot 1 into calls of notified, protected and fault.
 *
 * M1 the loop is the only place that waits. M2 a reply is sent exactly once: by the wait that follows the call of
 * protected or fault, or before the next piece of work, or later by the program itself if it said so (graft_answers_later).
 * M3 a deferred signal goes out with the next wait at the latest. M4 while there is work, the loop looks for messages
 * between any two pieces of it, and a flood of messages does not stop the work: one piece after each. */
#include <microkit.h>
#include <graft.h>
#include "user/microkit/runtime.h"

#define INPUT_CAP          1

#define BADGE_CALL_SHIFT   (seL4_BadgeBits - 1)
#define BADGE_FAULT_SHIFT  (seL4_BadgeBits - 2)
#define BADGE_CHANNEL_MASK 0xfful /* Microkit's channels end at 61; a controller calls its spawned ones 0x80 and up */
#define BADGE_CHILD_MASK   0xfful

/* Kept in sections that program.ld keeps: a description may set any of them, whether the program uses it or not. */
#define PATCHED_BSS __attribute__((section(".bss.patched")))
PATCHED_BSS char microkit_name[MICROKIT_PD_NAME_LENGTH];
PATCHED_BSS seL4_Bool microkit_passive;
PATCHED_BSS seL4_Word microkit_irqs;
PATCHED_BSS seL4_Word microkit_notifications;
PATCHED_BSS seL4_Word microkit_pps;
PATCHED_BSS seL4_Word microkit_ioports;

seL4_Bool microkit_have_signal;
seL4_CPtr microkit_signal_cap;
seL4_MessageInfo_t microkit_signal_msg;

/* The topmost page of user space, as Microkit places it. */
seL4_IPCBuffer *__sel4_ipc_buffer = (seL4_IPCBuffer *)(seL4_UserTop - 4096);

const seL4_Word *graft_frame;
seL4_CPtr graft_reply_cap = GRAFT_REPLY_CAP;
bool graft_answers_later;

typedef void (*init_function)(void);
extern const init_function __init_array_start[], __init_array_end[];

__attribute__((weak)) microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
	(void)ch, (void)msginfo;
	graft_printf("%s is missing the 'protected' entry point\n", microkit_name);
	microkit_internal_crash(seL4_NoError);
	return seL4_MessageInfo_new(0, 0, 0, 0);
}

__attribute__((weak)) seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
	(void)child, (void)msginfo, (void)reply_msginfo;
	graft_printf("%s is missing the 'fault' entry point\n", microkit_name);
	microkit_internal_crash(seL4_NoError);
	return seL4_False;
}

__attribute__((weak)) bool graft_work(void)
{
	return false;
}

void microkit_refuse(const char *function, unsigned int id)
{
	graft_printf("%s %s: invalid id '%u'\n", microkit_name, function, id);
}

void microkit_expect(const char *function, seL4_Error error)
{
	if (error == seL4_NoError)
		return;
	graft_printf("%s %s: the kernel refused: error %u\n", microkit_name, function, (unsigned int)error);
	microkit_internal_crash(error);
}

void microkit_internal_crash(seL4_Error error)
{
	graft_flush();
	*(volatile int *)(seL4_Word)error = 0;
}

void graft_arguments(int *argc, char ***argv)
{
	static char *none[1];
	/* A frame is never empty, so that a stack pointer on a page boundary is the bare top of a stack. */
	bool has_frame = graft_frame && ((seL4_Word)graft_frame & 4095) != 0;

	if (argc)
		*argc = has_frame ? (int)graft_frame[0] : 0;
	if (argv)
		*argv = has_frame ? (char **)(seL4_Word)&graft_frame[1] : none;
}

/* What to do at the next wait. */
struct answer {
	seL4_MessageInfo_t info;
	bool is_due;
};

static void signal_flush(void)
{
	if (microkit_have_signal)
		seL4_Send(microkit_signal_cap, microkit_signal_msg);
	microkit_have_signal = seL4_False;
}

static seL4_MessageInfo_t wait(const struct answer *answer, seL4_Word *badge)
{
	graft_flush();
	if (answer->is_due) {
		signal_flush();
		return seL4_ReplyRecv(INPUT_CAP, answer->info, badge, graft_reply_cap);
	}
	if (microkit_have_signal) {
		microkit_have_signal = seL4_False;
		return seL4_NBSendRecv(microkit_signal_cap, microkit_signal_msg, INPUT_CAP, badge, graft_reply_cap);
	}
	return seL4_Recv(INPUT_CAP, badge, graft_reply_cap);
}

/* What is due goes out, for a piece of work may take long and uses the message registers. */
static void settle(struct answer *answer)
{
	graft_flush();
	if (answer->is_due)
		seL4_Send(graft_reply_cap, answer->info);
	answer->is_due = false;
	signal_flush();
}

static void notify_each(seL4_Word badge)
{
	for (microkit_channel ch = 0; badge >> ch != 0; ch++) {
		if (badge >> ch & 1)
			notified(ch);
		if (ch == BADGE_FAULT_SHIFT)
			return;
	}
}

static struct answer dispatch(seL4_Word badge, seL4_MessageInfo_t info)
{
	struct answer answer = { seL4_MessageInfo_new(0, 0, 0, 0), false };

	if (badge >> BADGE_FAULT_SHIFT & 1) {
		answer.is_due = fault((microkit_child)(badge & BADGE_CHILD_MASK), info, &answer.info) != 0;
	} else if (badge >> BADGE_CALL_SHIFT & 1) {
		graft_answers_later = false;
		answer.info = protected((microkit_channel)(badge & BADGE_CHANNEL_MASK), info);
		answer.is_due = !graft_answers_later;
	} else {
		notify_each(badge);
	}
	return answer;
}

/* One piece of work, then whatever waits is served; *busy: there is more to do. */
static struct answer work(struct answer answer, bool *busy)
{
	seL4_MessageInfo_t info;
	seL4_Word badge;

	settle(&answer);
	*busy = graft_work();
	signal_flush();
	if (!*busy)
		return answer;
	info = seL4_NBRecv(INPUT_CAP, &badge, graft_reply_cap);
	return badge == 0 ? answer : dispatch(badge, info);
}

/* An interrupt that came before its handler was ready stays masked until it is acknowledged (seL4#1536): so all of
 * them once. */
static void ack_all_interrupts(void)
{
	for (microkit_channel ch = 0; ch <= MICROKIT_MAX_CHANNEL_ID; ch++)
		if (microkit_irqs >> ch & 1)
			microkit_irq_ack(ch);
}

void microkit_main(void)
{
	struct answer answer = { seL4_MessageInfo_new(0, 0, 0, 0), false };
	bool busy;

	/* A parent may start the program anew at any point: what was about to be sent is not any more. */
	microkit_have_signal = seL4_False;
	graft_reply_cap = GRAFT_REPLY_CAP;
	graft_answers_later = false;
	console_start();
	for (const init_function *f = __init_array_start; f != __init_array_end; f++)
		(*f)();
	init();
	busy = graft_work();
	if (microkit_passive) {
		microkit_signal_msg = seL4_MessageInfo_new(0, 0, 0, 0);
		microkit_signal_cap = MONITOR_EP;
		microkit_have_signal = seL4_True;
	}
	ack_all_interrupts();
	for (;;) {
		seL4_Word badge;
		seL4_MessageInfo_t info;

		if (busy) {
			answer = work(answer, &busy);
			continue;
		}
		info = wait(&answer, &badge);
		answer = dispatch(badge, info);
		busy = graft_answers_later;
		graft_answers_later = false;
	}
}
