/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's address space on i386, built once at boot and shared by every VSpace through the upper entries of its
 * root.
 *
 * Invariants:
 *   M1 no page of it is reachable from ring 3 (no user bit at any level);
 *   M2 the kernel's code and constants are not writable; not executable can nothing be, the CPU has no such bit here;
 *   M3 the window maps RAM and the first 4 MiB only, so no device is ever reached through a cached mapping;
 *   M4 the page below the kernel's stack is not mapped: an overflow is a double fault with a message. */
#include "kernel/core/kernel.h"
#include "kernel/port/x86/console.h"
#include "kernel/port/x86/cpu.h"
#include "kernel/port/x86/memory.h"

#define ENTRY_PRESENT     (1ul << 0)
#define ENTRY_WRITE       (1ul << 1)
#define ENTRY_UNCACHED    (3ul << 3) /* write-through and cache-disable: PAT entry 3 */
#define ENTRY_LARGE       (1ul << 7)
#define ENTRY_GLOBAL      (1ul << 8)
#define ENTRIES           1024u
#define LARGE_PAGE_SHIFT  22
#define FIRST_ENTRY       (KERNEL_BASE >> LARGE_PAGE_SHIFT)
#define CPUID_GLOBAL      (1u << 13)

extern char kernel_data[], kernel_end[], kernel_stack_guard[];

#define TABLE __attribute__((aligned(4096)))
static TABLE uint32_t kernel_directory[ENTRIES];
static TABLE uint32_t low_table[ENTRIES];
static TABLE uint32_t device_table[ENTRIES];

static word physical(const void *address)
{
	return (word)address - KERNEL_BASE;
}

word memory_kernel_end(void)
{
	return physical(kernel_end);
}

word memory_kernel_root(void)
{
	return physical(kernel_directory);
}

void port_vspace_init(struct kernel *k, void *root)
{
	(void)k;
	memcpy((uint32_t *)root + FIRST_ENTRY, kernel_directory + FIRST_ENTRY, (ENTRIES - FIRST_ENTRY) * sizeof(uint32_t));
}

/* Is this page, below 4 MiB, memory to give away? */
static bool is_ram(const struct memory *memory, word page)
{
	for (uint32_t i = 0; i < memory->ram_count; i++) {
		if (memory->ram[i].start <= page && page < memory->ram[i].end) {
			return true;
		}
	}
	return false;
}

/* What a page of the first 4 MiB may be: firmware's and the image's up to its data only read, its data and RAM
 * written too. */
static word low_entry(const struct memory *memory, word page, word global)
{
	const char *at = (const char *)(page + KERNEL_BASE);
	if (at < kernel_data) {
		return page | ENTRY_PRESENT | global;
	}
	bool is_data = at >= kernel_data && at < kernel_end && at != kernel_stack_guard;
	return is_data || is_ram(memory, page) ? page | ENTRY_PRESENT | ENTRY_WRITE | global : 0;
}

static void map_low(const struct memory *memory, word global)
{
	for (word i = 0; i < ENTRIES; i++) {
		low_table[i] = low_entry(memory, i * PAGE_BYTES, global);
	}
	kernel_directory[FIRST_ENTRY] = physical(low_table) | ENTRY_PRESENT | ENTRY_WRITE;
}

static void map_window(word start, word end, word global)
{
	for (word i = start >> LARGE_PAGE_SHIFT; i << LARGE_PAGE_SHIFT < end; i++) {
		if (i > 0) {
			word entry = ENTRY_PRESENT | ENTRY_WRITE | ENTRY_LARGE | global;
			kernel_directory[FIRST_ENTRY + i] = i << LARGE_PAGE_SHIFT | entry;
		}
	}
}

static void map_devices(word local_apic, word io_apic, word global)
{
	word flags = ENTRY_PRESENT | ENTRY_WRITE | ENTRY_UNCACHED | global;
	device_table[0] = local_apic | flags;
	device_table[1] = io_apic | flags;
	kernel_directory[ENTRIES - 1] = physical(device_table) | ENTRY_PRESENT | ENTRY_WRITE;
}

void memory_map_kernel(const struct memory *memory, word local_apic, word io_apic)
{
	word global = cpu_identify(1, 0).edx & CPUID_GLOBAL ? ENTRY_GLOBAL : 0;
	map_low(memory, global);
	for (uint32_t i = 0; i < memory->ram_count; i++) {
		map_window((word)memory->ram[i].start, (word)memory->ram[i].end, global);
	}
	map_devices(local_apic, io_apic, global);
	cpu_write_cr0(cpu_read_cr0() | CR0_WRITE_PROTECT);
	cpu_write_cr3(physical(kernel_directory));
	if (global) {
		cpu_write_cr4(cpu_read_cr4() | CR4_GLOBAL_PAGES);
	}
}
