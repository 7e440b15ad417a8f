/* SPDX-License-Identifier: BSD-2-Clause */
/* The labels of set microkit-release. */
#undef ABI_SET
#define ABI_SET ABI_SET_MICROKIT_RELEASE
#define SET set_microkit_release
#include "user/monitor/set.inc"
