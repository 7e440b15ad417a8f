/* SPDX-License-Identifier: BSD-2-Clause */
/* DUPLICATE on the kernel core: by itself and of a stopped domain, what it copies, whom it refuses and with which figures, what else is
 * served meanwhile. The controller is stopped for good behind every kernel call and started afresh, and every call is refused with every
 * error: each time the duplicate is there whole or not at all, the source is as it was, and nothing is lost. */
#include "test/unit/spawn_world.h"

#define DATA       0x201000ul /* of the program: four pages, and its stack has two */
#define DATA_PAGES 3u
#define TEXT       0x200000ul
#define STACK      (plan_machine_x86_64.user_top - 3 * PAGE_BYTES) /* the page where its start frame was */

static void start_duplicating(void)
{
	start_spawning();
	grant.window_pages = SEL4_CORE_WINDOW_PAGES;
	grant.domain[0].map_count = 0;
	grant.domain[0].duplicates = 2;
	grant.domain[0].budget_us = 100;
	grant.domain[0].period_us = 1000;
	grant.spawn_duplicates = 1;
	memset(&record, 0, sizeof record);
	assert_int_equal(controller_start(&grant, &record), STATUS_OK);
}

static int set_up(void **arg)
{
	(void)arg;
	start_duplicating();
	assert_int_equal(load(), CONTROLLER_OK);
	memset(&sent, 0, sizeof sent);
	return 0;
}

static int tear_down(void **arg)
{
	(void)arg;
	end_spawning();
	return 0;
}

/* ---- asking ---- */

static bool begin_duplicate(microkit_channel ch, seL4_Word domain, const seL4_Word *words, seL4_Word count, seL4_Word *label)
{
	seL4_Word *message = seL4_GetIPCBuffer()->msg;

	message[0] = domain;
	memcpy(&message[1], words, count * sizeof *words);
	return begin(ch, CONTROLLER_DUPLICATE, 1 + count, label);
}

static const seL4_Word all_the_same[] = { CONTROLLER_SAME, CONTROLLER_SAME, CONTROLLER_SAME, 0 };

static bool begin_same(microkit_channel ch, seL4_Word domain, seL4_Word *label)
{
	return begin_duplicate(ch, domain, all_the_same, 4, label);
}

static seL4_Word ask_duplicate(microkit_channel ch, seL4_Word domain, const seL4_Word *words, seL4_Word count)
{
	seL4_Word label;

	if (!begin_duplicate(ch, domain, words, count, &label))
		return label;
	while (graft_work())
		continue;
	return sent.label;
}

static seL4_Word duplicate_itself(void)
{
	return ask_duplicate(CHILD_CHANNEL, CONTROLLER_SELF, all_the_same, 4);
}

static seL4_Word duplicate_stopped(void)
{
	return ask_duplicate(OPERATOR_CHANNEL, CHILD_ID, all_the_same, 4);
}

static seL4_Word stop_it(void)
{
	return ask(OPERATOR_CHANNEL, CONTROLLER_STOP, CHILD_ID);
}

static seL4_Word remove_it(void)
{
	return ask(OPERATOR_CHANNEL, CONTROLLER_REMOVE, SPAWNED_ID);
}

/* ---- looking ---- */

static uint8_t *page_of(uint32_t domain, uint64_t vaddr)
{
	struct lookup_failure failure;
	struct cap root = world_cap(&w, build_vspace_cptr(&controller.space, record.domain[domain].account));
	const word *entry = paging_entry(&w.fake->kernel, cap_object(root), vaddr, 0, &failure);

	assert_non_null(entry);
	assert_true(*entry & PTE_PRESENT);
	return kernel_pointer(&w.fake->kernel, *entry & PTE_ADDRESS);
}

static void scribble(uint32_t domain, uint8_t value)
{
	for (uint64_t i = 0; i < DATA_PAGES; i++)
		memset(page_of(domain, DATA + i * PAGE_BYTES), value + (int)i, PAGE_BYTES);
}

static bool is_scribbled(uint32_t domain, uint8_t value)
{
	for (uint64_t i = 0; i < DATA_PAGES * PAGE_BYTES; i++) {
		if (page_of(domain, DATA + i)[i % PAGE_BYTES] != (uint8_t)(value + i / PAGE_BYTES))
			return false;
	}
	return true;
}

static seL4_UserContext registers_of(uint32_t domain)
{
	seL4_UserContext context;

	assert_int_equal(seL4_TCB_ReadRegisters(domain_thread(domain), 0, 0, ABI_CONTEXT_WORDS, &context), seL4_NoError);
	return context;
}

static void expect_refusal(seL4_Word label, seL4_Word error, seL4_Word figure0, seL4_Word figure1)
{
	assert_int_equal(label, error);
	assert_int_equal(microkit_mr_get(1), figure0);
	assert_int_equal(microkit_mr_get(2), figure1);
	expect_no_domain(0);
}

/* ---- what it does ---- */

static void by_itself(void **arg)
{
	seL4_UserContext of_source, of_child;

	(void)arg;
	scribble(0, 7);
	memset(page_of(0, STACK), 0x66, PAGE_BYTES);
	of_source = registers_of(0);
	assert_int_equal(duplicate_itself(), CONTROLLER_OK);
	assert_memory_equal(page_of(SEAT, STACK), page_of(0, STACK), PAGE_BYTES);
	assert_int_equal(sent.count, 1);
	assert_int_equal(microkit_mr_get(0), SPAWNED_ID);
	assert_int_equal(microkit_mr_get(1), 1);
	expect_a_whole_domain(0);
	assert_int_equal(record.domain[0].state, CONTROLLER_RUNNING);
	assert_int_equal(record.domain[0].generation, 1);
	assert_ptr_equal(context()->tcb, thread_now());
	assert_memory_equal(&record.domain[SEAT].program, &record.domain[0].program, sizeof record.domain[0].program);
	assert_true(is_scribbled(SEAT, 7) && is_scribbled(0, 7));
	assert_ptr_equal(page_of(0, TEXT), page_of(SEAT, TEXT));
	scribble(SEAT, 9);
	assert_true(is_scribbled(0, 7));
	of_child = registers_of(SEAT);
	of_source.rip += 2;
	of_source.rdi = 0;
	of_source.rsi = seL4_MessageInfo_new(CONTROLLER_OK, 0, 0, 1).words[0];
	of_source.r10 = 0;
	assert_memory_equal(&of_child, &of_source, sizeof of_child);
}

static void of_a_stopped_one(void **arg)
{
	static const seL4_Word other[] = { 50, 200, 2000, 1, OFFER_SERVES << 8 | 4 };
	seL4_UserContext of_source, of_child;

	(void)arg;
	scribble(0, 7);
	assert_int_equal(stop_it(), CONTROLLER_OK);
	of_source = registers_of(0);
	assert_int_equal(ask_duplicate(OPERATOR_CHANNEL, CHILD_ID, other, 5), CONTROLLER_OK);
	expect_a_whole_domain(0);
	assert_int_equal(domain_grant(SEAT)->priority, 50);
	assert_int_equal(domain_grant(SEAT)->budget_us, 200);
	assert_int_equal(domain_grant(SEAT)->period_us, 2000);
	assert_int_equal(record.spawned[0].calls, 1u << 4);
	assert_int_equal(record.domain[0].state, CONTROLLER_STOPPED);
	assert_null(context()->tcb);
	assert_true(is_scribbled(SEAT, 7));
	of_child = registers_of(SEAT);
	assert_memory_equal(&of_child, &of_source, sizeof of_child);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_RESUME, CHILD_ID), CONTROLLER_OK);
}

/* What its start laid down the program may have changed since. */
static void thread_local_storage_is_copied(void **arg)
{
	uint8_t *file = archive + 6 * PAGE_BYTES;
	uint64_t pointer;

	(void)arg;
	bytes_put16(file + 56, 4);
	put_segment(file, 3, &(struct elf_segment){ ELF_TLS, ELF_R, 0x2000, 0x201000, 0x10, 0x20, 8, 0 });
	offer(6);
	assert_int_equal(swap(), CONTROLLER_OK);
	pointer = registers_of(0).fs_base;
	assert_int_equal(bytes_get64(page_of(0, pointer) + pointer % PAGE_BYTES), pointer);
	memset(page_of(0, pointer), 0x77, PAGE_BYTES);
	assert_int_equal(duplicate_itself(), CONTROLLER_OK);
	assert_int_equal(registers_of(SEAT).fs_base, pointer);
	assert_ptr_not_equal(page_of(0, pointer), page_of(SEAT, pointer));
	assert_memory_equal(page_of(0, pointer), page_of(SEAT, pointer), PAGE_BYTES);
}

static void what_is_not_said_is_the_sources(void **arg)
{
	(void)arg;
	grant.domain[0].flags = SYSTEM_FPU_OFF;
	assert_int_equal(duplicate_itself(), CONTROLLER_OK);
	assert_int_equal(domain_grant(SEAT)->priority, 100);
	assert_int_equal(domain_grant(SEAT)->budget_us, 100);
	assert_int_equal(domain_grant(SEAT)->period_us, 1000);
	assert_int_equal(domain_grant(SEAT)->stack_pages, 2);
	assert_int_equal(domain_grant(SEAT)->flags, SYSTEM_FPU_OFF);
	assert_int_equal(((struct tcb *)cap_object(world_cap(&w, domain_thread(SEAT))))->flags, seL4_TCBFlag_fpuDisabled);
}

static void a_duplicate_is_a_domain_like_others(void **arg)
{
	struct space_ledger before = ledger_now(), now;

	(void)arg;
	assert_int_equal(duplicate_itself(), CONTROLLER_OK);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_STOP, SPAWNED_ID), CONTROLLER_OK);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_RESUME, SPAWNED_ID), CONTROLLER_OK);
	assert_int_equal(ask_program(OPERATOR_CHANNEL, CONTROLLER_SWAP, SPAWNED_ID), CONTROLLER_OK);
	assert_int_equal(remove_it(), CONTROLLER_OK);
	now = ledger_now();
	assert_memory_equal(&now, &before, sizeof now);
}

/* ---- the right ---- */

static void a_family_shares_its_right(void **arg)
{
	static const seL4_Word connected[] = { CONTROLLER_SAME, CONTROLLER_SAME, CONTROLLER_SAME, 1,
	                                       (seL4_Word)CONTROLLER_OFFER_SELF << 8 | 3 };

	(void)arg;
	assert_int_equal(ask_duplicate(CHILD_CHANNEL, CONTROLLER_SELF, connected, 5), CONTROLLER_OK);
	grant.domain[0].duplicates = 1;
	assert_int_equal(ask_duplicate(SPAWN_CHANNEL_FIRST, CONTROLLER_SELF, all_the_same, 4), CONTROLLER_NO_DUPLICATES);
	assert_int_equal(microkit_mr_get(1), 2);
	assert_int_equal(microkit_mr_get(2), 1);
	assert_int_equal(duplicate_itself(), CONTROLLER_NO_DUPLICATES);
	grant.domain[0].duplicates = 2;
	assert_int_equal(ask_duplicate(SPAWN_CHANNEL_FIRST, CONTROLLER_SELF, all_the_same, 4), CONTROLLER_OK);
	expect_a_whole_domain(1);
	assert_int_equal(record.spawned[1].family, 0);
	assert_int_equal(duplicate_itself(), CONTROLLER_NO_DUPLICATES);
	do_restart();
	assert_int_equal(duplicate_itself(), CONTROLLER_NO_DUPLICATES);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_REMOVE, SPAWNED_ID + 1), CONTROLLER_OK);
	assert_int_equal(duplicate_itself(), CONTROLLER_OK);
}

static void spawned_domains_share_theirs(void **arg)
{
	(void)arg;
	grant.domain[0].duplicates = 0;
	assert_int_equal(spawn(true), CONTROLLER_OK);
	assert_int_equal(ask_duplicate(SPAWN_CHANNEL_FIRST, CONTROLLER_SELF, all_the_same, 4), CONTROLLER_OK);
	assert_int_equal(record.spawned[1].family, FAMILY_SPAWNED);
	grant.domain[0].duplicates = 1; /* of which there are none */
	assert_int_equal(duplicate_itself(), CONTROLLER_NO_SEATS);
	grant.domain[0].duplicates = 0;
	assert_int_equal(ask_duplicate(SPAWN_CHANNEL_FIRST, CONTROLLER_SELF, all_the_same, 4), CONTROLLER_NO_DUPLICATES);
	grant.spawn_duplicates = 0;
	assert_int_equal(ask_duplicate(SPAWN_CHANNEL_FIRST, CONTROLLER_SELF, all_the_same, 4), CONTROLLER_NO_RIGHT);
	assert_int_equal(duplicate_itself(), CONTROLLER_NO_RIGHT);
}

static void nobody_gets_more_than_he_has(void **arg)
{
	static const struct { seL4_Word words[5], count, error, figure0, figure1; } tries[] = {
		{ { 101, 100, 1000, 0 }, 4, CONTROLLER_BAD_PRIORITY, 101, 100 },
		{ { 100, 101, 1000, 0 }, 4, CONTROLLER_NOT_ALLOWED, 0, 0 },
		{ { 100, 100, 999, 0 }, 4, CONTROLLER_NOT_ALLOWED, 0, 0 },
		{ { 100, 100, 1000, 1, OFFER_SERVES << 8 | 4 }, 5, CONTROLLER_NOT_ALLOWED, 0, 0 },
	};
	static const seL4_Word less[] = { 99, 99, 1001, 1, (seL4_Word)CONTROLLER_OFFER_SELF << 8 | 53 };

	(void)arg;
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++)
		expect_refusal(ask_duplicate(CHILD_CHANNEL, CONTROLLER_SELF, tries[i].words, tries[i].count), tries[i].error, tries[i].figure0,
		               tries[i].figure1);
	assert_int_equal(begin_same(CHILD_CHANNEL, CHILD_ID + 1, &(seL4_Word){ 0 }), false);
	assert_int_equal(ask_duplicate(CHILD_CHANNEL, CHILD_ID + 1, all_the_same, 4), CONTROLLER_NOT_ALLOWED);
	assert_int_equal(ask_duplicate(CHILD_CHANNEL, CONTROLLER_SELF, less, 5), CONTROLLER_OK);
}

static void refuses_by_state(void **arg)
{
	(void)arg;
	expect_refusal(duplicate_stopped(), CONTROLLER_WRONG_STATE, CONTROLLER_RUNNING, 0);
	expect_refusal(ask_duplicate(OPERATOR_CHANNEL, CHILD_ID + 1, all_the_same, 4), CONTROLLER_WRONG_STATE, CONTROLLER_EMPTY, 0);
	verbs_faulted(0);
	expect_refusal(duplicate_stopped(), CONTROLLER_WRONG_STATE, CONTROLLER_FAULTED, 0);
	assert_int_equal(ask_duplicate(OPERATOR_CHANNEL, SPAWNED_ID, all_the_same, 4), CONTROLLER_NO_DOMAIN);
}

static void refuses_regions(void **arg)
{
	(void)arg;
	grant.domain[0].map_count = 1;
	expect_refusal(duplicate_itself(), CONTROLLER_HAS_REGIONS, 1, 0);
}

static void refuses_malformed_requests(void **arg)
{
	static const struct { seL4_Word words[6], count; } tries[] = {
		{ { 0 }, 0 }, { { 255, 100, 1000, 0 }, 4 }, { { 100, 0, 1000, 0 }, 4 }, { { 100, 100, 1000, 0 }, 3 },
		{ { 100, 100, 1000, 0, 0 }, 5 }, { { 100, 100, 1000, 1 }, 4 }, { { 100, 100, 1000, 9 }, 4 }, { { 100, 100, 1000, 1, 54 }, 5 },
		{ { 1ull << 32, 100, 1000, 0 }, 4 },
	};

	(void)arg;
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++)
		assert_int_equal(ask_duplicate(CHILD_CHANNEL, CONTROLLER_SELF, tries[i].words, tries[i].count), CONTROLLER_BAD_REQUEST);
	expect_no_domain(0);
}

static void says_what_there_is_too_little_of(void **arg)
{
	static const seL4_Word too_much[] = { 100, 1000, 1000, 0 };
	static const struct account_bill bill = { .radix = ACCOUNT_RADIX_MIN, .cnode_bytes = SPAWN_CNODE_BYTES, .bytes = 8 * PAGE_BYTES };
	struct where where;
	uint32_t account;

	(void)arg;
	assert_int_equal(stop_it(), CONTROLLER_OK);
	expect_refusal(ask_duplicate(OPERATOR_CHANNEL, CHILD_ID, too_much, 4), CONTROLLER_NO_BUDGET, 1000000, GRANTED_SHARE);
	grant.spawn_count = 0;
	assert_int_equal(duplicate_stopped(), CONTROLLER_NO_SEATS);
	grant.spawn_count = SEATS;
	while (account_open(&controller.space, &bill, &account, &where) == STATUS_OK)
		continue;
	assert_int_equal(duplicate_stopped(), CONTROLLER_NO_MEMORY);
	assert_true(microkit_mr_get(1) > microkit_mr_get(2));
}

/* It can't happen as long as plans come out alike; then nothing is copied. */
static void refuses_an_image_of_another_plan(void **arg)
{
	struct space_ledger before = ledger_now(), now;

	(void)arg;
	controller.space.state->account[record.domain[0].account].tables++;
	assert_int_equal(duplicate_itself(), CONTROLLER_BAD_PROGRAM);
	assert_int_equal(microkit_mr_get(0), STATUS_SPACE_OTHER_PLAN);
	controller.space.state->account[record.domain[0].account].tables--;
	expect_no_domain(0);
	now = ledger_now();
	assert_memory_equal(&now, &before, sizeof now);
}

/* ---- meanwhile ---- */

static void expect_busy(microkit_channel ch, seL4_Word verb, seL4_Word domain)
{
	seL4_Word label;

	microkit_mr_set(0, domain);
	assert_false(begin(ch, verb, 1, &label));
	assert_int_equal(label, CONTROLLER_BUSY);
}

static void finish_all(void)
{
	while (graft_work())
		continue;
}

static void the_source_does_not_run_meanwhile(void **arg)
{
	seL4_Word label;

	(void)arg;
	assert_int_equal(stop_it(), CONTROLLER_OK);
	assert_true(begin_same(OPERATOR_CHANNEL, CHILD_ID, &label));
	do {
		expect_busy(OPERATOR_CHANNEL, CONTROLLER_RESUME, CHILD_ID);
		expect_busy(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID);
		expect_busy(OPERATOR_CHANNEL, CONTROLLER_REMOVE, SPAWNED_ID);
		expect_busy(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, SPAWNED_ID);
		assert_int_equal(swap(), CONTROLLER_BUSY);
		assert_false(begin_same(OPERATOR_CHANNEL, CHILD_ID, &label));
		assert_int_equal(label, CONTROLLER_BUSY);
		sent.count = 0;
		graft_work();
	} while (sent.count == 0);
	assert_int_equal(sent.label, CONTROLLER_OK);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_RESUME, CHILD_ID), CONTROLLER_OK);
}

static void a_caller_is_not_stopped_meanwhile(void **arg)
{
	seL4_Word label;

	(void)arg;
	assert_true(begin_same(CHILD_CHANNEL, CONTROLLER_SELF, &label));
	expect_busy(OPERATOR_CHANNEL, CONTROLLER_STOP, CHILD_ID);
	expect_busy(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID);
	finish_all();
	assert_int_equal(sent.label, CONTROLLER_OK);
	assert_int_equal(stop_it(), CONTROLLER_OK);
}

static void two_jobs_at_most(void **arg)
{
	seL4_Word label;
	bool later;

	(void)arg;
	assert_int_equal(stop_it(), CONTROLLER_OK);
	seL4_GetIPCBuffer()->msg[0] = CHILD_ID + 1;
	memset(&seL4_GetIPCBuffer()->msg[1], 0, 10 * sizeof(seL4_Word));
	memcpy(&seL4_GetIPCBuffer()->msg[1], "first", 5);
	assert_true(begin(OPERATOR_CHANNEL, CONTROLLER_LOAD, 11, &label));
	with_connections = false;
	begin_spawn(&later);
	assert_true(later);
	assert_false(begin_same(OPERATOR_CHANNEL, CHILD_ID, &label));
	assert_int_equal(label, CONTROLLER_BUSY);
	finish_all();
	expect_a_whole_domain(0);
	assert_int_equal(record.domain[1].state, CONTROLLER_RUNNING);
	assert_int_equal(duplicate_stopped(), CONTROLLER_OK);
	expect_a_whole_domain(1);
}

static void goes_in_bounded_steps(void **arg)
{
	seL4_Word label;
	uint64_t calls, steps = 0;

	(void)arg;
	assert_true(begin_same(CHILD_CHANNEL, CONTROLLER_SELF, &label));
	do {
		calls = controller.space.calls;
		steps++;
		graft_work();
		assert_true(controller.space.calls - calls <= JOB_STEP_CALLS + 5);
	} while (sent.count == 0);
	assert_true(steps > 2);
}

/* ---- for those who ask in the same program ---- */

static uint32_t ended_count;
static uint32_t ended_domain;

static void note_end(const struct request *request, struct answer *answer)
{
	ended_count++;
	ended_domain = request->domain;
	assert_false(job_is_on(request->domain));
	answer->label = 4711;
}

static void a_program_of_its_own_asks(void **arg)
{
	struct request request = { .verb = CONTROLLER_DUPLICATE, .domain = 0, .by_self = true, .duplicate_label = 3, .duplicate_word = 4,
	                           .ended = note_end,
	                           .spawn = { .priority = SPAWN_SAME_PRIORITY, .budget_us = SPAWN_SAME, .period_us = SPAWN_SAME } };
	struct answer answer;

	(void)arg;
	ended_count = 0;
	assert_true(duplicate_start(&request, 0, &answer));
	assert_int_equal(request.domain, SEAT);
	finish_all();
	assert_int_equal(ended_count, 1);
	assert_int_equal(ended_domain, SEAT);
	assert_int_equal(job_told.label, 4711);
	expect_a_whole_domain(0);
	assert_int_equal(registers_of(SEAT).rsi, seL4_MessageInfo_new(3, 0, 0, 1).words[0]);
	assert_int_equal(registers_of(SEAT).r10, 4);
}

/* ---- stopped behind every call ---- */

static void do_duplicate_itself(void)
{
	duplicate_itself();
}

static void do_duplicate_stopped(void)
{
	duplicate_stopped();
}

static void expect_source(enum controller_state state)
{
	assert_int_equal(record.domain[0].state, state);
	assert_int_equal(record.domain[0].generation, 1);
	assert_int_equal(record.domain[0].doing, RECORD_NOTHING);
	assert_true(is_scribbled(0, 7));
	if (state == CONTROLLER_RUNNING)
		assert_ptr_equal(context()->tcb, thread_now());
	else
		assert_null(context()->tcb);
}

static void expect_a_side(enum controller_state state)
{
	bool there = domain_is_there(SEAT);

	expect_source(state);
	assert_int_equal(record.domain[SEAT].next, ACCOUNT_NONE);
	assert_int_equal(record.domain[SEAT].building, ACCOUNT_NONE);
	if (!there) {
		expect_no_domain(0);
	} else {
		expect_a_whole_domain(0);
		assert_true(is_scribbled(SEAT, 7));
	}
	assert_int_equal(ledger_now().accounts, there ? 3 : 1);
}

static bool is_in_the_middle(void)
{
	const struct record_domain *domain = &record.domain[SEAT];

	return domain->next != ACCOUNT_NONE || (domain_is_there(SEAT) && domain->building == ACCOUNT_NONE);
}

/* Stopped behind call k, and behind call j of the restart if j > 0. false: there is no such call (any more). */
static bool try(void (*what)(void), enum controller_state state, uint64_t k, uint64_t j, bool *in_the_middle)
{
	struct space_ledger before, now;
	uint64_t caps;
	bool stopped_there;

	start_duplicating();
	assert_int_equal(load(), CONTROLLER_OK);
	scribble(0, 7);
	if (state == CONTROLLER_STOPPED)
		assert_int_equal(stop_it(), CONTROLLER_OK);
	before = ledger_now();
	caps = caps_now();
	stopped_there = run_and_stop(what, k);
	*in_the_middle = is_in_the_middle();
	if (stopped_there && j > 0)
		stopped_there = run_and_stop(do_restart, j);
	if (stopped_there) {
		sent.count = 0;
		do_restart();
		assert_int_equal(sent.count, reply_count());
		assert_int_equal(sent.label, CONTROLLER_RESTARTED);
		expect_a_side(state);
		if (domain_is_there(SEAT))
			assert_int_equal(remove_it(), CONTROLLER_OK);
		what(); /* the restarted controller does it */
		assert_int_equal(sent.label, CONTROLLER_OK);
		expect_a_side(state);
		assert_int_equal(remove_it(), CONTROLLER_OK);
		now = ledger_now();
		assert_memory_equal(&now, &before, sizeof now);
		assert_int_equal(caps_now(), caps);
	}
	end_spawning();
	return stopped_there;
}

static void walk(void (*what)(void), enum controller_state state)
{
	bool in_the_middle, unused;
	uint64_t k = 1;

	for (; try(what, state, k, 0, &in_the_middle); k++) {
		for (uint64_t j = 1; in_the_middle && try(what, state, k, j, &unused); j++)
			continue;
	}
	assert_true(k > 60);
}

static void duplicate_at_every_call(void **arg)
{
	(void)arg;
	walk(do_duplicate_itself, CONTROLLER_RUNNING);
	walk(do_duplicate_stopped, CONTROLLER_STOPPED);
}

/* ---- every call refused ---- */

static bool refuse_one(seL4_Word (*what)(void), enum controller_state state, bool in_monitor, uint64_t nth, seL4_Error error)
{
	struct space_ledger before = ledger_now(), now;
	uint64_t caps = caps_now();
	bool was_refused;
	seL4_Word answer;

	refuse_call(in_monitor, nth, error);
	answer = what();
	was_refused = refuse_call(false, 0, 0);
	if (!was_refused)
		assert_int_equal(answer, CONTROLLER_OK);
	else if (!in_monitor && answer != CONTROLLER_OK)
		expect_told(answer);
	expect_a_side(state);
	if (domain_is_there(SEAT))
		assert_int_equal(remove_it(), CONTROLLER_OK);
	now = ledger_now();
	assert_memory_equal(&now, &before, sizeof now);
	assert_int_equal(caps_now(), caps);
	return was_refused;
}

static void refuse_each(seL4_Word (*what)(void), enum controller_state state, bool in_monitor, uint64_t calls_min)
{
	for (seL4_Error error = seL4_InvalidArgument; error <= seL4_NotEnoughMemory; error++) {
		uint64_t nth = 1;

		while (refuse_one(what, state, in_monitor, nth, error))
			nth++;
		assert_true(nth > calls_min);
	}
}

static void any_call_may_be_refused(void **arg)
{
	(void)arg;
	scribble(0, 7);
	refuse_each(duplicate_itself, CONTROLLER_RUNNING, false, 60);
	refuse_each(duplicate_itself, CONTROLLER_RUNNING, true, 1);
	assert_int_equal(stop_it(), CONTROLLER_OK);
	refuse_each(duplicate_stopped, CONTROLLER_STOPPED, false, 60);
}

#define TEST_LOADED(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LOADED(by_itself),
		TEST_LOADED(of_a_stopped_one),
		TEST_LOADED(thread_local_storage_is_copied),
		TEST_LOADED(what_is_not_said_is_the_sources),
		TEST_LOADED(a_duplicate_is_a_domain_like_others),
		TEST_LOADED(a_family_shares_its_right),
		TEST_LOADED(spawned_domains_share_theirs),
		TEST_LOADED(nobody_gets_more_than_he_has),
		TEST_LOADED(refuses_by_state),
		TEST_LOADED(refuses_regions),
		TEST_LOADED(refuses_malformed_requests),
		TEST_LOADED(says_what_there_is_too_little_of),
		TEST_LOADED(refuses_an_image_of_another_plan),
		TEST_LOADED(the_source_does_not_run_meanwhile),
		TEST_LOADED(a_caller_is_not_stopped_meanwhile),
		TEST_LOADED(two_jobs_at_most),
		TEST_LOADED(goes_in_bounded_steps),
		TEST_LOADED(a_program_of_its_own_asks),
		cmocka_unit_test(duplicate_at_every_call),
		TEST_LOADED(any_call_may_be_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
