/* SPDX-License-Identifier: BSD-2-Clause */
/* Which physical memory the kernel may use and give away. */
#include "kernel/port/x86/memory.h"
#include "kernel/port/x86/console.h"

#define REGION_RAM     1u
#define LOW_MEMORY_END 0x100000u

/* Adds [start, end) clipped to what can be used, keeping the list ascending. */
static void add_ram(struct memory *memory, uint64_t start, uint64_t end)
{
	uint64_t floor = memory_kernel_end(), ceiling = WINDOW_BYTES;
	start = start < floor ? floor : round_up(start, PAGE_BYTES);
	end = end > ceiling ? ceiling : round_down(end, PAGE_BYTES);
	if (start >= end || memory->ram_count == MEMORY_RAM_MAX) {
		return;
	}
	uint32_t i = memory->ram_count++;
	for (; i > 0 && memory->ram[i - 1].start > start; i--) {
		memory->ram[i] = memory->ram[i - 1];
	}
	memory->ram[i] = (struct region){ start, end };
}

void memory_find(const struct multiboot *boot, struct memory *memory)
{
	memory->ram_count = 0;
	for (uint32_t i = 0; i < boot->region_count; i++) {
		const struct multiboot_region *region = &boot->region[i];
		if (region->type == REGION_RAM && region->base >= LOW_MEMORY_END
		    && sum_is_exact(region->base, region->length)) {
			add_ram(memory, region->base, region->base + region->length);
		}
	}
	for (uint32_t i = 1; i < memory->ram_count; i++) {
		if (memory->ram[i].start < memory->ram[i - 1].end) {
			kernel_panic("the boot loader's memory regions overlap at 0x%lx", (word)memory->ram[i].start);
		}
	}
	if (memory->ram_count == 0) {
		kernel_panic("no memory above 1 MiB");
	}
}
