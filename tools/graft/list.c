/* SPDX-License-Identifier: BSD-2-Clause */
/* graft list: the programs of an archive, one a line. */
#include "tools/graft/graft.h"
#include "tools/graft/file.h"
#include "tools/graft/report.h"
#include "lib/archive/archive.h"
#include <inttypes.h>

static void print_entry(const struct archive_entry *entry)
{
	printf("%10" PRIu32 " %10" PRIu32 " %12" PRIu64 "  ", entry->id, entry->version, entry->size_bytes);
	for (unsigned i = 0; i < ARCHIVE_DIGEST_BYTES; i++)
		printf("%02x", entry->digest[i]);
	printf("  %s\n", entry->name);
}

static int list(const char *path, const struct file *file)
{
	struct archive archive;
	struct where where;
	enum status status = archive_open(file->bytes, file->size_bytes, &archive, &where);
	if (status != STATUS_OK) {
		report_refusal(stderr, path, NULL, status, &where, "entry");
		return EXIT_REFUSED;
	}
	printf("%10s %10s %12s  %-64s  %s\n", "id", "version", "bytes", "SHA-256", "name");
	for (uint32_t i = 0; i < archive.entry_count; i++) {
		struct archive_entry entry;
		archive_entry_get(&archive, i, &entry);
		print_entry(&entry);
	}
	return EXIT_DONE;
}

int command_list(int argc, char **argv)
{
	struct file file;
	if (argc != 2) {
		complain("list: name one archive");
		return EXIT_USAGE;
	}
	if (!file_read_all(argv[1], &file))
		return EXIT_REFUSED;
	int status = list(argv[1], &file);
	file_free(&file);
	return status;
}
