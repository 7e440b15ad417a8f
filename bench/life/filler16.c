/* SPDX-License-Identifier: BSD-2-Clause */
/* A program of 16 pages. */
#define FILL_TEXT 5
#define FILL_DATA 3
#define FILL_BSS  4
#include "bench/life/filler.h"
