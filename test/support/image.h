/* SPDX-License-Identifier: BSD-2-Clause */
/* A program's memory as pages, made in two ways that must agree: straight from the file, and by carrying out a plan. */
#pragma once
#include "lib/elf/elf.h"
#include "lib/plan/plan.h"

struct image_page {
	uint64_t vaddr;
	uint8_t  rights;
	uint8_t  bytes[PAGE_BYTES];
};

struct image {
	struct image_page *page; /* malloc'ed, ascending if made by a plan */
	uint32_t count;
};

/* What the ELF specification says: every segment's bytes at their addresses, the rest of their pages zero. */
void image_of_file(const struct elf *elf, struct image *image);

/* What a loader does with the plan's runs and patches; regions are left out. bytes: what the plan was made of. */
void image_of_plan(const struct plan *plan, const uint8_t *bytes, struct image *image);

struct image_page *image_find(const struct image *image, uint64_t vaddr);
void image_free(struct image *image);

/* Fails the test unless the plan's image has the file's pages with the same bytes and rights, and besides them only the
 * stack and the IPC buffer, all zero. Patches that the test added must have been taken out. */
void image_assert_same(const struct image *file, const struct image *plan, const struct plan *of);
