/* SPDX-License-Identifier: BSD-2-Clause */
/* echo WORDS...: prints them. */
#include <stdio.h>

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		printf(i < argc - 1 ? "%s " : "%s", argv[i]);
	puts("");
	return 0;
}
