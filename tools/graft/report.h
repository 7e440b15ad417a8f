/* SPDX-License-Identifier: BSD-2-Clause */
/* How the tool says that something was refused, and why. */
#pragma once
#include "lib/base/base.h"
#include "lib/base/status.h"
#include <stdio.h>

/* Prints "PATH: refused: TEXT (offset 0x.., INDEX N, value 0x.., limit 0x..) [NAME]" and a line end. program, if not NULL, is
 * the program of an archive that it is about; index says what where->index counts, "program header" or "entry". */
void report_refusal(FILE *to, const char *path, const char *program, enum status status, const struct where *where,
                    const char *index);

/* Prints a text from a file; bytes that are not graphic ASCII characters or spaces are printed as \xNN. */
void report_text(FILE *to, const char *text);

/* A text as JSON has it, quotes and all; a byte that is not ASCII as the character of that number. */
void report_json_text(FILE *to, const char *text);
