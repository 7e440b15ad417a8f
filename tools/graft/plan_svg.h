/* SPDX-License-Identifier: BSD-2-Clause */
/* graft plan --svg: address spaces as pictures, one below the other. */
#pragma once
#include "lib/plan/plan.h"
#include <stdio.h>

struct svg {
	FILE *body;         /* what is drawn so far, without the frame around it */
	char *text;
	size_t text_bytes;
	unsigned height;    /* of all that */
};

/* False: no memory. */
bool svg_start(struct svg *svg);

/* Draws a finished plan of this program. */
void svg_draw(struct svg *svg, const char *label, const struct elf *elf, const struct plan *plan);

/* Prints the document, unless to is NULL, and frees what it is made of. False: no memory. */
bool svg_finish(struct svg *svg, FILE *to);
