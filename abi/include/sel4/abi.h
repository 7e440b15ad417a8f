/* SPDX-License-Identifier: BSD-2-Clause */
/* The ABI set: which member of seL4's family of binary interfaces this object
 * file is compiled for. A set is chosen once, on the command line, as
 * -DABI_SET=ABI_SET_...; everything that depends on it is derived here.
 *
 * set                 IOMMU  HARDWARE_DEBUG_API  PRINTING   kernel
 * MICROKIT_RELEASE    on     off                 off        Microkit 2.3, x86_64_generic, release (default)
 * MICROKIT_DEBUG      on     on                  on         Microkit 2.3, x86_64_generic, debug
 * PLAIN               off    off                 off        pc99 without IOMMU; the only set of i386
 *
 * Common to all: release 16.0.0, MCS, one node, no VTX, huge pages on x86_64.
 */
#pragma once

#define ABI_SET_MICROKIT_RELEASE 1
#define ABI_SET_MICROKIT_DEBUG   2
#define ABI_SET_PLAIN            3

#ifndef ABI_SET
#error "no ABI set chosen: compile with -DABI_SET=ABI_SET_MICROKIT_RELEASE, _MICROKIT_DEBUG or _PLAIN"
#endif

#if ABI_SET == ABI_SET_MICROKIT_RELEASE
#define ABI_SET_NAME       "microkit-release"
#define ABI_IOMMU          1
#define ABI_HARDWARE_DEBUG 0
#define ABI_PRINTING       0
#elif ABI_SET == ABI_SET_MICROKIT_DEBUG
#define ABI_SET_NAME       "microkit-debug"
#define ABI_IOMMU          1
#define ABI_HARDWARE_DEBUG 1
#define ABI_PRINTING       1
#elif ABI_SET == ABI_SET_PLAIN
#define ABI_SET_NAME       "plain"
#define ABI_IOMMU          0
#define ABI_HARDWARE_DEBUG 0
#define ABI_PRINTING       0
#else
#error "unknown ABI set"
#endif

#if defined(__x86_64__)
#define ABI_WORD_BITS 64
#elif defined(__i386__)
#define ABI_WORD_BITS 32
#else
#error "the kernel interface is described for x86_64 and i386"
#endif

#if ABI_WORD_BITS == 32 && ABI_SET != ABI_SET_PLAIN
#error "i386 has the set PLAIN only"
#endif

typedef unsigned long seL4_Word;
typedef seL4_Word     seL4_CPtr;
_Static_assert(sizeof(seL4_Word) * 8 == ABI_WORD_BITS, "a word is a register");
