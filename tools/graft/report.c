/* SPDX-License-Identifier: BSD-2-Clause */
/* Refusals as lines of text. */
#include "tools/graft/report.h"
#include <inttypes.h>

void report_text(FILE *to, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c >= ' ' && c < 0x7f)
			fputc(c, to);
		else
			fprintf(to, "\\x%02x", c);
	}
}

void report_json_text(FILE *to, const char *text)
{
	fputc('"', to);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\')
			fprintf(to, "\\%c", c);
		else if (c < ' ' || c >= 0x7f)
			fprintf(to, "\\u%04x", c);
		else
			fputc(c, to);
	}
	fputc('"', to);
}

void report_refusal(FILE *to, const char *path, const char *program, enum status status, const struct where *where,
                    const char *index)
{
	fprintf(to, "%s: refused: ", path);
	if (program) {
		fputs("program ", to);
		report_text(to, program);
		fputs(": ", to);
	}
	fprintf(to, "%s (offset 0x%" PRIx64, status_text(status), where->offset);
	if (where->index != WHERE_NO_INDEX)
		fprintf(to, ", %s %" PRIu32, index, where->index);
	fprintf(to, ", value 0x%" PRIx64, where->value);
	if (where->limit != 0)
		fprintf(to, ", limit 0x%" PRIx64, where->limit);
	fprintf(to, ") [%s]\n", status_name(status));
}
