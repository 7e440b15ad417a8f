/* SPDX-License-Identifier: BSD-2-Clause */
/* Swaps on probation, on the kernel core: the old image is kept as it stopped, goes with CONFIRM, and comes back by request, when the new
 * one refuses or faults, or when a deadline is over. Each call refused once; stopped behind each call, and behind each of the restart. */
#include "test/unit/stopping.h"
#include "kernel/core/ipc.h"
#include "user/timer/protocol.h"

#define TIMER_CHANNEL 59u
#define DATA_VADDR    0x201040u /* in a page of the image's own */

/* ---- a timer ---- */

static struct {
	uint64_t now_ms, alarm_ms; /* alarm_ms 0: none was asked for */
	bool is_silent;
} timer;

static bool serve_with_timer(seL4_CPtr to, seL4_MessageInfo_t *info, struct sel4_words *words)
{
	if (to != BASE_ENDPOINT_CAP + TIMER_CHANNEL)
		return serve_in_their_place(to, info, words);
	if (seL4_MessageInfo_get_label(*info) == TIMER_ALARM)
		timer.alarm_ms = words->mr1 << 32 | words->mr0;
	words->mr0 = (uint32_t)timer.now_ms;
	words->mr1 = timer.now_ms >> 32;
	*info = seL4_MessageInfo_new(timer.is_silent ? 1 : 0, 0, 0, timer.is_silent ? 0 : 2);
	return true;
}

static int begin_anew(void **arg)
{
	int result = start(arg);

	memset(&timer, 0, sizeof timer);
	timer.now_ms = 5000000000;
	controller_timer = TIMER_CHANNEL;
	microkit_pps |= 1ull << TIMER_CHANNEL;
	sel4_core_server = serve_with_timer;
	return result;
}

static int finish_it(void **arg)
{
	controller_timer = GRAFT_NO_CHANNEL;
	return end(arg);
}

/* ---- asking ---- */

/* A request for "first" on probation; returns how many words. */
static seL4_Word put_request(seL4_Word domain, seL4_Word deadline_ms)
{
	seL4_Word *message = seL4_GetIPCBuffer()->msg;

	memset(message, 0, 13 * sizeof *message);
	message[0] = domain;
	memcpy(&message[1], "first", 5);
	message[9] = CONTROLLER_ON_PROBATION;
	message[11] = deadline_ms;
	return 12;
}

static seL4_Word probation_words(microkit_channel ch, seL4_Word verb, seL4_Word domain, seL4_Word deadline_ms, seL4_Word words)
{
	offer(6);
	put_request(domain, deadline_ms);
	return send(ch, verb, words);
}

static seL4_Word try_it(void)
{
	return probation_words(OPERATOR_CHANNEL, CONTROLLER_SWAP, CHILD_ID, 0, 12);
}

static seL4_Word try_until(seL4_Word deadline_ms)
{
	return probation_words(OPERATOR_CHANNEL, CONTROLLER_SWAP, CHILD_ID, deadline_ms, 12);
}

static seL4_Word try_itself(void)
{
	return probation_words(CHILD_CHANNEL, CONTROLLER_SWAP, CONTROLLER_SELF, 0, 12);
}

static seL4_Word confirm(void)
{
	return ask(OPERATOR_CHANNEL, CONTROLLER_CONFIRM, CHILD_ID);
}

static seL4_Word roll_back(void)
{
	return ask(OPERATOR_CHANNEL, CONTROLLER_ROLLBACK, CHILD_ID);
}

static seL4_Word refuse_itself(void)
{
	return ask(CHILD_CHANNEL, CONTROLLER_ROLLBACK, CONTROLLER_SELF);
}

static seL4_Word stop_it(void)
{
	return ask(OPERATOR_CHANNEL, CONTROLLER_STOP, CHILD_ID);
}

static seL4_Word unload_it(void)
{
	return ask(OPERATOR_CHANNEL, CONTROLLER_UNLOAD, CHILD_ID);
}

static seL4_Word fault_it(void)
{
	seL4_MessageInfo_t none;

	fault(CHILD_ID, microkit_msginfo_new(seL4_Fault_VMFault, 4), &none);
	return CONTROLLER_OK;
}

/* The timer calls, a second later. */
static seL4_Word time_passes(void)
{
	timer.now_ms += 1000;
	notified(TIMER_CHANNEL);
	return CONTROLLER_OK;
}

static void expect_swap(enum controller_swap_state state, enum controller_reason reason, uint32_t kept)
{
	assert_int_equal(ask(CHILD_CHANNEL, CONTROLLER_LIST, 0), CONTROLLER_OK);
	assert_int_equal(microkit_mr_get(6), state);
	assert_int_equal(microkit_mr_get(7), reason);
	assert_int_equal(microkit_mr_get(8), kept == ACCOUNT_NONE ? 0 : account_bytes(&controller.space, kept));
}

static void expect_said(const char *text)
{
	graft_flush();
	assert_non_null(strstr(console, text));
}

/* ---- the old image ---- */

static uint64_t *memory_word(uint32_t account, uint64_t vaddr)
{
	struct lookup_failure failure;
	struct cap root = world_cap(&w, build_vspace_cptr(&controller.space, account));
	const word *entry = paging_entry(&w.fake->kernel, cap_object(root), vaddr, 0, &failure);

	assert_non_null(entry);
	return (uint64_t *)((uint8_t *)kernel_pointer(&w.fake->kernel, *entry & PTE_ADDRESS) + vaddr % PAGE_BYTES);
}

static struct {
	struct tcb *thread;
	word registers[REGISTER_COUNT];
	uint8_t fpu[FPU_AREA_BYTES];
	struct space_ledger ledger;
	struct record_program program;
} old;

/* The old image has done some work: its registers, its floating-point unit and its memory are its own. */
static void load_old(void)
{
	offer(1);
	assert_int_equal(load(), CONTROLLER_OK);
	old.thread = thread_now();
	old.thread->registers[REG_RBX] = 0x1234567;
	memset(old.thread->fpu, 0x5b, sizeof old.thread->fpu);
	*memory_word(record.domain[0].account, DATA_VADDR) = 0x7777;
	memcpy(old.fpu, old.thread->fpu, sizeof old.fpu);
	memcpy(old.registers, old.thread->registers, sizeof old.registers);
	old.ledger = ledger_now();
	old.program = record.domain[0].program;
}

/* It has the domain again, exactly as it stopped, and nothing of the other one is left. waited: its call was answered. */
static void expect_old(enum controller_state state, bool waited)
{
	struct space_ledger now = ledger_now();
	word registers[REGISTER_COUNT];

	assert_memory_equal(&now, &old.ledger, sizeof now);
	assert_int_equal(record.domain[0].kept, ACCOUNT_NONE);
	assert_int_equal(record.domain[0].state, state);
	assert_memory_equal(&record.domain[0].program, &old.program, sizeof old.program);
	assert_ptr_equal(thread_now(), old.thread);
	assert_ptr_equal(context()->tcb, state == CONTROLLER_RUNNING ? old.thread : NULL);
	assert_int_equal(thread_is_schedulable(old.thread), state == CONTROLLER_RUNNING);
	assert_ptr_equal(old.thread->bound_notification, cap_object(fake_cap(w.fake, w.owns.notification)));
	assert_memory_equal(old.thread->fpu, old.fpu, sizeof old.fpu);
	assert_int_equal(*memory_word(record.domain[0].account, DATA_VADDR), 0x7777);
	memcpy(registers, old.thread->registers, sizeof registers);
	registers[REG_FAULT_IP] = old.registers[REG_FAULT_IP]; /* of a thread that is not in a call it says nothing */
	if (!waited)
		assert_memory_equal(registers, old.registers, sizeof registers);
}

/* The new one has the domain, the old one can't run. */
static void expect_on_probation(enum controller_state state)
{
	const struct record_domain *domain = &record.domain[0];
	struct tcb *kept = cap_object(world_cap(&w, build_thread_cptr(&controller.space, domain->kept)));

	assert_ptr_equal(kept, old.thread);
	assert_ptr_not_equal(thread_now(), kept);
	assert_int_equal(domain->state, state);
	assert_int_equal(domain->next, ACCOUNT_NONE);
	assert_int_equal(domain->program.id, 6);
	assert_int_equal(kept->state, THREAD_INACTIVE);
	assert_null(kept->sc);
	assert_null(kept->bound_notification);
	assert_ptr_equal(context()->tcb, state == CONTROLLER_RUNNING ? thread_now() : NULL);
	assert_ptr_equal(thread_now()->bound_notification, cap_object(fake_cap(w.fake, w.owns.notification)));
	assert_int_equal(ledger_now().accounts, 2);
}

/* ---- tests ---- */

static void keeps_the_old_one_until_it_is_confirmed(void **arg)
{
	struct space_ledger now;

	(void)arg;
	load_old();
	assert_int_equal(try_it(), CONTROLLER_OK);
	expect_on_probation(CONTROLLER_RUNNING);
	assert_memory_equal(old.thread->fpu, old.fpu, sizeof old.fpu);
	expect_swap(CONTROLLER_SWAP_ON_PROBATION, CONTROLLER_REASON_NONE, record.domain[0].kept);
	assert_int_equal(record.domain[0].generation, 2);
	assert_int_equal(ledger_now().untyped_bytes_free, old.ledger.untyped_bytes_free
	                 - account_bytes(&controller.space, record.domain[0].account)); /* old and new, and nothing else */
	assert_int_equal(confirm(), CONTROLLER_OK);
	assert_int_equal(microkit_mr_get(0), 2);
	now = ledger_now();
	assert_memory_equal(&now, &old.ledger, sizeof now);
	assert_ptr_equal(context()->tcb, thread_now());
	expect_swap(CONTROLLER_SWAP_CONFIRMED, CONTROLLER_REASON_NONE, ACCOUNT_NONE);
	assert_int_equal(confirm(), CONTROLLER_NOT_ON_PROBATION);
	assert_int_equal(roll_back(), CONTROLLER_NOT_ON_PROBATION);
	assert_int_equal(microkit_mr_get(1), CONTROLLER_SWAP_CONFIRMED);
	assert_int_equal(try_it(), CONTROLLER_OK); /* and the next one */
}

static void goes_back_as_it_stopped(void **arg)
{
	(void)arg;
	load_old();
	for (uint64_t i = 1; i <= 3; i++) {
		assert_int_equal(try_it(), CONTROLLER_OK);
		assert_int_equal(roll_back(), CONTROLLER_OK);
		assert_int_equal(microkit_mr_get(0), 1 + 2 * i);
		assert_int_equal(record.domain[0].generation, 1 + 2 * i);
		expect_old(CONTROLLER_RUNNING, false);
		expect_swap(CONTROLLER_SWAP_ROLLED_BACK, CONTROLLER_REASON_ASKED, ACCOUNT_NONE);
	}
	expect_said("worker is back to first: by request");
	assert_int_equal(confirm(), CONTROLLER_NOT_ON_PROBATION);
	assert_int_equal(microkit_mr_get(1), CONTROLLER_SWAP_ROLLED_BACK);
	assert_int_equal(microkit_mr_get(2), CONTROLLER_REASON_ASKED);
	assert_int_equal(swap(), CONTROLLER_OK);
	expect_swap(CONTROLLER_SWAP_IDLE, CONTROLLER_REASON_NONE, ACCOUNT_NONE);
}

/* The hand-over is as long as any; giving memory back is not part of it, and as long as when the old one goes. */
static void goes_back_in_a_fixed_number_of_calls(void **arg)
{
	uint64_t to_close, to_go_back;

	(void)arg;
	load_old();
	assert_int_equal(try_it(), CONTROLLER_OK);
	sel4_core_calls = 0;
	assert_int_equal(confirm(), CONTROLLER_OK);
	to_close = sel4_core_calls;
	assert_int_equal(try_it(), CONTROLLER_OK);
	sel4_core_calls = 0;
	assert_int_equal(roll_back(), CONTROLLER_OK);
	to_go_back = sel4_core_calls;
	assert_int_equal(to_go_back, COMMIT_CALLS_SWAP + to_close);
}

static void the_new_one_decides_for_itself(void **arg)
{
	(void)arg;
	load_old();
	assert_int_equal(try_it(), CONTROLLER_OK);
	assert_int_equal(refuse_itself(), CONTROLLER_OK);
	expect_old(CONTROLLER_RUNNING, false);
	expect_swap(CONTROLLER_SWAP_ROLLED_BACK, CONTROLLER_REASON_REJECTED, ACCOUNT_NONE);
	expect_said("worker is back to first: the new program refused");
	assert_int_equal(try_it(), CONTROLLER_OK);
	assert_int_equal(ask(CHILD_CHANNEL, CONTROLLER_CONFIRM, CONTROLLER_SELF), CONTROLLER_OK);
	expect_swap(CONTROLLER_SWAP_CONFIRMED, CONTROLLER_REASON_NONE, ACCOUNT_NONE);
	assert_int_equal(ask(CHILD_CHANNEL, CONTROLLER_CONFIRM, CHILD_ID + 1), CONTROLLER_NOT_ALLOWED);
	assert_int_equal(ask(CHILD_CHANNEL, CONTROLLER_ROLLBACK, CHILD_ID + 1), CONTROLLER_NOT_ALLOWED);
}

static void a_fault_brings_the_old_one_back(void **arg)
{
	(void)arg;
	load_old();
	assert_int_equal(try_it(), CONTROLLER_OK);
	fault_it();
	expect_old(CONTROLLER_RUNNING, false);
	assert_int_equal(record.domain[0].generation, 3);
	expect_swap(CONTROLLER_SWAP_ROLLED_BACK, CONTROLLER_REASON_FAULT, ACCOUNT_NONE);
	expect_said("worker is back to first: the new program faulted");
	fault_it(); /* the old one's own fault is nobody's to undo */
	assert_int_equal(record.domain[0].state, CONTROLLER_FAULTED);
}

/* The kernel refuses to hand back: what faulted is stopped, and on probation still. */
static void what_can_not_be_taken_back_is_stopped(void **arg)
{
	(void)arg;
	load_old();
	assert_int_equal(try_it(), CONTROLLER_OK);
	sel4_core_refuse(1, seL4_InvalidCapability);
	fault_it();
	expect_on_probation(CONTROLLER_FAULTED);
	expect_said("worker could not be taken back");
	assert_int_equal(confirm(), CONTROLLER_WRONG_STATE);
	assert_int_equal(roll_back(), CONTROLLER_OK);
	expect_old(CONTROLLER_RUNNING, false);
}

static void nothing_else_is_done_meanwhile(void **arg)
{
	struct space_ledger empty = ledger_now(), now;

	(void)arg;
	load_old();
	assert_int_equal(try_it(), CONTROLLER_OK);
	assert_int_equal(try_it(), CONTROLLER_UNCONFIRMED);
	assert_int_equal(swap(), CONTROLLER_UNCONFIRMED);
	assert_int_equal(ask_program(CHILD_CHANNEL, CONTROLLER_SWAP, CONTROLLER_SELF), CONTROLLER_UNCONFIRMED);
	assert_int_equal(ask(CHILD_CHANNEL, CONTROLLER_UNLOAD, CONTROLLER_SELF), CONTROLLER_UNCONFIRMED);
	expect_on_probation(CONTROLLER_RUNNING);
	assert_int_equal(unload_it(), CONTROLLER_OK); /* whoever may ask for all gives both up */
	now = ledger_now();
	assert_memory_equal(&now, &empty, sizeof now);
	expect_swap(CONTROLLER_SWAP_IDLE, CONTROLLER_REASON_NONE, ACCOUNT_NONE);
	assert_int_equal(roll_back(), CONTROLLER_NOT_ON_PROBATION);
	load_old();
}

static void malformed_requests_are_refused(void **arg)
{
	(void)arg;
	assert_int_equal(probation_words(OPERATOR_CHANNEL, CONTROLLER_LOAD, CHILD_ID, 0, 12), CONTROLLER_BAD_REQUEST);
	load_old();
	assert_int_equal(probation_words(OPERATOR_CHANNEL, CONTROLLER_SWAP, CHILD_ID, 0, 11), CONTROLLER_BAD_REQUEST);
	assert_int_equal(probation_words(OPERATOR_CHANNEL, CONTROLLER_SWAP, CHILD_ID, 0, 13), CONTROLLER_BAD_REQUEST);
	assert_int_equal(send(OPERATOR_CHANNEL, CONTROLLER_CONFIRM, 2), CONTROLLER_BAD_REQUEST);
	assert_int_equal(send(OPERATOR_CHANNEL, CONTROLLER_ROLLBACK, 0), CONTROLLER_BAD_REQUEST);
	(void)put_request(CHILD_ID, 0);
	microkit_mr_set(10, 8); /* a string where the deadline would be */
	assert_int_equal(send(OPERATOR_CHANNEL, CONTROLLER_SWAP, 12), CONTROLLER_BAD_REQUEST);
	assert_int_equal(try_it(), CONTROLLER_OK);
	for (size_t i = 0; i < 4; i++) {
		const seL4_Word nobody[] = { 0, 44, CONTROLLER_SELF, ~(seL4_Word)0 };

		assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_CONFIRM, nobody[i]), CONTROLLER_NO_DOMAIN);
		assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_ROLLBACK, nobody[i]), CONTROLLER_NO_DOMAIN);
	}
	expect_on_probation(CONTROLLER_RUNNING);
}

static void names_the_states_of_a_swap(void **arg)
{
	seL4_Word label, seen = 0;

	(void)arg;
	load_old();
	offer(6);
	assert_true(begin(OPERATOR_CHANNEL, CONTROLLER_SWAP, put_request(CHILD_ID, 0), &label));
	do {
		assert_int_equal(ask(CHILD_CHANNEL, CONTROLLER_LIST, 0), CONTROLLER_OK);
		seen |= 1u << microkit_mr_get(6);
	} while (graft_work());
	assert_int_equal(seen, 1u << CONTROLLER_SWAP_PREPARING | 1u << CONTROLLER_SWAP_STAGED);
	expect_swap(CONTROLLER_SWAP_ON_PROBATION, CONTROLLER_REASON_NONE, record.domain[0].kept);
}

/* A program that had been stopped comes back stopped, whatever the new one does. */
static void what_was_stopped_comes_back_stopped(void **arg)
{
	(void)arg;
	for (int i = 0; i < 4; i++) {
		load_old();
		assert_int_equal(stop_it(), CONTROLLER_OK);
		assert_int_equal(try_it(), CONTROLLER_OK);
		expect_on_probation(CONTROLLER_RUNNING);
		if (i == 1)
			assert_int_equal(stop_it(), CONTROLLER_OK);
		if (i == 2)
			fault_it();
		else
			assert_int_equal(i == 3 ? refuse_itself() : roll_back(), CONTROLLER_OK);
		expect_old(CONTROLLER_STOPPED, false);
		assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_RESUME, CHILD_ID), CONTROLLER_OK);
		expect_old(CONTROLLER_RUNNING, false);
		assert_int_equal(unload_it(), CONTROLLER_OK);
	}
	load_old();
	fault_it();
	assert_int_equal(try_it(), CONTROLLER_OK);
	assert_int_equal(roll_back(), CONTROLLER_OK);
	expect_old(CONTROLLER_FAULTED, false);
}

static void a_stopped_new_one_is_taken_back(void **arg)
{
	(void)arg;
	load_old();
	assert_int_equal(try_it(), CONTROLLER_OK);
	assert_int_equal(stop_it(), CONTROLLER_OK);
	expect_on_probation(CONTROLLER_STOPPED);
	assert_int_equal(ask(OPERATOR_CHANNEL, CONTROLLER_RESUME, CHILD_ID), CONTROLLER_OK);
	expect_on_probation(CONTROLLER_RUNNING);
	assert_int_equal(stop_it(), CONTROLLER_OK);
	assert_int_equal(roll_back(), CONTROLLER_OK);
	expect_old(CONTROLLER_RUNNING, false);
}

/* It asked for its own replacement: it does not ask again, but is told what became of it. */
static void who_asked_for_itself_is_told(void **arg)
{
	word ip;

	(void)arg;
	load_old();
	ip = old.thread->registers[REG_NEXT_IP];
	assert_int_equal(try_itself(), CONTROLLER_OK);
	expect_on_probation(CONTROLLER_RUNNING);
	fault_it();
	expect_old(CONTROLLER_RUNNING, true);
	assert_int_equal(old.thread->registers[REG_NEXT_IP], ip + 2);
	assert_int_equal(old.thread->registers[REG_RBX], 0x1234567);
	assert_int_equal(seL4_MessageInfo_get_label((seL4_MessageInfo_t){ { old.thread->registers[REG_INFO] } }), CONTROLLER_ROLLED_BACK);
	assert_int_equal(old.thread->registers[REG_MESSAGE], CONTROLLER_REASON_FAULT);
}

/* ---- tests: the deadline ---- */

static void a_deadline_brings_the_old_one_back(void **arg)
{
	(void)arg;
	load_old();
	assert_int_equal(try_until(1500), CONTROLLER_OK);
	assert_int_equal(timer.alarm_ms, 5000001500);
	time_passes();
	expect_on_probation(CONTROLLER_RUNNING);
	time_passes();
	expect_old(CONTROLLER_RUNNING, false);
	expect_swap(CONTROLLER_SWAP_ROLLED_BACK, CONTROLLER_REASON_DEADLINE, ACCOUNT_NONE);
	expect_said("worker is back to first: nobody confirmed the new program in time");
	timer.alarm_ms = 0;
	assert_int_equal(try_until(1500), CONTROLLER_OK);
	assert_int_equal(confirm(), CONTROLLER_OK);
	time_passes();
	time_passes();
	assert_int_equal(record.domain[0].generation, 4); /* what is confirmed stays */
	assert_int_equal(try_it(), CONTROLLER_OK);
	time_passes();
	time_passes();
	assert_int_equal(record.domain[0].generation, 5); /* and what has no deadline */
}

static void without_a_timer_there_is_no_deadline(void **arg)
{
	(void)arg;
	load_old();
	timer.is_silent = true;
	assert_int_equal(try_until(1), CONTROLLER_NO_TIMER);
	assert_int_equal(microkit_mr_get(0), STATUS_TIMER_SILENT);
	expect_old(CONTROLLER_RUNNING, false);
	controller_timer = GRAFT_NO_CHANNEL;
	assert_int_equal(try_until(1), CONTROLLER_NO_TIMER);
	expect_old(CONTROLLER_RUNNING, false);
	assert_int_equal(try_it(), CONTROLLER_OK);
}

static void a_deadline_that_can_not_be_kept_is_tried_again(void **arg)
{
	(void)arg;
	load_old();
	assert_int_equal(try_until(500), CONTROLLER_OK);
	sel4_core_refuse(1, seL4_IllegalOperation); /* as if the scheduling context were lent */
	time_passes();
	expect_on_probation(CONTROLLER_RUNNING);
	assert_int_equal(timer.alarm_ms, timer.now_ms + RETRY_MS);
	time_passes();
	expect_old(CONTROLLER_RUNNING, false);
}

static void deadlines_come_one_at_a_time(void **arg)
{
	(void)arg;
	load_old();
	assert_int_equal(ask_program(OPERATOR_CHANNEL, CONTROLLER_LOAD, CHILD_ID + 1), CONTROLLER_OK);
	assert_int_equal(try_until(900), CONTROLLER_OK);
	assert_int_equal(probation_words(OPERATOR_CHANNEL, CONTROLLER_SWAP, CHILD_ID + 1, 800, 12), CONTROLLER_OK);
	assert_int_equal(timer.alarm_ms, timer.now_ms + 800);
	time_passes();
	assert_int_equal(record.domain[0].kept, ACCOUNT_NONE);
	assert_int_not_equal(record.domain[1].kept, ACCOUNT_NONE);
	assert_true(timer.alarm_ms < timer.now_ms); /* rings at once */
	notified(TIMER_CHANNEL);
	assert_int_equal(record.domain[1].kept, ACCOUNT_NONE);
	assert_int_equal(record.domain[1].reason, CONTROLLER_REASON_DEADLINE);
}

static void the_farthest_deadline_does_not_wrap(void **arg)
{
	(void)arg;
	load_old();
	assert_int_equal(try_until(UINT64_MAX), CONTROLLER_OK);
	time_passes();
	expect_on_probation(CONTROLLER_RUNNING);
}

/* ---- tests: versions ---- */

static seL4_Word try_version(uint32_t version)
{
	offer(6);
	store.entry.version = version;
	return send(OPERATOR_CHANNEL, CONTROLLER_SWAP, put_request(CHILD_ID, 0));
}

/* What was taken back has not made anything older; until it is confirmed its place is held. */
static void a_version_counts_when_it_is_confirmed(void **arg)
{
	(void)arg;
	store.entry.version = 3;
	assert_int_equal(load(), CONTROLLER_OK);
	assert_int_equal(try_version(9), CONTROLLER_OK);
	assert_int_equal(roll_back(), CONTROLLER_OK);
	assert_int_equal(try_version(4), CONTROLLER_OK);
	assert_int_equal(record.version[0].version, 3);
	assert_int_equal(confirm(), CONTROLLER_OK);
	assert_int_equal(record.version[0].version, 4);
	assert_int_equal(try_version(3), CONTROLLER_TOO_OLD);
}

static void a_place_for_its_version_is_held(void **arg)
{
	(void)arg;
	load_old();
	for (uint32_t i = 0; i < RECORD_VERSIONS_MAX - 1; i++)
		record.version[i] = (struct record_version){ .name = { 1, (uint8_t)i }, .version = 1 };
	assert_int_equal(try_version(5), CONTROLLER_OK);
	offer(1);
	store.entry.version = 1;
	put_request(CHILD_ID + 1, 0);
	memcpy(&seL4_GetIPCBuffer()->msg[1], "other", 5);
	microkit_mr_set(9, 0);
	assert_int_equal(send(OPERATOR_CHANNEL, CONTROLLER_LOAD, 11), CONTROLLER_BAD_PROGRAM);
	assert_int_equal(microkit_mr_get(0), STATUS_TRUST_TOO_MANY_VERSIONS);
	assert_int_equal(confirm(), CONTROLLER_OK);
	assert_int_equal(record.version[RECORD_VERSIONS_MAX - 1].version, 5);
}

/* ---- tests: the kernel refuses ---- */

/* Asks with the k-th call refused, for every k: it stays on probation, and then works. Behind the hand-over only memory is to be given
 * back. */
static void refuse_each_call(seL4_Word (*what)(void), uint64_t calls_min)
{
	seL4_Word answer = CONTROLLER_KERNEL_REFUSED;
	uint64_t k = 0;

	assert_int_equal(try_itself(), CONTROLLER_OK);
	while (answer != CONTROLLER_OK) {
		sel4_core_refuse(++k, seL4_InvalidCapability);
		answer = what();
		sel4_core_refuse(0, 0);
		if (answer == CONTROLLER_OK)
			break;
		assert_int_equal(answer, CONTROLLER_KERNEL_REFUSED);
		expect_on_probation(CONTROLLER_RUNNING);
		assert_true(thread_is_schedulable(thread_now()));
	}
	assert_true(k > calls_min);
}

static void any_call_may_be_refused(void **arg)
{
	(void)arg;
	load_old();
	refuse_each_call(roll_back, 8);
	account_sweep(&controller.space);
	expect_old(CONTROLLER_RUNNING, true);
	refuse_each_call(refuse_itself, 8);
	account_sweep(&controller.space);
	expect_old(CONTROLLER_RUNNING, true);
	refuse_each_call(confirm, 0);
}

/* ---- tests: stopped behind any call ---- */

struct walk {
	seL4_Word (*what)(void);
	bool was_stopped;                   /* the old program, before the swap */
	bool is_confirmed;                  /* how it ends */
};
static const struct walk *walked;

static void do_what(void)
{
	(void)walked->what();
}

/* On probation, or at the end. */
static void expect_a_side(const struct walk *walk)
{
	const struct record_domain *domain = &record.domain[0];

	assert_int_equal(domain->next, ACCOUNT_NONE);
	assert_int_equal(domain->doing, RECORD_NOTHING);
	if (domain->kept != ACCOUNT_NONE) {
		assert_ptr_not_equal(walk->what, fault_it); /* noted before anything else is done: no restart forgets it */
		assert_int_equal(domain->generation, 2);
		expect_on_probation(CONTROLLER_RUNNING);
	} else if (walk->is_confirmed) {
		assert_int_equal(domain->generation, 2);
		assert_int_equal(domain->swap, CONTROLLER_SWAP_CONFIRMED);
		assert_int_equal(ledger_now().accounts, 1);
		assert_ptr_equal(context()->tcb, thread_now());
	} else {
		assert_int_equal(domain->generation, 3);
		assert_int_equal(domain->swap, CONTROLLER_SWAP_ROLLED_BACK);
		expect_old(walk->was_stopped ? CONTROLLER_STOPPED : CONTROLLER_RUNNING, !walk->was_stopped);
	}
}

/* The restarted controller carries on: if it is on probation still, both ends can be had. */
static void expect_service(uint64_t k)
{
	if (record.domain[0].kept != ACCOUNT_NONE)
		assert_int_equal(k % 2 == 0 ? confirm() : roll_back(), CONTROLLER_OK);
	assert_int_equal(swap(), CONTROLLER_OK);
	assert_int_equal(try_it(), CONTROLLER_OK);
	assert_int_equal(unload_it(), CONTROLLER_OK);
	assert_int_equal(ledger_now().accounts, 0);
	assert_int_equal(ledger_now().untyped_bytes_free, ledger_now().untyped_bytes_total);
}

/* Behind call k, and behind call j of the restart if j > 0. false: there is no such call. */
static bool try(const struct walk *walk, uint64_t k, uint64_t j)
{
	void *none = NULL;
	bool was_stopped;

	begin_anew(&none);
	load_old();
	if (walk->was_stopped)
		assert_int_equal(stop_it(), CONTROLLER_OK);
	assert_int_equal(walk->was_stopped ? try_until(500) : probation_words(CHILD_CHANNEL, CONTROLLER_SWAP, CONTROLLER_SELF, 500, 12),
	                 CONTROLLER_OK);
	walked = walk;
	was_stopped = run_and_stop(do_what, k);
	if (was_stopped && j > 0)
		was_stopped = run_and_stop(do_restart, j);
	if (was_stopped) {
		timer.alarm_ms = 0;
		do_restart();
		expect_a_side(walk);
		assert_int_equal(timer.alarm_ms != 0, record.domain[0].kept != ACCOUNT_NONE); /* the deadline is not forgotten */
		expect_service(k);
	}
	finish_it(&none);
	return was_stopped;
}

static void walk_all(const struct walk *walk, uint64_t calls_min)
{
	uint64_t k = 1;

	for (; try(walk, k, 0); k++) {
		for (uint64_t j = 1; try(walk, k, j); j++)
			continue;
	}
	assert_true(k > calls_min);
}

static void stopped_behind_any_call(void **arg)
{
	(void)arg;
	for (int i = 0; i < 2; i++) {
		bool was_stopped = i == 1;
		uint64_t calls_min = was_stopped ? COMMIT_CALLS_SWAP - 2 : COMMIT_CALLS_SWAP + 2;

		walk_all(&(struct walk){ roll_back, was_stopped, false }, calls_min);
		walk_all(&(struct walk){ refuse_itself, was_stopped, false }, calls_min);
		walk_all(&(struct walk){ fault_it, was_stopped, false }, calls_min);
		walk_all(&(struct walk){ time_passes, was_stopped, false }, calls_min);
		walk_all(&(struct walk){ confirm, was_stopped, true }, 1);
	}
}

/* Into probation: the old one has the domain, or the new one on probation. */
static void into_probation_behind_any_call(void **arg)
{
	bool was_stopped = true;

	(void)arg;
	for (uint64_t k = 1; was_stopped; k++) {
		begin_anew(arg);
		load_old();
		walked = &(struct walk){ k % 2 == 0 ? try_it : try_itself, false, false };
		was_stopped = run_and_stop(do_what, k);
		if (was_stopped)
			do_restart();
		if (record.domain[0].kept == ACCOUNT_NONE) {
			assert_int_equal(record.domain[0].generation, 1);
			expect_old(CONTROLLER_RUNNING, true);
		} else {
			assert_int_equal(record.domain[0].generation, 2);
			expect_on_probation(CONTROLLER_RUNNING);
			assert_int_equal(roll_back(), CONTROLLER_OK);
			expect_old(CONTROLLER_RUNNING, true);
		}
		finish_it(arg);
	}
}

/* Stopped between two words of the record: what is noted again is the same. */
static void what_was_noted_is_noted_once(void **arg)
{
	(void)arg;
	load_old();
	assert_int_equal(try_it(), CONTROLLER_OK);
	record.domain[0].next = record.domain[0].account;
	do_restart();
	expect_on_probation(CONTROLLER_RUNNING);
	assert_int_equal(record.domain[0].generation, 2);
	assert_int_equal(roll_back(), CONTROLLER_OK);
	record.domain[0].next = record.domain[0].account;
	do_restart();
	expect_old(CONTROLLER_RUNNING, false);
	assert_int_equal(record.domain[0].generation, 3);
	expect_swap(CONTROLLER_SWAP_ROLLED_BACK, CONTROLLER_REASON_ASKED, ACCOUNT_NONE);
}

static void an_unload_behind_any_call_leaves_none(void **arg)
{
	bool was_stopped = true;

	(void)arg;
	for (uint64_t k = 1; was_stopped; k++) {
		begin_anew(arg);
		load_old();
		assert_int_equal(try_it(), CONTROLLER_OK);
		walked = &(struct walk){ unload_it, false, false };
		was_stopped = run_and_stop(do_what, k);
		if (was_stopped)
			do_restart();
		assert_int_equal(record.domain[0].state, CONTROLLER_EMPTY);
		assert_int_equal(record.domain[0].kept, ACCOUNT_NONE);
		assert_int_equal(ledger_now().accounts, 0);
		finish_it(arg);
	}
}

#define PROBATION(name) cmocka_unit_test_setup_teardown(name, begin_anew, finish_it)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROBATION(keeps_the_old_one_until_it_is_confirmed), PROBATION(goes_back_as_it_stopped),
		PROBATION(goes_back_in_a_fixed_number_of_calls), PROBATION(the_new_one_decides_for_itself),
		PROBATION(a_fault_brings_the_old_one_back), PROBATION(what_can_not_be_taken_back_is_stopped),
		PROBATION(nothing_else_is_done_meanwhile), PROBATION(malformed_requests_are_refused),
		PROBATION(names_the_states_of_a_swap), PROBATION(what_was_stopped_comes_back_stopped),
		PROBATION(a_stopped_new_one_is_taken_back), PROBATION(who_asked_for_itself_is_told),
		PROBATION(a_deadline_brings_the_old_one_back), PROBATION(without_a_timer_there_is_no_deadline),
		PROBATION(a_deadline_that_can_not_be_kept_is_tried_again), PROBATION(the_farthest_deadline_does_not_wrap),
		PROBATION(deadlines_come_one_at_a_time),
		PROBATION(a_version_counts_when_it_is_confirmed), PROBATION(a_place_for_its_version_is_held),
		PROBATION(any_call_may_be_refused), PROBATION(what_was_noted_is_noted_once),
		cmocka_unit_test(stopped_behind_any_call), cmocka_unit_test(into_probation_behind_any_call),
		cmocka_unit_test(an_unload_behind_any_call_leaves_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
