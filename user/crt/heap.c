/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap: sbrk over a fixed region of the program's own bss, and malloc over sbrk. Blocks lie one behind the other, each with its
 * size and whether it is taken in front; a search takes the first that is large enough and joins free neighbours as it goes by.
 *
 * Invariants: K1 blocks cover the heap from its start to the break without a gap. K2 sizes are multiples of GRAIN, header included.
 * K3 out of memory is NULL, with everything as it was. */
#include <process.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define GRAIN         16u
#define HEAP_BYTES    65536u
#define TAKEN         1u

__attribute__((weak, aligned(16))) char crt_heap[HEAP_BYTES];
__attribute__((weak)) const size_t crt_heap_bytes = HEAP_BYTES;

struct block {
	size_t size; /* with this header; TAKEN in the lowest bit */
	size_t padding;
} __attribute__((aligned(16)));
_Static_assert(sizeof(struct block) == GRAIN, "what malloc returns is aligned");

static size_t used; /* bytes below the break */

void *sbrk(long bytes)
{
	char *before = crt_heap + used;

	if (bytes >= 0 ? (size_t)bytes > crt_heap_bytes - used : 0 - (size_t)bytes > used)
		return NULL;
	used += (size_t)bytes;
	return before;
}

static size_t size_of(const struct block *block)
{
	return block->size & ~(size_t)TAKEN;
}

static bool is_taken(const struct block *block)
{
	return (block->size & TAKEN) != 0;
}

static struct block *after(const struct block *block)
{
	return (struct block *)((size_t)block + size_of(block));
}

static struct block *end_of_heap(void)
{
	return (struct block *)(void *)(crt_heap + used);
}

/* Joins the free block with the free ones behind it. */
static void join(struct block *block)
{
	while (after(block) < end_of_heap() && !is_taken(after(block)))
		block->size += size_of(after(block));
}

/* Behind all others: the last one, if it is free, becomes larger. */
static struct block *extend(struct block *last, size_t size)
{
	size_t have = last ? last->size : 0;
	struct block *block = last ? last : end_of_heap();

	if (!sbrk((long)(size - have)))
		return NULL;
	block->size = size;
	return block;
}

static struct block *find(size_t size)
{
	struct block *block = (struct block *)(void *)crt_heap, *last = NULL;

	for (; block < end_of_heap(); block = after(block)) {
		last = NULL;
		if (is_taken(block))
			continue;
		join(block);
		if (block->size >= size)
			return block;
		last = block;
	}
	return extend(last, size);
}

/* Takes size bytes of a block; what is over is a free block of its own. */
static void take(struct block *block, size_t size)
{
	size_t rest = size_of(block) - size;

	if (rest > 0)
		((struct block *)((size_t)block + size))->size = rest;
	block->size = size | TAKEN;
}

/* Header and bytes, in grains; 0 if that is more than there can be. */
static size_t whole_size(size_t bytes)
{
	return bytes > crt_heap_bytes ? 0 : (bytes + sizeof(struct block) + GRAIN - 1) & ~(size_t)(GRAIN - 1);
}

void *malloc(size_t bytes)
{
	size_t size = whole_size(bytes);
	struct block *block = size == 0 ? NULL : find(size);

	if (!block)
		return NULL;
	take(block, size);
	return block + 1;
}

void free(void *memory)
{
	struct block *block = memory;

	if (block)
		block[-1].size &= ~(size_t)TAKEN;
}

void *calloc(size_t count, size_t bytes)
{
	void *memory = bytes != 0 && count > crt_heap_bytes / bytes ? NULL : malloc(count * bytes);

	return memory ? memset(memory, 0, count * bytes) : NULL;
}

void *realloc(void *memory, size_t bytes)
{
	size_t old = memory ? size_of((struct block *)memory - 1) - sizeof(struct block) : 0;
	void *moved = malloc(bytes);

	if (!moved)
		return NULL;
	if (memory)
		memcpy(moved, memory, old < bytes ? old : bytes);
	free(memory);
	return moved;
}
