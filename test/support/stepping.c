/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE /* the names of registers in a signal's context */
#include "test/support/stepping.h"
#include <signal.h>
#include <string.h>
#include <ucontext.h>

#define FLAG_TRAP 0x100

sigjmp_buf stepping_out;
static volatile uint64_t seen, stop_at;
static void (*tell)(uint64_t instruction);

#ifdef __x86_64__
static void at_instruction(int signal_number, siginfo_t *info, void *context)
{
	(void)signal_number, (void)info;
	seen++;
	if (tell)
		tell(seen);
	if (seen == stop_at)
		siglongjmp(stepping_out, 1);
	if (seen == STEPPING_MAX)
		((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)FLAG_TRAP;
}

void stepping_begin(uint64_t at, void (*behind)(uint64_t instruction))
{
	struct sigaction action;

	memset(&action, 0, sizeof action);
	action.sa_sigaction = at_instruction;
	action.sa_flags = SA_SIGINFO;
	(void)sigaction(SIGTRAP, &action, NULL);
	seen = 0;
	stop_at = at;
	tell = behind;
}

/* The stack below its pointer is the compiler's: 128 bytes of it are left alone. */
void stepping_on(void)
{
	if (seen == 0)
		__asm__ volatile("leaq -128(%%rsp), %%rsp\n\tpushfq\n\torq $0x100, (%%rsp)\n\tpopfq\n\tleaq 128(%%rsp), %%rsp"
		                 : : : "memory", "cc");
}

void stepping_off(void)
{
	__asm__ volatile("leaq -128(%%rsp), %%rsp\n\tpushfq\n\tandq $~0x100, (%%rsp)\n\tpopfq\n\tleaq 128(%%rsp), %%rsp"
	                 : : : "memory", "cc");
}
#else
void stepping_begin(uint64_t at, void (*behind)(uint64_t instruction))
{
	(void)at, (void)behind;
	seen = 0;
}

void stepping_on(void)
{
}

void stepping_off(void)
{
}
#endif

uint64_t stepping_seen(void)
{
	return seen;
}
