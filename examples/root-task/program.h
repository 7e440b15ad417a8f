/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of this example and its root task say to each other. A program calls the capability in slot PROGRAM_ROOT
 * with label PROGRAM_IS_HERE; MR0: its letter, MR1: argc. */
#pragma once

enum { PROGRAM_ROOT = 1, PROGRAM_IS_HERE = 7, PROGRAM_BADGE = 42 };
