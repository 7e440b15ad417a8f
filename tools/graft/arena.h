/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that is given back all at once: everything that one run of `graft build` makes lives in one arena, so that no
 * path, however it ends, has to remember what to free. Running out of memory ends the program with status 1. */
#pragma once
#include <stddef.h>

struct arena_block;
struct arena {
	struct arena_block *blocks;
};

/* Zeroed memory of so many bytes, aligned for anything. Never NULL. */
void *arena_take(struct arena *arena, size_t bytes);

/* A copy of text[0..length), with a NUL after it. */
char *arena_text(struct arena *arena, const char *text, size_t length);
char *arena_print(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Makes room for one more element in an array of count elements; returns where the array is now. */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t element_bytes);

void arena_free(struct arena *arena);
