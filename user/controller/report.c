/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults in words: domain, program, cause, address. One line on the console each. */
#include "user/controller/controller.h"

/* Error code of a page fault, as the processor gives it. */
#define FSR_PRESENT 1u
#define FSR_WRITE   2u

static void report_page_fault(const char *name, const char *program)
{
	seL4_Word fsr = seL4_GetMR(seL4_VMFault_FSR);
	const char *access = seL4_GetMR(seL4_VMFault_PrefetchFault) ? "execute" : fsr & FSR_WRITE ? "write" : "read";

	graft_printf("fault: domain %s, program %s: page fault at 0x%lx ip 0x%lx (%s, %s)\n", name, program,
	             seL4_GetMR(seL4_VMFault_Addr), seL4_GetMR(seL4_VMFault_IP), access, fsr & FSR_PRESENT ? "not allowed" : "nothing there");
}

void report_fault(uint32_t domain, seL4_MessageInfo_t info)
{
	const char *name = domain_grant(domain)->name, *program = domain_record(domain)->program.name;
	seL4_Word label = microkit_msginfo_get_label(info);

	switch (label) {
	case seL4_Fault_VMFault:
		report_page_fault(name, program);
		return;
	case seL4_Fault_CapFault:
		graft_printf("fault: domain %s, program %s: no such capability 0x%lx ip 0x%lx\n", name, program,
		             seL4_GetMR(seL4_CapFault_Addr), seL4_GetMR(seL4_CapFault_IP));
		return;
	case seL4_Fault_UnknownSyscall:
		graft_printf("fault: domain %s, program %s: unknown system call 0x%lx ip 0x%lx\n", name, program,
		             seL4_GetMR(seL4_UnknownSyscall_Syscall), seL4_GetMR(seL4_UnknownSyscall_FaultIP));
		return;
	case seL4_Fault_UserException:
		graft_printf("fault: domain %s, program %s: exception %lu error code 0x%lx ip 0x%lx\n", name, program,
		             seL4_GetMR(seL4_UserException_Number), seL4_GetMR(seL4_UserException_Code), seL4_GetMR(seL4_UserException_FaultIP));
		return;
	default:
		graft_printf("fault: domain %s, program %s: fault of kind %lu\n", name, program, label);
	}
}
