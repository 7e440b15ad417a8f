/* SPDX-License-Identifier: BSD-2-Clause */
/* Further boot information of a PC. */
#pragma once
#include "kernel/core/root.h"
#include "kernel/port/x86/multiboot.h"

/* Appends the records seL4 gives on this machine, in its order: ACPI root pointer (if there is one), memory map,
 * frequency of the time-stamp counter. */
void records_make(const struct multiboot *boot, uint32_t tsc_mhz, struct root_setup *setup);
