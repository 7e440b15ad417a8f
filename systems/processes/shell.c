/* SPDX-License-Identifier: BSD-2-Clause */
/* The shell: reads command lines from the serial line, echoes and edits them, starts programs, waits for them and says how they
 * ended. Control-C drops the line; while programs run it ends them, which is the process server's doing. */
#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 256
#define WORDS_MAX  ARGUMENTS_MAX
#define JOBS_MAX   32
#define ALL        "ABCDEFGHIJKLMNPQRSTUV"
#define SLEEPER    'S'  /* never ends by itself */
#define GRACE_MS   100  /* ten times */
#define INIT_MS    5    /* ten times: in which init says that it has started the shell */
#define RETRIES    1000 /* of a test, while another one has all slots */
#define RETRY_MS   100

#define BACKSPACE 0x08
#define DELETE    0x7f
#define CONTROL_C 0x03
#define CONTROL_D 0x04
#define CONTROL_U 0x15
#define ESCAPE    0x1b

struct job {
	int pid;
	char name[16];
};
static struct job jobs[JOBS_MAX];
static int job_count;
static size_t lost; /* characters of the line that had no room */

/* ---- the line ---- */

/* One at a time: what comes behind the line may be for the program that the line starts. */
static char next_character(void)
{
	char c;

	if (read(CHAN_SERIAL, &c, 1) != 1)
		exit(1);
	return c;
}

/* The bytes behind the first of a character of several, in UTF-8. */
static int is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static void rub_out(const char *line, size_t *length, size_t count)
{
	for (; count > 0 && lost > 0; count--)
		lost--;
	for (; count > 0 && *length > 0; count--) {
		while (*length > 1 && is_continuation(line[*length - 1]))
			(*length)--;
		(*length)--;
		write(CHAN_SERIAL, "\b \b", 3);
	}
}

/* Arrow keys and their like: ESC, [ or O, parameters, a letter. Nothing here needs them. */
static int is_in_sequence(char c)
{
	static enum { OUTSIDE, BEHIND_ESCAPE, INSIDE } at;

	if (c == ESCAPE) {
		at = BEHIND_ESCAPE;
		return 1;
	}
	if ((unsigned char)c < ' ')
		at = OUTSIDE;
	if (at == OUTSIDE)
		return 0;
	if (at == BEHIND_ESCAPE)
		at = c == '[' || c == 'O' ? INSIDE : OUTSIDE;
	else if ((unsigned char)c >= '@')
		at = OUTSIDE;
	return 1;
}

static void take_character(char *line, size_t *length, char c)
{
	if (c == '\t')
		c = ' ';
	if ((unsigned char)c < ' ')
		return;
	if (*length == LINE_BYTES - 1) {
		lost++;
		return;
	}
	line[(*length)++] = c;
	putchar(c);
}

/* A line of which a part was lost is not run. */
static void end_line(char *line, size_t length)
{
	putchar('\n');
	if (lost > 0)
		printf("shell: a line has at most %d characters, this one %u more\n", LINE_BYTES - 1, (unsigned int)lost);
	line[lost > 0 ? 0 : length] = '\0';
	lost = 0;
}

/* Reads one line into line. 0: that was the end. A carriage return's line feed is passed over. */
static int read_line(char *line)
{
	static char before;
	size_t length = 0;

	for (;;) {
		char c = next_character(), last = before;

		before = c;
		if ((c == '\n' && last == '\r') || is_in_sequence(c))
			continue;
		if (c == '\n' || c == '\r')
			break;
		if (c == CONTROL_D && length == 0 && lost == 0) {
			printf("exit\n");
			return 0;
		}
		if (c == BACKSPACE || c == DELETE)
			rub_out(line, &length, 1);
		else if (c == CONTROL_U)
			rub_out(line, &length, lost + length);
		else if (c == CONTROL_C) {
			length = lost = 0;
			printf("^C");
			break;
		} else
			take_character(line, &length, c);
	}
	end_line(line, length);
	return 1;
}

/* Gives others time. In small pieces, so that a machine that stands still for a while takes no more than one of them from them. */
static void let_others(uint64_t ms)
{
	for (int i = 0; i < 10; i++)
		sleep(ms);
}

/* ---- programs ---- */

static const char *error_text(int error)
{
	static const char *const texts[] = { "success", "failure", "bad parameter", "bad channel", "no children", "no memory", "not found",
	                                     "no process slots" };

	return error <= 0 && error > -8 ? texts[-error] : "unknown error";
}

static void start(const char *program, char *const argv[], int retries)
{
	int pid = spawn(program, argv);

	while (pid == E_NO_PROCS && retries-- > 0) {
		sleep(RETRY_MS);
		pid = spawn(program, argv);
	}
	if (pid < 0) {
		printf("shell: %s: %s\n", program, error_text(pid));
		return;
	}
	jobs[job_count].pid = pid;
	strncpy(jobs[job_count].name, program, sizeof jobs[0].name - 1);
	job_count++;
}

static void ended(int pid, int status)
{
	for (int i = 0; i < job_count; i++) {
		if (jobs[i].pid != pid)
			continue;
		printf("shell: %s (pid %d) ended with status %d\n", jobs[i].name, pid, status);
		jobs[i] = jobs[--job_count];
		return;
	}
}

/* Are there only programs left that never end? */
static int only_sleepers(void)
{
	for (int i = 0; i < job_count; i++) {
		if (jobs[i].name[0] != SLEEPER || jobs[i].name[1])
			return 0;
	}
	return job_count > 0;
}

static void wait_for_all(void)
{
	int status, pid;

	while (job_count > 0 && (pid = waitpid(0, &status)) > 0)
		ended(pid, status);
	job_count = 0;
}

/* A test run: what never ends is given a second, then killed. So are the children that some tests leave to init. */
static void wait_for_tests(void)
{
	while (job_count > 0) {
		int status, pid;

		if (only_sleepers()) {
			let_others(GRACE_MS);
			kill(jobs[0].pid);
			pid = waitpid(jobs[0].pid, &status);
		} else {
			pid = waitpid(0, &status);
		}
		if (pid < 0)
			return;
		ended(pid, status);
	}
}

static void run_tests(const char *letters)
{
	int leaves_orphans;

	if (strcmp(letters, "*") == 0)
		letters = ALL;
	if (strlen(letters) > JOBS_MAX) {
		printf("shell: at most %d tests at a time\n", JOBS_MAX);
		return;
	}
	leaves_orphans = strchr(letters, 'H') || strchr(letters, 'M') || strchr(letters, 'N');
	for (; *letters; letters++) {
		char name[2] = { *letters, '\0' };
		char *argv[] = { name, NULL };

		start(name, argv, RETRIES);
	}
	wait_for_tests();
	if (leaves_orphans)
		let_others(GRACE_MS);
}

/* The line's words, and NULL behind them; how many, or -1 if they are too many. */
static int split(char *line, char *argv[WORDS_MAX + 1])
{
	int argc = 0;

	for (char *at = line;;) {
		while (*at == ' ')
			*at++ = '\0';
		if (*at == '\0')
			break;
		if (argc == WORDS_MAX)
			return -1;
		argv[argc++] = at;
		while (*at && *at != ' ')
			at++;
	}
	argv[argc] = NULL;
	return argc;
}

/* Not a program: there may be no slot for one. */
static void kill_all(char *const argv[])
{
	for (; *argv; argv++) {
		int result = kill(atoi(*argv));

		if (result < 0)
			printf("shell: kill %s: %s\n", *argv, error_text(result));
	}
}

static void help(void)
{
	printf("PROGRAM ARGUMENTS...  runs a program and waits for it; control-c ends it\n"
	       "@LETTERS              starts these tests in order, and waits for all\n"
	       "@*                    all tests\n"
	       "kill PIDS...          ends processes; control-t shows them\n"
	       "help, exit\n");
}

/* 0: it was the last line. */
static int run(char *line)
{
	char *argv[WORDS_MAX + 1];
	int argc = split(line, argv);

	if (argc < 0)
		printf("shell: a program and its arguments are at most %d\n", WORDS_MAX);
	if (argc <= 0)
		return 1;
	if (strcmp(argv[0], "exit") == 0)
		return 0;
	if (strcmp(argv[0], "help") == 0) {
		help();
	} else if (strcmp(argv[0], "kill") == 0) {
		kill_all(argv + 1);
	} else if (argv[0][0] == '@') {
		run_tests(argv[0] + 1);
	} else {
		start(argv[0], argv, 0);
		wait_for_all();
	}
	return 1;
}

int main(void)
{
	static char line[LINE_BYTES];

	let_others(INIT_MS);
	do
		write(CHAN_SERIAL, "> ", 2);
	while (read_line(line) && run(line));
	return 0;
}
