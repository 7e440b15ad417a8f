/* SPDX-License-Identifier: BSD-2-Clause */
/* A program of 256 pages. */
#define FILL_TEXT 125
#define FILL_DATA 63
#define FILL_BSS  64
#include "bench/life/filler.h"
