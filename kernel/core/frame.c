/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames: mapping, unmapping, and where they are.
 *
 * Invariants:
 *   F1 a frame capability remembers the ASID and address it was mapped at until Unmap or its deletion, whatever became
 *      of the tables there; it can be mapped again at that place only;
 *   F2 unmapping touches an entry only while it still holds this frame;
 *   F3 no entry gives more rights than the capability has.
 * Absent: mapping for devices (X86PageMapIO), refused as seL4 refuses it on a machine without IOMMU. */
#include "kernel/core/paging.h"
#include <sel4/invocation.h>

struct map_request {
	word        address;
	word        rights;
	word        attributes;
	struct cap  vspace;
	word       *entry; /* to write */
};

/* Address and place of a capability that is mapped already must be these; a fresh one needs a place in user space. Page
 * 0 is refused here and not by seL4: a null pointer must never be one. */
static word check_place(struct invocation *call, const struct map_request *request)
{
	word asid = cap_mapped_asid(call->cap), end = request->address + (1ul << cap_frame_bits(call->cap));
	if (asid != 0) {
		if (asid != cap_mapped_asid(request->vspace)) {
			return refuse_capability(call, 1);
		}
		return cap_mapped_address(call->cap) != request->address ? refuse_argument(call, 0) : seL4_NoError;
	}
	if (request->address > PAGING_USER_TOP || end > PAGING_USER_TOP || request->address < 1ul << seL4_PageBits) {
		return refuse_argument(call, 0);
	}
	return seL4_NoError;
}

static word check_entry(struct kernel *k, struct invocation *call, struct map_request *request)
{
	unsigned level = (unsigned)cap_frame_size(call->cap);
	struct lookup_failure failure;
	request->entry = paging_entry(k, cap_object(request->vspace), request->address, level, &failure);
	if (!request->entry) {
		return refuse_lookup(call, false, &failure);
	}
	return level > 0 && pte_is_table(*request->entry) ? refuse(seL4_DeleteFirst) : seL4_NoError;
}

static void map(struct kernel *k, struct invocation *call, const struct map_request *request)
{
	unsigned level = (unsigned)cap_frame_size(call->cap);
	call->slot->cap = cap_with_mapping(call->cap, cap_mapped_asid(request->vspace), request->address);
	*request->entry = paging_page(k, cap_object(call->cap), level, request->rights, request->attributes);
	port_flush_page(k, cap_object(request->vspace), request->address);
}

static word decode_map(struct kernel *k, struct invocation *call)
{
	if (call->length < 3 || !call->extra[0]) {
		return refuse(seL4_TruncatedMessage);
	}
	struct map_request request = { .address = invocation_word(k, call, 0), .attributes = invocation_word(k, call, 2),
	                               .vspace = call->extra[0]->cap };
	if (cap_kind(request.vspace) != CAP_VSPACE || !cap_is_mapped(request.vspace)) {
		return refuse_capability(call, 1);
	}
	word error = check_place(call, &request);
	if (!error) {
		error = vspace_check(k, call, request.vspace, 1);
	}
	if (!error && request.address & ((1ul << cap_frame_bits(call->cap)) - 1)) {
		error = refuse(seL4_AlignmentError);
	}
	if (!error) {
		error = check_entry(k, call, &request);
	}
	if (error) {
		return error;
	}
	request.rights = frame_rights_masked(cap_frame_rights(call->cap), invocation_word(k, call, 1));
	map(k, call, &request);
	return seL4_NoError;
}

static void unmap(struct kernel *k, struct cap cap)
{
	unsigned level = (unsigned)cap_frame_size(cap);
	word address = cap_mapped_address(cap);
	void *root = vspace_of_asid(k, cap_mapped_asid(cap));
	struct lookup_failure failure;
	word *entry = root ? paging_entry(k, root, address, level, &failure) : NULL;
	if (!entry || (level > 0 ? !pte_is_page(*entry) : !(*entry & PTE_PRESENT))) {
		return;
	}
	word attributes = level > 0 ? PTE_PAT_LARGE : 0; /* lies among the address bits of a large page */
	if ((*entry & PTE_ADDRESS & ~attributes) != (kernel_physical(k, cap_object(cap)) & PTE_ADDRESS)) {
		return;
	}
	*entry = 0;
	port_flush_page(k, root, address);
}

#if ABI_IOMMU
/* There never is a device's space to map into, so what is left is seL4's order of refusals up to that point. */
static word decode_map_io(struct invocation *call)
{
	if (!call->extra[0] || call->length < 2) {
		return refuse(seL4_TruncatedMessage);
	}
	return refuse_capability(call, 0);
}
#endif

word frame_decode(struct kernel *k, struct invocation *call)
{
	switch (call->label) {
	case X86PageMap:
		return decode_map(k, call);
	case X86PageUnmap:
		if (cap_is_mapped(call->cap)) {
			unmap(k, call->cap);
			call->slot->cap = cap_with_mapping(call->cap, 0, 0);
		}
		return seL4_NoError;
#if ABI_IOMMU
	case X86PageMapIO:
		return decode_map_io(call);
#endif
	case X86PageGetAddress:
		answer_word(k, call, 0, kernel_physical(k, cap_object(call->cap)));
		return seL4_NoError;
	default:
		return refuse(seL4_IllegalOperation);
	}
}

void frame_finalise(struct kernel *k, struct cap cap, bool is_final)
{
	(void)is_final; /* every capability of a frame has a mapping of its own */
	if (cap_is_mapped(cap)) {
		unmap(k, cap);
	}
}
