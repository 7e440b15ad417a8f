/* SPDX-License-Identifier: BSD-2-Clause */
/* Large frames of an image's own on the kernel core: the same bytes and rights at every address as with small ones, few calls, one
 * build at a time in the large window, everything given back. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "kernel/core/paging.h"
#include "kernel/core/slot.h"
#include "test/support/space_world.h"

#define LARGE      (1ul << LARGE_FRAME_BITS)
#define DATA       0x3ff000ul                /* a page, a large one, a page */
#define DATA_FILE  0x1800ul                  /* bytes from the payload: the page's, and half a page of the large one's */
#define DATA_BYTES (PAGE_BYTES + LARGE + 1)
#define PATCH      (DATA + LARGE - 0x800ul)  /* 16 bytes, in the large page's last */

static struct world w;
static struct where where;
static struct plan small_plan, duplicates;
static struct build_source source;
static const uint8_t patch[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

static void make_plan(struct plan *plan, bool large, uint64_t extra_slots)
{
	struct elf elf = { .bytes = w.payload, .size_bytes = WORLD_PAYLOAD_PAGES * PAGE_BYTES, .class_bits = 64, .type = ELF_TYPE_EXEC,
	                   .machine = ELF_MACHINE_X86_64, .entry = WORLD_TEXT + 16, .phoff = 64, .phentsize = 56, .segment_count = 2 };

	elf.segment[0] = (struct elf_segment){ ELF_LOAD, ELF_R | ELF_X, PAGE_BYTES, WORLD_TEXT, 2 * PAGE_BYTES, 2 * PAGE_BYTES,
	                                       PAGE_BYTES, 64 };
	elf.segment[1] = (struct elf_segment){ ELF_LOAD, ELF_R | ELF_W, 3 * PAGE_BYTES, DATA, DATA_FILE, DATA_BYTES, PAGE_BYTES, 120 };
	plan_start(&plan_machine_x86_64, WORLD_STACK_PAGES, plan);
	assert_int_equal(plan_add_image(plan, &elf, true, &where), STATUS_OK);
	assert_int_equal(plan_add_patch(plan, &(struct plan_patch){ PATCH, sizeof patch, patch }, &where), STATUS_OK);
	if (large)
		plan_enlarge(plan);
	plan_finish(plan, extra_slots, BUILD_EXTRA_BYTES);
}

static void give_pool(uint8_t size_bits)
{
	uint64_t untyped = world_make(&w, seL4_UntypedObject, size_bits);
	struct space_caps name = { FAKE_CNODE, untyped, 64, 0, 1 };

	assert_int_equal(pool_add(&w.space, untyped, &name, size_bits), STATUS_OK);
}

static int start(void **arg)
{
	(void)arg;
	world_start(&w);
	give_pool(LARGE_FRAME_BITS + 1);
	w.space.use.large_window = SEL4_CORE_LARGE_WINDOW;
	make_plan(&w.plan, true, BUILD_EXTRA_SLOTS);
	make_plan(&small_plan, false, BUILD_EXTRA_SLOTS);
	make_plan(&duplicates, true, BUILD_DUPLICATE_SLOTS);
	duplicates.patch_count = 0;
	w.input.plan = &w.plan;
	return 0;
}

static int end(void **arg)
{
	(void)arg;
	world_end(&w);
	return 0;
}

/* ---- looking at memory ---- */

/* The entry that maps vaddr, at whatever level; *level is which. */
static word entry_at(uint32_t account, uint64_t vaddr, unsigned *level)
{
	struct lookup_failure failure;
	void *root = cap_object(world_cap(&w, build_vspace_cptr(&w.space, account)));
	const word *entry = paging_entry(&w.fake->kernel, root, vaddr, 1, &failure);

	*level = 1;
	if (entry && (*entry & (PTE_PRESENT | PTE_PAGE)) == (PTE_PRESENT | PTE_PAGE))
		return *entry;
	*level = 0;
	entry = paging_entry(&w.fake->kernel, root, vaddr, 0, &failure);
	return entry ? *entry : 0;
}

static uint8_t *page_at(uint32_t account, uint64_t vaddr)
{
	unsigned level;
	word entry = entry_at(account, vaddr, &level);

	assert_true(entry & PTE_PRESENT);
	return (uint8_t *)kernel_pointer(&w.fake->kernel, entry & PTE_ADDRESS & ~(level ? LARGE - 1 : 0)) + (level ? vaddr % LARGE : 0);
}

static uint8_t expected_byte(uint64_t at)
{
	if (at < DATA + DATA_FILE)
		return w.payload[3 * PAGE_BYTES + (at - DATA)];
	return at >= PATCH && at < PATCH + sizeof patch ? patch[at - PATCH] : 0;
}

static void check_data(uint32_t account)
{
	unsigned level;

	for (uint64_t page = DATA; page < DATA + DATA_BYTES; page += PAGE_BYTES) {
		const uint8_t *bytes = page_at(account, page);

		for (uint32_t i = 0; i < PAGE_BYTES; i++) {
			if (bytes[i] != expected_byte(page + i))
				fail_msg("0x%lx is %u", (unsigned long)(page + i), bytes[i]);
		}
		assert_true(entry_at(account, page, &level) & PTE_WRITE);
	}
	assert_int_equal(entry_at(account, DATA - PAGE_BYTES, &level) & PTE_PRESENT, 0);
	assert_int_equal(entry_at(account, DATA + LARGE + 2 * PAGE_BYTES, &level) & PTE_PRESENT, 0);
}

static enum status try(struct build *build)
{
	struct where at;

	return build_start(build, &w.space, &w.input, &at);
}

static enum status finish(struct build *build)
{
	enum status status;
	enum build_progress progress = build_step(build, UINT32_MAX, &status, &where);

	assert_int_equal(progress, status == STATUS_OK ? BUILD_DONE : BUILD_FAILED);
	return status;
}

/* ---- tests ---- */

static void one_large_page_among_small_ones(void **arg)
{
	uint32_t account = world_build(&w);
	unsigned level;

	(void)arg;
	assert_int_equal(w.plan.bill.large_frames, 1);
	assert_int_equal(w.plan.bill.frames, 2 + WORLD_STACK_PAGES + 1);
	check_data(account);
	entry_at(account, DATA, &level);
	assert_int_equal(level, 0);
	entry_at(account, DATA + PAGE_BYTES, &level);
	assert_int_equal(level, 1);
	assert_int_equal(w.state.account[account].large_frames, 1);
	assert_int_equal(w.state.account[account].frames, w.plan.bill.frames + LARGE / PAGE_BYTES);
}

/* Three for a large page that is filled, as for a small one; and one Retype. */
static void a_large_page_takes_as_many_calls_as_a_small_one(void **arg)
{
	const struct plan_bill *bill = &w.plan.bill;
	uint64_t expected = 1 + 1 + 1 + 3 + (bill->tables[0] + bill->tables[1] + bill->tables[2]) + 1 + 1 + 2 * bill->copies + bill->frames
	                    + bill->large_frames + 2 * 2 + 1 + 1 + 1 + 1;
	struct build build;

	(void)arg;
	assert_int_equal(try(&build), STATUS_OK);
	sel4_core_calls = 0;
	assert_int_equal(finish(&build), STATUS_OK);
	assert_in_range(sel4_core_calls, expected, expected + w.state.account[build.account].block_count - 1); /* batches are cut */
}

static void everything_comes_back(void **arg)
{
	struct world_figures before = world_figures_now(&w);

	(void)arg;
	for (uint32_t i = 0; i < 2; i++) {
		uint32_t account = world_build(&w);

		check_data(account); /* what lay in memory before is not there */
		memset(page_at(account, DATA + PAGE_BYTES), 0x77, LARGE);
		assert_int_equal(account_close(&w.space, account, &where), STATUS_OK);
		world_expect_figures(&w, &before);
	}
}

static void any_call_may_be_refused(void **arg)
{
	struct world_figures before = world_figures_now(&w);
	struct build build;

	(void)arg;
	w.fake->does_not_check = true;
	for (uint64_t k = 1;; k++) {
		enum status status;

		sel4_core_refuse(k, seL4_NotEnoughMemory);
		status = try(&build);
		if (status == STATUS_OK) {
			status = finish(&build);
			if (sel4_core_refuse(0, seL4_NoError) > 0) {
				assert_int_equal(status, STATUS_OK);
				break;
			}
			assert_int_equal(status, STATUS_SPACE_KERNEL_REFUSED);
			assert_int_equal(build_abandon(&build, &where), STATUS_OK);
		}
		assert_int_equal(status, STATUS_SPACE_KERNEL_REFUSED);
		world_expect_figures(&w, &before);
		assert_int_equal(w.space.large_window_user, 0);
	}
	check_data(build.account); /* the window was left empty each time */
}

/* Filling a large page goes in pieces, and nobody waits for more than one of them. */
static void filling_can_be_cut(void **arg)
{
	struct build build;
	enum status status = STATUS_OK;
	uint32_t steps = 0;

	(void)arg;
	assert_int_equal(try(&build), STATUS_OK);
	for (; build.phase != BUILD_READY; steps++) {
		uint64_t calls = sel4_core_calls;
		uint32_t filled = build.filled;

		assert_int_not_equal(build_step(&build, 1, &status, &where), BUILD_FAILED);
		assert_true(sel4_core_calls - calls <= 1);
		assert_true(build.filled <= filled + 4);
	}
	assert_true(steps > LARGE / PAGE_BYTES / 4);
	check_data(build.account);
}

/* Steps until the build has a large page in its window. */
static void go_into_window(struct build *build)
{
	enum status status;

	while (w.space.large_window_user != build->account + 1) {
		assert_int_equal(build_step(build, 1, &status, &where), BUILD_MORE);
		assert_int_equal(status, STATUS_OK);
	}
}

static void one_at_a_time_in_the_window(void **arg)
{
	struct build a, b;
	enum status status;
	uint64_t calls;

	(void)arg;
	assert_int_equal(try(&a), STATUS_OK);
	assert_int_equal(try(&b), STATUS_OK);
	go_into_window(&a);
	assert_false(build_is_in_window(&a)); /* others may go on: */
	assert_int_equal(build_step(&b, UINT32_MAX, &status, &where), BUILD_MORE); /* up to there */
	assert_int_equal(status, STATUS_OK);
	calls = sel4_core_calls;
	assert_int_equal(build_step(&b, UINT32_MAX, &status, &where), BUILD_MORE);
	assert_int_equal(sel4_core_calls, calls);
	assert_int_equal(finish(&a), STATUS_OK);
	assert_int_equal(finish(&b), STATUS_OK);
	check_data(a.account);
	check_data(b.account);
}

static void who_is_given_up_leaves_the_window(void **arg)
{
	struct build a, b;

	(void)arg;
	assert_int_equal(try(&a), STATUS_OK);
	assert_int_equal(try(&b), STATUS_OK);
	go_into_window(&a);
	assert_int_equal(build_abandon(&a, &where), STATUS_OK);
	assert_int_equal(finish(&b), STATUS_OK);
	check_data(b.account);
}

static void a_duplicate_has_them_too(void **arg)
{
	uint32_t a = world_build(&w), b;
	struct build build;

	(void)arg;
	memset(page_at(a, DATA + PAGE_BYTES) + LARGE / 2, 0x55, LARGE / 2);
	w.input.plan = &duplicates;
	w.input.source = &source;
	source.account = a;
	assert_int_equal(try(&build), STATUS_OK);
	sel4_core_calls = 0;
	assert_int_equal(finish(&build), STATUS_OK);
	assert_true(sel4_core_calls < 100);
	b = build.account;
	assert_ptr_not_equal(page_at(a, DATA + PAGE_BYTES), page_at(b, DATA + PAGE_BYTES));
	assert_memory_equal(page_at(a, DATA + PAGE_BYTES), page_at(b, DATA + PAGE_BYTES), LARGE);
	assert_int_equal(account_close(&w.space, a, &where), STATUS_OK);
	assert_int_equal(page_at(b, DATA + PAGE_BYTES)[LARGE - 1], 0x55);
	assert_int_equal(w.space.large_window_user, 0);
}

static void a_duplicate_of_a_small_image_is_small(void **arg)
{
	struct build build;

	(void)arg;
	w.fake->does_not_check = true;
	w.input.plan = &small_plan;
	source.account = world_build(&w);
	check_data(source.account);
	w.input.source = &source;
	w.input.plan = &duplicates;
	assert_int_equal(try(&build), STATUS_SPACE_OTHER_PLAN);
}

static void refuses_what_it_has_no_place_for(void **arg)
{
	struct build build[3];

	(void)arg;
	w.space.use.large_window = 0;
	assert_int_equal(build_start(&build[0], &w.space, &w.input, &where), STATUS_SPACE_LARGE_FRAMES);
	assert_int_equal(where.value, 1);
	w.space.use.large_window = SEL4_CORE_LARGE_WINDOW;
	assert_int_equal(try(&build[0]), STATUS_OK);
	assert_int_equal(try(&build[1]), STATUS_OK);
	/* As many bytes as there are, but none of them for another large frame. */
	assert_int_equal(build_start(&build[2], &w.space, &w.input, &where), STATUS_SPACE_NO_MEMORY);
	assert_int_equal(where.value, LARGE);
	assert_int_equal(build_abandon(&build[0], &where), STATUS_OK);
	assert_int_equal(try(&build[2]), STATUS_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_large_page_among_small_ones),
		TEST(a_large_page_takes_as_many_calls_as_a_small_one),
		TEST(everything_comes_back),
		TEST(any_call_may_be_refused),
		TEST(filling_can_be_cut),
		TEST(one_at_a_time_in_the_window),
		TEST(who_is_given_up_leaves_the_window),
		TEST(a_duplicate_has_them_too),
		TEST(a_duplicate_of_a_small_image_is_small),
		TEST(refuses_what_it_has_no_place_for),
	};

	fake_memory_bits = FAKE_LARGE_MEMORY_BITS;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
