/* SPDX-License-Identifier: BSD-2-Clause */
/* A Linux program without a C library, to be loaded by loader.c: prints its arguments, exits with their number. It has
 * read-only, writable and zero data, and checks that each arrived. */
#include <stddef.h>

static int counter = 40;
static int zeros[2048];

static long system_call(long number, long a, long b, long c)
{
	long result;
	__asm__ volatile("syscall" : "=a"(result) : "0"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return result;
}

static void print(const char *text)
{
	size_t bytes = 0;
	while (text[bytes])
		bytes++;
	system_call(1, 1, (long)text, (long)bytes);
}

__attribute__((used)) static void start(long *frame)
{
	char **argv = (char **)(frame + 1);
	for (size_t i = 0; i < sizeof zeros / sizeof zeros[0]; i++)
		counter += zeros[i];
	print(counter++ == 40 ? "hello from" : "damaged:");
	for (long i = 0; i < frame[0]; i++) {
		print(" ");
		print(argv[i]);
	}
	print("\n");
	system_call(60, frame[0], 0, 0);
}

__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call start\n hlt\n");
