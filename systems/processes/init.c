/* SPDX-License-Identifier: BSD-2-Clause */
/* init: starts idle and the shell, and again if they end; reaps orphans and says how they ended. When the shell exits with 0, which it
 * does when it is told to, so does init, and that is the end of the system. */
#include <process.h>
#include <stdio.h>
#include <stdlib.h>

static int start(const char *program)
{
	char *argv[] = { (char *)(size_t)program, NULL };
	int pid = spawn(program, argv);

	if (pid > 0)
		printf("init: started %s, pid %d\n", program, pid);
	else
		printf("init: %s can't be started: %d\n", program, pid);
	return pid;
}

int main(void)
{
	int idle = start("idle"), shell = start("shell");

	while (shell > 0) {
		int status, pid = waitpid(0, &status);

		if (pid == shell && status == 0)
			return 0;
		printf("init: pid %d ended with status %d\n", pid, status);
		if (pid == shell)
			shell = start("shell");
		if (pid == idle)
			idle = start("idle");
	}
	return 1;
}
