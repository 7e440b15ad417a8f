/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of the tour share: channel ids as in swap.system, the desks (one page of memory per domain, where
 * its programs write what they saw and the operator reads it), and the words of the calls. */
#pragma once
#include <stdint.h>
#include <graft.h>
#include "user/microkit/controller_client.h"

/* Channel ids, by the domain that uses them. */
enum worker_channel { WORKER_CONTROLLER = 1, WORKER_PEER = 2, WORKER_OPERATOR = 3 };
enum peer_channel { PEER_WORKER = 2, PEER_OPERATOR = 3 };
enum operator_channel { OPERATOR_CONTROLLER = 1, OPERATOR_WORKER = 2, OPERATOR_PEER = 3 };

/* Ids of the controller's children. */
enum child { CHILD_WORKER = 1, CHILD_GUEST = 2 };

#define TEXT_BYTES    32u
#define ARGUMENTS_MAX 4u

/* The worker's desk: the memory region `count`. It stays while programs come and go. */
struct worker_desk {
	seL4_Word count;      /* goes up by one with every call served, whoever serves it */
	seL4_Word running;    /* 1 or 2: which greeter started last */
	seL4_Word starts;     /* how many times one started */
	seL4_Word found;      /* count, as the running greeter found it when it started */
	seL4_Word unclean;    /* enum unclean: everything that any greeter ever found not as it must be */
	seL4_Word unclean_at; /* a detail of it, for the reader */
	seL4_Word argc;
	char argv[ARGUMENTS_MAX][TEXT_BYTES];
	seL4_Word asked; /* requests to the controller that came back, and how the last one did */
	seL4_Word error, detail, figure[2];
	/* written by the operator before it notifies the worker */
	char wanted[TEXT_BYTES]; /* the program to ask for */
};

/* What can be wrong when a program starts. */
enum unclean {
	UNCLEAN_REGISTERS = 1u << 0,
	UNCLEAN_STACK = 1u << 1,
	UNCLEAN_X87 = 1u << 2,
	UNCLEAN_MXCSR = 1u << 3,
	UNCLEAN_XMM = 1u << 4,
	UNCLEAN_BSS = 1u << 5,
	UNCLEAN_DATA = 1u << 6,
};

/* The peer's desk. */
enum peer_order { PEER_IDLE, PEER_CALL_ONCE, PEER_ASK_FOR_SWAP, PEER_WORK };
struct peer_desk {
	seL4_Word order;     /* enum peer_order, written by the operator before it notifies the peer */
	seL4_Word stop;      /* written by the operator: leave PEER_WORK */
	seL4_Word done;      /* orders carried out */
	seL4_Word calls;     /* calls to the worker that came back: answers + restarted + wrong */
	seL4_Word answers;   /* with the right answer */
	seL4_Word restarted; /* with CONTROLLER_RESTARTED */
	seL4_Word wrong;
	seL4_Word answered_by; /* 1 or 2: the greeter that gave the last answer */
	seL4_Word notified;    /* notifications from the worker */
};

/* The guest's desk. */
struct guest_desk {
	seL4_Word started; /* enum guest_program */
	seL4_Word turns;   /* the looper's: goes up as long as it runs */
};
enum guest_program { GUEST_NONE, GUEST_LOOPER, GUEST_FAULTY, GUEST_GOOD };

/* Calls to the worker. MR0: a number; the answer has label 0, MR0 the number plus one, MR1 which greeter. */
enum worker_verb { WORKER_GREET = 1, WORKER_SWAP_YOURSELF = 2 };

/* Where the desk is: set by the description, kept by the linker even if unused. */
#define DESK(type) __attribute__((section(".data.patched"))) volatile struct type *desk = 0

/* The address that the faulty program touches. */
#define FAULT_ADDRESS 0xbad0000ul
