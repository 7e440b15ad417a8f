/* SPDX-License-Identifier: BSD-2-Clause */
/* Every number of the kernel interface (abi/include/sel4) against those of the supported sets. Compiled once per set; for
 * i386, which this host may not be able to run, compiled only, with the comparisons made by the compiler
 * (test/unit/check-abi-i386). */
#include <sel4/abi.h>
#include <sel4/bootinfo.h>
#include <sel4/constants.h>
#include <sel4/errors.h>
#include <sel4/faults.h>
#include <sel4/invocation.h>
#include <sel4/objecttype.h>
#include <sel4/rootslots.h>
#include <sel4/syscall.h>
#include <sel4/types.h>

/* The set's column. */
#if ABI_WORD_BITS == 32
#define COLUMN(plain, release, debug, i386) i386
#elif ABI_SET == ABI_SET_PLAIN
#define COLUMN(plain, release, debug, i386) plain
#elif ABI_SET == ABI_SET_MICROKIT_RELEASE
#define COLUMN(plain, release, debug, i386) release
#else
#define COLUMN(plain, release, debug, i386) debug
#endif

/* Drops the rows whose column is x, whose names the set does not have: PRESENT_OR_NOT(x) is 0, of anything else 1. */
#define SECOND(a, b, ...) b
#define SECOND_OF(...) SECOND(__VA_ARGS__)
#define PROBE_x ~, 0
#define PRESENT_OR_NOT(value) SECOND_OF(PROBE_##value, 1, ~)
#define JOIN(a, b) JOIN_NOW(a, b)
#define JOIN_NOW(a, b) a##b
#define IF_PRESENT(name, sign, value) IF_PRESENT_NOW(name, sign, value)
#define IF_PRESENT_NOW(name, sign, value) JOIN(COMPARE_, PRESENT_OR_NOT(value))(name, sign, value)
#define COMPARE_0(name, sign, value)
#define ROW(name, ...) IF_PRESENT(name, +, COLUMN(__VA_ARGS__))
#define NEGATIVE(name, ...) IF_PRESENT(name, -, COLUMN(__VA_ARGS__))

#ifdef COMPILE_ONLY
#define COMPARE_1(name, sign, value) _Static_assert((long long)(name) == sign value##ll, #name);
#define SECTION(name)
#define SECTION_END
#include "test/support/abi_numbers.def"
#else
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

struct number {
	const char *name;
	long long ours, theirs;
};

/* One function per section: compares all, names the first that differs. */
static void compare(const struct number *numbers, size_t count)
{
	assert_true(count > 0);
	for (size_t i = 0; i < count; i++)
		if (numbers[i].ours != numbers[i].theirs)
			fail_msg("%s of set %s is %lld, the kernel's is %lld", numbers[i].name, ABI_SET_NAME, numbers[i].ours,
			         numbers[i].theirs);
}

#define COMPARE_1(name, sign, value) { #name, (long long)(name), sign value##ll },
#define SECTION(name) \
	static void test_##name(void **state) \
	{ \
		(void)state; \
		const struct number numbers[] = {
#define SECTION_END \
	}; \
		compare(numbers, sizeof numbers / sizeof numbers[0]); \
	}
#include "test/support/abi_numbers.def"
#undef SECTION
#undef SECTION_END
#undef ROW
#undef NEGATIVE
#define SECTION(name) cmocka_unit_test(test_##name),
#define SECTION_END
#define ROW(...)
#define NEGATIVE(...)

/* The layouts that the numbers do not show. */
static void test_structures(void **state)
{
	(void)state;
	assert_int_equal(offsetof(seL4_IPCBuffer, msg), 8);
	assert_int_equal(offsetof(seL4_IPCBuffer, userData), 8 + 120 * 8);
	assert_int_equal(offsetof(seL4_IPCBuffer, caps_or_badges), 16 + 120 * 8);
	assert_int_equal(offsetof(seL4_IPCBuffer, receiveCNode), 40 + 120 * 8);
	assert_int_equal(sizeof(seL4_UserContext), 20 * 8);
	assert_int_equal(seL4_MessageInfo_new(0x12345, 5, 2, 100).words[0], 0x12345ul << 12 | 5u << 9 | 2u << 7 | 100);
	assert_int_equal(seL4_CapRights_new(1, 0, 1, 0).words[0], 10);
	assert_int_equal(abi_cnode_data(3, 49), 3u << 6 | 49);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#include "test/support/abi_numbers.def"
		cmocka_unit_test(test_structures),
	};
	return cmocka_run_group_tests_name(ABI_SET_NAME, tests, NULL, NULL);
}
#endif
