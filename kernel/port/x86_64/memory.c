/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's address space, built once at boot and shared by every VSpace through PML4 entry 511.
 *
 * Invariants:
 *   M1 no page of it is reachable from ring 3 (no user bit at any level);
 *   M2 no page of it is writable and executable at the same address;
 *   M3 the window maps RAM and the first 2 MiB only, so no device is ever reached through a cached mapping;
 *   M4 the page below the kernel's stack is not mapped: an overflow is a double fault with a message. */
#include "kernel/port/x86/memory.h"
#include "kernel/port/x86/console.h"
#include "kernel/port/x86/cpu.h"

#define ENTRY_PRESENT     (1ull << 0)
#define ENTRY_WRITE       (1ull << 1)
#define ENTRY_UNCACHED    (3ull << 3) /* write-through and cache-disable: PAT entry 3 */
#define ENTRY_LARGE       (1ull << 7)
#define ENTRY_NO_EXECUTE  (1ull << 63)
#define ENTRIES           512u
#define LARGE_PAGE_BYTES  (1ull << LARGE_PAGE_BITS)
#define IMAGE_TABLES      (KERNEL_IMAGE_BYTES / LARGE_PAGE_BYTES)
#define REGION_RAM        1u
#define LOW_MEMORY_END    0x100000u

extern char kernel_text[], kernel_rodata[], kernel_data[], kernel_end[], kernel_stack_guard[];

#define TABLE __attribute__((aligned(4096)))
TABLE uint64_t kernel_pml4[ENTRIES];
static TABLE uint64_t kernel_pdpt[ENTRIES];
static TABLE uint64_t window_directory[WINDOW_GIB][ENTRIES];
static TABLE uint64_t image_directory[ENTRIES];
static TABLE uint64_t image_table[IMAGE_TABLES][ENTRIES];
static TABLE uint64_t device_directory[ENTRIES];
static TABLE uint64_t device_table[ENTRIES];

static uint64_t physical(const void *address)
{
	return (uint64_t)address - KERNEL_BASE;
}

uint64_t memory_kernel_end(void)
{
	return physical(kernel_end);
}

/* Adds [start, end) clipped to what can be used, keeping the list ascending. */
static void add_ram(struct memory *memory, uint64_t start, uint64_t end)
{
	uint64_t floor = memory_kernel_end(), ceiling = (uint64_t)WINDOW_GIB << 30;
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
		if (region->type == REGION_RAM && region->base >= LOW_MEMORY_END && sum_is_exact(region->base, region->length)) {
			add_ram(memory, region->base, region->base + region->length);
		}
	}
	for (uint32_t i = 1; i < memory->ram_count; i++) {
		if (memory->ram[i].start < memory->ram[i - 1].end) {
			kernel_panic("the boot loader's memory regions overlap at 0x%lx", memory->ram[i].start);
		}
	}
	if (memory->ram_count == 0) {
		kernel_panic("no memory above 1 MiB");
	}
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

void memory_map_kernel(const struct memory *memory, uint64_t local_apic, uint64_t io_apic)
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
