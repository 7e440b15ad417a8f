/* SPDX-License-Identifier: BSD-2-Clause */
/* Formatted text: %d %i %u %x %X %p %s %c %%, with the flags 0 and -, a width, and h, hh, l, ll, z. Enough for
 * reports; floating point and precision are deliberately absent. An unknown conversion is written as it stands. */
#include <stdint.h>
#include <graft.h>
#include "user/microkit/runtime.h"

#define DIGITS_MAX 20u /* of 2^64 in decimal */

struct spec {
	bool zero, left, negative, upper;
	unsigned int width, longs;
};

struct out {
	format_put put;
	void *sink;
};

static void put_repeated(const struct out *out, char c, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		out->put(out->sink, c);
}

static void put_field(const struct out *out, const struct spec *spec, const char *text, unsigned int length)
{
	unsigned int used = length + spec->negative;
	unsigned int padding = spec->width > used ? spec->width - used : 0;

	if (!spec->left && !spec->zero)
		put_repeated(out, ' ', padding);
	if (spec->negative)
		out->put(out->sink, '-');
	if (!spec->left && spec->zero)
		put_repeated(out, '0', padding);
	for (unsigned int i = 0; i < length; i++)
		out->put(out->sink, text[i]);
	if (spec->left)
		put_repeated(out, ' ', padding);
}

static void put_number(const struct out *out, const struct spec *spec, uint64_t value, unsigned int base)
{
	const char *digits = spec->upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[DIGITS_MAX];
	unsigned int first = DIGITS_MAX;

	do {
		text[--first] = digits[value % base];
		value /= base;
	} while (value != 0);
	put_field(out, spec, &text[first], DIGITS_MAX - first);
}

static void put_text(const struct out *out, struct spec *spec, const char *text)
{
	unsigned int length = 0;

	if (!text)
		text = "(null)";
	while (text[length])
		length++;
	spec->zero = false;
	put_field(out, spec, text, length);
}

static const char *read_spec(const char *f, struct spec *spec)
{
	for (; *f == '0' || *f == '-'; f++) {
		spec->zero |= *f == '0';
		spec->left |= *f == '-';
	}
	for (; *f >= '0' && *f <= '9'; f++)
		spec->width = spec->width * 10 + (unsigned int)(*f - '0');
	for (; *f == 'l' || *f == 'z' || *f == 'h'; f++)
		spec->longs += *f != 'h';
	return f;
}

/* A char or a short arrives as an int, and every longer type has 64 bits on the machines with 64-bit words. */
static uint64_t next_unsigned(const struct spec *spec, va_list *arguments)
{
	if (spec->longs > 1)
		return va_arg(*arguments, unsigned long long);
	return spec->longs == 1 ? va_arg(*arguments, unsigned long) : va_arg(*arguments, unsigned int);
}

static int64_t next_signed(const struct spec *spec, va_list *arguments)
{
	if (spec->longs > 1)
		return va_arg(*arguments, long long);
	return spec->longs == 1 ? va_arg(*arguments, long) : va_arg(*arguments, int);
}

static void put_signed(const struct out *out, struct spec *spec, int64_t value)
{
	spec->negative = value < 0;
	put_number(out, spec, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10);
}

/* Carries out the conversion that f points at. */
static void put_conversion(const struct out *out, const char *f, struct spec *spec, va_list *arguments)
{
	char c;

	switch (*f) {
	case 'd':
	case 'i':
		put_signed(out, spec, next_signed(spec, arguments));
		return;
	case 'u':
		put_number(out, spec, next_unsigned(spec, arguments), 10);
		return;
	case 'x':
	case 'X':
		spec->upper = *f == 'X';
		put_number(out, spec, next_unsigned(spec, arguments), 16);
		return;
	case 'p':
		put_repeated(out, '0', 1);
		put_repeated(out, 'x', 1);
		put_number(out, spec, (uintptr_t)va_arg(*arguments, void *), 16);
		return;
	case 's':
		put_text(out, spec, va_arg(*arguments, const char *));
		return;
	case 'c':
		c = (char)va_arg(*arguments, int);
		put_field(out, spec, &c, 1);
		return;
	default:
		out->put(out->sink, '%');
		if (*f != '%')
			out->put(out->sink, *f);
	}
}

void format_text(format_put put, void *sink, const char *format, va_list arguments)
{
	const struct out out = { put, sink };
	va_list rest;

	va_copy(rest, arguments);
	for (const char *f = format; *f; f++) {
		struct spec spec = { 0 };

		if (*f != '%') {
			put(sink, *f);
			continue;
		}
		f = read_spec(f + 1, &spec);
		if (!*f)
			break;
		put_conversion(&out, f, &spec, &rest);
	}
	va_end(rest);
}

struct text_sink {
	char *text;
	unsigned long bytes;
	unsigned long used;
};

static void put_memory(void *sink, char c)
{
	struct text_sink *memory = sink;

	if (memory->used + 1 < memory->bytes)
		memory->text[memory->used] = c;
	memory->used++;
}

int graft_snprintf(char *text, unsigned long bytes, const char *format, ...)
{
	struct text_sink memory = { text, bytes, 0 };
	va_list arguments;

	va_start(arguments, format);
	format_text(put_memory, &memory, format, arguments);
	va_end(arguments);
	if (bytes > 0)
		text[memory.used < bytes ? memory.used : bytes - 1] = '\0';
	return (int)memory.used;
}
