/* SPDX-License-Identifier: BSD-2-Clause */
/* kill PID...: ends those processes. Its status is the last error. */
#include <process.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	int status = 0;

	for (int i = 1; i < argc; i++) {
		int result = kill(atoi(argv[i]));

		if (result < 0) {
			printf("kill: %s: error %d\n", argv[i], result);
			status = result;
		}
	}
	return status;
}
