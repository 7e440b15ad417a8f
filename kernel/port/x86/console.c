/* SPDX-License-Identifier: BSD-2-Clause */
/* Serial output by polling, and the end of a kernel that can not go on.
 *
 * Invariant: a panic always leaves a line that begins with "kernel panic: " and, under QEMU, exit status 251; neither
 * can be mistaken for success. */
#include "kernel/port/x86/console.h"
#include "kernel/port/x86/backtrace.h"
#include "kernel/port/x86/cpu.h"
#include <stdarg.h>

#define SERIAL            0x3f8
#define SERIAL_INTERRUPTS (SERIAL + 1)
#define SERIAL_LINE       (SERIAL + 3)
#define SERIAL_STATUS     (SERIAL + 5)
#define SERIAL_EMPTY      0x20
#define SERIAL_WAIT_MAX   1000000u /* polls: a port that is not there must not hang a panic */

#define EXIT_PORT         0xf4
#define EXIT_PANIC        0x7d

void console_put(char c)
{
	for (unsigned i = 0; i < SERIAL_WAIT_MAX && !(inb(SERIAL_STATUS) & SERIAL_EMPTY); i++) {
	}
	outb(SERIAL, (uint8_t)c);
}

static void print_text(const char *text)
{
	for (; *text; text++) {
		if (*text == '\n') {
			console_put('\r');
		}
		console_put(*text);
	}
}

static void print_number(uint64_t value, unsigned base)
{
	char digits[21];
	unsigned first = sizeof digits - 1;
	digits[first] = 0;
	do {
		digits[--first] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	print_text(&digits[first]);
}

static void print_signed(int64_t value)
{
	if (value < 0) {
		console_put('-');
	}
	print_number(value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10);
}

static void print_list(const char *format, va_list arguments)
{
	for (; *format; format++) {
		if (*format != '%') {
			print_text((char[]){ *format, 0 });
			continue;
		}
		format++;
		bool is_long = *format == 'l';
		format += is_long;
		switch (*format) {
		case 's': print_text(va_arg(arguments, const char *)); break;
		case 'c': console_put((char)va_arg(arguments, int)); break;
		case 'd': print_signed(is_long ? va_arg(arguments, long) : va_arg(arguments, int)); break;
		case 'u': print_number(is_long ? va_arg(arguments, unsigned long) : va_arg(arguments, unsigned), 10); break;
		case 'x': print_number(is_long ? va_arg(arguments, unsigned long) : va_arg(arguments, unsigned), 16); break;
		default: console_put('%'); break;
		}
	}
}

void console_print(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	print_list(format, arguments);
	va_end(arguments);
}

static void print_panic(const char *format, va_list arguments)
{
	__asm__ volatile("cli");
	outb(SERIAL_INTERRUPTS, 0);
	outb(SERIAL_LINE, 3); /* eight bits, no parity, and the data port selected whatever user code left there */
	print_text("\nkernel panic: ");
	print_list(format, arguments);
	print_text("\n");
}

static _Noreturn void end(void)
{
	outb(EXIT_PORT, EXIT_PANIC);
	for (;;) {
		__asm__ volatile("cli; hlt");
	}
}

_Noreturn void kernel_panic(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	print_panic(format, arguments);
	va_end(arguments);
	backtrace_print((word)__builtin_return_address(0), *(const word *)__builtin_frame_address(0));
	end();
}

_Noreturn void kernel_panic_at(word at, word frame, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	print_panic(format, arguments);
	va_end(arguments);
	backtrace_print(at, frame);
	end();
}
