/* SPDX-License-Identifier: BSD-2-Clause */
/* pack-raw OUT ARCHIVE FILE...: an archive of ARCHIVE's programs, and behind them of any files, unchecked and as they are, but for zeros
 * up to the page's end, under digests that fit; so that a running controller can be shown files that `graft pack` would refuse. Each
 * gets the flags that `graft check` would read it with, and is called by its number and as much of its base name as a name can have.
 * Prints "NAME PATH" for each. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/archive/archive.h"
#include "lib/archive/pack.h"
#include "tools/graft/file.h"
#include "tools/graft/graft.h"
#include "tools/graft/startup.h"

static struct pack_program programs[ARCHIVE_ENTRIES_MAX];
static uint32_t count;

static char *name_of(const char *path)
{
	const char *base = strrchr(path, '/');
	char *name = malloc(ARCHIVE_NAME_BYTES);
	if (!name)
		exit(EXIT_REFUSED);
	snprintf(name, ARCHIVE_NAME_BYTES, "%u-%s", count, base ? base + 1 : path);
	for (char *at = name; *at; at++)
		if (!isgraph((unsigned char)*at))
			*at = '_';
	return name;
}

static void add_archive(const char *path)
{
	struct file file;
	struct archive archive;
	struct where where;
	if (!file_read_all(path, &file) || archive_open(file.bytes, file.size_bytes, &archive, &where) != STATUS_OK)
		exit(EXIT_REFUSED);
	for (uint32_t i = 0; i < archive.entry_count; i++) {
		struct archive_entry *entry = malloc(sizeof *entry);
		if (!entry)
			exit(EXIT_REFUSED);
		archive_entry_get(&archive, i, entry);
		programs[count++] = (struct pack_program) { entry->id, entry->flags, entry->version, entry->name,
		                                            archive.bytes + entry->offset, entry->size_bytes };
	}
}

/* An empty file becomes a page of zeros: an archive has no empty payloads. */
static void add_file(const char *path)
{
	struct file file;
	if (!file_read_all(path, &file))
		exit(EXIT_REFUSED);
	uint64_t bytes = file.size_bytes ? round_up(file.size_bytes, PAGE_BYTES) : PAGE_BYTES;
	uint8_t *payload = calloc(1, (size_t)bytes);
	if (!payload)
		exit(EXIT_REFUSED);
	memcpy(payload, file.bytes, (size_t)file.size_bytes);
	programs[count] = (struct pack_program) { count + 1, startup_flags(file.bytes, file.size_bytes), 0, name_of(path), payload, bytes };
	printf("%s %s\n", programs[count++].name, path);
	file_free(&file);
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return fputs("usage: pack-raw OUT ARCHIVE FILE...\n", stderr), EXIT_USAGE;
	add_archive(argv[2]);
	if ((uint32_t)argc - 3 > ARCHIVE_ENTRIES_MAX - count)
		return complain("%d files; an archive takes %u", argc - 3, ARCHIVE_ENTRIES_MAX - count), EXIT_REFUSED;
	for (int i = 3; i < argc; i++)
		add_file(argv[i]);
	uint64_t bytes = pack_archive_bytes(programs, count);
	uint8_t *archive = malloc((size_t)bytes);
	if (!archive)
		return EXIT_REFUSED;
	pack_archive(programs, count, archive);
	bool done = file_write_atomically(argv[1], archive, bytes);
	free(archive);
	return done ? EXIT_DONE : EXIT_REFUSED; /* what was read is given back by the process's end */
}
