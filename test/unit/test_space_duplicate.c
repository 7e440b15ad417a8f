/* SPDX-License-Identifier: BSD-2-Clause */
/* Duplicates on the kernel core: every page of the image's own is a copy of what the source's holds at that moment, every other page is
 * the very same, registers are the source's, the source is not touched, and neither depends on the other afterwards. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "kernel/core/paging.h"
#include "kernel/core/slot.h"
#include "test/support/space_world.h"

static struct world w;
static struct where where;
static struct plan plan;           /* of duplicates: the same pages, one slot more, nothing laid over them */
static struct build_source source;
static struct build_input input;

static int start(void **arg)
{
	(void)arg;
	world_start(&w);
	plan = w.plan;
	plan.patch_count = 0;
	plan_finish(&plan, BUILD_DUPLICATE_SLOTS, BUILD_EXTRA_BYTES);
	input = w.input;
	input.plan = &plan;
	input.source = &source;
	source = (struct build_source){ 0 };
	return 0;
}

static int end(void **arg)
{
	(void)arg;
	world_end(&w);
	return 0;
}

/* ---- looking at memory ---- */

static word entry_at(uint32_t account, uint64_t vaddr)
{
	struct lookup_failure failure;
	const word *entry = paging_entry(&w.fake->kernel, cap_object(world_cap(&w, build_vspace_cptr(&w.space, account))), vaddr, 0, &failure);

	return entry ? *entry : 0;
}

static uint8_t *page_at(uint32_t account, uint64_t vaddr)
{
	return kernel_pointer(&w.fake->kernel, entry_at(account, vaddr) & PTE_ADDRESS);
}

static bool is_own(const struct plan_run *run)
{
	return run->source == PLAN_ZERO || run->source == PLAN_BYTES;
}

/* Calls what for every page. */
static void each_page(void (*what)(const struct plan_run *run, uint64_t vaddr, uint32_t a, uint32_t b), uint32_t a, uint32_t b)
{
	for (uint32_t i = 0; i < plan.run_count; i++) {
		for (uint64_t page = 0; page < plan.run[i].pages; page++)
			what(&plan.run[i], plan.run[i].vaddr + page * PAGE_BYTES, a, b);
	}
}

/* The program has written; b: what. */
static void scribble(const struct plan_run *run, uint64_t vaddr, uint32_t account, uint32_t b)
{
	for (uint32_t i = 0; is_own(run) && i < PAGE_BYTES; i++)
		page_at(account, vaddr)[i] = (uint8_t)(vaddr / PAGE_BYTES * 31 + i * 7 + b);
}

static void expect_scribbled(const struct plan_run *run, uint64_t vaddr, uint32_t account, uint32_t b)
{
	for (uint32_t i = 0; is_own(run) && i < PAGE_BYTES; i++)
		assert_int_equal(page_at(account, vaddr)[i], (uint8_t)(vaddr / PAGE_BYTES * 31 + i * 7 + b));
}

static void expect_duplicated(const struct plan_run *run, uint64_t vaddr, uint32_t a, uint32_t b)
{
	const word rights = PTE_PRESENT | PTE_WRITE | PTE_UNCACHED;

	assert_int_equal(entry_at(a, vaddr) & rights, entry_at(b, vaddr) & rights);
	assert_true(entry_at(b, vaddr) & PTE_PRESENT);
	if (is_own(run)) {
		assert_ptr_not_equal(page_at(a, vaddr), page_at(b, vaddr));
		assert_memory_equal(page_at(a, vaddr), page_at(b, vaddr), PAGE_BYTES);
	} else {
		assert_ptr_equal(page_at(a, vaddr), page_at(b, vaddr));
	}
}

/* ---- making ---- */

static uint32_t build_source_image(uint32_t pattern)
{
	uint32_t account = world_build(&w);

	each_page(scribble, account, pattern);
	return account;
}

static uint32_t duplicate(uint32_t of)
{
	struct build build;
	enum status status;

	source.account = of;
	assert_int_equal(build_start(&build, &w.space, &input, &where), STATUS_OK);
	assert_int_equal(build_step(&build, UINT32_MAX, &status, &where), BUILD_DONE);
	return build.account;
}

static void close_image(uint32_t account)
{
	assert_int_equal(account_close(&w.space, account, &where), STATUS_OK);
}

/* ---- tests ---- */

static void pages_are_copies_or_the_same(void **arg)
{
	uint32_t a = build_source_image(3), b = duplicate(a);

	(void)arg;
	each_page(expect_duplicated, a, b);
	each_page(expect_scribbled, a, 3);
}

static void each_goes_on_alone(void **arg)
{
	struct world_figures before = world_figures_now(&w);
	uint32_t a = build_source_image(3), b = duplicate(a), c = duplicate(b);

	(void)arg;
	each_page(scribble, b, 5);
	each_page(expect_scribbled, a, 3);
	each_page(expect_scribbled, c, 3);
	close_image(b); /* in the middle */
	each_page(expect_scribbled, c, 3);
	close_image(a);
	each_page(expect_scribbled, c, 3);
	b = duplicate(c);
	close_image(c);
	each_page(expect_scribbled, b, 3);
	close_image(b);
	world_expect_figures(&w, &before);
}

static void patches_are_laid_over_the_copies(void **arg)
{
	static const uint8_t patch[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	uint32_t a = build_source_image(3), b;

	(void)arg;
	plan.patch[0] = (struct plan_patch){ WORLD_PATCH, sizeof patch, patch };
	plan.patch_count = 1;
	b = duplicate(a);
	assert_memory_equal(page_at(b, WORLD_PATCH) + WORLD_PATCH % PAGE_BYTES, patch, 8);
	assert_memory_equal(page_at(b, WORLD_PATCH + 8), patch + 8, 8);
	memcpy(page_at(a, WORLD_PATCH) + WORLD_PATCH % PAGE_BYTES, patch, 8);
	memcpy(page_at(a, WORLD_PATCH + 8), patch + 8, 8);
	each_page(expect_duplicated, a, b);
}

/* Bytes of the file that the plan lays over others' pages, and relocations, were for the source; it has written since. */
static void what_the_file_has_is_not_laid_again(void **arg)
{
	static const uint8_t patch[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	uint32_t a = build_source_image(3), b;

	(void)arg;
	plan.patch[0] = (struct plan_patch){ WORLD_PATCH, sizeof patch, patch };
	plan.patch_is_file[0] = true;
	plan.patch_count = 1;
	b = duplicate(a);
	each_page(expect_duplicated, a, b);
	each_page(expect_scribbled, a, 3);
}

/* Pages that were relocated and then became read-only are frames of the image's own: copied, and read-only again. */
static void relocated_constants_are_copied(void **arg)
{
	uint32_t a, b;

	(void)arg;
	for (uint32_t i = 0; i < plan.run_count; i++) {
		if (plan.run[i].vaddr == WORLD_DATA)
			w.plan.run[i].rights = plan.run[i].rights = ELF_R;
	}
	a = build_source_image(3);
	b = duplicate(a);
	each_page(expect_scribbled, b, 3);
	assert_ptr_not_equal(page_at(a, WORLD_DATA), page_at(b, WORLD_DATA));
	assert_int_equal(entry_at(a, WORLD_DATA) & PTE_WRITE, 0);
	assert_int_equal(entry_at(b, WORLD_DATA) & PTE_WRITE, 0);
}

static seL4_UserContext registers_of(uint32_t account)
{
	seL4_UserContext context;

	assert_int_equal(seL4_TCB_ReadRegisters(build_thread_cptr(&w.space, account), 0, 0, ABI_CONTEXT_WORDS, &context), seL4_NoError);
	return context;
}

/* Each register something else. */
static void set_registers(uint32_t account, seL4_UserContext *context)
{
	seL4_Word *words = (seL4_Word *)context;

	for (seL4_Word i = 0; i < ABI_CONTEXT_WORDS; i++)
		words[i] = 0x1000 * (i + 1);
	context->rflags = 0x246;
	assert_int_equal(seL4_TCB_WriteRegisters(build_thread_cptr(&w.space, account), 0, 0, ABI_CONTEXT_WORDS, context), seL4_NoError);
	*context = registers_of(account);
	assert_int_equal(context->fs_base, 0x1000 * (ABI_CONTEXT_WORDS - 1));
	assert_int_equal(context->gs_base, 0x1000 * ABI_CONTEXT_WORDS);
}

static void registers_are_the_sources(void **arg)
{
	uint32_t a = build_source_image(3), b;
	seL4_UserContext before, after;

	(void)arg;
	set_registers(a, &before);
	b = duplicate(a);
	after = registers_of(b);
	assert_memory_equal(&after, &before, sizeof after);
	after = registers_of(a);
	assert_memory_equal(&after, &before, sizeof after);
	assert_int_equal(world_thread(&w, b)->state, THREAD_INACTIVE);
	assert_int_equal(world_thread(&w, b)->buffer_address, plan.ipc_buffer);
}

static void a_call_returns_in_the_duplicate_only(void **arg)
{
	uint32_t a = build_source_image(3), b;
	seL4_UserContext before, after;

	(void)arg;
	set_registers(a, &before);
	source.is_answered = true;
	source.label = 7;
	source.word = 9;
	b = duplicate(a);
	after = registers_of(a);
	assert_memory_equal(&after, &before, sizeof after);
	after = registers_of(b);
	before.rip += 2;
	before.rdi = 0;
	before.rsi = seL4_MessageInfo_new(7, 0, 0, 1).words[0];
	before.r10 = 9;
	assert_memory_equal(&after, &before, sizeof after);
}

static void six_calls_for_a_page_and_one_for_the_registers(void **arg)
{
	struct build build;
	enum status status;
	uint32_t a = build_source_image(3);
	const struct plan_bill *bill = &plan.bill;
	uint64_t expected = 3 + 3 + bill->tables[0] + bill->tables[1] + bill->tables[2] + 1 + 2 * bill->copies + 6 * bill->frames + 5;

	(void)arg;
	source.account = a;
	assert_int_equal(build_start(&build, &w.space, &input, &where), STATUS_OK);
	sel4_core_calls = 0;
	assert_int_equal(build_step(&build, UINT32_MAX, &status, &where), BUILD_DONE);
	/* Each further block cuts one batch in two. */
	assert_in_range(sel4_core_calls, expected, expected + w.state.account[build.account].block_count - 1);
}

/* No capability of the source's is left in the duplicate's account, and its own are counted. */
static void nothing_of_the_source_is_left(void **arg)
{
	uint32_t a = build_source_image(3), b = duplicate(a), filled = 0;

	(void)arg;
	for (uint32_t i = 0; i < 1u << w.state.account[b].radix; i++)
		filled += !cap_is_null(world_cap(&w, account_cptr(&w.space, b, i)));
	assert_int_equal(filled, plan.bill.slots - 1);
	assert_int_equal(plan.bill.slots, w.plan.bill.slots + 1);
	assert_int_equal(w.state.account[b].frames, w.state.account[a].frames);
}

/* Nor while it is copied could anything be written to it. */
static void the_source_can_only_be_read(void **arg)
{
	uint32_t a = build_source_image(3), taken = 0;
	struct build build;
	enum status status;

	(void)arg;
	source.account = a;
	assert_int_equal(build_start(&build, &w.space, &input, &where), STATUS_OK);
	while (build_step(&build, 1, &status, &where) == BUILD_MORE) {
		struct cap cap = world_cap(&w, account_cptr(&w.space, build.account, (uint32_t)plan.bill.slots - 1));

		if (cap_is_null(cap))
			continue;
		assert_int_equal(cap_frame_rights(cap), ABI_RIGHT_READ);
		taken++;
	}
	assert_int_equal(taken, 3 * plan.bill.frames); /* behind the copy and both maps */
}

static void expect_refused(enum status expected)
{
	struct world_figures before = world_figures_now(&w);
	uint64_t calls = sel4_core_calls;
	struct build build;

	assert_int_equal(build_start(&build, &w.space, &input, &where), expected);
	assert_int_equal(sel4_core_calls, calls);
	world_expect_figures(&w, &before);
}

static void refuses_what_can_not_be_the_same(void **arg)
{
	uint32_t a = build_source_image(3);
	struct account *account = &w.state.account[a];

	(void)arg;
	source.account = w.state.accounts_total;
	expect_refused(STATUS_SPACE_OTHER_PLAN);
	source.account = a + 1; /* nothing there */
	expect_refused(STATUS_SPACE_OTHER_PLAN);
	assert_int_equal(where.value, a + 1);
	source.account = a;
	account->frames++;
	expect_refused(STATUS_SPACE_OTHER_PLAN);
	account->frames--;
	account->tables++;
	expect_refused(STATUS_SPACE_OTHER_PLAN);
	account->tables--;
	account->threads = 0;
	expect_refused(STATUS_SPACE_OTHER_PLAN);
	account->threads = 1;
	account->state = ACCOUNT_DOOMED;
	expect_refused(STATUS_SPACE_OTHER_PLAN);
	account->state = ACCOUNT_USED;
	w.space.use.window_pages = 1;
	expect_refused(STATUS_SPACE_BAD_USE);
	w.space.use.window_pages = 2;
	each_page(expect_duplicated, a, duplicate(a));
}

static void any_call_may_be_refused(void **arg)
{
	uint32_t a = build_source_image(3);
	struct world_figures before = world_figures_now(&w);
	bool refused = true;

	(void)arg;
	source.account = a;
	for (uint64_t k = 1; refused; k++) {
		struct build build;
		enum status status;

		sel4_core_refuse(k, (seL4_Error)(1 + k % seL4_NotEnoughMemory));
		status = build_start(&build, &w.space, &input, &where);
		refused = status != STATUS_OK;
		if (!refused) {
			refused = build_step(&build, UINT32_MAX, &status, &where) == BUILD_FAILED;
			sel4_core_refuse(0, 0);
			if (!refused)
				each_page(expect_duplicated, a, build.account);
			assert_int_equal(build_abandon(&build, &where), STATUS_OK);
		}
		if (refused && status != STATUS_SPACE_NO_ASIDS)
			assert_int_equal(status, STATUS_SPACE_KERNEL_REFUSED);
		world_expect_figures(&w, &before);
		assert_true(refused || k > 6 * plan.bill.frames);
	}
	each_page(expect_scribbled, a, 3);
}

static void can_be_cut_and_abandoned_anywhere(void **arg)
{
	uint32_t a = build_source_image(3);
	struct world_figures before = world_figures_now(&w);
	enum build_progress progress = BUILD_MORE;

	(void)arg;
	source.account = a;
	for (uint32_t calls = 0; progress == BUILD_MORE; calls++) {
		struct build build;
		enum status status;

		assert_int_equal(build_start(&build, &w.space, &input, &where), STATUS_OK);
		progress = build_step(&build, calls, &status, &where);
		assert_int_equal(build_abandon(&build, &where), STATUS_OK);
		world_expect_figures(&w, &before);
	}
	each_page(expect_duplicated, a, duplicate(a)); /* the window is empty */
}

/* It should not be; between two pages the kernel refuses then, and nothing worse. */
static void a_source_that_goes_meanwhile_is_noticed(void **arg)
{
	struct world_figures before = world_figures_now(&w);
	enum build_progress progress = BUILD_MORE;

	(void)arg;
	for (uint32_t calls = 1; progress == BUILD_MORE; calls++) {
		uint32_t a = build_source_image(3);
		struct build build;
		enum status status;

		source.account = a;
		assert_int_equal(build_start(&build, &w.space, &input, &where), STATUS_OK);
		progress = build_step(&build, calls, &status, &where);
		while (progress == BUILD_MORE && build.page_step != 0)
			progress = build_step(&build, 1, &status, &where);
		close_image(a);
		if (progress == BUILD_MORE) {
			if (build.phase <= BUILD_READ_REGISTERS && build.run < plan.run_count)
				assert_int_equal(build_step(&build, UINT32_MAX, &status, &where), BUILD_FAILED);
			assert_int_equal(build_abandon(&build, &where), STATUS_OK);
		} else {
			close_image(build.account);
		}
		world_expect_figures(&w, &before);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pages_are_copies_or_the_same),
		TEST(each_goes_on_alone),
		TEST(patches_are_laid_over_the_copies),
		TEST(what_the_file_has_is_not_laid_again),
		TEST(relocated_constants_are_copied),
		TEST(registers_are_the_sources),
		TEST(a_call_returns_in_the_duplicate_only),
		TEST(six_calls_for_a_page_and_one_for_the_registers),
		TEST(nothing_of_the_source_is_left),
		TEST(the_source_can_only_be_read),
		TEST(refuses_what_can_not_be_the_same),
		TEST(any_call_may_be_refused),
		TEST(can_be_cut_and_abandoned_anywhere),
		TEST(a_source_that_goes_meanwhile_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
