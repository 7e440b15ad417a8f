/* SPDX-License-Identifier: BSD-2-Clause */
/* graft pack: programs into an archive. All programs are read and checked, and every refusal is told, before anything is
 * written; one refusal and nothing is. */
#include "tools/graft/graft.h"
#include "tools/graft/program.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct request {
	const char *path;
	const char *name; /* NULL: from the path */
	uint32_t id;      /* 0: the next free one */
	uint32_t version;
	enum program_relocates relocates;
};

struct command_line {
	const char *output;
	struct request *requests;
	uint32_t count;
};

static bool parse_number(const char *option, const char *text, uint32_t lowest, uint32_t *number)
{
	char *end;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 0);
	if (text[0] < '0' || text[0] > '9' || *end != 0 || errno != 0 || value < lowest || value > UINT32_MAX) {
		complain("pack: %s %s: not a number from %u to %u", option, text, lowest, UINT32_MAX);
		return false;
	}
	*number = (uint32_t)value;
	return true;
}

static bool is_option(const char *option)
{
	static const char *const known[] = { "-o", "--id", "--version", "--name", "--relocate" };
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(option, known[i]) == 0)
			return true;
	return false;
}

static bool parse_relocate(const char *value, enum program_relocates *relocates)
{
	if (strcmp(value, "loader") != 0 && strcmp(value, "program") != 0) {
		complain("pack: --relocate %s: neither loader nor program", value);
		return false;
	}
	*relocates = strcmp(value, "loader") == 0 ? PROGRAM_BY_LOADER : PROGRAM_BY_ITSELF;
	return true;
}

static bool parse_option(const char *option, const char *value, struct command_line *line, struct request *next)
{
	if (!is_option(option)) {
		complain("pack: %s is not an option", option);
		return false;
	}
	if (!value) {
		complain("pack: %s needs a value", option);
		return false;
	}
	if (strcmp(option, "--id") == 0)
		return parse_number(option, value, 1, &next->id);
	if (strcmp(option, "--version") == 0)
		return parse_number(option, value, 0, &next->version);
	if (strcmp(option, "--relocate") == 0)
		return parse_relocate(value, &next->relocates);
	if (strcmp(option, "--name") == 0) {
		next->name = value;
		return true;
	}
	if (line->output) {
		complain("pack: -o %s: one archive at a time", value);
		return false;
	}
	line->output = value;
	return true;
}

/* Options apply to the next file. After "--" everything is a file. */
static bool parse(int argc, char **argv, struct command_line *line)
{
	struct request next = { 0 };
	bool options = true;
	for (int i = 1; i < argc; i++) {
		if (options && strcmp(argv[i], "--") == 0) {
			options = false;
		} else if (options && argv[i][0] == '-') {
			char *equals = argv[i][1] == '-' ? strchr(argv[i], '=') : NULL; /* --option=value or --option value */
			if (equals)
				*equals = 0;
			if (!parse_option(argv[i], equals ? equals + 1 : argv[i + 1], line, &next))
				return false;
			i += equals ? 0 : 1;
		} else {
			next.path = argv[i];
			line->requests[line->count++] = next;
			next = (struct request) { 0 };
		}
	}
	if (next.id != 0 || next.version != 0 || next.name || next.relocates != PROGRAM_DETECT)
		complain("pack: the last options apply to no program");
	else if (!line->output)
		complain("pack: no archive named: -o ARCHIVE");
	else if (line->count == 0)
		complain("pack: no program named");
	else if (line->count > ARCHIVE_ENTRIES_MAX)
		complain("pack: %u programs; an archive takes %u", line->count, ARCHIVE_ENTRIES_MAX);
	else
		return true;
	return false;
}

/* Reads all, even after a refusal, so that one run tells everything that is wrong. */
static bool read_programs(const struct command_line *line, struct program *programs)
{
	bool done = true;
	for (uint32_t i = 0; i < line->count; i++) {
		const struct request *request = &line->requests[i];
		if (!program_read(request->path, request->name, request->relocates, true, &programs[i]))
			done = false;
		programs[i].id = request->id;
		programs[i].version = request->version;
	}
	return done;
}

static bool pack(const struct command_line *line, struct program *programs)
{
	struct file archive;
	if (!read_programs(line, programs))
		return false;
	program_number(programs, line->count);
	if (!program_archive(line->output, programs, line->count, &archive))
		return false;
	bool done = file_write_atomically(line->output, archive.bytes, archive.size_bytes);
	file_free(&archive);
	return done;
}

int command_pack(int argc, char **argv)
{
	struct command_line line = { .requests = calloc((size_t)argc, sizeof *line.requests) };
	struct program *programs = calloc((size_t)argc, sizeof *programs);
	int status = EXIT_REFUSED;
	if (!line.requests || !programs)
		complain("pack: no memory");
	else if (!parse(argc, argv, &line))
		status = EXIT_USAGE;
	else if (pack(&line, programs))
		status = EXIT_DONE;
	for (uint32_t i = 0; programs && i < line.count; i++)
		program_free(&programs[i]);
	free(programs);
	free(line.requests);
	return status;
}
