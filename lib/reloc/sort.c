/* SPDX-License-Identifier: BSD-2-Clause */
/* Sorting a table of relocations where it lies. A heap sort: no memory, no recursion, and no table makes it slow. */
#include "lib/reloc/table.h"

struct heap {
	uint8_t *first;
	uint32_t entry_bytes;
	uint8_t  word_bytes;
};

static uint64_t key(const struct heap *heap, uint64_t i)
{
	const uint8_t *at = heap->first + i * heap->entry_bytes;
	return heap->word_bytes == 8 ? bytes_get64(at) : bytes_get32(at);
}

static void swap(const struct heap *heap, uint64_t a, uint64_t b)
{
	uint8_t *x = heap->first + a * heap->entry_bytes, *y = heap->first + b * heap->entry_bytes;
	for (uint32_t i = 0; i < heap->entry_bytes; i++) {
		uint8_t byte = x[i];
		x[i] = y[i];
		y[i] = byte;
	}
}

/* Lets the entry at i sink among the first count until none below it is larger. */
static void sink(const struct heap *heap, uint64_t i, uint64_t count)
{
	for (uint64_t child = 2 * i + 1; child < count; child = 2 * i + 1) {
		if (child + 1 < count && key(heap, child + 1) > key(heap, child))
			child++;
		if (key(heap, child) <= key(heap, i))
			return;
		swap(heap, i, child);
		i = child;
	}
}

void reloc_sort(const struct reloc *reloc, uint8_t *bytes)
{
	const struct heap heap = { bytes + reloc->table.offset, reloc->entry_bytes, reloc->word_bytes };
	uint64_t count = reloc->table.count;
	for (uint64_t i = count / 2; i-- > 0;)
		sink(&heap, i, count);
	for (uint64_t left = count; left > 1; left--) {
		swap(&heap, 0, left - 1);
		sink(&heap, 0, left - 1);
	}
}
