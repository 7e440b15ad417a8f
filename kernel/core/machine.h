/* SPDX-License-Identifier: BSD-2-Clause */
/* Picks the register file of the machine: names and orders, no code. The host tests use the one of the machine they run on. */
#pragma once
#include <sel4/abi.h>

#if ABI_WORD_BITS == 64
#include "kernel/core/registers_x86_64.h"
#else
#include "kernel/core/registers_i386.h"
#endif
