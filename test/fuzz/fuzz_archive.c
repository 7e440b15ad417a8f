/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as an archive. The table's digest is mended first, or nothing behind it would ever be reached; whatever is
 * accepted must have entries in bounds with names that end, findable by both keys. */
#include <string.h>
#include "lib/archive/archive.h"
#include "lib/base/sha256.h"
#include "lib/elf/elf.h"
#include "test/fuzz/invariant.h"

static void mend(uint8_t *bytes, size_t size)
{
	uint32_t count;
	if (size < ARCHIVE_HEADER_BYTES)
		return;
	memcpy(&count, bytes + 12, sizeof count);
	if (count > ARCHIVE_ENTRIES_MAX || size - ARCHIVE_HEADER_BYTES < (size_t)count * ARCHIVE_ENTRY_BYTES)
		return;
	sha256(bytes + ARCHIVE_HEADER_BYTES, (size_t)count * ARCHIVE_ENTRY_BYTES, bytes + 32);
}

static void check_entry(const struct archive *archive, const struct archive_entry *entry)
{
	struct archive_entry again;
	struct where where;
	invariant(memchr(entry->name, 0, sizeof entry->name) != NULL && entry->name[0] != 0 && entry->id != 0);
	invariant(range_is_inside(entry->offset, entry->size_bytes, archive->size_bytes));
	invariant(entry->offset % PAGE_BYTES == 0 && entry->size_bytes % PAGE_BYTES == 0);
	invariant(archive_find_id(archive, entry->id, &again) == STATUS_OK && again.offset == entry->offset);
	invariant(archive_find_name(archive, entry->name, &again) == STATUS_OK && again.id == entry->id);
	(void)!archive_check_payload(archive, entry, &where);
}

static void look_up_symbols(const struct archive *archive, const struct archive_entry *entry)
{
	static struct elf elf;
	struct elf_policy policy;
	struct where where;
	struct archive_symbol symbol;
	if (elf_read(archive->bytes + entry->offset, entry->size_bytes, &elf, &where) != STATUS_OK)
		return;
	elf_policy_strict(elf.machine, &policy);
	if (elf_check(&elf, &policy, &where) != STATUS_OK)
		return;
	if (archive_symbol_find(&elf, "microkit_name", &symbol) == STATUS_OK)
		invariant(elf_segment_around(&elf, symbol.vaddr, symbol.size_bytes) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct archive archive;
	struct archive_entry entry;
	struct where where;
	uint8_t *copy = malloc(size ? size : 1);
	memcpy(copy, bytes, size);
	mend(copy, size);
	if (archive_open(copy, size, &archive, &where) == STATUS_OK) {
		for (uint32_t i = 0; i < archive.entry_count; i++) {
			archive_entry_get(&archive, i, &entry);
			check_entry(&archive, &entry);
			look_up_symbols(&archive, &entry);
		}
	}
	free(copy);
	return 0;
}
