/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a port hands over to the kernel proper. */
#pragma once
#include "kernel/core/root.h"

/* The machine is set up, *k is all zero: starts the root task. physical_window: where the kernel sees physical address
 * 0. */
_Noreturn void kernel_main(struct kernel *k, word physical_window, uint64_t ticks_per_us,
                           const struct root_setup *setup);

/* Given by the port: goes on with that thread, or idles if it is &k->idle. */
_Noreturn void port_run(struct tcb *tcb);
