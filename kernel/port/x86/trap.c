/* SPDX-License-Identifier: BSD-2-Clause */
/* What each trap means to the core.
 *
 * Invariants:
 *   T1 while ring 3 runs, trap_context points behind the register file of k->current;
 *   T2 a trap in the kernel is a panic that says where, never a return. */
#include "kernel/port/x86/trap.h"
#include "kernel/main.h"
#include "kernel/port/x86/apic.h"
#include "kernel/port/x86/console.h"
#include "kernel/port/x86/cpu.h"
#include "kernel/port/x86/fpu.h"
#include "layout.h"
#include "kernel/port/x86/space.h"

#define PAGE_FAULT_PRESENT 1u
#define PAGE_FAULT_FETCH   16u
#define INT_BYTES          2u /* length of INT n */

/* In entry.S. */
_Noreturn void entry_resume(word context);
_Noreturn void entry_idle(void);

/* Called from entry.S only. */
_Noreturn void trap_syscall(sword number);
_Noreturn void trap_user(word vector, word error);
_Noreturn void trap_idle(word vector);
_Noreturn void trap_kernel(const word *frame, word frame_pointer, word stack);

struct kernel the_kernel;
uint8_t trap_is_idle;

_Noreturn void port_run(struct tcb *tcb)
{
	if (tcb == &the_kernel.idle) {
		entry_idle();
	}
	word context = (word)&tcb->registers[REGISTER_COUNT];
	trap_is_idle = 0;
	trap_context = context;
	fpu_make_current(tcb);
	entry_resume(context);
}

_Noreturn void trap_syscall(sword number)
{
	port_run(kernel_syscall(&the_kernel, number));
}

/* seL4 leaves the no-execute feature off, and without it and SMEP the CPU does not tell fetches from reads; and where
 * it keeps its own pages out of user tables, no access to them finds anything present. Programs see the same here. */
static struct tcb *page_fault(word error)
{
	word address = cpu_read_cr2();
	if (!space_has_smep()) {
		error &= ~(word)PAGE_FAULT_FETCH;
	}
	if (KERNEL_IS_HIDDEN && address >= seL4_UserTop) {
		error &= ~(word)PAGE_FAULT_PRESENT;
	}
	return kernel_vm_fault(&the_kernel, address, error, (error & PAGE_FAULT_FETCH) != 0);
}

static struct tcb *device_interrupt(word vector)
{
	if (vector == VECTOR_TIMER) {
		return apic_timer_fired(&the_kernel);
	}
	return kernel_interrupt(&the_kernel, vector - VECTOR_IRQ_MIN);
}

/* INT n of an unused vector: an unknown system call with n in its top byte. */
static struct tcb *software_interrupt(word vector)
{
	struct tcb *tcb = the_kernel.current;
	tcb->registers[REG_FAULT_IP] -= INT_BYTES;
	return kernel_syscall(&the_kernel, (int32_t)((uint32_t)vector << 24
	                                             | (tcb->registers[REG_ACCUMULATOR] & 0xffffff)));
}

_Noreturn void trap_user(word vector, word error)
{
	struct tcb *next = the_kernel.current;
	if (vector == VECTOR_PAGE_FAULT) {
		next = page_fault(error);
	} else if (vector < VECTOR_IRQ_MIN) {
		next = kernel_exception(&the_kernel, vector, error);
	} else if (vector < VECTOR_TRAP_MIN) {
		next = device_interrupt(vector);
	} else if (vector != VECTOR_SPURIOUS) {
		next = software_interrupt(vector);
	}
	port_run(next);
}

_Noreturn void trap_idle(word vector)
{
	trap_is_idle = 0;
	if (vector < VECTOR_IRQ_MIN) {
		kernel_panic("exception %lu while idle", vector);
	}
	port_run(vector < VECTOR_TRAP_MIN ? device_interrupt(vector) : &the_kernel.idle);
}

/* frame: vector, error, instruction pointer, code segment, flags. stack: where it stood before the trap. */
_Noreturn void trap_kernel(const word *frame, word frame_pointer, word stack)
{
	kernel_panic_at(frame[2], frame_pointer,
	                "trap %lu in the kernel, error 0x%lx, at 0x%lx (flags 0x%lx, stack 0x%lx, frame 0x%lx, address 0x%lx)",
	                frame[0], frame[1], frame[2], frame[4], stack, frame_pointer, cpu_read_cr2());
}
