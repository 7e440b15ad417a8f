/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults in words: domain, program, cause, address. One line on the console each. Printing leaves the message as it is. */
#include "user/controller/controller.h"

/* Error code of a page fault, as the processor gives it. */
#define FSR_PRESENT 1u
#define FSR_WRITE   2u

static void report_page_fault(void)
{
	seL4_Word fsr = seL4_GetMR(seL4_VMFault_FSR);
	const char *access = seL4_GetMR(seL4_VMFault_PrefetchFault) ? "execute" : fsr & FSR_WRITE ? "write" : "read";

	graft_printf("page fault at 0x%lx ip 0x%lx (%s, %s)\n", seL4_GetMR(seL4_VMFault_Addr),
	             seL4_GetMR(seL4_VMFault_IP), access, fsr & FSR_PRESENT ? "not allowed" : "nothing there");
}

void report_fault(uint32_t domain, seL4_MessageInfo_t info)
{
	seL4_Word label = microkit_msginfo_get_label(info);

	graft_printf("fault: ");
	if (!personality_prints_name(domain))
		graft_printf("domain %s", domain_grant(domain)->name);
	graft_printf(", program %s: ", domain_record(domain)->program.name);
	switch (label) {
	case seL4_Fault_VMFault:
		report_page_fault();
		return;
	case seL4_Fault_CapFault:
		graft_printf("no such capability 0x%lx ip 0x%lx\n", seL4_GetMR(seL4_CapFault_Addr),
		             seL4_GetMR(seL4_CapFault_IP));
		return;
	case seL4_Fault_UnknownSyscall:
		graft_printf("unknown system call 0x%lx ip 0x%lx\n", seL4_GetMR(seL4_UnknownSyscall_Syscall),
		             seL4_GetMR(seL4_UnknownSyscall_FaultIP));
		return;
	case seL4_Fault_UserException:
		graft_printf("exception %lu error code 0x%lx ip 0x%lx\n", seL4_GetMR(seL4_UserException_Number),
		             seL4_GetMR(seL4_UserException_Code), seL4_GetMR(seL4_UserException_FaultIP));
		return;
	default:
		graft_printf("fault of kind %lu\n", label);
	}
}
