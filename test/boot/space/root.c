/* SPDX-License-Identifier: BSD-2-Clause */
/* The capability loader inside a plain root task: no monitor, no Microkit runtime. Loads one program into two domains,
 * swaps, stops, serves, faults and unloads them on whatever kernel boots it, and compares what it holds before and
 * after. Prints one line per test, ends the machine with the pass or the fail value of
 * mk/boot. */
#include "lib/elf/elf.h"
#include "lib/plan/plan.h"
#include "lib/start/start.h"
#include "test/boot/space/protocol.h"
#include "user/controller/protocol.h"
#include "user/sel4/sel4.h"
#include "user/space/boot.h"

#define SPACE_BITS 11u
#define STACK_PAGES 2u
#define FAULT_BADGE 0x100u

extern const uint8_t program_start[], program_end[], root_image[];
void root_main(const seL4_BootInfo *boot);

seL4_IPCBuffer *__sel4_ipc_buffer;

static const seL4_BootInfo *info;
static uint64_t next_slot, objects, spare; /* first empty slot of the root CNode; untypeds for objects, the second of 4 MiB or more */
static struct space space;
static struct space_state state;
static struct elf program;
static uint64_t root_endpoint, service_endpoint, own_reply, serial, machine_exit;
static uint8_t window_page[PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));
static uint32_t failures, steps;

struct domain {
	struct commit_domain owns;
	uint64_t cspace, fault, priority;
	struct space_caps region;
	uint32_t account;
};
static struct domain worker, peer;

/* ---- printing ---- */

static void put(const char *text)
{
	for (; *text; text++)
		seL4_X86_IOPort_Out8(serial, 0x3f8, (seL4_Word)(unsigned char)*text);
}

static void put_number(uint64_t value)
{
	char digits[21], *at = digits + sizeof digits - 1;

	*at = '\0';
	do {
		*--at = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	put(at);
}

static void finish(void)
{
	put(failures ? "graft: a step did not hold\n" : "graft: all ");
	if (!failures) {
		put_number(steps);
		put(" steps held\n");
	}
	seL4_X86_IOPort_Out8(machine_exit, 0xf4, failures ? 0x15 : 0x2a);
	for (;;)
		seL4_Yield();
}

static void check(bool holds, const char *what)
{
	put(holds ? "ok - " : "not ok - ");
	put(what);
	put("\n");
	failures += holds ? 0 : 1;
	steps++;
}

/* For what the rest can't go on without. */
static void need(bool holds, const char *what, uint64_t figure)
{
	if (holds)
		return;
	put("error ");
	put_number(figure);
	put(": ");
	check(false, what);
	finish();
}

/* ---- objects of the domains ---- */

static uint64_t make(uint64_t type, uint64_t size_bits)
{
	need(seL4_Untyped_Retype(objects, type, size_bits, seL4_CapInitThreadCNode, 0, 0, next_slot, 1) == seL4_NoError, "retype", type);
	return next_slot++;
}

static void give(uint64_t cnode, uint64_t slot, uint64_t cap, seL4_CapRights_t rights, uint64_t badge)
{
	need(seL4_CNode_Mint(cnode, slot, 4, seL4_CapInitThreadCNode, cap, 64, rights, badge) == seL4_NoError, "mint", slot);
}

static uint64_t copy_of(uint64_t cap, seL4_CapRights_t rights, uint64_t badge)
{
	need(seL4_CNode_Mint(seL4_CapInitThreadCNode, next_slot, 64, seL4_CapInitThreadCNode, cap, 64, rights, badge) == seL4_NoError,
	     "mint for the root", cap);
	return next_slot++;
}

static void make_domain(struct domain *domain, uint64_t badge, uint64_t priority)
{
	seL4_CapRights_t call = seL4_CapRights_new(1, 0, 0, 1);
	uint64_t cnode = make(seL4_CapTableObject, 4);

	domain->priority = priority;
	domain->owns.sched_context = make(seL4_SchedContextObject, 8);
	domain->owns.notification = make(seL4_NotificationObject, 0);
	domain->owns.reply = make(seL4_ReplyObject, 0);
	need(seL4_SchedControl_ConfigureFlags(info->schedcontrol.start, domain->owns.sched_context, 5000, 5000, 0, badge, 0)
	     == seL4_NoError, "configure", badge);
	give(cnode, CHILD_ROOT, root_endpoint, call, badge);
	give(cnode, CHILD_PEER, service_endpoint, seL4_CapRights_new(1, 0, 1, 1), badge);
	give(cnode, CHILD_REPLY, domain->owns.reply, seL4_AllRights, 0);
	domain->fault = copy_of(root_endpoint, call, FAULT_BADGE | badge);
	domain->cspace = copy_of(cnode, seL4_AllRights, abi_cnode_data(0, 60));
	domain->region = (struct space_caps){ seL4_CapInitThreadCNode, make(seL4_X86_4K, 0), 64, PAGE_BITS, 1 };
	domain->account = ACCOUNT_NONE;
}

/* ---- loading ---- */

static struct plan plan;
static uint8_t frame[START_BYTES_MAX];

static void make_plan(const char role[2], uint64_t stack_pages, uint64_t *stack_pointer)
{
	static const struct plan_map map = { REGION_VADDR, 1, PAGE_BITS, ELF_R | ELF_W, 0, 0 };
	char strings[] = { 'x', '\0', role[0], '\0' };
	struct start_arguments arguments = { .argc = 2, .strings = strings, .strings_bytes = sizeof strings };
	struct start_auxv auxv;
	struct where where = { 0 };
	uint32_t bytes = 0;

	plan_start(&plan_machine_x86_64, stack_pages, &plan);
	need(plan_add_image(&plan, &program, true, &where) == STATUS_OK, "plan_add_image", where.offset);
	need(plan_add_map(&plan, &map, &where) == STATUS_OK, "plan_add_map", where.offset);
	start_auxv_of(&program, &auxv);
	need(start_frame(&arguments, &auxv, 8, plan.stack_top, frame, sizeof frame, &bytes) == STATUS_OK, "start_frame", bytes);
	*stack_pointer = plan.stack_top - bytes;
	need(plan_add_patch(&plan, &(struct plan_patch){ *stack_pointer, bytes, frame + sizeof frame - bytes }, &where) == STATUS_OK,
	     "plan_add_patch", where.offset);
	plan_finish(&plan, BUILD_EXTRA_SLOTS, BUILD_EXTRA_BYTES);
}

static enum status build_image(const struct domain *domain, const char role[2], uint64_t stack_pages, uint32_t *account,
                               struct where *where)
{
	struct build_input input = {
		.plan = &plan, .payload = program_start, .region = &domain->region, .region_count = 1,
		.payload_pages = { seL4_CapInitThreadCNode,
		                   info->userImageFrames.start + (uint64_t)(program_start - root_image) / PAGE_BYTES, 64, PAGE_BITS,
		                   (uint64_t)(program_end - program_start) / PAGE_BYTES },
		.thread = { .cspace = { seL4_CapInitThreadCNode, domain->cspace, 64, 0, 1 }, .fault_endpoint = domain->fault,
		            .priority = (uint8_t)domain->priority, .entry = program.entry },
	};
	struct build build;
	enum build_progress progress;
	enum status status;

	make_plan(role, stack_pages, &input.thread.stack_pointer);
	status = build_start(&build, &space, &input, where);
	if (status != STATUS_OK)
		return status;
	do
		progress = build_step(&build, 3, &status, where);
	while (progress == BUILD_MORE);
	if (progress == BUILD_FAILED) {
		struct where undo = { 0 };

		put("build failed in phase ");
		put_number(build.phase);
		put("\n");
		need(build_abandon(&build, &undo) == STATUS_OK, "abandon", undo.value);
	}
	*account = build.account;
	return status;
}

static uint64_t thread_of(const struct domain *domain)
{
	return domain->account == ACCOUNT_NONE ? 0 : build_thread_cptr(&space, domain->account);
}

/* Loads or swaps; returns the kernel calls of the hand-over alone. */
static uint64_t replace(struct domain *domain, const char role[2], enum commit_from from)
{
	struct where where = { 0 };
	uint32_t fresh = ACCOUNT_NONE;
	enum status status = build_image(domain, role, STACK_PAGES, &fresh, &where);
	uint64_t calls = space.calls;

	need(status == STATUS_OK, status_text(status), where.value);
	status = commit_hand_over(&space, &domain->owns, thread_of(domain), build_thread_cptr(&space, fresh), from, &where);
	need(status == STATUS_OK, status_text(status), where.value);
	calls = space.calls - calls;
	if (domain->account != ACCOUNT_NONE)
		need(account_close(&space, domain->account, &where) == STATUS_OK, "close", where.value);
	domain->account = fresh;
	return calls;
}

/* ---- messages ---- */

struct message {
	uint64_t badge, label, word[4];
};

static struct message receive(void)
{
	struct message m;
	seL4_MessageInfo_t tag = seL4_Recv(root_endpoint, &m.badge, own_reply);

	m.label = seL4_MessageInfo_get_label(tag);
	for (uint32_t i = 0; i < 4; i++)
		m.word[i] = seL4_GetMR(i);
	return m;
}

static struct message reply_and_receive(void)
{
	seL4_Send(own_reply, seL4_MessageInfo_new(0, 0, 0, 0));
	return receive();
}

static bool is_clean_start(const struct message *m, uint64_t badge, char role, uint64_t counter)
{
	bool clean = m->badge == badge && m->label == REPORT_STARTED && m->word[0] == 0 && m->word[1] == 2 && m->word[2] == (uint64_t)role
	             && (counter == 0 || m->word[3] == counter);

	if (!clean) {
		const uint64_t *words = &m->badge;

		for (uint32_t i = 0; i < 6; i++) {
			put(" ");
			put_number(words[i]);
		}
		put("\n");
	}
	return clean;
}

/* ---- tests ---- */

static struct space_ledger ledger_now(void)
{
	struct space_ledger ledger;

	space_ledger_get(&space, &ledger);
	return ledger;
}

static bool ledger_is(const struct space_ledger *before)
{
	struct space_ledger now = ledger_now();
	const uint64_t *a = (const uint64_t *)before, *b = (const uint64_t *)&now;

	for (uint32_t i = 0; i < sizeof now / sizeof *a; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

static void test_first_load(void)
{
	uint64_t before = space.calls;
	struct message m;

	check(replace(&worker, "c", COMMIT_FROM_EMPTY) == COMMIT_CALLS_START, "a first start takes the calls it is said to take");
	put("kernel calls of a load: ");
	put_number(space.calls - before);
	put("\n");
	m = receive();
	check(is_clean_start(&m, 1, 'c', 1), "the program starts with clean memory, registers and FPU");
	seL4_Send(worker.owns.reply, seL4_MessageInfo_new(5, 0, 0, 0));
	m = reply_and_receive();
	check(is_clean_start(&m, 1, 'c', 1), "sending to an idle reply object is harmless");
}

static void test_swaps(void)
{
	struct space_ledger before = ledger_now();
	bool clean = true, fixed = true;
	struct message m;

	for (uint64_t i = 0; i < 100; i++) {
		fixed = fixed && replace(&worker, "c", COMMIT_FROM_CALLER) == COMMIT_CALLS_SWAP;
		m = receive();
		clean = clean && is_clean_start(&m, 1, 'c', i + 2);
	}
	check(clean, "a hundred swaps of a calling program: each starts clean, its region is kept");
	check(fixed, "a hand-over takes the calls it is said to take");
	check(ledger_is(&before), "the ledger is as before");
}

static void test_busy_loop(void)
{
	struct message m;

	replace(&worker, "l", COMMIT_FROM_CALLER);
	m = receive();
	check(is_clean_start(&m, 1, 'l', 102), "a program that will never yield has started");
	seL4_Send(own_reply, seL4_MessageInfo_new(0, 0, 0, 0));
	replace(&peer, "c", COMMIT_FROM_EMPTY);
	m = receive();
	check(is_clean_start(&m, 2, 'c', 1), "another domain gets its turn beside it");
	replace(&worker, "s", COMMIT_FROM_RUNNING);
	replace(&peer, "p", COMMIT_FROM_CALLER);
}

/* Worker and peer have just been started; they report in either order. */
static void test_waiting_caller(void)
{
	struct message m = receive();
	uint64_t answers = 0, starts = 0, serving = 0, label = 0;

	check(is_clean_start(&m, m.badge, m.badge == 1 ? 's' : 'p', 0), "a busy loop is replaced from outside");
	for (uint32_t i = 0; i < 8 && answers < 2; i++) {
		m = reply_and_receive();
		starts += m.label == REPORT_STARTED;
		answers += m.label == REPORT_ANSWERED;
		if (m.label == REPORT_ANSWERED)
			label = m.word[0];
		if (m.label == REPORT_SERVING && ++serving <= 2)
			replace(&worker, "s", COMMIT_FROM_CALLER);
	}
	check(answers == 2 && serving == 2 && label == CONTROLLER_RESTARTED, "a caller of a replaced server gets one answer each time");
	check(starts >= 2, "and the new server starts");
}

static void test_stop_and_fault(void)
{
	uint64_t resume_at = 0;
	struct message m;
	struct where where = { 0 };

	need(commit_stop(&space, &worker.owns, thread_of(&worker), &where) == STATUS_OK, "stop the worker", where.value);
	need(commit_stop(&space, &peer.owns, thread_of(&peer), &where) == STATUS_OK, "stop the peer", where.value);
	replace(&peer, "f", COMMIT_FROM_STOPPED);
	m = receive();
	check(is_clean_start(&m, 2, 'f', 0), "a stopped program is replaced");
	m = reply_and_receive();
	check(m.badge == (FAULT_BADGE | 2) && m.label == seL4_Fault_VMFault && m.word[seL4_VMFault_Addr] == 0x1234,
	      "its fault arrives with badge and address");
	need(commit_stop(&space, &peer.owns, thread_of(&peer), &where) == STATUS_OK, "stop what faulted", where.value);
	replace(&peer, "c", COMMIT_FROM_STOPPED);
	m = receive();
	check(is_clean_start(&m, 2, 'c', 0), "a program that faulted is replaced by a good one");
	need(commit_stop(&space, &peer.owns, thread_of(&peer), &where) == STATUS_OK, "stop in a call", where.value);
	need(commit_answer_for(&space, thread_of(&peer), 0, 0, &resume_at, &where) == STATUS_OK, "answer for", where.value);
	need(commit_resume(&space, &peer.owns, thread_of(&peer), &where) == STATUS_OK, "resume", where.value);
	m = receive();
	check(is_clean_start(&m, 2, 'c', 0), "a stopped program goes on after the call it was stopped in");
	need(commit_stop(&space, &peer.owns, thread_of(&peer), &where) == STATUS_OK, "stop again", where.value);
}

static void test_too_large(const struct space_ledger *start)
{
	struct where where = { 0 };
	uint64_t calls = space.calls;
	uint32_t account = ACCOUNT_NONE;
	enum status status = build_image(&worker, "c", PLAN_STACK_PAGES_MAX, &account, &where);

	check(status == STATUS_SPACE_NO_MEMORY && where.value > where.limit && space.calls == calls,
	      "an image larger than the pool is refused before any kernel call");
	put("needed ");
	put_number(where.value);
	put(", available ");
	put_number(where.limit);
	put("\n");
	need(account_close(&space, worker.account, &where) == STATUS_OK, "close", where.value);
	need(account_close(&space, peer.account, &where) == STATUS_OK, "close", where.value);
	check(ledger_is(start) && start->frames == 0 && start->accounts == 0, "everything is back");
}

/* Every ASID of the pool for a VSpace of somebody else's; then none is left for an image, until one of those VSpaces goes. */
static void test_asids(const struct space_ledger *start)
{
	struct where where = { 0 };
	uint64_t first = next_slot, count = 0;
	uint32_t account = ACCOUNT_NONE;
	seL4_Error error = seL4_NoError;
	enum status status;

	for (; error == seL4_NoError; count++) {
		need(seL4_Untyped_Retype(spare, seL4_X64_PML4Object, 0, seL4_CapInitThreadCNode, 0, 0, first + count, 1) == seL4_NoError,
		     "a VSpace", count);
		error = seL4_X86_ASIDPool_Assign(space.use.asid_pool, first + count);
	}
	check(error == seL4_DeleteFirst && count > 500, "the kernel's ASID pool is full");
	status = build_image(&worker, "c", STACK_PAGES, &account, &where);
	check(status == STATUS_SPACE_NO_ASIDS && ledger_is(start), "an image is refused for want of an ASID, and nothing is held");
	need(seL4_CNode_Delete(seL4_CapInitThreadCNode, first, 64) == seL4_NoError, "delete a VSpace", first);
	for (uint32_t i = 0; i < 3; i++) {
		status = build_image(&worker, "c", STACK_PAGES, &account, &where);
		need(status == STATUS_OK, status_text(status), where.value);
		need(account_close(&space, account, &where) == STATUS_OK, "close", where.value);
	}
	check(ledger_is(start), "when a VSpace is no more its ASID is there for image after image");
	need(seL4_CNode_Revoke(seL4_CapInitThreadCNode, spare, 64) == seL4_NoError, "revoke", spare);
}

/* ---- start ---- */

static void find_untypeds(uint64_t *pool, uint8_t *pool_bits, uint64_t *boot)
{
	*pool = *boot = objects = spare = 0;
	for (uint64_t i = info->untyped.end - info->untyped.start; i-- > 0;) {
		const seL4_UntypedDesc *u = &info->untypedList[i];

		if (u->isDevice)
			continue;
		if (u->sizeBits >= 22 && u->sizeBits <= 24 && *pool == 0) {
			*pool = info->untyped.start + i;
			*pool_bits = u->sizeBits;
		} else if (u->sizeBits >= 22 && spare == 0) {
			spare = info->untyped.start + i;
		} else if (u->sizeBits >= 17 && objects == 0) {
			objects = info->untyped.start + i;
		} else if (u->sizeBits >= 17 && *boot == 0) {
			*boot = info->untyped.start + i;
		}
	}
	need(*pool && *boot && objects && spare, "untypeds", info->untyped.end - info->untyped.start);
}

static void open_ports(void)
{
	serial = next_slot++;
	machine_exit = next_slot++;
	(void)seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0x3f8, 0x3ff, seL4_CapInitThreadCNode, serial, 64);
	(void)seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0xf4, 0xf4, seL4_CapInitThreadCNode, machine_exit, 64);
}

static void start_space(void)
{
	uint64_t pool, boot;
	uint8_t pool_bits = 0;
	struct space_boot_input input = { .info = info, .cnode_bits = SPACE_BITS, .window = (uintptr_t)window_page };
	struct space_use use;
	struct where where = { 0 };

	find_untypeds(&pool, &pool_bits, &boot);
	need(seL4_X86_Page_Unmap(info->userImageFrames.start + (uint64_t)(window_page - root_image) / PAGE_BYTES) == seL4_NoError,
	     "window", 0);
	input.first_empty = next_slot;
	input.untyped = boot;
	need(space_boot(&input, &use, &next_slot, &where) == STATUS_OK, "space_boot", where.value);
	need(space_start(&space, &use, &state) == STATUS_OK, "space_start", 0);
	need(pool_add(&space, pool, &(struct space_caps){ seL4_CapInitThreadCNode, pool, 64, 0, 1 }, pool_bits) == STATUS_OK, "pool_add",
	     pool_bits);
}

static void read_program(void)
{
	struct elf_policy policy;
	struct where where = { 0 };
	enum status status = elf_read(program_start, (uint64_t)(program_end - program_start), &program, &where);

	need(status == STATUS_OK, status_text(status), where.offset);
	elf_policy_strict(ELF_MACHINE_X86_64, &policy);
	status = elf_check(&program, &policy, &where);
	need(status == STATUS_OK, status_text(status), where.offset);
}

void root_main(const seL4_BootInfo *boot)
{
	struct space_ledger start;

	info = boot;
	seL4_SetIPCBuffer(info->ipcBuffer);
	next_slot = info->empty.start;
	open_ports();
	put("\ngraft: the capability loader in a plain root task\n");
	start_space();
	read_program();
	root_endpoint = make(seL4_EndpointObject, 0);
	service_endpoint = make(seL4_EndpointObject, 0);
	own_reply = make(seL4_ReplyObject, 0);
	make_domain(&worker, 1, 100);
	make_domain(&peer, 2, 100);
	start = ledger_now();
	test_first_load();
	test_swaps();
	test_busy_loop();
	test_waiting_caller();
	test_stop_and_fault();
	test_too_large(&start);
	test_asids(&start);
	finish();
}
