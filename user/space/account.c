/* SPDX-License-Identifier: BSD-2-Clause */
/* Accounts: opening, retyping, closing. Invariants A1 to A3 are in the header.
 *
 * The CNode lies at the start of the first block that is not for large frames, the thread behind it, pages after that. Its guard fills
 * the bits between the space's CNode and its own, so that the capabilities in it have CPtrs of full length, as seL4 demands of
 * a CNode capability that is to be named. Deliberately absent: giving single objects back; an image goes as a whole. */
#include "user/space/space.h"
#include "user/sel4/sel4.h"

static enum status refuse(enum status status, uint64_t value, uint64_t limit, struct where *where)
{
	*where = (struct where){ .index = WHERE_NO_INDEX, .value = value, .limit = limit };
	return status;
}

static enum status choose_cnode(uint64_t slots, struct account_bill *bill, struct where *where)
{
	uint8_t radix = ACCOUNT_RADIX_MIN;

	while (radix < ACCOUNT_RADIX_MAX && slots > 1ull << radix)
		radix++;
	if (slots > 1ull << radix)
		return refuse(STATUS_SPACE_TOO_MANY_SLOTS, slots, 1ull << radix, where);
	bill->radix = radix;
	bill->cnode_bytes = 1ull << (radix + seL4_SlotBits);
	return STATUS_OK;
}

enum status account_bill_of(const struct plan *plan, struct account_bill *bill, struct where *where)
{
	const struct plan_bill *p = &plan->bill;
	uint64_t tables = 1 + p->tables[0] + p->tables[1] + p->tables[2];
	enum status status;

	bill->large_bytes = p->large_frames << LARGE_FRAME_BITS;
	status = choose_cnode(p->slots, bill, where);
	if (status == STATUS_OK)
		bill->bytes = round_up(round_up(bill->cnode_bytes, 1ull << seL4_TCBBits) + (1ull << seL4_TCBBits), PAGE_BYTES)
		              + (tables + p->frames) * PAGE_BYTES;
	return status;
}

enum status account_bill_of_pages(uint64_t pages, struct account_bill *bill, struct where *where)
{
	enum status status = choose_cnode(pages, bill, where);

	bill->large_bytes = 0;
	if (status == STATUS_OK)
		bill->bytes = round_up(bill->cnode_bytes, PAGE_BYTES) + pages * PAGE_BYTES;
	return status;
}

/* ---- opening ---- */

static uint32_t find_unused(const struct space *space)
{
	uint32_t i = 0;

	while (i < space->state->accounts_total && space->state->account[i].state != ACCOUNT_UNUSED)
		i++;
	return i;
}

static void give_blocks(struct space *space, struct account *account)
{
	while (account->block_count > 0)
		pool_give(space, account->block[--account->block_count]);
}

/* Takes blocks that cover so many bytes, after those that the account has. */
static enum status take_blocks(struct space *space, struct account *account, uint64_t bytes, uint64_t largest_bytes, uint32_t least_bits,
                               struct where *where)
{
	uint8_t size_bits[ACCOUNT_BLOCKS_MAX];
	uint32_t count;
	enum status status = pool_choose(space, bytes, largest_bytes, least_bits, size_bits, &count, where);

	for (uint32_t i = 0; status == STATUS_OK && i < count; i++) {
		status = pool_take(space, size_bits[i], &account->block[account->block_count], where);
		if (status == STATUS_OK)
			account->block_count++;
	}
	return status;
}

/* The large ones first; on a refusal those taken go back. */
static enum status take_all_blocks(struct space *space, struct account *account, const struct account_bill *bill, struct where *where)
{
	enum status status = STATUS_OK;

	if (bill->large_bytes != 0)
		status = take_blocks(space, account, bill->large_bytes, 0, LARGE_FRAME_BITS, where);
	account->large_blocks = account->current = account->block_count;
	if (status == STATUS_OK)
		status = take_blocks(space, account, bill->bytes, bill->cnode_bytes, POOL_SIZE_BITS_MIN, where);
	if (status != STATUS_OK)
		give_blocks(space, account);
	return status;
}

/* Makes the CNode in the scratch slot, then moves it to the account's slot, which gives it its guard. */
static enum status make_cnode(struct space *space, uint32_t number, struct where *where)
{
	struct account *account = &space->state->account[number];
	const struct space_use *use = &space->use;
	seL4_Word scratch = space_slot_index(space, space_slot_scratch(space));
	seL4_Word slot = space_slot_index(space, space_slot_of_account(space, number));
	enum status status;

	status = space_result(space, seL4_Untyped_Retype(pool_cptr(space, account->block[account->current]), seL4_CapTableObject,
	                                                 account->radix, use->cnode, 0, 0, scratch, 1), where);
	if (status != STATUS_OK)
		return status;
	account->block_used = 1ull << (account->radix + seL4_SlotBits);
	return space_result(space, seL4_CNode_Mutate(use->cnode, slot, use->cnode_bits, use->cnode, scratch, use->cnode_bits,
	                                             abi_cnode_data(0, use->slot_shift - account->radix)), where);
}

/* Closes what could not be closed before. */
void account_sweep(struct space *space)
{
	struct where where;

	for (uint32_t i = 0; i < space->state->accounts_total && space->state->accounts_doomed > 0; i++) {
		if (space->state->account[i].state == ACCOUNT_DOOMED && account_close(space, i, &where) != STATUS_OK)
			return; /* and again next time */
	}
}

enum status account_open(struct space *space, const struct account_bill *bill, uint32_t *number, struct where *where)
{
	struct account *account;
	enum status status;
	struct where undo;
	uint32_t found;

	account_sweep(space);
	found = find_unused(space);
	account = &space->state->account[found];
	if (found == space->state->accounts_total)
		return refuse(STATUS_SPACE_NO_ACCOUNTS, found + 1ull, found, where);
	*account = (struct account){ .radix = bill->radix };
	status = take_all_blocks(space, account, bill, where);
	if (status != STATUS_OK)
		return status;
	account->state = ACCOUNT_USED;
	status = make_cnode(space, found, where);
	if (status != STATUS_OK) {
		if (account_close(space, found, &undo) != STATUS_OK)
			status = STATUS_SPACE_KERNEL_REFUSED; /* it is doomed: nothing is lost track of */
		return status;
	}
	*number = found;
	return STATUS_OK;
}

static void set_doomed(struct space *space, struct account *account, bool doomed)
{
	space->state->accounts_doomed += (doomed ? 1u : 0u) - (account->state == ACCOUNT_DOOMED ? 1u : 0u);
	account->state = doomed ? ACCOUNT_DOOMED : ACCOUNT_UNUSED;
}

static enum status close_one(struct space *space, uint32_t number, struct where *where)
{
	struct account *account = &space->state->account[number];

	set_doomed(space, account, true);
	if (space->large_window_user == number + 1)
		space->large_window_user = 0;
	/* One block's revocation takes the CNode and with it every capability of the image; the others are revoked
	 * all the same, so that nothing depends on where capabilities are. */
	for (uint32_t i = 0; i < account->block_count; i++) {
		enum status status = pool_revoke(space, account->block[i], where);

		if (status != STATUS_OK)
			return status;
	}
	give_blocks(space, account);
	set_doomed(space, account, false);
	return STATUS_OK;
}

enum status account_close(struct space *space, uint32_t number, struct where *where)
{
	enum status status = close_one(space, number, where);

	while (status == STATUS_OK) {
		number = text_take_unused(space, space->state->account[number].text);
		if (number == ACCOUNT_NONE)
			break;
		status = close_one(space, number, where); /* a text names none */
	}
	return status;
}

/* ---- retyping ---- */

static uint64_t bytes_of_block(const struct space *space, const struct account *account, uint32_t block)
{
	return 1ull << space->state->pool.block[account->block[block]].size_bits;
}

static uint64_t block_bytes(const struct space *space, const struct account *account)
{
	return bytes_of_block(space, account, account->current);
}

static void count_made(struct account *account, seL4_Word type, uint32_t made)
{
	if (type == seL4_TCBObject)
		account->threads = (uint16_t)(account->threads + made);
	else if (type == seL4_X86_4K)
		account->frames += made;
	else if (type != seL4_CapTableObject && type != seL4_NotificationObject && type != seL4_ReplyObject
	         && type != seL4_EndpointObject)
		account->tables += made;
}

enum status account_retype(struct space *space, uint32_t number, seL4_Word type, uint8_t size_bits, uint32_t first,
                           uint32_t count, uint32_t *made, struct where *where)
{
	struct account *account = &space->state->account[number];
	uint64_t from = round_up(account->block_used, 1ull << size_bits), room;
	uint32_t batch = count < RETYPE_BATCH_MAX ? count : RETYPE_BATCH_MAX;
	uint32_t radix = type == seL4_CapTableObject ? size_bits - seL4_SlotBits : 0;
	enum status status;

	if (from + (1ull << size_bits) > block_bytes(space, account)) {
		if (account->current + 1u == account->block_count)
			return refuse(STATUS_SPACE_OVERDRAWN, from + (1ull << size_bits), block_bytes(space, account), where);
		account->current++;
		from = account->block_used = 0;
	}
	room = (block_bytes(space, account) - from) >> size_bits;
	if (room < batch)
		batch = (uint32_t)room;
	if (batch == 0)
		return refuse(STATUS_SPACE_OVERDRAWN, 1ull << size_bits, block_bytes(space, account), where);
	status = space_result(space, seL4_Untyped_Retype(pool_cptr(space, account->block[account->current]), type, radix,
	                                                 space->use.cnode,
	                                                 space_slot_index(space, space_slot_of_account(space, number)),
	                                                 space->use.cnode_bits, first, batch), where);
	if (status != STATUS_OK)
		return status;
	account->block_used = from + ((uint64_t)batch << size_bits);
	count_made(account, type, batch);
	*made = batch;
	return STATUS_OK;
}

/* Which of its blocks the next large frame comes from, and how many that still has. */
static uint32_t large_block(const struct space *space, const struct account *account, uint32_t *room)
{
	uint64_t before = account->large_frames;
	uint32_t block = 0;

	*room = 0;
	for (; block < account->large_blocks; block++) {
		uint64_t holds = bytes_of_block(space, account, block) >> LARGE_FRAME_BITS;

		if (before < holds) {
			*room = (uint32_t)(holds - before);
			break;
		}
		before -= holds;
	}
	return block;
}

enum status account_retype_large(struct space *space, uint32_t number, uint32_t first, uint32_t count, uint32_t *made,
                                 struct where *where)
{
	struct account *account = &space->state->account[number];
	uint32_t room, block = large_block(space, account, &room), batch = count < RETYPE_BATCH_MAX ? count : RETYPE_BATCH_MAX;
	enum status status;

	if (room == 0)
		return refuse(STATUS_SPACE_OVERDRAWN, 1ull << LARGE_FRAME_BITS, 0, where);
	batch = batch < room ? batch : room;
	status = space_result(space, seL4_Untyped_Retype(pool_cptr(space, account->block[block]), seL4_X86_LargePageObject, 0,
	                                                 space->use.cnode,
	                                                 space_slot_index(space, space_slot_of_account(space, number)),
	                                                 space->use.cnode_bits, first, batch), where);
	if (status != STATUS_OK)
		return status;
	account->large_frames = (uint16_t)(account->large_frames + batch);
	account->frames += batch << (LARGE_FRAME_BITS - PAGE_BITS);
	*made = batch;
	return STATUS_OK;
}

/* ---- names ---- */

seL4_CPtr account_cptr(const struct space *space, uint32_t account, uint32_t slot)
{
	return space_slot_cptr(space, space_slot_of_account(space, account)) | slot;
}

seL4_Word account_index(const struct space *space, uint32_t account, uint32_t slot)
{
	return space_slot_index(space, space_slot_of_account(space, account)) << space->use.slot_shift | slot;
}

uint32_t account_depth_bits(const struct space *space)
{
	return space->use.cnode_bits + space->use.slot_shift;
}

uint64_t account_bytes(const struct space *space, uint32_t number)
{
	const struct account *account = &space->state->account[number];
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < account->block_count; i++)
		bytes += 1ull << space->state->pool.block[account->block[i]].size_bits;
	return bytes;
}
