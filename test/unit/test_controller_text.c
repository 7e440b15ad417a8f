/* SPDX-License-Identifier: BSD-2-Clause */
/* A controller whose archive somebody else can write, and does: behind every kernel call of a load. What runs is what the
 * store's digest names, or nothing; images of one program share its copy, and the last one takes it along. */
#include "test/unit/controller_world.h"

#define TEXT_PAGE 0x200000u /* the program's, filled with 0x90, or from 0xcc on */
#define OTHER_ID  (CHILD_ID + 1)

static struct space_ledger empty;

static int start_changeable(void **arg)
{
	archive_can_change = true;
	start(arg);
	empty = ledger_now();
	return 0;
}

static int end_changeable(void **arg)
{
	archive_can_change = false;
	return end(arg);
}

static seL4_Word load_into(seL4_Word domain)
{
	return ask_program(OPERATOR_CHANNEL, CONTROLLER_LOAD, domain);
}

static void unload(seL4_Word domain)
{
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, domain), CONTROLLER_OK);
}

static void expect_nothing_left(void)
{
	struct space_ledger now = ledger_now();

	assert_memory_equal(&now, &empty, sizeof now);
}

/* The frame of a domain's text. */
static const uint8_t *text_frame(uint32_t domain)
{
	struct lookup_failure failure;
	struct cap root = world_cap(&w, build_vspace_cptr(&controller.space, record.domain[domain].account));
	const word *entry = paging_entry(&w.fake->kernel, cap_object(root), TEXT_PAGE, 0, &failure);

	assert_int_equal(*entry & (PTE_PRESENT | PTE_WRITE), PTE_PRESENT);
	return kernel_pointer(&w.fake->kernel, *entry & PTE_ADDRESS);
}

static void expect_text(uint32_t domain, uint8_t first)
{
	const uint8_t *page = text_frame(domain);

	assert_int_equal(page[0], first);
	for (uint32_t i = 1; i < PAGE_BYTES; i++)
		assert_int_equal(page[i], 0x90);
}

static void scribble(void)
{
	memset(archive, 0x55, ARCHIVE_PAGES * PAGE_BYTES);
}

/* ---- sharing ---- */

static void images_share_a_copy(void **arg)
{
	(void)arg;
	for (uint32_t order = 0; order < 2; order++) {
		assert_int_equal(load_into(CHILD_ID), CONTROLLER_OK);
		scribble(); /* what has been copied is not read again */
		assert_int_equal(load_into(OTHER_ID), CONTROLLER_OK);
		assert_int_equal(ledger_now().texts, 1);
		assert_int_equal(ledger_now().accounts, 3);
		assert_ptr_equal(text_frame(0), text_frame(1));
		unload(CHILD_ID + order);
		assert_int_equal(ledger_now().texts, 1);
		expect_text(1 - order, 0x90);
		unload(OTHER_ID - order);
		expect_nothing_left();
		put_program(memset(archive + PAGE_BYTES, 0, PROGRAM_PAGES * PAGE_BYTES));
	}
}

/* By what they are, not by where they lie or what they are called. */
static void programs_are_told_by_digest(void **arg)
{
	(void)arg;
	assert_int_equal(load_into(CHILD_ID), CONTROLLER_OK);
	offer(6);
	assert_int_equal(load_into(OTHER_ID), CONTROLLER_OK);
	assert_int_equal(ledger_now().texts, 2);
	expect_text(0, 0x90);
	expect_text(1, 0xcc);
	unload(OTHER_ID);
	archive[7 * PAGE_BYTES] = 0x90;
	offer(6);
	assert_int_equal(load_into(OTHER_ID), CONTROLLER_OK);
	assert_int_equal(ledger_now().texts, 1);
	unload(CHILD_ID);
	unload(OTHER_ID);
	expect_nothing_left();
}

static void a_swap_takes_the_old_copy_along(void **arg)
{
	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	assert_int_equal(swap(), CONTROLLER_OK);
	assert_int_equal(ledger_now().texts, 1);
	offer(6);
	assert_int_equal(swap(), CONTROLLER_OK);
	assert_int_equal(ledger_now().texts, 1);
	expect_text(0, 0xcc);
	scribble();
	offer(1);
	store.entry.digest[0] ^= 1;
	assert_int_equal(swap(), CONTROLLER_BAD_PROGRAM);
	assert_int_equal(ledger_now().texts, 1);
	expect_text(0, 0xcc);
	unload(CHILD_ID);
	expect_nothing_left();
}

static void a_restart_counts_who_uses_it(void **arg)
{
	(void)arg;
	assert_int_equal(load_into(CHILD_ID), CONTROLLER_OK);
	assert_int_equal(load_into(OTHER_ID), CONTROLLER_OK);
	record.space.text[0].holders = 5;
	scribble();
	assert_int_equal(controller_start(&grant, &record), STATUS_OK);
	assert_int_equal(ledger_now().texts, 1);
	assert_int_equal(swap(), CONTROLLER_OK); /* still there for those who come */
	unload(CHILD_ID);
	expect_text(1, 0x90);
	unload(OTHER_ID);
	expect_nothing_left();
}

/* ---- refusals ---- */

static void refused_programs_leave_no_copy(void **arg)
{
	(void)arg;
	store.entry.digest[3] ^= 1;
	assert_int_equal(load(), CONTROLLER_BAD_PROGRAM);
	expect_nothing_left();
	archive[PAGE_BYTES] = 0; /* no ELF file, under a digest that fits */
	offer(1);
	assert_int_equal(load(), CONTROLLER_BAD_PROGRAM);
	expect_nothing_left();
	offer(6);
	store.entry.size_bytes = ARCHIVE_PAGES * PAGE_BYTES; /* reaches out of the archive */
	assert_int_equal(load(), CONTROLLER_BAD_PROGRAM);
	expect_nothing_left();
}

static void as_many_copies_as_are_kept(void **arg)
{
	(void)arg;
	for (uint32_t i = 0; i < TEXTS_MAX; i++)
		record.space.text[i] = (struct text){ .state = TEXT_WHOLE, .holders = 1, .account = ACCOUNT_NONE };
	assert_int_equal(load(), CONTROLLER_NO_SLOTS);
	assert_int_equal(microkit_mr_get(0), STATUS_SPACE_NO_TEXTS);
	assert_int_equal(microkit_mr_get(1), TEXTS_MAX + 1);
	assert_int_equal(microkit_mr_get(2), TEXTS_MAX);
	record.space.text[7].state = TEXT_FREE;
	assert_int_equal(load(), CONTROLLER_OK);
	unload(CHILD_ID);
}

/* ---- somebody writes ---- */

static struct {
	uint64_t in;      /* calls until it writes; 0: never (again) */
	uint64_t back_in; /* calls after that until it is as it was */
	uint32_t at;      /* in the payload */
} writes;

static void flip(void)
{
	archive[PAGE_BYTES + writes.at] ^= 0xff;
}

static void write_between_calls(void)
{
	if (writes.in > 0 && --writes.in == 0) {
		flip();
		return;
	}
	if (writes.in == 0 && writes.back_in > 0 && --writes.back_in == 0)
		flip();
}

/* Loads while a byte is changed behind call k, and back after some more. true: it was loaded. */
static bool load_while_it_changes(uint64_t k, uint64_t back, uint32_t at)
{
	seL4_Word label, status;

	put_program(memset(archive + PAGE_BYTES, 0, PROGRAM_PAGES * PAGE_BYTES));
	offer(1);
	writes.in = k;
	writes.back_in = back;
	writes.at = at;
	sel4_core_after = write_between_calls;
	label = load();
	status = microkit_mr_get(0);
	sel4_core_after = NULL;
	if (label != CONTROLLER_OK) {
		assert_int_equal(label, CONTROLLER_BAD_PROGRAM);
		assert_int_equal(status, STATUS_ARCHIVE_PAYLOAD_DIGEST);
		expect_nothing_left();
		return false;
	}
	expect_text(0, 0x90);
	unload(CHILD_ID);
	expect_nothing_left();
	return true;
}

/* A byte of each page, behind each call, for good, for one call, for two: what was copied before the change is loaded as it was. */
static void changes_behind_every_call(void **arg)
{
	uint32_t loaded = 0, refused = 0;
	uint64_t k = 1;

	(void)arg;
	do {
		for (uint32_t page = 0; page < PROGRAM_PAGES; page++) {
			for (uint64_t back = 0; back < 3; back++) {
				if (load_while_it_changes(k, back, page * (uint32_t)PAGE_BYTES + 0x11 * page))
					loaded++;
				else
					refused++;
			}
		}
	} while (writes.in == 0 && k++ < 200);
	assert_true(k > 40); /* it went through the whole load */
	assert_true(refused > 20 && loaded > 100);
}

/* Between two steps of a load. Before the first the copy is not made, after it nothing matters. */
static void changes_between_steps(void **arg)
{
	uint32_t steps = 1;

	(void)arg;
	for (uint32_t change = 0; change < steps; change++) {
		seL4_Word label;

		put_program(memset(archive + PAGE_BYTES, 0, PROGRAM_PAGES * PAGE_BYTES));
		offer(1);
		memset(seL4_GetIPCBuffer()->msg, 0, 12 * sizeof(seL4_Word));
		microkit_mr_set(0, CHILD_ID);
		memcpy(&seL4_GetIPCBuffer()->msg[1], "first", 5);
		assert_true(begin(OPERATOR_CHANNEL, CONTROLLER_LOAD, 11, &label));
		for (steps = 0; job_is_on(0); steps++) {
			if (steps == change)
				scribble();
			graft_work();
		}
		assert_int_equal(sent.label, change == 0 ? CONTROLLER_BAD_PROGRAM : CONTROLLER_OK);
		if (change > 0) {
			expect_text(0, 0x90);
			unload(CHILD_ID);
		}
		expect_nothing_left();
	}
	assert_true(steps > 3);
}

/* ---- two at once ---- */

static void begin_both(void)
{
	for (seL4_Word domain = CHILD_ID; domain <= OTHER_ID; domain++) {
		seL4_Word label;

		memset(seL4_GetIPCBuffer()->msg, 0, 12 * sizeof(seL4_Word));
		microkit_mr_set(0, domain);
		memcpy(&seL4_GetIPCBuffer()->msg[1], "first", 5);
		assert_true(begin(OPERATOR_CHANNEL, CONTROLLER_LOAD, 11, &label));
	}
}

static void two_jobs_make_one_copy(void **arg)
{
	(void)arg;
	begin_both();
	while (graft_work())
		assert_true(ledger_now().texts <= 1);
	expect_text(0, 0x90);
	expect_text(1, 0x90);
	assert_ptr_equal(text_frame(0), text_frame(1));
	unload(OTHER_ID);
	unload(CHILD_ID);
	expect_nothing_left();
}

/* The one that copies gets bytes that are wrong; the one that waited for it copies anew, and they are right. */
static void one_that_waited_copies_anew(void **arg)
{
	(void)arg;
	begin_both();
	archive[2 * PAGE_BYTES] = 0x91;
	graft_work();
	archive[2 * PAGE_BYTES] = 0x90;
	while (graft_work())
		assert_true(ledger_now().texts <= 1);
	assert_int_equal((record.domain[0].state == CONTROLLER_RUNNING) + (record.domain[1].state == CONTROLLER_RUNNING), 1);
	assert_int_equal(ledger_now().texts, 1);
	for (uint32_t i = 0; i < 2; i++) {
		if (record.domain[i].state == CONTROLLER_RUNNING) {
			expect_text(i, 0x90);
			unload(CHILD_ID + i);
		}
	}
	expect_nothing_left();
}

/* ---- the k-th kernel call refused ---- */

static void any_call_may_be_refused(void **arg)
{
	static const seL4_Error errors[] = { seL4_InvalidArgument, seL4_InvalidCapability, seL4_IllegalOperation, seL4_RangeError,
	                                     seL4_FailedLookup, seL4_DeleteFirst, seL4_RevokeFirst, seL4_NotEnoughMemory };
	seL4_Word label = CONTROLLER_KERNEL_REFUSED;
	uint64_t k;

	(void)arg;
	for (k = 1; label != CONTROLLER_OK; k++) {
		sel4_core_refuse(k, errors[k % (sizeof errors / sizeof errors[0])]);
		label = load();
		sel4_core_refuse(0, 0);
		if (label == CONTROLLER_OK)
			break;
		assert_int_equal(label, CONTROLLER_KERNEL_REFUSED);
		expect_nothing_left();
		assert_int_equal(load(), CONTROLLER_OK);
		unload(CHILD_ID);
		expect_nothing_left();
	}
	assert_true(k > 40);
}

#define TEST_CHANGEABLE(name) cmocka_unit_test_setup_teardown(name, start_changeable, end_changeable)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_CHANGEABLE(images_share_a_copy), TEST_CHANGEABLE(programs_are_told_by_digest),
		TEST_CHANGEABLE(a_swap_takes_the_old_copy_along), TEST_CHANGEABLE(a_restart_counts_who_uses_it),
		TEST_CHANGEABLE(refused_programs_leave_no_copy), TEST_CHANGEABLE(as_many_copies_as_are_kept),
		TEST_CHANGEABLE(changes_behind_every_call), TEST_CHANGEABLE(changes_between_steps), TEST_CHANGEABLE(two_jobs_make_one_copy),
		TEST_CHANGEABLE(one_that_waited_copies_anew), TEST_CHANGEABLE(any_call_may_be_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
