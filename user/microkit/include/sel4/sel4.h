/* SPDX-License-Identifier: BSD-2-Clause */
/* So that programs written for Microkit find <sel4/sel4.h>, and in it the configuration that they ask about. */
#pragma once
#define CONFIG_KERNEL_MCS 1
#if defined(__x86_64__)
#define CONFIG_ARCH_X86    1
#define CONFIG_ARCH_X86_64 1
#define CONFIG_WORD_SIZE   64
#endif
#include "user/sel4/sel4.h"
