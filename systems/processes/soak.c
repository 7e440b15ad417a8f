/* SPDX-License-Identifier: BSD-2-Clause */
/* soak SECONDS [SEED]: has processes of every kind come and go for so long, at random: several tests at once, children that are killed,
 * forked, that fault or run another program, the tests that want to be alone, and sleep in between, up to twenty minutes. Each status
 * is known beforehand; nobody may be left over; every so often as many processes can be started as at the beginning. It exits with how
 * many things were not as they should be. */
#include "systems/random.h"
#include "test.h"

#define AT_ONCE_MAX   6
#define TESTS         "ABCDEFGHIJKLMNPQRSTUVXYZ"
#define SLEEPER       'S'
#define COUNT_STEPS   16    /* every so many it is counted how many processes there can be */
#define PROCESSES_MAX 64
#define ORPHANS_MS    1000  /* a try, while orphans end */
#define ORPHANS_TRIES 30
#define LATE_MS       60000 /* a sleep that took so much longer: the machine's clock may be a busy host's */
#define HOUR_MS       3600000

static uint64_t random_state;
static unsigned int steps, started;
static int slots;

static unsigned long below(unsigned long n)
{
	return random_below(&random_state, n);
}

static int begin(const char *program, const char *argument)
{
	int pid = start(program, argument);

	started += pid > 0;
	return pid;
}

static void end(int pid, int expected, const char *what)
{
	int status = 0;

	want(waitpid(pid, &status) == pid, "a child can be waited for");
	if (status != expected)
		printf("soak: step %u: %s ended with %d, not %d\n", steps, what, status, expected);
	want(status == expected, "a child's status is right");
}

static void rest(unsigned long ms)
{
	uint64_t before = gettime(), took;

	want(sleep(ms) == 0, "sleep returns 0");
	took = gettime() - before;
	want(took >= ms && took < ms + LATE_MS, "a sleep takes its time");
}

/* ---- what happens ---- */

static int status_of(char letter)
{
	switch (letter) {
	case 'Q':
		return EXIT_BAD_CALL;
	case SLEEPER:
		return EXIT_KILLED;
	case 'X':
		return 12;
	default:
		return 0;
	}
}

/* Some tests at once, each in several copies perhaps. */
static void run_tests(void)
{
	char name[AT_ONCE_MAX][2];
	int pid[AT_ONCE_MAX], count = 1 + (int)below(AT_ONCE_MAX);

	for (int i = 0; i < count; i++) {
		name[i][0] = TESTS[below(sizeof TESTS - 1)];
		name[i][1] = '\0';
		pid[i] = begin(name[i], NULL);
	}
	rest(below(2000));
	for (int i = 0; i < count; i++) {
		if (pid[i] > 0 && name[i][0] == SLEEPER)
			want(kill(pid[i]) == 0, "it can be killed");
		if (pid[i] > 0)
			end(pid[i], status_of(name[i][0]), name[i]);
	}
}

/* One that would run for hours, killed before. */
static void run_killed(void)
{
	int pid = begin("pause", "100000000");

	if (pid < 0)
		return;
	rest(below(5000));
	want(kill(pid) == 0, "it can be killed");
	end(pid, EXIT_KILLED, "pause");
}

/* The child's memory is its own, and so is what it makes of itself. */
static void run_forked(void)
{
	volatile unsigned long own = below(100);
	volatile int *volatile nowhere = NULL;
	int pid, status = (int)own;

	pid = fork();
	if (pid == 0) {
		own += 1000;
		rest(below(3000));
		if (status % 4 == 0)
			*nowhere = 1;
		exit(status);
	}
	want(pid > 0, "a fork");
	rest(below(3000));
	want(own == (unsigned long)status, "the parent's memory is as it was");
	end(pid, status % 4 == 0 ? EXIT_FAULTED : status, "a fork");
}

/* The tests that take all there is of something. */
static void run_alone(void)
{
	static const char *const programs[] = { "limits", "memory", "pointers", "faults", "cycles", "messages", "fair", "exec" };
	static const char *const arguments[] = { NULL, NULL, NULL, NULL, "20", "1", NULL, "hello" };
	unsigned long which = below(sizeof programs / sizeof programs[0]);
	int pid = begin(programs[which], arguments[which]);

	if (pid > 0)
		end(pid, 0, programs[which]);
}

static void write_console(void)
{
	char line[80];
	int length = snprintf(line, sizeof line, "soak: step %u, %u started, at %u s\n", steps, started, (unsigned int)(gettime() / 1000));

	for (unsigned long i = below(40); i > 0; i--)
		want(write(CHAN_CONSOLE, line, (size_t)length) == length, "the console takes a line");
}

static void run_step(void)
{
	switch (below(10)) {
	case 0:
		run_alone();
		break;
	case 1:
	case 2:
		run_killed();
		break;
	case 3:
	case 4:
		run_forked();
		break;
	case 5:
		write_console();
		break;
	default:
		run_tests();
	}
}

/* ---- what must hold ---- */

/* As many as there can be, all of which end again. */
static int count_slots(void)
{
	int pid[PROCESSES_MAX], count = 0;
	char *argv[] = { "pause", "100000000", NULL };

	while (count < PROCESSES_MAX && (pid[count] = spawn("pause", argv)) > 0)
		count++;
	for (int i = 0; i < count; i++) {
		want(kill(pid[i]) == 0, "it can be killed");
		end(pid[i], EXIT_KILLED, "pause");
	}
	return count;
}

/* Orphans of the tests have their time to end. */
static void check_slots(void)
{
	int now = count_slots();

	for (int i = 0; i < ORPHANS_TRIES && now != slots; i++) {
		rest(ORPHANS_MS);
		now = count_slots();
	}
	if (now != slots)
		printf("soak: step %u: %d processes can be started, not %d\n", steps, now, slots);
	want(now == slots, "there are as many processes as before");
}

static void check(void)
{
	want(waitpid(0, NULL) == E_NO_CHILDREN, "no children are left");
	if (steps % COUNT_STEPS == 0)
		check_slots();
}

/* Mostly a moment, now and then a long time. */
static unsigned long pause_ms(void)
{
	unsigned long kind = below(10);

	return below(kind < 6 ? 1000 : kind < 9 ? 60000 : 1200000);
}

static void tell(uint64_t begun)
{
	static unsigned int told;
	unsigned int hours = (unsigned int)((gettime() - begun) / HOUR_MS);

	if (hours == told)
		return;
	told = hours;
	printf("soak: %u h, step %u, %u started, %d wrong\n", hours, steps, started, wrong);
}

int main(int argc, char **argv)
{
	uint64_t begun = gettime(), ms = argc > 1 ? strtoul(argv[1], NULL, 10) * 1000ull : 60000;

	random_state = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
	slots = count_slots();
	while (gettime() - begun < ms) {
		uint64_t left;
		unsigned long pause = pause_ms();

		steps++;
		run_step();
		check();
		left = gettime() - begun < ms ? ms - (gettime() - begun) : 0;
		rest(pause < left ? pause : (unsigned long)left);
		tell(begun);
	}
	check_slots();
	printf("soak: %u s, %u steps, %u started, %d wrong\n", (unsigned int)((gettime() - begun) / 1000), steps, started, wrong);
	return wrong;
}
