/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor at rest. It never answers a fault: the thread stays blocked, with everything as it was when it faulted. */
#include "user/monitor/serve.h"
#include "user/monitor/domains.h"
#include "user/monitor/print.h"

#define X86_FAULT_WRITE 2u  /* page-fault error code: bit 1 a write, bit 4 an instruction fetch */

/* A passive domain has finished init and waits: from now on it runs on the time of whoever calls or signals it. */
static void make_passive(const struct monitor *monitor, uint32_t index)
{
	const struct monitor_domain *domain = &monitor->domain[index];
	seL4_Error error = seL4_SchedContext_Unbind(domain->sched_context);
	if (error == seL4_NoError)
		error = seL4_SchedContext_Bind(domain->sched_context, domain->notification);
	if (error != seL4_NoError)
		print("graft: monitor: domain %s can't be made passive: error %u\n", domains_name(monitor, index), (unsigned)error);
}

static void report_memory_fault(void)
{
	const char *how = seL4_GetMR(seL4_VMFault_PrefetchFault) != 0 ? "execute"
	                : (seL4_GetMR(seL4_VMFault_FSR) & X86_FAULT_WRITE) != 0 ? "write" : "read";
	print("no right to %s 0x%lx, by the instruction at 0x%lx", how, seL4_GetMR(seL4_VMFault_Addr), seL4_GetMR(seL4_VMFault_IP));
}

static void report_cause(seL4_Word label)
{
	switch (label) {
	case seL4_Fault_VMFault:
		report_memory_fault();
		break;
	case seL4_Fault_CapFault:
		print("no usable capability at 0x%lx (%s), by the instruction at 0x%lx", seL4_GetMR(seL4_CapFault_Addr),
		      seL4_GetMR(seL4_CapFault_InRecvPhase) != 0 ? "receiving" : "sending", seL4_GetMR(seL4_CapFault_IP));
		break;
	case seL4_Fault_UnknownSyscall:
		print("unknown system call %lu at 0x%lx", seL4_GetMR(seL4_UnknownSyscall_Syscall),
		      seL4_GetMR(seL4_UnknownSyscall_FaultIP));
		break;
	case seL4_Fault_UserException:
		print("exception %lu (code 0x%lx) at 0x%lx", seL4_GetMR(seL4_UserException_Number), seL4_GetMR(seL4_UserException_Code),
		      seL4_GetMR(seL4_UserException_FaultIP));
		break;
	default:
		print("fault %lu", label);
		break;
	}
}

_Noreturn void serve(struct monitor *monitor)
{
	uint32_t count = monitor->system.header->domains.count;
	for (;;) {
		seL4_Word badge;
		seL4_MessageInfo_t info = seL4_Recv(monitor->endpoint, &badge, monitor->reply);
		seL4_Word label = seL4_MessageInfo_get_label(info);
		if (badge == 0 || badge > count)
			continue;
		uint32_t index = (uint32_t)(badge - 1);
		if (label == seL4_Fault_NullFault) {
			make_passive(monitor, index);
			continue;
		}
		print("graft: monitor: domain %s is stopped: ", domains_name(monitor, index));
		report_cause(label);
		print("\n");
	}
}
