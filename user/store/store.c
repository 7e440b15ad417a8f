/* SPDX-License-Identifier: BSD-2-Clause */
/* The store: answers where in the archive a program lies, by name or by id (user/store/protocol.h). The archive is a
 * memory region mapped read-only here and at the controller, so that no byte of a program passes through a message.
 *
 * Any domain that speaks the protocol can stand in; the controller checks what it is told. */
#include <graft.h>
#include "lib/archive/archive.h"
#include "user/store/protocol.h"

/* Set by the description: setvar_vaddr and setvar_prefill_size (or setvar_size) of the map. */
__attribute__((section(".data.patched"))) seL4_Word store_archive = 0;
__attribute__((section(".data.patched"))) seL4_Word store_archive_bytes = 0;

static struct archive archive;
static enum status archive_status;

void init(void)
{
	struct where where;

	archive_status = archive_open((const uint8_t *)store_archive, store_archive_bytes, &archive, &where);
	if (archive_status != STATUS_OK)
		graft_printf("%s: archive refused: %s (at byte 0x%lx)\n", microkit_name, status_text(archive_status),
		             (unsigned long)where.offset);
}

void notified(microkit_channel ch)
{
	(void)ch;
}

static microkit_msginfo answer_entry(enum status status, const struct archive_entry *entry)
{
	if (status != STATUS_OK)
		return microkit_msginfo_new(STORE_NO_SUCH_PROGRAM, 0);
	microkit_mr_set(0, entry->id);
	microkit_mr_set(1, (seL4_Word)entry->offset);
	microkit_mr_set(2, (seL4_Word)entry->size_bytes);
	microkit_mr_set(3, entry->flags);
	microkit_mr_set(4, entry->version);
	memcpy(&seL4_GetIPCBuffer()->msg[5], entry->digest, sizeof entry->digest);
	return microkit_msginfo_new(STORE_OK, 5 + ARCHIVE_DIGEST_BYTES / sizeof(seL4_Word));
}

static microkit_msginfo find_name(seL4_Word words)
{
	struct archive_entry entry;
	char name[STORE_NAME_WORDS * sizeof(seL4_Word)];

	if (words != STORE_NAME_WORDS)
		return microkit_msginfo_new(STORE_BAD_REQUEST, 0);
	memcpy(name, seL4_GetIPCBuffer()->msg, sizeof name);
	if (name[sizeof name - 1] != '\0')
		return microkit_msginfo_new(STORE_BAD_REQUEST, 0);
	return answer_entry(archive_find_name(&archive, name, &entry), &entry);
}

static microkit_msginfo find_id(seL4_Word words)
{
	struct archive_entry entry;

	if (words != 1 || microkit_mr_get(0) > UINT32_MAX)
		return microkit_msginfo_new(STORE_BAD_REQUEST, 0);
	return answer_entry(archive_find_id(&archive, (uint32_t)microkit_mr_get(0), &entry), &entry);
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
	seL4_Word words = microkit_msginfo_get_count(msginfo);

	(void)ch;
	if (archive_status != STATUS_OK) {
		microkit_mr_set(0, (seL4_Word)archive_status);
		return microkit_msginfo_new(STORE_BAD_ARCHIVE, 1);
	}
	switch (microkit_msginfo_get_label(msginfo)) {
	case STORE_FIND_NAME:
		return find_name(words);
	case STORE_FIND_ID:
		return find_id(words);
	case STORE_COUNT:
		microkit_mr_set(0, archive.entry_count);
		return microkit_msginfo_new(STORE_OK, 1);
	default:
		return microkit_msginfo_new(STORE_BAD_REQUEST, 0);
	}
}
