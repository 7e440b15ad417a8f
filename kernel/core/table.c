/* SPDX-License-Identifier: BSD-2-Clause */
/* Page tables of all levels, and the VSpace root as far as it is one.
 *
 * Invariants: T1 a table capability that is mapped remembers where until Unmap or deletion; T2 Unmap clears the table,
 * so a table is always empty when it is mapped; T3 an entry is removed only while it still holds this table.
 * Absent: I/O page tables can be made and deleted, and do nothing: there is no IOMMU. */
#include "kernel/core/paging.h"
#include <sel4/invocation.h>

/* The level of table, and the two labels, of a kind. */
struct table_kind {
	unsigned level;
	word     map;
	word     unmap;
};

static struct table_kind table_kind(enum cap_kind kind)
{
	switch (kind) {
#if ABI_WORD_BITS == 64
	case CAP_PDPT: return (struct table_kind){ 2, X86PDPTMap, X86PDPTUnmap };
	case CAP_PAGE_DIRECTORY: return (struct table_kind){ 1, X86PageDirectoryMap, X86PageDirectoryUnmap };
#endif
	default: return (struct table_kind){ 0, X86PageTableMap, X86PageTableUnmap };
	}
}

static void unlink(struct kernel *k, struct cap cap)
{
	struct table_kind kind = table_kind(cap_kind(cap));
	void *root = vspace_of_asid(k, cap_mapped_asid(cap));
	struct lookup_failure failure;
	word *entry = root ? paging_entry(k, root, cap_mapped_address(cap), kind.level + 1, &failure) : NULL;
	word physical = kernel_physical(k, cap_object(cap)) & PTE_ADDRESS;
	if (!entry || !pte_is_table(*entry) || (*entry & PTE_ADDRESS) != physical) {
		return;
	}
	*entry = 0;
	port_flush_space(k, root);
}

static word decode_unmap(struct kernel *k, struct invocation *call)
{
	if (!slot_is_final(call->slot)) {
		return refuse(seL4_RevokeFirst);
	}
	if (cap_is_mapped(call->cap)) {
		unlink(k, call->cap);
		port_clear(cap_object(call->cap), 1u << seL4_PageTableBits);
		call->slot->cap = cap_with_mapping(call->cap, 0, 0);
	}
	return seL4_NoError;
}

static word decode_map(struct kernel *k, struct invocation *call, struct table_kind kind)
{
	if (call->length < 2 || !call->extra[0]) {
		return refuse(seL4_TruncatedMessage);
	}
	if (cap_is_mapped(call->cap)) {
		return refuse_capability(call, 0);
	}
	unsigned shift = paging_shift(kind.level + 1);
	word address = invocation_word(k, call, 0) >> shift << shift;
	struct cap vspace = call->extra[0]->cap;
	if (cap_kind(vspace) != CAP_VSPACE || !cap_is_mapped(vspace)) {
		return refuse_capability(call, 1);
	}
	if (address > PAGING_USER_TOP) {
		return refuse_argument(call, 0);
	}
	word error = vspace_check(k, call, vspace, 1);
	if (error) {
		return error;
	}
	struct lookup_failure failure;
	word *entry = paging_entry(k, cap_object(vspace), address, kind.level + 1, &failure);
	if (!entry) {
		return refuse_lookup(call, false, &failure);
	}
	if (*entry & PTE_PRESENT) {
		return refuse(seL4_DeleteFirst);
	}
	*entry = paging_table(k, cap_object(call->cap), invocation_word(k, call, 1));
	call->slot->cap = cap_with_mapping(call->cap, cap_mapped_asid(vspace), address);
	port_flush_space(k, cap_object(vspace));
	return seL4_NoError;
}

#if ABI_IOMMU
/* As seL4 refuses without an IOMMU: no capability to a device's space exists that could be handed in. */
static word decode_io_table(struct invocation *call)
{
	if (call->label == X86IOPageTableUnmap) {
		return seL4_NoError;
	}
	if (call->label != X86IOPageTableMap) {
		return refuse(seL4_IllegalOperation);
	}
	if (!call->extra[0] || call->length < 1) {
		return refuse(seL4_TruncatedMessage);
	}
	return refuse_capability(call, 0);
}
#endif

#if ABI_WORD_BITS == 32
/* The entry that maps address, a large page or a 4K one; NULL if nothing is mapped there. */
static const word *find_mapping(struct kernel *k, void *root, word address)
{
	struct lookup_failure failure;
	const word *large = paging_entry(k, root, address, 1, &failure);
	const word *entry = pte_is_page(*large) ? large : paging_entry(k, root, address, 0, &failure);
	return entry && *entry & PTE_PRESENT ? entry : NULL;
}

/* Was a page used or written since it was mapped? seL4 answers for the first address of the kernel too; here it is
 * refused like the others. */
static word decode_status_bits(struct kernel *k, struct invocation *call)
{
	if (call->length < 1) {
		return refuse(seL4_TruncatedMessage);
	}
	word address = invocation_word(k, call, 0);
	if (address >= PAGING_USER_TOP) {
		return refuse_argument(call, 0);
	}
	const word *entry = find_mapping(k, cap_object(call->cap), address);
	if (!entry) {
		return refuse_argument(call, 1);
	}
	word bits = *entry;
	answer_word(k, call, 0, (bits & PTE_ACCESSED) != 0);
	answer_word(k, call, 1, (bits & PTE_DIRTY) != 0);
	return seL4_NoError;
}
#endif

static word vspace_decode(struct kernel *k, struct invocation *call)
{
#if ABI_WORD_BITS == 32
	if (call->label == X86PageDirectoryGetStatusBits) {
		return decode_status_bits(k, call);
	}
#endif
	(void)k;
	(void)call;
	return refuse(seL4_IllegalOperation);
}

word table_decode(struct kernel *k, struct invocation *call)
{
#if ABI_IOMMU
	if (cap_kind(call->cap) == CAP_IO_PAGE_TABLE) {
		return decode_io_table(call);
	}
#endif
	if (cap_kind(call->cap) == CAP_VSPACE) {
		return vspace_decode(k, call);
	}
	struct table_kind kind = table_kind(cap_kind(call->cap));
	if (call->label == kind.unmap) {
		return decode_unmap(k, call);
	}
	return call->label == kind.map ? decode_map(k, call, kind) : refuse(seL4_IllegalOperation);
}

static void release_asid(struct kernel *k, struct cap cap)
{
	word asid = cap_mapped_asid(cap);
	if (vspace_of_asid(k, asid) != cap_object(cap)) {
		return;
	}
	k->asid_pools[asid >> seL4_ASIDPoolIndexBits]->roots[asid & ((1u << seL4_ASIDPoolIndexBits) - 1)] = 0;
	port_switch_space(k, k->current);
}

void table_finalise(struct kernel *k, struct cap cap, bool is_final)
{
	if (!is_final || !cap_is_mapped(cap)) {
		return;
	}
	switch (cap_kind(cap)) {
	case CAP_VSPACE: release_asid(k, cap); break;
	case CAP_IO_PAGE_TABLE: break;
	default: unlink(k, cap); break;
	}
}
