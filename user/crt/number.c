/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers out of text. What does not fit is the nearest that does. */
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#define NO_DIGIT 99u

static unsigned int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'z')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'Z')
		return (unsigned int)(c - 'A') + 10;
	return NO_DIGIT;
}

struct number {
	unsigned long value;
	bool is_negative, overflows;
};

static const char *skip_sign(const char *text, bool *is_negative)
{
	while (*text == ' ' || (*text >= '\t' && *text <= '\r'))
		text++;
	*is_negative = *text == '-';
	return text + (*text == '-' || *text == '+');
}

/* 0x stands for base 16 only if a digit follows. */
static const char *skip_prefix(const char *text, int *base)
{
	bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') && digit_of(text[2]) < 16;

	if (is_hex && (*base == 0 || *base == 16)) {
		*base = 16;
		return text + 2;
	}
	if (*base == 0)
		*base = text[0] == '0' ? 8 : 10;
	return text;
}

static struct number read_number(const char *text, const char **end, int base)
{
	struct number number = { 0 };
	const char *digits = skip_prefix(skip_sign(text, &number.is_negative), &base), *at = digits;

	*end = text;
	if (base < 2 || base > 36)
		return number;
	for (; digit_of(*at) < (unsigned int)base; at++) {
		unsigned int digit = digit_of(*at);

		number.overflows |= number.value > (ULONG_MAX - digit) / (unsigned int)base;
		number.value = number.value * (unsigned int)base + digit;
	}
	if (at != digits)
		*end = at;
	return number;
}

unsigned long strtoul(const char *restrict text, char **restrict end, int base)
{
	const char *after;
	struct number number = read_number(text, &after, base);

	if (end)
		*end = (char *)(size_t)after;
	return number.overflows ? ULONG_MAX : number.is_negative ? 0 - number.value : number.value;
}

long strtol(const char *restrict text, char **restrict end, int base)
{
	const char *after;
	struct number number = read_number(text, &after, base);

	if (end)
		*end = (char *)(size_t)after;
	if (number.is_negative)
		return number.overflows || number.value > (unsigned long)LONG_MAX ? LONG_MIN : -(long)number.value;
	return number.overflows || number.value > (unsigned long)LONG_MAX ? LONG_MAX : (long)number.value;
}

int atoi(const char *text)
{
	return (int)strtol(text, NULL, 10);
}

int abs(int value)
{
	return value < 0 ? -value : value;
}
