/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel objects other than memory: their layout and nothing else. Sizes are those of the interface. */
#pragma once
#include "kernel/core/cap.h"
#include "kernel/core/machine.h"

struct tcb;
struct reply;
struct sched_context;
struct notification;

/* Why a lookup of a capability failed; words as a CapFault message and a FailedLookup reply carry them. */
struct lookup_failure {
	word type;        /* enum seL4_LookupFailureType */
	word bits_left;
	word bits_found;  /* DepthMismatch, GuardMismatch */
	word guard_found; /* GuardMismatch */
};

enum thread_state {
	THREAD_INACTIVE = 0,
	THREAD_RUNNING,
	THREAD_RESTART, /* will execute its system call (again) */
	THREAD_BLOCKED_ON_RECEIVE,
	THREAD_BLOCKED_ON_SEND,
	THREAD_BLOCKED_ON_REPLY,
	THREAD_BLOCKED_ON_NOTIFICATION,
	THREAD_IDLE
};

/* A fault that waits to be told to a handler. */
struct fault {
	word                  kind; /* enum seL4_Fault_tag */
	word                  words[2]; /* address, FSR | number, code | system call | badge of the SC | capability address */
	bool                  in_receive_phase; /* CapFault */
	bool                  is_fetch;         /* VMFault */
	struct lookup_failure lookup;           /* CapFault */
};

/* Slots at the start of every TCB. */
enum tcb_slot {
	TCB_SLOT_CSPACE = 0,
	TCB_SLOT_VSPACE,
	TCB_SLOT_BUFFER,
	TCB_SLOT_FAULT,
	TCB_SLOT_TIMEOUT,
	TCB_SLOT_COUNT
};

struct tcb {
	struct cte            slots[TCB_SLOT_COUNT];
	word                  registers[REGISTER_COUNT];

	/* scheduling */
	word                  state; /* enum thread_state */
	uint8_t               priority;
	uint8_t               mcp; /* maximum controlled priority */
	bool                  is_queued; /* in a ready queue */
	bool                  is_waiting_for_budget; /* in the release queue */
	struct sched_context *sc;
	struct sched_context *yield_to; /* the context this thread gave its turn to with YieldTo */
	struct tcb           *queue_next; /* ready or release queue, or queue of an endpoint or notification: never two */
	struct tcb           *queue_previous;

	/* what it is blocked on */
	void                 *blocked_on; /* endpoint or notification */
	word                  blocked_badge;
	bool                  blocked_can_grant;
	bool                  blocked_can_grant_reply;
	bool                  blocked_is_call;
	struct reply         *reply; /* object given to Recv, or the one that holds this caller */

	struct notification  *bound_notification;
	word                  buffer_address; /* IPC buffer, in the thread's VSpace */
	word                  flags;          /* enum seL4_TCBFlag */
	struct fault          fault;

	/* FPU, the port's alone */
	uint8_t               fpu[FPU_AREA_BYTES] __attribute__((aligned(FPU_AREA_ALIGN)));
};
_Static_assert(sizeof(struct tcb) <= 1u << seL4_TCBBits, "a TCB fits its object");

enum endpoint_state { ENDPOINT_IDLE = 0, ENDPOINT_SENDING, ENDPOINT_RECEIVING };

struct endpoint {
	word head; /* first waiting thread | enum endpoint_state */
	word tail; /* last waiting thread */
} __attribute__((aligned(1 << seL4_EndpointBits)));
_Static_assert(sizeof(struct endpoint) == 1u << seL4_EndpointBits, "endpoint size");

enum notification_state { NOTIFICATION_IDLE = 0, NOTIFICATION_WAITING, NOTIFICATION_ACTIVE };

struct notification {
	word                  state; /* enum notification_state */
	word                  badge; /* when active */
	struct tcb           *head;
	struct tcb           *tail;
	struct tcb           *bound_tcb;
	struct sched_context *sc;
	word                  unused[2];
};
_Static_assert(sizeof(struct notification) == 1u << seL4_NotificationBits, "notification size");

/* Reply objects of a chain of calls form a stack. The newest is the head: it points up at the scheduling context
 * that came with the call, if one did. */
struct reply {
	struct tcb *tcb;      /* the caller held, or the receiver that offers this object */
	struct reply *older;
	word          up;     /* newer reply object, or scheduling context | REPLY_UP_IS_SC */
	word          unused;
};
#define REPLY_UP_IS_SC 1ul
_Static_assert(sizeof(struct reply) == 1u << seL4_ReplyBits, "reply object size");

struct refill {
	uint64_t time;   /* ticks, from when on it may be used */
	uint64_t amount; /* ticks */
};

#define REFILLS_MIN 2u

struct sched_context {
	uint64_t             period;   /* ticks; 0 = round robin: budget equals period */
	uint64_t             consumed; /* ticks since it was last asked */
	struct tcb          *tcb;
	struct reply        *reply; /* head of the stack of calls it was passed along */
	struct notification *notification;
	word                 badge; /* of its timeout faults */
	struct tcb          *yield_from;
	word                 refill_max; /* 0 = not configured: its thread can't run */
	word                 refill_head;
	word                 refill_tail;
	bool                 is_sporadic;
	bool                 has_had_turn; /* round robin: the turn was over when its thread blocked */
	/* refill_max refills follow, a ring from head to tail */
};
_Static_assert(sizeof(struct sched_context) + REFILLS_MIN * sizeof(struct refill) <= 1u << seL4_MinSchedContextBits,
               "the smallest scheduling context holds the fewest refills");
