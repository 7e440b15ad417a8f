/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own address space, and which physical memory may be given away. */
#pragma once
#include "layout.h"
#include "kernel/core/kernel.h"
#include "kernel/port/x86/multiboot.h"

#define MEMORY_RAM_MAX 32u /* regions of RAM above 1 MiB; further ones are left unused */

struct memory {
	uint32_t ram_count;
	struct region ram[MEMORY_RAM_MAX]; /* ascending, whole pages, inside the window, above the kernel's image */
};

/* Sorts the boot loader's map into *memory. */
void memory_find(const struct multiboot *boot, struct memory *memory);

/* The machine's part (map.c): builds the kernel's final tables (all of *memory in the window, the image, the two APICs)
 * and switches to them. */
void memory_map_kernel(const struct memory *memory, word local_apic, word io_apic);

/* First physical address behind the kernel's image. */
word memory_kernel_end(void);

/* Physical address of the root of those tables. */
word memory_kernel_root(void);
