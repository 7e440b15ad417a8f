/* SPDX-License-Identifier: BSD-2-Clause */
/* A store that presents one file of the archive after another, as the operator asks: as it is, where it lies; or damaged, behind the
 * archive, in the same memory region, if it can write that. It answers with a digest that fits, so that nothing but a look at the
 * contents can tell. */
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

	if (status != STATUS_OK) {
		graft_printf("keeper: the archive: %s\n", status_text(status));
		microkit_internal_crash(seL4_InvalidArgument);
	}
}

/* ---- presenting files ---- */

static void demand_room(void)
{
	uint64_t bytes = presented.size_bytes + SPOIL_MORE_PAGES * PAGE_BYTES;

	if (range_is_inside(round_up(archive.size_bytes, PAGE_BYTES), bytes, keeper_region_bytes))
		return;
	graft_printf("keeper: too little room behind the archive for %s\n", presented.name);
	microkit_internal_crash(seL4_NotEnoughMemory);
}

static void present_spoiled(seL4_Word seed, seL4_Word number)
{
	uint64_t offset = round_up(archive.size_bytes, PAGE_BYTES);
	struct spoil file = { .bytes = keeper_region + offset };

	archive_entry_get(&archive, spoil_start(&file, seed, number, archive.entry_count), &presented);
	demand_room();
	memcpy(file.bytes, keeper_region + presented.offset, (size_t)presented.size_bytes);
	file.size_bytes = presented.size_bytes;
	file.flags = presented.flags;
	spoil(&file);
	presented.id = archive.entry_count + 1;
	presented.offset = offset;
	presented.size_bytes = file.size_bytes;
	presented.flags = file.flags;
	sha256(file.bytes, file.size_bytes, presented.digest);
}

static microkit_msginfo answer_operator(seL4_Word label)
{
	switch (label) {
	case KEEPER_FILES:
		microkit_mr_set(0, archive.entry_count);
		return microkit_msginfo_new(0, 1);
	case KEEPER_SPOILED:
		present_spoiled(microkit_mr_get(0), microkit_mr_get(1));
		break;
	default:
		archive_entry_get(&archive, (uint32_t)microkit_mr_get(0) % archive.entry_count, &presented);
	}
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
