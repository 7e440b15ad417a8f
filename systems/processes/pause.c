/* SPDX-License-Identifier: BSD-2-Clause */
/* pause MILLISECONDS: sleeps so long. */
#include <process.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	return argc > 1 ? sleep(strtoul(argv[1], NULL, 10)) : 0;
}
