/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine for the kernel core inside a test program: an array is its memory, a variable its clock. Any number of them side
 * by side. Around it a small world: a root thread with a CNode, as boot leaves it, and calls in user code's own terms. After
 * every entry of the kernel the invariants of test/support/kernelcheck.h are checked. */
#pragma once
#include <setjmp.h>
#include <sel4/invocation.h>
#include <sel4/objecttype.h>
#include <sel4/syscall.h>
#include "kernel/core/thread.h"

#define FAKE_MEMORY_BITS 23u /* 8 MiB: the upper half is one untyped */
#define FAKE_UNTYPED_BITS 22u
#define FAKE_LARGE_MEMORY_BITS 24u /* for a test of large frames */
#define FAKE_DEVICE_BITS  16u
#define FAKE_CNODE_BITS   10u
#define FAKE_TICKS_PER_US 10u
#define FAKE_ROOT_PRIORITY 254u

#define FAKE_KERNEL_ENTRY 0x4e4b0001ul /* in the last entry of every VSpace root: the machine's own half */

/* Slots of the root CNode: seL4's initial ones, then these. */
enum fake_slot {
	FAKE_TCB = 1,
	FAKE_CNODE = 2,
	FAKE_VSPACE = 3,
	FAKE_IRQ_CONTROL = 4,
	FAKE_ASID_CONTROL = 5,
	FAKE_ASID_POOL = 6,
	FAKE_IO_PORT_CONTROL = 7,
	FAKE_BUFFER = 10,
	FAKE_DOMAIN = 11,
	FAKE_SC = 14,
	FAKE_SCHED_CONTROL = 16,
	FAKE_UNTYPED,
	FAKE_DEVICE,
	FAKE_FREE /* the first empty one */
};

/* A machine's memory, and what is set aside around it. */
struct fake_memory {
	uint8_t *bytes;
	uint8_t *place;
	int fd;
};

struct fake {
	struct kernel   kernel;
	uint8_t        *memory;
	struct fake_memory taken;
	struct tcb     *root; /* the root thread */
	struct cte     *cnode;
	struct asid_pool *asid_pool;
	struct cap      device; /* memory that is not there: touching it is a crash */

	/* the machine */
	uint64_t        ticks;
	uint64_t        ticks_per_read; /* the clock goes on by this much each time it is read */
	uint64_t        deadline;
	bool            interrupt_pending;
	unsigned        polls;
	unsigned        switches;
	struct tcb     *fpu_released;
	uint64_t        irq_masked[4]; /* a bit per interrupt */
	word            ioapics;
	word            irq_acked;
	word            route[5];
	uint64_t        cleared_bytes;
	unsigned        flushed_pages;  /* calls of port_flush_page */
	unsigned        flushed_spaces; /* calls of port_flush_space */
	const void     *flushed_root;   /* of the last of either */
	word            flushed_address;
	const struct tcb *watched;     /* fake_wait counts how long this one ran */
	uint64_t        watched_ticks;
	bool            does_not_check; /* the invariants are not looked at after every entry */

	/* a panic that a test expects */
	bool            expects_panic;
	jmp_buf         panic_jump;
	const char     *panic_message;
};

/* FAKE_MEMORY_BITS, or what a test has set it to before its first machine: FAKE_LARGE_MEMORY_BITS at most. */
extern uint32_t fake_memory_bits;

struct fake *fake_new(void);
void fake_free(struct fake *f);

/* ---- the current thread's system calls ---- */

/* Messages as user code builds them. */
struct message {
	word label;
	word length;
	word words[seL4_MsgMaxLength];
	word cap_count;
	word caps[seL4_MsgMaxExtraCaps];
};

#define WORDS(...) .words = { __VA_ARGS__ }, .length = sizeof((word[]){ __VA_ARGS__ }) / sizeof(word)
#define CAPS(...)  .caps = { __VA_ARGS__ }, .cap_count = sizeof((word[]){ __VA_ARGS__ }) / sizeof(word)

/* Puts a message where the current thread's system call takes it from, and reads the one that has arrived in a thread. */
void fake_put(struct fake *f, const struct message *message);
struct message fake_get(struct fake *f, const struct tcb *tcb);

/* Enters the kernel with a system call of the current thread, once; registers are what they are. */
void fake_enter(struct fake *f, sword number);

/* Calls a capability and returns the label of the answer, which is in *answer if that is not NULL. Issues the call again as
 * long as the kernel stops before it is done. Only for calls that the kernel answers itself. */
word fake_call(struct fake *f, word cap, const struct message *message, struct message *answer);
#define CALL(f, cap, label_, ...) fake_call((f), (cap), &(struct message){ .label = (label_), __VA_ARGS__ }, NULL)
#define CALL_ANSWER(f, answer, cap, label_, ...) \
	fake_call((f), (cap), &(struct message){ .label = (label_), __VA_ARGS__ }, (answer))

/* The other system calls, by the registers they take. reply: what the reply register holds. */
void fake_send(struct fake *f, sword number, word cap, const struct message *message);
void fake_receive(struct fake *f, sword number, word cap, word reply);
void fake_reply_receive(struct fake *f, word cap, word reply, const struct message *message);
void fake_yield(struct fake *f);

/* ---- short forms of invocations; the root CNode is meant ---- */
word fake_retype(struct fake *f, word type, word size_bits, word slot, word count);
word fake_retype_from(struct fake *f, word untyped, word type, word size_bits, word slot, word count);
word fake_copy(struct fake *f, word from, word to, word rights);
word fake_mint(struct fake *f, word from, word to, word rights, word data);
word fake_move(struct fake *f, word from, word to);
word fake_delete(struct fake *f, word slot);
word fake_revoke(struct fake *f, word slot);

/* What lies in a slot of the root CNode. */
struct cap fake_cap(const struct fake *f, word slot);
struct tcb *fake_tcb(const struct fake *f, word slot);

/* A thread with the root's CSpace and VSpace, an IPC buffer and a round-robin scheduling context, ready to run. Takes four
 * slots from slot on: TCB, scheduling context, IPC buffer, and a reply object. */
enum { THREAD_TCB, THREAD_SC, THREAD_BUFFER, THREAD_REPLY, THREAD_SLOTS };
struct tcb *fake_thread(struct fake *f, word slot, word priority);
/* The same without a scheduling context, not resumed. */
struct tcb *fake_passive_thread(struct fake *f, word slot, word priority);

/* Lets time pass and the timer ring whenever it is due. */
void fake_wait(struct fake *f, uint64_t us);

/* Makes this thread the current one: everything more important is stopped from being chosen by priority alone, so the test
 * arranges for it; fails if it is not what the kernel chose. */
void fake_expect_current(const struct fake *f, const struct tcb *tcb);
