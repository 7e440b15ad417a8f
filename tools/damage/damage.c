/* SPDX-License-Identifier: BSD-2-Clause */
/* damage: spoils one byte of one program in an archive, for systems and tests that show what happens then.
 *
 *   damage bit ARCHIVE PROGRAM OFFSET          flips the lowest bit of a byte of the payload: its digest no longer
 * fits damage forge ARCHIVE PROGRAM OFFSET VALUE  sets a byte of the payload and makes all digests fit: only a look
 * at the contents can tell */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/archive/archive.h"
#include "lib/archive/layout.h"
#include "lib/base/sha256.h"

static int fail(const char *what, const char *name)
{
	fprintf(stderr, "damage: %s: %s\n", name, what);
	return 1;
}

static uint8_t *read_file(const char *path, size_t *bytes)
{
	FILE *file = fopen(path, "rb");
	uint8_t *content = NULL;
	long length = -1;

	if (file && fseek(file, 0, SEEK_END) == 0)
		length = ftell(file);
	if (length > 0 && fseek(file, 0, SEEK_SET) == 0)
		content = malloc((size_t)length);
	if (content && fread(content, 1, (size_t)length, file) != (size_t)length) {
		free(content);
		content = NULL;
	}
	if (file)
		fclose(file);
	*bytes = length > 0 ? (size_t)length : 0;
	return content;
}

static int write_file(const char *path, const uint8_t *content, size_t bytes)
{
	FILE *file = fopen(path, "wb");
	size_t written = file ? fwrite(content, 1, bytes, file) : 0;

	if (!file || fclose(file) != 0 || written != bytes)
		return fail("can't be written", path);
	return 0;
}

/* Puts the digests of the payload and of the table where they belong. */
static void make_digests_fit(uint8_t *bytes, const struct archive *archive, const struct archive_entry *entry)
{
	uint64_t table_bytes = (uint64_t)archive->entry_count * ARCHIVE_ENTRY_BYTES;

	for (uint32_t i = 0; i < archive->entry_count; i++) {
		struct archive_entry other;

		archive_entry_get(archive, i, &other);
		if (other.id == entry->id)
			sha256(bytes + entry->offset, entry->size_bytes, bytes + archive_entry_offset(i) + ENTRY_DIGEST);
	}
	sha256(bytes + ARCHIVE_HEADER_BYTES, table_bytes, bytes + HEADER_DIGEST);
}

static int damage(uint8_t *bytes, size_t size_bytes, char **argv, int forge)
{
	unsigned long long offset = strtoull(argv[4], NULL, 0);
	struct archive archive;
	struct archive_entry entry;
	struct where where;
	enum status status = archive_open(bytes, size_bytes, &archive, &where);

	if (status != STATUS_OK || (status = archive_find_name(&archive, argv[3], &entry)) != STATUS_OK)
		return fail(status_text(status), argv[2]);
	if (offset >= entry.size_bytes)
		return fail("the payload is not so long", argv[3]);
	if (!forge) {
		bytes[entry.offset + offset] ^= 1;
		return 0;
	}
	bytes[entry.offset + offset] = (uint8_t)strtoul(argv[5], NULL, 0);
	make_digests_fit(bytes, &archive, &entry);
	return 0;
}

int main(int argc, char **argv)
{
	int forge = argc == 6 && strcmp(argv[1], "forge") == 0;
	size_t size_bytes;
	uint8_t *bytes;
	int status;

	if (!forge && !(argc == 5 && strcmp(argv[1], "bit") == 0)) {
		fputs("usage: damage bit ARCHIVE PROGRAM OFFSET\n       damage forge ARCHIVE PROGRAM OFFSET VALUE\n", stderr);
		return 2;
	}
	bytes = read_file(argv[2], &size_bytes);
	if (!bytes)
		return fail("can't be read", argv[2]);
	status = damage(bytes, size_bytes, argv, forge);
	if (status == 0)
		status = write_file(argv[2], bytes, size_bytes);
	free(bytes);
	return status;
}
