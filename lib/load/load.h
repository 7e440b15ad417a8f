/* SPDX-License-Identifier: BSD-2-Clause */
/* From bytes to a program that has passed every check where it is going to be: the steps that every loader takes, in their
 * order. A loader that has to take them in pieces calls the parts itself (user/controller/program.c). */
#pragma once
#include "lib/elf/elf.h"
#include "lib/plan/plan.h"
#include "lib/reloc/reloc.h"

#define LOAD_BASE_DEFAULT UINT64_MAX /* no aligned address: elf_base_default's */

struct load {
	struct elf elf;     /* placed and accepted */
	struct reloc reloc; /* accepted */
	bool by_loader;     /* relocations, TLS and RELRO are the loader's to do; else the program's own start-up code does them */
};

/* The strict policy of a machine for a program with these flags of its archive entry (enum archive_flag): they say who relocates. */
void load_policy(uint16_t machine, uint32_t archive_flags, struct elf_policy *policy);

/* Reads, places, checks: elf_read, elf_place, elf_check, reloc_read. base: what position-independent programs are moved by, or
 * LOAD_BASE_DEFAULT; programs at fixed addresses take LOAD_BASE_DEFAULT or 0. Errors as those four; *load is of no use then. */
enum status load_accept(const uint8_t *bytes, uint64_t size_bytes, const struct elf_policy *policy, uint64_t base, struct load *load,
                        struct where *where) MUST_USE;

/* plan_add_startup, for a program that wants it: to be called after plan_add_image, regions and patches. */
enum status load_add_startup(const struct load *load, struct plan *plan, struct where *where) MUST_USE;
