/* SPDX-License-Identifier: BSD-2-Clause */
/* Jobs: load and swap. Everything is found, checked, planned and built beside the running image; only then is the domain
 * touched, by commit_hand_over. A refusal anywhere closes the new account and leaves the domain as it was.
 *
 * The build is a cursor (user/space/build.h); here it still runs to its end inside one request. Later it is to be taken
 * further between other requests, which is why the job is a struct and not a stack. */
#include "user/controller/controller.h"

#define CALLS_PER_STEP 64u

static struct job {
	uint32_t domain;
	bool     by_self;
	struct program program;
	struct plan plan;
	struct build build;
	uint8_t  frame[START_BYTES_MAX];
	uint64_t stack_pointer;
} job;

/* ---- the plan ---- */

static enum status plan_maps(const struct grant_domain *domain, struct where *where)
{
	const struct grant *grant = controller.grant;
	enum status status = STATUS_OK;

	for (uint32_t i = 0; i < domain->map_count && status == STATUS_OK; i++) {
		const struct grant_map *map = &grant->map[domain->first_map + i];
		const struct grant_region *region = &grant->region[map->region];
		struct plan_map planned = { .vaddr = map->vaddr, .pages = region->pages, .page_bits = (uint8_t)region->page_bits,
		                            .rights = (uint8_t)map->rights, .uncached = map->uncached != 0, .region = map->region };

		status = plan_add_map(&job.plan, &planned, where);
	}
	return status;
}

/* A program that does not have a symbol has no need of it: several programs take turns in a domain, and the description names
 * what each of them wants. One that has it too small is refused. */
static enum status plan_symbol(const struct domain_symbol *patch, struct where *where)
{
	struct archive_symbol symbol;
	struct plan_patch bytes = { .size_bytes = patch->size_bytes, .bytes = patch->bytes };
	enum status status = archive_symbol_find(&job.program.elf, patch->symbol, &symbol);

	if (status == STATUS_SYMBOL_UNKNOWN)
		return STATUS_OK;
	*where = (struct where){ .index = WHERE_NO_INDEX, .value = patch->size_bytes };
	if (status != STATUS_OK)
		return status;
	if (symbol.size_bytes < patch->size_bytes) {
		*where = (struct where){ .index = WHERE_NO_INDEX, .offset = symbol.vaddr, .value = symbol.size_bytes,
		                         .limit = patch->size_bytes };
		return STATUS_SYMBOL_TOO_SMALL;
	}
	bytes.vaddr = symbol.vaddr;
	return plan_add_patch(&job.plan, &bytes, where);
}

static enum status plan_symbols(const struct grant_domain *domain, struct where *where)
{
	enum status status = STATUS_OK;

	for (uint32_t i = 0; i < domain->patch_count && status == STATUS_OK; i++) {
		struct domain_symbol symbol = domain_symbol_of(job.domain, i);

		status = plan_symbol(&symbol, where);
	}
	return status;
}

static enum status plan_start_frame(const struct start_arguments *arguments, struct where *where)
{
	struct start_auxv auxv;
	uint32_t bytes = 0;
	enum status status;

	start_auxv_of(&job.program.elf, &auxv);
	status = start_frame(arguments, &auxv, sizeof(seL4_Word), job.plan.stack_top, job.frame, sizeof job.frame, &bytes);
	if (status != STATUS_OK)
		return status;
	job.stack_pointer = job.plan.stack_top - bytes;
	return plan_add_patch(&job.plan, &(struct plan_patch){ job.stack_pointer, bytes, job.frame + sizeof job.frame - bytes }, where);
}

static enum status make_plan(const struct start_arguments *arguments, struct where *where)
{
	const struct grant_domain *domain = domain_grant(job.domain);
	enum status status;

	plan_start(&plan_machine_x86_64, domain->stack_pages, &job.plan);
	status = plan_add_image(&job.plan, &job.program.elf, true, where);
	if (status == STATUS_OK)
		status = plan_maps(domain, where);
	if (status == STATUS_OK)
		status = plan_symbols(domain, where);
	if (status == STATUS_OK)
		status = plan_start_frame(arguments, where);
	if (status == STATUS_OK)
		plan_finish(&job.plan, BUILD_EXTRA_SLOTS, BUILD_EXTRA_BYTES);
	return status;
}

/* ---- the build ---- */

static struct space_caps grant_caps(uint64_t slot, uint64_t count)
{
	const struct grant *grant = controller.grant;

	return (struct space_caps){ .root = grant->cnode, .first = slot, .depth_bits = grant->cnode_bits, .page_bits = PAGE_BITS,
	                            .count = count };
}

static struct build_input build_input_of(void)
{
	const struct grant_domain *domain = domain_grant(job.domain);

	return (struct build_input){
		.plan = &job.plan, .payload = job.program.payload,
		.payload_pages = grant_caps(controller.grant->archive_slot + job.program.entry.offset / PAGE_BYTES,
		                            job.program.entry.size_bytes / PAGE_BYTES),
		.region = controller.region, .region_count = controller.grant->region_count,
		.thread = { .cspace = domain_caps(job.domain, domain->cspace), .fault_endpoint = domain_cptr(job.domain, domain->fault),
		            .priority = (uint8_t)domain->priority, .fpu_off = (domain->flags & SYSTEM_FPU_OFF) != 0,
		            .entry = job.plan.entry, .stack_pointer = job.stack_pointer },
	};
}

/* Nobody but this job names the account: it goes, whatever is in it. */
static void abandon(void)
{
	domain_record(job.domain)->building = ACCOUNT_NONE;
	controller_close(job.build.account);
}

static enum status build(struct where *where)
{
	struct build_input input = build_input_of();
	enum build_progress progress = BUILD_MORE;
	enum status status = build_start(&job.build, &controller.space, &input, where);

	if (status != STATUS_OK)
		return status;
	domain_record(job.domain)->building = job.build.account;
	while (progress == BUILD_MORE)
		progress = build_step(&job.build, CALLS_PER_STEP, &status, where);
	if (progress == BUILD_FAILED)
		abandon();
	return status;
}

/* ---- the commit ---- */

static enum commit_from commit_from_of(const struct record_domain *record)
{
	if (record->account == ACCOUNT_NONE)
		return COMMIT_FROM_EMPTY;
	if (record->state != CONTROLLER_RUNNING)
		return COMMIT_FROM_STOPPED;
	return job.by_self ? COMMIT_FROM_CALLER : COMMIT_FROM_RUNNING;
}

static enum status commit(struct where *where)
{
	struct record_domain *record = domain_record(job.domain);
	struct commit_domain owns = domain_owns(job.domain);
	uint64_t old_thread = record->account == ACCOUNT_NONE ? 0 : domain_thread(job.domain);
	uint32_t old_account = record->account;
	enum status status;

	record->next = job.build.account;
	record->building = ACCOUNT_NONE;
	status = commit_hand_over(&controller.space, &owns, old_thread, build_thread_cptr(&controller.space, record->next),
	                          commit_from_of(record), where);
	if (status != STATUS_OK) {
		record->next = ACCOUNT_NONE;
		abandon();
		return status;
	}
	record->account = record->next;
	record->next = ACCOUNT_NONE;
	record->state = CONTROLLER_RUNNING;
	record->program_id = job.program.entry.id;
	record->generation++;
	if (old_account != ACCOUNT_NONE)
		controller_close(old_account);
	return STATUS_OK;
}

struct answer job_run(const struct request *request)
{
	const struct record_domain *record = domain_record(request->domain);
	struct where where = { 0 };
	struct answer answer;
	enum status status;

	if (request->verb == CONTROLLER_SWAP ? record->state == CONTROLLER_EMPTY : record->state != CONTROLLER_EMPTY)
		return answer_error(CONTROLLER_WRONG_STATE, 0, record->state, 0);
	job.domain = request->domain;
	job.by_self = request->by_self;
	if (!program_find(request->name, &job.program, &answer))
		return answer;
	status = make_plan(&request->arguments, &where);
	if (status == STATUS_OK)
		status = build(&where);
	if (status == STATUS_OK)
		status = commit(&where);
	return status == STATUS_OK ? answer_ok(record->generation) : answer_status(status, &where);
}
