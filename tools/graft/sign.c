/* SPDX-License-Identifier: BSD-2-Clause */
/* graft sign: puts a signature into an archive. Only one that is whole is signed: the table and every payload's digest are
 * looked at first. */
#include "tools/graft/graft.h"
#include "tools/graft/check.h"
#include "tools/graft/key.h"
#include "tools/graft/report.h"
#include <string.h>

struct command_line { const char *key, *output, *archive; };

static bool parse(int argc, char **argv, struct command_line *line)
{
	for (int i = 1; i < argc; i++) {
		const char **value = strcmp(argv[i], "-k") == 0 ? &line->key : strcmp(argv[i], "-o") == 0 ? &line->output : NULL;
		if (!value && (argv[i][0] == '-' || line->archive))
			return false;
		if (value && (*value || ++i == argc))
			return false;
		*(value ? value : &line->archive) = argv[i];
	}
	return line->key && line->archive;
}

static enum status check_whole(const struct file *file, struct archive *archive, struct where *where)
{
	enum status status = check_archive_open(file, archive, where);
	for (uint32_t i = 0; status == STATUS_OK && i < archive->entry_count; i++) {
		struct archive_entry entry;
		archive_entry_get(archive, i, &entry);
		status = archive_check_payload(archive, &entry, where);
	}
	return status;
}

/* What was read is replaced here, if no other output is named: the only place where that is meant. */
static bool sign(const struct command_line *line, const struct file *file, const struct key_pair *pair)
{
	struct archive archive;
	struct where where;
	struct file out;
	enum status status = check_whole(file, &archive, &where);
	if (status != STATUS_OK) {
		report_refusal(stderr, line->archive, NULL, status, &where, "entry");
		return false;
	}
	if (!key_sign_archive(line->archive, &archive, pair, &out))
		return false;
	bool done = line->output ? file_write_atomically(line->output, out.bytes, out.size_bytes)
	                         : file_rewrite(line->archive, out.bytes, out.size_bytes);
	file_free(&out);
	return done;
}

int command_sign(int argc, char **argv)
{
	struct command_line line = { 0 };
	struct key_pair pair;
	struct file file;
	if (!parse(argc, argv, &line)) {
		complain("sign: -k NAME.secret and one archive; -o OUTPUT, or the archive itself is replaced");
		return EXIT_USAGE;
	}
	if (!key_read_secret(line.key, &pair))
		return EXIT_REFUSED;
	bool done = file_read_all(line.archive, &file);
	if (done) {
		done = sign(&line, &file, &pair);
		file_free(&file);
	}
	key_forget(&pair);
	return done ? EXIT_DONE : EXIT_REFUSED;
}
