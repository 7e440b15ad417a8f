/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own address space, and which physical memory may be given away. */
#pragma once
#include "layout.h"
#include "kernel/port/x86/multiboot.h"

#define MEMORY_RAM_MAX 32u /* regions of RAM above 1 MiB; further ones are left unused */

struct memory {
	uint32_t ram_count;
	struct region ram[MEMORY_RAM_MAX]; /* ascending, whole pages, inside the window, above the kernel's image */
};

extern uint64_t kernel_pml4[512];

/* Sorts the boot loader's map into *memory. */
void memory_find(const struct multiboot *boot, struct memory *memory);

/* Builds the kernel's final tables (all of *memory in the window, the image W^X, the two APICs) and switches to them. */
void memory_map_kernel(const struct memory *memory, uint64_t local_apic, uint64_t io_apic);

/* First physical address behind the kernel's image. */
uint64_t memory_kernel_end(void);
