/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs every reject case as a test of its own, and sees to it that there is one for every status. */
#include "test/reject/reject.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const struct reject_case *const *cases;
	const size_t *count;
} tables[] = {
	{ &reject_elf_cases, &reject_elf_count },
	{ &reject_reloc_cases, &reject_reloc_count },
	{ &reject_archive_cases, &reject_archive_count },
	{ &reject_plan_cases, &reject_plan_count },
	{ &reject_start_cases, &reject_start_count },
};
#define TABLE_COUNT (sizeof tables / sizeof tables[0])

static void run_case(void **state)
{
	const struct reject_case *reject = *state;
	reject->run(reject->data);
}

static bool has_case(enum status status)
{
	for (size_t t = 0; t < TABLE_COUNT; t++)
		for (size_t i = 0; i < *tables[t].count; i++)
			if ((*tables[t].cases)[i].status == status)
				return true;
	return false;
}

static bool begins_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* What the system table and the capability loader refuse is provoked by the unit tests that have the set-up for it, and the
 * controller compares a symbol's size with a value, and asks a timer, that only it has: test/reject/check-statuses looks there. */
static bool is_elsewhere(enum status status)
{
	const char *name = status_name(status);
	return begins_with(name, "SYSTEM_") || begins_with(name, "SPACE_") || begins_with(name, "TRUST_") || status == STATUS_TIMER_SILENT ||
	       status == STATUS_SYMBOL_TOO_SMALL;
}

static void test_every_status_has_a_case(void **state)
{
	(void)state;
	for (int i = STATUS_OK + 1; i < STATUS_COUNT; i++)
		if (!is_elsewhere((enum status)i) && !has_case((enum status)i))
			fail_msg("no case provokes %s", status_name((enum status)i));
}

static void test_texts(void **state)
{
	(void)state;
	for (int i = STATUS_OK; i < STATUS_COUNT; i++) {
		const char *text = status_text((enum status)i);
		assert_true(strlen(text) > 0 && text[strlen(text) - 1] != '.');
		for (int other = STATUS_OK; other < i; other++)
			assert_string_not_equal(text, status_text((enum status)other));
	}
	assert_string_equal(status_text(STATUS_COUNT), "unknown status");
	assert_string_equal(status_name((enum status)-1), "UNKNOWN");
}

int main(void)
{
	size_t count = 2;
	for (size_t t = 0; t < TABLE_COUNT; t++)
		count += *tables[t].count;
	struct CMUnitTest *tests = calloc(count, sizeof *tests);
	if (!tests)
		return 1;
	tests[0] = (struct CMUnitTest) cmocka_unit_test(test_every_status_has_a_case);
	tests[1] = (struct CMUnitTest) cmocka_unit_test(test_texts);
	count = 2;
	for (size_t t = 0; t < TABLE_COUNT; t++)
		for (size_t i = 0; i < *tables[t].count; i++) {
			struct reject_case *reject = (struct reject_case *)&(*tables[t].cases)[i];
			tests[count++] = (struct CMUnitTest) { reject->name, run_case, NULL, NULL, reject };
		}
	int failed = _cmocka_run_group_tests("reject", tests, count, NULL, NULL);
	free(tests);
	return failed != 0;
}
