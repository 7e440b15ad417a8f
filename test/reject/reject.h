/* SPDX-License-Identifier: BSD-2-Clause */
/* Reject tests: for every status a case that provokes it and, where there is a limit, a twin just inside it that is
 * accepted. A case that gets another status, or none, fails; so does a status without a case. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lib/base/base.h"
#include "lib/base/status.h"

struct reject_case {
	enum status status;
	const char *name;
	void (*run)(const void *data); /* fails the test unless the status comes out */
	const void *data;
};

/* The tables, one per part. */
extern const struct reject_case *const reject_elf_cases, *const reject_reloc_cases, *const reject_archive_cases, *const reject_plan_cases,
	*const reject_start_cases;
extern const size_t reject_elf_count, reject_reloc_count, reject_archive_count, reject_plan_count, reject_start_count;

/* Fails with both names if they differ. */
#define assert_status(got, wanted) assert_string_equal(status_name(got), status_name(wanted))
