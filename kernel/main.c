/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot sequence, after the machine's own part (kernel/port/<machine>/boot.c) and before the first system call. */
#include "kernel/main.h"

_Noreturn void kernel_main(struct kernel *k, word physical_window, uint64_t ticks_per_us,
                           const struct root_setup *setup)
{
	kernel_init(k, ticks_per_us);
	k->physical_window = physical_window;
	root_make(k, setup);
	port_run(kernel_start(k));
}
