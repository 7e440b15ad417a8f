/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls, printing, and objects to work with. */
#include "test/boot/conform/conform.h"

#define CONSOLE_PORT 0x3f8
#define EXIT_PORT    0xf4
#define ARITHMETIC_FLAGS 0x8d5ul

struct answer answer;
seL4_BootInfo *info;
seL4_IPCBuffer *buffer;
word scratch;

static word next_slot, console_cap, exit_cap;

/* ---- calls ---- */
static void load(struct registers *r, struct list caps, struct list words)
{
	for (word i = 0; i < caps.count && i < seL4_MsgMaxExtraCaps; i++) {
		buffer->caps_or_badges[i] = caps.words[i];
	}
	for (word i = 4; i < words.count && i < seL4_MsgMaxLength; i++) {
		buffer->msg[i] = words.words[i];
	}
	for (word i = 0; i < 4; i++) {
		r->words[i] = words.count > i ? words.words[i] : 0;
	}
}

static void take(const struct registers *r)
{
	seL4_MessageInfo_t tag = { { r->info } };
	answer.label = seL4_MessageInfo_get_label(tag);
	answer.length = seL4_MessageInfo_get_length(tag);
	answer.caps = seL4_MessageInfo_get_extraCaps(tag);
	answer.unwrapped = seL4_MessageInfo_get_capsUnwrapped(tag);
	answer.badge = r->cap;
	for (word i = 0; i < answer.length && i < seL4_MsgMaxLength; i++) {
		answer.words[i] = i < 4 ? r->words[i] : buffer->msg[i];
	}
	for (word i = 0; i < answer.caps && i < seL4_MsgMaxExtraCaps; i++) {
		answer.grants[i] = buffer->caps_or_badges[i];
	}
}

word invoke_length(word cap, word label, struct list caps, struct list arguments, word length)
{
	struct registers r = { .number = (word)seL4_SysCall, .cap = cap };
	load(&r, caps, arguments);
	r.info = seL4_MessageInfo_new(label, 0, caps.count, length).words[0];
	enter_from(buffer, &r);
	take(&r);
	return answer.label;
}

word invoke(word cap, word label, struct list caps, struct list arguments)
{
	return invoke_length(cap, label, caps, arguments, arguments.count);
}

void send(word number, word cap, word label, struct list caps, struct list words)
{
	struct registers r = { .number = number, .cap = cap };
	load(&r, caps, words);
	r.info = seL4_MessageInfo_new(label, 0, caps.count, words.count).words[0];
	enter_from(buffer, &r);
}

void receive(word number, word cap, word reply)
{
	struct registers r = { .number = number, .cap = cap, .reply = reply };
	enter_from(buffer, &r);
	take(&r);
}

void exchange(word number, word cap, word label, struct list caps, struct list words, word reply, word send_cap)
{
	struct registers r = { .number = number, .cap = cap, .reply = reply, .second = send_cap };
	load(&r, caps, words);
	r.info = seL4_MessageInfo_new(label, 0, caps.count, words.count).words[0];
	enter_from(buffer, &r);
	take(&r);
}

/* ---- printing ---- */
/* The answer of a port write must not disturb the answer that is being printed. */
static void out(word cap, word port, word value)
{
	struct registers r = { .number = (word)seL4_SysCall, .cap = cap, .words = { port, value } };
	r.info = seL4_MessageInfo_new(X86IOPortOut8, 0, 0, 2).words[0];
	enter_from(buffer, &r);
}

void put(char c)
{
	out(console_cap, CONSOLE_PORT, (word)(unsigned char)c);
}

void print(const char *text)
{
	for (; *text; text++) {
		put(*text);
	}
}

void print_hex(uint64_t value)
{
	unsigned digits = 1;
	while (digits < 16 && value >> (4 * digits)) {
		digits++;
	}
	while (digits-- > 0) {
		put("0123456789abcdef"[value >> (4 * digits) & 15]);
	}
}

void print_number(word value)
{
	char text[21];
	unsigned at = 20;
	text[20] = 0;
	do {
		text[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	print(&text[at]);
}

void heading(const char *text)
{
	print("== ");
	print(text);
	print("\n");
}

static void print_error(word error)
{
	static const char *const names[] = { "NoError", "InvalidArgument", "InvalidCapability", "IllegalOperation",
		"RangeError",
		"AlignmentError", "FailedLookup", "TruncatedMessage", "DeleteFirst", "RevokeFirst", "NotEnoughMemory" };
	if (error < sizeof names / sizeof names[0]) {
		print(names[error]);
	} else {
		print("label ");
		print_hex(error);
	}
}

static void print_words(void)
{
	for (word i = 0; i < answer.length && i < seL4_MsgMaxLength; i++) {
		put(' ');
		print_hex(answer.words[i]);
	}
}

void show(const char *name, word error)
{
	print("  ");
	print(name);
	print(": ");
	print_error(error);
	print_words();
	print("\n");
}

void show_error(const char *name, word error)
{
	answer.length = 0;
	show(name, error);
}

void show_number(const char *name, word value)
{
	print("  ");
	print(name);
	print(": ");
	print_hex(value);
	print("\n");
}

void hide_flags(word i)
{
	if (ABI_WORD_BITS == 32 && i < answer.length) {
		answer.words[i] &= ~ARITHMETIC_FLAGS;
	}
}

void show_answer(const char *name)
{
	print("  ");
	print(name);
	print(": label ");
	print_hex(answer.label);
	print(" badge ");
	print_hex(answer.badge);
	print(" caps ");
	print_hex(answer.caps);
	print(" unwrapped ");
	print_hex(answer.unwrapped);
	for (word i = 0; i < answer.caps && i < seL4_MsgMaxExtraCaps; i++) {
		print(answer.unwrapped >> i & 1 ? " grant " : " slot");
		if (answer.unwrapped >> i & 1) {
			print_hex(answer.grants[i]);
		}
	}
	print(" words");
	print_words();
	print("\n");
}

/* ---- slots and objects ---- */
word fresh_slot(void)
{
	return next_slot++;
}

_Noreturn void stop(word value)
{
	out(exit_cap, EXIT_PORT, value);
	for (;;) {
	}
}

void must(word error, const char *what)
{
	if (error) {
		print("conform: can't ");
		show(what, error);
		stop(0x15);
	}
}

word retype(word untyped, word type, word bits, word slot)
{
	return invoke(untyped, UntypedRetype, LIST(seL4_CapInitThreadCNode), LIST(type, bits, 0, 0, slot, 1));
}

word make(word type, word bits)
{
	word slot = fresh_slot();
	must(retype(scratch, type, bits, slot), "make an object");
	return slot;
}

word mint(word slot, word rights, word badge)
{
	word to = fresh_slot();
	must(invoke(seL4_CapInitThreadCNode, CNodeMint, LIST(seL4_CapInitThreadCNode),
	            LIST(to, ROOT_DEPTH, slot, ROOT_DEPTH, rights, badge)), "mint");
	return to;
}

word copy(word slot)
{
	word to = fresh_slot();
	must(invoke(seL4_CapInitThreadCNode, CNodeCopy, LIST(seL4_CapInitThreadCNode),
	            LIST(to, ROOT_DEPTH, slot, ROOT_DEPTH, 15)), "copy");
	return to;
}

void revoke(word slot)
{
	must(invoke(seL4_CapInitThreadCNode, CNodeRevoke, LIST(), LIST(slot, ROOT_DEPTH)), "revoke");
}

void delete(word slot)
{
	must(invoke(seL4_CapInitThreadCNode, CNodeDelete, LIST(), LIST(slot, ROOT_DEPTH)), "delete");
}

/* ---- threads ---- */
#define THREAD_STACK_BYTES 16384
#define THREADS 5
static struct {
	uint8_t stacks[THREADS][THREAD_STACK_BYTES];
	uint8_t buffers[THREADS][4096];
} fixed __attribute__((section(".fixed"), aligned(4096)));

extern char image_start[];

static word image_frame(const void *address)
{
	return info->userImageFrames.start + ((word)address - (word)image_start) / 4096;
}

void make_thread(struct thread *thread, unsigned which, void (*function)(word), word argument, word priority,
                 word fault_cap)
{
	thread->tcb = make(seL4_TCBObject, 0);
	thread->sc = make(seL4_SchedContextObject, seL4_MinSchedContextBits);
	thread->buffer = (seL4_IPCBuffer *)(void *)fixed.buffers[which];
	thread->buffer_frame = copy(image_frame(fixed.buffers[which]));
	must(invoke(thread->tcb, TCBConfigure, LIST(seL4_CapInitThreadCNode, seL4_CapInitThreadVSpace,
	                                            thread->buffer_frame),
	            LIST(0, 0, (word)fixed.buffers[which])), "configure");
	must(invoke(info->schedcontrol.start, SchedControlConfigureFlags, LIST(thread->sc), LIST(TIME(1000000),
		TIME(1000000), 0, 0, 0)),
	     "give a budget");
	must(invoke(thread->tcb, TCBSetSchedParams, LIST(seL4_CapInitThreadTCB, thread->sc, fault_cap), LIST(priority,
		priority)),
	     "set parameters");
	word registers[2 + CONTEXT_WORDS] = { 0, CONTEXT_WORDS, (word)function, 0, FLAGS_DEFAULT };
	set_argument(registers + 2, fixed.stacks[which] + THREAD_STACK_BYTES, argument);
	must(invoke(thread->tcb, TCBWriteRegisters, LIST(), (struct list){ registers, 2 + CONTEXT_WORDS }),
	     "write registers");
}

void resume(const struct thread *thread)
{
	must(invoke(thread->tcb, TCBResume, LIST(), LIST()), "resume");
}

void drop_thread(const struct thread *thread)
{
	delete(thread->tcb);
	delete(thread->sc);
	delete(thread->buffer_frame);
}

struct script scripts[4];
static word never, wake, settled;

static void run_script(word which)
{
	struct script *script = &scripts[which];
	for (word i = 0; i < script->count; i++) {
		enter_from((seL4_IPCBuffer *)(void *)fixed.buffers[which], &script->calls[i]);
		script->done = i + 1;
	}
	struct registers wait = { .number = (word)seL4_SysWait, .cap = never };
	enter(&wait);
}

void make_client(struct thread *thread, unsigned which, word priority, word fault_cap)
{
	scripts[which].count = 0;
	scripts[which].done = 0;
	make_thread(thread, which, run_script, which, priority, fault_cap);
}

/* Words from the fifth on are put into the thread's IPC buffer at once, so only one call of a script can have them. */
void set_call(unsigned which, word number, word cap, word label, word caps, struct list words)
{
	struct script *script = &scripts[which];
	struct registers *r = &script->calls[script->count++];
	*r = (struct registers){ .number = number, .cap = cap,
	                          .info = seL4_MessageInfo_new(label, 0, caps, words.count).words[0] };
	for (word i = 0; i < words.count; i++) {
		if (i < 4) {
			r->words[i] = words.words[i];
		} else {
			((seL4_IPCBuffer *)(void *)fixed.buffers[which])->msg[i] = words.words[i];
		}
	}
}

void show_script(unsigned which)
{
	const struct script *script = &scripts[which];
	show_number("calls done", script->done);
	for (word i = 0; i < script->done; i++) {
		const struct registers *r = &script->calls[i];
		const word words[] = { r->cap, r->info, r->words[0], r->words[1], r->words[2], r->words[3], r->reply,
			r->second };
		print("    registers");
		for (unsigned j = 0; j < sizeof words / sizeof words[0]; j++) {
			put(' ');
			print_hex(words[j]);
		}
		print("\n");
	}
}

static void run_settler(word unused)
{
	(void)unused;
	for (;;) {
		struct registers wait = { .number = (word)seL4_SysWait, .cap = wake };
		enter(&wait);
		struct registers signal = { .number = (word)seL4_SysSend, .cap = settled };
		enter(&signal);
	}
}

/* Made out of the first half of scratch's neighbour, so that no section's revoke takes it away. */
static void make_settler(word untyped)
{
	static struct thread settler;
	word kept = scratch;
	scratch = untyped;
	never = make(seL4_NotificationObject, 0);
	wake = make(seL4_NotificationObject, 0);
	settled = make(seL4_NotificationObject, 0);
	make_thread(&settler, THREADS - 1, run_settler, 0, 1, 0);
	resume(&settler);
	scratch = kept;
}

void settle(void)
{
	struct registers signal = { .number = (word)seL4_SysSend, .cap = wake };
	enter(&signal);
	struct registers wait = { .number = (word)seL4_SysWait, .cap = settled };
	enter(&wait);
}

/* ---- start ---- */
static void open_ports(void)
{
	word console = FIRST_SLOT, end = console + 1;
	invoke(seL4_CapIOPortControl, X86IOPortControlIssue, LIST(seL4_CapInitThreadCNode),
	       LIST(CONSOLE_PORT, CONSOLE_PORT + 7, console, ROOT_DEPTH));
	invoke(seL4_CapIOPortControl, X86IOPortControlIssue, LIST(seL4_CapInitThreadCNode),
	       LIST(EXIT_PORT, EXIT_PORT, end, ROOT_DEPTH));
	console_cap = console;
	exit_cap = end;
	next_slot = end + 1;
}

/* A piece of the first untyped of ordinary memory that is large enough; made twice to clear it once and for all. */
static void find_scratch(void)
{
	word count = info->untyped.end - info->untyped.start;
	for (word i = 0; i < count; i++) {
		const seL4_UntypedDesc *untyped = &info->untypedList[i];
		if (!untyped->isDevice && untyped->sizeBits > SCRATCH_BITS) {
			scratch = fresh_slot();
			must(retype(info->untyped.start + i, seL4_UntypedObject, SCRATCH_BITS, scratch), "make scratch memory");
			word small = fresh_slot();
			must(retype(info->untyped.start + i, seL4_UntypedObject, 16, small), "make memory for the settler");
			make_settler(small);
			return;
		}
	}
	must(seL4_NotEnoughMemory, "find memory");
}

void section(void (*test)(void), const char *name)
{
	heading(name);
	test();
	revoke(scratch);
}

_Noreturn void conform_main(seL4_BootInfo *boot_info);

_Noreturn void conform_main(seL4_BootInfo *boot_info)
{
	info = boot_info;
	buffer = info->ipcBuffer;
	open_ports();
	print("conform: start\n");
	find_scratch();
	run_sections();
	print("conform: end\n");
	stop(0x11);
}
