/* SPDX-License-Identifier: BSD-2-Clause */
/* Words on the kernel's command line. All are for tests:
 *
 *   panic     the kernel panics after booting
 *   overflow  the kernel's stack runs over
 *   reset     the machine resets (triple fault)
 *   hang      the kernel stops without a word
 *   refuse    threads may arm refusals (abi/include/graft/refuse.h)
 *   refuse=PRIORITY:N:ERROR  the same, and the N-th invocation by threads of this priority is refused with this error;
 *             numbers are decimal
 *
 * The first word may also be the kernel's own path, which QEMU puts there. Any other word is a panic that names it. */
#pragma once
#include "kernel/core/kernel.h"

/* Obeys them one by one. line ends with a NUL. k: before its first thread. */
void options_obey(const char *line, struct kernel *k);
