/* SPDX-License-Identifier: BSD-2-Clause */
/* The warden: parent of the domains that try what they may not. It writes each fault on the slate of the child that
 * raised it and sets the child going again where the slate says; at the end it counts, and ends the machine. */
#include "systems/authority/slate.h"
#include "systems/verdict.h"

#define WITNESS_SC   microkit_cspace_root_slot_to_cptr(1)

static volatile struct slate *slate_of(microkit_child child)
{
	return (volatile struct slate *)(uintptr_t)(SLATES_VADDR + child * PAGE_BYTES);
}

void init(void)
{
	graft_printf("graft: domains try what they hold, and what they do not\n");
}

/* A scheduling context that no thread holds can't be yielded to; the witness's, when it waits. Unbinding then succeeds, which
 * it would not if it were the warden's own. */
static bool witness_is_passive(void)
{
	return seL4_SchedContext_YieldTo(WITNESS_SC).error == seL4_IllegalOperation
	       && seL4_SchedContext_Unbind(WITNESS_SC) == seL4_NoError;
}

/* The last child that finishes ends the system. */
void notified(microkit_channel ch)
{
	seL4_Word held = 1, failed = 0; /* what is printed here is one step: passive or failed */
	(void)ch;
	for (microkit_child child = CHILD_PROBE; child < CHILDREN_END; child++) {
		if (slate_of(child)->done == 0)
			return;
		held += slate_of(child)->held;
		failed += slate_of(child)->failed;
	}
	if (!witness_is_passive()) {
		graft_printf("%s: NOT HELD: the witness runs on other domains' time\n", microkit_name);
		failed++;
	}
	if (failed == 0)
		graft_printf("graft: all %lu steps held\n", held);
	else
		graft_printf("graft: %lu of %lu steps did not hold\n", failed, held + failed);
	end_machine(failed == 0 ? EXIT_HELD : EXIT_FAILED);
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
	volatile struct slate *slate_of_child = slate_of(child);
	seL4_UserContext context = { 0 };
	(void)reply_msginfo;
	slate_of_child->label = microkit_msginfo_get_label(msginfo);
	slate_of_child->address = microkit_mr_get(1);
	if (slate_of_child->resume == 0) {
		graft_printf("%s: child %u faulted at 0x%lx (fault %lu, address 0x%lx) and meant no fault\n", microkit_name,
		             child, microkit_mr_get(0), slate_of_child->label, slate_of_child->address);
		return seL4_False;
	}
	context.SEL4_CONTEXT_IP = slate_of_child->resume;
	slate_of_child->resume = 0;
	microkit_expect("fault", seL4_TCB_WriteRegisters(BASE_TCB_CAP + child, seL4_True, 0, 1, &context));
	return seL4_False;
}
