/* SPDX-License-Identifier: BSD-2-Clause */
/* The controller on the kernel core: its entry points are called as the main loop would call them. Every error of the protocol is
 * provoked, and after each the domain is as it was. */
#include "test/unit/controller_world.h"

/* ---- tests: what works ---- */

static void loads_what_the_description_names(void **arg)
{
	(void)arg;
	for (uint32_t i = 0; i < 2; i++)
		if (domain_grant(i)->program[0] != '\0')
			load_first(i);
	assert_int_equal(console_bytes, 0);
	assert_int_equal(record.domain[0].state, CONTROLLER_RUNNING);
	assert_int_equal(record.domain[0].generation, 1);
	assert_int_equal(record.domain[0].program.id, 1);
	assert_int_equal(record.domain[1].state, CONTROLLER_EMPTY);
	assert_ptr_equal(context()->tcb, thread_now());
}

/* Pages and kernel calls of what was just loaded, counted once more here. */
static void tells_of_a_load_if_asked(void **arg)
{
	char line[160];
	uint64_t calls = controller.space.calls;

	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	graft_flush();
	assert_int_equal(console_bytes, 0);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID), CONTROLLER_OK);
	grant.controller_flags = SYSTEM_CONTROLLER_TRACE;
	calls = controller.space.calls;
	assert_int_equal(load(), CONTROLLER_OK);
	calls = controller.space.calls - calls;
	graft_flush();
	graft_snprintf(line, sizeof line, "into worker: 2 pages filled, 4 zero, 1 shared, 2 of regions; 7 tables; %lu kernel calls\n",
	               (unsigned long)calls);
	assert_non_null(strstr(console, line));
	assert_non_null(strstr(console, "trace:   0x200000 1 r-x shared\n"));
}

static void says_why_the_first_program_is_not_loaded(void **arg)
{
	(void)arg;
	store.label = STORE_NO_SUCH_PROGRAM;
	load_first(0);
	graft_flush();
	assert_non_null(strstr(console, "first can't be loaded into worker: error 6, the archive has no such program"));
	assert_int_equal(record.domain[0].state, CONTROLLER_EMPTY);
}

static void swaps_from_outside_and_from_inside(void **arg)
{
	struct space_ledger before;
	struct tcb *old;

	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	before = ledger_now();
	for (uint32_t i = 0; i < 4; i++) {
		struct space_ledger now;

		old = thread_now();
		offer(i % 2 == 0 ? 6 : 1);
		assert_int_equal(ask_program(i < 2 ? OPERATOR_CHANNEL : CHILD_CHANNEL, CONTROLLER_SWAP, i < 2 ? CHILD_ID : CONTROLLER_SELF),
		                 CONTROLLER_OK);
		assert_int_equal(microkit_mr_get(0), i + 2);
		assert_ptr_not_equal(thread_now(), old);
		assert_ptr_equal(context()->tcb, thread_now());
		assert_int_equal(record.domain[0].generation, i + 2);
		assert_int_equal(record.domain[0].program.id, i % 2 == 0 ? 6 : 1);
		assert_int_equal(record.domain[0].next, ACCOUNT_NONE);
		assert_int_equal(record.domain[0].building, ACCOUNT_NONE);
		now = ledger_now();
		assert_memory_equal(&now, &before, sizeof now);
	}
}

static void stops_resumes_and_unloads(void **arg)
{
	struct space_ledger empty = ledger_now(), now;

	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_STOP, CHILD_ID), CONTROLLER_OK);
	assert_int_equal(thread_now()->state, THREAD_INACTIVE);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_RESUME, CHILD_ID), CONTROLLER_OK);
	assert_ptr_equal(context()->tcb, thread_now());
	assert_int_equal(ask(CHILD_CHANNEL, CONTROLLER_STOP, CONTROLLER_SELF), CONTROLLER_OK);
	assert_int_equal(swap(), CONTROLLER_OK);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID), CONTROLLER_OK);
	now = ledger_now();
	assert_memory_equal(&now, &empty, sizeof now);
	assert_int_equal(load(), CONTROLLER_OK);
	assert_int_equal(ask(CHILD_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID), CONTROLLER_OK);
	now = ledger_now();
	assert_memory_equal(&now, &empty, sizeof now);
	assert_null(context()->tcb);
}

static void lists_and_keeps_the_ledger(void **arg)
{
	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_LIST, 0), CONTROLLER_OK);
	assert_int_equal(microkit_mr_get(0), 2);
	assert_int_equal(microkit_mr_get(1), CHILD_ID);
	assert_int_equal(microkit_mr_get(2), CONTROLLER_RUNNING);
	assert_int_equal(microkit_mr_get(3), 1);
	assert_int_equal(microkit_mr_get(4), 1);
	assert_int_equal(microkit_mr_get(5), account_bytes(&controller.space, record.domain[0].account));
	assert_int_equal(microkit_mr_get(6), CONTROLLER_SWAP_IDLE);
	assert_int_equal(microkit_mr_get(8), 0);
	assert_int_equal(microkit_mr_get(9), CHILD_ID + 1);
	assert_int_equal(microkit_mr_get(10), CONTROLLER_EMPTY);
	assert_int_equal(microkit_mr_get(13), 0);
	assert_int_equal(ask(CHILD_CHANNEL, CONTROLLER_LIST, 0), CONTROLLER_OK);
	assert_int_equal(microkit_mr_get(0), 1); /* a managed domain sees itself only */
	assert_int_equal(microkit_mr_get(1), CHILD_ID);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_LEDGER, 0), CONTROLLER_OK);
	assert_int_equal(microkit_mr_get(0), LEDGER_WORDS);
	assert_int_equal(microkit_mr_get(1 + LEDGER_UNTYPED_BYTES_TOTAL), 1u << 18);
	assert_int_equal(microkit_mr_get(1 + LEDGER_UNTYPED_BYTES_FREE),
	                 (1u << 18) - account_bytes(&controller.space, record.domain[0].account));
	assert_int_equal(microkit_mr_get(1 + LEDGER_SLOTS_FREE), microkit_mr_get(1 + LEDGER_SLOTS_TOTAL) - 1);
	assert_int_equal(microkit_mr_get(1 + LEDGER_THREADS), 1);
	assert_int_equal(microkit_mr_get(1 + LEDGER_ACCOUNTS), 1);
	assert_true(microkit_mr_get(1 + LEDGER_FRAMES) > 0 && microkit_mr_get(1 + LEDGER_TABLES) > 3);
}

static uint64_t word_of_image(uint64_t vaddr)
{
	struct lookup_failure failure;
	struct cap root = world_cap(&w, build_vspace_cptr(&controller.space, record.domain[0].account));
	const word *entry = paging_entry(&w.fake->kernel, cap_object(root), vaddr, 0, &failure);

	assert_non_null(entry);
	return bytes_get64((uint8_t *)kernel_pointer(&w.fake->kernel, *entry & PTE_ADDRESS) + vaddr % PAGE_BYTES);
}

static void image_has_its_variables_and_arguments(void **arg)
{
	uint64_t sp;

	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	assert_int_equal(word_of_image(0x201040), WORLD_REGION);
	assert_int_equal(word_of_image(0x201048), 0x4444444444444444ull);
	sp = thread_now()->registers[REG_RSP];
	assert_int_equal(word_of_image(sp), 2);
	assert_int_equal(word_of_image(word_of_image(sp + 16) & ~7ull) >> 8 * (word_of_image(sp + 16) & 7) & 0xff, 't');
	assert_int_equal(word_of_image(sp + 24), 0);
}

/* ---- tests: who may ask ---- */

static void asks_only_for_what_it_may(void **arg)
{
	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	for (seL4_Word verb = CONTROLLER_LOAD; verb <= CONTROLLER_SWAP; verb++) {
		assert_int_equal(ask_program(CHILD_CHANNEL, verb, CHILD_ID + 1), CONTROLLER_NOT_ALLOWED);
		assert_int_equal(ask_program(CHILD_CHANNEL, verb, 44), CONTROLLER_NOT_ALLOWED);
		assert_int_equal(ask_program(OPERATOR_CHANNEL, verb, 44), CONTROLLER_NO_DOMAIN);
		assert_int_equal(ask_program(OPERATOR_CHANNEL, verb, CONTROLLER_SELF), CONTROLLER_NO_DOMAIN);
	}
	for (seL4_Word verb = CONTROLLER_STOP; verb <= CONTROLLER_UNLOAD; verb++) {
		assert_int_equal(ask(CHILD_CHANNEL, verb, CHILD_ID + 1), CONTROLLER_NOT_ALLOWED);
		assert_int_equal(ask(CHILD_CHANNEL, verb, 44), CONTROLLER_NOT_ALLOWED);
		assert_int_equal(ask(OPERATOR_CHANNEL, verb, 44), CONTROLLER_NO_DOMAIN);
		assert_int_equal(ask(OPERATOR_CHANNEL, verb, CONTROLLER_SELF), CONTROLLER_NO_DOMAIN);
	}
	assert_int_equal(record.domain[0].state, CONTROLLER_RUNNING);
	assert_int_equal(record.domain[0].generation, 1);
}

static void refuses_what_the_state_forbids(void **arg)
{
	(void)arg;
	assert_int_equal(swap(), CONTROLLER_WRONG_STATE);
	assert_int_equal(microkit_mr_get(1), CONTROLLER_EMPTY);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_STOP, CHILD_ID), CONTROLLER_WRONG_STATE);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_RESUME, CHILD_ID), CONTROLLER_WRONG_STATE);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID), CONTROLLER_WRONG_STATE);
	assert_int_equal(load(), CONTROLLER_OK);
	assert_int_equal(load(), CONTROLLER_WRONG_STATE);
	assert_int_equal(microkit_mr_get(1), CONTROLLER_RUNNING);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_RESUME, CHILD_ID), CONTROLLER_WRONG_STATE);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_STOP, CHILD_ID), CONTROLLER_OK);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_STOP, CHILD_ID), CONTROLLER_WRONG_STATE);
	assert_int_equal(microkit_mr_get(1), CONTROLLER_STOPPED);
	assert_int_equal(load(), CONTROLLER_WRONG_STATE);
}

static void refuses_malformed_requests(void **arg)
{
	seL4_Word *message = seL4_GetIPCBuffer()->msg;

	(void)arg;
#define MALFORMED(change) do { \
		memset(message, 0, 80 * sizeof *message); \
		message[0] = CHILD_ID; \
		memcpy(&message[1], "first", 5); \
		words = 11; \
		verb = CONTROLLER_LOAD; \
		change; \
		assert_int_equal(send(OPERATOR_CHANNEL, verb, words), CONTROLLER_BAD_REQUEST); \
	} while (0)
	seL4_Word words, verb;
	MALFORMED(verb = 0);
	MALFORMED(verb = CONTROLLER_LEDGER + 1);
	MALFORMED(verb = ~0ul >> 12);
	MALFORMED(words = 10);
	MALFORMED(words = 0);
	MALFORMED(words = 12);
	MALFORMED((message[10] = 1, words = 11));
	MALFORMED((message[10] = 513, words = 76));
	MALFORMED((message[10] = ~0ul, words = 11));
	MALFORMED(message[9] = 65);
	MALFORMED(message[9] = 1ull << 32);
	MALFORMED(message[1] = 0);
	MALFORMED(memset(&message[1], 'x', 64));
	MALFORMED((verb = CONTROLLER_STOP, words = 0));
	MALFORMED((verb = CONTROLLER_UNLOAD, words = 2));
	MALFORMED((verb = CONTROLLER_LIST, words = 2));
	MALFORMED(message[9] = 1); /* one argument, and no string */
	assert_int_equal(microkit_mr_get(0), STATUS_START_STRINGS_MALFORMED);
	MALFORMED((message[9] = 0, message[10] = 3, words = 12));
	assert_int_equal(record.domain[0].state, CONTROLLER_EMPTY);
}

/* ---- tests: programs that are refused ---- */

static void refuses_what_the_store_does_not_have(void **arg)
{
	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	store.label = STORE_NO_SUCH_PROGRAM;
	assert_int_equal(swap(), CONTROLLER_NO_PROGRAM);
	store.label = STORE_BAD_ARCHIVE;
	assert_int_equal(swap(), CONTROLLER_BAD_PROGRAM);
	assert_int_equal(microkit_mr_get(0), STATUS_ARCHIVE_MAGIC);
	store.label = STORE_OK;
	store.words = 8; /* the digest is not all there */
	assert_int_equal(swap(), CONTROLLER_NO_PROGRAM);
	controller_store = GRAFT_NO_CHANNEL;
	assert_int_equal(swap(), CONTROLLER_NO_PROGRAM);
	assert_int_equal(record.domain[0].generation, 1);
}

static void expect_bad(enum status status)
{
	struct space_ledger before = ledger_now(), after;
	uint64_t calls = controller.space.calls;

	assert_int_equal(swap(), CONTROLLER_BAD_PROGRAM);
	assert_int_equal(microkit_mr_get(0), status);
	assert_int_equal(controller.space.calls, calls);
	after = ledger_now();
	assert_memory_equal(&after, &before, sizeof after);
}

static void believes_nothing_the_store_says(void **arg)
{
	struct archive_entry good = store.entry;

	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
#define BAD(field, value, status) (store.entry = good, store.entry.field = (value), expect_bad(status))
	BAD(offset, PAGE_BYTES + 8, STATUS_ARCHIVE_PAYLOAD_MISPLACED);
	BAD(offset, ARCHIVE_PAGES * PAGE_BYTES, STATUS_ARCHIVE_PAYLOAD_OUTSIDE);
	BAD(offset, 0 - PAGE_BYTES, STATUS_ARCHIVE_PAYLOAD_OUTSIDE);
	BAD(size_bytes, 0, STATUS_ARCHIVE_PAYLOAD_SIZE);
	BAD(size_bytes, 100, STATUS_ARCHIVE_PAYLOAD_SIZE);
	BAD(size_bytes, ARCHIVE_PAGES * PAGE_BYTES, STATUS_ARCHIVE_PAYLOAD_OUTSIDE);
	BAD(size_bytes, 0 - PAGE_BYTES, STATUS_ARCHIVE_PAYLOAD_OUTSIDE);
	BAD(flags, 0x80, STATUS_ARCHIVE_FLAGS);
	BAD(digest[31], (uint8_t)(good.digest[31] ^ 1), STATUS_ARCHIVE_PAYLOAD_DIGEST);
	BAD(size_bytes, good.size_bytes - PAGE_BYTES, STATUS_ARCHIVE_PAYLOAD_DIGEST);
	BAD(offset, 6 * PAGE_BYTES, STATUS_ARCHIVE_PAYLOAD_DIGEST);
	assert_int_equal(record.domain[0].generation, 1);
}

static void refuses_a_bad_program_under_a_good_digest(void **arg)
{
	uint8_t *file = archive + 6 * PAGE_BYTES;

	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	file[0] = 0;
	offer(6);
	expect_bad(STATUS_ELF_MAGIC);
	file[0] = 0x7f;
	bytes_put64(file + 24, 0x201000);
	offer(6);
	expect_bad(STATUS_ELF_ENTRY_NOT_EXECUTABLE);
	bytes_put64(file + 24, 0x200000);
	bytes_put64(file + 0x3008, 4);
	offer(6);
	expect_bad(STATUS_SYMBOL_TOO_SMALL);
	bytes_put64(file + 0x3000, 0x200040);
	offer(6);
	expect_bad(STATUS_SYMBOL_OUTSIDE);
}

static void refuses_a_program_that_overlaps_a_region(void **arg)
{
	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	grant.map[0].vaddr = 0x202000;
	expect_bad(STATUS_PLAN_OVERLAP);
}

static void says_needed_and_available(void **arg)
{
	uint64_t calls;

	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	grant.domain[0].stack_pages = 100;
	calls = controller.space.calls;
	assert_int_equal(swap(), CONTROLLER_NO_MEMORY);
	assert_int_equal(controller.space.calls, calls);
	assert_int_equal(microkit_mr_get(0), STATUS_SPACE_NO_MEMORY);
	assert_true(microkit_mr_get(1) > 100 * PAGE_BYTES);
	assert_int_equal(microkit_mr_get(2), ledger_now().untyped_bytes_free);
	for (uint32_t i = 0; i < controller.space.state->accounts_total; i++)
		controller.space.state->account[i].state = ACCOUNT_USED;
	grant.domain[0].stack_pages = 2;
	assert_int_equal(swap(), CONTROLLER_NO_SLOTS);
}

/* ---- tests: what runs out is there again when it is given back ---- */

static seL4_Word load_other(void)
{
	return ask_program(OPERATOR_CHANNEL, CONTROLLER_LOAD, CHILD_ID + 1);
}

/* The other domain's load is refused for this reason; once the first domain is empty it is not. */
static void expect_again_after_unload(enum controller_error error, enum status status)
{
	struct space_ledger before = ledger_now(), now;

	assert_int_equal(load_other(), error);
	assert_int_equal(microkit_mr_get(0), status);
	assert_true(microkit_mr_get(1) > microkit_mr_get(2));
	now = ledger_now();
	assert_memory_equal(&now, &before, sizeof now);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID), CONTROLLER_OK);
	assert_int_equal(load_other(), CONTROLLER_OK);
}

static void memory_is_there_again(void **arg)
{
	(void)arg;
	grant.domain[0].stack_pages = grant.domain[1].stack_pages = 24; /* of 64 pages in the pool */
	assert_int_equal(load(), CONTROLLER_OK);
	expect_again_after_unload(CONTROLLER_NO_MEMORY, STATUS_SPACE_NO_MEMORY);
}

static void accounts_are_there_again(void **arg)
{
	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	for (uint32_t i = 0; i < controller.space.state->accounts_total; i++)
		controller.space.state->account[i].state = ACCOUNT_USED;
	expect_again_after_unload(CONTROLLER_NO_SLOTS, STATUS_SPACE_NO_ACCOUNTS);
}

static void asids_are_there_again(void **arg)
{
	const word somebody = 0x1000; /* the address of a VSpace root, never looked at */
	word *roots = w.fake->asid_pool->roots;

	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	for (uint32_t i = 0; i < 1u << seL4_ASIDPoolIndexBits; i++)
		roots[i] = roots[i] ? roots[i] : somebody;
	expect_again_after_unload(CONTROLLER_NO_SLOTS, STATUS_SPACE_NO_ASIDS);
	for (uint32_t i = 0; i < 1u << seL4_ASIDPoolIndexBits; i++)
		roots[i] = roots[i] == somebody ? 0 : roots[i];
}

/* A CNode with so few slots that the pool can be split for one image, and not for two. */
static void slots_are_there_again(void **arg)
{
	bool is_found = false;

	for (uint32_t slots = SPACE_SLOTS_MIN; !is_found && slots < 60; slots++) {
		end(arg);
		start(arg);
		grant.free_end = slots;
		memset(&record, 0, sizeof record);
		assert_int_equal(controller_start(&grant, &record), STATUS_OK);
		is_found = load() == CONTROLLER_OK;
		if (is_found && load_other() == CONTROLLER_NO_SLOTS)
			expect_again_after_unload(CONTROLLER_NO_SLOTS, STATUS_SPACE_NO_SLOTS);
		else
			is_found = false;
	}
	assert_true(is_found);
}

/* ---- tests: the kernel refuses ---- */

static uint64_t caps_now(void)
{
	const struct pool *pool = &controller.space.state->pool;

	return world_figures_now(&w).caps - 2 * (pool->pairs_total - pool->pairs_free);
}

/* The domain as it was: image, what it holds, what the record says of it; nothing more or less in the kernel. */
struct side {
	struct world_figures figures;
	struct record_domain record;
	struct tcb *thread; /* NULL: empty */
	bool runs;
};

static struct side side_now(void)
{
	struct side side = { .figures = { ledger_now(), caps_now() }, .record = record.domain[0] };

	side.thread = side.record.account == ACCOUNT_NONE ? NULL : thread_now();
	side.runs = context()->tcb != NULL;
	return side;
}

static void expect_side(const struct side *before)
{
	struct side now = side_now();

	assert_memory_equal(&now.figures.ledger, &before->figures.ledger, sizeof now.figures.ledger);
	assert_int_equal(now.figures.caps, before->figures.caps);
	assert_int_equal(now.record.account, before->record.account);
	assert_int_equal(now.record.next, ACCOUNT_NONE);
	assert_int_equal(now.record.building, ACCOUNT_NONE);
	assert_int_equal(now.record.doing, RECORD_NOTHING);
	assert_int_equal(now.record.state, before->record.state);
	assert_int_equal(now.record.generation, before->record.generation);
	assert_ptr_equal(now.thread, before->thread);
	assert_ptr_equal(context()->tcb, before->runs ? before->thread : NULL);
	if (before->thread)
		assert_ptr_equal(before->thread->bound_notification, cap_object(fake_cap(w.fake, w.owns.notification)));
	if (before->runs)
		assert_true(thread_is_schedulable(before->thread));
}

/* Asks with the k-th call refused, for every k and every error there is. A refusal leaves everything as it was; the first one that does
 * not is behind the commit, when only memory is still to be given back: that is told on the console, and made up for. */
static void refuse_each_call(seL4_Word (*what)(void), void (*back)(void), uint64_t calls_min)
{
	for (seL4_Error error = seL4_InvalidArgument; error <= seL4_NotEnoughMemory; error++) {
		struct side before = side_now();
		seL4_Word answer = CONTROLLER_KERNEL_REFUSED;
		uint64_t k = 0;

		while (answer == CONTROLLER_KERNEL_REFUSED || answer == CONTROLLER_BUSY || answer == CONTROLLER_NO_SLOTS) {
			sel4_core_refuse(++k, error);
			answer = what();
			sel4_core_refuse(0, 0);
			if (answer == CONTROLLER_KERNEL_REFUSED)
				assert_int_equal(microkit_mr_get(0), error);
			else if (answer == CONTROLLER_BUSY) /* what the kernel says when the scheduling context is lent */
				assert_int_equal(error, seL4_IllegalOperation);
			else if (answer == CONTROLLER_NO_SLOTS) /* what it says when the ASID pool is full */
				assert_int_equal(microkit_mr_get(0), STATUS_SPACE_NO_ASIDS);
			else
				break;
			expect_side(&before);
		}
		assert_int_equal(answer, CONTROLLER_OK);
		assert_true(k > calls_min);
		back();
	}
}

static seL4_Word stop_it(void)
{
	return ask(OPERATOR_CHANNEL, CONTROLLER_STOP, CHILD_ID);
}

static seL4_Word resume_it(void)
{
	return ask(OPERATOR_CHANNEL, CONTROLLER_RESUME, CHILD_ID);
}

static seL4_Word unload_it(void)
{
	return ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID);
}

static seL4_Word swap_itself(void)
{
	return ask_program(CHILD_CHANNEL, CONTROLLER_SWAP, CONTROLLER_SELF);
}

static void unload_again(void)
{
	assert_int_equal(unload_it(), CONTROLLER_OK);
}

static void load_again(void)
{
	assert_int_equal(load(), CONTROLLER_OK);
}

static void resume_again(void)
{
	assert_int_equal(resume_it(), CONTROLLER_OK);
}

static void stop_again(void)
{
	assert_int_equal(stop_it(), CONTROLLER_OK);
}

/* So that every round begins with the same memory: the doomed account is closed by the next load. */
static void begin_anew(void)
{
	unload_again();
	load_again();
}

static void any_call_of_a_load_may_be_refused(void **arg)
{
	(void)arg;
	refuse_each_call(load, unload_again, 30);
	graft_flush();
	assert_int_equal(console_bytes, 0);
}

static void any_call_of_a_swap_may_be_refused(void **arg)
{
	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	refuse_each_call(swap, begin_anew, 30);
	graft_flush();
	assert_non_null(strstr(console, "not back yet: the kernel refused with error 1"));
	refuse_each_call(swap_itself, begin_anew, 30);
}

static void any_call_of_stop_resume_unload_may_be_refused(void **arg)
{
	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	refuse_each_call(stop_it, resume_again, 1);
	stop_again();
	refuse_each_call(resume_it, stop_again, 1);
	resume_again();
	refuse_each_call(unload_it, load_again, 1);
}

static void a_refused_stop_or_resume_leaves_the_domain(void **arg)
{
	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	for (uint64_t k = 1; k < COMMIT_CALLS_STOP; k++) {
		sel4_core_refuse(k, seL4_InvalidCapability);
		assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_STOP, CHILD_ID), CONTROLLER_KERNEL_REFUSED);
		assert_int_equal(record.domain[0].state, CONTROLLER_RUNNING);
		assert_ptr_equal(context()->tcb, thread_now());
	}
	sel4_core_refuse(0, 0);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_STOP, CHILD_ID), CONTROLLER_OK);
	for (uint64_t k = 1; k <= COMMIT_CALLS_RESUME; k++) {
		sel4_core_refuse(k, seL4_InvalidCapability);
		assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_RESUME, CHILD_ID), CONTROLLER_KERNEL_REFUSED);
		assert_int_equal(record.domain[0].state, CONTROLLER_STOPPED);
	}
	sel4_core_refuse(0, 0);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_RESUME, CHILD_ID), CONTROLLER_OK);
}

static void waits_for_a_lent_scheduling_context(void **arg)
{
	struct space_ledger before, after;

	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	before = ledger_now();
	sel4_core_refuse(1, seL4_IllegalOperation);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_STOP, CHILD_ID), CONTROLLER_BUSY);
	sel4_core_refuse(1, seL4_IllegalOperation);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID), CONTROLLER_BUSY);
	sel4_core_refuse(0, 0);
	after = ledger_now();
	assert_memory_equal(&after, &before, sizeof after);
	assert_int_equal(record.domain[0].state, CONTROLLER_RUNNING);
}

/* The memory of an image that is gone comes back with the next load at the latest. */
static void a_refused_revoke_is_made_up_for(void **arg)
{
	struct space_ledger loaded, now;

	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	loaded = ledger_now();
	sel4_core_refuse(COMMIT_CALLS_STOP, seL4_InvalidCapability); /* the first revoke: the answer to a caller is a send */
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID), CONTROLLER_OK);
	sel4_core_refuse(0, 0);
	assert_int_equal(record.domain[0].state, CONTROLLER_EMPTY);
	assert_int_equal(ledger_now().accounts, 1);
	graft_flush();
	assert_non_null(strstr(console, "not back yet"));
	assert_int_equal(load(), CONTROLLER_OK);
	now = ledger_now();
	assert_memory_equal(&now, &loaded, sizeof now);
}

/* ---- tests: faults ---- */

static void faults(seL4_Word label, uint32_t count, ...)
{
	seL4_MessageInfo_t answer;
	va_list words;

	va_start(words, count);
	for (uint32_t i = 0; i < count; i++)
		microkit_mr_set((seL4_Uint8)i, va_arg(words, seL4_Word));
	va_end(words);
	memset(console, 0, sizeof console);
	console_bytes = 0;
	assert_false(fault(CHILD_ID, microkit_msginfo_new(label, (seL4_Uint16)count), &answer));
	graft_flush();
}

static void reports_faults_and_stops_the_domain(void **arg)
{
	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	faults(seL4_Fault_VMFault, 4, 0x200010ul, 0xbad0ul, 0ul, 6ul);
	assert_string_equal(console, "fault: domain worker, program first: page fault at 0xbad0 ip 0x200010 (write, nothing there)\n");
	assert_int_equal(record.domain[0].state, CONTROLLER_FAULTED);
	assert_int_equal(thread_now()->state, THREAD_INACTIVE);
	assert_null(context()->tcb);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_RESUME, CHILD_ID), CONTROLLER_WRONG_STATE);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_STOP, CHILD_ID), CONTROLLER_WRONG_STATE);
	assert_int_equal(swap(), CONTROLLER_OK);
	assert_int_equal(record.domain[0].state, CONTROLLER_RUNNING);
	assert_ptr_equal(context()->tcb, thread_now());
	faults(seL4_Fault_VMFault, 4, 0x1ul, 0x1ul, 1ul, 0x15ul);
	assert_string_equal(console, "fault: domain worker, program first: page fault at 0x1 ip 0x1 (execute, not allowed)\n");
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID), CONTROLLER_OK);
	assert_int_equal(ledger_now().accounts, 0);
}

static void names_each_kind_of_fault(void **arg)
{
	(void)arg;
	assert_int_equal(load(), CONTROLLER_OK);
	faults(seL4_Fault_CapFault, 3, 0x10ul, 0x99ul, 1ul);
	assert_string_equal(console, "fault: domain worker, program first: no such capability 0x99 ip 0x10\n");
	assert_int_equal(swap(), CONTROLLER_OK);
	faults(seL4_Fault_UserException, 5, 0x20ul, 0x30ul, 0x2ul, 6ul, 7ul);
	assert_string_equal(console, "fault: domain worker, program first: exception 6 error code 0x7 ip 0x20\n");
	assert_int_equal(swap(), CONTROLLER_OK);
	microkit_mr_set(seL4_UnknownSyscall_FaultIP, 0x40);
	microkit_mr_set(seL4_UnknownSyscall_Syscall, 0x50);
	faults(seL4_Fault_UnknownSyscall, 0);
	assert_string_equal(console, "fault: domain worker, program first: unknown system call 0x50 ip 0x40\n");
	assert_int_equal(swap(), CONTROLLER_OK);
	record.domain[0].program.base = 0x10200000;
	faults(seL4_Fault_VMFault, 4, 0x10200010ul, 0xbad0ul, 0ul, 6ul);
	assert_string_equal(console, "fault: domain worker, program first at base 0x10200000: page fault at 0xbad0 ip 0x10200010 "
	                             "(write, nothing there)\n");
	assert_int_equal(swap(), CONTROLLER_OK);
	faults(seL4_Fault_Timeout, 2, 1ul, 2ul);
	assert_string_equal(console, "fault: domain worker, program first: fault of kind 5\n");
}

static void a_fault_of_nobody_is_told(void **arg)
{
	seL4_MessageInfo_t answer;

	(void)arg;
	assert_false(fault(44, microkit_msginfo_new(seL4_Fault_VMFault, 4), &answer));
	graft_flush();
	assert_non_null(strstr(console, "child 44"));
}

static void refuses_a_grant_that_is_none(void **arg)
{
	(void)arg;
	memset(&record, 0, sizeof record);
	grant.magic++;
	assert_int_equal(controller_start(&grant, &record), STATUS_SPACE_BAD_USE);
	grant.magic--;
	grant.abi_set = 99;
	assert_int_equal(controller_start(&grant, &record), STATUS_SPACE_BAD_USE);
	grant.abi_set = ABI_SET;
	grant.domain_count = GRANT_DOMAINS_MAX + 1;
	assert_int_equal(controller_start(&grant, &record), STATUS_SPACE_BAD_USE);
	grant.domain_count = 2;
	grant.reply_count = JOBS_MAX - 1;
	assert_int_equal(controller_start(&grant, &record), STATUS_SPACE_BAD_USE);
	grant.reply_count = GRANT_REPLIES;
	grant.untyped[0].size_bits = 11;
	assert_int_equal(controller_start(&grant, &record), STATUS_SPACE_UNTYPED_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(loads_what_the_description_names),
		TEST(tells_of_a_load_if_asked), TEST(says_why_the_first_program_is_not_loaded),
		TEST(swaps_from_outside_and_from_inside),
		TEST(stops_resumes_and_unloads),
		TEST(lists_and_keeps_the_ledger),
		TEST(image_has_its_variables_and_arguments),
		TEST(asks_only_for_what_it_may),
		TEST(refuses_what_the_state_forbids),
		TEST(refuses_malformed_requests),
		TEST(refuses_what_the_store_does_not_have),
		TEST(believes_nothing_the_store_says),
		TEST(refuses_a_bad_program_under_a_good_digest),
		TEST(refuses_a_program_that_overlaps_a_region),
		TEST(says_needed_and_available),
		TEST(memory_is_there_again),
		TEST(accounts_are_there_again),
		TEST(asids_are_there_again),
		TEST(slots_are_there_again),
		TEST(any_call_of_a_load_may_be_refused),
		TEST(any_call_of_a_swap_may_be_refused),
		TEST(any_call_of_stop_resume_unload_may_be_refused),
		TEST(a_refused_stop_or_resume_leaves_the_domain),
		TEST(waits_for_a_lent_scheduling_context),
		TEST(a_refused_revoke_is_made_up_for),
		TEST(reports_faults_and_stops_the_domain),
		TEST(names_each_kind_of_fault),
		TEST(a_fault_of_nobody_is_told),
		TEST(refuses_a_grant_that_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
