/* SPDX-License-Identifier: BSD-2-Clause */
/* What greeter 1 and greeter 2 have in common: both look at what they found when they started, tell the desk, serve
 * the peer's calls and go on counting where the last one left off. */
#pragma once
#include "systems/swap/tour.h"

DESK(worker_desk);

/* ---- what the program found when it started ---- */

/* A start of our own instead of the runtime's: keeps every register as it came, then goes on. */
#if defined(__x86_64__)
#define ENTRY_GENERAL 16u /* rax rbx rcx rdx rsi rdi rbp rsp r8 .. r15 */
#define LAST_XMM      "xmm15"
#else
#define ENTRY_GENERAL 8u  /* eax ebx ecx edx esi edi ebp esp */
#define LAST_XMM      "xmm6" /* 7 gets it anyway */
#endif
#define ENTRY_STACK   7u  /* the stack pointer's place among them */
struct entry_registers {
	seL4_Word general[ENTRY_GENERAL];
	seL4_Word flags;
};
struct fpu_image { /* as FXSAVE lays it */
	uint16_t control, status;
	uint8_t tags, reserved;
	uint16_t opcode;
	uint64_t instruction, data;
	uint32_t mxcsr, mxcsr_mask;
	uint8_t st[8][16];
	uint8_t xmm[16][16];
	uint8_t rest[96];
};
_Static_assert(sizeof(struct fpu_image) == 512, "FXSAVE writes 512 bytes");

struct entry_registers entry_registers;
struct fpu_image entry_fpu __attribute__((aligned(16)));
#if defined(__x86_64__)
__asm__(".pushsection .text.start, \"ax\"\n"
        ".globl _start\n"
        "_start:\n"
        "	movq %rax, entry_registers+0(%rip)\n"
        "	movq %rbx, entry_registers+8(%rip)\n"
        "	movq %rcx, entry_registers+16(%rip)\n"
        "	movq %rdx, entry_registers+24(%rip)\n"
        "	movq %rsi, entry_registers+32(%rip)\n"
        "	movq %rdi, entry_registers+40(%rip)\n"
        "	movq %rbp, entry_registers+48(%rip)\n"
        "	movq %rsp, entry_registers+56(%rip)\n"
        "	movq %r8, entry_registers+64(%rip)\n"
        "	movq %r9, entry_registers+72(%rip)\n"
        "	movq %r10, entry_registers+80(%rip)\n"
        "	movq %r11, entry_registers+88(%rip)\n"
        "	movq %r12, entry_registers+96(%rip)\n"
        "	movq %r13, entry_registers+104(%rip)\n"
        "	movq %r14, entry_registers+112(%rip)\n"
        "	movq %r15, entry_registers+120(%rip)\n"
        "	fxsave64 entry_fpu(%rip)\n"
        "	pushfq\n"
        "	popq %rax\n"
        "	movq %rax, entry_registers+128(%rip)\n"
        "	jmp graft_start\n"
        ".popsection\n");
#else
__asm__(".pushsection .text.start, \"ax\"\n"
        ".globl _start\n"
        "_start:\n"
        "	movl %eax, entry_registers+0\n"
        "	movl %ebx, entry_registers+4\n"
        "	movl %ecx, entry_registers+8\n"
        "	movl %edx, entry_registers+12\n"
        "	movl %esi, entry_registers+16\n"
        "	movl %edi, entry_registers+20\n"
        "	movl %ebp, entry_registers+24\n"
        "	movl %esp, entry_registers+28\n"
        "	fxsave entry_fpu\n"
        "	pushfl\n"
        "	popl %eax\n"
        "	movl %eax, entry_registers+32\n"
        "	jmp graft_start\n"
        ".popsection\n");
#endif

/* Memory that must be zero at the start, and is dirtied so that whoever gets its frames next would find the dirt. */
#define LARGE_WORDS 4096u
#define DIRT        ((seL4_Word)0xa5a5a5a5a5a5a5a5ull)
static seL4_Word large_bss[LARGE_WORDS];
/* Memory that must come from the file each time, not from the last run. */
#define DATA_WORD 0x67726101ul
static seL4_Word data_word = DATA_WORD;

static void found_unclean(enum unclean what, seL4_Word detail)
{
	desk->unclean |= what;
	desk->unclean_at = detail;
}

static void check_registers(void)
{
	for (unsigned int i = 0; i < ENTRY_GENERAL; i++)
		if (i != ENTRY_STACK && entry_registers.general[i] != 0)
			found_unclean(UNCLEAN_REGISTERS, i);
	if ((entry_registers.flags & 0xcd5) != 0) /* carry, parity, adjust, zero, sign, direction, overflow */
		found_unclean(UNCLEAN_REGISTERS, entry_registers.flags);
	if (entry_registers.general[ENTRY_STACK] % 16 != 0)
		found_unclean(UNCLEAN_STACK, entry_registers.general[ENTRY_STACK]);
}

static void check_fpu(void)
{
	if (entry_fpu.control != 0x37f || entry_fpu.status != 0 || entry_fpu.tags != 0)
		found_unclean(UNCLEAN_X87, entry_fpu.control);
	if (entry_fpu.mxcsr != 0x1f80)
		found_unclean(UNCLEAN_MXCSR, entry_fpu.mxcsr);
	for (unsigned int i = 0; i < sizeof entry_fpu.xmm; i++)
		if (((const uint8_t *)entry_fpu.xmm)[i] != 0 || ((const uint8_t *)entry_fpu.st)[i % sizeof entry_fpu.st] != 0)
			found_unclean(UNCLEAN_XMM, i);
}

/* The lowest bytes of the stack, far below what the start has used of it. */
#define STACK_BYTES       8192u
#define STACK_CHECK_WORDS 256u

static volatile seL4_Word *stack_bottom(void)
{
	return (volatile seL4_Word *)((entry_registers.general[ENTRY_STACK] | 4095) + 1 - STACK_BYTES);
}

static void check_memory(void)
{
	for (unsigned int i = 0; i < STACK_CHECK_WORDS; i++)
		if (stack_bottom()[i] != 0)
			found_unclean(UNCLEAN_STACK, (seL4_Word)&stack_bottom()[i]);
	for (unsigned int i = 0; i < LARGE_WORDS; i++)
		if (large_bss[i] != 0)
			found_unclean(UNCLEAN_BSS, (seL4_Word)&large_bss[i]);
	if (data_word != DATA_WORD)
		found_unclean(UNCLEAN_DATA, data_word);
}

/* Leaves dirt everywhere that the next program must not find. */
static void make_dirty(void)
{
	static const uint32_t mxcsr = 0x9fc0;  /* flush to zero, denormals are zero */
	static const uint16_t control = 0x27f; /* double precision */

	for (unsigned int i = 0; i < LARGE_WORDS; i++)
		large_bss[i] = DIRT;
	for (unsigned int i = 0; i < STACK_CHECK_WORDS; i++)
		stack_bottom()[i] = DIRT;
	data_word = 0x64697274ul;
	__asm__ volatile("ldmxcsr %0\n\tfldcw %1\n\tfldpi\n\tpcmpeqd %%xmm7, %%xmm7\n\tpcmpeqd %%" LAST_XMM ", %%" LAST_XMM
	                 :
	                 : "m"(mxcsr), "m"(control)
	                 : "xmm7", LAST_XMM);
}

/* ---- telling the desk ---- */

static void tell_arguments(void)
{
	int argc;
	char **argv;

	graft_arguments(&argc, &argv);
	desk->argc = (seL4_Word)argc;
	for (unsigned int i = 0; i < ARGUMENTS_MAX; i++) {
		unsigned int k = 0;

		for (; i < (unsigned int)argc && argv[i][k] && k + 1 < TEXT_BYTES; k++)
			desk->argv[i][k] = argv[i][k];
		for (; k < TEXT_BYTES; k++)
			desk->argv[i][k] = '\0';
	}
}

/* A greeter with arguments besides its name introduces itself; in the thousand swaps it has none and is silent. */
static void greeter_introduce(unsigned int number)
{
	int argc;
	char **argv;

	graft_arguments(&argc, &argv);
	if (argc < 2)
		return;
	graft_printf("worker: greeter %u starts, count is %lu; my arguments:", number, desk->count);
	for (int i = 0; i < argc; i++)
		graft_printf(" %s", argv[i]);
	graft_printf("\n");
}

static void greeter_start(unsigned int number)
{
	check_registers();
	check_fpu();
	check_memory();
	make_dirty();
	tell_arguments();
	desk->found = desk->count;
	desk->running = number;
	greeter_introduce(number);
	desk->starts++; /* last: the operator waits for it */
}

static microkit_msginfo greeter_answer(unsigned int number)
{
	desk->count++;
	microkit_mr_set(0, microkit_mr_get(0) + 1);
	microkit_mr_set(1, number);
	return microkit_msginfo_new(0, 2);
}
