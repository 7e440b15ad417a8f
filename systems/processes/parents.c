/* SPDX-License-Identifier: BSD-2-Clause */
/* Those that have children: H I J K L M N T U V. */
#include "test.h"

#define J_CHILDREN 80 /* twice as many as there are slots */
#define CHILDREN   6
#define SETTLE_MS  50  /* ten times: in which each child makes its first report */

/* Milliseconds between W's three reports: those that are to be killed must not have ended by then, however many others run. */
#define LIVES_LONG "20000"

static int children[J_CHILDREN];
static int count; /* of them */

/* In small pieces: see the shell. */
static void settle(void)
{
	for (int i = 0; i < 10; i++)
		sleep(SETTLE_MS);
}

static void add(const char *argument)
{
	int pid = start("W", argument);

	if (pid > 0)
		children[count++] = pid;
}

/* Spawns 4 Z and exits first: the orphans go to init. */
static int run_h(void)
{
	for (int i = 0; i < 4; i++)
		start("Z", NULL);
	return wrong;
}

/* Waits for each of the children, in whatever order they end, until there are none. Their statuses: status, or -101 for those
 * marked killed. */
static void wait_for_rest(int status, unsigned int killed)
{
	int got, pid, seen = 0;

	while ((pid = waitpid(0, &got)) > 0) {
		int i = 0;

		while (i < count && children[i] != pid)
			i++;
		want(i < count && got == (killed >> i & 1 ? EXIT_KILLED : status), "a child ends as it should");
		seen++;
	}
	want(pid == E_NO_CHILDREN, "then there are no children");
	want(seen == count, "each child is waited for once");
}

/* Spawns 5 W, sleeps, kills the first and the third, waits for all until there are none. */
static int run_i(void)
{
	unsigned int killed = 0;

	for (int i = 0; i < 5; i++) {
		int before = count;

		add(i == 0 || i == 2 ? LIVES_LONG : NULL);
		if (i == 0 || i == 2)
			killed |= (unsigned int)(count - before) << before;
	}
	settle();
	for (int i = 0; i < count; i++)
		want(!(killed >> i & 1) || kill(children[i]) == 0, "a child can be killed");
	wait_for_rest(0, killed);
	return wrong;
}

/* Tries twice as many children as there are slots. */
static int run_j(void)
{
	char *argv[] = { "Y", NULL };
	int refused = 0;

	for (int i = 0; i < J_CHILDREN; i++) {
		int pid = spawn("Y", argv);

		if (pid > 0)
			children[count++] = pid;
		else
			refused++;
		want(pid > 0 || pid == E_NO_PROCS, "a refusal says that no slots are left");
	}
	want(refused > 0, "slots run out");
	wait_for_rest(0, 0);
	printf("j: %d started and reaped, %d refused\n", count, refused);
	return wrong;
}

/* Spawns X again and again, with an argument built as 100+i. */
static int run_kl(void)
{
	for (int i = 0; i < 5; i++) {
		char argument[8];
		int pid, status;

		snprintf(argument, sizeof argument, "%d", 100 + i);
		pid = start("X", argument);
		want(pid < 0 || (waitpid(pid, &status) == pid && status == 12), "x ends with 12");
	}
	return wrong;
}

/* Spawns 5 W (N: and 5 Z) and exits at once. */
static int run_mn(char letter)
{
	for (int i = 0; i < 5; i++) {
		start("W", NULL);
		if (letter == 'N')
			start("Z", NULL);
	}
	return wrong;
}

/* 6 W: waits for any, by pid, or kills each. */
static int run_tuv(char letter)
{
	for (int i = 0; i < CHILDREN; i++)
		add(letter == 'V' ? LIVES_LONG : NULL);
	if (letter == 'V')
		settle();
	for (int i = 0; i < count && letter != 'T'; i++) {
		int status;

		if (letter == 'V')
			want(kill(children[i]) == 0, "a child can be killed");
		want(waitpid(children[i], &status) == children[i], "a child can be waited for by its pid");
		want(status == (letter == 'V' ? EXIT_KILLED : 0), "it ends as it should");
	}
	if (letter == 'T')
		wait_for_rest(0, 0);
	want(waitpid(0, NULL) == E_NO_CHILDREN, "then there are no children");
	return wrong;
}

static int run(char letter)
{
	switch (letter) {
	case 'H':
		return run_h();
	case 'I':
		return run_i();
	case 'J':
		return run_j();
	case 'K':
	case 'L':
		return run_kl();
	case 'M':
	case 'N':
		return run_mn(letter);
	default:
		return run_tuv(letter);
	}
}

int main(int argc, char **argv)
{
	int result = run(argc > 0 ? argv[0][0] : '?');

	printf("%c: done\n", argc > 0 ? argv[0][0] + ('a' - 'A') : '?');
	return result;
}
