/* SPDX-License-Identifier: BSD-2-Clause */
/* hello: what main is given. */
#include <process.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	printf("hello from pid %d\n", getpid());
	for (int i = 0; i <= argc; i++)
		printf("argv[%d] = %s\n", i, argv[i] ? argv[i] : "NULL");
	printf("environ[0] = %s\n", environ[0] ? environ[0] : "NULL");
	return 0;
}
