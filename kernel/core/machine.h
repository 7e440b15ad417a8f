/* SPDX-License-Identifier: BSD-2-Clause */
/* Picks the register file of the machine. The host tests use the one of the machine they run on. */
#pragma once
#include <sel4/abi.h>

#if ABI_WORD_BITS == 64
#include "kernel/port/x86_64/registers.h"
#else
#include "kernel/port/i386/registers.h"
#endif
