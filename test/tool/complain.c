/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tool's sources say goes to standard error, under a test program's name. */
#include "tools/graft/graft.h"
#include <stdarg.h>
#include <stdio.h>

void complain(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fputs("test: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
}
