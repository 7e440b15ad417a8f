/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of this system share: channel ids and addresses as in authority.system, and the slate, a page
 * through which a domain that tries forbidden things and the warden that gets its faults tell each other what
 * happened. */
#pragma once
#include <graft.h>
#include "lib/base/base.h"

/* Children of the warden, and its channels to them. */
enum child { CHILD_PROBE = 1, CHILD_WITNESS = 2, CHILD_HOLDER = 3, CHILDREN_END };

/* Channel ids of probe and holder. */
enum probe_channel { PROBE_WARDEN = 1, PROBE_WITNESS = 2, PROBE_WARD = 3, PROBE_CONSOLE = 25 };

/* Addresses, the same in every domain that maps the region. */
#define SLATE_VADDR    0x10000000ul /* its own slate, read-write */
#define NOTICE_VADDR   0x10001000ul /* a region that probe may read and witness may write */
#define LARGE_VADDR    0x10400000ul /* a region of large pages that probe may read */
#define SLATES_VADDR   0x20000000ul /* the warden: all slates, one page each, by child id */
#define NOTICE_WORD    0x600d5eedul

/* Written by the domain before an attempt, by the warden when it faulted. */
struct slate {
	seL4_Word resume;  /* where to go on after a fault */
	seL4_Word label;   /* of the fault, 0 if there was none */
	seL4_Word address; /* of the fault: second word of its message */
	seL4_Word held, failed; /* steps, counted by step() */
	seL4_Word done;    /* the domain has finished */
};

static volatile struct slate *const slate = (volatile struct slate *)SLATE_VADDR;

/* Counts a step and prints it. */
static inline void step(bool held, const char *what)
{
	graft_printf("%s: %s: %s\n", microkit_name, held ? "ok" : "NOT HELD", what);
	if (held)
		slate->held++;
	else
		slate->failed++;
}

/* ---- attempts: each returns the label of the fault it raised, 0 if it raised none ---- */

/* One system call with an empty message, that may fault: with the registers of user/sel4/<machine>/sel4_machine.h.
 * *info: in the message's info, out the answer's. */
#if defined(__x86_64__)
static inline seL4_Word attempt_call(seL4_Word number, seL4_CPtr cptr, seL4_Word *info, seL4_CPtr reply)
{
	register seL4_Word r10 __asm__("r10") = 0;
	register seL4_Word r8 __asm__("r8") = 0;
	register seL4_Word r9 __asm__("r9") = 0;
	register seL4_Word r15 __asm__("r15") = 0;
	register seL4_Word r12 __asm__("r12") = reply;
	slate->label = 0;
	__asm__ volatile("leaq 1f(%%rip), %%rax\n\tmovq %%rax, (%[slate])\n\tmovq %%rsp, %%rbx\n\tsyscall\n"
	                 "1:\tmovq %%rbx, %%rsp"
	                 : "+D"(cptr), "+S"(*info), "+r"(r10), "+r"(r8), "+r"(r9), "+r"(r15)
	                 : "d"(number), "r"(r12), [slate] "r"(&slate->resume)
	                 : "rax", "rbx", "rcx", "r11", "memory");
	return slate->label;
}
#else
static inline seL4_Word attempt_call(seL4_Word number, seL4_CPtr cptr, seL4_Word *info, seL4_CPtr reply)
{
	volatile seL4_Word *resume = &slate->resume;
	seL4_Word mr0 = 0;
	slate->label = 0;
	__asm__ volatile("movl $2f, (%%ecx)\n\tpushl %%ebp\n\tmovl %%edx, %%ebp\n\tmovl %%esp, %%ecx\n\tmovl $1f, %%edx\n"
	                 "1:\tsysenter\n2:\tpopl %%ebp"
	                 : "+a"(number), "+b"(cptr), "+S"(*info), "+D"(mr0), "+d"(reply), "+c"(resume)
	                 :
	                 : "memory");
	return slate->label;
}
#endif

/* Receives without waiting. */
static inline seL4_Word attempt_receive(seL4_CPtr cptr)
{
	seL4_Word info = 0;
	return attempt_call((seL4_Word)seL4_SysNBRecv, cptr, &info, 4);
}

/* Invokes with a label that no object knows; *error is the kernel's answer if it did not fault. */
#define LABEL_OF_NOTHING 0xfffffu
static inline seL4_Word attempt_invoke(seL4_CPtr cptr, seL4_Word *error)
{
	seL4_Word info = (seL4_Word)LABEL_OF_NOTHING << ABI_INFO_LABEL_SHIFT;
	seL4_Word fault = attempt_call((seL4_Word)seL4_SysCall, cptr, &info, 0);
	*error = info >> ABI_INFO_LABEL_SHIFT;
	return fault;
}

/* Does the kernel answer an invocation of cptr with this error? */
static inline bool answers(seL4_CPtr cptr, seL4_Error wanted)
{
	seL4_Word error;
	return attempt_invoke(cptr, &error) == 0 && error == (seL4_Word)wanted;
}

static inline seL4_Word attempt_write(seL4_Word address)
{
	seL4_Word here;
	slate->label = 0;
	__asm__ volatile("mov $1f, %[here]\n\tmov %[here], (%[slate])\n\tmovb $0, (%[address])\n1:"
	                 : [here] "=&r"(here)
	                 : [slate] "r"(&slate->resume), [address] "r"(address)
	                 : "memory");
	return slate->label;
}

/* Does writing at address fault, there? */
static inline bool write_is_refused(seL4_Word address)
{
	return attempt_write(address) == seL4_Fault_VMFault && slate->address == address;
}
