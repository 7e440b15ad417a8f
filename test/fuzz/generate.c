/* SPDX-License-Identifier: BSD-2-Clause */
/* Seeds for fuzz targets whose inputs are no files: generate TARGET FOLDER [ARCHIVE]. The same every time. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SEEDS 32u

static uint64_t state = 88172645463325252u;

static unsigned next(unsigned count)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 20) % count;
}

static void put_random(FILE *to, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		fputc((int)next(256), to);
}

/* Messages that mean something now and then: label, number of words, words. */
static unsigned store_messages(uint8_t *out)
{
	unsigned at = 0;
	for (unsigned i = 0; i < 4; i++) {
		unsigned words = next(2) ? 8 : next(4);
		out[at++] = (uint8_t)(1 + next(4));
		out[at++] = (uint8_t)words;
		for (unsigned k = 0; k < words * 8; k++)
			out[at++] = next(3) ? 0 : (uint8_t)next(128);
	}
	return at;
}

static void copy(FILE *to, const char *path)
{
	FILE *from = path ? fopen(path, "rb") : NULL;
	int c;
	while (from && (c = fgetc(from)) != EOF)
		fputc(c, to);
	if (from)
		fclose(from);
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return fprintf(stderr, "usage: generate TARGET FOLDER [ARCHIVE]\n"), 2;
	for (unsigned i = 0; i < SEEDS; i++) {
		uint8_t messages[512];
		char path[4096];
		snprintf(path, sizeof path, "%s/generated-%02u", argv[2], i);
		FILE *to = fopen(path, "wb");
		if (!to)
			return perror(path), 1;
		if (strcmp(argv[1], "store") == 0) {
			unsigned bytes = store_messages(messages);
			fputc((int)(bytes & 255), to);
			fputc((int)(bytes >> 8), to);
			fwrite(messages, 1, bytes, to);
			copy(to, argc > 3 ? argv[3] : NULL);
		} else {
			put_random(to, 200 + next(2000));
		}
		fclose(to);
	}
	return 0;
}
