/* SPDX-License-Identifier: BSD-2-Clause */
/* A program of 4096 pages. */
#define FILL_TEXT 2045
#define FILL_DATA 1023
#define FILL_BSS  1024
#include "bench/life/filler.h"
