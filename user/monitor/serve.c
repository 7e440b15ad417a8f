/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor at rest. It never answers a fault: the thread stays blocked, with everything as it was when it faulted.
 * Requests of controllers are answered at once. */
#include "user/monitor/serve.h"
#include "user/monitor/domains.h"
#include "user/monitor/print.h"
#include "user/monitor/protocol.h"
#include "user/monitor/requests.h"

#define X86_FAULT_WRITE 2u /* in a page fault's error code */

/* A passive domain has finished init and waits: from now on it runs on the time of whoever calls or signals it. */
static void make_passive(const struct monitor *monitor, uint32_t index)
{
	const struct monitor_domain *domain = &monitor->domain[index];
	seL4_Error error = seL4_SchedContext_Unbind(domain->sched_context);
	if (error == seL4_NoError)
		error = seL4_SchedContext_Bind(domain->sched_context, domain->notification);
	if (error != seL4_NoError)
		print("graft: monitor: domain %s can't be made passive: error %u\n", domains_name(monitor, index),
		      (unsigned)error);
}

/* The words of a fault message; printing needs the IPC buffer. */
struct fault {
	seL4_Word label;
	seL4_Word word[seL4_UnknownSyscall_Length];
};

static struct fault take_fault(seL4_MessageInfo_t info)
{
	struct fault fault = { .label = seL4_MessageInfo_get_label(info) };
	for (seL4_Word i = 0; i < seL4_MessageInfo_get_length(info) && i < seL4_UnknownSyscall_Length; i++)
		fault.word[i] = seL4_GetMR(i);
	return fault;
}

static void report_memory_fault(const seL4_Word *word)
{
	const char *how = word[seL4_VMFault_PrefetchFault] != 0 ? "execute"
	                : (word[seL4_VMFault_FSR] & X86_FAULT_WRITE) != 0 ? "write" : "read";
	print("no right to %s 0x%lx, by the instruction at 0x%lx", how, word[seL4_VMFault_Addr], word[seL4_VMFault_IP]);
}

static void report_cause(const struct fault *fault)
{
	const seL4_Word *word = fault->word;
	switch (fault->label) {
	case seL4_Fault_VMFault:
		report_memory_fault(word);
		break;
	case seL4_Fault_CapFault:
		print("no usable capability at 0x%lx (%s), by the instruction at 0x%lx", word[seL4_CapFault_Addr],
		      word[seL4_CapFault_InRecvPhase] != 0 ? "receiving" : "sending", word[seL4_CapFault_IP]);
		break;
	case seL4_Fault_UnknownSyscall:
		print("unknown system call %lu at 0x%lx", word[seL4_UnknownSyscall_Syscall], word[seL4_UnknownSyscall_FaultIP]);
		break;
	case seL4_Fault_UserException:
		print("exception %lu (code 0x%lx) at 0x%lx", word[seL4_UserException_Number], word[seL4_UserException_Code],
		      word[seL4_UserException_FaultIP]);
		break;
	default:
		print("fault %lu", fault->label);
		break;
	}
}

static void report(const struct monitor *monitor, uint32_t domain, const struct fault *fault)
{
	uint64_t base = monitor->domain[domain].base;
	print("graft: monitor: domain %s", domains_name(monitor, domain));
	if (base != 0) /* what to take off an address before it is looked up in the file */
		print(" at base 0x%llx", (unsigned long long)base);
	print(" is stopped: ");
	report_cause(fault);
	print("\n");
}

/* Each unanswered fault keeps its reply object, so each receive that could be one has an object of its own; a domain
 * that is stopped here can't fault again, so there are enough. */
_Noreturn void serve(struct monitor *monitor)
{
	uint32_t count = monitor->system.header->domains.count, unanswered = 0;
	for (;;) {
		seL4_Word badge;
		seL4_MessageInfo_t info = seL4_Recv(monitor->endpoint, &badge, monitor->replies + unanswered);
		if ((badge & MONITOR_BADGE_REQUEST) != 0) {
			requests_serve(monitor, badge, info, monitor->replies + unanswered);
			continue;
		}
		struct fault fault = take_fault(info);
		if (badge == 0 || badge > count)
			continue;
		uint32_t domain = (uint32_t)(badge - 1);
		if (fault.label == seL4_Fault_NullFault) {
			make_passive(monitor, domain);
			continue;
		}
		report(monitor, domain, &fault);
		unanswered += unanswered < count;
	}
}
