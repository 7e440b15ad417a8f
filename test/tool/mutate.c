/* SPDX-License-Identifier: BSD-2-Clause */
/* mutate FILE COUNT SEED COMMAND...: damages a file COUNT times, a few bytes in or near its headers each time, and runs the
 * command with the damaged file's name as last argument. Its exit status must be 0 or 1; anything else ends it with 1. The
 * seed, printed, makes the same files again. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "test/support/random.h"

static uint8_t *read_all(const char *path, size_t *bytes)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return NULL;
	fseek(file, 0, SEEK_END);
	*bytes = (size_t)ftell(file);
	rewind(file);
	uint8_t *buffer = malloc(*bytes + 1);
	if (buffer && fread(buffer, 1, *bytes, file) != *bytes)
		*bytes = 0;
	fclose(file);
	return buffer;
}

/* Most damage goes where headers are: the first KiB, the first page, or the end, where section headers and symbols lie. */
static size_t place(struct random *random, size_t bytes)
{
	size_t spans[] = { 64, 1024, 4096, bytes };
	size_t span = spans[random_below(random, 4)];
	size_t at = (size_t)random_below(random, span < bytes ? span : bytes);
	return random_below(random, 3) == 0 ? bytes - 1 - at : at;
}

static size_t damage(struct random *random, uint8_t *copy, size_t bytes)
{
	static const uint8_t values[] = { 0, 1, 2, 0x7f, 0x80, 0xff };
	for (uint64_t i = random_between(random, 1, 6); i > 0; i--) {
		size_t at = place(random, bytes);
		uint64_t run = random_below(random, 4) == 0 ? 8 : 1;
		for (size_t b = at; b < bytes && b < at + run; b++)
			copy[b] = random_below(random, 2) ? values[random_below(random, sizeof values)] : (uint8_t)random_next(random);
	}
	return random_below(random, 8) == 0 ? (size_t)random_below(random, bytes) : bytes;
}

static int run(char **command)
{
	int status;
	fflush(stdout); /* or the child prints it again */
	pid_t child = fork();
	if (child == 0) {
		if (!freopen("/dev/null", "w", stdout))
			_exit(127);
		execv(command[0], command);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static char name[] = "mutated.elf";

/* One damaged file, one run; false if that ended as it must not. */
static bool try(struct random *random, const uint8_t *original, uint8_t *copy, size_t bytes, char **command)
{
	memcpy(copy, original, bytes);
	size_t length = damage(random, copy, bytes);
	FILE *file = fopen(name, "wb");
	if (!file || fwrite(copy, 1, length, file) != length || fclose(file) != 0)
		return false;
	int status = run(command);
	if (status != 0 && status != 1)
		printf("exit status %d on %s\n", status, name);
	return status == 0 || status == 1;
}

int main(int argc, char **argv)
{
	size_t bytes = 0;
	if (argc < 5)
		return 2;
	uint8_t *original = read_all(argv[1], &bytes), *copy = malloc(bytes + 1);
	char **command = calloc((size_t)argc, sizeof *command);
	bool held = original && copy && command && bytes != 0;
	for (int i = 4; held && i < argc; i++)
		command[i - 4] = argv[i];
	if (held)
		command[argc - 4] = name;
	struct random random = random_start(argv[1], strtoull(argv[3], NULL, 0));
	for (long count = strtol(argv[2], NULL, 0); held && count > 0; count--)
		held = try(&random, original, copy, bytes, command);
	free(command);
	free(copy);
	free(original);
	return held ? 0 : 1;
}
