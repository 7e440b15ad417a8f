/* SPDX-License-Identifier: BSD-2-Clause */
/* FPU registers change hands when another thread returns to ring 3, not when one touches them: no thread ever runs with
 * another's registers in the FPU, and there is no trap to lose.
 *
 * Invariant: in ring 3 either CR0.TS is set (thread flag fpuDisabled) or fpu_owner is the running thread. */
#include "kernel/port/x86/fpu.h"
#include "kernel/port/x86/console.h"
#include "kernel/port/x86/cpu.h"

#define FEATURES      3u /* x87, SSE */
#define CPUID_XSAVE   (1u << 26)
#define MXCSR_OFFSET  24u
#define MXCSR_DEFAULT 0x1f80u
#define CONTROL_WORD_DEFAULT 0x37fu

static struct tcb *fpu_owner;
static bool fpu_is_off;

static void set_off(bool is_off)
{
	if (fpu_is_off != is_off) {
		word cr0 = cpu_read_cr0();
		cpu_write_cr0(is_off ? cr0 | CR0_TASK_SWITCHED : cr0 & ~CR0_TASK_SWITCHED);
		fpu_is_off = is_off;
	}
}

void fpu_init(void)
{
	if (!(cpu_identify(1, 0).ecx & CPUID_XSAVE)) {
		kernel_panic("this CPU has no XSAVE");
	}
	cpu_write_cr4(cpu_read_cr4() | CR4_OSFXSR | CR4_OSXSAVE);
	cpu_write_cr0((cpu_read_cr0() & ~(CR0_EMULATION | CR0_TASK_SWITCHED)) | CR0_MONITOR_COPROCESSOR
	              | CR0_NUMERIC_ERROR);
	if ((cpu_identify(0xd, 0).eax & FEATURES) != FEATURES) {
		kernel_panic("this CPU can't save x87 and SSE registers");
	}
	__asm__ volatile("xsetbv" : : "c"(0), "a"(FEATURES), "d"(0));
	if (cpu_identify(0xd, 0).ebx > FPU_AREA_BYTES) {
		kernel_panic("FPU registers need %u bytes, a thread has %u for them", cpu_identify(0xd, 0).ebx, FPU_AREA_BYTES);
	}
}

/* XRSTOR takes a header of zeros for "everything as after reset", but reads MXCSR from the area all the same. */
void fpu_init_area(struct tcb *tcb)
{
	uint32_t mxcsr = MXCSR_DEFAULT;
	uint16_t control = CONTROL_WORD_DEFAULT;
	memcpy(tcb->fpu, &control, sizeof control);
	memcpy(tcb->fpu + MXCSR_OFFSET, &mxcsr, sizeof mxcsr);
}

static void save_owner(void)
{
	__asm__ volatile("xsave %0" : "+m"(fpu_owner->fpu) : "a"(FEATURES), "d"(0));
}

void fpu_make_current(struct tcb *tcb)
{
	if (tcb->flags & seL4_TCBFlag_fpuDisabled) {
		set_off(true);
		return;
	}
	set_off(false);
	if (fpu_owner == tcb) {
		return;
	}
	if (fpu_owner) {
		save_owner();
	}
	__asm__ volatile("xrstor %0" : : "m"(tcb->fpu), "a"(FEATURES), "d"(0));
	fpu_owner = tcb;
}

void fpu_release(struct tcb *tcb)
{
	if (fpu_owner == tcb) {
		set_off(false); /* saving would trap; whoever runs next sets it as it needs */
		save_owner();
		fpu_owner = NULL;
	}
}
