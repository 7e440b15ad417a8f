/* SPDX-License-Identifier: BSD-2-Clause */
/* The labels of set plain. */
#undef ABI_SET
#define ABI_SET ABI_SET_PLAIN
#define SET set_plain
#include "user/monitor/set.inc"
