/* SPDX-License-Identifier: BSD-2-Clause */
/* Which page tables the CPU uses. */
#pragma once
#include "kernel/core/kernel.h"

/* Sets up page attributes and protections of the CPU's paging. The kernel's tables (memory.c) are in use. */
void space_init(void);

/* Does the CPU keep the kernel from executing user pages? */
bool space_has_smep(void);
