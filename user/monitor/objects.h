/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects out of the boot untypeds. The monitor gives nothing back, so slots and memory are marks that only move up. */
#pragma once
#include "user/monitor/monitor.h"

/* Notes slots and untypeds from the boot information, and stops unless what the system table asks for is there. */
void objects_start(struct monitor *monitor);

/* Stops if types or sizes of objects are not those of the image's ABI set: labels say nothing of huge pages or of the size of
 * a thread's FPU state. Makes two objects of exactly the room they should need. */
void objects_check(struct monitor *monitor);

/* count empty slots of the root CNode, consecutive; the first. Stops if there are none left. */
seL4_CPtr objects_slots(struct monitor *monitor, uint64_t count);

/* Makes count objects in consecutive new slots; the first. size_bits: for untypeds, CNodes (slots) and scheduling
 * contexts, as Untyped_Retype takes it. Takes the untyped with the least room that will do. Stops if memory is short.
 */
seL4_CPtr objects_make(struct monitor *monitor, seL4_Word type, uint32_t size_bits, uint64_t count);

/* Makes frames of 2^page_bits bytes at a physical address, of memory or of a device. To be called with addresses that
 * ascend, before anything else is made. Stops if no untyped covers them. */
seL4_CPtr objects_make_at(struct monitor *monitor, uint64_t physical, uint32_t page_bits, uint64_t count);

/* Stops with what was being done if the kernel refused. */
void objects_must(seL4_Error error, const char *what);
