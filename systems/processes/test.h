/* SPDX-License-Identifier: BSD-2-Clause */
/* What the test programs share. Each exits with 0 if everything was as it should be, else with the number of things that were
 * not. Capital letters are printed by A to G alone, so that they can be counted in the output of all programs at once. */
#pragma once
#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_MS 100

/* How many things were not as they should be. */
static int wrong;

static inline void want(int is_right, const char *what)
{
	if (is_right)
		return;
	wrong++;
	printf("pid %d: wrong: %s\n", getpid(), what);
}

/* Starts a program with one argument (NULL: none). Waits for a slot if all are taken: that is somebody else's test. */
static inline int start(const char *program, const char *argument)
{
	char *argv[] = { (char *)(size_t)program, (char *)(size_t)argument, NULL };
	int pid = spawn(program, argv);

	while (pid == E_NO_PROCS) {
		sleep(RETRY_MS);
		pid = spawn(program, argv);
	}
	want(pid > 0, "a program can be started");
	return pid;
}
