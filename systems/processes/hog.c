/* SPDX-License-Identifier: BSD-2-Clause */
/* hog slots, hog memory: takes all of them with children that sleep, ends its parent and takes what that leaves, before anybody of a lower
 * level has a turn; keeps it for a while, and lets go. */
#include "test.h"

#define CHILDREN_MAX 64
#define KEEPS_MS     3000

static int children[CHILDREN_MAX];
static int count;

/* Starts as many as there is room for. The error that ended it. */
static int fill(const char *program, const char *argument)
{
	char *argv[] = { (char *)(size_t)program, (char *)(size_t)argument, NULL };
	int pid = 0;

	while (count < CHILDREN_MAX && (pid = spawn(program, argv)) > 0)
		children[count++] = pid;
	return pid;
}

/* Large ones, then small ones. */
static void take_all(int takes_memory)
{
	if (takes_memory)
		want(fill("memory", "child") == E_NO_MEMORY && fill("S", NULL) == E_NO_MEMORY, "it ends for want of memory");
	else
		want(fill("S", NULL) == E_NO_PROCS, "it ends for want of slots");
}

int main(int argc, char **argv)
{
	int takes_memory = argc > 1 && strcmp(argv[1], "memory") == 0;

	setprio(PRIO_HIGH);
	take_all(takes_memory);
	want(kill(getppid()) == 0, "the parent can be killed");
	take_all(takes_memory);
	sleep(KEEPS_MS);
	printf("hog: lets go\n");
	while (count > 0)
		want(kill(children[--count]) == 0, "a child can be killed");
	return wrong;
}
