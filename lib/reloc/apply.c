/* SPDX-License-Identifier: BSD-2-Clause */
/* Relocations applied to a range of memory, and found in one. All have been checked: nothing here can fail, and R1 keeps every
 * write inside the range. */
#include "lib/reloc/table.h"

/* What one pass over a part of memory does with each word. */
struct range {
	uint64_t vaddr, end;
	uint8_t *at;        /* what memory holds at vaddr; NULL: only look */
	uint64_t low, high; /* seen so far, for reloc_span */
};

static bool is_in(const struct range *range, uint64_t place, uint8_t word_bytes)
{
	return place >= range->vaddr && place < range->end && range->end - place >= word_bytes;
}

static void note(struct range *range, uint64_t place, uint8_t word_bytes)
{
	if (place < range->low)
		range->low = place;
	if (place + word_bytes > range->high)
		range->high = place + word_bytes;
}

static void put(const struct reloc *reloc, uint8_t *at, uint64_t value)
{
	if (reloc->word_bytes == 8)
		bytes_put64(at, value);
	else
		bytes_put32(at, (uint32_t)value);
}

/* REL and RELR: the addend is in the word. */
static void relocate_in_place(const struct reloc *reloc, struct range *range, uint64_t place)
{
	if (!is_in(range, place, reloc->word_bytes))
		return;
	note(range, place, reloc->word_bytes);
	if (range->at)
		put(reloc, range->at + (place - range->vaddr), reloc->base + reloc_word(reloc, range->at + (place - range->vaddr)));
}

static void relocate_entry(const struct reloc *reloc, struct range *range, uint64_t entry, uint64_t place)
{
	if (reloc->in_place) {
		relocate_in_place(reloc, range, place);
	} else if (is_in(range, place, reloc->word_bytes)) {
		note(range, place, reloc->word_bytes);
		if (range->at)
			put(reloc, range->at + (place - range->vaddr), reloc->base + bytes_get64(reloc_entry(reloc, entry) + 16));
	}
}

static void walk_table(const struct reloc *reloc, struct reloc_cursor *cursor, struct range *range)
{
	for (; cursor->entry < reloc->table.count; cursor->entry++) {
		uint64_t place = reloc_entry_place(reloc, cursor->entry);
		if (place >= range->end)
			return;
		relocate_entry(reloc, range, cursor->entry, place);
	}
}

/* A bitmap that reaches past the end is left for the next range; which it does again for what it has below is passed over. */
static void walk_packed(const struct reloc *reloc, struct reloc_cursor *cursor, struct range *range)
{
	for (; cursor->packed_entry < reloc->packed.count; cursor->packed_entry++) {
		uint64_t word = reloc_packed_word(reloc, cursor->packed_entry), place = cursor->word;
		if ((word & 1) == 0) {
			place = word + reloc->base;
			if (place >= range->end)
				return;
			relocate_in_place(reloc, range, place);
			cursor->word = place + reloc->word_bytes;
			continue;
		}
		uint64_t next = place + RELOC_BITMAP_WORDS(reloc) * reloc->word_bytes;
		for (; next > range->vaddr && (word >>= 1); place += reloc->word_bytes)
			if (word & 1)
				relocate_in_place(reloc, range, place);
		if (next > range->end)
			return;
		cursor->word = next;
	}
}

static void walk(const struct reloc *reloc, struct reloc_cursor *cursor, struct range *range)
{
	if (range->vaddr < cursor->vaddr)
		*cursor = (struct reloc_cursor) { 0 };
	if (cursor->vaddr == 0)
		cursor->entry = reloc_find(reloc, range->vaddr);
	cursor->vaddr = range->end;
	walk_table(reloc, cursor, range);
	walk_packed(reloc, cursor, range);
}

void reloc_apply(const struct reloc *reloc, struct reloc_cursor *cursor, uint64_t vaddr, uint64_t bytes, uint8_t *at)
{
	struct range range = { .vaddr = vaddr, .end = vaddr + bytes, .at = at, .low = UINT64_MAX };
	walk(reloc, cursor, &range);
}

bool reloc_span(const struct reloc *reloc, uint64_t vaddr, uint64_t bytes, uint64_t *low, uint64_t *high)
{
	struct range range = { .vaddr = vaddr, .end = vaddr + bytes, .low = UINT64_MAX };
	struct reloc_cursor cursor = { 0 };
	walk(reloc, &cursor, &range);
	*low = range.low;
	*high = range.high;
	return range.high != 0;
}
