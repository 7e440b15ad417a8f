/* SPDX-License-Identifier: BSD-2-Clause */
/* The rival: a controller of its own that is not the library's and means no good. It tries at the monitor whatever it has no right
 * to, and then floods it with requests for ever, with all the time that its own budget gives it. Its first domain of the
 * description and its offer are there for it to have something; it looks after neither. */
#include "systems/spawn/spawn.h"
#include "user/monitor/protocol.h"
#include "user/space/grant.h"

__attribute__((section(".data.patched"))) volatile struct rival_desk *desk = 0;

static const struct grant *const grant = (const struct grant *)SYSTEM_GRANT_VADDR;
static seL4_CPtr notification, endpoint;

static seL4_CPtr cptr_of(uint32_t slot)
{
	return grant->slot_cptr | (seL4_CPtr)slot << grant->slot_shift;
}

static seL4_Word ask(seL4_Word label, seL4_Word words, seL4_Word a, seL4_Word b, seL4_Word c, seL4_CPtr capability)
{
	seL4_SetMR(0, a);
	seL4_SetMR(1, b);
	seL4_SetMR(2, c);
	seL4_SetCap(0, capability);
	return seL4_MessageInfo_get_label(seL4_Call(grant->monitor, seL4_MessageInfo_new(label, 0, capability != 0, words)));
}

static void expect(seL4_Word wanted, seL4_Word got)
{
	desk->tries++;
	if (got == wanted)
		return;
	desk->wrong++;
	desk->last = desk->tries;
	desk->got = got;
}

static seL4_CPtr make(seL4_Word type, uint32_t slot)
{
	expect(seL4_NoError, seL4_Untyped_Retype(cptr_of(grant->untyped[0].slot), type, 0, grant->cnode, 0, 0, slot, 1));
	return cptr_of(slot);
}

static void try_budgets(void)
{
	expect(MONITOR_OK, ask(MONITOR_BUDGET, 3, 0, 100, 1000, 0));        /* all of its share */
	expect(MONITOR_NO_SHARE, ask(MONITOR_BUDGET, 3, 1, 20, 1000, 0));   /* a little more, on the other context */
	expect(MONITOR_NO_SHARE, ask(MONITOR_BUDGET, 3, 0, 101, 1000, 0));
	expect(MONITOR_OK, ask(MONITOR_BUDGET, 3, 0, 0, 0, 0));
	expect(MONITOR_OK, ask(MONITOR_BUDGET, 3, 1, 20, 1000, 0));         /* what was given back can be had */
	expect(MONITOR_OK, ask(MONITOR_BUDGET, 3, 1, 0, ~0ul, 0));
	expect(MONITOR_NO_CONTEXT, ask(MONITOR_BUDGET, 3, 2, 20, 1000, 0)); /* the other controller's are not below */
	expect(MONITOR_NO_CONTEXT, ask(MONITOR_BUDGET, 3, ~0ul, 20, 1000, 0));
	expect(MONITOR_BAD_BUDGET, ask(MONITOR_BUDGET, 3, 0, 19, 1000, 0));
	expect(MONITOR_BAD_BUDGET, ask(MONITOR_BUDGET, 3, 0, 1001, 1000, 0));
	expect(MONITOR_BAD_BUDGET, ask(MONITOR_BUDGET, 3, 0, ~0ul, ~0ul, 0));
	expect(MONITOR_BAD_REQUEST, ask(MONITOR_BUDGET, 2, 0, 20, 1000, 0));
	expect(MONITOR_BAD_REQUEST, ask(MONITOR_BUDGET, 3, 0, 20, 1000, notification));
}

static void try_connections(void)
{
	expect(MONITOR_OK, ask(MONITOR_CONNECT, 3, 0, MONITOR_NOTIFY, 9, notification));
	expect(MONITOR_OK, ask(MONITOR_CONNECT, 3, 0, MONITOR_NOTIFY, 9, notification)); /* in place of the one before */
	expect(MONITOR_NOT_OFFERED, ask(MONITOR_CONNECT, 3, 0, MONITOR_CALL, 9, endpoint));
	expect(MONITOR_NO_OFFER, ask(MONITOR_CONNECT, 3, 1, MONITOR_NOTIFY, 9, notification)); /* those are the other's */
	expect(MONITOR_NO_OFFER, ask(MONITOR_CONNECT, 3, ~0ul, MONITOR_NOTIFY, 9, notification));
	expect(MONITOR_BAD_REQUEST, ask(MONITOR_CONNECT, 3, 0, 2, 9, notification));
	expect(MONITOR_BAD_REQUEST, ask(MONITOR_CONNECT, 3, 0, MONITOR_NOTIFY, 62, notification));
	expect(MONITOR_BAD_REQUEST, ask(MONITOR_CONNECT, 2, 0, MONITOR_NOTIFY, 9, notification));
	expect(MONITOR_BAD_CAPABILITY, ask(MONITOR_CONNECT, 3, 0, MONITOR_NOTIFY, 9, 0));
	expect(MONITOR_BAD_CAPABILITY, ask(MONITOR_CONNECT, 3, 0, MONITOR_NOTIFY, 9, endpoint));
	expect(MONITOR_BAD_CAPABILITY, ask(MONITOR_CONNECT, 3, 0, MONITOR_NOTIFY, 9, grant->tcb_authority));
	expect(MONITOR_BAD_CAPABILITY, ask(MONITOR_CONNECT, 3, 0, MONITOR_NOTIFY, 9, grant->asid_pool));
	expect(MONITOR_BAD_CAPABILITY, ask(MONITOR_CONNECT, 3, 0, MONITOR_NOTIFY, 9, grant->cnode));
	expect(MONITOR_BAD_CAPABILITY, ask(MONITOR_CONNECT, 3, 0, MONITOR_NOTIFY, 9, grant->monitor));
	expect(MONITOR_NO_OFFER, ask(MONITOR_DISCONNECT, 2, 1, MONITOR_NOTIFY, 0, 0));
	expect(MONITOR_BAD_REQUEST, ask(MONITOR_DISCONNECT, 3, 0, MONITOR_NOTIFY, 0, 0));
	expect(MONITOR_OK, ask(MONITOR_DISCONNECT, 2, 0, MONITOR_NOTIFY, 0, 0));
	expect(MONITOR_OK, ask(MONITOR_DISCONNECT, 2, 0, MONITOR_NOTIFY, 0, 0)); /* nothing there: as asked */
	expect(MONITOR_BAD_REQUEST, ask(0, 0, 0, 0, 0, 0));
	expect(MONITOR_BAD_REQUEST, ask(MONITOR_DISCONNECT + 1, 3, 0, 0, 0, notification));
	expect(MONITOR_BAD_REQUEST, ask(~0ul >> 12, 120, 0, 0, 0, 0));
}

void init(void)
{
	notification = make(seL4_NotificationObject, grant->free_first);
	endpoint = make(seL4_EndpointObject, grant->free_first + 1);
	try_budgets();
	try_connections();
	for (;;) {
		(void)ask(MONITOR_CONNECT, 3, 0, MONITOR_NOTIFY, 9, notification);
		(void)ask(MONITOR_BUDGET, 3, 0, 100, 1000, 0);
		desk->floods++;
	}
}

void notified(microkit_channel ch)
{
	(void)ch;
}
