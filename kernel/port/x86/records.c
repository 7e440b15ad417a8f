/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot-information records. They follow each other without padding, so everything is copied bytewise. */
#include "kernel/port/x86/records.h"
#include "layout.h"
#include <sel4/bootinfo.h>

#define BIOS_START       0xe0000ul
#define BIOS_END         0x100000ul
#define ROOT_POINTER_STEP 16u
#define ROOT_POINTER_SUMMED_BYTES 20u /* the part of the first version, which has the checksum */
#define ROOT_POINTER_BYTES 36u

struct memory_map {
	uint32_t bytes;
	struct multiboot_region region[MULTIBOOT_REGIONS_MAX];
};
_Static_assert(sizeof(struct memory_map) == 1204, "the record's layout is the interface's");
_Static_assert(3 * sizeof(seL4_BootInfoHeader) + ROOT_POINTER_BYTES + sizeof(struct memory_map) + 4
               <= ROOT_RECORD_BYTES,
               "records fit");

static void append(struct root_setup *setup, word id, const void *bytes, word length)
{
	seL4_BootInfoHeader header = { id, sizeof header + length };
	memcpy(setup->records + setup->record_bytes, &header, sizeof header);
	memcpy(setup->records + setup->record_bytes + sizeof header, bytes, length);
	setup->record_bytes += header.len;
}

static bool is_root_pointer(const uint8_t *bytes)
{
	uint8_t sum = 0;
	for (unsigned i = 0; i < ROOT_POINTER_SUMMED_BYTES; i++) {
		sum = (uint8_t)(sum + bytes[i]);
	}
	return memcmp(bytes, "RSD PTR ", 8) == 0 && sum == 0;
}

static const uint8_t *find_root_pointer(void)
{
	for (word at = BIOS_START; at + ROOT_POINTER_BYTES <= BIOS_END; at += ROOT_POINTER_STEP) {
		const uint8_t *bytes = (const uint8_t *)((uintptr_t)PHYSICAL_WINDOW + at);
		if (is_root_pointer(bytes)) {
			return bytes;
		}
	}
	return NULL;
}

void records_make(const struct multiboot *boot, uint32_t tsc_mhz, struct root_setup *setup)
{
	struct memory_map map = { .bytes = boot->region_count * (uint32_t)sizeof boot->region[0] };
	memcpy(map.region, boot->region, map.bytes);
	setup->record_bytes = 0;
	const uint8_t *root_pointer = find_root_pointer();
	if (root_pointer) {
		append(setup, SEL4_BOOTINFO_HEADER_X86_ACPI_RSDP, root_pointer, ROOT_POINTER_BYTES);
	}
	append(setup, SEL4_BOOTINFO_HEADER_X86_MBMMAP, &map, sizeof map);
	append(setup, SEL4_BOOTINFO_HEADER_X86_TSC_FREQ, &tsc_mhz, sizeof tsc_mhz);
}
