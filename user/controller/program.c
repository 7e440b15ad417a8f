/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs: what the store says is where to look, not what to believe. Bounds, digest and every rule of lib/elf are checked
 * here, on bytes that nobody can change: those of an archive that is mapped writable nowhere, or else a copy of them (text.h).
 *
 * A payload whose digest was once found right stays right, so it is not computed again: the last DIGESTS_KEPT are
 * remembered, and so is every text. Of an archive that somebody can write, nothing but copies is used: of the payload, and of the
 * table if a key says whose it must be (trust.c); what the store says is in its message. */
#include "user/controller/controller.h"
#include "user/store/protocol.h"

#define DIGESTS_KEPT 16u

/* Set by the description: the channel to the store. */
__attribute__((section(".data.patched"))) seL4_Word controller_store = GRAFT_NO_CHANNEL;

static struct verified {
	uint64_t offset;
	uint64_t size_bytes;
	uint8_t  digest[ARCHIVE_DIGEST_BYTES];
} verified[DIGESTS_KEPT];
static uint32_t verified_next;

static bool is_verified(const struct archive_entry *entry)
{
	for (uint32_t i = 0; i < DIGESTS_KEPT; i++) {
		if (verified[i].size_bytes == entry->size_bytes && verified[i].offset == entry->offset
		    && memcmp(verified[i].digest, entry->digest, ARCHIVE_DIGEST_BYTES) == 0)
			return true;
	}
	return false;
}

static void note_verified(const struct archive_entry *entry)
{
	struct verified *slot = &verified[verified_next++ % DIGESTS_KEPT];

	slot->offset = entry->offset;
	slot->size_bytes = entry->size_bytes;
	memcpy(slot->digest, entry->digest, ARCHIVE_DIGEST_BYTES);
}

void programs_reset(void)
{
	memset(verified, 0, sizeof verified);
	verified_next = 0;
}

enum status program_digest(struct program *program, uint64_t bytes, bool *finished, struct where *where)
{
	const struct archive_entry *entry = &program->entry;
	uint64_t done = program->hash.length_bytes, left = entry->size_bytes - done;
	uint8_t digest[SHA256_DIGEST_BYTES];

	*finished = program->text == TEXT_NONE ? is_verified(entry) : text_is_whole(&controller.space, program->text);
	if (*finished)
		return STATUS_OK;
	sha256_add(&program->hash, program->payload + done, left < bytes ? left : bytes);
	if (left > bytes)
		return STATUS_OK;
	*finished = true;
	sha256_finish(&program->hash, digest);
	if (memcmp(digest, entry->digest, sizeof digest) != 0) {
		*where = (struct where){ .offset = entry->offset, .index = WHERE_NO_INDEX };
		return STATUS_ARCHIVE_PAYLOAD_DIGEST;
	}
	if (program->text == TEXT_NONE)
		note_verified(entry);
	else
		text_accept(&controller.space, program->text);
	return STATUS_OK;
}

/* ---- the store ---- */

static void entry_from_message(const char *name, struct archive_entry *entry)
{
	const seL4_Word *message = seL4_GetIPCBuffer()->msg;

	*entry = (struct archive_entry){ .id = (uint32_t)message[0], .offset = message[1], .size_bytes = message[2],
	                                 .flags = (uint32_t)message[3], .version = (uint32_t)message[4] };
	memcpy(entry->digest, &message[5], ARCHIVE_DIGEST_BYTES);
	memcpy(entry->name, name, NAME_BYTES);
}

static bool ask_store(const char *name, struct archive_entry *entry, struct answer *answer)
{
	microkit_msginfo info;

	if (controller_store == GRAFT_NO_CHANNEL) {
		*answer = answer_error(CONTROLLER_NO_PROGRAM, STATUS_ARCHIVE_NO_SUCH_PROGRAM, 0, 0);
		return false;
	}
	memcpy(seL4_GetIPCBuffer()->msg, name, NAME_BYTES);
	info = microkit_ppcall((microkit_channel)controller_store, microkit_msginfo_new(STORE_FIND_NAME, STORE_NAME_WORDS));
	if (microkit_msginfo_get_label(info) == STORE_OK
	    && microkit_msginfo_get_count(info) >= 5 + ARCHIVE_DIGEST_BYTES / sizeof(seL4_Word)) {
		entry_from_message(name, entry);
		return true;
	}
	if (microkit_msginfo_get_label(info) == STORE_BAD_ARCHIVE)
		*answer = answer_error(CONTROLLER_BAD_PROGRAM, microkit_mr_get(0), 0, 0);
	else
		*answer = answer_error(CONTROLLER_NO_PROGRAM, STATUS_ARCHIVE_NO_SUCH_PROGRAM, 0, 0);
	return false;
}

/* ---- checks ---- */

static enum status check_bounds(const struct archive_entry *entry, struct where *where)
{
	*where = (struct where){ .offset = entry->offset, .index = WHERE_NO_INDEX, .value = entry->size_bytes,
	                         .limit = controller.grant->archive_pages * PAGE_BYTES };
	if (entry->size_bytes == 0 || entry->size_bytes % PAGE_BYTES != 0)
		return STATUS_ARCHIVE_PAYLOAD_SIZE;
	if (entry->offset % PAGE_BYTES != 0)
		return STATUS_ARCHIVE_PAYLOAD_MISPLACED;
	if (!range_is_inside(entry->offset, entry->size_bytes, where->limit))
		return STATUS_ARCHIVE_PAYLOAD_OUTSIDE;
	if ((entry->flags & ~ARCHIVE_FLAGS_KNOWN) != 0)
		return STATUS_ARCHIVE_FLAGS;
	return STATUS_OK;
}

static uint64_t base_of(const struct program *program, const struct elf_policy *policy)
{
	if (program->base != LOAD_BASE_DEFAULT)
		return program->base;
	if (controller.grant->seed == 0)
		return elf_base_default(&program->load.elf);
	return elf_base_random(&program->load.elf, policy, start_random_base(controller.grant->seed, program->start));
}

/* load_accept's steps, but for the relocations. */
enum status program_check(struct program *program, struct where *where)
{
	struct load *load = &program->load;
	struct elf_policy policy;
	enum status status = elf_read(program->payload, program->entry.size_bytes, &load->elf, where);

	load_policy(SPACE_MACHINE.elf_machine, program->entry.flags, &policy);
	load->by_loader = policy.relocation == ELF_RELOCATE_LOADER;
	memset(&program->relocations, 0, sizeof program->relocations);
	memset(&load->reloc, 0, sizeof load->reloc);
	if (status == STATUS_OK)
		status = elf_place(&load->elf, base_of(program, &policy), where);
	if (status == STATUS_OK)
		status = elf_check(&load->elf, &policy, where);
	return status == STATUS_OK && load->by_loader ? reloc_open(&load->elf, &load->reloc, where) : status;
}

enum status program_check_relocations(struct program *program, uint64_t entries, bool *finished, struct where *where)
{
	return reloc_check(&program->load.reloc, &program->load.elf, &program->relocations, entries, finished, where);
}

/* ---- where the payload is ---- */

static bool can_change(void)
{
	return (controller.grant->archive_flags & GRANT_ARCHIVE_CHANGEABLE) != 0;
}

static const uint8_t *in_archive(const struct program *program)
{
	return (const uint8_t *)(uintptr_t)controller.grant->archive_vaddr + program->entry.offset;
}

static void start_payload(struct program *program)
{
	program->text = TEXT_NONE;
	program->payload = can_change() ? NULL : in_archive(program);
	sha256_start(&program->hash);
}

static void take_text(struct program *program, uint32_t text)
{
	program->text = text;
	program->payload = text_bytes(&controller.space, text);
}

/* Shares the text that there is, or begins one. *found: there is nothing to do but wait for another job's copy, or for nothing. */
static enum status find_text(struct program *program, bool *found, struct where *where)
{
	const struct archive_entry *entry = &program->entry;
	uint32_t text = text_find(&controller.space, entry->digest, entry->size_bytes);
	enum status status;

	*found = text != TEXT_NONE;
	if (*found) {
		if (text_is_whole(&controller.space, text)) {
			text_hold(&controller.space, text);
			take_text(program, text);
		}
		return STATUS_OK;
	}
	status = text_open(&controller.space, entry->digest, entry->size_bytes, &text, where);
	if (status != STATUS_OK)
		return status;
	take_text(program, text);
	text_copy_start(&program->copy, &controller.space, text);
	return STATUS_OK;
}

enum status program_copy(struct program *program, uint32_t calls, bool *finished, struct where *where)
{
	enum status status = STATUS_OK;
	bool found = false;

	*finished = !can_change();
	if (*finished)
		return STATUS_OK;
	if (program->text == TEXT_NONE)
		status = find_text(program, &found, where);
	if (found)
		*finished = program->text != TEXT_NONE;
	else if (status == STATUS_OK)
		*finished = text_copy_step(&program->copy, in_archive(program), calls, &status, where) == BUILD_DONE;
	return status;
}

struct space_caps program_pages(const struct program *program)
{
	const struct grant *grant = controller.grant;

	if (program->text != TEXT_NONE)
		return text_pages(&controller.space, program->text);
	return (struct space_caps){ .root = grant->cnode, .first = grant->archive_slot + (seL4_Word)(program->entry.offset / PAGE_BYTES),
	                            .depth_bits = grant->cnode_bits, .page_bits = PAGE_BITS,
	                            .count = program->entry.size_bytes / PAGE_BYTES };
}

void program_let_go(struct program *program)
{
	struct where where = { 0 };

	if (text_release(&controller.space, program->text, &where) != STATUS_OK)
		controller_not_back(&where);
	program->text = TEXT_NONE;
}

/* ---- finding one ---- */

void program_again(uint32_t account, const struct record_program *from, struct program *program)
{
	uint32_t text = text_of_account(&controller.space, account);

	program->entry = (struct archive_entry){ .id = from->id, .flags = from->flags, .offset = from->offset,
	                                         .size_bytes = from->size_bytes };
	program->base = from->base;
	memcpy(program->entry.name, from->name, ARCHIVE_NAME_BYTES);
	start_payload(program);
	if (text == TEXT_NONE)
		return;
	text_hold(&controller.space, text);
	take_text(program, text);
}

bool program_find(const char *name, struct program *program, struct answer *answer)
{
	struct where where = { 0 };
	enum status status;

	if (!ask_store(name, &program->entry, answer))
		return false;
	status = check_bounds(&program->entry, &where);
	if (status == STATUS_OK)
		status = trust_entry(&program->entry, &where);
	if (status != STATUS_OK) {
		*answer = answer_status(status, &where);
		return false;
	}
	start_payload(program);
	return true;
}
