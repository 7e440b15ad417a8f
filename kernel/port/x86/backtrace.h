/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a kernel that panics came from, with names. */
#pragma once
#include "kernel/core/cap.h"

/* Prints one line for at, the place in question, and one for each caller, from the frame that at runs in. frame may be any number: only
 * frames inside the kernel's image are followed, and only upwards. */
void backtrace_print(word at, word frame);
