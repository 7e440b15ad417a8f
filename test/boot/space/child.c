/* SPDX-License-Identifier: BSD-2-Clause */
/* The program that the root task of this test loads, again and again: it looks at the state it was started in, spoils
 * everything it can write, and does what argv[1] says: c call the root for ever, s serve a caller, p call the peer, l loop,
 * f fault. */
#include "user/sel4/sel4.h"
#include "test/boot/space/protocol.h"

seL4_IPCBuffer *__sel4_ipc_buffer = (seL4_IPCBuffer *)(seL4_UserTop - 4096);

#define WORDS 3000u
static seL4_Word zeros[WORDS];
static seL4_Word data[WORDS] = { [0] = 1, [511] = 2, [512] = 3, [WORDS - 1] = 4 };

void child_main(const seL4_Word *frame, const seL4_Word *registers);

static seL4_Word check_memory(void)
{
	seL4_Word sum = 0, errors = 0;

	for (unsigned i = 0; i < WORDS; i++) {
		errors |= zeros[i] ? CHILD_BSS : 0;
		sum += data[i] * (i + 1);
		zeros[i] = data[i] = ~0ul;
	}
	return errors | (sum == 1 + 2 * 512 + 3 * 513 + 4 * WORDS ? 0 : CHILD_DATA);
}

static seL4_Word check_machine(const seL4_Word *registers)
{
	seL4_Word errors = 0, xmm[2];
	unsigned mxcsr;

	for (unsigned i = 0; i < 15; i++)
		if (i != 4 && i != 12) /* rcx and r11: the kernel leaves address and flags there */
			errors |= registers[i] ? CHILD_REGISTERS : 0;
	__asm__ volatile("movdqu %%xmm7, %0" : "=m"(xmm));
	__asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
	if (xmm[0] || xmm[1] || mxcsr != 0x1f80)
		errors |= CHILD_FPU;
	xmm[0] = xmm[1] = ~0ul;
	mxcsr = 0x1fbf;
	__asm__ volatile("movdqu %0, %%xmm7" ::"m"(xmm));
	__asm__ volatile("ldmxcsr %0" ::"m"(mxcsr));
	return errors;
}

static seL4_Word report(enum report label, seL4_Word a, seL4_Word b, seL4_Word c, seL4_Word d)
{
	seL4_SetMR(0, a);
	seL4_SetMR(1, b);
	seL4_SetMR(2, c);
	seL4_SetMR(3, d);
	return seL4_MessageInfo_get_label(seL4_Call(CHILD_ROOT, seL4_MessageInfo_new(label, 0, 0, 4)));
}

static void serve(void)
{
	seL4_Word badge;

	for (;;) {
		seL4_Recv(CHILD_PEER, &badge, CHILD_REPLY);
		report(REPORT_SERVING, badge, 0, 0, 0);
	}
}

void child_main(const seL4_Word *frame, const seL4_Word *registers)
{
	seL4_Word errors = check_memory() | check_machine(registers), argc = frame[0];
	const char *role = argc == 2 ? (const char *)frame[2] : "?";
	volatile seL4_Word *counter = (seL4_Word *)REGION_VADDR;

	if ((seL4_Word)frame % 16 != 0)
		errors |= CHILD_STACK;
	if (frame[3] != 0)
		errors |= CHILD_ARGUMENTS;
	++*counter;
	report(REPORT_STARTED, errors, argc, (seL4_Word)role[0], *counter);
	if (role[0] == 's')
		serve();
	if (role[0] == 'f')
		*(volatile int *)0x1234 = 1;
	for (;;) {
		if (role[0] == 'p')
			report(REPORT_ANSWERED, seL4_MessageInfo_get_label(seL4_Call(CHILD_PEER, seL4_MessageInfo_new(7, 0, 0, 0))), 0, 0, 0);
		else if (role[0] != 'l')
			report(REPORT_STARTED, 0, argc, (seL4_Word)role[0], *counter);
	}
}
