/* SPDX-License-Identifier: BSD-2-Clause */
/* What the test programs share. Each exits with 0 if everything was as it should be, else with the number of things that were
 * not. Capital letters are printed by A to G alone, so that they can be counted in the output of all programs at once. */
#pragma once
#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_MS 100
#define RETRIES  20

/* How many things were not as they should be. */
static int wrong;

static inline void want(int is_right, const char *what)
{
	if (is_right)
		return;
	wrong++;
	printf("pid %d: wrong: %s\n", getpid(), what);
}

/* Starts a program with one argument (NULL: none). Waits for a slot if all are taken, but not for ever: many tests at once, each with some
 * of its children, could wait for each other. Then E_NO_PROCS: the test has fewer children. */
static inline int start(const char *program, const char *argument)
{
	char *argv[] = { (char *)(size_t)program, (char *)(size_t)argument, NULL };
	int pid = spawn(program, argv);

	for (int i = 0; i < RETRIES && pid == E_NO_PROCS; i++) {
		sleep(RETRY_MS);
		pid = spawn(program, argv);
	}
	want(pid > 0 || pid == E_NO_PROCS, "a program can be started");
	return pid;
}
