/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptor tables (the machine's tables.c), traps and system calls; and the way back to ring 3. */
#pragma once
#include "kernel/core/kernel.h"

/* Loads GDT, IDT and TSS and opens the way for system calls. Traps panic from here on, until port_run. */
void trap_init(void);

/* The kernel of this machine. */
extern struct kernel the_kernel;

/* Where the CPU saves the running thread's registers: the end of its register file. The TSS's stack pointer for ring
 * 0. */
extern word trap_context;
