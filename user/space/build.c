/* SPDX-License-Identifier: BSD-2-Clause */
/* The build: one kernel call at a time, in the order of enum build_phase.
 *
 * Each turn of build_step runs one function that makes at most one kernel call and moves the cursor on only if the call
 * succeeded. A phase that has nothing to do moves on without a call. Calls per page: three for one that gets bytes (map
 * it in the window, unmap, map in the image: the same capability, no copy), one for a zero page, two for a shared one. A large page takes
 * as many, and is filled in pieces, each of which counts as a call: what others wait for a step does not depend on page sizes. There is
 * one window for large pages; a build that finds it taken by another one makes no call until that has left it. */
#include "user/space/space.h"
#include "user/sel4/sel4.h"

#define PIECE_PAGES 2u /* of a large page are filled in a turn: about as long as a kernel call */

/* What one turn did. */
enum turn { TURN_CALLED, TURN_MOVED_ON, TURN_WAITS };

/* ---- names ---- */

static seL4_CPtr slot_cptr(const struct build *build, uint32_t slot)
{
	return account_cptr(build->space, build->account, slot);
}

seL4_CPtr build_thread_cptr(const struct space *space, uint32_t account)
{
	return account_cptr(space, account, BUILD_THREAD);
}

seL4_CPtr build_vspace_cptr(const struct space *space, uint32_t account)
{
	return account_cptr(space, account, BUILD_ROOT);
}

static void next_phase(struct build *build)
{
	build->phase++;
	build->done = 0;
}

/* ---- start ---- */

static uint32_t table_levels(const struct plan *plan)
{
	return plan->machine->levels;
}

/* Slots of tables: the highest level first. */
static void lay_out_slots(struct build *build)
{
	const struct plan_bill *bill = &build->input.plan->bill;
	uint32_t slot = BUILD_TABLES;

	for (uint32_t level = 3; level-- > 0;) {
		build->table_at[level] = slot;
		slot += (uint32_t)bill->tables[level];
	}
	build->frames_first = slot;
	build->large_first = slot + (uint32_t)bill->frames;
	build->copies_first = build->large_first + (uint32_t)bill->large_frames;
}

/* Are all frames that the plan's runs ask for known? */
static enum status check_sources(const struct build_input *input, struct where *where)
{
	for (uint32_t i = 0; i < input->plan->run_count; i++) {
		const struct plan_run *run = &input->plan->run[i];
		const struct space_caps *caps = &input->payload_pages;

		if (run->source != PLAN_SHARED && run->source != PLAN_REGION)
			continue;
		*where = (struct where){ .offset = run->vaddr, .index = i };
		if (run->source == PLAN_REGION) {
			if (run->region >= input->region_count)
				return STATUS_SPACE_NO_REGION;
			caps = &input->region[run->region];
		}
		if (caps->page_bits != run->page_bits || !range_is_inside(run->offset >> run->page_bits, run->pages, caps->count))
			return STATUS_SPACE_NO_REGION;
	}
	return STATUS_OK;
}

static bool same_objects(const struct account *account, const struct plan_bill *bill)
{
	return account->state == ACCOUNT_USED && account->threads == 1 && account->large_frames == bill->large_frames
	       && account->frames == bill->frames + (bill->large_frames << (LARGE_FRAME_BITS - PAGE_BITS))
	       && account->tables == 1 + bill->tables[0] + bill->tables[1] + bill->tables[2];
}

/* Can the pages of the image to be duplicated be found and copied? */
static enum status check_duplicate(const struct space *space, const struct build_input *input, struct where *where)
{
	if (!input->source)
		return STATUS_OK;
	*where = (struct where){ .index = WHERE_NO_INDEX, .value = input->source->account };
	if (space->use.window_pages < 2)
		return STATUS_SPACE_BAD_USE;
	if (input->source->account >= space->state->accounts_total
	    || !same_objects(&space->state->account[input->source->account], &input->plan->bill))
		return STATUS_SPACE_OTHER_PLAN;
	return STATUS_OK;
}

/* Is there a window for large frames, if there are any? */
static enum status check_large(const struct space *space, const struct build_input *input, struct where *where)
{
	uint64_t large_frames = input->plan->bill.large_frames;

	if (large_frames == 0 || space->use.large_window != 0)
		return STATUS_OK;
	*where = (struct where){ .index = WHERE_NO_INDEX, .value = large_frames };
	return STATUS_SPACE_LARGE_FRAMES;
}

enum status build_start(struct build *build, struct space *space, const struct build_input *input, struct where *where)
{
	struct account_bill bill;
	enum status status = check_sources(input, where);

	if (status == STATUS_OK)
		status = check_duplicate(space, input, where);
	if (status == STATUS_OK)
		status = check_large(space, input, where);
	if (status == STATUS_OK)
		status = account_bill_of(input->plan, &bill, where);
	memset(build, 0, sizeof *build);
	build->space = space;
	build->input = *input;
	if (status == STATUS_OK)
		status = account_open(space, &bill, &build->account, where);
	if (status != STATUS_OK)
		return status;
	space->state->account[build->account].text = (uint16_t)input->text; /* X1 */
	lay_out_slots(build);
	build->level = (uint8_t)(table_levels(input->plan) - 1);
	return STATUS_OK;
}

enum status build_abandon(struct build *build, struct where *where)
{
	return account_close(build->space, build->account, where);
}

/* ---- objects ---- */

static enum status retype_one(struct build *build, seL4_Word type, uint8_t size_bits, uint32_t slot, struct where *where)
{
	uint32_t made;

	return account_retype(build->space, build->account, type, size_bits, slot, 1, &made, where);
}

/* A full pool is told from other refusals: it is for the caller to make room. */
static enum status assign_asid(struct build *build, struct where *where)
{
	enum status status = space_result(build->space, seL4_X86_ASIDPool_Assign(build->space->use.asid_pool, slot_cptr(build, BUILD_ROOT)),
	                                  where);

	if (status != STATUS_SPACE_KERNEL_REFUSED || where->value != seL4_DeleteFirst)
		return status;
	*where = (struct where){ .index = WHERE_NO_INDEX, .value = 1 };
	return STATUS_SPACE_NO_ASIDS;
}

seL4_Word build_table_type(uint32_t level)
{
	static const seL4_Word type[3] = { seL4_X86_PageTableObject, seL4_X86_PageDirectoryObject,
#if ABI_WORD_BITS == 64
		seL4_X86_PDPTObject
#endif
	};

	return type[level];
}

static enum status retype_tables(struct build *build, enum turn *turn, struct where *where)
{
	uint32_t count = (uint32_t)build->input.plan->bill.tables[build->level], made;
	enum status status;

	if (build->done == count) {
		*turn = TURN_MOVED_ON;
		build->done = 0;
		if (build->level-- == 0)
			next_phase(build);
		return STATUS_OK;
	}
	status = account_retype(build->space, build->account, build_table_type(build->level), PAGE_BITS,
	                        build->table_at[build->level] + build->done, count - build->done, &made, where);
	if (status == STATUS_OK)
		build->done += made;
	return status;
}

enum status build_map_table(struct space *space, uint32_t level, seL4_CPtr table, seL4_CPtr root, seL4_Word vaddr, struct where *where)
{
#if ABI_WORD_BITS == 64
	if (level == 2)
		return space_result(space, seL4_X86_PDPT_Map(table, root, vaddr, seL4_X86_Default_VMAttributes), where);
#endif
	if (level == 1)
		return space_result(space, seL4_X86_PageDirectory_Map(table, root, vaddr, seL4_X86_Default_VMAttributes), where);
	return space_result(space, seL4_X86_PageTable_Map(table, root, vaddr, seL4_X86_Default_VMAttributes), where);
}

static enum status map_next_table(struct build *build, enum turn *turn, struct where *where)
{
	struct plan_table_cursor cursor = build->table;
	uint8_t level;
	uint64_t vaddr;
	enum status status;

	if (!plan_table_next(build->input.plan, &cursor, &level, &vaddr)) {
		*turn = TURN_MOVED_ON;
		next_phase(build);
		return STATUS_OK;
	}
	status = build_map_table(build->space, level, slot_cptr(build, build->table_at[level]), slot_cptr(build, BUILD_ROOT),
	                         (seL4_Word)vaddr, where);
	if (status == STATUS_OK) {
		build->table = cursor;
		build->table_at[level]++;
	}
	return status;
}

static enum status retype_frames(struct build *build, enum turn *turn, bool large, struct where *where)
{
	const struct plan_bill *bill = &build->input.plan->bill;
	uint32_t count = (uint32_t)(large ? bill->large_frames : bill->frames) - build->done, made;
	enum status status;

	if (count == 0) {
		*turn = TURN_MOVED_ON;
		next_phase(build);
		return STATUS_OK;
	}
	status = large ? account_retype_large(build->space, build->account, build->large_first + build->done, count, &made, where)
	               : account_retype(build->space, build->account, seL4_X86_4K, PAGE_BITS, build->frames_first + build->done, count, &made,
	                                where);
	if (status == STATUS_OK)
		build->done += made;
	return status;
}

/* ---- pages ---- */

static const struct plan_run *current_run(const struct build *build)
{
	return &build->input.plan->run[build->run];
}

static bool is_large(const struct plan_run *run)
{
	return run->page_bits != PAGE_BITS;
}

/* Pages of PAGE_BYTES in the current page. */
static uint32_t small_pages(const struct build *build)
{
	return 1u << (current_run(build)->page_bits - PAGE_BITS);
}

static seL4_Word window_at(const struct build *build, seL4_Word page)
{
	const struct space_use *use = &build->space->use;

	return (is_large(current_run(build)) ? use->large_window : use->window) + (page << current_run(build)->page_bits);
}

/* Fills a piece of the frame in the window, which comes zeroed from the kernel; the page to be duplicated is in the window's second
 * page. */
static void fill_piece(struct build *build)
{
	const struct plan *plan = build->input.plan;
	uint32_t left = small_pages(build) - build->filled, pages = left < PIECE_PAGES ? left : PIECE_PAGES;
	uint64_t page = build->page * small_pages(build) + build->filled;
	seL4_Word offset = (seL4_Word)build->filled * PAGE_BYTES;
	uint8_t *at = (uint8_t *)(uintptr_t)(window_at(build, 0) + offset);

	if (build->input.source) {
		memcpy(at, (const uint8_t *)(uintptr_t)(window_at(build, 1) + offset), pages * PAGE_BYTES);
		plan_lay_values(plan, &build->cursor, build->run, page, pages, at);
	} else {
		plan_fill(plan, &build->cursor, build->run, page, pages, build->input.payload, at);
	}
	build->filled += pages;
}

static bool is_half_filled(const struct build *build)
{
	return build->filled != 0 && build->filled < small_pages(build);
}

/* May the current page be taken into its window? */
static bool take_window(struct build *build)
{
	uint32_t *user = &build->space->large_window_user;

	if (!is_large(current_run(build)))
		return true;
	if (*user == 0)
		*user = build->account + 1;
	return *user == build->account + 1;
}

static void leave_window(struct build *build)
{
	if (build->space->large_window_user == build->account + 1)
		build->space->large_window_user = 0;
}

bool build_is_in_window(const struct build *build)
{
	return build->phase == BUILD_MAP_PAGES && build->page_step != 0 && !is_large(current_run(build));
}

static seL4_CapRights_t rights_of(const struct plan_run *run)
{
	return run->rights & ELF_W ? seL4_ReadWrite : seL4_CanRead;
}

static enum status map_in_image(struct build *build, seL4_CPtr frame, struct where *where)
{
	const struct plan_run *run = current_run(build);
	seL4_Word vaddr = (seL4_Word)(run->vaddr + (build->page << run->page_bits));
	seL4_X86_VMAttributes attributes = run->uncached ? seL4_X86_CacheDisabled : seL4_X86_Default_VMAttributes;

	return space_result(build->space, seL4_X86_Page_Map(frame, slot_cptr(build, BUILD_ROOT), vaddr, rights_of(run), attributes),
	                    where);
}

/* Slot of the current page's frame: the same in the image that is duplicated. */
static uint32_t own_frame(const struct build *build)
{
	return (is_large(current_run(build)) ? build->large_first : build->frames_first) + current_run(build)->first_frame
	       + (uint32_t)build->page;
}

static enum status map_in_window(struct build *build, seL4_CPtr frame, seL4_Word page, seL4_CapRights_t rights, struct where *where)
{
	return space_result(build->space, seL4_X86_Page_Map(frame, build->space->use.vspace, window_at(build, page), rights,
	                                                    seL4_X86_Default_VMAttributes), where);
}

/* A page of the image's own: steps 0 and 1 only if it gets bytes. */
static enum status own_page_step(struct build *build, enum turn *turn, bool *finished, struct where *where)
{
	seL4_CPtr frame = slot_cptr(build, own_frame(build));
	enum status status;

	if (build->page_step == 0 && plan_is_filled(build->input.plan, &build->cursor, build->run, build->page * small_pages(build))) {
		if (!take_window(build)) {
			*turn = TURN_WAITS;
			return STATUS_OK;
		}
		status = map_in_window(build, frame, 0, seL4_ReadWrite, where);
		if (status == STATUS_OK)
			fill_piece(build);
		return status;
	}
	if (build->page_step == 1)
		return space_result(build->space, seL4_X86_Page_Unmap(frame), where);
	*finished = true;
	return map_in_image(build, frame, where);
}

/* The capability of the page to be duplicated is copied into the new image's account, behind all others: so it goes with the account,
 * whatever happens, and with the old image's too. It is gone from there before the next page. */
static enum status take_source_page(struct build *build, uint32_t to, struct where *where)
{
	uint32_t depth_bits = account_depth_bits(build->space);
	seL4_CPtr cnode = build->space->use.cnode;

	return space_result(build->space, seL4_CNode_Copy(cnode, account_index(build->space, build->account, to), (seL4_Uint8)depth_bits,
	                                                  cnode, account_index(build->space, build->input.source->account, own_frame(build)),
	                                                  (seL4_Uint8)depth_bits, seL4_CanRead), where);
}

static enum status drop_source_page(struct build *build, uint32_t slot, struct where *where)
{
	return space_result(build->space, seL4_CNode_Delete(build->space->use.cnode, account_index(build->space, build->account, slot),
	                                                    (seL4_Uint8)account_depth_bits(build->space)), where);
}

/* A page of the image's own in a duplicate. */
static enum status duplicated_page_step(struct build *build, enum turn *turn, bool *finished, struct where *where)
{
	uint32_t taken = build->copies_first + (uint32_t)build->input.plan->bill.copies;
	seL4_CPtr frame = slot_cptr(build, own_frame(build));
	enum status status;

	switch (build->page_step) {
	case 0:
		if (take_window(build))
			return take_source_page(build, taken, where);
		*turn = TURN_WAITS;
		return STATUS_OK;
	case 1:
		return map_in_window(build, slot_cptr(build, taken), 1, seL4_CanRead, where);
	case 2:
		status = map_in_window(build, frame, 0, seL4_ReadWrite, where);
		if (status == STATUS_OK)
			fill_piece(build);
		return status;
	case 3:
		return drop_source_page(build, taken, where);
	case 4:
		return space_result(build->space, seL4_X86_Page_Unmap(frame), where);
	default:
		*finished = true;
		return map_in_image(build, frame, where);
	}
}

/* A page of somebody else's: a copy of its capability, with no more rights than the mapping has, then the mapping. */
static enum status copied_page_step(struct build *build, bool *finished, struct where *where)
{
	const struct plan_run *run = current_run(build);
	const struct space_caps *caps = &build->input.payload_pages;
	uint32_t slot = build->copies_first + build->copies;

	if (build->page_step > 0) {
		*finished = true;
		return map_in_image(build, slot_cptr(build, slot), where);
	}
	if (run->source == PLAN_REGION)
		caps = &build->input.region[run->region];
	return space_result(build->space, seL4_CNode_Copy(build->space->use.cnode,
	                                                  account_index(build->space, build->account, slot),
	                                                  account_depth_bits(build->space), caps->root,
	                                                  caps->first + (seL4_Word)((run->offset >> run->page_bits) + build->page),
	                                                  caps->depth_bits, rights_of(run)), where);
}

static void next_page(struct build *build, bool copied)
{
	leave_window(build);
	build->page_step = 0;
	build->filled = 0;
	build->copies += copied ? 1 : 0;
	if (++build->page == current_run(build)->pages) {
		build->page = 0;
		build->run++;
	}
}

static enum status map_next_page(struct build *build, enum turn *turn, struct where *where)
{
	const struct plan *plan = build->input.plan;
	bool finished = false, copied;
	enum status status;

	if (build->run == plan->run_count) {
		*turn = TURN_MOVED_ON;
		next_phase(build);
		return STATUS_OK;
	}
	if (is_half_filled(build)) {
		fill_piece(build);
		return STATUS_OK;
	}
	copied = current_run(build)->source == PLAN_SHARED || current_run(build)->source == PLAN_REGION;
	if (copied)
		status = copied_page_step(build, &finished, where);
	else if (build->input.source)
		status = duplicated_page_step(build, turn, &finished, where);
	else
		status = own_page_step(build, turn, &finished, where);
	if (status != STATUS_OK || *turn == TURN_WAITS)
		return status;
	if (finished)
		next_page(build, copied);
	else
		build->page_step++;
	return STATUS_OK;
}

/* ---- the thread ---- */

/* A CNode capability can be named by a CPtr only where no bits are left behind it: hence a copy in the account. */
static enum status copy_cspace(struct build *build, struct where *where)
{
	const struct space_caps *caps = &build->input.thread.cspace;

	return space_result(build->space, seL4_CNode_Copy(build->space->use.cnode,
	                                                  account_index(build->space, build->account, BUILD_CSPACE),
	                                                  account_depth_bits(build->space), caps->root, caps->first,
	                                                  caps->depth_bits, seL4_AllRights), where);
}

static enum status configure(struct build *build, struct where *where)
{
	const struct plan *plan = build->input.plan;
	const struct plan_run *run = plan_run_at(plan, plan->ipc_buffer);
	uint32_t frame = build->frames_first + run->first_frame + (uint32_t)((plan->ipc_buffer - run->vaddr) / PAGE_BYTES);

	return space_result(build->space, seL4_TCB_Configure(slot_cptr(build, BUILD_THREAD), slot_cptr(build, BUILD_CSPACE), 0,
	                                                     slot_cptr(build, BUILD_ROOT), 0, (seL4_Word)plan->ipc_buffer,
	                                                     slot_cptr(build, frame)), where);
}

static enum status set_sched_params(struct build *build, struct where *where)
{
	const struct build_thread *thread = &build->input.thread;

	return space_result(build->space, seL4_TCB_SetSchedParams(slot_cptr(build, BUILD_THREAD), build->space->use.authority,
	                                                          thread->priority, thread->priority, 0,
	                                                          thread->fault_endpoint), where);
}

static enum status set_flags(struct build *build, enum turn *turn, struct where *where)
{
	if (!build->input.thread.fpu_off) {
		*turn = TURN_MOVED_ON;
		return STATUS_OK;
	}
	return space_result(build->space, (seL4_Error)seL4_TCB_SetFlags(slot_cptr(build, BUILD_THREAD), 0,
	                                                                seL4_TCBFlag_fpuDisabled).error, where);
}

/* What the thread starts with: the source's registers, or the program's entry. */
static enum status read_registers(struct build *build, enum turn *turn, struct where *where)
{
	const struct build_thread *thread = &build->input.thread;
	const struct build_source *source = build->input.source;
	seL4_UserContext *context = &build->context;
	enum status status;

	if (source) {
		status = space_result(build->space, seL4_TCB_ReadRegisters(build_thread_cptr(build->space, source->account), 0, 0,
		                                                           ABI_CONTEXT_WORDS, context), where);
		if (status == STATUS_OK && source->is_answered)
			commit_answer_in(context, source->label, source->word);
		return status;
	}
	*turn = TURN_MOVED_ON;
	context->SEL4_CONTEXT_IP = (seL4_Word)thread->entry;
	context->SEL4_CONTEXT_SP = (seL4_Word)thread->stack_pointer;
	context->SEL4_CONTEXT_FLAGS = SEL4_FLAGS_START;
	context->SEL4_CONTEXT_TLS = (seL4_Word)build->input.plan->thread_pointer;
	return STATUS_OK;
}

/* All of them, so that nothing of an earlier user of the memory or of the kernel's defaults is there. */
static enum status write_registers(struct build *build, struct where *where)
{
	return space_result(build->space, seL4_TCB_WriteRegisters(slot_cptr(build, BUILD_THREAD), 0, 0, ABI_CONTEXT_WORDS,
	                                                          &build->context), where);
}

/* ---- the cursor ---- */

/* A phase that is one call. */
static enum status single_call(struct build *build, enum turn *turn, struct where *where)
{
	switch ((enum build_phase)build->phase) {
	case BUILD_RETYPE_THREAD:
		return retype_one(build, seL4_TCBObject, seL4_TCBBits, BUILD_THREAD, where);
	case BUILD_RETYPE_ROOT:
		return retype_one(build, seL4_X86_VSpaceObject, seL4_VSpaceBits, BUILD_ROOT, where);
	case BUILD_ASSIGN_ASID:
		return assign_asid(build, where);
	case BUILD_COPY_CSPACE:
		return copy_cspace(build, where);
	case BUILD_CONFIGURE:
		return configure(build, where);
	case BUILD_SCHED_PARAMS:
		return set_sched_params(build, where);
	case BUILD_FLAGS:
		return set_flags(build, turn, where);
	case BUILD_READ_REGISTERS:
		return read_registers(build, turn, where);
	case BUILD_REGISTERS:
	default:
		return write_registers(build, where);
	}
}

static enum status take_turn(struct build *build, enum turn *turn, struct where *where)
{
	enum status status;

	*turn = TURN_CALLED;
	switch ((enum build_phase)build->phase) {
	case BUILD_RETYPE_TABLES:
		return retype_tables(build, turn, where);
	case BUILD_MAP_TABLES:
		return map_next_table(build, turn, where);
	case BUILD_RETYPE_FRAMES:
		return retype_frames(build, turn, false, where);
	case BUILD_RETYPE_LARGE_FRAMES:
		return retype_frames(build, turn, true, where);
	case BUILD_MAP_PAGES:
		return map_next_page(build, turn, where);
	default:
		status = single_call(build, turn, where);
		if (status == STATUS_OK)
			next_phase(build);
		return status;
	}
}

enum build_progress build_step(struct build *build, uint32_t calls, enum status *status, struct where *where)
{
	enum turn turn;

	*status = STATUS_OK;
	for (uint32_t i = 0; i < calls && build->phase != BUILD_READY; i += turn == TURN_CALLED ? 1 : 0) {
		*status = take_turn(build, &turn, where);
		if (*status != STATUS_OK)
			return BUILD_FAILED;
		if (turn == TURN_WAITS)
			break;
	}
	return build->phase == BUILD_READY ? BUILD_DONE : BUILD_MORE;
}
