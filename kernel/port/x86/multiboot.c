/* SPDX-License-Identifier: BSD-2-Clause */
/* The multiboot (version 1) information, as QEMU's -kernel and GRUB pass it.
 *
 * Invariant: nothing of the boot loader's memory is looked at after multiboot_read, so all of it can be given away. */
#include "kernel/port/x86/console.h"
#include "layout.h"
#include "kernel/port/x86/multiboot.h"

#define LOADER_MAGIC        0x2badb002u
#define HAS_MEMORY          (1u << 0)
#define HAS_COMMAND_LINE    (1u << 2)
#define HAS_MODULES         (1u << 3)
#define HAS_MEMORY_MAP      (1u << 6)
#define HIGH_MEMORY         0x100000u
#define REGION_RAM          1u

struct information {
	uint32_t flags, lower_kib, upper_kib, boot_device, command_line, module_count, modules;
	uint32_t symbols[4];
	uint32_t map_bytes, map;
};

struct module {
	uint32_t start, end, name, reserved;
};

static const void *at(uint32_t physical)
{
	return (const void *)((uintptr_t)PHYSICAL_WINDOW + physical);
}

static void read_command_line(const struct information *information, struct multiboot *boot)
{
	boot->command_line[0] = 0;
	if (!(information->flags & HAS_COMMAND_LINE)) {
		return;
	}
	const char *line = at(information->command_line);
	unsigned i = 0;
	for (; i + 1 < MULTIBOOT_LINE_MAX && line[i]; i++) {
		boot->command_line[i] = line[i];
	}
	if (line[i]) {
		kernel_panic("the command line is longer than %u bytes", MULTIBOOT_LINE_MAX - 1);
	}
	boot->command_line[i] = 0;
}

static void read_map(const struct information *information, struct multiboot *boot)
{
	uint32_t offset = 0;
	while (offset + sizeof(struct multiboot_region) <= information->map_bytes
	       && boot->region_count < MULTIBOOT_REGIONS_MAX) {
		struct multiboot_region *region = &boot->region[boot->region_count++];
		memcpy(region, at(information->map + offset), sizeof *region);
		offset += region->size + (uint32_t)sizeof region->size;
	}
}

/* A loader without a memory map tells how much there is above 1 MiB. */
static void make_map(const struct information *information, struct multiboot *boot)
{
	struct multiboot_region region = { sizeof region - sizeof region.size, HIGH_MEMORY,
	                                   (uint64_t)information->upper_kib << 10, REGION_RAM };
	boot->region[boot->region_count++] = region;
}

void multiboot_read(uint32_t magic, uint32_t information_address, struct multiboot *boot)
{
	const struct information *information = at(information_address);
	if (magic != LOADER_MAGIC) {
		kernel_panic("not started by a multiboot loader (magic 0x%x)", magic);
	}
	boot->region_count = 0;
	read_command_line(information, boot);
	if (!(information->flags & HAS_MODULES) || information->module_count == 0) {
		kernel_panic("no boot module: give the root task's ELF file (QEMU: -initrd)");
	}
	const struct module *module = at(information->modules);
	boot->module = (struct region){ module->start, module->end };
	if (boot->module.start >= boot->module.end) {
		kernel_panic("the boot module is empty");
	}
	if (information->flags & HAS_MEMORY_MAP) {
		read_map(information, boot);
	} else if (information->flags & HAS_MEMORY) {
		make_map(information, boot);
	}
	if (boot->region_count == 0) {
		kernel_panic("the boot loader does not say where memory is");
	}
}
