/* SPDX-License-Identifier: BSD-2-Clause */
/* Division of 64-bit numbers on machines that have it for 32-bit ones only. Compilers call what divide.c builds on it
 * by themselves; here it is for tests. */
#pragma once
#include "lib/base/base.h"

/* n / d, and the remainder into *rest. d is not 0. At most 64 steps. */
uint64_t divide_unsigned(uint64_t n, uint64_t d, uint64_t *rest);
