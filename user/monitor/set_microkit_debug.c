/* SPDX-License-Identifier: BSD-2-Clause */
/* The labels of set microkit-debug. */
#undef ABI_SET
#define ABI_SET ABI_SET_MICROKIT_DEBUG
#define SET set_microkit_debug
#include "user/monitor/set.inc"
