/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own output, for panics and refusals at boot (and debug calls, in sets that have them). In all other
 * cases the serial port belongs to user code. */
#pragma once
#include "kernel/core/cap.h"

void console_put(char c);

/* A printf without allocation or state: %s, %c, %d, %u, %x, %lu, %lx, %%. */
void console_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints "kernel panic: ", the message and a backtrace, ends the emulator with a value that no program of ours reports, and
 * stops. kernel_panic_at: the backtrace is that of a trap, at this place with this frame pointer. */
_Noreturn void kernel_panic(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void kernel_panic_at(word at, word frame, const char *format, ...) __attribute__((format(printf, 3, 4)));
