/* SPDX-License-Identifier: BSD-2-Clause */
/* Early printing: one byte, one or two kernel calls, no interrupts, no buffer. It never fails: a kernel that refuses
 * is no reason to stop, and there is nobody to tell. */
#include "user/monitor/print.h"
#include "user/sel4/sel4.h"

#define SERIAL_DATA       0x3f8u
#define SERIAL_STATUS     0x3fdu
#define SERIAL_CAN_TAKE   0x20u
#define SERIAL_WAIT_TURNS 10000u /* far longer than a byte takes at 9,600 baud; then write anyway */

static seL4_CPtr serial_port;
static const struct set *serial_set;

void print_open(seL4_CPtr port, const struct set *set)
{
	serial_port = port;
	serial_set = set;
}

static bool serial_is_ready(void)
{
	seL4_SetMR(0, SERIAL_STATUS);
	seL4_MessageInfo_t reply = seL4_Call(serial_port, seL4_MessageInfo_new(serial_set->in8, 0, 0, 1));
	return seL4_MessageInfo_get_label(reply) != seL4_NoError || (seL4_GetMR(0) & SERIAL_CAN_TAKE) != 0;
}

static void put(char c)
{
	if (serial_port == 0)
		return;
	for (uint32_t turn = 0; turn < SERIAL_WAIT_TURNS && !serial_is_ready(); turn++)
		;
	seL4_SetMR(0, SERIAL_DATA);
	seL4_SetMR(1, (unsigned char)c);
	(void)seL4_Call(serial_port, seL4_MessageInfo_new(serial_set->out8, 0, 0, 2));
}

static void put_text(const char *text)
{
	for (; *text != '\0'; text++)
		put(*text);
}

/* Digits of value in base 10 or 16, at least width of them. */
static void put_number(unsigned long long value, unsigned base, unsigned width)
{
	char digits[20];
	unsigned count = 0;
	do {
		digits[count++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	for (; width > count; width--)
		put('0');
	while (count > 0)
		put(digits[--count]);
}

/* Carries out one conversion; format points past its '%'. Returns where the text goes on. */
static const char *put_argument(const char *format, va_list *arguments)
{
	unsigned width = 0;
	unsigned longs = 0;
	for (; *format >= '0' && *format <= '9'; format++)
		width = width * 10 + (unsigned)(*format - '0');
	for (; *format == 'l'; format++)
		longs++;
	if (*format == 's')
		put_text(va_arg(*arguments, const char *));
	else
		put_number(longs > 1 ? va_arg(*arguments, unsigned long long) : longs == 1 ? va_arg(*arguments, unsigned long)
		                                                                           : va_arg(*arguments, unsigned),
		           *format == 'x' ? 16 : 10, width);
	return format + 1;
}

void print_list(const char *format, va_list arguments)
{
	va_list rest;
	va_copy(rest, arguments);
	while (*format != '\0') {
		if (*format == '%')
			format = put_argument(format + 1, &rest);
		else
			put(*format++);
	}
	va_end(rest);
}

void print(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	print_list(format, arguments);
	va_end(arguments);
}
