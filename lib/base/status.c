/* SPDX-License-Identifier: BSD-2-Clause */
/* The names and texts of every status, from the one table. */
#include "lib/base/status.h"

static const char *const texts[] = {
#define STATUS(name, text) text,
#include "lib/base/status.def"
#undef STATUS
};

static const char *const names[] = {
#define STATUS(name, text) #name,
#include "lib/base/status.def"
#undef STATUS
};

static int is_known(enum status status)
{
	return (unsigned)status < STATUS_COUNT;
}

const char *status_text(enum status status)
{
	return is_known(status) ? texts[status] : "unknown status";
}

const char *status_name(enum status status)
{
	return is_known(status) ? names[status] : "UNKNOWN";
}
