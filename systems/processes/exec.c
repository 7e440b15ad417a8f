/* SPDX-License-Identifier: BSD-2-Clause */
/* exec PROGRAM ARGUMENTS...: becomes that program. If that is refused it goes on, and says why. */
#include <process.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	static char *rest[ARGUMENTS_MAX + 1];
	int result;

	for (int i = 1; i < argc; i++)
		rest[i - 1] = argv[i];
	result = exec(argc > 1 ? argv[1] : "", rest);
	printf("exec: error %d, and pid %d goes on\n", result, getpid());
	return result;
}
