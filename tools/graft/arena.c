/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that is given back all at once. Each piece is a block of its own, so that AddressSanitizer sees its bounds. */
#include "tools/graft/arena.h"
#include "tools/graft/graft.h"
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
	struct arena_block *next;
	max_align_t bytes[];
};

void *arena_take(struct arena *arena, size_t bytes)
{
	struct arena_block *block = bytes <= SIZE_MAX - sizeof *block ? calloc(1, sizeof *block + bytes) : NULL;
	if (!block) {
		complain("out of memory");
		exit(EXIT_REFUSED);
	}
	block->next = arena->blocks;
	arena->blocks = block;
	return block->bytes;
}

char *arena_text(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_take(arena, length + 1);
	memcpy(copy, text, length);
	return copy;
}

char *arena_print(struct arena *arena, const char *format, ...)
{
	va_list arguments, again;
	va_start(arguments, format);
	va_copy(again, arguments);
	int length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	char *text = arena_take(arena, length > 0 ? (size_t)length + 1 : 1);
	if (length > 0)
		vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}

void *arena_grow(struct arena *arena, void *array, size_t count, size_t element_bytes)
{
	if (count & (count - 1) || (count == 0 && array))
		return array;
	/* Full at 0, 1, 2, 4, 8, ...: twice the room. */
	void *larger = arena_take(arena, (count ? 2 * count : 1) * element_bytes);
	if (count)
		memcpy(larger, array, count * element_bytes);
	return larger;
}

void arena_free(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *next = arena->blocks->next;
		free(arena->blocks);
		arena->blocks = next;
	}
}
