/* SPDX-License-Identifier: BSD-2-Clause */
/* init: starts idle and the shell, and again if they end; reaps orphans and says how they ended. When the shell exits with 0, which it
 * does when it is told to, so does init, and that is the end of the system. There is always a slot for the shell; where there is no memory,
 * init waits until there is. */
#include <process.h>
#include <stdio.h>
#include <stdlib.h>

#define RETRY_MS 100

struct service {
	const char *program;
	int pid; /* 0: it does not run */
	int has_failed;
};

static void start(struct service *service)
{
	char *argv[] = { (char *)(size_t)service->program, NULL };
	int pid = spawn(service->program, argv);

	if (pid > 0)
		printf("init: started %s, pid %d\n", service->program, pid);
	else if (!service->has_failed)
		printf("init: %s can't be started yet: %d\n", service->program, pid);
	service->pid = pid > 0 ? pid : 0;
	service->has_failed = pid <= 0;
}

static void note_end(struct service *service, int pid)
{
	if (pid == service->pid)
		service->pid = 0;
}

int main(void)
{
	static struct service idle = { .program = "idle" }, shell = { .program = "shell" };

	start(&idle);
	for (;;) {
		int status, pid;

		while (shell.pid == 0) {
			start(&shell);
			if (shell.pid == 0)
				sleep(RETRY_MS);
		}
		if (idle.pid == 0)
			start(&idle);
		pid = waitpid(0, &status);
		if (pid == shell.pid && status == 0)
			return 0;
		printf("init: pid %d ended with status %d\n", pid, status);
		note_end(&shell, pid);
		note_end(&idle, pid);
	}
}
