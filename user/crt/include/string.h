/* SPDX-License-Identifier: BSD-2-Clause */
/* Strings, as C has them. */
#pragma once
#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int   memcmp(const void *a, const void *b, size_t bytes);
void *memchr(const void *in, int c, size_t bytes);
size_t strlen(const char *text);
size_t strnlen(const char *text, size_t most);
int   strcmp(const char *a, const char *b);
int   strncmp(const char *a, const char *b, size_t most);
char *strcpy(char *restrict to, const char *restrict from);
char *strncpy(char *restrict to, const char *restrict from, size_t bytes);
char *strcat(char *restrict to, const char *restrict from);
char *strchr(const char *in, int c);
char *strrchr(const char *in, int c);
char *strstr(const char *in, const char *what);
