/* SPDX-License-Identifier: BSD-2-Clause */
/* Stopping: one line that says why, then the exit value. Where there is no exit device the thread suspends itself. */
#include "user/monitor/stop.h"
#include "user/monitor/ports.h"
#include "user/monitor/print.h"

static const struct set *stop_set;
static seL4_CPtr stop_slot;

void stop_prepare(const struct set *set, seL4_CPtr free_slot)
{
	stop_set = set;
	stop_slot = free_slot;
}

static void exit_machine(void)
{
	seL4_CPtr port = ports_find(PORTS_EXIT);
	if (port == 0 && stop_slot != 0 && ports_issue(stop_set, PORTS_EXIT, PORTS_EXIT, stop_slot) == seL4_NoError)
		port = stop_slot;
	if (port != 0)
		(void)sel4_invoke(port, stop_set->out8, 0, 2, PORTS_EXIT, STOP_EXIT_VALUE, 0, 0);
}

_Noreturn void stop(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	print("graft: monitor: stopped: ");
	print_list(format, arguments);
	print("\n");
	va_end(arguments);
	exit_machine();
	for (;;)
		(void)seL4_TCB_Suspend(seL4_CapInitThreadTCB);
}
