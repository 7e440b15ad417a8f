/* SPDX-License-Identifier: BSD-2-Clause */
/* Any sequence of system calls, by whichever thread runs, on the host build of the kernel core. Two threads and one object of each
 * kind are there at the start; everything else the input makes. After every entry the invariants of test/support/kernelcheck.h hold, and
 * at the end memory above every watermark is zero. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "test/support/kernelcheck.h"
#include "test/fuzz/invariant.h"

#define ENTRIES_MAX 200u /* of one input */
enum { SLOT_OBJECTS = 64, SLOT_THREADS = 100, SLOTS_SMALL = 160 };

static const uint8_t *input;
static size_t left;

static word byte(void)
{
	if (left == 0)
		return 0;
	left--;
	return *input++;
}

/* A word as calls have them: a slot, a small number, a size, an address, or any. */
static word any_word(void)
{
	word kind = byte(), value = byte();
	switch (kind % 8) {
	case 0: case 1:
		return value % SLOTS_SMALL;
	case 2:
		return value;
	case 3:
		return 1ul << value % 64;
	case 4:
		return value << 12 | (word)(kind & 8) << 30;
	case 5:
		return ~value;
	case 6:
		return 0x10000000ul + (value << 12);
	default:
		for (unsigned i = 0; i < 7; i++)
			value = value << 8 | byte();
		return value;
	}
}

static void fill(struct message *message)
{
	*message = (struct message){ .label = byte() % 80, .length = byte() % 9, .cap_count = byte() % 4 };
	for (word i = 0; i < message->length; i++)
		message->words[i] = any_word();
	for (word i = 0; i < message->cap_count; i++)
		message->caps[i] = byte() % SLOTS_SMALL;
}

static void enter(struct fake *f)
{
	static const sword numbers[] = { seL4_SysCall, seL4_SysCall, seL4_SysCall, seL4_SysSend, seL4_SysNBSend, seL4_SysRecv,
		seL4_SysNBRecv, seL4_SysReplyRecv, seL4_SysWait, seL4_SysNBWait, seL4_SysYield, seL4_SysNBSendRecv, seL4_SysNBSendWait };
	struct message message;
	word kind = byte();
	fill(&message);
	fake_put(f, &message);
	f->kernel.current->registers[REG_CAP] = any_word();
	f->kernel.current->registers[REG_REPLY] = any_word();
	f->interrupt_pending = kind >= 240;
	fake_enter(f, kind >= 250 ? -(sword)byte() : numbers[kind % (sizeof numbers / sizeof numbers[0])]);
	f->interrupt_pending = false;
}

static void make_objects(struct fake *f)
{
	static const struct { word type, size_bits; } objects[] = {
		{ seL4_UntypedObject, 16 }, { seL4_EndpointObject, 0 }, { seL4_NotificationObject, 0 }, { seL4_CapTableObject, 4 },
		{ seL4_TCBObject, 0 }, { seL4_SchedContextObject, 8 }, { seL4_ReplyObject, 0 }, { seL4_X86_4K, 0 },
		{ seL4_X86_PageTableObject, 0 }, { seL4_X86_PageDirectoryObject, 0 }, { seL4_X86_PDPTObject, 0 }, { seL4_X64_PML4Object, 0 },
	};
	for (unsigned i = 0; i < sizeof objects / sizeof objects[0]; i++)
		invariant(fake_retype(f, objects[i].type, objects[i].size_bits, SLOT_OBJECTS + i, 1) == seL4_NoError);
	fake_thread(f, SLOT_THREADS, FAKE_ROOT_PRIORITY);
	fake_thread(f, SLOT_THREADS + THREAD_SLOTS, FAKE_ROOT_PRIORITY - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct fake *f = fake_new();
	input = bytes;
	left = size;
	make_objects(f);
	for (unsigned i = 0; i < ENTRIES_MAX && left > 0; i++) {
		if (f->kernel.current == &f->kernel.idle)
			fake_wait(f, 20000);
		if (f->kernel.current == &f->kernel.idle)
			break; /* everybody waits for somebody */
		enter(f);
	}
	fake_free(f);
	return 0;
}
