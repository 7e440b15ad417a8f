/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap, numbers, the end. */
#pragma once
#include <stddef.h>

void *malloc(size_t bytes);
void *calloc(size_t count, size_t bytes);
void *realloc(void *block, size_t bytes);
void  free(void *block);
_Noreturn void exit(int status);
_Noreturn void abort(void);
int  abs(int value);
int  atoi(const char *text);
long strtol(const char *restrict text, char **restrict end, int base);
unsigned long strtoul(const char *restrict text, char **restrict end, int base);
