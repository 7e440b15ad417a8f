/* SPDX-License-Identifier: BSD-2-Clause */
/* Every relocation checked, before any is applied (rule E8; invariants R1 and R2 of reloc.h). */
#include "lib/reloc/table.h"

static enum status refuse(enum status status, struct where *where, uint64_t offset, uint64_t value, uint64_t limit)
{
	*where = (struct where) { .offset = offset, .index = WHERE_NO_INDEX, .value = value, .limit = limit };
	return status;
}

uint64_t reloc_find(const struct reloc *reloc, uint64_t vaddr)
{
	uint64_t low = 0, high = reloc->table.count;
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		if (reloc_entry_place(reloc, middle) >= vaddr)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* May this word be written, and written now? `offset` is where the entry lies that says so. */
static enum status check_word(const struct reloc *reloc, const struct elf *elf, struct reloc_progress *progress, uint64_t place,
                              uint64_t offset, struct where *where)
{
	progress->work++;
	if (!is_multiple(place, reloc->word_bytes))
		return refuse(STATUS_RELOC_UNALIGNED, where, offset, place, reloc->word_bytes);
	const struct elf_segment *load = elf_segment_around(elf, place, reloc->word_bytes);
	if (!load || !(load->flags & ELF_W))
		return refuse(STATUS_RELOC_OUTSIDE, where, offset, place, 0);
	if (place < progress->lowest)
		return refuse(place + reloc->word_bytes == progress->lowest ? STATUS_RELOC_REPEATED : STATUS_RELOC_UNSORTED, where, offset,
		              place, progress->lowest);
	progress->lowest = place + reloc->word_bytes;
	return STATUS_OK;
}

static enum status check_entry(const struct reloc *reloc, const struct elf *elf, struct reloc_progress *progress,
                               struct where *where)
{
	const uint8_t *entry = reloc_entry(reloc, progress->entry);
	uint64_t offset = (uint64_t)(entry - reloc->bytes), info = reloc_word(reloc, entry + reloc->word_bytes);
	uint32_t symbol = (uint32_t)(reloc->word_bytes == 8 ? info >> 32 : info >> 8);
	uint32_t type = (uint32_t)(reloc->word_bytes == 8 ? info : info & 0xff);
	if (type != reloc->type)
		return refuse(STATUS_RELOC_TYPE, where, offset, type, reloc->type);
	if (symbol != 0)
		return refuse(STATUS_RELOC_SYMBOL, where, offset, symbol, 0);
	return check_word(reloc, elf, progress, reloc_entry_place(reloc, progress->entry), offset, where);
}

static enum status check_packed_place(const struct reloc *reloc, const struct elf *elf, struct reloc_progress *progress,
                                      uint64_t place, uint64_t offset, struct where *where)
{
	enum status status = check_word(reloc, elf, progress, place, offset, where);
	uint64_t other = reloc_find(reloc, place);
	if (status == STATUS_OK && other < reloc->table.count && reloc_entry_place(reloc, other) == place)
		return refuse(STATUS_RELOC_REPEATED, where, offset, place, (uint64_t)(reloc_entry(reloc, other) - reloc->bytes));
	return status;
}

/* Not just the word: every bit's target. */
static enum status check_packed(const struct reloc *reloc, const struct elf *elf, struct reloc_progress *progress,
                                struct where *where)
{
	uint64_t offset = reloc->packed.offset + progress->entry * reloc->word_bytes;
	uint64_t word = reloc_packed_word(reloc, progress->entry), mask = reloc_mask(reloc);
	if ((word & 1) == 0) {
		uint64_t place = (word + reloc->base) & mask;
		progress->word = (place + reloc->word_bytes) & mask;
		return check_packed_place(reloc, elf, progress, place, offset, where);
	}
	progress->work++; /* a map may be empty */
	if (progress->entry == 0)
		return refuse(STATUS_RELOC_BITMAP_FIRST, where, offset, word, 0);
	for (uint64_t place = progress->word; word >>= 1; place = (place + reloc->word_bytes) & mask) {
		enum status status = word & 1 ? check_packed_place(reloc, elf, progress, place, offset, where) : STATUS_OK;
		if (status != STATUS_OK)
			return status;
	}
	progress->word = (progress->word + RELOC_BITMAP_WORDS(reloc) * reloc->word_bytes) & mask;
	return STATUS_OK;
}

enum status reloc_check(const struct reloc *reloc, const struct elf *elf, struct reloc_progress *progress, uint64_t entries,
                        bool *finished, struct where *where)
{
	uint64_t before = progress->work;
	for (;;) {
		if (!progress->packed && progress->entry == reloc->table.count)
			*progress = (struct reloc_progress) { .packed = true, .work = progress->work };
		*finished = progress->packed && progress->entry == reloc->packed.count;
		if (*finished || progress->work - before >= entries)
			return STATUS_OK;
		enum status status = progress->packed ? check_packed(reloc, elf, progress, where)
		                                      : check_entry(reloc, elf, progress, where);
		if (status != STATUS_OK)
			return status;
		progress->entry++;
	}
}
