/* SPDX-License-Identifier: BSD-2-Clause */
/* A store that presents damaged files: behind the archive, in the same memory region, which it can write, it makes of one of the
 * archive's files what the operator asks for, and answers with a digest that fits, so that nothing but a look at the contents can tell. */
#include "lib/base/sha256.h"
#include "systems/damaged/damaged.h"
#include "systems/damaged/spoil.h"
#include "user/store/protocol.h"

__attribute__((section(".data.patched"))) uint8_t *keeper_region = 0;
__attribute__((section(".data.patched"))) seL4_Word keeper_region_bytes = 0;
__attribute__((section(".data.patched"))) seL4_Word keeper_archive_bytes = 0;

static struct archive archive;
static struct archive_entry presented;

void init(void)
{
	struct where where;
	enum status status = archive_open(keeper_region, keeper_archive_bytes, &archive, &where);
	uint64_t room_bytes;

	if (status != STATUS_OK) {
		graft_printf("keeper: the archive: %s\n", status_text(status));
		microkit_internal_crash(seL4_InvalidArgument);
	}
	presented.offset = round_up(archive.size_bytes, PAGE_BYTES);
	room_bytes = keeper_region_bytes - presented.offset;
	for (uint32_t i = 0; i < archive.entry_count; i++) {
		struct archive_entry entry;

		archive_entry_get(&archive, i, &entry);
		if (keeper_region_bytes < presented.offset || entry.size_bytes + SPOIL_MORE_PAGES * PAGE_BYTES > room_bytes) {
			graft_printf("keeper: too little room behind the archive for %s\n", entry.name);
			microkit_internal_crash(seL4_NotEnoughMemory);
		}
	}
}

/* ---- making files ---- */

static void copy(uint32_t number, struct spoil *file)
{
	struct archive_entry entry;

	archive_entry_get(&archive, number, &entry);
	memcpy(presented.name, entry.name, sizeof presented.name);
	file->bytes = keeper_region + presented.offset;
	file->size_bytes = entry.size_bytes;
	file->flags = entry.flags;
	memcpy(file->bytes, keeper_region + entry.offset, (size_t)entry.size_bytes);
}

static void present(const struct spoil *file)
{
	presented.id = archive.entry_count + 1;
	presented.size_bytes = file->size_bytes;
	presented.flags = file->flags;
	sha256(file->bytes, file->size_bytes, presented.digest);
}

static microkit_msginfo answer_operator(seL4_Word label)
{
	struct spoil file;
	uint32_t number = (uint32_t)microkit_mr_get(0);

	switch (label) {
	case KEEPER_FILES:
		microkit_mr_set(0, archive.entry_count);
		return microkit_msginfo_new(0, 1);
	case KEEPER_SPOILED:
		number = spoil_start(&file, microkit_mr_get(0), microkit_mr_get(1), archive.entry_count);
		copy(number, &file);
		spoil(&file);
		break;
	default:
		copy(number % archive.entry_count, &file);
	}
	present(&file);
	memcpy(seL4_GetIPCBuffer()->msg, presented.name, sizeof presented.name);
	return microkit_msginfo_new(0, STORE_NAME_WORDS);
}

/* ---- answering as a store ---- */

static microkit_msginfo answer_entry(const struct archive_entry *entry)
{
	microkit_mr_set(0, entry->id);
	microkit_mr_set(1, (seL4_Word)entry->offset);
	microkit_mr_set(2, (seL4_Word)entry->size_bytes);
	microkit_mr_set(3, entry->flags);
	microkit_mr_set(4, entry->version);
	memcpy(&seL4_GetIPCBuffer()->msg[5], entry->digest, sizeof entry->digest);
	return microkit_msginfo_new(STORE_OK, 5 + ARCHIVE_DIGEST_BYTES / sizeof(seL4_Word));
}

static microkit_msginfo find_name(void)
{
	char name[ARCHIVE_NAME_BYTES];
	struct archive_entry entry;

	memcpy(name, seL4_GetIPCBuffer()->msg, sizeof name);
	name[sizeof name - 1] = '\0';
	if (memcmp(name, FILE_PROGRAM, sizeof FILE_PROGRAM) == 0)
		return answer_entry(&presented);
	if (archive_find_name(&archive, name, &entry) != STATUS_OK)
		return microkit_msginfo_new(STORE_NO_SUCH_PROGRAM, 0);
	return answer_entry(&entry);
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
	return ch == OPERATOR_CHANNEL ? answer_operator(microkit_msginfo_get_label(msginfo)) : find_name();
}

void notified(microkit_channel ch)
{
	(void)ch;
}
