/* SPDX-License-Identifier: BSD-2-Clause */
/* Words and structures that cross the kernel boundary: message info, IPC
 * buffer, rights, CNode data, register context, VM attributes. */
#pragma once
#include <sel4/abi.h>
#include <sel4/constants.h>
#include <sel4/errors.h>

/* Message info: label | caps unwrapped (3 bits) | extra caps (2 bits) | length in words (7 bits), from the top. */
typedef struct {
	seL4_Word words[1];
} seL4_MessageInfo_t;

#define ABI_INFO_LENGTH_BITS 7
#define ABI_INFO_CAPS_BITS   2
#define ABI_INFO_UNWRAP_BITS 3
#define ABI_INFO_LABEL_SHIFT (ABI_INFO_LENGTH_BITS + ABI_INFO_CAPS_BITS + ABI_INFO_UNWRAP_BITS)

static inline seL4_MessageInfo_t seL4_MessageInfo_new(seL4_Word label, seL4_Word caps_unwrapped, seL4_Word extra_caps,
                                                      seL4_Word length)
{
	seL4_MessageInfo_t info = { { label << ABI_INFO_LABEL_SHIFT
	                              | caps_unwrapped << (ABI_INFO_LENGTH_BITS + ABI_INFO_CAPS_BITS)
	                              | extra_caps << ABI_INFO_LENGTH_BITS | length } };
	return info;
}

static inline seL4_Word seL4_MessageInfo_get_label(seL4_MessageInfo_t info)
{
	return info.words[0] >> ABI_INFO_LABEL_SHIFT;
}

static inline seL4_Word seL4_MessageInfo_get_capsUnwrapped(seL4_MessageInfo_t info)
{
	return info.words[0] >> (ABI_INFO_LENGTH_BITS + ABI_INFO_CAPS_BITS) & ((1ul << ABI_INFO_UNWRAP_BITS) - 1);
}

static inline seL4_Word seL4_MessageInfo_get_extraCaps(seL4_MessageInfo_t info)
{
	return info.words[0] >> ABI_INFO_LENGTH_BITS & ((1ul << ABI_INFO_CAPS_BITS) - 1);
}

static inline seL4_Word seL4_MessageInfo_get_length(seL4_MessageInfo_t info)
{
	return info.words[0] & ((1ul << ABI_INFO_LENGTH_BITS) - 1);
}

/* IPC buffer: one naturally aligned block of 2^seL4_IPCBufferSizeBits bytes. */
typedef struct seL4_IPCBuffer_ {
	seL4_MessageInfo_t tag;
	seL4_Word          msg[seL4_MsgMaxLength];
	seL4_Word          userData;
	seL4_Word          caps_or_badges[seL4_MsgMaxExtraCaps];
	seL4_CPtr          receiveCNode;
	seL4_CPtr          receiveIndex;
	seL4_Word          receiveDepth;
} __attribute__((aligned(1 << seL4_IPCBufferSizeBits))) seL4_IPCBuffer;
_Static_assert(sizeof(seL4_IPCBuffer) == 1 << seL4_IPCBufferSizeBits, "IPC buffer size");

/* Rights: write, read, grant, grant-reply, from bit 0. */
typedef struct {
	seL4_Word words[1];
} seL4_CapRights_t;

#define ABI_RIGHT_WRITE       1ul
#define ABI_RIGHT_READ        2ul
#define ABI_RIGHT_GRANT       4ul
#define ABI_RIGHT_GRANT_REPLY 8ul
#define ABI_RIGHTS_ALL        15ul

static inline seL4_CapRights_t seL4_CapRights_new(seL4_Word grant_reply, seL4_Word grant, seL4_Word read, seL4_Word write)
{
	seL4_CapRights_t rights = { { grant_reply << 3 | grant << 2 | read << 1 | write } };
	return rights;
}

#define seL4_AllRights  seL4_CapRights_new(1, 1, 1, 1)
#define seL4_ReadWrite  seL4_CapRights_new(0, 0, 1, 1)
#define seL4_CanRead    seL4_CapRights_new(0, 0, 1, 0)
#define seL4_CanWrite   seL4_CapRights_new(0, 0, 0, 1)
#define seL4_NoRights   seL4_CapRights_new(0, 0, 0, 0)

/* CNode capability data, as Mint, Mutate and TCB_Configure take it: guard and its length in bits. */
#if ABI_WORD_BITS == 64
#define ABI_GUARD_SIZE_SHIFT 0
#define ABI_GUARD_SHIFT      6
#else
#define ABI_GUARD_SIZE_SHIFT 3
#define ABI_GUARD_SHIFT      8
#endif

static inline seL4_Word abi_cnode_data(seL4_Word guard, seL4_Word guard_bits)
{
	return guard << ABI_GUARD_SHIFT | guard_bits << ABI_GUARD_SIZE_SHIFT;
}

static inline seL4_Word abi_guard_bits(seL4_Word cnode_data)
{
	return cnode_data >> ABI_GUARD_SIZE_SHIFT & ((1ul << seL4_GuardSizeBits) - 1);
}

static inline seL4_Word abi_guard(seL4_Word cnode_data)
{
	return cnode_data >> ABI_GUARD_SHIFT & ((1ul << seL4_GuardBits) - 1);
}

/* Registers in the order TCB_ReadRegisters and TCB_WriteRegisters use. */
#if ABI_WORD_BITS == 64
typedef struct seL4_UserContext_ {
	seL4_Word rip, rsp, rflags, rax, rbx, rcx, rdx, rsi, rdi, rbp;
	seL4_Word r8, r9, r10, r11, r12, r13, r14, r15;
	seL4_Word fs_base, gs_base;
} seL4_UserContext;
#else
typedef struct seL4_UserContext_ {
	seL4_Word eip, esp, eflags, eax, ebx, ecx, edx, esi, edi, ebp;
	seL4_Word fs_base, gs_base;
} seL4_UserContext;
#endif
#define ABI_CONTEXT_WORDS (sizeof(seL4_UserContext) / sizeof(seL4_Word))

typedef enum {
	seL4_X86_WriteBack = 0,
	seL4_X86_Default_VMAttributes = 0,
	seL4_X86_WriteThrough = 1,
	seL4_X86_CacheDisabled = 2,
	seL4_X86_Uncacheable = 3,
	seL4_X86_WriteCombining = 4
} seL4_X86_VMAttributes;

enum seL4_TCBFlag { seL4_TCBFlag_NoFlag = 0, seL4_TCBFlag_fpuDisabled = 1 };
enum seL4_SchedContextFlag { seL4_SchedContext_NoFlag = 0, seL4_SchedContext_Sporadic = 1 };
