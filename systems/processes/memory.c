/* SPDX-License-Identifier: BSD-2-Clause */
/* memory: starts, then forks, children of a megabyte each until there is no memory, twice each: the second time there are as many as the
 * first. memory child: sleeps for ever. */
#include "test.h"

#define CHILDREN_MAX 64

char crt_heap[1 << 20];
const size_t crt_heap_bytes = sizeof crt_heap;

static int children[CHILDREN_MAX];

static int spawn_child(void)
{
	char *argv[] = { "memory", "child", NULL };

	return spawn("memory", argv);
}

static int fork_child(void)
{
	int pid = fork();

	while (pid == 0)
		sleep(60000);
	return pid;
}

/* How many there were. */
static int fill(int (*make)(void))
{
	int count = 0, pid;

	while ((pid = make()) > 0 && count < CHILDREN_MAX)
		children[count++] = pid;
	want(pid == E_NO_MEMORY, "it ends for want of memory");
	for (int i = 0; i < count; i++) {
		int status;

		want(kill(children[i]) == 0 && waitpid(children[i], &status) == children[i] && status == EXIT_KILLED, "all can be killed");
	}
	return count;
}

int main(int argc, char **argv)
{
	int spawned, forked;

	(void)argv;
	memset(crt_heap, argc, crt_heap_bytes);
	while (argc > 1)
		sleep(60000);
	spawned = fill(spawn_child);
	forked = fill(fork_child);
	want(spawned > 0 && fill(spawn_child) == spawned, "the same number of children twice");
	want(forked > 0 && fill(fork_child) == forked, "the same number of forks twice");
	printf("memory: %d spawned, %d forked\n", spawned, forked);
	return wrong;
}
