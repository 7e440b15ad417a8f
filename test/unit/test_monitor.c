/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of the monitor in front of a fake kernel: the probe on kernels of every set and of none, printing, and
 * memory: what is retyped from the boot untypeds fits, lies where it was asked for, and is refused with the figures
 * when it runs out. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "test/support/random.h"
#include "user/monitor/objects.h"
#include "user/monitor/print.h"
#include "user/monitor/probe.h"
#include "user/monitor/stop.h"

/* ---- the fake kernel ---- */

#define UNTYPED_SLOT 100u /* the first of the boot untypeds */
#define SERIAL_SLOT  90u
#define UNTYPEDS     6u
#define SLOTS_FIRST  1000u
#define SLOTS_END    20000u

static struct fake {
	seL4_Word make_pool; /* the label that ASIDControl knows */
	uint32_t calls, serial_polls;
	char text[256];
	uint32_t text_bytes;
	uint64_t free[UNTYPEDS];  /* the kernel's mark in each untyped */
	uint64_t start, bytes;    /* of the last retype, from the untyped's start */
	uint32_t objects;
	bool filled[SLOTS_END];   /* slots of the root CNode */
} fake;

static seL4_BootInfo info;
static struct system_header header;
static struct monitor monitor;
static seL4_IPCBuffer buffer;
seL4_IPCBuffer *__sel4_ipc_buffer;
static jmp_buf stopped;
static char reason[256];

_Noreturn void stop(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	(void)vsnprintf(reason, sizeof reason, format, arguments);
	va_end(arguments);
	longjmp(stopped, 1);
}

static uint32_t bits_of(seL4_Word type, seL4_Word size_bits)
{
	switch (type) {
	case seL4_UntypedObject: return (uint32_t)size_bits;
	case seL4_CapTableObject: return (uint32_t)size_bits + 5;
	case seL4_EndpointObject: return 4;
	case seL4_TCBObject: return 11;
	case seL4_X86_LargePageObject: return 21;
	default: assert_int_equal(type, seL4_X86_4K); return 12;
	}
}

/* As seL4 does it: align the mark up, refuse what does not fit, fill the slots. */
static seL4_Error fake_retype(uint32_t untyped, seL4_Word type, seL4_Word size_bits)
{
	const seL4_UntypedDesc *description = &info.untypedList[untyped];
	uint32_t bits = bits_of(type, size_bits);
	seL4_Word count = buffer.msg[5];
	assert_in_range(count, 1, 256);
	assert_int_equal(buffer.caps_or_badges[0], seL4_CapInitThreadCNode);
	assert_true(!description->isDevice || type == seL4_X86_4K || type == seL4_X86_LargePageObject
	            || type == seL4_UntypedObject);
	uint64_t start = (fake.free[untyped] + (1ull << bits) - 1) >> bits << bits;
	if (start + (count << bits) > 1ull << description->sizeBits)
		return seL4_NotEnoughMemory;
	fake.free[untyped] = start + (count << bits);
	fake.start = start;
	fake.bytes = count << bits;
	fake.objects += (uint32_t)count;
	for (seL4_Word slot = buffer.msg[4]; slot < buffer.msg[4] + count; slot++) {
		assert_in_range(slot, SLOTS_FIRST, SLOTS_END - 1);
		assert_false(fake.filled[slot]);
		fake.filled[slot] = true;
	}
	return seL4_NoError;
}

static seL4_Word fake_serial(seL4_Word label, struct sel4_words *words)
{
	if (label == fake.make_pool + 6) {
		assert_int_equal(words->mr0, 0x3f8);
		fake.text[fake.text_bytes++] = (char)words->mr1;
		return seL4_NoError;
	}
	assert_int_equal(label, fake.make_pool + 3);
	assert_int_equal(words->mr0, 0x3fd);
	words->mr0 = ++fake.serial_polls % 2 == 0 ? 0x20 : 0; /* busy every other time */
	return seL4_NoError;
}

seL4_Word sel4_machine_exchange(seL4_Word number, seL4_CPtr to, seL4_Word tag, seL4_Word *badge,
                                struct sel4_words *words, seL4_CPtr reply)
{
	seL4_MessageInfo_t asked = { { tag } };
	seL4_Word label = seL4_MessageInfo_get_label(asked), answer = seL4_IllegalOperation;
	assert_int_equal(number, (seL4_Word)seL4_SysCall);
	(void)reply;
	*badge = 0;
	fake.calls++;
	if (to == seL4_CapASIDControl) {
		assert_int_equal(seL4_MessageInfo_get_length(asked) + seL4_MessageInfo_get_extraCaps(asked), 0);
		answer = label == fake.make_pool ? seL4_TruncatedMessage : seL4_IllegalOperation;
	} else if (to == SERIAL_SLOT) {
		answer = fake_serial(label, words);
	} else {
		assert_in_range(to, UNTYPED_SLOT, UNTYPED_SLOT + UNTYPEDS - 1);
		assert_int_equal(label, UntypedRetype);
		answer = fake_retype((uint32_t)(to - UNTYPED_SLOT), words->mr0, words->mr1);
	}
	return seL4_MessageInfo_new(answer, 0, 0, 0).words[0];
}

static int set_up(void **state)
{
	static const struct { uint64_t paddr; uint8_t bits, device; } given[UNTYPEDS] = {
		{ 0x1000000, 16, 0 }, { 0x2000000, 20, 0 }, { 0x4000000, 24, 0 }, { 0x8000000, 12, 0 }, { 0xb0000, 16, 1 },
		{ 0xfe000000, 25, 1 },
	};
	(void)state;
	memset(&fake, 0, sizeof fake);
	memset(&info, 0, sizeof info);
	memset(&monitor, 0, sizeof monitor);
	memset(&header, 0, sizeof header);
	seL4_SetIPCBuffer(&buffer);
	info.untyped = (seL4_SlotRegion){ UNTYPED_SLOT, UNTYPED_SLOT + UNTYPEDS };
	for (uint32_t i = 0; i < UNTYPEDS; i++)
		info.untypedList[i] = (seL4_UntypedDesc){ .paddr = given[i].paddr, .sizeBits = given[i].bits,
		                                          .isDevice = given[i].device };
	monitor.info = &info;
	monitor.system.header = &header;
	monitor.next_slot = SLOTS_FIRST;
	monitor.end_slot = SLOTS_END;
	return 0;
}

/* ---- the probe ---- */

static void probe_knows_the_sets(void **state)
{
	struct set unknown;
	(void)state;
	static const struct { seL4_Word label; const char *name; } kernels[] = {
		{ 51, "microkit-release" }, { 55, "microkit-debug" }, { 48, "plain" } };
	for (uint32_t i = 0; i < 3; i++) {
		fake.make_pool = kernels[i].label;
		fake.calls = 0;
		const struct set *set = probe_kernel(&unknown);
		assert_non_null(set);
		assert_string_equal(set->name, kernels[i].name);
		assert_int_equal(set->out8, kernels[i].label + 6);
		if (set->number == ABI_SET)
			assert_int_equal(fake.calls, 1);
	}
}

static void probe_names_the_label_of_others(void **state)
{
	struct set unknown;
	(void)state;
	fake.make_pool = 45; /* a kernel without MCS */
	const struct set *set = probe_kernel(&unknown);
	assert_ptr_equal(set, &unknown);
	assert_int_equal(set->number, 0);
	assert_int_equal(set->make_pool, 45);
	assert_int_equal(set->issue, 47);
	fake.make_pool = 1000;
	assert_null(probe_kernel(&unknown));
}

/* ---- printing ---- */

static void print_writes_what_it_is_told(void **state)
{
	struct set set = { .in8 = 54, .out8 = 57 };
	(void)state;
	fake.make_pool = 51;
	print("lost");
	print_open(SERIAL_SLOT, &set);
	print("%s %u %lu %x %lx %016lx|", "text", 0u, 18446744073709551615ul, 0x1fu, 0xabcul, 0xabcul);
	assert_string_equal(fake.text, "text 0 18446744073709551615 1f abc 0000000000000abc|");
	print_open(0, NULL);
	print("lost");
	assert_int_equal(fake.text[fake.text_bytes - 1], '|');
}

/* ---- memory ---- */

static void stops_with(const char *wanted)
{
	assert_string_equal(reason, wanted);
}

static void start_compares_with_what_is_needed(void **state)
{
	(void)state;
	header.root_slots_needed = 19000;
	header.untypeds_needed = 4;
	header.memory_needed_bytes = (1u << 16) + (1u << 20) + (1u << 24) + (1u << 12);
	objects_start(&monitor);
	assert_int_equal(monitor.untyped_count, UNTYPEDS);
	header.root_slots_needed++;
	if (setjmp(stopped) == 0)
		objects_start(&monitor);
	stops_with("too few root slots: 19001 needed, 19000 free");
	header.root_slots_needed--;
	header.untypeds_needed++;
	if (setjmp(stopped) == 0)
		objects_start(&monitor);
	stops_with("too few untypeds: 5 needed, 4 given");
	header.untypeds_needed--;
	header.memory_needed_bytes++;
	if (setjmp(stopped) == 0)
		objects_start(&monitor);
	stops_with("too little memory: 17895425 bytes needed, 17895424 given");
}

/* The fake refuses what overlaps or does not fit, and a refusal stops; so it is enough that nothing stops before it
 * is full. */
static void objects_fill_memory_to_the_end(void **state)
{
	static const struct { seL4_Word type; uint32_t size_bits; } kinds[] = {
		{ seL4_X86_4K, 0 }, { seL4_EndpointObject, 0 }, { seL4_TCBObject, 0 }, { seL4_CapTableObject, 9 },
		{ seL4_UntypedObject, 14 }, { seL4_X86_LargePageObject, 0 } };
	static struct random random;
	static uint32_t made;
	(void)state;
	objects_start(&monitor);
	random = random_start("objects_fill_memory_to_the_end", 7);
	made = 0;
	if (setjmp(stopped) == 0) {
		for (;;) {
			uint64_t kind = random_below(&random, 6);
			uint64_t count = random_between(&random, 1, kind == 5 ? 2 : 600);
			seL4_CPtr first = objects_make(&monitor, kinds[kind].type, kinds[kind].size_bits, count);
			for (uint64_t i = 0; i < count; i++)
				assert_true(fake.filled[first + i]);
			made += (uint32_t)count;
			assert_int_equal(fake.objects, made);
		}
	}
	assert_non_null(strstr(reason, "out of memory"));
	assert_true(fake.free[0] + fake.free[1] + fake.free[2] + fake.free[3] > 12000000); /* of 17,895,424 */
	assert_int_equal(fake.free[4] + fake.free[5], 0);
}

static void small_objects_spare_large_pieces(void **state)
{
	(void)state;
	objects_start(&monitor);
	(void)objects_make(&monitor, seL4_EndpointObject, 0, 3);
	assert_int_equal(fake.free[3], 48);
	(void)objects_make(&monitor, seL4_UntypedObject, 24, 1);
	assert_int_equal(fake.free[2], 1u << 24);
	if (setjmp(stopped) == 0)
		(void)objects_make(&monitor, seL4_UntypedObject, 21, 1);
	stops_with("out of memory: 2097152 bytes in one piece needed, 1048576 left in the largest");
}

static void frames_lie_at_the_physical_address(void **state)
{
	(void)state;
	objects_start(&monitor);
	(void)objects_make_at(&monitor, 0xb8000, PAGE_BITS, 8);
	assert_int_equal(fake.free[4], 0xc0000 - 0xb0000); /* the last of eight pages ends there */
	(void)objects_make_at(&monitor, 0xfee00000, PAGE_BITS, 1);
	assert_int_equal(fake.start, 0xe00000);
	(void)objects_make_at(&monitor, 0xff000000, LARGE_PAGE_BITS, 2);
	assert_int_equal(fake.free[5], 0x1400000);
	(void)objects_make_at(&monitor, 0x2003000, PAGE_BITS, 2); /* memory can be asked for by address too */
	assert_int_equal(fake.free[1], 0x5000);
}

static void physical_addresses_that_are_not_there_stop(void **state)
{
	(void)state;
	objects_start(&monitor);
	if (setjmp(stopped) == 0)
		(void)objects_make_at(&monitor, 0x12345000, PAGE_BITS, 1);
	stops_with("no memory or device at physical address 0x12345000");
	if (setjmp(stopped) == 0)
		(void)objects_make_at(&monitor, 0xbf000, PAGE_BITS, 2); /* the second page is beyond */
	stops_with("no memory or device at physical address 0xc0000");
	if (setjmp(stopped) == 0)
		(void)objects_make_at(&monitor, 0xb8000, PAGE_BITS, 1);
	stops_with("physical address 0xb8000 is in use");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(probe_knows_the_sets, set_up),
		cmocka_unit_test_setup(probe_names_the_label_of_others, set_up),
		cmocka_unit_test_setup(print_writes_what_it_is_told, set_up),
		cmocka_unit_test_setup(start_compares_with_what_is_needed, set_up),
		cmocka_unit_test_setup(objects_fill_memory_to_the_end, set_up),
		cmocka_unit_test_setup(small_objects_spare_large_pieces, set_up),
		cmocka_unit_test_setup(frames_lie_at_the_physical_address, set_up),
		cmocka_unit_test_setup(physical_addresses_that_are_not_there_stop, set_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
