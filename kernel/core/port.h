/* SPDX-License-Identifier: BSD-2-Clause */
/* The border between the core and a machine: what every machine gives the core (port_), and what the core
 * gives a machine (kernel_). A port maps, switches, masks and reads; it decides nothing. */
#pragma once
#include "kernel/core/object.h"

struct kernel;

/* ==== given by the port ==== */

/* A broken invariant, each kind with a status of its own that the port makes visible outside the machine. Never the
 * answer to anything user code does. */
enum kernel_panic {
	KERNEL_PANIC_BOOT = 1,    /* the machine or image can't be started; message says why */
	KERNEL_PANIC_INVARIANT,   /* kernel_assert */
	KERNEL_PANIC_TRAP,        /* a trap inside the kernel */
};
_Noreturn void port_panic(struct kernel *k, enum kernel_panic kind, const char *message);

/* Is an interrupt waiting? Polled at bounded intervals by long operations, which then stop and are restarted. */
bool port_interrupt_pending(struct kernel *k);

/* Time since boot, in ticks (struct kernel has ticks_per_us). Never goes back. */
uint64_t port_ticks(struct kernel *k);

/* Asks for kernel_timer at or soon after that time; UINT64_MAX: never. Replaces the earlier wish. */
void port_set_deadline(struct kernel *k, uint64_t ticks);

/* Makes the VSpace of this thread (its VSpace slot; kernel-only if it has none that is valid) the current one.
 * Called whenever the current thread or its VSpace slot changed, before the machine returns to user code. */
void port_switch_space(struct kernel *k, struct tcb *tcb);

/* The thread goes away or its FPU may no longer be used: forget that its registers are in the FPU. */
void port_fpu_release(struct kernel *k, struct tcb *tcb);

/* Initial registers (flags, selectors, FPU area) of a TCB whose memory is all zero. */
void port_tcb_init(struct kernel *k, struct tcb *tcb);

/* What user code may really put into that register: flags masked, addresses canonical. */
word port_sanitise(unsigned register_index, word value);

/* Fills memory with zeros. Address and size are multiples of 16. */
void port_clear(void *at, size_t bytes);

/* An entry of the tables under this root was changed or removed: the machine must not go on using what it remembers of it.
 * _page: the translation of one page, of whatever size, at that address. _space: of any page, tables included. */
void port_flush_page(struct kernel *k, const void *root, word address);
void port_flush_space(struct kernel *k, const void *root);

/* The machine's I/O ports; bytes is 1, 2 or 4. */
uint32_t port_io_read(struct kernel *k, word port, unsigned bytes);
void     port_io_write(struct kernel *k, word port, unsigned bytes, uint32_t value);

/* Prepares a fresh, zeroed VSpace root: the kernel's own mappings. */
void port_vspace_init(struct kernel *k, void *root);

/* Interrupts, numbered as in the interface (0 .. IRQ_COUNT - 1). */
void port_irq_set_masked(struct kernel *k, word irq, bool is_masked);
void port_irq_ack(struct kernel *k, word irq); /* end of interrupt, at the controller */
word port_ioapic_count(struct kernel *k);
word port_ioapic_pins(struct kernel *k, word ioapic); /* ioapic < count */
/* Routes a pin of an I/O APIC to an interrupt number. Arguments are checked; unmasking comes after. */
void port_ioapic_route(struct kernel *k, word ioapic, word pin, bool is_level, bool is_low, word irq);

#if ABI_PRINTING
void port_debug_put(struct kernel *k, char c);
_Noreturn void port_debug_halt(struct kernel *k);
#endif

/* ==== given by the core ==== */

/* Prepares a kernel whose memory is all zero; current is the idle thread. */
void kernel_init(struct kernel *k, uint64_t ticks_per_us);

/* Entries from user code and interrupts. Interrupts stay off from entry to exit; a long operation that was cut
 * short because one waits goes on when its thread runs again. The thread that ran has its registers saved in k->current->registers
 * (NEXT_IP and FAULT_IP both set; on a system call FAULT_IP is the instruction itself, NEXT_IP the one after it).
 * Each returns the thread to run next, which is also k->current then: port_switch_space has been called for
 * it and it goes on at REG_NEXT_IP. It is &k->idle if there is none: wait for an interrupt. */
struct tcb *kernel_syscall(struct kernel *k, sword number);
struct tcb *kernel_vm_fault(struct kernel *k, word address, word fsr, bool is_fetch);
struct tcb *kernel_exception(struct kernel *k, word number, word code);
struct tcb *kernel_interrupt(struct kernel *k, word irq);
struct tcb *kernel_timer(struct kernel *k);

/* For boot: puts a first capability into an empty slot, as one without parent that may be revoked. */
void kernel_boot_slot(struct cte *slot, struct cap cap);

/* For boot: makes a thread out of a zeroed TCB and a zeroed scheduling context with the usual budget, runnable. Its
 * slots and registers are the caller's part. */
void kernel_boot_thread(struct kernel *k, struct tcb *tcb, struct sched_context *sc, unsigned sc_bits);

/* Chooses the first thread: like an entry, but from boot. */
struct tcb *kernel_start(struct kernel *k);
