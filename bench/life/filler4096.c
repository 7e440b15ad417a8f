/* SPDX-License-Identifier: BSD-2-Clause */
/* A program of about 4096 pages. */
#define FILL_TEXT 2042
#define FILL_DATA 1021
#define FILL_BSS  1022
#include "bench/life/filler.h"
