/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of a program's symbols can be patched. */
#pragma once
#include "lib/archive/pack.h"

/* Collects the patchable symbols of a checked program from its symbol table, if it has one: objects (or untyped) with a size
 * of 1 to 4096 bytes, wholly in a writable segment, with a name that fits the archive. Sorted; a name that means two places
 * is left out, unless exactly one of them is visible outside its source file. The names point into the file. malloc'ed, *count
 * of them; NULL if there are none or no memory. */
struct pack_symbol *symbols_collect(const struct elf *elf, uint32_t *count);
