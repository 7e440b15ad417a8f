/* SPDX-License-Identifier: BSD-2-Clause */
/* The ordered list of runs inside a plan. Private to lib/plan. */
#pragma once
#include "lib/plan/plan.h"

static inline uint64_t run_bytes(const struct plan_run *run)
{
	return run->pages << run->page_bits;
}

static inline uint64_t run_end(const struct plan_run *run)
{
	return run->vaddr + run_bytes(run);
}

/* Is nothing planned in [start, end), the guard between stack and IPC buffer included? */
bool runs_are_free(const struct plan *plan, uint64_t start, uint64_t end);

/* The index of the first run that ends above vaddr; run_count if there is none. */
uint32_t runs_find(const struct plan *plan, uint64_t vaddr);

/* Puts a run where it belongs (P1). The caller has made sure of room and of free addresses. */
void runs_insert(struct plan *plan, const struct plan_run *run);

/* Cuts run number index in two at vaddr, a page boundary inside it. The caller has made sure of room. */
void runs_split(struct plan *plan, uint32_t index, uint64_t vaddr);

/* Takes count runs out, from number index on. */
void runs_remove(struct plan *plan, uint32_t index, uint32_t count);

/* Makes BYTES pages of the ZERO pages in which [vaddr, vaddr + bytes) lies; splits their runs. The caller has made sure of
 * room: at most two more runs for each run of ZERO pages touched. */
void runs_touch(struct plan *plan, uint64_t vaddr, uint64_t bytes);

static inline enum status plan_refuse(enum status status, struct where *where, uint64_t offset, uint32_t index, uint64_t value,
                                      uint64_t limit)
{
	*where = (struct where) { .offset = offset, .index = index, .value = value, .limit = limit };
	return status;
}
