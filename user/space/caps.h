/* SPDX-License-Identifier: BSD-2-Clause */
/* Capabilities that the caller lets the loader copy from or revoke, named as CNode invocations name them. */
#pragma once
#include <sel4/abi.h>
#include "lib/base/base.h"

/* count capabilities in consecutive slots of one CNode. */
struct space_caps {
	seL4_CPtr root;      /* CPtr of the CNode */
	seL4_Word first;     /* index of the first */
	uint32_t depth_bits; /* bits of an index */
	uint32_t page_bits;  /* if they are frames: the size of each; else 0 */
	uint64_t count;
};
