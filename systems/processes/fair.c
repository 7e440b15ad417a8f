/* SPDX-License-Identifier: BSD-2-Clause */
/* fair: two busy processes share the processor evenly; one of a lower level gets next to nothing beside them; fair busy LEVEL TIME:
 * counts until that time, and exits with the count. */
#include "test.h"

#define BUSY_MS 2000
#define ROUNDS  1000

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

int main(int argc, char **argv)
{
	int pid[3], count[3];
	char end[24];

	if (argc > 3)
		return run_busy(atoi(argv[2]), strtoul(argv[3], NULL, 10));
	setprio(PRIO_HIGH);
	snprintf(end, sizeof end, "%lu", (unsigned long)gettime() + BUSY_MS);
	pid[0] = start_busy("1", end);
	pid[1] = start_busy("1", end);
	pid[2] = start_busy("3", end);
	for (int i = 0; i < 3; i++)
		want(waitpid(pid[i], &count[i]) == pid[i], "all end");
	want(count[0] * 10 > count[1] * 6 && count[1] * 10 > count[0] * 6, "two of one level share evenly");
	want(count[2] * 10 < count[0], "one below them gets next to nothing");
	if (wrong)
		printf("fair: %d %d %d\n", count[0], count[1], count[2]);
	printf("fair: done\n");
	return wrong;
}
