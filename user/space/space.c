/* SPDX-License-Identifier: BSD-2-Clause */
/* The space: names of slots, the ledger, and the one place where kernel calls are counted.
 *
 * Slots of the space's CNode, counted from free_first: first the pool's pairs, then the accounts' CNodes, last the scratch
 * slot, which is empty between any two calls of this library. */
#include "user/space/space.h"

static uint32_t slots_given(const struct space_use *use)
{
	uint32_t given = use->free_end - use->free_first;

	return given < SPACE_SLOTS_MAX ? given : SPACE_SLOTS_MAX;
}

static bool use_is_possible(const struct space_use *use)
{
	if (use->cnode_bits == 0 || use->cnode_bits >= seL4_WordBits || use->slot_shift < ACCOUNT_RADIX_MAX
	    || use->slot_shift + use->cnode_bits > seL4_WordBits)
		return false;
	if (use->free_end < use->free_first || use->free_end > 1ull << use->cnode_bits
	    || use->free_end - use->free_first < SPACE_SLOTS_MIN)
		return false;
	return use->window % PAGE_BYTES == 0 && use->window != 0 && use->large_window % (1ull << LARGE_FRAME_BITS) == 0;
}

static void set_sizes(const struct space_use *use, struct space_state *state)
{
	uint32_t slots = slots_given(use);

	state->slots_total = slots;
	state->accounts_total = slots / 4 < ACCOUNTS_MAX ? slots / 4 : ACCOUNTS_MAX;
	pool_start(&state->pool, (slots - 1 - state->accounts_total) / 2);
}

enum status space_start(struct space *space, const struct space_use *use, struct space_state *state)
{
	if (!use_is_possible(use))
		return STATUS_SPACE_BAD_USE;
	memset(state, 0, sizeof *state);
	set_sizes(use, state);
	*space = (struct space){ .use = *use, .state = state };
	return STATUS_OK;
}

enum status space_attach(struct space *space, const struct space_use *use, struct space_state *state)
{
	struct space_state fresh = { 0 };

	if (!use_is_possible(use))
		return STATUS_SPACE_BAD_USE;
	set_sizes(use, &fresh);
	if (state->slots_total != fresh.slots_total || state->accounts_total != fresh.accounts_total
	    || state->pool.pairs_total != fresh.pool.pairs_total || state->pool.roots > POOL_ROOTS_MAX)
		return STATUS_SPACE_BAD_USE;
	*space = (struct space){ .use = *use, .state = state };
	return STATUS_OK;
}

seL4_CPtr space_slot_cptr(const struct space *space, uint32_t slot)
{
	return space->use.slot_cptr | space_slot_index(space, slot) << space->use.slot_shift;
}

seL4_Word space_slot_index(const struct space *space, uint32_t slot)
{
	return (seL4_Word)space->use.free_first + slot;
}

uint32_t space_slot_of_block(const struct space *space, uint16_t block)
{
	(void)space;
	return block - POOL_ROOTS_MAX;
}

uint32_t space_slot_of_account(const struct space *space, uint32_t account)
{
	return 2 * space->state->pool.pairs_total + account;
}

uint32_t space_slot_scratch(const struct space *space)
{
	return space_slot_of_account(space, space->state->accounts_total);
}

void space_ledger_get(const struct space *space, struct space_ledger *ledger)
{
	const struct space_state *state = space->state;
	*ledger = (struct space_ledger){
		.untyped_bytes_total = state->pool.bytes_total,
		.untyped_bytes_free = state->pool.bytes_free,
		.slots_total = state->accounts_total,
	};
	for (uint32_t i = 0; i < state->accounts_total; i++) {
		const struct account *account = &state->account[i];

		if (account->state == ACCOUNT_UNUSED)
			continue;
		ledger->accounts++;
		ledger->frames += account->frames;
		ledger->tables += account->tables;
		ledger->threads += account->threads;
	}
	for (uint32_t i = 0; i < TEXTS_MAX; i++)
		ledger->texts += state->text[i].state == TEXT_COPYING || state->text[i].state == TEXT_WHOLE ? 1 : 0;
	ledger->slots_free = ledger->slots_total - ledger->accounts;
}

enum status space_result(struct space *space, seL4_Error error, struct where *where)
{
	space->calls++;
	if (error == seL4_NoError)
		return STATUS_OK;
	space->error = error;
	*where = (struct where){ .index = WHERE_NO_INDEX, .value = error };
	return STATUS_SPACE_KERNEL_REFUSED;
}
