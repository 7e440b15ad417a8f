/* SPDX-License-Identifier: BSD-2-Clause */
/* A root task that counts what kernel calls cost, in ticks of the time-stamp counter: under QEMU's -icount shift=0 one tick
 * is one instruction, so the figures repeat to the last digit. The same file boots on the bundled kernel and on seL4.
 * Each figure is the least of ROUNDS, less the cost of reading the counter. Judges nothing. */
#include "lib/base/base.h"
#include "user/sel4/sel4.h"

#define ROUNDS    8u
#define BATCH     256u
#define ROOT_BITS 64u
#define FAR       0x10000000ul /* an address with nothing near it: PDPT and above are the image's, the rest is made here */
#define STACK_BYTES 4096u

seL4_IPCBuffer *__sel4_ipc_buffer;
void bench_main(const seL4_BootInfo *boot);

static const seL4_BootInfo *info;
static seL4_CPtr next_slot, serial, exit_port;
static uint64_t overhead;
static uint8_t server_stack[STACK_BYTES] __attribute__((aligned(16)));
static uint8_t server_buffer[4096] __attribute__((aligned(4096)));
static seL4_CPtr endpoint, server_reply;

static uint64_t ticks(void)
{
	uint32_t low, high;
	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/* ---- printing ---- */

static void put(const char *text)
{
	for (; *text; text++)
		seL4_X86_IOPort_Out8(serial, 0x3f8, (seL4_Word)(unsigned char)*text);
}

static void put_figure(const char *name, uint64_t value)
{
	char line[64];
	unsigned int at = 0, end = 56;
	memset(line, ' ', sizeof line);
	for (; name[at] && at < 44; at++)
		line[at] = name[at];
	line[end] = '\n';
	line[end + 1] = '\0';
	do
		line[--end] = (char)('0' + value % 10);
	while (value /= 10);
	put(line);
}

static _Noreturn void finish(seL4_Word value)
{
	seL4_X86_IOPort_Out8(exit_port, 0xf4, value);
	for (;;)
		seL4_Yield();
}

static void must(seL4_Error error, const char *what)
{
	if (error == seL4_NoError)
		return;
	put("bench: the kernel refused: ");
	put(what);
	put_figure("", error);
	finish(0x15);
}

/* ---- objects ---- */

static seL4_CPtr large_untyped(uint8_t bits)
{
	for (seL4_Word i = 0; i < info->untyped.end - info->untyped.start; i++)
		if (!info->untypedList[i].isDevice && info->untypedList[i].sizeBits >= bits)
			return info->untyped.start + i;
	must(seL4_NotEnoughMemory, "a large untyped");
	return 0;
}

static seL4_CPtr make(seL4_CPtr untyped, seL4_Word type, seL4_Word bits)
{
	must(seL4_Untyped_Retype(untyped, type, bits, seL4_CapInitThreadCNode, 0, 0, next_slot, 1), "retype");
	return next_slot++;
}

static void revoke(seL4_CPtr slot)
{
	must(seL4_CNode_Revoke(seL4_CapInitThreadCNode, slot, ROOT_BITS), "revoke");
}

/* ---- measuring ---- */

static void measure_with(const char *name, uint64_t divisor, seL4_Error (*before)(seL4_CPtr), seL4_Error (*what)(seL4_CPtr),
                         seL4_CPtr on)
{
	uint64_t least = UINT64_MAX;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		if (before)
			must(before(on), name);
		uint64_t start = ticks();
		seL4_Error error = what(on);
		uint64_t spent = ticks() - start - overhead;
		must(error, name);
		least = spent < least ? spent : least;
	}
	put_figure(name, least / divisor);
}

static seL4_CPtr account, frames, copy_slot, notification;

static seL4_Error do_nothing(seL4_CPtr on)
{
	(void)on;
	return seL4_NoError;
}

static seL4_Error do_revoke(seL4_CPtr on)
{
	return seL4_CNode_Revoke(seL4_CapInitThreadCNode, on, ROOT_BITS);
}

static seL4_Error retype_frames(seL4_CPtr on, seL4_Word count)
{
	return seL4_Untyped_Retype(on, seL4_X86_4K, 0, seL4_CapInitThreadCNode, 0, 0, frames, count);
}

static seL4_Error do_retype(seL4_CPtr on)
{
	return retype_frames(on, 1);
}

static seL4_Error do_retype_batch(seL4_CPtr on)
{
	return retype_frames(on, BATCH);
}

static seL4_Error map_at(seL4_CPtr on, seL4_Word vaddr)
{
	return seL4_X86_Page_Map(on, seL4_CapInitThreadVSpace, vaddr, seL4_ReadWrite, seL4_X86_Default_VMAttributes);
}

static seL4_Error do_map(seL4_CPtr on)
{
	return map_at(on, FAR);
}

static seL4_Error do_unmap(seL4_CPtr on)
{
	return seL4_X86_Page_Unmap(on);
}

static seL4_Error do_copy(seL4_CPtr on)
{
	return seL4_CNode_Copy(seL4_CapInitThreadCNode, copy_slot, ROOT_BITS, seL4_CapInitThreadCNode, on, ROOT_BITS, seL4_AllRights);
}

static seL4_Error do_delete(seL4_CPtr on)
{
	(void)on;
	return seL4_CNode_Delete(seL4_CapInitThreadCNode, copy_slot, ROOT_BITS);
}

static seL4_Error do_signal(seL4_CPtr on)
{
	seL4_Signal(on);
	return seL4_NoError;
}

static seL4_Error do_call(seL4_CPtr on)
{
	(void)seL4_Call(on, seL4_MessageInfo_new(0, 0, 0, 0));
	return seL4_NoError;
}

static seL4_Error map_batch(seL4_CPtr on)
{
	seL4_Error error = do_revoke(on);
	error = error == seL4_NoError ? do_retype_batch(on) : error;
	for (unsigned int i = 0; i < BATCH && error == seL4_NoError; i++)
		error = map_at(frames + i, FAR + i * 4096ul);
	return error;
}

static seL4_Error empty_and_clear(seL4_CPtr on)
{
	seL4_Error error = do_revoke(on);
	return error == seL4_NoError ? do_retype(on) : error;
}

/* ---- the server of the call: no scheduling context of its own ---- */

static void serve(void)
{
	seL4_Word badge;
	seL4_MessageInfo_t message = seL4_Recv(endpoint, &badge, server_reply);
	for (;;)
		message = seL4_ReplyRecv(endpoint, message, &badge, server_reply);
}

static void start_server(seL4_CPtr untyped)
{
	seL4_CPtr tcb = make(untyped, seL4_TCBObject, 0), context = make(untyped, seL4_SchedContextObject, 8);
	seL4_UserContext registers = { .rip = (seL4_Word)serve, .rsp = (seL4_Word)(server_stack + STACK_BYTES) - 8 };
	seL4_Word buffer_page = ((seL4_Word)server_buffer - 0x400000ul) / 4096;

	endpoint = make(untyped, seL4_EndpointObject, 0);
	server_reply = make(untyped, seL4_ReplyObject, 0);
	must(seL4_TCB_Configure(tcb, seL4_CapInitThreadCNode, 0, seL4_CapInitThreadVSpace, 0, (seL4_Word)server_buffer,
	                        info->userImageFrames.start + buffer_page), "configure");
	must(seL4_SchedControl_ConfigureFlags(info->schedcontrol.start, context, 10000, 10000, 0, 0, 0), "budget");
	must(seL4_TCB_SetSchedParams(tcb, seL4_CapInitThreadTCB, 255, 255, context, seL4_CapNull), "scheduling");
	must(seL4_TCB_WriteRegisters(tcb, 1, 0, sizeof registers / sizeof(seL4_Word), &registers), "registers");
	do_call(endpoint);
	must(seL4_SchedContext_Unbind(context), "unbind"); /* waits now: passive from here on */
}

static void make_tables(seL4_CPtr untyped)
{
	seL4_CPtr directory = make(untyped, seL4_X86_PageDirectoryObject, 0), table = make(untyped, seL4_X86_PageTableObject, 0);
	seL4_Error error = seL4_X86_PageDirectory_Map(directory, seL4_CapInitThreadVSpace, FAR, seL4_X86_Default_VMAttributes);
	if (error != seL4_DeleteFirst) /* the image's own directory may reach this far */
		must(error, "directory");
	must(seL4_X86_PageTable_Map(table, seL4_CapInitThreadVSpace, FAR, seL4_X86_Default_VMAttributes), "table");
}

static void print_figures(void)
{
	measure_with("nothing (the measure itself)", 1, NULL, do_nothing, 0);
	measure_with("Revoke, one frame", 1, empty_and_clear, do_revoke, account);
	measure_with("Retype, one 4K frame, the one before cleared", 1, do_revoke, do_retype, account);
	measure_with("Retype, 256 frames, as many cleared: per frame", BATCH, do_revoke, do_retype_batch, account);
	revoke(account);
	must(do_retype(account), "frame");
	measure_with("Page_Map", 1, do_unmap, do_map, frames);
	measure_with("Page_Unmap", 1, do_map, do_unmap, frames);
	must(do_copy(frames), "copy");
	measure_with("CNode_Copy, of a frame", 1, do_delete, do_copy, frames);
	measure_with("CNode_Delete, of a copy", 1, NULL, do_delete, frames);
	measure_with("Signal, nobody waits", 1, NULL, do_signal, notification);
	measure_with("Call and ReplyRecv, passive server", 1, NULL, do_call, endpoint);
	measure_with("Revoke, 256 mapped frames: per frame", BATCH, map_batch, do_revoke, account);
}

void bench_main(const seL4_BootInfo *boot)
{
	info = boot;
	__sel4_ipc_buffer = boot->ipcBuffer;
	next_slot = boot->empty.start;
	serial = next_slot++;
	exit_port = next_slot++;
	seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0x3f8, 0x3ff, seL4_CapInitThreadCNode, serial, ROOT_BITS);
	seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0xf4, 0xf4, seL4_CapInitThreadCNode, exit_port, ROOT_BITS);
	seL4_CPtr memory = large_untyped(23);
	account = make(memory, seL4_UntypedObject, 21);
	make_tables(memory);
	notification = make(memory, seL4_NotificationObject, 0);
	start_server(memory);
	copy_slot = next_slot++;
	frames = next_slot;
	overhead = UINT64_MAX;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		uint64_t start = ticks(), spent = ticks() - start;
		overhead = spent < overhead ? spent : overhead;
	}
	print_figures();
	finish(0x2a);
}
