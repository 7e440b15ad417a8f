/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the runtime share among themselves. */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <microkit.h>

/* The stack pointer at entry: argc, argv, 0, envp, 0, auxiliary vector. Set by start.S. */
extern const seL4_Word *graft_frame;
void microkit_main(void);

/* Forgets what was printed of an unfinished line. */
void console_start(void);

/* Writes the formatted text character by character. */
typedef void (*format_put)(void *sink, char c);
void format_text(format_put put, void *sink, const char *format, va_list arguments);
