/* SPDX-License-Identifier: BSD-2-Clause */
/* Which page tables the CPU uses. */
#pragma once
#include "kernel/core/kernel.h"

/* Sets up page attributes and protections of the CPU's paging. The kernel's tables (memory.c) are in use. */
void space_init(void);
