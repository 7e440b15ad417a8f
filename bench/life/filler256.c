/* SPDX-License-Identifier: BSD-2-Clause */
/* A program of about 256 pages. */
#define FILL_TEXT 122
#define FILL_DATA 61
#define FILL_BSS  62
#include "bench/life/filler.h"
