/* SPDX-License-Identifier: BSD-2-Clause */
/* What the conformance task does, in order. */
#include "test/boot/conform/conform.h"

void run_sections(void)
{
	section(test_bootinfo, "boot information");
	section(test_refusals, "refusals");
	section(test_untyped, "untyped");
	section(test_cnode, "cnode");
	section(test_tcb, "tcb");
	section(test_ipc, "ipc");
	section(test_notification, "notification");
	section(test_sched, "scheduling");
	section(test_vspace, "vspace");
	section(test_asid, "asid");
	section(test_ioport, "io ports");
	section(test_irq, "interrupts");
	section(test_faults, "faults");
	section(test_random, "random");
#if !ABI_HARDWARE_DEBUG /* half of it steps on breakpoints, which are debug faults there and left out here */
	section(test_code, "random code");
#endif
}
