/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory regions become frames. A region that is filled and that nobody may write is not copied: its frames are those
 * the kernel loaded the image into, and whoever maps it gets read-only copies of their capabilities. */
#include "user/monitor/regions.h"
#include "user/monitor/objects.h"
#include "user/monitor/stop.h"
#include "user/monitor/window.h"

extern const uint8_t _monitor_start[]; /* monitor.ld */

seL4_CPtr regions_blob_frames(const struct monitor *monitor, uint64_t offset)
{
	uint64_t page = ((uint64_t)(monitor->system.blob - _monitor_start) + offset) / PAGE_BYTES;
	const seL4_SlotRegion *frames = &monitor->info->userImageFrames;
	if (page >= frames->end - frames->start)
		stop("the kernel gave %lu frames of the image, page %llu is needed", frames->end - frames->start, ull(page));
	return frames->start + (seL4_Word)page;
}

static void note(struct monitor *monitor, uint32_t index, seL4_CPtr first)
{
	const struct system_region *region = &monitor->system.regions[index];
	monitor->region[index].first = first;
	monitor->region[index].pages = region->size_bytes >> region->page_bits;
}

/* Prefilled regions have 4K pages. */
static void fill(const struct monitor *monitor, uint32_t index)
{
	const struct system_region *region = &monitor->system.regions[index];
	const uint8_t *from = monitor->system.blob + region->prefill_offset;
	for (uint64_t done = 0; done < region->prefill_bytes; done += PAGE_BYTES) {
		uint64_t rest = region->prefill_bytes - done;
		seL4_CPtr frame = monitor->region[index].first + (seL4_Word)(done / PAGE_BYTES);
		memcpy(window_open(frame), from + done, (size_t)(rest < PAGE_BYTES ? rest : PAGE_BYTES));
		window_close(frame);
	}
}

/* The physical region with the lowest address that is not below least; false if there is none. */
static bool next_physical(const struct monitor *monitor, uint64_t least, uint32_t *index)
{
	bool found = false;
	for (uint32_t i = 0; i < monitor->system.header->regions.count; i++) {
		const struct system_region *region = &monitor->system.regions[i];
		if ((region->flags & SYSTEM_REGION_PHYSICAL) == 0 || region->physical < least)
			continue;
		if (!found || region->physical < monitor->system.regions[*index].physical)
			*index = i;
		found = true;
	}
	return found;
}

void regions_make_physical(struct monitor *monitor)
{
	uint32_t index = 0;
	if (monitor->system.header->regions.count > MONITOR_REGIONS_MAX)
		stop("too many memory regions: %u, at most %u", monitor->system.header->regions.count, MONITOR_REGIONS_MAX);
	for (uint64_t least = 0; next_physical(monitor, least, &index);) {
		const struct system_region *region = &monitor->system.regions[index];
		uint64_t pages = region->size_bytes >> region->page_bits;
		note(monitor, index, objects_make_at(monitor, region->physical, region->page_bits, pages));
		least = region->physical + region->size_bytes;
	}
}

void regions_make(struct monitor *monitor)
{
	for (uint32_t i = 0; i < monitor->system.header->regions.count; i++) {
		const struct system_region *region = &monitor->system.regions[i];
		seL4_Word type = region->page_bits == PAGE_BITS ? seL4_X86_4K : seL4_X86_LargePageObject;
		if ((region->flags & SYSTEM_REGION_IN_PLACE) != 0)
			note(monitor, i, regions_blob_frames(monitor, region->prefill_offset));
		else if ((region->flags & SYSTEM_REGION_PHYSICAL) == 0)
			note(monitor, i, objects_make(monitor, type, 0, region->size_bytes >> region->page_bits));
		if (monitor->region[i].first == 0)
			stop("memory region %s lies at the physical address of another", region->name);
		if ((region->flags & (SYSTEM_REGION_PREFILLED | SYSTEM_REGION_IN_PLACE)) == SYSTEM_REGION_PREFILLED)
			fill(monitor, i);
	}
}
