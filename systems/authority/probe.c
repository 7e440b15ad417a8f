/* SPDX-License-Identifier: BSD-2-Clause */
/* The probe: an ordinary domain that tries everything its CSpace and its mappings do not allow. What it should hold
 * is written down here once more, by hand: the list that the monitor prints is made by the code that hands out, and
 * so can't find a mistake that code makes; this can. */
#include "systems/authority/slate.h"

#define SLOTS      512u
#define ROOT_SLOTS 64u
#define PORT_ID    2u
#define ROOT_SHIFT (seL4_WordBits - PD_ROOT_CAP_BITS)
#define ROOT_SLOT(slot) ((seL4_CPtr)(slot) << ROOT_SHIFT)

/* What an invocation of each kind of capability with a label of nothing is answered with. */
struct held {
	seL4_CPtr cptr;
	seL4_Error answer;
	const char *what;
};
static const struct held held[] = {
	{ 1, seL4_InvalidCapability, "its notification can't be signalled" },
	{ 3, seL4_IllegalOperation, "its VSpace is there" },
	{ 4, seL4_NoError, "its reply object is there, and answers nobody" },
	{ BASE_OUTPUT_NOTIFICATION_CAP + PROBE_WARDEN, seL4_NoError, "the warden can be notified" },
	{ BASE_OUTPUT_NOTIFICATION_CAP + PROBE_WARD, seL4_NoError, "the ward can be notified" },
	{ BASE_IOPORT_CAP + PORT_ID, seL4_IllegalOperation, "its port is there" },
	{ ROOT_SLOT(1), seL4_IllegalOperation, "the witness's scheduling context is there" },
};
/* Endpoints: calling one would wait for an answer. */
static const seL4_CPtr endpoints[] = { BASE_ENDPOINT_CAP + PROBE_WITNESS, BASE_ENDPOINT_CAP + PROBE_CONSOLE };

static bool is_held(seL4_CPtr cptr)
{
	for (unsigned int i = 0; i < sizeof held / sizeof held[0]; i++)
		if (held[i].cptr == cptr)
			return true;
	for (unsigned int i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++)
		if (endpoints[i] == cptr)
			return true;
	return false;
}

/* Is every slot first, first + 1 << shift, ... but those listed empty? */
static bool rest_is_empty(unsigned int first, unsigned int end, unsigned int shift)
{
	for (seL4_CPtr slot = first; slot < end; slot++) {
		seL4_CPtr cptr = slot << shift;
		if (is_held(cptr) || answers(cptr, seL4_InvalidCapability))
			continue;
		graft_printf("%s: CPtr 0x%lx is not empty\n", microkit_name, cptr);
		return false;
	}
	return true;
}

static void try_cspace(void)
{
	seL4_Word error;
	for (unsigned int i = 0; i < sizeof held / sizeof held[0]; i++)
		step(answers(held[i].cptr, held[i].answer), held[i].what);
	step(rest_is_empty(0, SLOTS, 0), "every other slot of Microkit's CNode is empty");
	step(rest_is_empty(1, ROOT_SLOTS, ROOT_SHIFT), "every other slot of the root CNode is empty");
	step(attempt_invoke(SLOTS, &error) == seL4_Fault_CapFault, "there is nothing behind the last slot");
}

static void try_rights(void)
{
	step(attempt_receive(BASE_OUTPUT_NOTIFICATION_CAP + PROBE_WARD) == seL4_Fault_CapFault,
	     "the ward's notification, which no thread owns, can't be waited on");
	step(attempt_receive(BASE_ENDPOINT_CAP + PROBE_WITNESS) == seL4_Fault_CapFault,
	     "the witness's endpoint can't be received from");
	seL4_SetCap(0, BASE_ENDPOINT_CAP + PROBE_WITNESS);
	seL4_MessageInfo_t answer = seL4_Call(BASE_ENDPOINT_CAP + PROBE_WITNESS, seL4_MessageInfo_new(0, 0, 1, 0));
	step(seL4_MessageInfo_get_length(answer) == 1 && seL4_GetMR(0) == 0,
	     "a call is answered, and carries no capability");
	step(seL4_X86_IOPort_In8(BASE_IOPORT_CAP + PORT_ID, 0x64).error == seL4_NoError, "its port can be read");
	step(seL4_X86_IOPort_In8(BASE_IOPORT_CAP + PORT_ID, 0x60).error != seL4_NoError, "the port next to it can't");
	step(seL4_X86_IOPort_In8(BASE_IOPORT_CAP + PORT_ID, 0x3f8).error != seL4_NoError, "nor can the console's");
}

/* What a program has prepared of a message stays when it signals somebody before it sends it. */
static void try_signal(void)
{
	bool stays = true;
	for (seL4_Word i = 0; i < 4; i++)
		seL4_SetMR(i, 0x1234 + i);
	microkit_notify(PROBE_WARD);
	for (seL4_Word i = 0; i < 4; i++)
		stays = stays && seL4_GetMR(i) == 0x1234 + i;
	step(stays, "a signal leaves a prepared message as it is");
}

static void try_memory(void)
{
	seL4_Word stack_top = seL4_UserTop - 2 * PAGE_BYTES; /* IPC buffer, guard, then the stack of two pages */
	step(*(volatile seL4_Word *)NOTICE_VADDR == NOTICE_WORD, "the notice is what the witness wrote");
	step(write_is_refused(NOTICE_VADDR), "the notice can't be written");
	step(*(volatile seL4_Word *)NOTICE_VADDR == NOTICE_WORD, "and was not");
	step(write_is_refused(LARGE_VADDR + 0x3ff000), "a large page can't be written");
	step(write_is_refused((seL4_Word)(void *)&init), "its code can't be written");
	step(write_is_refused(stack_top), "there is no page above its stack");
	step(write_is_refused(stack_top - 3 * (seL4_Word)PAGE_BYTES), "there is no page below its stack");
	step(write_is_refused(SLATES_VADDR), "the warden's pages are not there");
	step(write_is_refused(0), "page 0 is not there");
}

void init(void)
{
	try_cspace();
	try_rights();
	try_signal();
	try_memory();
	slate->resume = 0;
	slate->done = 1;
	microkit_notify(PROBE_WARDEN);
}

void notified(microkit_channel ch)
{
	(void)ch;
}
