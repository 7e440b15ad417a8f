/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor's window: addresses of its own at which it maps a frame to fill it. */
#pragma once
#include "user/monitor/monitor.h"

#if ABI_WORD_BITS == 64
#define WINDOW_VADDR       0x100000000000ul
#else
#define WINDOW_VADDR       0xc0000000ul /* above the largest image, below the top of user space */
#endif
#define WINDOW_SPACE_VADDR (WINDOW_VADDR + PAGE_BYTES) /* the capability loader's page */

/* Makes the tables. */
void window_start(struct monitor *monitor);

/* Maps a 4K frame, read-write, and returns its address; one at a time. */
uint8_t *window_open(seL4_CPtr frame);
void window_close(seL4_CPtr frame);
