/* SPDX-License-Identifier: BSD-2-Clause */
/* Patchable symbols of a payload. elf_check has seen to it that the table is a whole number of entries inside the file; what
 * the entries say is not trusted: an unsorted table finds less, an address outside is refused. */
#include "lib/archive/archive.h"
#include "lib/archive/layout.h"
#include "lib/base/bytes.h"
#include "lib/elf/elf.h"

/* -1, 0 or 1 as the text sorts before, at or after the name in a field of ARCHIVE_NAME_BYTES, whose last byte counts as NUL
 * whatever it is. */
static int compare_name(const char *name, const uint8_t *field)
{
	uint32_t i = 0;
	while (i < ARCHIVE_NAME_BYTES - 1 && field[i] != 0 && field[i] == (uint8_t)name[i])
		i++;
	uint8_t a = (uint8_t)name[i], b = i < ARCHIVE_NAME_BYTES - 1 ? field[i] : 0;
	return a < b ? -1 : a > b;
}

/* Number of the symbol with that name, or count if there is none. */
static uint32_t find(const uint8_t *table, uint32_t count, const char *name)
{
	uint32_t low = 0, high = count;
	while (low < high) {
		uint32_t middle = (low + high) / 2;
		int order = compare_name(name, table + (uint64_t)middle * ARCHIVE_SYMBOL_BYTES + SYMBOL_NAME);
		if (order == 0)
			return middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return count;
}

enum status archive_symbol_find(const struct elf *elf, const char *name, struct archive_symbol *symbol)
{
	const struct elf_segment *table = elf_segment_find(elf, ELF_GRAFT_SYMBOLS);
	if (!table)
		return STATUS_SYMBOL_UNKNOWN;
	uint32_t count = (uint32_t)table->file_bytes / ARCHIVE_SYMBOL_BYTES;
	uint32_t index = find(elf->bytes + table->offset, count, name);
	if (index == count)
		return STATUS_SYMBOL_UNKNOWN;
	const uint8_t *at = elf->bytes + table->offset + (uint64_t)index * ARCHIVE_SYMBOL_BYTES;
	uint64_t vaddr = bytes_get64(at + SYMBOL_VADDR) + elf->base, size_bytes = bytes_get64(at + SYMBOL_SIZE);
	const struct elf_segment *segment = elf_segment_around(elf, vaddr, size_bytes);
	if (!segment || !(segment->flags & ELF_W))
		return STATUS_SYMBOL_OUTSIDE;
	*symbol = (struct archive_symbol) { .vaddr = vaddr, .size_bytes = size_bytes };
	return STATUS_OK;
}
