/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of this test tell its root task: calls on slot CHILD_ROOT. Label: the report. */
#pragma once

enum child_slot { CHILD_ROOT = 1, CHILD_PEER = 2, CHILD_REPLY = 4 };
/* REPORT_STARTED: MR0 errors found at the start (0: none), MR1 argc, MR2 first letter of argv[1], MR3 the counter in the region.
 * REPORT_ANSWERED: MR0 label of the peer's answer. REPORT_SERVING: a caller waits in the reply object. */
enum report { REPORT_STARTED = 1, REPORT_ANSWERED, REPORT_SERVING };
enum child_error { CHILD_BSS = 1, CHILD_DATA = 2, CHILD_REGISTERS = 4, CHILD_FPU = 8, CHILD_STACK = 16, CHILD_ARGUMENTS = 32 };

#define REGION_VADDR 0x10000000ul
