/* SPDX-License-Identifier: BSD-2-Clause */
/* Formatted output, to the serial line. One call is one write as long as its text has at most 472 bytes. */
#pragma once
#include <stdarg.h>
#include <stddef.h>

int printf(const char *restrict format, ...) __attribute__((format(printf, 1, 2)));
int vprintf(const char *restrict format, va_list arguments);
int snprintf(char *restrict text, size_t bytes, const char *restrict format, ...) __attribute__((format(printf, 3, 4)));
int vsnprintf(char *restrict text, size_t bytes, const char *restrict format, va_list arguments);
int puts(const char *text);
int putchar(int c);
