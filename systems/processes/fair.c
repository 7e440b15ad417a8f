/* SPDX-License-Identifier: BSD-2-Clause */
/* fair: two busy processes share the processor evenly; one of a lower level gets next to nothing beside them; fair busy LEVEL TIME:
 * counts until that time, and exits with the count. */
#include "test.h"

#define BUSY_MS   2000
#define ROUNDS    1000
#define TRIES_MAX 5 /* on a machine that stands still in the midst of one, that one is uneven */

static int run_busy(int level, uint64_t end)
{
	int count = 0;

	setprio(level);
	for (; gettime() < end; count++) {
		for (volatile int i = 0; i < ROUNDS; i++)
			continue;
	}
	return count;
}

static int start_busy(char *level, char *end)
{
	char *argv[] = { "fair", "busy", level, end, NULL };

	return spawn("fair", argv);
}

/* One round of three. */
static int is_fair(void)
{
	int pid[3], count[3];
	char end[24];

	snprintf(end, sizeof end, "%lu", (unsigned long)gettime() + BUSY_MS);
	pid[0] = start_busy("1", end);
	pid[1] = start_busy("1", end);
	pid[2] = start_busy("3", end);
	for (int i = 0; i < 3; i++)
		want(waitpid(pid[i], &count[i]) == pid[i], "all end");
	if (count[0] * 10 > count[1] * 6 && count[1] * 10 > count[0] * 6 && count[2] * 10 < count[0])
		return 1;
	printf("fair: %d %d %d\n", count[0], count[1], count[2]);
	return 0;
}

int main(int argc, char **argv)
{
	int tries = 0;

	if (argc > 3)
		return run_busy(atoi(argv[2]), strtoul(argv[3], NULL, 10));
	setprio(PRIO_HIGH);
	while (tries < TRIES_MAX && !is_fair())
		tries++;
	want(tries < TRIES_MAX, "two of one level share evenly, one below them gets next to nothing");
	printf("fair: done\n");
	return wrong;
}
