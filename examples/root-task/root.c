/* SPDX-License-Identifier: BSD-2-Clause */
/* The capability loader in a root task of your own: no monitor, no Microkit runtime, nothing but lib/, user/space and the
 * stubs of user/sel4. The root task carries an archive with two programs, loads one, swaps it for the other, unloads it,
 * and has as much as before.
 *
 * Read from root_main on. The three things a root task of yours must bring are in start_space (what the loader may use),
 * make_domain (what a program runs on) and build_image (which program, and what it starts with). */
#include "examples/root-task/program.h"
#include "examples/root-task/report.h"
#include "lib/archive/archive.h"
#include "lib/load/load.h"
#include "lib/plan/plan.h"
#include "lib/start/start.h"
#include "user/space/boot.h"

enum { POOL_BITS = 22, OBJECTS_BITS = 16, SPACE_BITS = 8, CSPACE_BITS = 2, SCHED_CONTEXT_BITS = 8 };
enum { STACK_PAGES = 2, PRIORITY = 100, PERIOD_US = 10000, CALLS_AT_A_TIME = 16 };

/* root.S: the image's first byte, and the archive in it. */
extern const uint8_t root_image[], archive_start[], archive_end[];
void root_main(const seL4_BootInfo *boot);

seL4_IPCBuffer *__sel4_ipc_buffer;

static const seL4_BootInfo *info;
static seL4_CPtr next_slot;     /* first empty slot of the root CNode */
static seL4_CPtr object_memory; /* untyped for objects that stay: CNodes, endpoint, scheduling context */
static seL4_CPtr endpoint, reply;
static struct archive archive;

static struct space space;
static struct space_state space_state;

/* What a program runs on. It stays when the program is replaced. */
static struct {
	struct commit_domain owns;
	seL4_CPtr cspace;
	uint32_t account; /* the image in use, ACCOUNT_NONE for none */
} domain = { .account = ACCOUNT_NONE };

/* ---- what the loader may use ---- */

/* The loader copies bytes through this page: its own frame is unmapped, so the page table is there and the page is free. */
static uint8_t window[PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));

static seL4_CPtr frame_of(const void *address)
{
	return info->userImageFrames.start + (seL4_CPtr)((const uint8_t *)address - root_image) / PAGE_BYTES;
}

/* The smallest untyped of ordinary memory that has 2^bits bytes or more. */
static seL4_CPtr find_untyped(uint8_t bits)
{
	seL4_CPtr found = 0;
	uint8_t found_bits = UINT8_MAX;

	for (seL4_CPtr i = 0; i < info->untyped.end - info->untyped.start; i++) {
		const seL4_UntypedDesc *untyped = &info->untypedList[i];

		if (!untyped->isDevice && untyped->sizeBits >= bits && untyped->sizeBits < found_bits) {
			found = info->untyped.start + i;
			found_bits = untyped->sizeBits;
		}
	}
	report_need(found != 0, "no untyped is so large", bits);
	return found;
}

static seL4_CPtr make(seL4_CPtr untyped, seL4_Word type, seL4_Word size_bits)
{
	seL4_Error error = seL4_Untyped_Retype(untyped, type, size_bits, seL4_CapInitThreadCNode, 0, 0, next_slot, 1);

	report_need(error == seL4_NoError, "retype", error);
	return next_slot++;
}

/* One untyped is cut in two: memory for images, which comes and goes, and for what stays. */
static void start_space(void)
{
	seL4_CPtr memory = find_untyped(POOL_BITS + 1), pool = make(memory, seL4_UntypedObject, POOL_BITS);
	struct space_boot_input input = { .info = info, .cnode_bits = SPACE_BITS, .window = (uintptr_t)window };
	struct space_caps caps = { seL4_CapInitThreadCNode, pool, seL4_WordBits, 0, 1 };
	struct space_use use;
	struct where where = { 0 };

	object_memory = make(memory, seL4_UntypedObject, OBJECTS_BITS);
	report_need(seL4_X86_Page_Unmap(frame_of(window)) == seL4_NoError, "the window", 0);
	input.first_empty = next_slot;
	input.untyped = object_memory;
	report_need_ok(space_boot(&input, &use, &next_slot, &where), where.value);
	report_need_ok(space_start(&space, &use, &space_state), 0);
	report_need_ok(pool_add(&space, pool, &caps, POOL_BITS), 0);
}

/* ---- what a program runs on ---- */

/* Its CSpace has one capability: an endpoint to call us on. Its time is all there is. Slots of the root CNode have 64-bit
 * indices here: space_boot has left every small number what it was. */
static void make_domain(void)
{
	seL4_CPtr cnode = make(object_memory, seL4_CapTableObject, CSPACE_BITS);
	seL4_Error error;

	endpoint = make(object_memory, seL4_EndpointObject, 0);
	reply = make(object_memory, seL4_ReplyObject, 0);
	domain.owns.sched_context = make(object_memory, seL4_SchedContextObject, SCHED_CONTEXT_BITS);
	error = seL4_SchedControl_ConfigureFlags(info->schedcontrol.start, domain.owns.sched_context, PERIOD_US, PERIOD_US, 0, 0,
	                                         0);
	report_need(error == seL4_NoError, "the scheduling context", error);
	error = seL4_CNode_Mint(cnode, PROGRAM_ROOT, CSPACE_BITS, seL4_CapInitThreadCNode, endpoint, seL4_WordBits,
	                        seL4_CapRights_new(1, 0, 0, 1), PROGRAM_BADGE);
	report_need(error == seL4_NoError, "the endpoint", error);
	domain.cspace = next_slot++;
	error = seL4_CNode_Mint(seL4_CapInitThreadCNode, domain.cspace, seL4_WordBits, seL4_CapInitThreadCNode, cnode,
	                        seL4_WordBits, seL4_AllRights, abi_cnode_data(0, seL4_WordBits - CSPACE_BITS));
	report_need(error == seL4_NoError, "the CSpace root", error);
}

/* ---- a program becomes an image ---- */

/* Digest, then every rule of lib/elf. After this nothing of the file needs checking again. */
static enum status check_program(const char *name, struct archive_entry *entry, struct load *load, struct where *where)
{
	struct elf_policy policy;
	enum status status = archive_find_name(&archive, name, entry);

	if (status == STATUS_OK)
		status = archive_check_payload(&archive, entry, where);
	load_policy(ELF_MACHINE_X86_64, status == STATUS_OK ? entry->flags : 0, &policy);
	return status == STATUS_OK ? load_accept(archive.bytes + entry->offset, entry->size_bytes, &policy, LOAD_BASE_DEFAULT, load, where)
	                           : status;
}

/* What the image will be: the program's segments, a stack with its arguments on it, and the bill for all that. The archive
 * is read-only and ours, so the program's own read-only pages are mapped where they lie. */
static enum status make_plan(const struct load *load, const char *name, struct plan *plan, uint64_t *stack_pointer,
                             struct where *where)
{
	static uint8_t frame[START_BYTES_MAX]; /* the plan points into it until the image is built */
	struct start_arguments arguments = { .argc = 1, .strings = name, .strings_bytes = (uint32_t)strlen(name) + 1 };
	struct start_auxv auxv;
	uint32_t bytes = 0;
	enum status status;

	plan_start(&plan_machine_x86_64, STACK_PAGES, plan);
	status = plan_add_image(plan, &load->elf, true, where);
	start_auxv_of(&load->elf, &auxv);
	if (status == STATUS_OK)
		status = start_frame(&arguments, &auxv, sizeof(seL4_Word), plan->stack_top, frame, sizeof frame, &bytes);
	*stack_pointer = plan->stack_top - bytes;
	if (status == STATUS_OK)
		status = plan_add_patch(plan, &(struct plan_patch){ *stack_pointer, bytes, frame + sizeof frame - bytes }, where);
	if (status == STATUS_OK)
		status = load_add_startup(load, plan, where);
	plan_finish(plan, BUILD_EXTRA_SLOTS, BUILD_EXTRA_BYTES);
	return status;
}

/* Carries the plan out: reserves first, then so many kernel calls at a time. A server would look after its clients between
 * two steps. */
static enum status carry_out(const struct build_input *input, uint32_t *account, struct where *where)
{
	struct build build;
	enum build_progress progress;
	enum status status = build_start(&build, &space, input, where);

	if (status != STATUS_OK)
		return status;
	do
		progress = build_step(&build, CALLS_AT_A_TIME, &status, where);
	while (progress == BUILD_MORE);
	if (progress == BUILD_FAILED)
		report_need_ok(build_abandon(&build, where), 0);
	*account = build.account;
	return progress == BUILD_DONE ? STATUS_OK : status;
}

/* On a refusal nothing is held and the domain is as it was. */
static enum status build_image(const char *name, uint32_t *account, struct where *where)
{
	static struct plan plan;
	static struct load load;
	struct archive_entry entry;
	struct build_input input = { .plan = &plan };
	enum status status = check_program(name, &entry, &load, where);

	if (status == STATUS_OK)
		status = make_plan(&load, name, &plan, &input.thread.stack_pointer, where);
	if (status != STATUS_OK)
		return status;
	input.payload = archive.bytes + entry.offset;
	input.payload_pages = (struct space_caps){ seL4_CapInitThreadCNode, frame_of(input.payload), seL4_WordBits, PAGE_BITS,
		                                   entry.size_bytes / PAGE_BYTES };
	input.thread.cspace = (struct space_caps){ seL4_CapInitThreadCNode, domain.cspace, seL4_WordBits, 0, 1 };
	input.thread.priority = PRIORITY;
	input.thread.entry = plan.entry;
	return carry_out(&input, account, where);
}

/* ---- the three verbs ---- */

/* Load, if the domain is empty, or swap: the new image is built beside the old one, then the domain changes hands. */
static enum status put_program(const char *name, struct where *where)
{
	uint32_t old = domain.account, fresh = ACCOUNT_NONE;
	enum status status = build_image(name, &fresh, where);

	if (status != STATUS_OK)
		return status;
	status = commit_hand_over(&space, &domain.owns, old == ACCOUNT_NONE ? 0 : build_thread_cptr(&space, old),
	                          build_thread_cptr(&space, fresh), old == ACCOUNT_NONE ? COMMIT_FROM_EMPTY : COMMIT_FROM_CALLER,
	                          where);
	if (status != STATUS_OK)
		return account_close(&space, fresh, where) == STATUS_OK ? status : STATUS_SPACE_KERNEL_REFUSED;
	domain.account = fresh;
	return old == ACCOUNT_NONE ? STATUS_OK : account_close(&space, old, where);
}

static enum status unload(struct where *where)
{
	enum status status = commit_stop(&space, &domain.owns, build_thread_cptr(&space, domain.account), where);

	if (status == STATUS_OK)
		status = account_close(&space, domain.account, where);
	domain.account = ACCOUNT_NONE;
	return status;
}

/* ---- the example ---- */

/* The program that runs calls us and says what it is; it stays in that call. */
static bool hears(char letter)
{
	seL4_Word badge = 0;
	seL4_MessageInfo_t tag = seL4_Recv(endpoint, &badge, reply);

	return badge == PROGRAM_BADGE && seL4_MessageInfo_get_label(tag) == PROGRAM_IS_HERE
	       && seL4_GetMR(0) == (seL4_Word)letter && seL4_GetMR(1) == 1;
}

static bool ledger_is(const struct space_ledger *then)
{
	struct space_ledger now;

	space_ledger_get(&space, &now);
	return memcmp(&now, then, sizeof now) == 0;
}

static void run_example(void)
{
	struct space_ledger empty, one;
	struct where where = { 0 };

	space_ledger_get(&space, &empty);
	report_step(put_program("red", &where) == STATUS_OK && hears('r'), "a program is loaded and runs");
	space_ledger_get(&space, &one);
	report_step(put_program("green", &where) == STATUS_ARCHIVE_NO_SUCH_PROGRAM && ledger_is(&one),
	            "a program that is not there: refused");
	report_step(put_program("blue", &where) == STATUS_OK && hears('b'),
	            "it is swapped for the other while it waits in a call");
	for (uint32_t i = 0; i < 20; i++) {
		report_need(put_program("red", &where) == STATUS_OK && hears('r'), "back", i);
		report_need(put_program("blue", &where) == STATUS_OK && hears('b'), "and forth", i);
	}
	report_step(ledger_is(&one), "the same again, twenty times: the ledger of one program");
	report_step(unload(&where) == STATUS_OK && ledger_is(&empty), "it is unloaded: the ledger is as at first");
}

void root_main(const seL4_BootInfo *boot)
{
	struct where where = { 0 };

	info = boot;
	seL4_SetIPCBuffer(info->ipcBuffer);
	next_slot = report_start(info->empty.start);
	report_text("\ngraft: the loader in a root task of your own\n");
	start_space();
	make_domain();
	report_need_ok(archive_open(archive_start, (uint64_t)(archive_end - archive_start), &archive, &where), where.offset);
	run_example();
	report_end();
}
