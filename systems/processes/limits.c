/* SPDX-License-Identifier: BSD-2-Clause */
/* limits: every call at its limits and beyond, every error it can give. */
#include "test.h"
#include "user/process/protocol.h"
#include "user/sel4/sel4.h"

#define CALL_CAP 74u

static char text[ARGUMENT_BYTES + 1];

static long send(seL4_Word call, seL4_Word words, seL4_Word word0, seL4_Word word1)
{
	seL4_SetMR(0, word0);
	seL4_SetMR(1, word1);
	(void)seL4_Call(CALL_CAP, seL4_MessageInfo_new(call, 0, 0, words));
	return (long)seL4_GetMR(0);
}

/* Spawns quiet with count arguments that have bytes together, with their NULs. */
static int spawn_with(int count, int bytes)
{
	static char *argv[ARGUMENTS_MAX + 2];
	int pid, last = bytes - (count - 1) * 2;

	memset(text, 'x', sizeof text);
	text[last - 1] = '\0';
	for (int i = 0; i < count - 1; i++)
		argv[i] = "y";
	argv[count - 1] = text;
	argv[count] = NULL;
	pid = spawn("quiet", argv);
	if (pid > 0)
		want(waitpid(pid, NULL) == pid, "it ends");
	return pid;
}

static void try_arguments(void)
{
	char *none[] = { NULL };
	char name[65];
	int pid;

	want(spawn_with(ARGUMENTS_MAX, 200) > 0, "as many arguments as there may be");
	want(spawn_with(ARGUMENTS_MAX + 1, 200) == E_BAD_PARAM, "one more is refused");
	want(spawn_with(2, ARGUMENT_BYTES) > 0, "as many bytes as there may be");
	want(spawn_with(2, ARGUMENT_BYTES + 1) == E_BAD_PARAM, "one more is refused");
	pid = spawn("quiet", none);
	want(pid > 0 && waitpid(pid, NULL) == pid, "no arguments at all");
	memset(name, 'n', sizeof name);
	name[64] = '\0';
	want(spawn(name, none) == E_BAD_PARAM, "a name of 64 bytes is refused");
	name[63] = '\0';
	want(spawn(name, none) == E_NOT_FOUND, "one of 63 is not found");
	want(spawn("", none) == E_BAD_PARAM, "an empty name is refused");
	want(exec(name, none) == E_NOT_FOUND, "exec of what is not there returns");
	want(exec("", none) == E_BAD_PARAM, "exec of no name returns");
}

/* Past the runtime: messages that are too short, or say more than they hold. */
static void try_messages(void)
{
	static const char name[PROCESS_NAME_BYTES] = "quiet";
	char *at = (char *)&seL4_GetIPCBuffer()->msg[2];
	seL4_Word words = 2 + (PROCESS_NAME_BYTES + 8) / sizeof(seL4_Word);

	want(send(PROCESS_SPAWN, 2, 0, 0) == E_BAD_PARAM, "a program without a name");
	memcpy(at, name, sizeof name);
	memset(at + PROCESS_NAME_BYTES, 'x', 8);
	want(send(PROCESS_SPAWN, words, 1, 8) == E_BAD_PARAM, "a string without its end");
	memset(at + PROCESS_NAME_BYTES, 0, 8);
	want(send(PROCESS_SPAWN, words, 1, 8) == E_BAD_PARAM, "more strings than are said");
	want(send(PROCESS_SPAWN, words, 9, 8) == E_BAD_PARAM, "fewer strings than are said");
	want(send(PROCESS_SPAWN, words, 1, 100) == E_BAD_PARAM, "more bytes than are there");
	want(send(PROCESS_WRITE, 3, 1, 100) == E_BAD_PARAM && send(PROCESS_WRITE, 120, 1, 473) == E_BAD_PARAM, "a text that is not there");
	want(send(PROCESS_WRITE, 1, 1, 0) == E_BAD_PARAM && send(PROCESS_READ, 1, 1, 1) == E_BAD_PARAM, "half a message");
	want(send(PROCESS_SLEEP, 1, 1, 0) == E_BAD_PARAM && send(PROCESS_WAITPID, 0, 0, 0) == E_BAD_PARAM, "half another");
	want(waitpid(0, NULL) == E_NO_CHILDREN, "nothing was started");
}

static void try_channels(void)
{
	char bytes[4] = "wxyz";

	want(read(2, bytes, 1) == E_BAD_CHANNEL && read(-1, bytes, 1) == E_BAD_CHANNEL, "reading from no channel");
	want(write(2, bytes, 1) == E_BAD_CHANNEL && write(-1, bytes, 1) == E_BAD_CHANNEL, "writing to no channel");
	want(write(0x10000001, bytes, 1) == E_BAD_CHANNEL, "writing to a large channel");
	want(read(CHAN_SERIAL, bytes, 0) == 0 && write(CHAN_SERIAL, bytes, 0) == 0, "nothing to read or write");
	want(read(CHAN_CONSOLE, bytes, 4) == 0 && memcmp(bytes, "wxyz", 4) == 0, "reading the console does not block");
}

static void try_processes(void)
{
	int pid, status = 77;

	want(waitpid(0, &status) == E_NO_CHILDREN && waitpid(getppid(), &status) == E_NO_CHILDREN, "waiting without children");
	pid = start("S", NULL);
	want(waitpid(getppid(), &status) == E_NOT_FOUND && waitpid(pid + 1000, &status) == E_NOT_FOUND, "waiting for no child of mine");
	want(waitpid(-1, &status) == E_BAD_PARAM, "waiting for a negative pid");
	want(status == 77, "a status is written only with a pid");
	want(kill(pid) == 0 && kill(pid) == 0, "what has ended already can be killed again");
	want(waitpid(pid, &status) == pid && status == EXIT_KILLED, "killed");
	want(kill(pid) == E_NOT_FOUND && kill(0) == E_NOT_FOUND && kill(-1) == E_NOT_FOUND, "killing nobody");
	want(kill(1) == E_FAILURE, "init can't be killed");
}

static void try_priorities(void)
{
	want(getprio() == PRIO_STANDARD, "a process begins at the standard level");
	for (int level = PRIO_HIGH; level <= PRIO_DEFERRED; level++) {
		int before = getprio();

		want(setprio(level) == before && getprio() == level, "a level can be set");
	}
	want(setprio(4) == E_BAD_PARAM && setprio(-1) == E_BAD_PARAM && setprio(INT32_MAX) == E_BAD_PARAM, "there are four levels");
	want(setprio(PRIO_STANDARD) == PRIO_DEFERRED, "the level before");
}

static void try_heap(void)
{
	size_t size = crt_heap_bytes;
	void *block[64], *large = malloc(size - 16);
	int count = 0;

	want(large != NULL, "the whole heap in one piece");
	want(malloc(1) == NULL && sbrk(1) == NULL && realloc(large, size) == NULL, "then there is no more");
	free(large);
	want(malloc(size) == NULL && malloc(SIZE_MAX) == NULL && calloc(SIZE_MAX / 2, 3) == NULL, "more than there is");
	for (; count < 64 && (block[count] = malloc(size / 40)) != NULL; count++)
		memset(block[count], count, size / 40);
	want(count >= 38 && count <= 40, "pieces of it");
	for (int i = 0; i < count; i++)
		free(block[i]);
	large = malloc(size - 16);
	want(large != NULL, "all of it again");
	free(large);
}

int main(void)
{
	try_arguments();
	try_messages();
	try_channels();
	try_processes();
	try_priorities();
	try_heap();
	printf("limits: done\n");
	return wrong;
}
