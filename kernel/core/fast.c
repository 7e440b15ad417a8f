/* SPDX-License-Identifier: BSD-2-Clause */
/* A call to a waiting server that has no scheduling context of its own, and its answer with the next receive: what the
 * general way does, in one piece, for messages in registers without capabilities. Everything is checked before anything is
 * written; whatever is out of the ordinary goes the general way. Nothing here is new behaviour: test_kernel_fast.c runs both
 * ways side by side and compares all memory.
 *
 * Threads whose budget is back are not looked for: the timer is set for them. */
#include "kernel/core/fast.h"
#include "kernel/core/ipc.h"
#include "kernel/core/slot.h"
#include "kernel/core/thread.h"

#define STATE_MASK 3ul

/* Length and extra capabilities of a message info. */
#define INFO_SIZES ((1ul << (ABI_INFO_LENGTH_BITS + ABI_INFO_CAPS_BITS)) - 1)

/* The capability at an address, if the root CNode alone leads there; a null capability otherwise. */
static inline struct cap find(const struct tcb *tcb, word address)
{
	struct cap root = tcb->slots[TCB_SLOT_CSPACE].cap;
	unsigned radix = cap_cnode_radix(root);
	unsigned guard_bits = cap_cnode_guard_bits(root);
	if (cap_kind(root) != CAP_CNODE || radix + guard_bits != seL4_WordBits || address >> radix != cap_cnode_guard(root))
		return cap_null();
	return ((struct cte *)cap_object(root))[address & ((1ul << radix) - 1)].cap;
}

/* Would it run now, if the current thread did not? The current one was the most important. */
static inline bool runs_next(const struct kernel *k, const struct tcb *tcb)
{
	return tcb->priority >= k->current->priority || k->ready_summary == 0;
}

static inline void copy_message(const struct tcb *from, struct tcb *to, word info, word badge)
{
	word length = info & INFO_SIZES;
	for (word i = 0; i < length; i++)
		to->registers[REG_MESSAGE + i] = from->registers[REG_MESSAGE + i];
	seL4_MessageInfo_t given = { { info } };
	to->registers[REG_INFO] = seL4_MessageInfo_new(seL4_MessageInfo_get_label(given), 0, 0, length).words[0];
	to->registers[REG_BADGE] = badge;
}

static inline void run(struct kernel *k, struct tcb *tcb, struct sched_context *sc)
{
	k->current->sc = NULL;
	tcb->sc = sc;
	sc->tcb = tcb;
	tcb->state = THREAD_RUNNING;
	k->current = tcb;
	port_switch_space(k, tcb);
}

/* The first waiting thread leaves the queue of a receiving endpoint. */
static inline void take_first(struct endpoint *endpoint, struct tcb *first)
{
	struct tcb *next = first->queue_next;
	first->queue_next = NULL;
	if (next == NULL) {
		endpoint->head = ENDPOINT_IDLE;
		endpoint->tail = 0;
	} else {
		next->queue_previous = NULL;
		endpoint->head = (word)next | ENDPOINT_RECEIVING;
	}
}

bool fast_call(struct kernel *k)
{
	struct tcb *caller = k->current;
	word info = caller->registers[REG_INFO];
	struct cap cap = find(caller, caller->registers[REG_CAP]);
	if ((info & INFO_SIZES) > MESSAGE_REGISTERS || cap_kind(cap) != CAP_ENDPOINT || !cap_has_right(cap, ABI_RIGHT_WRITE)
	    || !cap_has_right(cap, ABI_RIGHT_GRANT | ABI_RIGHT_GRANT_REPLY))
		return false;
	struct endpoint *endpoint = cap_object(cap);
	if ((endpoint->head & STATE_MASK) != ENDPOINT_RECEIVING)
		return false;
	struct tcb *server = (struct tcb *)(endpoint->head & ~STATE_MASK);
	struct reply *reply = server->reply;
	if (reply == NULL || server->sc != NULL || !runs_next(k, server))
		return false;

	take_first(endpoint, server);
	copy_message(caller, server, info, cap_badge(cap));
	struct sched_context *sc = caller->sc;
	reply_link(reply, caller);
	server->reply = NULL;
	reply->older = sc->reply;
	if (sc->reply != NULL)
		sc->reply->up = (word)reply;
	reply->up = (word)sc | REPLY_UP_IS_SC;
	sc->reply = reply;
	caller->state = THREAD_BLOCKED_ON_REPLY;
	run(k, server, sc);
	return true;
}

bool fast_reply_receive(struct kernel *k)
{
	struct tcb *server = k->current;
	word info = server->registers[REG_INFO];
	struct cap cap = find(server, server->registers[REG_CAP]);
	struct cap reply_cap = find(server, server->registers[REG_REPLY]);
	if ((info & INFO_SIZES) > MESSAGE_REGISTERS || cap_kind(cap) != CAP_ENDPOINT || !cap_has_right(cap, ABI_RIGHT_READ)
	    || cap_kind(reply_cap) != CAP_REPLY)
		return false;
	struct endpoint *endpoint = cap_object(cap);
	struct reply *reply = cap_object(reply_cap);
	struct sched_context *sc = server->sc;
	struct tcb *caller = reply->tcb;
	const struct notification *bound = server->bound_notification;
	if (endpoint->head != ENDPOINT_IDLE || (bound != NULL && bound->state == NOTIFICATION_ACTIVE) || sc->reply != reply
	    || caller->sc != NULL || caller->fault.kind != seL4_Fault_NullFault || !runs_next(k, caller))
		return false;

	copy_message(server, caller, info, 0);
	struct reply *older = reply->older;
	sc->reply = older;
	if (older != NULL)
		older->up = (word)sc | REPLY_UP_IS_SC;
	reply->older = NULL;
	reply->up = 0;
	caller->reply = NULL;
	reply_link(reply, server);
	server->blocked_on = endpoint;
	server->state = THREAD_BLOCKED_ON_RECEIVE;
	endpoint->head = (word)server | ENDPOINT_RECEIVING;
	endpoint->tail = (word)server;
	run(k, caller, sc);
	return true;
}
