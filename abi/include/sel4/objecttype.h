/* SPDX-License-Identifier: BSD-2-Clause */
/* Object types, as Untyped_Retype takes them. */
#pragma once
#include <sel4/abi.h>

enum seL4_ObjectType {
	seL4_UntypedObject = 0,
	seL4_TCBObject,
	seL4_EndpointObject,
	seL4_NotificationObject,
	seL4_CapTableObject,
	seL4_SchedContextObject,
	seL4_ReplyObject,
#if ABI_WORD_BITS == 64
	seL4_X86_PDPTObject,
	seL4_X64_PML4Object,
	seL4_X64_HugePageObject,
#endif
	seL4_X86_4K,
	seL4_X86_LargePageObject,
	seL4_X86_PageTableObject,
	seL4_X86_PageDirectoryObject,
#if ABI_IOMMU
	seL4_X86_IOPageTableObject,
#endif
	seL4_ObjectTypeCount
};

#if ABI_WORD_BITS == 64
#define seL4_X86_VSpaceObject seL4_X64_PML4Object
#else
#define seL4_X86_VSpaceObject seL4_X86_PageDirectoryObject
#endif
