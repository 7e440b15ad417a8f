/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor's own voice: a serial line driven through an I/O port capability, for start-up, refusals and faults of
 * last resort. */
#pragma once
#include <stdarg.h>
#include "user/monitor/sets.h"

/* From now on print writes through port, a capability for the ports 0x3f8..0x3ff, with the labels of set. */
void print_open(seL4_CPtr port, const struct set *set);

/* What %llu and %llx print, of whatever width. */
#define ull(x) ((unsigned long long)(x))

/* Writes a text in which %s, %u, %x, the last two with l or ll, and %016llx stand for arguments. Silent before print_open. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void print_list(const char *format, va_list arguments);
