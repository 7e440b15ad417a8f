/* SPDX-License-Identifier: BSD-2-Clause */
/* Shares of the processor. Rounding up makes the sum err on the side of the others. */
#include "user/monitor/budget.h"

_Static_assert(MONITOR_PERIOD_US_MAX <= UINT64_MAX / SYSTEM_SHARE_MAX / 2, "a share's dividend fits 64 bits");

uint32_t budget_share(uint64_t budget_us, uint64_t period_us)
{
	return (uint32_t)((budget_us * SYSTEM_SHARE_MAX + period_us - 1) / period_us);
}

static uint32_t sum_of_others(const struct budget *budget, uint64_t context)
{
	uint32_t sum = 0;
	for (uint32_t i = 0; i < budget->contexts; i++)
		sum += i == context ? 0 : budget->share[i];
	return sum;
}

enum monitor_error budget_check(const struct budget *budget, uint64_t context, uint64_t budget_us, uint64_t period_us,
                                uint32_t *asked, uint32_t *left)
{
	*asked = *left = 0;
	if (context >= budget->contexts)
		return MONITOR_NO_CONTEXT;
	*left = budget->granted - sum_of_others(budget, context);
	if (budget_us == 0)
		return MONITOR_OK;
	if (budget_us < MONITOR_BUDGET_US_MIN || budget_us > period_us || period_us > MONITOR_TURN_US_MAX)
		return MONITOR_BAD_BUDGET;
	*asked = budget_share(budget_us, period_us);
	return *asked <= *left ? MONITOR_OK : MONITOR_NO_SHARE;
}
