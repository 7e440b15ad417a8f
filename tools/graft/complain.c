/* SPDX-License-Identifier: BSD-2-Clause */
/* Where complaints of the tool's sources go: standard error. Apart from main.c, for test programs that are made of them too. */
#include "tools/graft/graft.h"
#include <stdarg.h>
#include <stdio.h>

void complain(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fputs("graft: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
}
