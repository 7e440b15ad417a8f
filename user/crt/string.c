/* SPDX-License-Identifier: BSD-2-Clause */
/* Strings. memcpy, memmove, memset, memcmp and strlen are lib/base's. */
#include <string.h>

void *memchr(const void *in, int c, size_t bytes)
{
	const unsigned char *at = in;

	for (size_t i = 0; i < bytes; i++) {
		if (at[i] == (unsigned char)c)
			return (void *)(size_t)&at[i];
	}
	return NULL;
}

size_t strnlen(const char *text, size_t most)
{
	size_t length = 0;

	while (length < most && text[length])
		length++;
	return length;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t most)
{
	for (; most > 0; a++, b++, most--) {
		if (*a != *b || !*a)
			return (unsigned char)*a - (unsigned char)*b;
	}
	return 0;
}

char *strcpy(char *restrict to, const char *restrict from)
{
	return memcpy(to, from, strlen(from) + 1);
}

char *strncpy(char *restrict to, const char *restrict from, size_t bytes)
{
	size_t length = strnlen(from, bytes);

	memcpy(to, from, length);
	memset(to + length, 0, bytes - length);
	return to;
}

char *strcat(char *restrict to, const char *restrict from)
{
	strcpy(to + strlen(to), from);
	return to;
}

char *strchr(const char *in, int c)
{
	return memchr(in, c, strlen(in) + 1);
}

char *strrchr(const char *in, int c)
{
	for (size_t i = strlen(in) + 1; i > 0; i--) {
		if (in[i - 1] == (char)c)
			return (char *)(size_t)&in[i - 1];
	}
	return NULL;
}

char *strstr(const char *in, const char *what)
{
	size_t length = strlen(what);

	for (size_t left = strlen(in); left >= length; in++, left--) {
		if (memcmp(in, what, length) == 0)
			return (char *)(size_t)in;
	}
	return NULL;
}
