/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of a start-up that cannot go on. */
#pragma once
#include "user/monitor/print.h"
#include "user/monitor/sets.h"
#include "user/sel4/sel4.h"

#define STOP_EXIT_VALUE 0x15u /* through port 0xf4: QEMU then exits with (0x15 << 1) | 1 = 43 */

/* From now on stop can end the machine: free_slot is an empty slot of the root CNode that nobody else uses. */
void stop_prepare(const struct set *set, seL4_CPtr free_slot);

/* Prints "graft: monitor: stopped: ", the text (as print) and a newline, ends the machine if it can, else rests. */
_Noreturn void stop(const char *format, ...) __attribute__((format(printf, 1, 2)));
