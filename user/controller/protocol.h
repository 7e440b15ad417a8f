/* SPDX-License-Identifier: BSD-2-Clause */
/* The controller's protocol: protected procedure calls. Label: the verb. MR0: the
 * domain, by child id of the controller, or CONTROLLER_SELF for the caller's own
 * domain. Further words as below. Names travel as words, little-endian, NUL-padded,
 * at most 63 bytes and a NUL: eight words where a word has 64 bits. Numbers of words and MRs below are for those; on machines
 * with words of 32 bits names take sixteen, and what follows moves up.
 *
 * verb     MR1..                                     reply, MR0..
 * LOAD     name (8 words), arguments                 (domain must be empty)        generation
 * SWAP     the same, or on probation: see below      (self: does not return)       generation
 * CONFIRM  -                                         (on probation)               generation
 * ROLLBACK -                                         (on probation; self: does not return)  generation
 * STOP     -                                         generation
 * RESUME   -                                         generation
 * UNLOAD   -                                         generation
 * SPAWN    the same, then what follows below         (MR0 is not looked at)        child id, generation
 * DUPLICATE  as SPAWN behind the arguments, without stack pages: see below         child id, generation
 * REMOVE   -                                         (a spawned domain)            generation
 * LIST     - (MR0: how many to leave out first)      see struct words below
 * LEDGER   -                                         16 words: enum controller_ledger_word
 *
 * Arguments: MR9 argc, and CONTROLLER_OLDER_TOO if a version of the program may be loaded that is older than one that has
 * run; MR10 bytes, then the bytes as words (at most CONTROLLER_ARGUMENT_BYTES), each string with its NUL.
 * SWAP on probation: CONTROLLER_ON_PROBATION beside argc, and one more word behind the arguments: a deadline in ms, or 0. Then the old
 * program is kept as it stopped until somebody says CONFIRM, and comes back if somebody says ROLLBACK, if the new one faults, or if
 * nobody has said anything when the deadline is over. The new program may say both for itself: to confirm, and to refuse. An old
 * program that asked for the swap itself gets the answer CONTROLLER_ROLLED_BACK then, MR0: an enum controller_reason.
 * SPAWN makes a domain and loads a program into it. Behind the arguments: priority (below the controller's), stack pages, budget
 * and period in us (a second at most), how many connections (at most 8), and a word for each: offer << 8 | channel id (0..53) of
 * the new domain. An offer is a number in the order of the description's <graft_offer> elements to this controller; CONTROLLER_OFFER_SELF:
 * the controller itself, to which the new domain may then make calls about itself. REMOVE unloads the domain's image and gives the
 * domain back; the domains it was connected to are notified on that channel.
 * DUPLICATE makes a domain with the program, the memory and the registers that another one has now: one that is stopped, or the caller
 * itself. MR1: priority, MR2: budget, MR3: period, each CONTROLLER_SAME for the other one's; MR4: how many connections, then as for
 * SPAWN. Whoever asks for himself gets no higher priority and no larger share of the processor than he has, and no connection but to the
 * controller. In the new domain the same call returns, with label 0 and MR0 = 0; a stopped one goes on as if it had been resumed.
 * Reply label: 0 done, else an enum controller_error. Errors: MR0 a lib status (enum status) or seL4 error, MR1 and MR2 two figures (for
 * CONTROLLER_NO_MEMORY: bytes needed, bytes available).
 * A caller whose server was replaced before it answered gets the label CONTROLLER_RESTARTED from the kernel reply object.
 */
#pragma once
#include <sel4/abi.h>

enum controller_verb {
	CONTROLLER_LOAD = 1, CONTROLLER_SWAP, CONTROLLER_STOP, CONTROLLER_RESUME, CONTROLLER_UNLOAD, CONTROLLER_LIST, CONTROLLER_LEDGER,
	CONTROLLER_SPAWN, CONTROLLER_REMOVE, CONTROLLER_DUPLICATE, CONTROLLER_CONFIRM, CONTROLLER_ROLLBACK
};

enum controller_error {
	CONTROLLER_OK = 0,
	CONTROLLER_BAD_REQUEST,    /* unknown verb, malformed message */
	CONTROLLER_NOT_ALLOWED,    /* this caller may not do this to that domain */
	CONTROLLER_NO_DOMAIN,
	CONTROLLER_BUSY,           /* another request on this domain is in progress */
	CONTROLLER_WRONG_STATE,    /* e.g. load into a domain that has an image; MR1: the state */
	CONTROLLER_NO_PROGRAM,     /* the store knows no such program */
	CONTROLLER_BAD_PROGRAM,    /* refused by archive, ELF, plan or start checks: MR0 the status, MR1 the offset */
	CONTROLLER_NO_MEMORY,      /* MR1 needed, MR2 available bytes */
	CONTROLLER_NO_SLOTS,       /* MR1 needed, MR2 available: slots, images, copies of programs, or bytes of addresses for one */
	CONTROLLER_KERNEL_REFUSED, /* MR0 the seL4 error */
	CONTROLLER_NO_SEATS,       /* as many domains are spawned as may be; MR1 needed, MR2 available */
	CONTROLLER_NO_BUDGET,      /* MR1 the share asked for, MR2 what is left of the description's, in parts per million */
	CONTROLLER_NO_OFFER,       /* MR1 the offer, MR2 how many there are */
	CONTROLLER_OFFER_TAKEN,    /* by another spawned domain; MR1 the offer */
	CONTROLLER_BAD_PRIORITY,   /* MR1 asked for, MR2 that of the controller or of the peer: calls go to a higher priority only */
	CONTROLLER_NO_RIGHT,       /* the description does not let this domain be duplicated */
	CONTROLLER_NO_DUPLICATES,  /* as many duplicates of its family live as the description allows; MR1 needed, MR2 available */
	CONTROLLER_HAS_REGIONS,    /* memory regions are mapped in the domain: it can't be duplicated; MR1: how many */
	CONTROLLER_TOO_OLD,        /* MR1 the program's version, MR2 the highest that has run; see CONTROLLER_OLDER_TOO */
	CONTROLLER_UNCONFIRMED,    /* the domain's program is on probation: first CONFIRM or ROLLBACK */
	CONTROLLER_NOT_ON_PROBATION, /* MR1: enum controller_swap_state, how the last swap ended, MR2: enum controller_reason */
	CONTROLLER_ROLLED_BACK,    /* to the program that asked for its own swap on probation: done, and undone again; MR0 the reason */
	CONTROLLER_NO_TIMER,       /* a deadline was asked for, and this controller has no timer that answers */
	CONTROLLER_RESTARTED = 0x7ff01 /* answered on behalf of a server that was replaced; also for stopped and unloaded ones */
};

#define CONTROLLER_SELF ((seL4_Word)-1)
#define CONTROLLER_SAME ((seL4_Word)-1)
#define CONTROLLER_OFFER_SELF 0xffffffu
#define CONTROLLER_CONNECTIONS_MAX 8u
#define CONTROLLER_NAME_WORDS (64u / sizeof(seL4_Word))
#define CONTROLLER_OLDER_TOO ((seL4_Word)1 << 31) /* not for a managed domain to say */
#define CONTROLLER_ON_PROBATION ((seL4_Word)1 << 30)
#define CONTROLLER_ARGUMENT_BYTES 512u /* and no more than fit the message: on i386 352 */

enum controller_state { CONTROLLER_EMPTY, CONTROLLER_RUNNING, CONTROLLER_STOPPED, CONTROLLER_FAULTED, CONTROLLER_BUILDING };

/* What becomes of a swap. Without probation it is IDLE again as soon as the new program has the domain. */
enum controller_swap_state {
	CONTROLLER_SWAP_IDLE,
	CONTROLLER_SWAP_PREPARING,    /* the new image is being checked and built */
	CONTROLLER_SWAP_STAGED,       /* it is whole, and is about to get the domain */
	CONTROLLER_SWAP_ON_PROBATION, /* it has the domain, the old one is kept */
	CONTROLLER_SWAP_CONFIRMED,    /* the old one is gone */
	CONTROLLER_SWAP_ROLLED_BACK   /* the new one is gone */
};
enum controller_reason { CONTROLLER_REASON_NONE, CONTROLLER_REASON_ASKED, CONTROLLER_REASON_REJECTED, CONTROLLER_REASON_FAULT,
	                 CONTROLLER_REASON_DEADLINE };

/* LIST: MR0 = number of domains; then for each: id, state, generation, program id, account bytes, enum controller_swap_state,
 * enum controller_reason if it was rolled back, bytes kept for the old program while on probation. */
/* LEDGER words, after MR0 = count. */
enum controller_ledger_word {
	LEDGER_UNTYPED_BYTES_TOTAL, LEDGER_UNTYPED_BYTES_FREE, LEDGER_SLOTS_TOTAL, LEDGER_SLOTS_FREE,
	LEDGER_FRAMES, LEDGER_TABLES, LEDGER_THREADS, LEDGER_ACCOUNTS,
	LEDGER_TEXTS, /* copies of programs, each of which is an account too */
	LEDGER_WORDS
};
