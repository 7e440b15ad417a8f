/* SPDX-License-Identifier: BSD-2-Clause */
/* graft: the host tool. Finds the command named first and hands it the rest. */
#include "tools/graft/graft.h"
#include <stdio.h>
#include <string.h>

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *usage; /* the command line after the name */
	const char *does;
};

static const struct command commands[] = {
	{ "build", command_build, "[options] SYSTEM", "make a bootable image of a system description" },
	{ "check", command_check, "[--key KEY] FILE...", "say whether each ELF file or archive is accepted, or why not" },
	{ "inspect", command_inspect, "[--json] FILE", "show an ELF file's headers, segments, sections and symbols, or an archive's entries" },
	{ "keygen", command_keygen, "NAME", "make a key pair: NAME.secret to sign with, NAME.public to check with" },
	{ "list", command_list, "[--key KEY] ARCHIVE", "list the programs of an archive, and who signed it" },
	{ "pack", command_pack, "-o ARCHIVE [--id N] [--version N] [--name NAME] [--relocate=loader|program] PROGRAM.elf ...",
	  "pack programs into an archive" },
	{ "plan", command_plan, "[--json | --svg] FILE", "show what loading a program maps, and what it costs" },
	{ "sign", command_sign, "-k NAME.secret [-o OUTPUT] ARCHIVE", "sign an archive with Ed25519" },
};
#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static int usage(FILE *to, int status)
{
	fputs("usage: graft COMMAND ...\n", to);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(to, "  graft %s %s\n      %s\n", commands[i].name, commands[i].usage, commands[i].does);
	fputs("exit status: 0 done, 1 refused, 2 wrong usage\n", to);
	return status;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return usage(stderr, EXIT_USAGE);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
		return usage(stdout, EXIT_DONE);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(argv[1], commands[i].name) == 0) {
			int status = commands[i].run(argc - 1, argv + 1);
			/* Output that could not be written (a full disk, a closed pipe) is not "done". */
			return fflush(stdout) != 0 && status == EXIT_DONE ? EXIT_REFUSED : status;
		}
	complain("%s is not a command", argv[1]);
	return usage(stderr, EXIT_USAGE);
}
