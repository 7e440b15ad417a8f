/* SPDX-License-Identifier: BSD-2-Clause */
/* P Q R S. P: gettime and sleep. Q: a bad call number ends the process with -102, and the system goes on. R: fork without exec, a chain
 * of five. S: sleeps for ever, and can be killed. */
#include "test.h"

#define CHAIN 5

static int run_p(void)
{
	uint64_t before = gettime(), took;

	for (int i = 0; i < 5; i++) {
		uint64_t start = gettime();

		want(sleep(100) == 0, "sleep returns 0");
		took = gettime() - start;
		want(took >= 100, "a sleep is not shorter than asked for");
	}
	took = gettime() - before;
	want(took >= 500, "five sleeps take five times as long");
	printf("p: done\n");
	return wrong;
}

static int run_q(void)
{
	printf("q: makes a bad call\n");
	process_call(0x7fff, 1, 2);
	printf("q: is still there\n");
	return 1;
}

/* As start does. */
static int fork_once(void)
{
	int pid = fork();

	for (int i = 0; i < RETRIES && pid == E_NO_PROCS; i++) {
		sleep(RETRY_MS);
		pid = fork();
	}
	return pid;
}

/* Each waits for the next, so the reports come in order. */
static int run_r(void)
{
	int parent = getpid(), depth = 0, pid = 0, status = 0;
	uint32_t rounding = 0x7f80, seen; /* towards zero, nothing traps */

	__asm__ volatile("ldmxcsr %0" : : "m"(rounding));
	printf("r: 0: pid %d, parent %d\n", getpid(), getppid());
	while (depth < CHAIN && (pid = fork_once()) == 0) {
		depth++;
		want(getppid() == parent, "the parent of a child is who forked it");
		__asm__ volatile("stmxcsr %0" : "=m"(seen));
		want(seen == rounding, "floating point rounds in the child as in the parent");
		parent = getpid();
		printf("r: %d: pid %d, parent %d\n", depth, getpid(), getppid());
	}
	if (depth < CHAIN) {
		want(pid > 0 || pid == E_NO_PROCS, "fork returns the child's pid");
		want(pid < 0 || (waitpid(pid, &status) == pid && status == 0), "the child ends well");
	}
	return wrong;
}

static _Noreturn void run_s(void)
{
	for (;;)
		sleep(UINT32_MAX);
}

int main(int argc, char **argv)
{
	switch (argc > 0 ? argv[0][0] : '?') {
	case 'P':
		return run_p();
	case 'Q':
		return run_q();
	case 'R':
		return run_r();
	case 'S':
		run_s();
	default:
		return 1;
	}
}
