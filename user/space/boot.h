/* SPDX-License-Identifier: BSD-2-Clause */
/* A space for a root task: everything comes from the boot information.
 *
 * The root CNode swallows all bits of a CPtr, so nothing can hang below it.
 * space_boot makes a CNode of two slots the caller's new CSpace root: slot 0 leads
 * to the old root CNode, so that every CPtr known so far stays as it is; slot 1
 * leads to a new CNode for the space. */
#pragma once
#include <sel4/bootinfo.h>
#include "user/space/space.h"

struct space_boot_input {
	const seL4_BootInfo *info;
	seL4_CPtr first_empty;   /* first slot of the root CNode that may be used: two are */
	seL4_CPtr untyped;      /* CPtr of an untyped that is large enough for both CNodes; it is used up as far as needed */
	uint32_t cnode_bits;    /* radix of the CNode for the space */
	seL4_Word window;       /* as in struct space_use */
};

/* Fills *use. Five kernel calls. STATUS_SPACE_KERNEL_REFUSED with *where; the root task can't go on then. *next_empty is the
 * first slot after those used. */
enum status space_boot(const struct space_boot_input *input, struct space_use *use, seL4_CPtr *next_empty, struct where *where) MUST_USE;
