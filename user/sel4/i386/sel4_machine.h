/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's door on i386: the only code that knows which register carries what. Found as "sel4_machine.h" through the
 * include path, so that another machine puts its own file in this one's place.
 *
 * eax system-call number   ebx capability in, badge out   esi message info   edi first word   ebp reply object
 *
 * All other words travel in the IPC buffer, and so does the second capability of NBSendRecv. The kernel takes the user's
 * stack pointer from ecx and where to go on from edx (SYSENTER saves neither): two bytes behind the address in edx, so that a
 * call that is broken off begins anew. ebp can't be named as an operand where it is the frame pointer, hence it is put aside
 * on the stack. */
#pragma once
#include <sel4/types.h>
#include <sel4/syscall.h>

extern seL4_IPCBuffer *__sel4_ipc_buffer;

/* The first four words of a message, by value, as on machines with more registers. */
struct sel4_words {
	seL4_Word mr0, mr1, mr2, mr3;
};

/* With the reply object in edx, to be lost. */
#define SEL4_ENTER                    \
	"pushl %%ebp\n\t"             \
	"movl %%edx, %%ebp\n\t"       \
	"movl %%esp, %%ecx\n\t"       \
	"leal 1f, %%edx\n"            \
	"1:\tsysenter\n\t"            \
	"popl %%ebp"

/* No more words than the message has: a signal between the preparation of a message and its sending must not spoil it. */
static inline void sel4_machine_put(seL4_Word info, const struct sel4_words *words)
{
	seL4_Word length = info & ((1ul << ABI_INFO_LENGTH_BITS) - 1);

	if (length > 1)
		__sel4_ipc_buffer->msg[1] = words->mr1;
	if (length > 2)
		__sel4_ipc_buffer->msg[2] = words->mr2;
	if (length > 3)
		__sel4_ipc_buffer->msg[3] = words->mr3;
}

static inline struct sel4_words sel4_machine_get(seL4_Word mr0)
{
	const seL4_IPCBuffer *buffer = __sel4_ipc_buffer;

	return (struct sel4_words){ mr0, buffer->msg[1], buffer->msg[2], buffer->msg[3] };
}

/* Sends and does not wait for an answer: seL4_SysSend, seL4_SysNBSend. */
static inline void sel4_machine_send(seL4_Word number, seL4_CPtr to, seL4_Word info, const struct sel4_words *words)
{
	seL4_Word mr0 = words->mr0, reply = 0;

	sel4_machine_put(info, words);
	__asm__ volatile(SEL4_ENTER
	                 : "+b"(to), "+S"(info), "+D"(mr0), "+d"(reply), "+a"(number)
	                 :
	                 : "ecx", "memory");
}

/* Sends, then waits for what comes back: seL4_SysCall (reply: 0), seL4_SysReplyRecv. Returns the info. */
static inline seL4_Word sel4_machine_exchange(seL4_Word number, seL4_CPtr to, seL4_Word info, seL4_Word *badge,
                                              struct sel4_words *words, seL4_CPtr reply)
{
	seL4_Word mr0 = words->mr0;

	sel4_machine_put(info, words);
	__asm__ volatile(SEL4_ENTER
	                 : "+b"(to), "+S"(info), "+D"(mr0), "+d"(reply), "+a"(number)
	                 :
	                 : "ecx", "memory");
	*badge = to;
	*words = sel4_machine_get(mr0);
	return info;
}

/* Waits: seL4_SysRecv, seL4_SysNBRecv (reply: a reply object), seL4_SysWait, seL4_SysNBWait (reply: 0). Returns the
 * info. */
static inline seL4_Word sel4_machine_receive(seL4_Word number, seL4_CPtr from, seL4_Word *badge,
                                             struct sel4_words *words, seL4_CPtr reply)
{
	*words = (struct sel4_words){ 0, 0, 0, 0 };
	return sel4_machine_exchange(number, from, 0, badge, words, reply);
}

/* Sends to one capability and waits on another: seL4_SysNBSendRecv; seL4_SysNBSendWait (to: 0, reply: where to send). */
static inline seL4_Word sel4_machine_send_receive(seL4_Word number, seL4_CPtr to, seL4_Word info, seL4_CPtr from,
                                                  seL4_Word *badge, struct sel4_words *words, seL4_CPtr reply)
{
	__sel4_ipc_buffer->userData = to;
	return sel4_machine_exchange(number, from, info, badge, words, reply);
}

/* Gives up the rest of the time slice: seL4_SysYield. */
static inline void sel4_machine_yield(void)
{
	const struct sel4_words words = { 0, 0, 0, 0 };

	sel4_machine_send((seL4_Word)seL4_SysYield, 0, 0, &words);
}
/* What gs:0 is for this thread from now on. */
static inline void sel4_machine_set_thread_pointer(seL4_Word address)
{
	const struct sel4_words words = { 0, 0, 0, 0 };

	sel4_machine_send((seL4_Word)seL4_SysSetTLSBase, address, 0, &words);
}
#undef SEL4_ENTER
