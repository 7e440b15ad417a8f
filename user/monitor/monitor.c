/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor: the root task. */
#include "user/monitor/ports.h"
#include "user/monitor/print.h"
#include "user/monitor/probe.h"
#include "user/monitor/stop.h"

seL4_IPCBuffer *__sel4_ipc_buffer;

_Noreturn void monitor_main(const seL4_BootInfo *info);

/* Finds out which kernel this is, gets a voice, and stops on a kernel that the image was not built for. */
static const struct set *meet_kernel(const seL4_BootInfo *info)
{
	static struct set unknown;
	const struct set *set = probe_kernel(&unknown);
	if (set == NULL)
		stop("no voice"); /* nobody hears it; the thread rests */
	stop_prepare(set, info->empty.start + 1);
	if (ports_issue(set, PORTS_SERIAL_FIRST, PORTS_SERIAL_LAST, info->empty.start) == seL4_NoError)
		print_open(info->empty.start, set);
	if (set->number == 0)
		stop("this image is for a kernel of ABI set %s, this kernel is of no set known here (ASIDControl_MakePool has label %u)",
		     ABI_SET_NAME, set->make_pool);
	if (set->number != ABI_SET)
		stop("this image is for a kernel of ABI set %s, this kernel is of set %s", ABI_SET_NAME, set->name);
	return set;
}

_Noreturn void monitor_main(const seL4_BootInfo *info)
{
	seL4_SetIPCBuffer(info->ipcBuffer);
	meet_kernel(info);
	stop("that was all");
}
