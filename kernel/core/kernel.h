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
#define PREEMPTION_INTERVAL  100u /* units of work (one slot, or one chunk cleared) between two polls */
#define CLEAR_CHUNK_BITS     16u  /* bytes cleared between two units of work: 64 KiB is some 8,000 stores */
#define BOOT_TIMESLICE_US    5000u
#define KERNEL_BUDGET_US     1u /* the least budget that can be asked for is twice this: time to enter and leave */

enum irq_state { IRQ_INACTIVE = 0, IRQ_SIGNAL, IRQ_TIMER, IRQ_RESERVED };

struct thread_queue {
	struct tcb *head;
	struct tcb *tail;
};

struct asid_pool {
	word roots[1u << seL4_ASIDPoolIndexBits]; /* address of a VSpace root, or 0 */
};
_Static_assert(sizeof(struct asid_pool) == 1u << seL4_ASIDPoolBits, "ASID pool size");

struct kernel {
	struct tcb           *current;
	struct sched_context *current_sc;

	/* ready threads: a queue per priority, and two levels of bitmap to find the highest */
	word                  ready_summary;
	word                  ready_words[PRIORITY_COUNT / PRIORITY_WORD_BITS];
	struct thread_queue   ready[PRIORITY_COUNT];
	struct tcb           *release_head; /* threads waiting for budget, soonest first */
	struct tcb           *candidate;    /* woken in this entry: may run at once; NULL = nothing to decide */
	bool                  must_choose;  /* the current thread can't just go on */
	bool                  must_set_deadline;

	/* time, in ticks */
	uint64_t              ticks_per_us;
	uint64_t              now;      /* of this entry */
	uint64_t              consumed; /* by the current scheduling context, not yet charged */

	unsigned              work_units; /* done since the last poll for interrupts */
	uint8_t               irq_states[IRQ_COUNT];
	struct cte            irq_slots[IRQ_COUNT] __attribute__((aligned(sizeof(struct cte)))); /* notification of each */

	/* memory objects */
	struct asid_pool     *asid_pools[1u << seL4_NumASIDPoolsBits];
	uint64_t              io_ports_taken[65536 / 64];

	struct tcb            idle __attribute__((aligned(1 << 6)));
	struct sched_context  idle_sc;
	struct refill         idle_refills[REFILLS_MIN];

	void                 *port; /* the port's own state */
};

/* A broken invariant; never reached by anything user code does. */
#define kernel_assert(k, condition, message) \
	((condition) ? (void)0 : port_panic((k), KERNEL_PANIC_INVARIANT, (message)))
