/* SPDX-License-Identifier: BSD-2-Clause */
/* The hostile guest: whatever a program can do with the capabilities of a spawned domain, at random: every system call on every
 * CPtr with any label, any length and any capability; requests to the controller, sensible and not, in a flood; signals; faults of every
 * kind. What becomes of it is its own business: it may be swapped, stopped, removed or left faulted. */
#include "systems/soak/soak.h"

#define SLOTS 128u
#define ARGC_MR (1u + CONTROLLER_NAME_WORDS)
#define VERBS 15u /* a few more than there are */

static uint64_t random_state;

static seL4_Word below(seL4_Word n)
{
	return random_below(&random_state, n);
}

/* Mostly small, sometimes anything. */
static seL4_Word any_word(void)
{
	static const seL4_Word special[] = {
		0, ~0ul, ~0ul - (~0ul >> 1), ~0ul >> 1, ~0ul >> seL4_WordBits / 2, 0x1000, seL4_UserTop - 4096, 0x200000,
	};

	switch (below(4)) {
	case 0:
		return below(64);
	case 1:
		return special[below(sizeof special / sizeof special[0])];
	case 2:
		return CONTROLLER_SELF;
	default:
		return (seL4_Word)(random_next(&random_state) >> below(64));
	}
}

static seL4_CPtr any_cptr(void)
{
	return below(8) == 0 ? any_word() : below(SLOTS);
}

/* Fills the message registers and the extra capabilities. */
static seL4_MessageInfo_t any_message(seL4_Word labels)
{
	seL4_Word words = below(4) == 0 ? below(128) : below(8), caps = below(4);

	for (seL4_Word i = 0; i < words && i < seL4_MsgMaxLength; i++)
		seL4_SetMR(i, any_word());
	for (seL4_Word i = 0; i < caps; i++)
		seL4_SetCap(i, any_cptr());
	return (seL4_MessageInfo_t){ { below(labels) << 12 | below(8) << 9 | caps << 7 | words } };
}

/* Each blocks for ever if it comes to that: the operator's signals wake some. */
static void any_system_call(void)
{
	seL4_MessageInfo_t info = any_message(128);
	seL4_CPtr cptr = any_cptr();
	seL4_Word badge;

	switch (below(30)) {
	case 0:
		(void)seL4_Call(cptr, info);
		break;
	case 1:
		seL4_Send(cptr, info);
		break;
	case 2:
		(void)seL4_Recv(below(2) == 0 ? 1 : cptr, &badge, any_cptr());
		break;
	case 3:
		(void)seL4_ReplyRecv(1, info, &badge, 4);
		break;
	case 4:
		(void)seL4_NBSendRecv(cptr, info, 1, &badge, any_cptr());
		break;
	case 5:
		seL4_Yield();
		break;
	case 6:
		(void)seL4_NBRecv(1, &badge, 4);
		break;
	default:
		seL4_NBSend(cptr, info);
		break;
	}
}

/* ---- the controller ---- */

static void put_program(void)
{
	static const char names[][8] = { "guest1", "guest2", "hostile", "nobody", "", "guest", "graftxx" };

	memset(&seL4_GetIPCBuffer()->msg[1], 0, CONTROLLER_NAME_WORDS * sizeof(seL4_Word));
	memcpy(&seL4_GetIPCBuffer()->msg[1], names[below(sizeof names / sizeof names[0])], 8);
	seL4_SetMR(ARGC_MR, below(8) == 0 ? any_word() : 1);
	seL4_SetMR(ARGC_MR + 1, below(8) == 0 ? any_word() : 4);
	seL4_SetMR(ARGC_MR + 2, 0x333231);
}

static void any_request(void)
{
	seL4_Word verb = below(VERBS), words = 1;

	(void)any_message(1);
	seL4_SetMR(0, below(4) == 0 ? any_word() : CONTROLLER_SELF);
	/* What ends it comes seldom. */
	if ((verb == CONTROLLER_SWAP || verb == CONTROLLER_STOP || verb == CONTROLLER_UNLOAD || verb == CONTROLLER_REMOVE) && below(30) != 0)
		seL4_SetMR(0, below(DOMAINS + 10));
	if (verb == CONTROLLER_LOAD || verb == CONTROLLER_SWAP || verb == CONTROLLER_SPAWN) {
		put_program();
		words = ARGC_MR + 3 + (verb == CONTROLLER_SPAWN ? below(12) : 0);
	}
	if (verb == CONTROLLER_SWAP && below(2) == 0) {
		seL4_SetMR(ARGC_MR, 1 | CONTROLLER_ON_PROBATION);
		seL4_SetMR(ARGC_MR + 3, below(4));
		words++;
	}
	if (verb == CONTROLLER_DUPLICATE && below(30) == 0) {
		seL4_SetMR(0, CONTROLLER_SELF);
		for (unsigned int i = 1; i < 4; i++)
			seL4_SetMR(i, below(8) == 0 ? any_word() : CONTROLLER_SAME);
		seL4_SetMR(4, 0);
		words = 5;
	}
	if (below(4) == 0)
		words = below(121);
	(void)seL4_Call(BASE_ENDPOINT_CAP + GUEST_CONTROLLER, seL4_MessageInfo_new(verb, 0, below(4), words));
}

/* ---- faults ---- */

/* A system call of any number, with anything in its registers. */
static void any_entry(void)
{
#ifdef __x86_64__
	seL4_Word rdx = any_word(), rdi = any_word(), rsi = any_word();
	register seL4_Word r10 __asm__("r10") = any_word();
	register seL4_Word r12 __asm__("r12") = any_word();

	__asm__ volatile("movq %%rsp, %%rbx\n\tsyscall\n\tmovq %%rbx, %%rsp" : "+d"(rdx), "+D"(rdi), "+S"(rsi), "+r"(r10), "+r"(r12)
	                 : : "rax", "rbx", "rcx", "r8", "r9", "r11", "r13", "r14", "r15", "memory");
#else
	seL4_Word eax = any_word(), ebx = any_word(), esi = any_word(), edi = any_word(), reply = any_word();

	__asm__ volatile("pushl %%ebp\n\tmovl %%edx, %%ebp\n\tmovl %%esp, %%ecx\n\tmovl $1f, %%edx\n1:\tsysenter\n\tpopl %%ebp"
	                 : "+a"(eax), "+b"(ebx), "+S"(esi), "+D"(edi), "+d"(reply) : : "ecx", "memory");
#endif
}

static void any_fault(void)
{
	seL4_Word address = any_word();

	switch (below(6)) {
	case 0:
		*(volatile seL4_Word *)address = 1;
		break;
	case 1:
		(void)*(volatile seL4_Word *)address;
		break;
	case 2:
		((void (*)(void))address)();
		break;
	case 3:
		__asm__ volatile("ud2");
		break;
	case 4:
		__asm__ volatile("int $0x40");
		break;
	default:
		any_entry();
		break;
	}
}

void init(void)
{
	int argc;
	char **argv;

	graft_arguments(&argc, &argv);
	random_state = argc > 1 ? number_of(argv[1]) : 0;
	for (;;) {
		seL4_Word what = below(1000);

		if (what < 600)
			any_system_call();
		else if (what < 900)
			any_request();
		else if (what < 980)
			seL4_Signal(BASE_OUTPUT_NOTIFICATION_CAP + GUEST_OPERATOR);
		else if (what < 998)
			for (volatile seL4_Word i = below(100000); i > 0; i--)
				continue;
		else
			any_fault();
	}
}

void notified(microkit_channel ch)
{
	(void)ch;
}
