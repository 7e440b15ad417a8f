/* SPDX-License-Identifier: BSD-2-Clause */
/* The root task: everything that exists before the first system call. */
#pragma once
#include "kernel/core/kernel.h"

#define ROOT_CNODE_BITS      17u /* slots of the root CNode, base-2 logarithm */
#define ROOT_REGIONS_MAX     48u /* of memory: 32 of RAM, cut in at most two more places, and the devices */
#define ROOT_DEVICES_MAX     4u
#define ROOT_RECORD_BYTES    2048u /* of boot-information records: seL4's longest, the memory map, takes 1,220 */

/* Physical addresses, end exclusive. */
struct root_region {
	word start;
	word end;
};

struct root_setup {
	word               ram_count;
	struct root_region ram[ROOT_REGIONS_MAX]; /* free memory in the kernel's window: whole pages, ascending, disjoint */
	struct root_region kernel;                /* the kernel's own memory */
	word               device_count;
	struct root_region device[ROOT_DEVICES_MAX]; /* devices the kernel keeps */
	struct root_region file;                  /* the root task's ELF file: in ram, free again once it is loaded */
	word               record_bytes;
	uint8_t            records[ROOT_RECORD_BYTES]; /* boot-information records, ready made */
};

/* Loads the root task, fills its CSpace, VSpace and boot information, and makes its thread runnable. k: kernel_init
 * done, physical_window set. Does not return if it can't: port_panic says why. */
void root_make(struct kernel *k, const struct root_setup *setup);
