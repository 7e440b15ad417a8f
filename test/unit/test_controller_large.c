/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs with pages enough for a large frame: they get one where there is memory for it, and are loaded all the same where there is
 * not; whatever is refused and wherever the controller is stopped, nothing is left behind. */
#include "test/unit/controller_world.h"

#define LARGE  (1ul << LARGE_FRAME_BITS)
#define DATA   0x3ff000ul /* a page, a large one, a page */
#define FRAMES (1 + LARGE / PAGE_BYTES + 1 + 2 + 1) /* with stack and IPC buffer */

static void give_pool(uint8_t size_bits)
{
	uint64_t untyped = world_make(&w, seL4_UntypedObject, size_bits);
	struct space_caps name = { FAKE_CNODE, untyped, 64, 0, 1 };

	assert_int_equal(pool_add(&controller.space, untyped, &name, size_bits), STATUS_OK);
}

static void make_program_large(void)
{
	uint8_t *file = archive + PAGE_BYTES;

	put_segment(file, 1, &(struct elf_segment){ ELF_LOAD, ELF_R | ELF_W, 0x2000, DATA, 0x100, LARGE + 0x1100, 0x1000, 0 });
	bytes_put64(file + 0x3000, DATA + 0x40);
	offer(1);
	controller.space.use.large_window = grant.large_window_vaddr = SEL4_CORE_LARGE_WINDOW;
	w.fake->does_not_check = true;
}

static const struct account *account_now(void)
{
	return &record.space.account[domain_record(0)->account];
}

static void small_frames_where_no_large_one_can_be_had(void **arg)
{
	struct space_ledger before;

	(void)arg;
	make_program_large();
	assert_int_equal(load(), CONTROLLER_NO_MEMORY);
	give_pool(20);
	give_pool(20);
	give_pool(19);
	before = ledger_now();
	assert_int_equal(load(), CONTROLLER_OK);
	assert_int_equal(account_now()->large_frames, 0);
	assert_int_equal(ledger_now().frames, FRAMES);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID), CONTROLLER_OK);
	assert_int_equal(ledger_now().untyped_bytes_free, before.untyped_bytes_free);
	give_pool(21);
	assert_int_equal(load(), CONTROLLER_OK);
	assert_int_equal(account_now()->large_frames, 1);
	assert_int_equal(ledger_now().frames, FRAMES);
	assert_true(before.untyped_bytes_free + LARGE - ledger_now().untyped_bytes_free < LARGE + 64 * PAGE_BYTES);
	assert_int_equal(swap(), CONTROLLER_OK); /* both at once: small again */
	assert_int_equal(account_now()->large_frames, 0);
	assert_int_equal(swap(), CONTROLLER_OK);
	assert_int_equal(account_now()->large_frames, 1);
}

/* Whichever call the kernel refuses: nothing is left, and the next load has its large frame. */
static void any_call_may_be_refused(void **arg)
{
	struct space_ledger before, now;

	(void)arg;
	make_program_large();
	give_pool(21);
	before = ledger_now();
	for (uint64_t k = 1;; k++) {
		seL4_Word label;

		sel4_core_refuse(k, seL4_NotEnoughMemory);
		label = load();
		if (sel4_core_refuse(0, seL4_NoError) > 0) {
			assert_int_equal(label, CONTROLLER_OK);
			break;
		}
		if (label == CONTROLLER_OK)
			assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID), CONTROLLER_OK);
		now = ledger_now();
		if (now.untyped_bytes_free == before.untyped_bytes_free)
			assert_memory_equal(&now, &before, sizeof now);
	}
	assert_int_equal(account_now()->large_frames, 1);
}

/* ---- the controller is stopped behind a kernel call, and started afresh ---- */

static jmp_buf stopped;
static uint64_t calls_left;

static void stop_behind_the_last(void)
{
	if (calls_left > 0 && --calls_left == 0)
		longjmp(stopped, 1);
}

/* Returns whether it came to its end before that many calls. */
static bool load_and_stop(uint64_t calls)
{
	bool ended;

	calls_left = calls;
	sel4_core_after = stop_behind_the_last;
	if (setjmp(stopped) == 0)
		assert_int_equal(load(), CONTROLLER_OK);
	ended = calls_left > 0;
	calls_left = 0;
	sel4_core_after = NULL;
	return ended;
}

static void restart_keeps_it_or_takes_it_back(void **arg)
{
	struct space_ledger before, now;
	bool ended = false;

	(void)arg;
	make_program_large();
	give_pool(21);
	before = ledger_now();
	for (uint64_t k = 1; !ended; k++) {
		ended = load_and_stop(k);
		graft_reply_cap = GRAFT_REPLY_CAP;
		graft_answers_later = false;
		assert_int_equal(controller_start(&grant, &record), STATUS_OK);
		if (domain_record(0)->account != ACCOUNT_NONE) {
			assert_int_equal(account_now()->large_frames, 1);
			assert_int_equal(ledger_now().frames, FRAMES);
			assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID), CONTROLLER_OK);
		}
		now = ledger_now();
		assert_memory_equal(&now, &before, sizeof now);
	}
	assert_int_equal(load(), CONTROLLER_OK);
	assert_int_equal(account_now()->large_frames, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(small_frames_where_no_large_one_can_be_had),
		TEST(any_call_may_be_refused),
		TEST(restart_keeps_it_or_takes_it_back),
	};

	fake_memory_bits = FAKE_LARGE_MEMORY_BITS;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
