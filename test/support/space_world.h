/* SPDX-License-Identifier: BSD-2-Clause */
/* A world for tests of user/space on the kernel core: a space made by space_boot, a domain, a program of text, data and bss, a
 * memory region. */
#pragma once
#include "test/support/sel4_core.h"
#include "user/space/boot.h"

#define WORLD_POOL_BITS   20u
#define WORLD_TEXT        0x200000ul /* 2 pages, shared with the payload */
#define WORLD_DATA        0x203000ul /* 1.5 pages from the payload, 2 more zero */
#define WORLD_REGION      0x10000000ul /* 2 pages, writable */
#define WORLD_REGION_READ 0x11000000ul /* the same, read-only */
#define WORLD_PATCH       (WORLD_DATA + 0x2ff8ul) /* 16 bytes, over the border of two zero pages */
#define WORLD_STACK_PAGES 3u
#define WORLD_STACK_BYTES 64u /* a patch at the stack's top */
#define WORLD_PAYLOAD_PAGES 6u

struct world {
	struct fake *fake;
	struct space space;
	struct space_state state;
	struct commit_domain owns;
	uint64_t next_slot;
	uint64_t cspace, fault;           /* slots of the root CNode */
	uint64_t payload_slot, region_slot;
	struct space_caps region[2];
	uint8_t *payload;                 /* page-aligned */
	struct plan plan;
	struct build_input input;         /* of the plan */
};

/* Ready for build_start. */
void world_start(struct world *w);
void world_end(struct world *w);

/* An object in a fresh slot of the root CNode. */
uint64_t world_make(struct world *w, uint64_t type, uint64_t size_bits);

/* Builds a whole image; fails the test if that can't be done. */
uint32_t world_build(struct world *w);

/* Compares every page of the image with what the plan says: contents, rights, nothing else mapped near. */
void world_check_image(const struct world *w, uint32_t account);

/* What exists, in the loader's words and in the kernel's: capabilities, those of the pool's splits aside. */
struct world_figures {
	struct space_ledger ledger;
	uint64_t caps;
};
struct world_figures world_figures_now(const struct world *w);
void world_expect_figures(const struct world *w, const struct world_figures *figures);

struct tcb *world_thread(const struct world *w, uint32_t account);
struct cap world_cap(const struct world *w, uint64_t cptr); /* what a CPtr of the root thread names */
