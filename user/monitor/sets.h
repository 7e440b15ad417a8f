/* SPDX-License-Identifier: BSD-2-Clause */
/* The ABI sets side by side, as far as the monitor must know the sets it was not built for: to recognise them and to
 * print. */
#pragma once
#include <sel4/abi.h>
#include "lib/base/base.h"

struct set {
	const char *name;
	uint32_t number;     /* ABI_SET_... */
	uint16_t make_pool;  /* label of ASIDControl_MakePool: different in every set */
	uint16_t issue, in8, out8; /* labels of IOPortControl_Issue, IOPort_In8, IOPort_Out8 */
};

extern const struct set set_microkit_release, set_microkit_debug, set_plain;
