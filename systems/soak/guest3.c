/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest 3: 24 pages of text, 8 of data, 16 of zeros, beside its code. */
#define GUEST_PROGRAM    3
#define GUEST_TEXT_WORDS 12288
#define GUEST_DATA_WORDS 4096
#define GUEST_ZERO_WORDS 8192
#include "systems/soak/guest.h"
