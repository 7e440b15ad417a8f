/* SPDX-License-Identifier: BSD-2-Clause */
/* The witness: a passive server that probe calls. It answers with how many capabilities came with the message. */
#include "systems/authority/slate.h"

void init(void)
{
	*(volatile seL4_Word *)NOTICE_VADDR = NOTICE_WORD;
	step(attempt_receive(MONITOR_EP) == seL4_Fault_CapFault, "the monitor's endpoint can't be received from");
	step(answers(1, seL4_InvalidCapability), "its own endpoint can't be sent to");
	step(attempt_receive(1) == 0, "its own endpoint can be received from");
	slate->resume = 0;
	slate->done = 1;
	microkit_notify(PROBE_WARDEN);
}

void notified(microkit_channel ch)
{
	(void)ch;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
	(void)ch;
	microkit_mr_set(0, seL4_MessageInfo_get_extraCaps(msginfo));
	return microkit_msginfo_new(0, 1);
}
