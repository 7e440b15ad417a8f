/* SPDX-License-Identifier: BSD-2-Clause */
/* The holder: a controller that does not load, but tries what its grant does not allow. */
#include "systems/authority/slate.h"
#include "user/space/grant.h"

static const struct grant *const grant = (const struct grant *)SYSTEM_GRANT_VADDR;
static const struct grant_domain *const ward = &((const struct grant *)SYSTEM_GRANT_VADDR)->domain[0];

static seL4_CPtr cptr_of(uint32_t slot)
{
	return grant->slot_cptr | (seL4_CPtr)slot << grant->slot_shift;
}

static void try_pages(void)
{
	step(grant->magic == GRANT_MAGIC && grant->domain_count == 1, "the grant tells of one domain");
	step(write_is_refused(SYSTEM_GRANT_VADDR), "the grant can't be written");
	step(write_is_refused(SYSTEM_GRANT_VADDR + SYSTEM_GRANT_PAGES * PAGE_BYTES), "it ends where it should");
	step(attempt_write(SYSTEM_RECORD_VADDR) == 0, "the record can be written");
	step(write_is_refused(SYSTEM_RECORD_VADDR + SYSTEM_RECORD_PAGES * PAGE_BYTES), "it ends where it should");
	step(write_is_refused(SYSTEM_ARCHIVE_VADDR), "the archive can't be written");
	step(write_is_refused(SYSTEM_WINDOW_VADDR), "the window is empty");
}

/* Maps frames of slots first.. in the window, as writable as the kernel will, and tries. */
static bool frame_is_read_only(uint32_t slot)
{
	seL4_CPtr frame = cptr_of(slot);
	bool mapped = seL4_X86_Page_Map(frame, grant->vspace, grant->window_vaddr, seL4_ReadWrite,
	                                seL4_X86_Default_VMAttributes) == seL4_NoError;
	bool refused = mapped && write_is_refused(grant->window_vaddr);
	return seL4_X86_Page_Unmap(frame) == seL4_NoError && refused;
}

static void try_frames(void)
{
	const struct grant_region *notice = &grant->region[grant->map[ward->first_map].region];
	step(ward->map_count == 1, "the ward maps one region");
	step(frame_is_read_only(notice->first_slot), "a region that the ward may read can't be written through its frames");
	step(frame_is_read_only(grant->archive_slot), "nor can the archive");
}

static void try_domain(void)
{
	step(answers(cptr_of(ward->notification), seL4_InvalidCapability), "the ward's notification can't be signalled");
	step(attempt_receive(cptr_of(ward->notification)) == 0, "it can be read");
	step(attempt_receive(cptr_of(ward->fault)) == seL4_Fault_CapFault, "its fault endpoint can't be received from");
	step(answers(cptr_of(ward->sched_context), seL4_IllegalOperation), "its scheduling context is there");
}

static void try_authority(void)
{
	seL4_TCB self = grant->tcb_authority;
	step(seL4_TCB_SetPriority(self, self, 161) == seL4_RangeError, "no priority above its own can be set");
	step(seL4_TCB_SetPriority(self, self, 160) == seL4_NoError, "its own can");
	step(seL4_X86_ASIDPool_Assign(grant->asid_pool, grant->vspace) != seL4_NoError, "its VSpace has an ASID already");
}

static bool free_slot_is_emptied(void)
{
	return seL4_CNode_Delete(grant->cnode, grant->free_first, grant->cnode_bits) == seL4_NoError;
}

static void try_slots(void)
{
	bool empty = true;
	for (uint32_t slot = grant->free_first; slot < grant->free_end; slot++)
		empty = empty && answers(cptr_of(slot), seL4_InvalidCapability);
	step(empty && grant->free_end > grant->free_first, "every slot that is said to be free is empty");
	step(answers(cptr_of(0), seL4_InvalidCapability), "slot 0 is empty");
	step(seL4_CNode_Copy(grant->cnode, grant->free_first, grant->cnode_bits, grant->cnode, ward->reply,
	                     grant->cnode_bits, seL4_AllRights) == seL4_NoError && free_slot_is_emptied(),
	     "the grant's CNode can be named");
}

static void try_memory(void)
{
	uint64_t bytes = 0;
	bool empty = true;
	for (uint32_t i = 0; i < grant->untyped_count; i++) {
		bytes += 1ull << grant->untyped[i].size_bits;
		seL4_Error error = seL4_Untyped_Retype(cptr_of(grant->untyped[i].slot), seL4_UntypedObject,
		                                       grant->untyped[i].size_bits, grant->cnode, 0, 0, grant->free_first, 1);
		empty = empty && error == seL4_NoError && free_slot_is_emptied();
	}
	step(bytes == 0x110000, "the pool has the size that was asked for");
	step(empty, "all of it is untouched");
}

void init(void)
{
	try_pages();
	try_frames();
	try_domain();
	try_authority();
	try_slots();
	try_memory();
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
	(void)ch, (void)msginfo;
	return microkit_msginfo_new(0, 0);
}
