/* SPDX-License-Identifier: BSD-2-Clause */
/* Communication: endpoints, notifications, reply objects, messages and faults. */
#pragma once
#include "kernel/core/kernel.h"

/* ---- messages (message.c) ---- */
/* The message info of a sender; a length beyond the longest message counts as the longest. */
static inline seL4_MessageInfo_t message_info(const struct tcb *sender)
{
	seL4_MessageInfo_t info = { { sender->registers[REG_INFO] } };
	word length = seL4_MessageInfo_get_length(info);
	if (length > seL4_MsgMaxLength)
		info.words[0] -= length - seL4_MsgMaxLength;
	return info;
}

/* Copies the sender's message, or its fault if it has one, into the receiver. endpoint: the one it goes through, NULL
 * for a reply; capabilities to that one are unwrapped. */
void message_transfer(struct kernel *k, struct tcb *sender, const struct endpoint *endpoint, word badge, bool can_grant,
                      struct tcb *receiver);

/* Extra capabilities that the message of a thread names: into slots, NULL after the last. Returns whether all were
 * found; if not, address and why say which and why not. */
bool message_find_extra(struct tcb *tcb, const word *buffer, seL4_MessageInfo_t info,
                        struct cte *slots[seL4_MsgMaxExtraCaps], word *address, struct lookup_failure *why);

/* ---- faults (fault.c) ---- */
/* Tells the fault handler of a thread, or stops it if it has none. */
void fault_raise(struct kernel *k, struct tcb *tcb, const struct fault *fault);
void fault_capability(struct kernel *k, struct tcb *tcb, word address, bool in_receive_phase,
                      const struct lookup_failure *why);
void fault_timeout(struct kernel *k, struct tcb *tcb);

/* Writes the message for the fault of a thread into the receiver; returns its length. */
word fault_write_message(struct kernel *k, struct tcb *sender, struct tcb *receiver, word *buffer);

/* Takes the answer to a fault: writes registers back; returns whether the thread is to go on. */
bool fault_take_reply(struct tcb *faulter, struct tcb *sender);

/* Is the capability fit to be a fault or timeout handler: none, or an endpoint that calls can be sent to? */
bool fault_handler_is_valid(struct cap cap);

/* Words of a lookup failure, from message word i on; returns the length of the message then. */
word fault_write_lookup(struct tcb *receiver, word *buffer, word i, const struct lookup_failure *why);

/* ---- endpoints (endpoint.c) ---- */
struct send {
	bool can_block;
	bool is_call;
	bool can_grant;
	bool can_grant_reply;
	bool can_donate;
	word badge;
};
void endpoint_send(struct kernel *k, struct tcb *sender, struct endpoint *endpoint, const struct send *how);
/* reply may be NULL. */
void endpoint_receive(struct kernel *k, struct tcb *receiver, struct endpoint *endpoint, bool can_block,
                      struct reply *reply);
void endpoint_cancel_all(struct kernel *k, struct endpoint *endpoint);
void endpoint_cancel_badged(struct kernel *k, struct endpoint *endpoint, word badge);
void endpoint_remove(struct endpoint *endpoint, struct tcb *tcb);
void endpoint_reorder(struct endpoint *endpoint, struct tcb *tcb); /* its priority changed */

/* ---- notifications (notification.c) ---- */
void notification_signal(struct kernel *k, struct notification *notification, word badge);
void notification_wait(struct kernel *k, struct tcb *tcb, struct notification *notification, bool can_block);
/* Gives a thread the signal that waits. */
void notification_take(struct kernel *k, struct notification *notification, struct tcb *tcb);
/* A thread that runs on the notification's own context gives it back before it waits. */
void notification_return_sc(struct kernel *k, struct notification *notification, struct tcb *tcb);
void notification_cancel_all(struct kernel *k, struct notification *notification);
void notification_remove(struct notification *notification, struct tcb *tcb);
void notification_reorder(struct notification *notification, struct tcb *tcb);
void notification_bind(struct notification *notification, struct tcb *tcb);
void notification_unbind(struct notification *notification);

/* ---- reply objects (reply.c) ---- */
static inline void reply_link(struct reply *reply, struct tcb *tcb)
{
	reply->tcb = tcb;
	tcb->reply = reply;
}

/* Ends the tie between a reply object and the thread it holds or is offered by, which becomes inactive. */
void reply_unlink(struct kernel *k, struct reply *reply, struct tcb *tcb);
void reply_push(struct kernel *k, struct tcb *caller, struct tcb *callee, struct reply *reply, bool can_donate);
void reply_remove(struct kernel *k, struct reply *reply, struct tcb *tcb);
void reply_remove_tcb(struct kernel *k, struct tcb *tcb);
/* Answers the caller that a reply object holds; nothing if it holds none. */
void reply_send(struct kernel *k, struct tcb *sender, struct reply *reply, bool can_grant);
void reply_finalise(struct kernel *k, struct reply *reply);
