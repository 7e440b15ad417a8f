/* SPDX-License-Identifier: BSD-2-Clause */
/* A program of about 16 pages. */
#define FILL_TEXT 2
#define FILL_DATA 1
#define FILL_BSS  1
#include "bench/life/filler.h"
