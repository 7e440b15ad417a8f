/* SPDX-License-Identifier: BSD-2-Clause */
/* The old program: counts in a general register, in the x87 unit, in an SSE register and in memory of its own, all at once, and compares
 * them at every turn. It never enters the kernel, so it is taken away and brought back in the middle of that. */
#include "systems/probation/probation.h"

DESK;

static volatile uint32_t in_memory;

/* So many turns at a time, in one piece of assembly that keeps all counts where they are. What was found different: bits of
 * steady_broken. */
static uint32_t count_on(uint32_t turns)
{
	uint32_t broken = 0, count = in_memory;
	uint32_t scratch, as_float;

	__asm__ volatile("movd %[count], %%xmm5\n\t"
	                 "fildl %[memory]\n"
	                 "1:\n\t"
	                 "addl $1, %[count]\n\t"
	                 "addl $1, %[memory]\n\t"
	                 "movl $1, %[scratch]\n\t"
	                 "movd %[scratch], %%xmm6\n\t"
	                 "paddd %%xmm6, %%xmm5\n\t"
	                 "fld1\n\t"
	                 "faddp\n\t"
	                 "movd %%xmm5, %[scratch]\n\t"
	                 "cmpl %[scratch], %[count]\n\t"
	                 "je 2f\n\t"
	                 "orl $4, %[broken]\n"
	                 "2:\n\t"
	                 "fistl %[as_float]\n\t"
	                 "movl %[as_float], %[scratch]\n\t"
	                 "cmpl %[scratch], %[count]\n\t"
	                 "je 3f\n\t"
	                 "orl $2, %[broken]\n"
	                 "3:\n\t"
	                 "cmpl %[memory], %[count]\n\t"
	                 "je 4f\n\t"
	                 "orl $8, %[broken]\n"
	                 "4:\n\t"
	                 "subl $1, %[turns]\n\t"
	                 "jnz 1b\n\t"
	                 "fstp %%st(0)"
	                 : [count] "+r"(count), [memory] "+m"(in_memory), [turns] "+r"(turns), [broken] "+r"(broken), [scratch] "=&r"(scratch),
	                   [as_float] "=m"(as_float)
	                 :
	                 : "cc", "xmm5", "xmm6", "st");
	return broken;
}

void init(void)
{
	uint32_t count = 0;

	desk->steady_starts++;
	for (;;) {
		desk->steady_broken |= count_on(1000);
		count += 1000;
		desk->steady_broken |= count == in_memory ? 0 : 1;
		if (count > 1000000000)
			in_memory = count = 0;
		desk->steady_turns++;
	}
}

void notified(microkit_channel ch)
{
	(void)ch;
}
