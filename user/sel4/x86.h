/* SPDX-License-Identifier: BSD-2-Clause */
/* Invocations of x86: pages and the tables above them, address-space identifiers, I/O ports, interrupt sources. */
#pragma once
#include "user/sel4/objects.h"

/* ---- pages and tables ---- */

static inline seL4_Error seL4_X86_Page_Map(seL4_X86_Page service, seL4_CPtr vspace, seL4_Word vaddr,
                                           seL4_CapRights_t rights, seL4_X86_VMAttributes attributes)
{
	seL4_SetCap(0, vspace);
	return sel4_invoke(service, X86PageMap, 1, 3, vaddr, rights.words[0], (seL4_Word)attributes, 0);
}

static inline seL4_Error seL4_X86_Page_Unmap(seL4_X86_Page service)
{
	return sel4_invoke(service, X86PageUnmap, 0, 0, 0, 0, 0, 0);
}

typedef struct {
	int error;
	seL4_Word paddr;
} seL4_X86_Page_GetAddress_t;

static inline seL4_X86_Page_GetAddress_t seL4_X86_Page_GetAddress(seL4_X86_Page service)
{
	struct sel4_words words = { 0, 0, 0, 0 };
	seL4_Error error = sel4_invoke_words(service, X86PageGetAddress, 0, 0, &words);
	seL4_X86_Page_GetAddress_t result = { (int)error, words.mr0 };

	return result;
}

static inline seL4_Error sel4_x86_table_map(seL4_CPtr service, seL4_Word label, seL4_CPtr vspace, seL4_Word vaddr,
                                            seL4_X86_VMAttributes attributes)
{
	seL4_SetCap(0, vspace);
	return sel4_invoke(service, label, 1, 2, vaddr, (seL4_Word)attributes, 0, 0);
}

static inline seL4_Error seL4_X86_PageTable_Map(seL4_X86_PageTable service, seL4_CPtr vspace, seL4_Word vaddr,
                                                seL4_X86_VMAttributes attributes)
{
	return sel4_x86_table_map(service, X86PageTableMap, vspace, vaddr, attributes);
}

static inline seL4_Error seL4_X86_PageTable_Unmap(seL4_X86_PageTable service)
{
	return sel4_invoke(service, X86PageTableUnmap, 0, 0, 0, 0, 0, 0);
}

static inline seL4_Error seL4_X86_PageDirectory_Map(seL4_X86_PageDirectory service, seL4_CPtr vspace, seL4_Word vaddr,
                                                    seL4_X86_VMAttributes attributes)
{
	return sel4_x86_table_map(service, X86PageDirectoryMap, vspace, vaddr, attributes);
}

static inline seL4_Error seL4_X86_PageDirectory_Unmap(seL4_X86_PageDirectory service)
{
	return sel4_invoke(service, X86PageDirectoryUnmap, 0, 0, 0, 0, 0, 0);
}

#if ABI_WORD_BITS == 64
static inline seL4_Error seL4_X86_PDPT_Map(seL4_X86_PDPT service, seL4_X64_PML4 vspace, seL4_Word vaddr,
                                           seL4_X86_VMAttributes attributes)
{
	return sel4_x86_table_map(service, X86PDPTMap, vspace, vaddr, attributes);
}

static inline seL4_Error seL4_X86_PDPT_Unmap(seL4_X86_PDPT service)
{
	return sel4_invoke(service, X86PDPTUnmap, 0, 0, 0, 0, 0, 0);
}
#endif

/* ---- address-space identifiers ---- */

static inline seL4_Error seL4_X86_ASIDControl_MakePool(seL4_X86_ASIDControl service, seL4_Untyped untyped,
                                                       seL4_CNode root, seL4_Word index, seL4_Word depth)
{
	seL4_SetCap(0, untyped);
	seL4_SetCap(1, root);
	return sel4_invoke(service, X86ASIDControlMakePool, 2, 2, index, depth, 0, 0);
}

static inline seL4_Error seL4_X86_ASIDPool_Assign(seL4_X86_ASIDPool service, seL4_CPtr vspace)
{
	seL4_SetCap(0, vspace);
	return sel4_invoke(service, X86ASIDPoolAssign, 1, 0, 0, 0, 0, 0);
}

/* ---- I/O ports ---- */

static inline seL4_Error seL4_X86_IOPortControl_Issue(seL4_X86_IOPortControl service, seL4_Word first_port,
                                                      seL4_Word last_port, seL4_CNode root, seL4_Word index,
                                                      seL4_Word depth)
{
	seL4_SetCap(0, root);
	return sel4_invoke(service, X86IOPortControlIssue, 1, 4, first_port, last_port, index, depth);
}

typedef struct {
	int error;
	seL4_Uint8 result;
} seL4_X86_IOPort_In8_t;

typedef struct {
	int error;
	seL4_Uint16 result;
} seL4_X86_IOPort_In16_t;

typedef struct {
	int error;
	seL4_Uint32 result;
} seL4_X86_IOPort_In32_t;

static inline seL4_X86_IOPort_In8_t seL4_X86_IOPort_In8(seL4_X86_IOPort service, seL4_Uint16 port)
{
	struct sel4_words words = { port, 0, 0, 0 };
	seL4_Error error = sel4_invoke_words(service, X86IOPortIn8, 0, 1, &words);
	seL4_X86_IOPort_In8_t result = { (int)error, (seL4_Uint8)words.mr0 };

	return result;
}

static inline seL4_X86_IOPort_In16_t seL4_X86_IOPort_In16(seL4_X86_IOPort service, seL4_Uint16 port)
{
	struct sel4_words words = { port, 0, 0, 0 };
	seL4_Error error = sel4_invoke_words(service, X86IOPortIn16, 0, 1, &words);
	seL4_X86_IOPort_In16_t result = { (int)error, (seL4_Uint16)words.mr0 };

	return result;
}

static inline seL4_X86_IOPort_In32_t seL4_X86_IOPort_In32(seL4_X86_IOPort service, seL4_Uint16 port)
{
	struct sel4_words words = { port, 0, 0, 0 };
	seL4_Error error = sel4_invoke_words(service, X86IOPortIn32, 0, 1, &words);
	seL4_X86_IOPort_In32_t result = { (int)error, (seL4_Uint32)words.mr0 };

	return result;
}

static inline seL4_Error seL4_X86_IOPort_Out8(seL4_X86_IOPort service, seL4_Word port, seL4_Word data)
{
	return sel4_invoke(service, X86IOPortOut8, 0, 2, port, data, 0, 0);
}

static inline seL4_Error seL4_X86_IOPort_Out16(seL4_X86_IOPort service, seL4_Word port, seL4_Word data)
{
	return sel4_invoke(service, X86IOPortOut16, 0, 2, port, data, 0, 0);
}

static inline seL4_Error seL4_X86_IOPort_Out32(seL4_X86_IOPort service, seL4_Word port, seL4_Word data)
{
	return sel4_invoke(service, X86IOPortOut32, 0, 2, port, data, 0, 0);
}

/* ---- interrupt sources ---- */

static inline seL4_Error seL4_IRQControl_GetIOAPIC(seL4_IRQControl service, seL4_CNode root, seL4_Word index,
                                                   seL4_Word depth, seL4_Word ioapic, seL4_Word pin, seL4_Word level,
                                                   seL4_Word polarity, seL4_Word vector)
{
	seL4_SetCap(0, root);
	seL4_SetMR(4, level);
	seL4_SetMR(5, polarity);
	seL4_SetMR(6, vector);
	return sel4_invoke(service, X86IRQIssueIRQHandlerIOAPIC, 1, 7, index, depth, ioapic, pin);
}

static inline seL4_Error seL4_IRQControl_GetMSI(seL4_IRQControl service, seL4_CNode root, seL4_Word index,
                                                seL4_Word depth, seL4_Word pci_bus, seL4_Word pci_dev,
                                                seL4_Word pci_func, seL4_Word handle, seL4_Word vector)
{
	seL4_SetCap(0, root);
	seL4_SetMR(4, pci_func);
	seL4_SetMR(5, handle);
	seL4_SetMR(6, vector);
	return sel4_invoke(service, X86IRQIssueIRQHandlerMSI, 1, 7, index, depth, pci_bus, pci_dev);
}
