/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot information: what the kernel tells the root task, one page, followed in
 * the next pages by extraLen bytes of records, each with a header {id, len}. */
#pragma once
#include <sel4/abi.h>
#include <sel4/types.h>
#include <sel4/rootslots.h>

#define ABI_BOOTINFO_UNTYPED_MAX 230

typedef seL4_Word seL4_SlotPos;

typedef struct {
	seL4_SlotPos start; /* first slot */
	seL4_SlotPos end;   /* first slot after */
} seL4_SlotRegion;

typedef struct {
	seL4_Word     paddr;
	unsigned char sizeBits;
	unsigned char isDevice;
	unsigned char padding[sizeof(seL4_Word) - 2];
} seL4_UntypedDesc;

typedef struct {
	seL4_Word        extraLen; /* bytes of records after this page */
	seL4_Word        nodeID;
	seL4_Word        numNodes;
	seL4_Word        numIOPTLevels;
	seL4_IPCBuffer  *ipcBuffer;
	seL4_SlotRegion  empty;
	seL4_SlotRegion  sharedFrames;
	seL4_SlotRegion  userImageFrames; /* one 4K frame per page of the root task's image, in address order */
	seL4_SlotRegion  userImagePaging;
	seL4_SlotRegion  ioSpaceCaps;
	seL4_SlotRegion  extraBIPages;
	seL4_Word        initThreadCNodeSizeBits;
	seL4_Word        initThreadDomain;
	seL4_SlotRegion  schedcontrol;
	seL4_SlotRegion  untyped;
	seL4_UntypedDesc untypedList[ABI_BOOTINFO_UNTYPED_MAX];
} seL4_BootInfo;
_Static_assert(sizeof(seL4_BootInfo) <= 4096, "boot information is one page");

enum seL4_BootInfoID {
	SEL4_BOOTINFO_HEADER_PADDING = 0,
	SEL4_BOOTINFO_HEADER_X86_VBE = 1,
	SEL4_BOOTINFO_HEADER_X86_MBMMAP = 2,
	SEL4_BOOTINFO_HEADER_X86_ACPI_RSDP = 3,
	SEL4_BOOTINFO_HEADER_X86_FRAMEBUFFER = 4,
	SEL4_BOOTINFO_HEADER_X86_TSC_FREQ = 5 /* a 32-bit count of MHz */
};

typedef struct {
	seL4_Word id;
	seL4_Word len; /* bytes, this header included */
} seL4_BootInfoHeader;
