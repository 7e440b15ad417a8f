/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest 1: 1 pages of text, 1 of data, 1 of zeros, beside its code. */
#define GUEST_PROGRAM    1
#define GUEST_TEXT_WORDS 512
#define GUEST_DATA_WORDS 512
#define GUEST_ZERO_WORDS 512
#include "systems/soak/guest.h"
