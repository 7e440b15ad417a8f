/* SPDX-License-Identifier: BSD-2-Clause */
/* Formatted output. A text goes out in pieces of what one write takes, most texts in one. */
#include <process.h>
#include <stdio.h>
#include <string.h>
#include "user/microkit/runtime.h"
#include "user/process/protocol.h"

struct pieces {
	char text[PROCESS_TRANSFER_BYTES];
	size_t count; /* in text */
	int printed;
};

static void flush(struct pieces *pieces)
{
	if (pieces->count > 0)
		(void)write(CHAN_SERIAL, pieces->text, pieces->count);
	pieces->count = 0;
}

static void put(void *sink, char c)
{
	struct pieces *pieces = sink;

	pieces->text[pieces->count++] = c;
	pieces->printed++;
	if (pieces->count == sizeof pieces->text)
		flush(pieces);
}

int vprintf(const char *restrict format, va_list arguments)
{
	struct pieces pieces = { .count = 0 };

	format_text(put, &pieces, format, arguments);
	flush(&pieces);
	return pieces.printed;
}

int printf(const char *restrict format, ...)
{
	va_list arguments;
	int printed;

	va_start(arguments, format);
	printed = vprintf(format, arguments);
	va_end(arguments);
	return printed;
}

struct memory {
	char *text;
	size_t bytes, used;
};

static void put_memory(void *sink, char c)
{
	struct memory *memory = sink;

	if (memory->used + 1 < memory->bytes)
		memory->text[memory->used] = c;
	memory->used++;
}

int vsnprintf(char *restrict text, size_t bytes, const char *restrict format, va_list arguments)
{
	struct memory memory = { text, bytes, 0 };

	format_text(put_memory, &memory, format, arguments);
	if (bytes > 0)
		text[memory.used < bytes ? memory.used : bytes - 1] = '\0';
	return (int)memory.used;
}

int snprintf(char *restrict text, size_t bytes, const char *restrict format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, bytes, format, arguments);
	va_end(arguments);
	return length;
}

int puts(const char *text)
{
	return printf("%s\n", text);
}

int putchar(int c)
{
	char byte = (char)c;

	return write(CHAN_SERIAL, &byte, 1) == 1 ? (unsigned char)c : -1;
}
