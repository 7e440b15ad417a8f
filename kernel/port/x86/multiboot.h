/* SPDX-License-Identifier: BSD-2-Clause */
/* What the boot loader tells, copied out of its memory into ours. */
#pragma once
#include "lib/base/base.h"

#define MULTIBOOT_REGIONS_MAX 50u  /* as many as seL4's boot-information record holds */
#define MULTIBOOT_LINE_MAX    256u

/* Physical addresses, end exclusive. */
struct region {
	uint64_t start;
	uint64_t end;
};

/* One entry of the memory map as the boot loader and the boot-information record lay it out. */
struct multiboot_region {
	uint32_t size; /* bytes that follow this word */
	uint64_t base;
	uint64_t length;
	uint32_t type; /* 1: RAM */
} __attribute__((packed));

struct multiboot {
	struct region module; /* the root task's ELF file */
	uint32_t region_count;
	struct multiboot_region region[MULTIBOOT_REGIONS_MAX];
	char command_line[MULTIBOOT_LINE_MAX];
};

/* Reads the information at physical address information (below 4 GiB, mapped at PHYSICAL_WINDOW). Panics when the
 * kernel was not started by a multiboot loader, or there is no module, or no memory map: there is nobody to report
 * to. */
void multiboot_read(uint32_t magic, uint32_t information, struct multiboot *boot);
