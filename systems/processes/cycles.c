/* SPDX-License-Identifier: BSD-2-Clause */
/* cycles COUNT: starts a program that ends at once, and waits for it, so many times. */
#include "test.h"

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1000;

	for (int i = 0; i < count; i++) {
		int status, pid = start("quiet", NULL);

		while (pid == E_NO_PROCS)
			pid = start("quiet", NULL);
		want(waitpid(pid, &status) == pid && status == 0, "it ends with 0");
	}
	printf("cycles: %d done\n", count);
	return wrong;
}
