/* SPDX-License-Identifier: BSD-2-Clause */
/* pointers: a bad pointer in every argument of every call, each in a child of its own. The call is an error, or the child ends with a
 * fault; never more. */
#include "test.h"

#define IS_64BIT (sizeof(void *) == 8)

static const char constant[] = "constant";

/* Addresses that nothing can be written to; all but the last two can't be read either. */
static size_t bad[] = { 0, 1, 0xfff, 0x10000, 0x30000000, 0, 0, 0, 0, SIZE_MAX, 0, 0, 0 };
#define BAD      (sizeof bad / sizeof bad[0])
#define READABLE 2

/* The first page behind data and bss: reading there ends a child. */
static size_t end_of_image(void)
{
	size_t page = (size_t)bad & ~(size_t)0xfff;
	int status = 0, pid;

	do {
		page += 0x1000;
		pid = fork();
		if (pid == 0) {
			(void)*(volatile char *)page;
			exit(0);
		}
	} while (waitpid(pid, &status) == pid && status == 0);
	want(status == EXIT_FAULTED, "the image ends");
	return page;
}

static void fill_bad(void)
{
	bad[5] = IS_64BIT ? (size_t)0x7fffffffffffull : 0xdfffffffu; /* the end of user space */
	bad[6] = IS_64BIT ? (size_t)0x800000000000ull : 0xe0000000u;
	bad[7] = IS_64BIT ? (size_t)0xffff800000000000ull : 0xf0000000u;
	bad[8] = IS_64BIT ? (size_t)0xffffffff80000000ull : 0xfffff000u;
	bad[10] = end_of_image() - 2; /* begins well, and what is asked for goes beyond */
	bad[11] = (size_t)constant;
	bad[12] = (size_t)fill_bad;
}

static char *good_argv[] = { "quiet", NULL };

static int try_waitpid(void *pointer)
{
	start("quiet", NULL);
	return waitpid(0, pointer);
}

static int try_exec_name(void *pointer)
{
	return exec(pointer, good_argv);
}

static int try_exec_argv(void *pointer)
{
	return exec("no such program", pointer);
}

static int try_exec_string(void *pointer)
{
	char *argv[] = { "quiet", pointer, (char *)(pointer ? NULL : good_argv[0]), NULL };

	return exec("no such program", argv);
}

static int try_spawn_name(void *pointer)
{
	return spawn(pointer, good_argv);
}

static int try_spawn_argv(void *pointer)
{
	return spawn("no such program", pointer);
}

static int try_spawn_string(void *pointer)
{
	char *argv[] = { "quiet", pointer, (char *)(pointer ? NULL : good_argv[0]), NULL };

	return spawn("no such program", argv);
}

static int try_read_console(void *pointer)
{
	return (int)read(CHAN_CONSOLE, pointer, 100) - 1; /* nothing is there: 0 is right */
}

static int try_read_serial(void *pointer)
{
	return (int)read(CHAN_SERIAL, pointer, 100);
}

static int try_write_console(void *pointer)
{
	return (int)write(CHAN_CONSOLE, pointer, 0x100000);
}

static int try_write_serial(void *pointer)
{
	return (int)write(CHAN_SERIAL, pointer, 0x7fff0000);
}

static const struct attempt {
	const char *name;
	int (*run)(void *pointer);
	int reads; /* memory that can be read is not bad */
} attempts[] = {
	{ "waitpid's status", try_waitpid, 0 }, { "exec's program", try_exec_name, 1 }, { "exec's argv", try_exec_argv, 1 },
	{ "a string of exec's argv", try_exec_string, 1 }, { "spawn's program", try_spawn_name, 1 }, { "spawn's argv", try_spawn_argv, 1 },
	{ "a string of spawn's argv", try_spawn_string, 1 }, { "read's buffer, console", try_read_console, 0 },
	{ "read's buffer, serial line", try_read_serial, 0 }, { "write's buffer, console", try_write_console, 1 },
	{ "write's buffer, serial line", try_write_serial, 1 },
};
#define ATTEMPTS (sizeof attempts / sizeof attempts[0])

static void try(const struct attempt *attempt, void *pointer)
{
	int status = 0, pid = fork();

	if (pid == 0)
		exit(attempt->run(pointer) < 0 ? 0 : 1);
	want(pid > 0 && waitpid(pid, &status) == pid, "the child can be waited for");
	if (status == 0 || status == EXIT_FAULTED)
		return;
	printf("pointers: %s = %p: status %d\n", attempt->name, pointer, status);
	wrong++;
}

int main(void)
{
	unsigned int tried = 0;

	fill_bad();
	for (size_t a = 0; a < ATTEMPTS; a++) {
		for (size_t b = 0; b < BAD - (attempts[a].reads ? READABLE : 0); b++, tried++) {
			if (b == 0 && attempts[a].run == try_waitpid)
				continue; /* null: the status is not wanted */
			try(&attempts[a], (void *)bad[b]);
		}
	}
	printf("pointers: %u tried\n", tried);
	return wrong;
}
