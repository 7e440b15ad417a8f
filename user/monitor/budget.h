/* SPDX-License-Identifier: BSD-2-Clause */
/* Shares of the processor: who has how much of what the description grants. No kernel calls. */
#pragma once
#include "lib/base/base.h"
#include "lib/system/system.h"
#include "user/monitor/protocol.h"

/* Of one controller. */
struct budget {
	uint32_t granted;                 /* parts per million, for all together */
	uint32_t contexts;                /* how many there are */
	uint32_t share[SYSTEM_SPAWN_MAX]; /* what each has */
};

/* What a budget in a period takes, in parts per million, rounded up: 1..SYSTEM_SHARE_MAX. budget_us <= period_us <=
 * MONITOR_PERIOD_US_MAX, neither 0. */
uint32_t budget_share(uint64_t budget_us, uint64_t period_us);

/* May context have that budget (0: none at all)? Changes nothing. *asked is its share; *left what it could have at most. Both are
 * 0 after MONITOR_NO_CONTEXT, *asked also after MONITOR_BAD_BUDGET. */
enum monitor_error budget_check(const struct budget *budget, uint64_t context, uint64_t budget_us, uint64_t period_us,
                                uint32_t *asked, uint32_t *left) MUST_USE;
