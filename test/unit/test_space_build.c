/* SPDX-License-Identifier: BSD-2-Clause */
/* Accounts and builds on the kernel core: every page and capability of an image is what the plan says, a build can be cut
 * anywhere, and everything goes when its account is closed. */
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

static int start(void **arg)
{
	(void)arg;
	world_start(&w);
	return 0;
}

static int end(void **arg)
{
	(void)arg;
	world_end(&w);
	return 0;
}

/* ---- the image ---- */

static void image_is_what_the_plan_says(void **arg)
{
	uint32_t account = world_build(&w);

	(void)arg;
	world_check_image(&w, account);
}

static void thread_is_ready_and_clean(void **arg)
{
	uint32_t account = world_build(&w);
	const struct tcb *tcb = world_thread(&w, account);
	struct cap cspace = tcb->slots[TCB_SLOT_CSPACE].cap, fault = tcb->slots[TCB_SLOT_FAULT].cap;

	(void)arg;
	assert_int_equal(tcb->state, THREAD_INACTIVE);
	assert_null(tcb->sc);
	assert_null(tcb->bound_notification);
	assert_int_equal(tcb->priority, 100);
	assert_int_equal(tcb->mcp, 100);
	assert_int_equal(tcb->flags, 0);
	assert_int_equal(tcb->registers[REG_FAULT_IP], WORLD_TEXT + 16);
	assert_int_equal(tcb->registers[REG_NEXT_IP], WORLD_TEXT + 16);
	assert_int_equal(tcb->registers[REG_RSP], w.plan.stack_top - WORLD_STACK_BYTES);
	assert_int_equal(tcb->registers[REG_RFLAGS], 0x202);
	for (uint32_t i = REG_FS_BASE; i <= REG_R14; i++)
		assert_int_equal(tcb->registers[i], 0);
	assert_int_equal(tcb->buffer_address, w.plan.ipc_buffer);
	assert_int_equal(cap_kind(tcb->slots[TCB_SLOT_BUFFER].cap), CAP_FRAME);
	assert_ptr_equal(cap_object(cspace), cap_object(fake_cap(w.fake, w.cspace)));
	assert_int_equal(cap_cnode_guard_bits(cspace), 60);
	assert_ptr_equal(cap_object(tcb->slots[TCB_SLOT_VSPACE].cap), cap_object(world_cap(&w, build_vspace_cptr(&w.space, account))));
	assert_int_equal(cap_badge(fault), 99);
	assert_int_equal(cap_rights(fault), ABI_RIGHT_WRITE | ABI_RIGHT_GRANT_REPLY);
}

/* Thread-local storage is the plan's to lay out; the register that points to it is the build's. */
static void thread_pointer_is_the_plans(void **arg)
{
	(void)arg;
	w.plan.thread_pointer = 0x7ffff123440;
	assert_int_equal(world_thread(&w, world_build(&w))->registers[REG_FS_BASE], 0x7ffff123440);
}

/* A fresh thread's registers are zero; that all of them are written does not depend on it. */
static bool saw_all_registers;

static bool watch_registers(seL4_CPtr to, seL4_MessageInfo_t *info, struct sel4_words *words)
{
	(void)to;
	if (seL4_MessageInfo_get_label(*info) == TCBWriteRegisters) {
		saw_all_registers = words->mr0 == 0 && words->mr1 == ABI_CONTEXT_WORDS && seL4_GetMR(4) == 0x202;
		for (seL4_Word i = 5; i < 2 + ABI_CONTEXT_WORDS; i++)
			saw_all_registers = saw_all_registers && seL4_GetMR(i) == 0;
	}
	return false;
}

static void all_registers_are_written(void **arg)
{
	(void)arg;
	saw_all_registers = false;
	sel4_core_server = watch_registers;
	world_build(&w);
	assert_true(saw_all_registers);
}

static void fpu_is_off_if_asked_for(void **arg)
{
	(void)arg;
	w.input.thread.fpu_off = 1;
	assert_int_equal(world_thread(&w, world_build(&w))->flags, seL4_TCBFlag_fpuDisabled);
}

/* The account's CNode holds exactly what is counted, and no copy has more rights than its mapping. */
static void account_holds_no_more_than_it_must(void **arg)
{
	uint32_t account = world_build(&w), filled = 0, read_only = 0;
	uint32_t slots = 1u << w.state.account[account].radix;
	const struct plan_bill *bill = &w.plan.bill;

	(void)arg;
	for (uint32_t i = 0; i < slots; i++) {
		struct cap cap = world_cap(&w, account_cptr(&w.space, account, i));

		filled += !cap_is_null(cap);
		read_only += cap_kind(cap) == CAP_FRAME && cap_frame_rights(cap) == ABI_RIGHT_READ;
		if (cap_kind(cap) == CAP_FRAME)
			assert_true(cap_is_mapped(cap));
	}
	assert_int_equal(filled, bill->slots);
	assert_int_equal(read_only, 4); /* two of the text, two of the read-only region */
	assert_true(bill->slots <= slots && bill->slots * 2 > slots);
	assert_int_equal(w.state.account[account].frames, bill->frames);
	assert_int_equal(w.state.account[account].tables, 1 + bill->tables[0] + bill->tables[1] + bill->tables[2]);
	assert_int_equal(w.state.account[account].threads, 1);
}

static void build_makes_the_fewest_calls(void **arg)
{
	struct build build;
	enum status status;
	const struct plan_bill *bill = &w.plan.bill;
	/* Pages that get bytes: two of data, two under the patch, one of the stack. */
	uint64_t expected = 1 + 1 + 1 + 3 + (bill->tables[0] + bill->tables[1] + bill->tables[2]) + 1 + 2 * bill->copies + bill->frames + 2 * 5
	                    + 1 + 1 + 1 + 1;

	(void)arg;
	assert_int_equal(build_start(&build, &w.space, &w.input, &where), STATUS_OK);
	sel4_core_calls = w.space.calls = 0;
	assert_int_equal(build_step(&build, UINT32_MAX, &status, &where), BUILD_DONE);
	if (w.state.account[build.account].block_count == 1)
		assert_int_equal(sel4_core_calls, expected);
	else /* each further block cuts one batch in two */
		assert_in_range(sel4_core_calls, expected, expected + w.state.account[build.account].block_count - 1);
	assert_int_equal(w.space.calls, sel4_core_calls);
}

static void build_can_be_cut_anywhere(void **arg)
{
	struct build build;
	enum status status;
	enum build_progress progress = BUILD_MORE;
	uint64_t calls = sel4_core_calls;

	(void)arg;
	assert_int_equal(build_start(&build, &w.space, &w.input, &where), STATUS_OK);
	while (progress == BUILD_MORE) {
		calls = sel4_core_calls;
		progress = build_step(&build, 1, &status, &where);
		assert_int_equal(status, STATUS_OK);
		assert_true(sel4_core_calls - calls <= 1);
	}
	assert_int_equal(progress, BUILD_DONE);
	assert_int_equal(build_step(&build, 1, &status, &where), BUILD_DONE);
	world_check_image(&w, build.account);
}

/* A file that is no page images: its data begins in the middle of a page, and what lies before it in the file stays out. */
static void bytes_before_the_data_stay_zero(void **arg)
{
	struct plan_run *run = (struct plan_run *)plan_run_at(&w.plan, WORLD_DATA);
	const uint8_t *page;
	struct lookup_failure failure;
	uint32_t account;

	(void)arg;
	run->skip_bytes = 0x123;
	account = world_build(&w);
	page = kernel_pointer(&w.fake->kernel, PTE_ADDRESS & *paging_entry(&w.fake->kernel,
	                      cap_object(world_cap(&w, build_vspace_cptr(&w.space, account))), WORLD_DATA, 0, &failure));
	for (uint32_t i = 0; i < 0x123; i++)
		assert_int_equal(page[i], 0);
	assert_memory_equal(page + 0x123, w.payload + 3 * PAGE_BYTES + 0x123, PAGE_BYTES - 0x123);
}

/* What the account reserves is what the build retypes, to the byte. */
static void bill_is_exact(void **arg)
{
	struct account_bill bill;
	uint32_t account = world_build(&w);
	const struct account *a = &w.state.account[account];
	uint64_t used = a->block_used;

	(void)arg;
	assert_int_equal(account_bill_of(&w.plan, &bill, &where), STATUS_OK);
	for (uint32_t i = 0; i < a->current; i++)
		used += 1ull << w.state.pool.block[a->block[i]].size_bits;
	assert_int_equal(used, bill.bytes);
	assert_int_equal(bill.cnode_bytes, 32u << a->radix);
}

static void copied_text_is_like_shared_text(void **arg)
{
	(void)arg;
	for (uint32_t i = 0; i < w.plan.run_count; i++) {
		struct plan_run *run = &w.plan.run[i];

		if (run->source == PLAN_SHARED) {
			run->source = PLAN_BYTES;
			run->file_bytes = run->pages * PAGE_BYTES;
		}
	}
	plan_finish(&w.plan, BUILD_EXTRA_SLOTS, BUILD_EXTRA_BYTES);
	world_check_image(&w, world_build(&w));
}

/* ---- the end of it ---- */

static void closing_gives_everything_back(void **arg)
{
	struct world_figures before = world_figures_now(&w);
	uint32_t account;

	(void)arg;
	for (uint32_t i = 0; i < 3; i++) {
		account = world_build(&w);
		world_check_image(&w, account); /* memory used before is zero again */
		assert_int_equal(account_close(&w.space, account, &where), STATUS_OK);
		world_expect_figures(&w, &before);
	}
}

/* Whatever got out of the account's CNode goes as well: each block is revoked, not only the one with the CNode. */
static void closing_takes_what_escaped(void **arg)
{
	struct world_figures before = world_figures_now(&w);
	uint32_t account = world_build(&w), slot, escaped = 0;
	const struct account *a = &w.state.account[account];

	(void)arg;
	assert_true(a->block_count > 1);
	for (slot = 0; slot < 1u << a->radix; slot++) {
		struct cap cap = world_cap(&w, account_cptr(&w.space, account, slot));

		if (cap_kind(cap) != CAP_FRAME || slot >= w.plan.bill.slots - w.plan.bill.copies)
			continue;
		assert_int_equal(seL4_CNode_Move(FAKE_CNODE, w.next_slot + escaped++, 64, w.space.use.cnode,
		                                 account_index(&w.space, account, slot), account_depth_bits(&w.space)), seL4_NoError);
	}
	assert_true(escaped == w.plan.bill.frames);
	assert_int_equal(account_close(&w.space, account, &where), STATUS_OK);
	world_expect_figures(&w, &before);
}

static void half_a_build_is_abandoned(void **arg)
{
	struct world_figures before = world_figures_now(&w);
	struct build build;
	enum status status;
	enum build_progress progress = BUILD_MORE;

	(void)arg;
	for (uint32_t calls = 0; progress == BUILD_MORE; calls++) {
		assert_int_equal(build_start(&build, &w.space, &w.input, &where), STATUS_OK);
		progress = build_step(&build, calls, &status, &where);
		assert_int_equal(build_abandon(&build, &where), STATUS_OK);
		world_expect_figures(&w, &before);
	}
}

/* The window is empty between builds, whatever happened. */
static void window_is_left_empty(void **arg)
{
	struct build build;
	enum status status;

	(void)arg;
	assert_int_equal(build_start(&build, &w.space, &w.input, &where), STATUS_OK);
	while (!(build.phase == BUILD_MAP_PAGES && build.page_step == 1))
		assert_int_equal(build_step(&build, 1, &status, &where), BUILD_MORE);
	assert_int_equal(build_abandon(&build, &where), STATUS_OK);
	world_check_image(&w, world_build(&w));
}

/* ---- refusals, all before the first kernel call ---- */

static enum status try(void)
{
	struct build build;
	struct world_figures before = world_figures_now(&w);
	uint64_t calls = sel4_core_calls;
	enum status status = build_start(&build, &w.space, &w.input, &where);

	assert_int_not_equal(status, STATUS_OK);
	assert_int_equal(sel4_core_calls, calls);
	world_expect_figures(&w, &before);
	return status;
}

static void refuses_an_image_larger_than_the_pool(void **arg)
{
	(void)arg;
	plan_start(&plan_machine_x86_64, 512, &w.plan);
	plan_finish(&w.plan, BUILD_EXTRA_SLOTS, BUILD_EXTRA_BYTES);
	assert_int_equal(try(), STATUS_SPACE_NO_MEMORY);
	assert_true(where.value > 512 * PAGE_BYTES);
	assert_int_equal(where.limit, 1u << WORLD_POOL_BITS);
}

static void refuses_more_slots_than_a_cnode_has(void **arg)
{
	(void)arg;
	w.plan.bill.slots = (1u << ACCOUNT_RADIX_MAX) + 1;
	assert_int_equal(try(), STATUS_SPACE_TOO_MANY_SLOTS);
	w.plan.bill.large_frames = 1;
	assert_int_equal(try(), STATUS_SPACE_LARGE_FRAMES);
}

static void refuses_frames_it_does_not_know(void **arg)
{
	(void)arg;
	w.input.payload_pages.count = 2;
	assert_int_equal(try(), STATUS_SPACE_NO_REGION);
	w.input.payload_pages.count = WORLD_PAYLOAD_PAGES;
	w.region[1].count = 1;
	assert_int_equal(try(), STATUS_SPACE_NO_REGION);
	w.region[1].count = 2;
	w.region[0].page_bits = LARGE_PAGE_BITS;
	assert_int_equal(try(), STATUS_SPACE_NO_REGION);
	w.region[0].page_bits = PAGE_BITS;
	w.input.region_count = 1;
	assert_int_equal(try(), STATUS_SPACE_NO_REGION);
}

static void refuses_more_images_than_accounts(void **arg)
{
	(void)arg;
	for (uint32_t i = 0; i < w.state.accounts_total; i++)
		w.state.account[i].state = ACCOUNT_USED;
	assert_int_equal(try(), STATUS_SPACE_NO_ACCOUNTS);
}

#define SOMEBODY 0x1000ul /* the address of a VSpace root, never looked at */

/* As if there were VSpaces with all ASIDs that are free, or not any more; returns one of those. */
static uint32_t change_asids(word from, word to)
{
	struct asid_pool *pool = w.fake->asid_pool;
	uint32_t last = 0;

	for (uint32_t i = 1; i < sizeof pool->roots / sizeof pool->roots[0]; i++) {
		if (pool->roots[i] == from) {
			pool->roots[i] = to;
			last = i;
		}
	}
	return last;
}

static void refuses_more_images_than_asids(void **arg)
{
	struct world_figures before;
	struct build build;
	enum status status;
	uint32_t last;

	(void)arg;
	last = change_asids(0, SOMEBODY);
	before = world_figures_now(&w);
	assert_int_equal(build_start(&build, &w.space, &w.input, &where), STATUS_OK);
	assert_int_equal(build_step(&build, UINT32_MAX, &status, &where), BUILD_FAILED);
	assert_int_equal(status, STATUS_SPACE_NO_ASIDS);
	assert_int_equal(where.value, 1);
	assert_int_equal(where.limit, 0);
	assert_int_equal(build_abandon(&build, &where), STATUS_OK);
	world_expect_figures(&w, &before);
	w.fake->asid_pool->roots[last] = 0; /* one VSpace is no more */
	for (uint32_t i = 0; i < 3; i++) /* and an image's number is free again when it is gone */
		assert_int_equal(account_close(&w.space, world_build(&w), &where), STATUS_OK);
	change_asids(SOMEBODY, 0);
}

static void a_bill_that_is_too_small_is_noticed(void **arg)
{
	struct build build;
	enum status status;

	(void)arg;
	w.plan.bill.frames -= 6;
	assert_int_equal(build_start(&build, &w.space, &w.input, &where), STATUS_OK);
	w.plan.bill.frames += 6 + 64;
	assert_int_equal(build_step(&build, UINT32_MAX, &status, &where), BUILD_FAILED);
	assert_int_equal(status, STATUS_SPACE_OVERDRAWN);
	assert_int_equal(build_abandon(&build, &where), STATUS_OK);
}

/* ---- the k-th kernel call refused ---- */

static void any_call_of_a_load_may_be_refused(void **arg)
{
	static const seL4_Error errors[] = { seL4_InvalidCapability, seL4_IllegalOperation, seL4_FailedLookup, seL4_DeleteFirst,
		                             seL4_NotEnoughMemory };
	struct world_figures before = world_figures_now(&w);
	bool refused = true;

	(void)arg;
	for (uint64_t k = 1; refused; k++) {
		struct build build;
		enum status status;

		sel4_core_refuse(k, errors[k % (sizeof errors / sizeof errors[0])]);
		status = build_start(&build, &w.space, &w.input, &where);
		refused = status != STATUS_OK;
		if (!refused) {
			refused = build_step(&build, UINT32_MAX, &status, &where) == BUILD_FAILED;
			sel4_core_refuse(0, 0);
			if (!refused)
				world_check_image(&w, build.account);
			assert_int_equal(build_abandon(&build, &where), STATUS_OK);
		}
		if (refused && status != STATUS_SPACE_NO_ASIDS)
			assert_int_equal(status, STATUS_SPACE_KERNEL_REFUSED);
		world_expect_figures(&w, &before);
		assert_true(refused || k > w.plan.bill.frames + 2 * w.plan.bill.copies); /* it went through the pages */
	}
}

static void a_refused_revoke_can_be_repeated(void **arg)
{
	struct world_figures before = world_figures_now(&w);
	uint32_t account = world_build(&w), blocks = w.state.account[account].block_count;

	(void)arg;
	for (uint32_t k = 1; k <= blocks; k++) {
		sel4_core_refuse(k, seL4_InvalidCapability);
		assert_int_equal(account_close(&w.space, account, &where), STATUS_SPACE_KERNEL_REFUSED);
		assert_int_equal(w.state.account[account].state, ACCOUNT_DOOMED);
		assert_int_equal(w.state.accounts_doomed, 1);
	}
	assert_int_equal(account_close(&w.space, account, &where), STATUS_OK);
	assert_int_equal(w.state.accounts_doomed, 0);
	world_expect_figures(&w, &before);
	account = world_build(&w);
	sel4_core_refuse(1, seL4_InvalidCapability);
	assert_int_equal(account_close(&w.space, account, &where), STATUS_SPACE_KERNEL_REFUSED);
	assert_int_equal(world_build(&w), account); /* closed first, so that its number was free */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(image_is_what_the_plan_says),
		TEST(thread_is_ready_and_clean),
		TEST(thread_pointer_is_the_plans),
		TEST(all_registers_are_written),
		TEST(fpu_is_off_if_asked_for),
		TEST(account_holds_no_more_than_it_must),
		TEST(build_makes_the_fewest_calls),
		TEST(build_can_be_cut_anywhere),
		TEST(bytes_before_the_data_stay_zero),
		TEST(bill_is_exact),
		TEST(copied_text_is_like_shared_text),
		TEST(closing_gives_everything_back),
		TEST(closing_takes_what_escaped),
		TEST(half_a_build_is_abandoned),
		TEST(window_is_left_empty),
		TEST(refuses_an_image_larger_than_the_pool),
		TEST(refuses_more_slots_than_a_cnode_has),
		TEST(refuses_frames_it_does_not_know),
		TEST(refuses_more_images_than_accounts),
		TEST(refuses_more_images_than_asids),
		TEST(a_bill_that_is_too_small_is_noticed),
		TEST(any_call_of_a_load_may_be_refused),
		TEST(a_refused_revoke_can_be_repeated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
