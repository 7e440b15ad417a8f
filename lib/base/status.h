/* SPDX-License-Identifier: BSD-2-Clause */
/* One status per cause. The table lib/base/status.def is the only place where a
 * status gets its name and its text; each row has a test that provokes it. */
#pragma once

enum status {
#define STATUS(name, text) STATUS_##name,
#include "lib/base/status.def"
#undef STATUS
	STATUS_COUNT
};

/* The text of a status, without a final stop; "unknown status" for a number out of range. */
const char *status_text(enum status status);

/* Its name as in the table, for machines: "ELF_MAGIC". */
const char *status_name(enum status status);
