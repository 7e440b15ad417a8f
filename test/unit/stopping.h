/* SPDX-License-Identifier: BSD-2-Clause */
/* A controller that is stopped for good behind one of its kernel calls, and one that starts afresh on its record. */
#pragma once
#include "test/unit/controller_world.h"

static jmp_buf stopped;
static uint64_t stop_in; /* 0: never */

static void stop_behind_the_call(void)
{
	if (stop_in > 0 && --stop_in == 0)
		longjmp(stopped, 1);
}

/* Runs what; true: it was stopped behind call k. */
static bool run_and_stop(void (*what)(void), uint64_t k)
{
	bool was_stopped = true;

	stop_in = k;
	sel4_core_after = stop_behind_the_call;
	if (setjmp(stopped) == 0) {
		what();
		was_stopped = false;
	}
	sel4_core_after = NULL;
	return was_stopped;
}

static void do_restart(void)
{
	assert_int_equal(controller_start(&grant, &record), STATUS_OK);
}
