/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's door on x86_64: the only code that knows which register carries what. Found as "sel4_machine.h"
 * through the include path, so that another machine, or a test that links the kernel core, puts its own file in this
 * one's place.
 *
 * rdx system-call number   rdi capability in, badge out   rsi message info   r10 r8 r9 r15 first four words
 * r12 reply object         r13 the second capability of a combined call
 *
 * The kernel takes the user's stack pointer from rbx (SYSCALL saves none) and leaves return address and flags in rcx
 * and r11. */
#pragma once
#include <sel4/types.h>
#include <sel4/syscall.h>

/* The first four words of a message, by value. A machine with fewer message registers keeps the rest in the IPC
 * buffer. */
struct sel4_words {
	seL4_Word mr0, mr1, mr2, mr3;
};

#define SEL4_ENTER "movq %%rsp, %%rbx\n\tsyscall\n\tmovq %%rbx, %%rsp"

/* Sends and does not wait for an answer: seL4_SysSend, seL4_SysNBSend. */
static inline void sel4_machine_send(seL4_Word number, seL4_CPtr to, seL4_Word info, const struct sel4_words *words)
{
	register seL4_Word r10 __asm__("r10") = words->mr0;
	register seL4_Word r8 __asm__("r8") = words->mr1;
	register seL4_Word r9 __asm__("r9") = words->mr2;
	register seL4_Word r15 __asm__("r15") = words->mr3;

	__asm__ volatile(SEL4_ENTER
	                 : "+D"(to), "+S"(info), "+r"(r10), "+r"(r8), "+r"(r9), "+r"(r15)
	                 : "d"(number)
	                 : "rbx", "rcx", "r11", "memory");
}

/* Waits: seL4_SysRecv, seL4_SysNBRecv (reply: a reply object), seL4_SysWait, seL4_SysNBWait (reply: 0). Returns the
 * info. */
static inline seL4_Word sel4_machine_receive(seL4_Word number, seL4_CPtr from, seL4_Word *badge,
                                             struct sel4_words *words, seL4_CPtr reply)
{
	register seL4_Word r10 __asm__("r10");
	register seL4_Word r8 __asm__("r8");
	register seL4_Word r9 __asm__("r9");
	register seL4_Word r15 __asm__("r15");
	register seL4_Word r12 __asm__("r12") = reply;
	seL4_Word info;

	__asm__ volatile(SEL4_ENTER
	                 : "+D"(from), "=S"(info), "=r"(r10), "=r"(r8), "=r"(r9), "=r"(r15)
	                 : "d"(number), "r"(r12)
	                 : "rbx", "rcx", "r11", "memory");
	*badge = from;
	*words = (struct sel4_words){ r10, r8, r9, r15 };
	return info;
}

/* Sends, then waits for what comes back: seL4_SysCall (reply: 0), seL4_SysReplyRecv. Returns the info. */
static inline seL4_Word sel4_machine_exchange(seL4_Word number, seL4_CPtr to, seL4_Word info, seL4_Word *badge,
                                              struct sel4_words *words, seL4_CPtr reply)
{
	register seL4_Word r10 __asm__("r10") = words->mr0;
	register seL4_Word r8 __asm__("r8") = words->mr1;
	register seL4_Word r9 __asm__("r9") = words->mr2;
	register seL4_Word r15 __asm__("r15") = words->mr3;
	register seL4_Word r12 __asm__("r12") = reply;

	__asm__ volatile(SEL4_ENTER
	                 : "+D"(to), "+S"(info), "+r"(r10), "+r"(r8), "+r"(r9), "+r"(r15)
	                 : "d"(number), "r"(r12)
	                 : "rbx", "rcx", "r11", "memory");
	*badge = to;
	*words = (struct sel4_words){ r10, r8, r9, r15 };
	return info;
}

/* Sends to one capability and waits on another: seL4_SysNBSendRecv; seL4_SysNBSendWait (to: 0, reply: where to send).
 */
static inline seL4_Word sel4_machine_send_receive(seL4_Word number, seL4_CPtr to, seL4_Word info, seL4_CPtr from,
                                                  seL4_Word *badge, struct sel4_words *words, seL4_CPtr reply)
{
	register seL4_Word r10 __asm__("r10") = words->mr0;
	register seL4_Word r8 __asm__("r8") = words->mr1;
	register seL4_Word r9 __asm__("r9") = words->mr2;
	register seL4_Word r15 __asm__("r15") = words->mr3;
	register seL4_Word r12 __asm__("r12") = reply;
	register seL4_Word r13 __asm__("r13") = to;

	__asm__ volatile(SEL4_ENTER
	                 : "+D"(from), "+S"(info), "+r"(r10), "+r"(r8), "+r"(r9), "+r"(r15)
	                 : "d"(number), "r"(r12), "r"(r13)
	                 : "rbx", "rcx", "r11", "memory");
	*badge = from;
	*words = (struct sel4_words){ r10, r8, r9, r15 };
	return info;
}

/* Gives up the rest of the time slice: seL4_SysYield. */
static inline void sel4_machine_yield(void)
{
	seL4_Word number = (seL4_Word)seL4_SysYield, to = 0, info = 0;

	__asm__ volatile(SEL4_ENTER : "+D"(to), "+S"(info) : "d"(number) : "rbx", "rcx", "r11", "memory");
}

/* What fs:0 is for this thread from now on; seL4's kernels let programs write it themselves. */
static inline void sel4_machine_set_thread_pointer(seL4_Word address)
{
	__asm__ volatile("wrfsbase %0" : : "r"(address));
}
#undef SEL4_ENTER
