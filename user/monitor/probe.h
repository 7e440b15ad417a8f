/* SPDX-License-Identifier: BSD-2-Clause */
/* Which kernel is this? */
#pragma once
#include "user/monitor/sets.h"

#define PROBE_LABEL_MAX 127u /* the largest set known has 66 labels */

/* The set of the running kernel, found without changing anything: a known one, or *unknown filled with what was found
 * (its number 0), or NULL if no label is ASIDControl_MakePool. Costs one call on a kernel of the image's own set. */
const struct set *probe_kernel(struct set *unknown);
