/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory regions: their frames, and their first contents. */
#pragma once
#include "user/monitor/monitor.h"

/* Regions at physical addresses; to be made first, since their memory must still be untouched. */
void regions_make_physical(struct monitor *monitor);

/* All others: fresh ones, prefilled ones, and those that are pages of the root task's own image. */
void regions_make(struct monitor *monitor);

/* The frame capabilities of the image's pages that hold [offset, ...) of the blob; page-aligned. */
seL4_CPtr regions_blob_frames(const struct monitor *monitor, uint64_t offset);
