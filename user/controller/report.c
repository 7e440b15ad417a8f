/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults in words: domain, program, cause, address; one line on the console each. Loads, if they are to be traced. Printing leaves the
 * message as it is. */
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
	graft_printf(", program %s", domain_record(domain)->program.name);
	if (domain_record(domain)->program.base != 0) /* what to take off an address before it is looked up in the file */
		graft_printf(" at base 0x%lx", (unsigned long)domain_record(domain)->program.base);
	graft_printf(": ");
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

/* ---- the trace ---- */

static const char *const sources[] = { [PLAN_ZERO] = "zero", [PLAN_BYTES] = "filled", [PLAN_SHARED] = "shared", [PLAN_REGION] = "region" };

static void report_run(const struct plan_run *run)
{
	graft_printf("trace:   0x%lx %lu%s %c%c%c %s\n", (unsigned long)run->vaddr, (unsigned long)run->pages,
	             run->page_bits == PAGE_BITS ? "" : " large", run->rights & ELF_R ? 'r' : '-', run->rights & ELF_W ? 'w' : '-',
	             run->rights & ELF_X ? 'x' : '-', sources[run->source]);
}

void report_load(uint32_t domain, const char *program, const struct plan *plan, uint64_t calls)
{
	unsigned long pages[PLAN_REGION + 1] = { 0 }, tables = 0;

	if (!(controller.grant->controller_flags & SYSTEM_CONTROLLER_TRACE))
		return;
	for (uint32_t i = 0; i < plan->run_count; i++)
		pages[plan->run[i].source] += (unsigned long)(plan->run[i].source == PLAN_REGION ? plan->run[i].pages
		                                              : plan->run[i].pages << (plan->run[i].page_bits - PAGE_BITS));
	for (uint32_t i = 0; i < sizeof plan->bill.tables / sizeof plan->bill.tables[0]; i++)
		tables += (unsigned long)plan->bill.tables[i];
	graft_printf("trace: %s into %s: %lu pages filled, %lu zero, %lu shared, %lu of regions; %lu tables; %lu kernel calls\n", program,
	             domain_grant(domain)->name, pages[PLAN_BYTES], pages[PLAN_ZERO], pages[PLAN_SHARED], pages[PLAN_REGION], tables,
	             (unsigned long)calls);
	for (uint32_t i = 0; i < plan->run_count; i++)
		report_run(&plan->run[i]);
}
