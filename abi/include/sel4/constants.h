/* SPDX-License-Identifier: BSD-2-Clause */
/* Sizes and limits of the kernel interface. "Bits" is the base-2 logarithm of a size in bytes unless the name says otherwise. */
#pragma once
#include <sel4/abi.h>

#define seL4_WordBits                     ABI_WORD_BITS
#define seL4_MinPrio                      0
#define seL4_MaxPrio                      255
#define seL4_MsgLengthBits                7
#define seL4_MsgExtraCapBits              2
#define seL4_MsgMaxLength                 120
#define seL4_PageBits                     12
#define seL4_TCBBits                      11
#define seL4_EndpointBits                 4
#define seL4_PageTableBits                12
#define seL4_PageDirBits                  12
#define seL4_VSpaceBits                   12
#define seL4_IOPageTableBits              12
#define seL4_IOPageTableIndexBits         9
#define seL4_IOPageTableEntryBits         3
#define seL4_HugePageBits                 30
#define seL4_ASIDPoolBits                 12
#define seL4_MinUntypedBits               4
#define seL4_MsgMaxExtraCaps              3
#define seL4_CapRightsBits                4
#define seL4_MinSchedContextBits          7
#define seL4_RefillSizeBytes              16
#define seL4_BootInfoFrameBits            12

#if ABI_WORD_BITS == 64
#define seL4_WordSizeBits                 3
#define seL4_SlotBits                     5
#define seL4_NotificationBits             6
#define seL4_ReplyBits                    5
#define seL4_PageTableEntryBits           3
#define seL4_PageTableIndexBits           9
#define seL4_PageDirEntryBits             3
#define seL4_PageDirIndexBits             9
#define seL4_PDPTBits                     12
#define seL4_PDPTEntryBits                3
#define seL4_PDPTIndexBits                9
#define seL4_PML4Bits                     12
#define seL4_PML4EntryBits                3
#define seL4_PML4IndexBits                9
#define seL4_LargePageBits                21
#define seL4_NumASIDPoolsBits             3
#define seL4_ASIDPoolIndexBits            9
#define seL4_MaxUntypedBits               47
#define seL4_FastMessageRegisters         4
#define seL4_IPCBufferSizeBits            10
#define seL4_CoreSchedContextBytes        128
#define seL4_GuardSizeBits                6
#define seL4_GuardBits                    58
#define seL4_BadgeBits                    64
#define seL4_UserTop                      0x7ffffffff000ul
#else
#define seL4_WordSizeBits                 2
#define seL4_SlotBits                     4
#define seL4_NotificationBits             5
#define seL4_ReplyBits                    4
#define seL4_PageTableEntryBits           2
#define seL4_PageTableIndexBits           10
#define seL4_PageDirEntryBits             2
#define seL4_PageDirIndexBits             10
#define seL4_PDPTBits                     0
#define seL4_LargePageBits                22
#define seL4_NumASIDPoolsBits             2
#define seL4_ASIDPoolIndexBits            10
#define seL4_MaxUntypedBits               29
#define seL4_FastMessageRegisters         1
#define seL4_IPCBufferSizeBits            9
#define seL4_CoreSchedContextBytes        88
#define seL4_GuardSizeBits                5
#define seL4_GuardBits                    18
#define seL4_BadgeBits                    28
#define seL4_4MBits                       22
#define seL4_UserTop                      0xe0000000ul
#define seL4_UserVSpaceTop                0xdffffffful
#endif
