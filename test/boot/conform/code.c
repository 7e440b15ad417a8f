/* SPDX-License-Identifier: BSD-2-Clause */
/* Random bytes run as programs, in a VSpace and a CSpace that hold next to nothing, with random registers. Whatever
 * they do, the machine goes on and their handler hears the same on every kernel. Programs that go on for ever are
 * stopped when their budget is used up.
 *
 * What tells time or where the kernel keeps its tables (RDTSC, SGDT, SIDT, STR) is not generated; nor is the 32-bit
 * IRET, with which QEMU lets a program into virtual-8086 mode and seL4's kernel dies of it; nor POPF on i386, where
 * that kernel dies of a SYSENTER with the trap flag and of an IRET with the nested-task flag. test/boot/hostile has
 * them all, with CONFORM_HOSTILE. */
#include "test/boot/conform/conform.h"

#ifndef CONFORM_PROGRAMS
#define CONFORM_PROGRAMS 1000
#endif
#ifndef CONFORM_SEED
#define CONFORM_SEED 0x9e3779b97f4a7c15ull
#endif
#ifndef CONFORM_VERBOSE
#define CONFORM_VERBOSE 0
#endif
#ifndef CONFORM_HOSTILE
#define CONFORM_HOSTILE 0
#endif
#define SUMMARY 50
#define CODE    0x40000000ul /* in the programs' VSpace: a page of code, one of data and stack */
#define DATA    0x40001000ul
#define WINDOW  0x50000000ul /* here: the same pages */

static uint64_t state;

static uint64_t random_bits(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 0x2545f4914f6cdd1dull;
}

static word map(word frame, word vspace, word address)
{
	return invoke(frame, X86PageMap, LIST(vspace), LIST(address, 3, 0));
}

static void map_tables(word vspace, word address, bool needs_pdpt)
{
#if ABI_WORD_BITS == 64
	static const word types[] = { seL4_X86_PDPTObject, seL4_X86_PageDirectoryObject, seL4_X86_PageTableObject };
	static const word labels[] = { X86PDPTMap, X86PageDirectoryMap, X86PageTableMap };
	for (unsigned i = needs_pdpt ? 0 : 1; i < 3; i++) {
		must(invoke(make(types[i], 0), labels[i], LIST(vspace), LIST(address, 0)), "map a table");
	}
#else
	(void)needs_pdpt;
	must(invoke(make(seL4_X86_PageTableObject, 0), X86PageTableMap, LIST(vspace), LIST(address, 0)), "map a table");
#endif
}

struct cage {
	word vspace, cspace, handler, endpoint, reply, sc;
	uint8_t *code;
	word    *data;
};

static void make_cage(struct cage *cage)
{
	word frames[2] = { make(seL4_X86_4K, 0), make(seL4_X86_4K, 0) };
	cage->vspace = make(seL4_X86_VSpaceObject, 0);
	cage->cspace = make(seL4_CapTableObject, 1);
	cage->endpoint = make(seL4_EndpointObject, 0);
	cage->reply = make(seL4_ReplyObject, 0);
	cage->sc = make(seL4_SchedContextObject, seL4_MinSchedContextBits);
	cage->handler = mint(cage->endpoint, 15, 1);
	must(invoke(seL4_CapInitThreadASIDPool, X86ASIDPoolAssign, LIST(cage->vspace), LIST()), "assign an ASID");
	map_tables(cage->vspace, CODE, true);
	map_tables(seL4_CapInitThreadVSpace, WINDOW, false);
	for (unsigned i = 0; i < 2; i++) {
		must(map(frames[i], cage->vspace, CODE + i * 0x1000), "map");
		must(map(copy(frames[i]), seL4_CapInitThreadVSpace, WINDOW + i * 0x1000), "map here");
	}
	cage->code = (uint8_t *)WINDOW;
	cage->data = (word *)(WINDOW + 0x1000);
}

static uint8_t allowed(uint8_t before, uint8_t byte)
{
	bool tells_too_much = before == 0x0f && (byte == 0x31 || byte == 0x01 || byte == 0x00);
	bool sets_flags = byte == 0xcf || (ABI_WORD_BITS == 32 && byte == 0x9d);
	return !CONFORM_HOSTILE && (tells_too_much || sets_flags) ? 0x90 : byte;
}

/* Half of them begin with something meant for the kernel's doors. */
static void write_program(uint8_t *code)
{
	static const uint8_t doors[][12] = { { 0x0f, 0x05 }, { 0xcd, 0xff }, { 0xcd, 0x9e }, { 0xcc }, { 0x0f, 0x34 },
		{ 0x0f, 0x0b },
		{ 0xcf }, { 0x9d }, { 0xc2, 8, 0 }, { 0x9c, 0x81, 0x0c, 0x24, 0, 0x45, 0, 0, 0x9d }, { 0x48, 0xcb }, { 0x48,
			0x0f, 0x07 } };
	for (unsigned i = 0; i < 64; i++) {
		code[i] = (uint8_t)(random_bits() >> 40);
	}
	if (random_bits() >> 63) {
		unsigned door = (unsigned)(random_bits() >> 32) % (sizeof doors / sizeof doors[0]);
		__builtin_memcpy(code, doors[door], random_bits() >> 62 ? 2 : 9);
	}
	for (unsigned i = 0; i < 64; i++) {
		code[i] = allowed(i > 0 ? code[i - 1] : 0, code[i]);
	}
	code[64] = 0x0f;
	code[65] = 0x0b;
}

static void write_registers(word *registers)
{
	static const word likely[] = { 0, 1, ~0ul, (word)-1, (word)-5, CODE, DATA, DATA + 0x800, DATA + 0xff8,
		NOT_CANONICAL, KERNEL_UNUSED };
	for (unsigned i = 2; i < 2 + CONTEXT_WORDS; i++) {
		uint64_t random = random_bits();
		registers[i] = random >> 62 ? likely[(random >> 8) % (sizeof likely / sizeof likely[0])] : (word)random_bits();
	}
	registers[0] = 0;
	registers[1] = CONTEXT_WORDS;
	registers[2] = CODE;
	registers[3] = random_bits() >> 62 ? DATA + 0x800 : registers[3];
}

static uint64_t sum_up(uint64_t sum, word value)
{
	return (sum ^ value) * 0x100000001b3ull;
}

/* The first fault of one program: its label, and what does not depend on when it was stopped. */
static uint64_t run_program(const struct cage *cage, uint64_t sum, word *counts)
{
	word tcb = make(seL4_TCBObject, 0), registers[2 + CONTEXT_WORDS];
	write_program(cage->code);
	for (unsigned i = 0; i < 4096 / sizeof(word); i++) {
		cage->data[i] = (word)random_bits();
	}
	write_registers(registers);
	must(invoke(info->schedcontrol.start, SchedControlConfigureFlags, LIST(cage->sc),
	            LIST(TIME(3000000), TIME(10000000), 0, 7, 0)), "budget");
	must(invoke(tcb, TCBSetSpace, LIST(cage->handler, cage->cspace, cage->vspace), LIST(0, 0)), "space");
	must(invoke(tcb, TCBSetTimeoutEndpoint, LIST(cage->handler), LIST()), "timeout");
	must(invoke(tcb, TCBSetSchedParams, LIST(seL4_CapInitThreadTCB, cage->sc, cage->handler), LIST(0, 100)),
	     "parameters");
	must(invoke(tcb, TCBWriteRegisters, LIST(), (struct list){ registers, 2 + CONTEXT_WORDS }), "registers");
	must(invoke(tcb, TCBResume, LIST(), LIST()), "resume");
	receive((word)seL4_SysRecv, cage->endpoint, cage->reply);
	if (answer.label == seL4_Fault_Timeout) {
		answer.length = 1;
	}
	hide_flags(answer.label == seL4_Fault_UnknownSyscall ? (word)seL4_UnknownSyscall_FLAGS
	           : answer.label == seL4_Fault_UserException ? (word)seL4_UserException_FLAGS : seL4_MsgMaxLength);
	if (CONFORM_VERBOSE) {
		show_answer("program");
	}
	counts[answer.label & 7]++;
	sum = sum_up(sum, answer.label);
	for (word i = 0; i < answer.length; i++) {
		sum = sum_up(sum, answer.words[i]);
	}
	delete(tcb);
	return sum;
}

void test_code(void)
{
	struct cage cage;
	uint64_t sum = 0xcbf29ce484222325ull;
	word counts[8] = { 0 };
	state = CONFORM_SEED;
	make_cage(&cage);
	for (word number = 1; number <= CONFORM_PROGRAMS; number++) {
		sum = run_program(&cage, sum, counts);
		if (number % SUMMARY == 0) {
			print("  ");
			print_number(number);
			print(" programs, sum ");
			print_hex(sum);
			print("\n");
		}
	}
	for (word i = 0; i < 8; i++) {
		show_number("faults of one kind", counts[i]);
	}
}
