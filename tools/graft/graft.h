/* SPDX-License-Identifier: BSD-2-Clause */
/* The host tool's commands and the exit statuses they share. A command gets the
 * arguments after its name: argv[0] is the command's name. */
#pragma once

enum exit_status {
	EXIT_DONE = 0,    /* did what was asked */
	EXIT_REFUSED = 1, /* an input was refused, or the system refused us a file */
	EXIT_USAGE = 2    /* the command line makes no sense */
};

int command_build(int argc, char **argv);
int command_check(int argc, char **argv);
int command_inspect(int argc, char **argv);
int command_keygen(int argc, char **argv);
int command_list(int argc, char **argv);
int command_pack(int argc, char **argv);
int command_plan(int argc, char **argv);
int command_sign(int argc, char **argv);

/* Prints a message to standard error after "graft: ", with a line end. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
