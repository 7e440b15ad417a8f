/* SPDX-License-Identifier: BSD-2-Clause */
/* The FPU registers: whose they are. */
#pragma once
#include "kernel/core/kernel.h"

/* Switches the FPU on with x87 and SSE state, as seL4's configuration has it. Panics if the CPU can't. */
void fpu_init(void);

/* A TCB's FPU area, all zero, becomes that of a fresh thread. */
void fpu_init_area(struct tcb *tcb);

/* Before that thread goes on in ring 3: the FPU holds its registers, or is off for it. */
void fpu_make_current(struct tcb *tcb);

/* Saves this thread's registers if the FPU holds them: it may not use the FPU for now, or goes away. */
void fpu_release(struct tcb *tcb);
