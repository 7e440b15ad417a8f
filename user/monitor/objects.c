/* SPDX-License-Identifier: BSD-2-Clause */
/* Slots and memory of the root task. Invariant: used_bytes of an untyped is the kernel's own free index of it. */
#include "user/monitor/objects.h"
#include "user/monitor/stop.h"

#define MAKE_BATCH_MAX RETYPE_BATCH_MAX

void objects_must(seL4_Error error, const char *what)
{
	if (error != seL4_NoError)
		stop("the kernel refused to %s: error %u", what, (unsigned)error);
}

static uint32_t object_bits(seL4_Word type, uint32_t size_bits)
{
	switch (type) {
	case seL4_UntypedObject:
	case seL4_SchedContextObject: return size_bits;
	case seL4_CapTableObject:     return size_bits + seL4_SlotBits;
	case seL4_TCBObject:          return seL4_TCBBits;
	case seL4_EndpointObject:     return seL4_EndpointBits;
	case seL4_NotificationObject: return seL4_NotificationBits;
	case seL4_ReplyObject:        return seL4_ReplyBits;
	case seL4_X86_LargePageObject: return seL4_LargePageBits;
	default:                      return seL4_PageBits; /* pages and tables */
	}
}

/* ---- what there is ---- */

static void note_untypeds(struct monitor *monitor)
{
	const seL4_BootInfo *info = monitor->info;
	uint64_t count = info->untyped.end - info->untyped.start;
	for (uint32_t i = 0; i < count && i < MONITOR_UNTYPEDS_MAX; i++) {
		const seL4_UntypedDesc *description = &info->untypedList[i];
		monitor->untyped[i] = (struct monitor_untyped){
			.slot = info->untyped.start + i, .physical = description->paddr,
			.size_bits = description->sizeBits, .is_device = description->isDevice
		};
		monitor->untyped_count = i + 1;
	}
}

void objects_start(struct monitor *monitor)
{
	const struct system_header *needed = monitor->system.header;
	uint64_t slots = monitor->end_slot - monitor->next_slot, memory = 0;
	uint32_t untypeds = 0;
	note_untypeds(monitor);
	for (uint32_t i = 0; i < monitor->untyped_count; i++) {
		if (monitor->untyped[i].is_device)
			continue;
		untypeds++;
		memory += 1ull << monitor->untyped[i].size_bits;
	}
	if (slots < needed->root_slots_needed)
		stop("too few root slots: %u needed, %llu free", needed->root_slots_needed, ull(slots));
	if (untypeds < needed->untypeds_needed)
		stop("too few untypeds: %u needed, %u given", needed->untypeds_needed, untypeds);
	if (memory < needed->memory_needed_bytes)
		stop("too little memory: %llu bytes needed, %llu given", ull(needed->memory_needed_bytes), ull(memory));
}

seL4_CPtr objects_slots(struct monitor *monitor, uint64_t count)
{
	seL4_CPtr first = monitor->next_slot;
	if (count > monitor->end_slot - monitor->next_slot)
		stop("out of root slots: %llu needed, %lu free", ull(count), monitor->end_slot - monitor->next_slot);
	monitor->next_slot += (seL4_Word)count;
	return first;
}

/* ---- making ---- */

/* How many objects of 2^bits bytes still fit behind the mark. */
static uint64_t room_for(const struct monitor_untyped *untyped, uint32_t bits)
{
	uint64_t size = 1ull << untyped->size_bits;
	uint64_t start = round_up(untyped->used_bytes, 1ull << bits);
	return start >= size ? 0 : (size - start) >> bits;
}

/* The untyped with the fewest bytes left that holds count objects, or else the one that holds most. */
static struct monitor_untyped *choose_untyped(struct monitor *monitor, uint32_t bits, uint64_t count)
{
	struct monitor_untyped *best = NULL;
	uint64_t best_room = 0;
	for (uint32_t i = 0; i < monitor->untyped_count; i++) {
		struct monitor_untyped *untyped = &monitor->untyped[i];
		uint64_t room = untyped->is_device ? 0 : room_for(untyped, bits);
		bool is_better = best_room < count ? room > best_room : room >= count && room < best_room;
		if (is_better) {
			best = untyped;
			best_room = room;
		}
	}
	return best;
}

/* Bytes of the largest object that could be made. */
static uint64_t largest_piece(struct monitor *monitor)
{
	for (uint32_t bits = seL4_MaxUntypedBits; bits > seL4_MinUntypedBits; bits--) {
		if (choose_untyped(monitor, bits, 1) != NULL)
			return 1ull << bits;
	}
	return 0;
}

static void retype(struct monitor_untyped *untyped, seL4_Word type, uint32_t size_bits, seL4_CPtr first, uint64_t count)
{
	uint32_t bits = object_bits(type, size_bits);
	objects_must(seL4_Untyped_Retype(untyped->slot, type, size_bits, seL4_CapInitThreadCNode, 0, 0, first, (seL4_Word)count),
	             "make objects");
	untyped->used_bytes = round_up(untyped->used_bytes, 1ull << bits) + (count << bits);
}

seL4_CPtr objects_make(struct monitor *monitor, seL4_Word type, uint32_t size_bits, uint64_t count)
{
	seL4_CPtr first = objects_slots(monitor, count);
	uint32_t bits = object_bits(type, size_bits);
	for (uint64_t made = 0; made < count;) {
		struct monitor_untyped *untyped = choose_untyped(monitor, bits, count - made);
		if (untyped == NULL)
			stop("out of memory: %llu bytes in one piece needed, %llu left in the largest", 1ull << bits,
			     ull(largest_piece(monitor)));
		uint64_t batch = room_for(untyped, bits);
		batch = batch < count - made ? batch : count - made;
		batch = batch < MAKE_BATCH_MAX ? batch : MAKE_BATCH_MAX;
		retype(untyped, type, size_bits, first + (seL4_Word)made, batch);
		made += batch;
	}
	return first;
}

/* ---- what options of the kernel change, beside labels ---- */

/* Does an object of this type fit where one of 2^bits bytes should? */
static bool fits(struct monitor *monitor, seL4_Word type, uint32_t bits)
{
	seL4_CPtr room = objects_make(monitor, seL4_UntypedObject, bits, 1), slot = objects_slots(monitor, 1);
	return seL4_Untyped_Retype(room, type, 0, seL4_CapInitThreadCNode, 0, 0, slot, 1) == seL4_NoError;
}

void objects_check(struct monitor *monitor)
{
	if (!fits(monitor, seL4_X86_4K, seL4_PageBits))
		stop("object type %u is no 4K page on this kernel, as in set %s: is it built without huge pages?",
		     (unsigned)seL4_X86_4K, ABI_SET_NAME);
	if (!fits(monitor, seL4_TCBObject, seL4_TCBBits))
		stop("a thread is larger than 2^%u bytes on this kernel: its KernelXSaveSize is not that of set %s",
		     (unsigned)seL4_TCBBits, ABI_SET_NAME);
}

/* ---- at a physical address ---- */

static struct monitor_untyped *untyped_at(struct monitor *monitor, uint64_t physical, uint64_t bytes)
{
	for (uint32_t i = 0; i < monitor->untyped_count; i++) {
		struct monitor_untyped *untyped = &monitor->untyped[i];
		if (physical >= untyped->physical
		    && range_is_inside(physical - untyped->physical, bytes, 1ull << untyped->size_bits))
			return untyped;
	}
	return NULL;
}

/* Moves the mark of untyped up to offset, by making untypeds that nobody will use, each as large as fits. */
static void skip_to(struct monitor *monitor, struct monitor_untyped *untyped, uint64_t offset)
{
	while (untyped->used_bytes < offset) {
		uint32_t bits = seL4_PageBits;
		while (untyped->used_bytes % (2ull << bits) == 0 && untyped->used_bytes + (2ull << bits) <= offset)
			bits++;
		retype(untyped, seL4_UntypedObject, bits, objects_slots(monitor, 1), 1);
	}
}

seL4_CPtr objects_make_at(struct monitor *monitor, uint64_t physical, uint32_t page_bits, uint64_t count)
{
	seL4_Word type = page_bits == seL4_PageBits ? seL4_X86_4K : seL4_X86_LargePageObject;
	seL4_CPtr first = objects_slots(monitor, count);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t at = physical + (i << page_bits);
		struct monitor_untyped *untyped = untyped_at(monitor, at, 1ull << page_bits);
		if (untyped == NULL)
			stop("no memory or device at physical address 0x%llx", ull(at));
		if (untyped->used_bytes > at - untyped->physical)
			stop("physical address 0x%llx is in use", ull(at));
		skip_to(monitor, untyped, at - untyped->physical);
		retype(untyped, type, 0, first + (seL4_Word)i, 1);
	}
	return first;
}
