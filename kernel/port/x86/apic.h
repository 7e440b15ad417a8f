/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupt controllers and the clock. */
#pragma once
#include "kernel/core/kernel.h"

#define IO_APIC_PHYSICAL 0xfec00000ul /* where every PC's first I/O APIC is */

/* Physical address of this CPU's local APIC. */
word apic_physical(void);

/* Masks the PIC and every I/O APIC pin, enables the local APIC, measures its timer and the time-stamp counter against
 * the PIT. Both APICs are mapped (memory_map_kernel). Panics if the hardware is not there. */
void apic_init(void);

/* Frequency of the time-stamp counter, measured by apic_init. */
uint32_t apic_tsc_mhz(void);

/* The timer's interrupt: at the deadline or, when that was further away than the timer can count, before it. */
struct tcb *apic_timer_fired(struct kernel *k);
