/* SPDX-License-Identifier: BSD-2-Clause */
/* Time, from the timer's domain. One alarm is set, for the process that wakes next. */
#include "user/process/process.h"
#include "user/timer/protocol.h"

/* Set by the description: the channel to the timer. */
__attribute__((section(".data.patched"))) seL4_Word process_timer = GRAFT_NO_CHANNEL;

static uint64_t ask(enum timer_verb verb, uint64_t ms)
{
	if (process_timer == GRAFT_NO_CHANNEL)
		return 0;
	microkit_mr_set(0, (uint32_t)ms);
	microkit_mr_set(1, (seL4_Word)(ms >> 32));
	(void)microkit_ppcall((microkit_channel)process_timer, microkit_msginfo_new(verb, verb == TIMER_ALARM ? 2 : 0));
	return (uint64_t)microkit_mr_get(1) << 32 | (uint32_t)microkit_mr_get(0);
}

uint64_t clock_now(void)
{
	return ask(TIMER_NOW, 0);
}

/* Wakes whoever is due, and asks for an alarm for the next. */
static void look(uint64_t now)
{
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < process_slots(); i++) {
		struct process *process = process_at(i);

		if (process->state != PROCESS_SLEEPING)
			continue;
		if (process->wakes_ms <= now)
			process_answer(process, PROCESS_SUCCESS, 0);
		else if (process->wakes_ms < next)
			next = process->wakes_ms;
	}
	if (next != UINT64_MAX)
		(void)ask(TIMER_ALARM, next);
}

void clock_sleep(struct process *process, uint64_t ms)
{
	uint64_t now = clock_now();

	process->wakes_ms = sum_is_exact(now, ms) ? now + ms : UINT64_MAX - 1;
	process_wait(process, PROCESS_SLEEPING);
	look(now);
}

void clock_notified(microkit_channel ch)
{
	if (ch == process_timer)
		look(clock_now());
}
