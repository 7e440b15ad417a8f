/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's whole state. Nothing in kernel/core is mutable outside it, so two kernels can live side by side. */
#pragma once
#include "kernel/core/cap.h"
#include "kernel/core/object.h"
#include "kernel/core/port.h"

#define PRIORITY_COUNT       256u
#define PRIORITY_WORD_BITS   64u
#define IRQ_COUNT            126u /* seL4's pc99: lines 0 .. 125 */
#define IRQ_ISA_COUNT        16u  /* pins below this are reserved for the legacy controller's lines */
#define IRQ_USER_FIRST       16u
#define IRQ_USER_LAST        123u
#define RETYPE_OBJECTS_MAX   256u /* one call's bound: what can be done without a preemption point */
#define PREEMPTION_INTERVAL  100u /* units of work (one slot deleted) between two polls for interrupts */
#define EMPTY_SLOTS_PER_UNIT 16u  /* passing over an empty slot takes that much less than deleting a capability */
#define CLEAR_CHUNK_BITS     14u  /* bytes cleared between two polls: 16 KiB is 2,048 stores, as long as 100 deletions */
#define BOOT_TIMESLICE_US    5000u
#define BUDGET_MIN_US        20u /* twice the 10 us the interface counts for entering and leaving the kernel */
#define TIMER_PRECISION_US   1u

enum irq_state { IRQ_INACTIVE = 0, IRQ_SIGNAL, IRQ_TIMER, IRQ_RESERVED };

struct thread_queue {
	struct tcb *head;
	struct tcb *tail;
};

struct asid_pool {
	word roots[1u << seL4_ASIDPoolIndexBits]; /* address of a VSpace root, or 0 */
};
_Static_assert(sizeof(struct asid_pool) == 1u << seL4_ASIDPoolBits, "ASID pool size");

/* Refusals on request: refuse.h. */
struct refusal {
	bool    is_enabled;  /* by boot; else nothing of the rest is looked at */
	bool    was_refused;
	uint8_t priority;    /* of the threads whose invocations count */
	word    error;
	word    turn;        /* which one is refused; 0: none */
	word    seen;        /* so many there were since that was said */
};

struct kernel {
	struct tcb           *current;
	struct sched_context *current_sc;

	/* ready threads: a queue per priority, and two levels of bitmap to find the highest */
	word                  ready_summary;
	uint64_t              ready_words[PRIORITY_COUNT / PRIORITY_WORD_BITS];
	struct thread_queue   ready[PRIORITY_COUNT];
	struct thread_queue   release;     /* threads waiting for budget, soonest first */
	struct tcb           *candidate;   /* woken in this entry: may run at once; in no queue */
	bool                  must_choose; /* the current thread may not simply go on */
	bool                  must_set_deadline;

	/* time, in ticks */
	uint64_t              ticks_per_us;
	uint64_t              ticks_min; /* BUDGET_MIN_US */
	uint64_t              now;       /* read when it is needed, never more than once per decision */
	uint64_t              consumed;  /* by the current scheduling context up to now, not yet charged */
	uint64_t              deadline;  /* the port's timer is set to this */

	unsigned              work_units; /* done since the last poll for interrupts */
	uint8_t               irq_states[IRQ_COUNT];
	struct cte            irq_slots[IRQ_COUNT] __attribute__((aligned(sizeof(struct cte)))); /* notification of each */

	/* memory objects */
	word                  physical_window; /* where the kernel sees physical address 0 */
	struct asid_pool     *asid_pools[1u << seL4_NumASIDPoolsBits];
	uint64_t              io_ports_taken[65536 / 64];

	struct tcb            idle; /* current when no thread can run; has no scheduling context */

	struct refusal        refusal;
	void                 *port; /* the port's own state */
};

/* From the kernel's address of an object to its physical address and back; both wrap for device memory, which the
 * kernel names but never touches. */
static inline word kernel_physical(const struct kernel *k, const void *object)
{
	return (word)object - k->physical_window;
}

static inline void *kernel_pointer(const struct kernel *k, word physical)
{
	return (void *)(physical + k->physical_window);
}

/* A broken invariant; never reached by anything user code does. */
#define kernel_assert(k, condition, message) \
	((condition) ? (void)0 : port_panic((k), KERNEL_PANIC_INVARIANT, (message)))
