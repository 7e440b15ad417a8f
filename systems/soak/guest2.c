/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest 2: 6 pages of text, 4 of data, 3 of zeros, beside its code. */
#define GUEST_PROGRAM    2
#define GUEST_TEXT_WORDS 3072
#define GUEST_DATA_WORDS 2048
#define GUEST_ZERO_WORDS 1536
#include "systems/soak/guest.h"
