/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's address space on x86_64, built once at boot and shared by every VSpace through PML4 entry 511.
 *
 * Invariants:
 *   M1 no page of it is reachable from ring 3 (no user bit at any level);
 *   M2 no page of it is writable and executable at the same address;
 *   M3 the window maps RAM and the first 2 MiB only, so no device is ever reached through a cached mapping;
 *   M4 the page below the kernel's stack is not mapped: an overflow is a double fault with a message. */
#include "kernel/core/kernel.h"
#include "kernel/port/x86/cpu.h"
#include "kernel/port/x86/memory.h"

#define ENTRY_PRESENT     (1ull << 0)
#define ENTRY_WRITE       (1ull << 1)
#define ENTRY_UNCACHED    (3ull << 3) /* write-through and cache-disable: PAT entry 3 */
#define ENTRY_LARGE       (1ull << 7)
#define ENTRY_NO_EXECUTE  (1ull << 63)
#define ENTRIES           512u
#define LARGE_PAGE_BYTES  (1ull << LARGE_PAGE_BITS)
#define IMAGE_TABLES      (KERNEL_IMAGE_BYTES / LARGE_PAGE_BYTES)

extern char kernel_text[], kernel_rodata[], kernel_data[], kernel_end[], kernel_stack_guard[];

#define TABLE __attribute__((aligned(4096)))
static TABLE uint64_t kernel_pml4[ENTRIES];
static TABLE uint64_t kernel_pdpt[ENTRIES];
static TABLE uint64_t window_directory[WINDOW_BYTES >> 30][ENTRIES];
static TABLE uint64_t image_directory[ENTRIES];
static TABLE uint64_t image_table[IMAGE_TABLES][ENTRIES];
static TABLE uint64_t device_directory[ENTRIES];
static TABLE uint64_t device_table[ENTRIES];

static uint64_t physical(const void *address)
{
	return (uint64_t)address - KERNEL_BASE;
}

word memory_kernel_end(void)
{
	return physical(kernel_end);
}

word memory_kernel_root(void)
{
	return physical(kernel_pml4);
}

void port_vspace_init(struct kernel *k, void *root)
{
	(void)k;
	((uint64_t *)root)[511] = kernel_pml4[511];
}

static void map_window(uint64_t start, uint64_t end, uint64_t no_execute)
{
	for (uint64_t at = round_down(start, LARGE_PAGE_BYTES); at < end; at += LARGE_PAGE_BYTES) {
		uint64_t *directory = window_directory[at >> 30];
		directory[at >> LARGE_PAGE_BITS & (ENTRIES - 1)] = at | ENTRY_PRESENT | ENTRY_WRITE | ENTRY_LARGE | no_execute;
		kernel_pdpt[at >> 30] = physical(directory) | ENTRY_PRESENT | ENTRY_WRITE;
	}
}

/* What one page of the image may be: nothing below the image's high part, the stack's guard, or by section. */
static uint64_t image_entry(const char *page, uint64_t no_execute)
{
	if (page < kernel_text || page >= kernel_end || page == kernel_stack_guard) {
		return 0;
	}
	uint64_t entry = physical(page) | ENTRY_PRESENT;
	if (page < kernel_rodata) {
		return entry;
	}
	return entry | no_execute | (page >= kernel_data ? ENTRY_WRITE : 0);
}

static void map_image(uint64_t no_execute)
{
	for (uint64_t i = 0; i < IMAGE_TABLES * ENTRIES; i++) {
		const char *page = (const char *)(KERNEL_BASE + i * PAGE_BYTES);
		image_table[i / ENTRIES][i % ENTRIES] = image_entry(page, no_execute);
	}
	for (uint64_t i = 0; i < IMAGE_TABLES; i++) {
		image_directory[i] = physical(image_table[i]) | ENTRY_PRESENT | ENTRY_WRITE;
	}
	kernel_pdpt[510] = physical(image_directory) | ENTRY_PRESENT | ENTRY_WRITE;
}

static void map_devices(uint64_t local_apic, uint64_t io_apic, uint64_t no_execute)
{
	uint64_t flags = ENTRY_PRESENT | ENTRY_WRITE | ENTRY_UNCACHED | no_execute;
	device_table[0] = local_apic | flags;
	device_table[1] = io_apic | flags;
	device_directory[0] = physical(device_table) | ENTRY_PRESENT | ENTRY_WRITE;
	kernel_pdpt[511] = physical(device_directory) | ENTRY_PRESENT | ENTRY_WRITE;
}

/* The no-execute bit where the CPU knows it, after switching it on; it is a reserved bit elsewhere. */
static uint64_t enable_no_execute(void)
{
	if (cpu_identify(0x80000000u, 0).eax < 0x80000001u || !(cpu_identify(0x80000001u, 0).edx & 1u << 20)) {
		return 0;
	}
	cpu_write_msr(MSR_EFER, cpu_read_msr(MSR_EFER) | EFER_NO_EXECUTE);
	return ENTRY_NO_EXECUTE;
}

void memory_map_kernel(const struct memory *memory, word local_apic, word io_apic)
{
	uint64_t no_execute = enable_no_execute();
	map_window(0, memory_kernel_end(), no_execute);
	for (uint32_t i = 0; i < memory->ram_count; i++) {
		map_window(memory->ram[i].start, memory->ram[i].end, no_execute);
	}
	map_image(no_execute);
	map_devices(local_apic, io_apic, no_execute);
	kernel_pml4[511] = physical(kernel_pdpt) | ENTRY_PRESENT | ENTRY_WRITE;
	cpu_write_cr0(cpu_read_cr0() | CR0_WRITE_PROTECT);
	cpu_write_cr3(physical(kernel_pml4));
}
