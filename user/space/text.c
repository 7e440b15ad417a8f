/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts: finding, copying, sharing, closing. Invariants X1 to X5 are in the header.
 *
 * Slots of a text's account, in order: its page tables, those of higher levels first, then the frames in the payload's order. Calls
 * per page: two, one to map it writable and, once it is filled, one to map the same frame read-only in the same place. Deliberately
 * absent: giving back the pages that images do not share; with them a later load of the same program needs no source. */
#include "user/space/space.h"
#include "user/sel4/sel4.h"

enum text_phase { TEXT_MAKE_TABLES, TEXT_MAP_TABLES, TEXT_MAKE_FRAMES, TEXT_FILL_PAGES, TEXT_COPIED };

/* The page directories that a text has to itself; on i386 the topmost table is one, and belongs to all. */
static const uint32_t directories = ABI_WORD_BITS == 64 ? 1 : 0;

#define TABLE_PAGES (1u << seL4_PageTableIndexBits)

static enum status refuse(enum status status, uint64_t value, uint64_t limit, struct where *where)
{
	*where = (struct where){ .index = WHERE_NO_INDEX, .value = value, .limit = limit };
	return status;
}

static struct text *text_at(const struct space *space, uint32_t text)
{
	return &space->state->text[text - 1];
}

static seL4_Word vaddr_of(const struct space *space, uint32_t text)
{
	return (seL4_Word)(space->use.text_vaddr + (text - 1) * TEXT_STRIDE_BYTES);
}

static uint32_t pages_of(const struct text *text)
{
	return (uint32_t)(text->size_bytes / PAGE_BYTES);
}

static uint32_t tables_of(uint32_t pages)
{
	return directories + (pages + TABLE_PAGES - 1) / TABLE_PAGES;
}

/* ---- which ---- */

uint32_t text_find(const struct space *space, const uint8_t digest[SHA256_DIGEST_BYTES], uint64_t size_bytes)
{
	for (uint32_t i = 1; i <= TEXTS_MAX; i++) {
		const struct text *text = text_at(space, i);

		if ((text->state == TEXT_COPYING || text->state == TEXT_WHOLE) && text->size_bytes == size_bytes
		    && memcmp(text->digest, digest, sizeof text->digest) == 0)
			return i;
	}
	return TEXT_NONE;
}

bool text_is_whole(const struct space *space, uint32_t text)
{
	return text_at(space, text)->state == TEXT_WHOLE;
}

const uint8_t *text_bytes(const struct space *space, uint32_t text)
{
	return (const uint8_t *)(uintptr_t)vaddr_of(space, text);
}

struct space_caps text_pages(const struct space *space, uint32_t text)
{
	const struct text *at = text_at(space, text);

	return (struct space_caps){ .root = space->use.cnode, .first = account_index(space, at->account, tables_of(pages_of(at))),
	                            .depth_bits = account_depth_bits(space), .page_bits = PAGE_BITS, .count = pages_of(at) };
}

uint32_t text_of_account(const struct space *space, uint32_t account)
{
	return space->state->account[account].text;
}

uint32_t text_users(const struct space *space, uint32_t text)
{
	uint32_t users = text_at(space, text)->holders;

	for (uint32_t i = 0; i < space->state->accounts_total; i++) {
		const struct account *account = &space->state->account[i];

		users += account->state != ACCOUNT_UNUSED && account->text == text ? 1 : 0;
	}
	return users;
}

/* ---- opening ---- */

static uint32_t find_free(const struct space *space)
{
	for (uint32_t i = 1; i <= TEXTS_MAX; i++) {
		uint32_t state = text_at(space, i)->state;

		if (state == TEXT_FREE || (state == TEXT_CLOSING && space->state->accounts_doomed == 0))
			return i;
	}
	return TEXT_NONE;
}

enum status text_open(struct space *space, const uint8_t digest[SHA256_DIGEST_BYTES], uint64_t size_bytes, uint32_t *text,
                      struct where *where)
{
	uint32_t most = space->use.text_vaddr == 0 ? 0 : TEXTS_MAX, found, account;
	uint64_t pages = size_bytes / PAGE_BYTES;
	struct account_bill bill;
	enum status status;

	account_sweep(space);
	found = find_free(space);
	if (most == 0 || found == TEXT_NONE)
		return refuse(STATUS_SPACE_NO_TEXTS, most + 1, most, where);
	if (size_bytes > TEXT_STRIDE_BYTES)
		return refuse(STATUS_SPACE_TEXT_TOO_LARGE, size_bytes, TEXT_STRIDE_BYTES, where);
	status = account_bill_of_pages(tables_of((uint32_t)pages) + pages, &bill, where);
	if (status == STATUS_OK)
		status = account_open(space, &bill, &account, where);
	if (status != STATUS_OK)
		return status;
	*text_at(space, found) = (struct text){ .size_bytes = size_bytes, .account = account, .state = TEXT_COPYING, .holders = 1 };
	memcpy(text_at(space, found)->digest, digest, sizeof text_at(space, found)->digest);
	*text = found;
	return STATUS_OK;
}

void text_accept(struct space *space, uint32_t text)
{
	text_at(space, text)->state = TEXT_WHOLE;
}

/* ---- the copy ---- */

void text_copy_start(struct text_copy *copy, struct space *space, uint32_t text)
{
	*copy = (struct text_copy){ .space = space, .text = text };
}

static seL4_CPtr slot_cptr(const struct text_copy *copy, uint32_t slot)
{
	return account_cptr(copy->space, text_at(copy->space, copy->text)->account, slot);
}

static enum status make(struct text_copy *copy, seL4_Word type, uint32_t first, uint32_t count, struct where *where)
{
	uint32_t made;
	enum status status = account_retype(copy->space, text_at(copy->space, copy->text)->account, type, PAGE_BITS, first, count, &made,
	                                    where);

	if (status == STATUS_OK)
		copy->done += made;
	return status;
}

static enum status make_tables(struct text_copy *copy, uint32_t tables, struct where *where)
{
	if (copy->done < directories)
		return make(copy, build_table_type(1), copy->done, directories - copy->done, where);
	return make(copy, build_table_type(0), copy->done, tables - copy->done, where);
}

static enum status map_table(struct text_copy *copy, struct where *where)
{
	uint32_t level = copy->done < directories ? 1 : 0;
	seL4_Word below = level == 1 ? 0 : (seL4_Word)((copy->done - directories) * TABLE_PAGES * PAGE_BYTES);
	enum status status = build_map_table(copy->space, level, slot_cptr(copy, copy->done), copy->space->use.vspace,
	                                     vaddr_of(copy->space, copy->text) + below, where);

	if (status == STATUS_OK)
		copy->done++;
	return status;
}

static enum status fill_page(struct text_copy *copy, uint32_t tables, const uint8_t *from, struct where *where)
{
	seL4_Word at = (seL4_Word)(copy->done * PAGE_BYTES), vaddr = vaddr_of(copy->space, copy->text) + at;
	enum status status = space_result(copy->space, seL4_X86_Page_Map(slot_cptr(copy, tables + copy->done), copy->space->use.vspace, vaddr,
	                                                                 copy->page_step == 0 ? seL4_ReadWrite : seL4_CanRead,
	                                                                 seL4_X86_Default_VMAttributes), where);

	if (status != STATUS_OK)
		return status;
	if (copy->page_step == 0)
		memcpy((void *)(uintptr_t)vaddr, from + at, PAGE_BYTES);
	copy->done += copy->page_step;
	copy->page_step ^= 1;
	return STATUS_OK;
}

static enum status take_turn(struct text_copy *copy, uint32_t tables, uint32_t pages, const uint8_t *from, struct where *where)
{
	switch ((enum text_phase)copy->phase) {
	case TEXT_MAKE_TABLES:
		return make_tables(copy, tables, where);
	case TEXT_MAP_TABLES:
		return map_table(copy, where);
	case TEXT_MAKE_FRAMES:
		return make(copy, seL4_X86_4K, tables + copy->done, pages - copy->done, where);
	default:
		return fill_page(copy, tables, from, where);
	}
}

enum build_progress text_copy_step(struct text_copy *copy, const uint8_t *from, uint32_t calls, enum status *status,
                                   struct where *where)
{
	uint32_t pages = pages_of(text_at(copy->space, copy->text)), tables = tables_of(pages);

	*status = STATUS_OK;
	for (uint32_t i = 0; i < calls && copy->phase != TEXT_COPIED; i++) {
		*status = take_turn(copy, tables, pages, from, where);
		if (*status != STATUS_OK)
			return BUILD_FAILED;
		if (copy->done == (copy->phase <= TEXT_MAP_TABLES ? tables : pages)) {
			copy->phase++;
			copy->done = 0;
		}
	}
	return copy->phase == TEXT_COPIED ? BUILD_DONE : BUILD_MORE;
}

/* ---- sharing and closing ---- */

void text_hold(struct space *space, uint32_t text)
{
	if (text != TEXT_NONE)
		text_at(space, text)->holders++;
}

uint32_t text_take_unused(struct space *space, uint32_t text)
{
	if (text == TEXT_NONE || text_users(space, text) > 0)
		return ACCOUNT_NONE;
	text_at(space, text)->state = TEXT_CLOSING;
	return text_at(space, text)->account;
}

enum status text_release(struct space *space, uint32_t text, struct where *where)
{
	uint32_t account;

	if (text == TEXT_NONE)
		return STATUS_OK;
	text_at(space, text)->holders--;
	account = text_take_unused(space, text);
	return account == ACCOUNT_NONE ? STATUS_OK : account_close(space, account, where);
}

/* ---- after an interruption ---- */

/* A text that a live account names was accepted, or there would be no such account, and its account was complete before. */
void text_mark_live(const struct space *space, bool live[ACCOUNTS_MAX])
{
	for (uint32_t i = 0; i < space->state->accounts_total; i++) {
		uint32_t text = space->state->account[i].text;

		if (live[i] && text != TEXT_NONE)
			live[text_at(space, text)->account] = true;
	}
}

void text_recover(struct space *space, const bool live[ACCOUNTS_MAX])
{
	for (uint32_t i = 1; i <= TEXTS_MAX; i++) {
		struct text *text = text_at(space, i);

		text->holders = 0;
		if (text->state != TEXT_FREE && !(text->state == TEXT_WHOLE && live[text->account]))
			text->state = TEXT_CLOSING;
	}
}
