/* SPDX-License-Identifier: BSD-2-Clause */
/* The IPC buffer and the system calls. The first four words of a message travel by value (sel4_machine.h); the calls
 * without "WithMRs" take them from the IPC buffer and put them back there, so that a message is simply its buffer. */
#pragma once
#include <sel4/types.h>
#include <sel4/syscall.h>
#include "user/sel4/scalars.h"
#include "sel4_machine.h"

/* Where the running thread's IPC buffer is mapped: a plain variable, set by whoever starts the thread's C code. */
extern seL4_IPCBuffer *__sel4_ipc_buffer;

static inline void seL4_SetIPCBuffer(seL4_IPCBuffer *buffer)
{
	__sel4_ipc_buffer = buffer;
}

static inline seL4_IPCBuffer *seL4_GetIPCBuffer(void)
{
	return __sel4_ipc_buffer;
}

static inline seL4_Word seL4_GetMR(seL4_Word i)
{
	return __sel4_ipc_buffer->msg[i];
}

static inline void seL4_SetMR(seL4_Word i, seL4_Word value)
{
	__sel4_ipc_buffer->msg[i] = value;
}

static inline seL4_Word seL4_GetUserData(void)
{
	return __sel4_ipc_buffer->userData;
}

static inline void seL4_SetUserData(seL4_Word value)
{
	__sel4_ipc_buffer->userData = value;
}

static inline seL4_Word seL4_GetBadge(seL4_Word i)
{
	return __sel4_ipc_buffer->caps_or_badges[i];
}

static inline seL4_CPtr seL4_GetCap(seL4_Word i)
{
	return __sel4_ipc_buffer->caps_or_badges[i];
}

static inline void seL4_SetCap(seL4_Word i, seL4_CPtr cptr)
{
	__sel4_ipc_buffer->caps_or_badges[i] = cptr;
}

static inline void seL4_SetCapReceivePath(seL4_CPtr cnode, seL4_CPtr index, seL4_Word depth)
{
	__sel4_ipc_buffer->receiveCNode = cnode;
	__sel4_ipc_buffer->receiveIndex = index;
	__sel4_ipc_buffer->receiveDepth = depth;
}

static inline struct sel4_words sel4_words_load(void)
{
	const seL4_IPCBuffer *buffer = __sel4_ipc_buffer;

	return (struct sel4_words){ buffer->msg[0], buffer->msg[1], buffer->msg[2], buffer->msg[3] };
}

static inline void sel4_words_store(const struct sel4_words *words)
{
	seL4_IPCBuffer *buffer = __sel4_ipc_buffer;

	buffer->msg[0] = words->mr0;
	buffer->msg[1] = words->mr1;
	buffer->msg[2] = words->mr2;
	buffer->msg[3] = words->mr3;
}

/* For the WithMRs calls: words from optional pointers, and back. */
static inline struct sel4_words sel4_words_from(const seL4_Word *mr0, const seL4_Word *mr1, const seL4_Word *mr2,
                                                const seL4_Word *mr3)
{
	return (struct sel4_words){ mr0 ? *mr0 : 0, mr1 ? *mr1 : 0, mr2 ? *mr2 : 0, mr3 ? *mr3 : 0 };
}

static inline void sel4_words_to(const struct sel4_words *words, seL4_Word *mr0, seL4_Word *mr1, seL4_Word *mr2,
                                 seL4_Word *mr3)
{
	if (mr0)
		*mr0 = words->mr0;
	if (mr1)
		*mr1 = words->mr1;
	if (mr2)
		*mr2 = words->mr2;
	if (mr3)
		*mr3 = words->mr3;
}

static inline void seL4_Send(seL4_CPtr to, seL4_MessageInfo_t info)
{
	struct sel4_words words = sel4_words_load();

	sel4_machine_send((seL4_Word)seL4_SysSend, to, info.words[0], &words);
}

static inline void seL4_SendWithMRs(seL4_CPtr to, seL4_MessageInfo_t info, seL4_Word *mr0, seL4_Word *mr1,
                                    seL4_Word *mr2, seL4_Word *mr3)
{
	struct sel4_words words = sel4_words_from(mr0, mr1, mr2, mr3);

	sel4_machine_send((seL4_Word)seL4_SysSend, to, info.words[0], &words);
}

static inline void seL4_NBSend(seL4_CPtr to, seL4_MessageInfo_t info)
{
	struct sel4_words words = sel4_words_load();

	sel4_machine_send((seL4_Word)seL4_SysNBSend, to, info.words[0], &words);
}

static inline void seL4_Signal(seL4_CPtr to)
{
	struct sel4_words words = { 0, 0, 0, 0 };

	sel4_machine_send((seL4_Word)seL4_SysSend, to, 0, &words);
}

static inline seL4_MessageInfo_t sel4_receive(seL4_Word number, seL4_CPtr from, seL4_Word *sender, seL4_CPtr reply)
{
	struct sel4_words words;
	seL4_Word badge;
	seL4_MessageInfo_t info = { { sel4_machine_receive(number, from, &badge, &words, reply) } };

	sel4_words_store(&words);
	if (sender)
		*sender = badge;
	return info;
}

static inline seL4_MessageInfo_t seL4_Recv(seL4_CPtr from, seL4_Word *sender, seL4_CPtr reply)
{
	return sel4_receive((seL4_Word)seL4_SysRecv, from, sender, reply);
}

static inline seL4_MessageInfo_t seL4_NBRecv(seL4_CPtr from, seL4_Word *sender, seL4_CPtr reply)
{
	return sel4_receive((seL4_Word)seL4_SysNBRecv, from, sender, reply);
}

static inline seL4_MessageInfo_t seL4_Wait(seL4_CPtr from, seL4_Word *sender)
{
	return sel4_receive((seL4_Word)seL4_SysWait, from, sender, 0);
}

static inline seL4_MessageInfo_t seL4_NBWait(seL4_CPtr from, seL4_Word *sender)
{
	return sel4_receive((seL4_Word)seL4_SysNBWait, from, sender, 0);
}

static inline seL4_MessageInfo_t seL4_Poll(seL4_CPtr from, seL4_Word *sender)
{
	return seL4_NBWait(from, sender);
}

static inline seL4_MessageInfo_t seL4_RecvWithMRs(seL4_CPtr from, seL4_Word *sender, seL4_Word *mr0, seL4_Word *mr1,
                                                  seL4_Word *mr2, seL4_Word *mr3, seL4_CPtr reply)
{
	struct sel4_words words;
	seL4_Word badge;
	seL4_MessageInfo_t info = { { sel4_machine_receive((seL4_Word)seL4_SysRecv, from, &badge, &words, reply) } };

	sel4_words_to(&words, mr0, mr1, mr2, mr3);
	if (sender)
		*sender = badge;
	return info;
}

static inline seL4_MessageInfo_t seL4_Call(seL4_CPtr to, seL4_MessageInfo_t info)
{
	struct sel4_words words = sel4_words_load();
	seL4_Word badge;

	info.words[0] = sel4_machine_exchange((seL4_Word)seL4_SysCall, to, info.words[0], &badge, &words, 0);
	sel4_words_store(&words);
	return info;
}

static inline seL4_MessageInfo_t seL4_CallWithMRs(seL4_CPtr to, seL4_MessageInfo_t info, seL4_Word *mr0,
                                                  seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3)
{
	struct sel4_words words = sel4_words_from(mr0, mr1, mr2, mr3);
	seL4_Word badge;

	info.words[0] = sel4_machine_exchange((seL4_Word)seL4_SysCall, to, info.words[0], &badge, &words, 0);
	sel4_words_to(&words, mr0, mr1, mr2, mr3);
	return info;
}

static inline seL4_MessageInfo_t seL4_ReplyRecv(seL4_CPtr from, seL4_MessageInfo_t info, seL4_Word *sender,
                                                seL4_CPtr reply)
{
	struct sel4_words words = sel4_words_load();
	seL4_Word badge;

	info.words[0] = sel4_machine_exchange((seL4_Word)seL4_SysReplyRecv, from, info.words[0], &badge, &words, reply);
	sel4_words_store(&words);
	if (sender)
		*sender = badge;
	return info;
}

static inline seL4_MessageInfo_t seL4_ReplyRecvWithMRs(seL4_CPtr from, seL4_MessageInfo_t info, seL4_Word *sender,
                                                       seL4_Word *mr0, seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3,
                                                       seL4_CPtr reply)
{
	struct sel4_words words = sel4_words_from(mr0, mr1, mr2, mr3);
	seL4_Word badge;

	info.words[0] = sel4_machine_exchange((seL4_Word)seL4_SysReplyRecv, from, info.words[0], &badge, &words, reply);
	sel4_words_to(&words, mr0, mr1, mr2, mr3);
	if (sender)
		*sender = badge;
	return info;
}

static inline seL4_MessageInfo_t seL4_NBSendRecv(seL4_CPtr to, seL4_MessageInfo_t info, seL4_CPtr from,
                                                 seL4_Word *sender, seL4_CPtr reply)
{
	struct sel4_words words = sel4_words_load();
	seL4_Word badge;

	info.words[0] =
		sel4_machine_send_receive((seL4_Word)seL4_SysNBSendRecv, to, info.words[0], from, &badge, &words, reply);
	sel4_words_store(&words);
	if (sender)
		*sender = badge;
	return info;
}

/* The kernel takes the capability to send to from the reply register in this call. */
static inline seL4_MessageInfo_t seL4_NBSendWait(seL4_CPtr to, seL4_MessageInfo_t info, seL4_CPtr from,
                                                 seL4_Word *sender)
{
	struct sel4_words words = sel4_words_load();
	seL4_Word badge;

	info.words[0] =
		sel4_machine_send_receive((seL4_Word)seL4_SysNBSendWait, 0, info.words[0], from, &badge, &words, to);
	sel4_words_store(&words);
	if (sender)
		*sender = badge;
	return info;
}

static inline void seL4_Yield(void)
{
	sel4_machine_yield();
}
