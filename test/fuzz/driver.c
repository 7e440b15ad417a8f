/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a libFuzzer target without libFuzzer: a fixed number of inputs, each a seed file with a few bytes changed, a field
 * overwritten by an interesting value, a piece cut out or doubled. Same seed, same inputs.
 * Usage: TARGET RUNS SEED FILE... ; prints the number of the input it is at only when it dies, through abort's handler. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define SEEDS_MAX 64
#define SEED_BYTES_MAX (1u << 20)

struct seed { uint8_t *bytes; size_t size; };

static uint64_t state;
static char death_note[128];

static uint64_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void say_where(int number)
{
	(void)number;
	ssize_t written = write(STDERR_FILENO, death_note, strlen(death_note));
	(void)written;
	_exit(99);
}

static size_t read_seed(const char *name, struct seed *seed)
{
	FILE *file = fopen(name, "rb");
	if (!file)
		return 0;
	seed->bytes = malloc(SEED_BYTES_MAX);
	seed->size = fread(seed->bytes, 1, SEED_BYTES_MAX, file);
	fclose(file);
	return 1;
}

/* Headers lie at the front: half of all changes hit the first 4 KiB. */
static size_t place(size_t size)
{
	size_t range = next() % 2 && size > 4096 ? 4096 : size;
	return range ? next() % range : 0;
}

static void overwrite_field(uint8_t *bytes, size_t size)
{
	static const uint64_t interesting[] = {
		0, 1, 2, 3, 7, 63, 64, 65, 4095, 4096, 4097, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffff000, 0x100000000,
		0x7fffffffffff, 0x800000000000, UINT64_MAX, UINT64_MAX - 4095, UINT64_MAX / 2 + 1
	};
	uint64_t value = interesting[next() % (sizeof interesting / sizeof interesting[0])];
	size_t width = (size_t)1 << next() % 4;
	size_t at = place(size) & ~(width - 1);
	if (width <= size && at <= size - width)
		memcpy(bytes + at, &value, width);
}

static size_t mutate(uint8_t *bytes, size_t size)
{
	for (uint64_t changes = 1 + next() % 4; changes && size; changes--) {
		switch (next() % 6) {
		case 0: bytes[place(size)] ^= (uint8_t)(1u << next() % 8); break;
		case 1: bytes[place(size)] = (uint8_t)next(); break;
		case 2: size -= next() % 8 ? 0 : next() % size; break;
		case 3: memmove(bytes + place(size) / 2, bytes, size / 2); break;
		default: overwrite_field(bytes, size); break;
		}
	}
	return size;
}

int main(int argc, char **argv)
{
	static struct seed seeds[SEEDS_MAX];
	size_t count = 0;
	if (argc < 4)
		return fprintf(stderr, "usage: %s RUNS SEED FILE...\n", argv[0]), 2;
	unsigned long runs = strtoul(argv[1], NULL, 0);
	state = strtoull(argv[2], NULL, 0) * 2654435761u + 1;
	for (int i = 3; i < argc && count < SEEDS_MAX; i++)
		count += read_seed(argv[i], &seeds[count]);
	if (!count)
		return fprintf(stderr, "%s: no seed could be read\n", argv[0]), 2;
	signal(SIGABRT, say_where);
	for (unsigned long run = 0; run < runs; run++) {
		const struct seed *seed = &seeds[next() % count];
		uint8_t *bytes = malloc(seed->size ? seed->size : 1);
		memcpy(bytes, seed->bytes, seed->size);
		size_t size = run < count ? seed->size : mutate(bytes, seed->size);
		snprintf(death_note, sizeof death_note, "died at input %lu of seed %s\n", run, argv[2]);
		uint8_t *exact = malloc(size ? size : 1); /* its own block, so that one byte past it is seen */
		memcpy(exact, bytes, size);
		LLVMFuzzerTestOneInput(exact, size);
		free(exact);
		free(bytes);
	}
	for (size_t i = 0; i < count; i++)
		free(seeds[i].bytes);
	printf("%lu inputs\n", runs);
	return 0;
}
