/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts on the kernel core: what is copied stays as it was, images share it in every order, the last one out closes it, and nothing
 * is left behind whatever the kernel refuses and wherever the caller is stopped. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "kernel/core/paging.h"
#include "kernel/core/slot.h"
#include "test/support/space_world.h"

#define PAYLOAD_BYTES (WORLD_PAYLOAD_PAGES * PAGE_BYTES)

static struct world w;
static struct where where;
static struct world_figures empty;
static const uint8_t digest[SHA256_DIGEST_BYTES] = { 1, 2, 3 };

static int start(void **arg)
{
	(void)arg;
	world_start(&w);
	empty = world_figures_now(&w);
	return 0;
}

static int end(void **arg)
{
	(void)arg;
	world_end(&w);
	return 0;
}

/* ---- making one ---- */

static enum status copy_all(uint32_t text, const uint8_t *from)
{
	struct text_copy copy;
	enum status status;

	text_copy_start(&copy, &w.space, text);
	while (text_copy_step(&copy, from, 1, &status, &where) == BUILD_MORE)
		continue;
	return status;
}

/* Copied, accepted, and held. */
static uint32_t make_text(void)
{
	uint32_t text = TEXT_NONE;

	assert_int_equal(text_open(&w.space, digest, PAYLOAD_BYTES, &text, &where), STATUS_OK);
	assert_int_equal(copy_all(text, w.payload), STATUS_OK);
	text_accept(&w.space, text);
	return text;
}

static uint32_t build_from(uint32_t text)
{
	w.input.text = text;
	w.input.payload = text_bytes(&w.space, text);
	w.input.payload_pages = text_pages(&w.space, text);
	return world_build(&w);
}

static void close_image(uint32_t account)
{
	assert_int_equal(account_close(&w.space, account, &where), STATUS_OK);
}

static void release(uint32_t text)
{
	assert_int_equal(text_release(&w.space, text, &where), STATUS_OK);
}

static void expect_nothing_left(void)
{
	world_expect_figures(&w, &empty);
	assert_int_equal(text_find(&w.space, digest, PAYLOAD_BYTES), TEXT_NONE);
}

static word entry_at(const uint8_t *at)
{
	struct lookup_failure failure;
	const word *entry = paging_entry(&w.fake->kernel, cap_object(w.fake->cnode[FAKE_VSPACE].cap), (word)at, 0, &failure);

	return entry ? *entry : 0;
}

/* ---- the copy ---- */

static void a_copy_is_what_was_there_and_is_read_only(void **arg)
{
	uint32_t text = make_text();
	const uint8_t *bytes = text_bytes(&w.space, text);

	(void)arg;
	assert_memory_equal(bytes, w.payload, PAYLOAD_BYTES);
	for (uint32_t page = 0; page < WORLD_PAYLOAD_PAGES; page++)
		assert_int_equal(entry_at(bytes + page * PAGE_BYTES) & (PTE_PRESENT | PTE_WRITE), PTE_PRESENT);
	assert_int_equal(entry_at(bytes + PAYLOAD_BYTES), 0);
	memset(w.payload, 0xee, PAYLOAD_BYTES);
	assert_int_equal(bytes[17], (uint8_t)(17 * 7 + 1));
	release(text);
	assert_int_equal(entry_at(bytes), 0);
	expect_nothing_left();
}

/* Two calls a page, a Retype each for directory and table and two for the frames, which lie in two blocks, a Map for each table. */
static void a_copy_makes_the_fewest_calls(void **arg)
{
	uint32_t text = TEXT_NONE;

	(void)arg;
	assert_int_equal(text_open(&w.space, digest, PAYLOAD_BYTES, &text, &where), STATUS_OK);
	w.space.calls = 0;
	assert_int_equal(copy_all(text, w.payload), STATUS_OK);
	assert_int_equal(w.space.calls, 2 + 2 + 2 + 2 * WORLD_PAYLOAD_PAGES);
	assert_int_equal(world_figures_now(&w).ledger.frames, WORLD_PAYLOAD_PAGES);
	assert_int_equal(world_figures_now(&w).ledger.tables, 2);
	assert_int_equal(world_figures_now(&w).ledger.accounts, 1);
	release(text);
}

static void it_is_found_by_digest_and_size(void **arg)
{
	uint8_t other[SHA256_DIGEST_BYTES] = { 1, 2, 4 };
	uint32_t text = TEXT_NONE;

	(void)arg;
	assert_int_equal(text_open(&w.space, digest, PAYLOAD_BYTES, &text, &where), STATUS_OK);
	assert_int_equal(text_find(&w.space, digest, PAYLOAD_BYTES), text);
	assert_false(text_is_whole(&w.space, text));
	text_accept(&w.space, text);
	assert_true(text_is_whole(&w.space, text));
	assert_int_equal(text_find(&w.space, other, PAYLOAD_BYTES), TEXT_NONE);
	assert_int_equal(text_find(&w.space, digest, PAYLOAD_BYTES + PAGE_BYTES), TEXT_NONE);
	release(text);
	expect_nothing_left();
}

/* ---- sharing ---- */

static uint64_t page_of(uint32_t account)
{
	struct lookup_failure failure;
	struct cap root = world_cap(&w, build_vspace_cptr(&w.space, account));

	return *paging_entry(&w.fake->kernel, cap_object(root), WORLD_TEXT, 0, &failure) & PTE_ADDRESS;
}

static void images_share_it_in_every_order(void **arg)
{
	(void)arg;
	for (uint32_t order = 0; order < 2; order++) {
		uint32_t text = make_text(), image[2];

		image[0] = build_from(text);
		image[1] = build_from(text);
		release(text);
		assert_int_equal(text_users(&w.space, text), 2);
		assert_int_equal(text_of_account(&w.space, image[0]), text);
		assert_int_equal(page_of(image[0]), page_of(image[1]));
		close_image(image[order]);
		world_check_image(&w, image[1 - order]);
		assert_int_equal(text_find(&w.space, digest, PAYLOAD_BYTES), text);
		close_image(image[1 - order]);
		expect_nothing_left();
	}
}

/* Each made while only the one before it is left. */
static void those_made_later_keep_it(void **arg)
{
	uint32_t text = make_text(), image = build_from(text), later;

	(void)arg;
	release(text);
	for (uint32_t i = 0; i < 4; i++) {
		later = build_from(text_of_account(&w.space, image));
		close_image(image);
		world_check_image(&w, later);
		image = later;
	}
	close_image(image);
	expect_nothing_left();
}

static void a_holder_keeps_it(void **arg)
{
	uint32_t text = make_text(), image = build_from(text);

	(void)arg;
	text_hold(&w.space, text);
	release(text);
	close_image(image);
	assert_memory_equal(text_bytes(&w.space, text), w.payload, PAYLOAD_BYTES);
	release(text);
	release(TEXT_NONE);
	expect_nothing_left();
}

/* ---- limits ---- */

static void refuses_more_texts_than_are_kept(void **arg)
{
	uint8_t name[SHA256_DIGEST_BYTES] = { 0 };
	uint32_t text[TEXTS_MAX + 1] = { 0 };

	(void)arg;
	for (uint32_t i = 0; i < TEXTS_MAX; i++) {
		name[0] = (uint8_t)i;
		assert_int_equal(text_open(&w.space, name, PAGE_BYTES, &text[i], &where), STATUS_OK);
		assert_int_equal(copy_all(text[i], w.payload + i % WORLD_PAYLOAD_PAGES * PAGE_BYTES), STATUS_OK);
	}
	assert_int_equal(text_open(&w.space, digest, PAGE_BYTES, &text[TEXTS_MAX], &where), STATUS_SPACE_NO_TEXTS);
	assert_int_equal(where.value, TEXTS_MAX + 1);
	assert_int_equal(where.limit, TEXTS_MAX);
	release(text[3]);
	assert_int_equal(text_open(&w.space, digest, PAGE_BYTES, &text[3], &where), STATUS_OK);
	for (uint32_t i = 0; i < TEXTS_MAX; i++) {
		if (i != 3)
			assert_memory_equal(text_bytes(&w.space, text[i]), w.payload + i % WORLD_PAYLOAD_PAGES * PAGE_BYTES, PAGE_BYTES);
		release(text[i]);
	}
	expect_nothing_left();
}

static void refuses_what_it_has_no_room_for(void **arg)
{
	uint32_t text;

	(void)arg;
	assert_int_equal(text_open(&w.space, digest, TEXT_STRIDE_BYTES + PAGE_BYTES, &text, &where), STATUS_SPACE_TEXT_TOO_LARGE);
	assert_int_equal(where.limit, TEXT_STRIDE_BYTES);
	assert_int_equal(text_open(&w.space, digest, TEXT_STRIDE_BYTES, &text, &where), STATUS_SPACE_TOO_MANY_SLOTS);
	assert_int_equal(text_open(&w.space, digest, 1ull << WORLD_POOL_BITS, &text, &where), STATUS_SPACE_NO_MEMORY);
	assert_int_equal(where.limit, 1ull << WORLD_POOL_BITS);
	w.space.use.text_vaddr = 0;
	assert_int_equal(text_open(&w.space, digest, PAGE_BYTES, &text, &where), STATUS_SPACE_NO_TEXTS);
	assert_int_equal(where.limit, 0);
	expect_nothing_left();
}

/* ---- the k-th kernel call refused ---- */

static enum status load_once(void)
{
	struct build build;
	uint32_t text = TEXT_NONE;
	enum status status = text_open(&w.space, digest, PAYLOAD_BYTES, &text, &where), ended = STATUS_OK;

	if (status != STATUS_OK)
		return status;
	status = copy_all(text, w.payload);
	if (status == STATUS_OK) {
		text_accept(&w.space, text);
		w.input.text = text;
		w.input.payload = text_bytes(&w.space, text);
		w.input.payload_pages = text_pages(&w.space, text);
		status = build_start(&build, &w.space, &w.input, &where);
	}
	if (status == STATUS_OK) {
		assert_int_not_equal(build_step(&build, UINT32_MAX, &status, &where), BUILD_MORE);
		ended = build_abandon(&build, &where);
	}
	if (text_release(&w.space, text, &where) != STATUS_OK)
		ended = STATUS_SPACE_KERNEL_REFUSED;
	return status == STATUS_OK ? ended : status;
}

static void any_call_may_be_refused(void **arg)
{
	static const seL4_Error errors[] = { seL4_InvalidArgument, seL4_InvalidCapability, seL4_IllegalOperation, seL4_RangeError,
	                                     seL4_AlignmentError, seL4_FailedLookup, seL4_TruncatedMessage, seL4_DeleteFirst,
	                                     seL4_RevokeFirst, seL4_NotEnoughMemory };
	const uint32_t count = sizeof errors / sizeof errors[0];
	enum status status = STATUS_SPACE_KERNEL_REFUSED;
	uint64_t k;

	(void)arg;
	for (k = 0; status != STATUS_OK; k++) {
		sel4_core_refuse(1 + k / count, errors[k % count]);
		status = load_once();
		if (status != STATUS_OK && status != STATUS_SPACE_NO_ASIDS)
			assert_int_equal(status, STATUS_SPACE_KERNEL_REFUSED);
		sel4_core_refuse(0, 0);
		assert_int_equal(load_once(), STATUS_OK); /* and closes what could not be closed before */
		expect_nothing_left();
	}
	assert_true(k / count > 40);
}

/* Its pages may still be mapped, so its addresses are not used again before its account is closed. */
static void addresses_are_not_used_twice(void **arg)
{
	uint8_t other[SHA256_DIGEST_BYTES] = { 7 };
	uint32_t text = make_text(), again = TEXT_NONE;
	const uint8_t *bytes = text_bytes(&w.space, text);

	(void)arg;
	sel4_core_refuse(1, seL4_IllegalOperation);
	assert_int_equal(text_release(&w.space, text, &where), STATUS_SPACE_KERNEL_REFUSED);
	assert_int_equal(text_find(&w.space, digest, PAYLOAD_BYTES), TEXT_NONE);
	assert_int_not_equal(entry_at(bytes), 0);
	sel4_core_refuse(1, seL4_IllegalOperation);
	assert_int_equal(text_open(&w.space, other, PAGE_BYTES, &again, &where), STATUS_OK);
	assert_int_not_equal(again, text);
	release(again);
	assert_int_equal(text_open(&w.space, other, PAGE_BYTES, &again, &where), STATUS_OK);
	assert_int_equal(again, text);
	assert_int_equal(copy_all(again, w.payload + PAGE_BYTES), STATUS_OK);
	assert_memory_equal(text_bytes(&w.space, again), w.payload + PAGE_BYTES, PAGE_BYTES);
	release(again);
	expect_nothing_left();
}

/* The image's revocation is refused: it may still have copies, so the text stays as long as its account. */
static void a_doomed_image_keeps_it(void **arg)
{
	uint32_t text = make_text(), image = build_from(text);

	(void)arg;
	release(text);
	sel4_core_refuse(1, seL4_IllegalOperation);
	assert_int_equal(account_close(&w.space, image, &where), STATUS_SPACE_KERNEL_REFUSED);
	assert_int_equal(text_find(&w.space, digest, PAYLOAD_BYTES), text);
	account_sweep(&w.space);
	expect_nothing_left();
}

/* ---- stopped behind any kernel call ---- */

static jmp_buf stopped;
static uint64_t stop_in;

static void stop_behind_the_call(void)
{
	if (--stop_in == 0)
		longjmp(stopped, 1);
}

/* true: stopped behind call k. */
static bool run_and_stop(enum status (*what)(void), uint64_t k)
{
	volatile bool was_stopped = true;

	stop_in = k;
	sel4_core_after = stop_behind_the_call;
	if (setjmp(stopped) == 0) {
		assert_int_equal(what(), STATUS_OK);
		was_stopped = false;
	}
	sel4_core_after = NULL;
	return was_stopped;
}

static void recover_with(uint32_t image)
{
	bool live[ACCOUNTS_MAX] = { false };
	struct space_use use = w.space.use;

	if (image != ACCOUNT_NONE)
		live[image] = true;
	assert_int_equal(space_attach(&w.space, &use, &w.state), STATUS_OK);
	space_recover(&w.space, live);
}

static void stopped_anywhere_nothing_is_left(void **arg)
{
	uint64_t k;

	(void)arg;
	for (k = 1; run_and_stop(load_once, k); k++) {
		recover_with(ACCOUNT_NONE);
		assert_int_equal(world_figures_now(&w).ledger.accounts, 0);
		assert_int_equal(load_once(), STATUS_OK);
	}
	assert_true(k > 40);
	assert_int_equal(world_figures_now(&w).ledger.untyped_bytes_free, empty.ledger.untyped_bytes_free);
}

/* An image lives on; a text that it uses is copied no second time, one that it does not use goes. */
static void stopped_beside_an_image_that_uses_it(void **arg)
{
	(void)arg;
	for (uint64_t k = 1; k < 60; k++) {
		uint32_t text = make_text(), image = build_from(text);

		release(text);
		memset(w.state.text[text - 1].digest, 9, 8); /* load_once's is another one */
		if (k > 1 && !run_and_stop(load_once, k))
			break;
		text_hold(&w.space, text); /* jobs that were stopped too */
		recover_with(image);
		assert_int_equal(text_users(&w.space, text), 1);
		assert_int_equal(world_figures_now(&w).ledger.accounts, 2);
		assert_true(text_is_whole(&w.space, text));
		world_check_image(&w, image);
		assert_memory_equal(text_bytes(&w.space, text), w.payload, PAYLOAD_BYTES);
		close_image(image);
		assert_int_equal(world_figures_now(&w).ledger.accounts, 0);
	}
	assert_int_equal(load_once(), STATUS_OK);
}

static uint32_t last_image;

static enum status close_last(void)
{
	return account_close(&w.space, last_image, &where);
}

static void stopped_while_the_last_one_goes(void **arg)
{
	bool more = true;

	(void)arg;
	for (uint64_t k = 1; more; k++) {
		uint32_t text = make_text();

		last_image = build_from(text);
		release(text);
		more = run_and_stop(close_last, k);
		recover_with(ACCOUNT_NONE);
		assert_int_equal(world_figures_now(&w).ledger.accounts, 0);
		assert_int_equal(text_find(&w.space, digest, PAYLOAD_BYTES), TEXT_NONE);
		assert_int_equal(load_once(), STATUS_OK);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_copy_is_what_was_there_and_is_read_only), TEST(a_copy_makes_the_fewest_calls), TEST(it_is_found_by_digest_and_size),
		TEST(images_share_it_in_every_order), TEST(those_made_later_keep_it), TEST(a_holder_keeps_it),
		TEST(refuses_more_texts_than_are_kept), TEST(refuses_what_it_has_no_room_for), TEST(any_call_may_be_refused),
		TEST(addresses_are_not_used_twice), TEST(a_doomed_image_keeps_it), TEST(stopped_anywhere_nothing_is_left),
		TEST(stopped_beside_an_image_that_uses_it), TEST(stopped_while_the_last_one_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
