/* SPDX-License-Identifier: BSD-2-Clause */
/* graft list: the programs of an archive, one a line. */
#include "tools/graft/graft.h"
#include "tools/graft/check.h"
#include "tools/graft/file.h"
#include "tools/graft/key.h"
#include "tools/graft/report.h"
#include "lib/archive/archive.h"
#include <inttypes.h>
#include <string.h>

static void print_entry(const struct archive_entry *entry)
{
	printf("%10" PRIu32 " %10" PRIu32 " %12" PRIu64 "  ", entry->id, entry->version, entry->size_bytes);
	for (unsigned i = 0; i < ARCHIVE_DIGEST_BYTES; i++)
		printf("%02x", entry->digest[i]);
	printf("  %s\n", entry->name);
}

static void print_signature(const struct archive *archive)
{
	if (!archive->signature) {
		puts("not signed");
		return;
	}
	fputs("signed by ", stdout);
	key_print(stdout, archive->signature);
	putchar('\n');
}

/* key: NULL for any. */
static int list(const char *path, const struct file *file, const uint8_t *key)
{
	struct archive archive;
	struct where where;
	enum status status = check_archive_open(file, &archive, &where);
	if (status == STATUS_OK && (key || archive.signature))
		status = archive_check_signature(&archive, key, key_verify, &where);
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
	print_signature(&archive);
	return EXIT_DONE;
}

int command_list(int argc, char **argv)
{
	uint8_t key[ARCHIVE_KEY_BYTES];
	struct file file;
	bool has_key = argc == 4 && strcmp(argv[1], "--key") == 0;
	if (argc != 2 && !has_key) {
		complain("list: name one archive, and --key KEY before it if one is required");
		return EXIT_USAGE;
	}
	const char *path = argv[argc - 1];
	if ((has_key && !key_read_public(argv[2], key)) || !file_read_all(path, &file))
		return EXIT_REFUSED;
	int status = list(path, &file, has_key ? key : NULL);
	file_free(&file);
	return status;
}
