/* SPDX-License-Identifier: BSD-2-Clause */
/* Jobs: load, swap and duplicate. Everything is found, checked, planned and built beside the running image; only then is the domain
 * touched, by commit_hand_over. A refusal anywhere closes the new account and leaves the domain as it was.
 *
 * A job goes in steps (jobs_work), and the main loop serves messages between any two of them. So the domain may be stopped,
 * resumed or fault while its new image is being built; the hand-over takes it as it is then. Its caller waits in a reply
 * object of the controller's and is answered when the job ends. One step is at most JOB_STEP_CALLS kernel calls of the
 * build or of copying the program, or JOB_STEP_BYTES digested, or all the checks of one program's headers and JOB_STEP_RELOCATIONS of its
 * relocations; or the plan (bounded by the headers, and a pass over the relocations for each run of zero pages) and the
 * reservation (bounded by the pool's splits); or the hand-over. */
#include "user/controller/controller.h"

enum job_phase { JOB_FREE, JOB_COPY, JOB_DIGEST, JOB_PLAN, JOB_BUILD, JOB_COMMIT };

struct job {
	uint8_t  phase;   /* enum job_phase */
	bool     by_self; /* its caller is the domain's own program, and waits for the answer */
	bool     checked; /* PLAN: the program's headers are */
	uint32_t domain;
	seL4_CPtr asker;  /* reply object in which its caller waits; 0: nobody does */
	struct request request;
	struct program program;
	struct plan plan;
	struct build build;
	struct build_source source; /* DUPLICATE */
	uint8_t  frame[START_BYTES_MAX];
	uint64_t stack_pointer;
	uint64_t calls;   /* kernel calls made for it so far */
};
static struct job jobs[JOBS_MAX];
static uint32_t turn; /* whose step was the last */
struct answer job_told;

/* ---- the plan ---- */

static enum status plan_maps(struct job *job, const struct grant_domain *domain, struct where *where)
{
	const struct grant *grant = controller.grant;
	enum status status = STATUS_OK;

	for (uint32_t i = 0; i < domain->map_count && status == STATUS_OK; i++) {
		const struct grant_map *map = &grant->map[domain->first_map + i];
		const struct grant_region *region = &grant->region[map->region];
		struct plan_map planned = { .vaddr = map->vaddr, .pages = region->pages, .page_bits = (uint8_t)region->page_bits,
		                            .rights = (uint8_t)map->rights, .uncached = map->uncached != 0, .region = map->region };

		status = plan_add_map(&job->plan, &planned, where);
	}
	return status;
}

/* A program that does not have a symbol has no need of it: several programs take turns in a domain, and the description names
 * what each of them wants. One that has it too small is refused. */
static enum status plan_symbol(struct job *job, const struct domain_symbol *patch, struct where *where)
{
	struct archive_symbol symbol;
	struct plan_patch bytes = { .size_bytes = patch->size_bytes, .bytes = patch->bytes };
	enum status status = archive_symbol_find(&job->program.load.elf, patch->symbol, &symbol);

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
	return plan_add_patch(&job->plan, &bytes, where);
}

static enum status plan_symbols(struct job *job, const struct grant_domain *domain, struct where *where)
{
	enum status status = STATUS_OK;

	for (uint32_t i = 0; i < domain->patch_count && status == STATUS_OK; i++) {
		struct domain_symbol symbol = domain_symbol_of(job->domain, i);

		status = plan_symbol(job, &symbol, where);
	}
	return status;
}

static enum status plan_start_frame(struct job *job, struct where *where)
{
	struct start_auxv auxv;
	uint32_t bytes = 0;
	enum status status;

	start_auxv_of(&job->program.load.elf, &auxv);
	start_random(controller.grant->seed, job->program.start, job->request.arguments.random);
	status = start_frame(&job->request.arguments, &auxv, sizeof(seL4_Word), job->plan.stack_top, job->frame, sizeof job->frame, &bytes);
	if (status != STATUS_OK)
		return status;
	job->stack_pointer = job->plan.stack_top - bytes;
	return plan_add_patch(&job->plan, &(struct plan_patch){ job->stack_pointer, bytes, job->frame + sizeof job->frame - bytes }, where);
}

static bool is_duplicate(const struct job *job)
{
	return job->request.verb == CONTROLLER_DUPLICATE;
}

/* A duplicate's plan has the same pages as its source's had: they depend on program, stack and regions, and not on what bytes are laid
 * over them. What a program starts with, frame and thread-local storage, is in the memory that is copied. */
static enum status make_plan(struct job *job, bool large, struct where *where)
{
	const struct grant_domain *domain = domain_grant(job->domain);
	enum status status;
	uint32_t patches;

	plan_start(&SPACE_MACHINE, domain->stack_pages, &job->plan);
	status = plan_add_image(&job->plan, &job->program.load.elf, true, where);
	if (status == STATUS_OK)
		status = plan_maps(job, domain, where);
	if (status == STATUS_OK)
		status = plan_symbols(job, domain, where);
	if (status == STATUS_OK && !is_duplicate(job))
		status = plan_start_frame(job, where);
	patches = job->plan.patch_count;
	if (status == STATUS_OK)
		status = load_add_startup(&job->program.load, &job->plan, where);
	if (is_duplicate(job))
		job->plan.patch_count = patches;
	if (status == STATUS_OK && large)
		plan_enlarge(&job->plan);
	if (status == STATUS_OK)
		plan_finish(&job->plan, is_duplicate(job) ? BUILD_DUPLICATE_SLOTS : BUILD_EXTRA_SLOTS, BUILD_EXTRA_BYTES);
	return status;
}

/* ---- the build ---- */

static struct build_input build_input_of(const struct job *job)
{
	const struct grant_domain *domain = domain_grant(job->domain);

	return (struct build_input){
		.plan = &job->plan, .source = is_duplicate(job) ? &job->source : NULL, .payload = job->program.payload,
		.text = job->program.text, .payload_pages = program_pages(&job->program),
		.region = controller.region, .region_count = controller.grant->region_count,
		.thread = { .cspace = domain_caps(job->domain, domain->cspace), .fault_endpoint = domain_cptr(job->domain, domain->fault),
		            .priority = (uint8_t)domain->priority, .fpu_off = (domain->flags & SYSTEM_FPU_OFF) != 0,
		            .entry = job->plan.entry, .stack_pointer = job->stack_pointer },
	};
}

/* Nobody but this job names the account: it goes, whatever is in it. */
static void abandon(struct job *job)
{
	domain_record(job->domain)->building = ACCOUNT_NONE;
	controller_close(job->build.account);
}

static enum status reserve(struct job *job, struct where *where)
{
	struct build_input input = build_input_of(job);
	enum status status = build_start(&job->build, &controller.space, &input, where);

	if (status == STATUS_OK)
		domain_record(job->domain)->building = job->build.account;
	return status;
}

/* Large frames where the memory for them can be had; in a duplicate exactly where its source has them. */
static enum status plan_and_reserve(struct job *job, struct where *where)
{
	bool large = controller.space.use.large_window != 0;
	enum status status;

	if (is_duplicate(job))
		large = large && controller.space.state->account[job->source.account].large_frames != 0;
	status = make_plan(job, large, where);
	if (status == STATUS_OK)
		status = reserve(job, where);
	if ((status != STATUS_SPACE_NO_MEMORY && status != STATUS_SPACE_NO_SLOTS) || job->plan.bill.large_frames == 0 || is_duplicate(job))
		return status;
	status = make_plan(job, false, where);
	return status == STATUS_OK ? reserve(job, where) : status;
}

/* *finished: the last of the relocations has been checked, and what follows is done too. */
static enum status check_and_plan(struct job *job, bool *finished, struct where *where)
{
	enum status status = STATUS_OK;

	if (!job->checked)
		status = program_check(&job->program, where);
	job->checked = true;
	if (status == STATUS_OK)
		status = program_check_relocations(&job->program, JOB_STEP_RELOCATIONS, finished, where);
	if (status == STATUS_OK && *finished)
		status = plan_and_reserve(job, where);
	return status;
}

/* A page that is in the copy window is taken out again before another job may use it. */
static enum status build(struct job *job, bool *finished, struct where *where)
{
	enum status status;
	enum build_progress progress = build_step(&job->build, JOB_STEP_CALLS, &status, where);

	while (progress == BUILD_MORE && build_is_in_window(&job->build))
		progress = build_step(&job->build, 1, &status, where);
	if (progress == BUILD_FAILED)
		abandon(job);
	*finished = progress == BUILD_DONE;
	return status;
}

/* ---- the commit ---- */

static enum commit_from commit_from_of(const struct job *job, const struct record_domain *record)
{
	if (record->account == ACCOUNT_NONE)
		return COMMIT_FROM_EMPTY;
	if (record->state != CONTROLLER_RUNNING)
		return COMMIT_FROM_STOPPED;
	return job->by_self ? COMMIT_FROM_CALLER : COMMIT_FROM_RUNNING;
}

/* In this order: after an interruption next, as long as it is there, has all that is needed to do the rest again. */
uint32_t domain_note_handed_over(uint32_t domain)
{
	volatile struct record_domain *record = domain_record(domain);
	uint32_t before = record->account;
	bool is_back = record->next_purpose == RECORD_ROLLBACK, is_kept = record->next_purpose == RECORD_PROBATION;

	if (record->next_purpose == RECORD_COMMIT)
		trust_has_run(domain);
	record->program = record->next_program;
	record->generation = record->next_generation;
	record->state = is_back ? record->kept_state : CONTROLLER_RUNNING;
	record->doing = RECORD_NOTHING;
	record->resume_at = 0;
	record->swap = is_back ? CONTROLLER_SWAP_ROLLED_BACK : CONTROLLER_SWAP_IDLE;
	record->reason = is_back ? record->next_reason : CONTROLLER_REASON_NONE;
	if (is_kept && before != record->next)
		record->kept = before;
	record->account = record->next;
	if (is_back)
		record->kept = ACCOUNT_NONE;
	record->next = ACCOUNT_NONE;
	return is_kept || before == record->account ? ACCOUNT_NONE : before;
}

void domain_handed_over(uint32_t domain)
{
	uint32_t old_account = domain_note_handed_over(domain);

	if (old_account != ACCOUNT_NONE)
		controller_close(old_account);
}

/* What is about to get the domain, and what becomes of what has it. */
static void note_next(const struct job *job, enum commit_from from, uint64_t deadline_ms)
{
	volatile struct record_domain *record = domain_record(job->domain);
	const struct archive_entry *entry = &job->program.entry;

	record->progress = commit_progress_of(from);
	record->next_program = (struct record_program){ .id = entry->id, .flags = entry->flags, .offset = entry->offset,
	                                                .size_bytes = entry->size_bytes, .base = job->program.load.elf.base };
	memcpy(domain_record(job->domain)->next_program.name, entry->name, ARCHIVE_NAME_BYTES);
	record->next_generation = record->generation + 1;
	record->next_purpose = job->request.on_probation ? RECORD_PROBATION : RECORD_COMMIT;
	record->kept_program = record->program;
	record->kept_state = record->state;
	record->kept_waits = from == COMMIT_FROM_CALLER;
	record->kept_resume_at = 0;
	record->deadline_ms = deadline_ms;
	trust_about_to_run(job->domain, entry);
	record->next = job->build.account;
	record->building = ACCOUNT_NONE;
}

static enum status hand_over(struct job *job, uint64_t deadline_ms, struct where *where)
{
	volatile struct record_domain *record = domain_record(job->domain);
	struct commit_domain owns = domain_owns(job->domain);
	seL4_CPtr old_thread = record->account == ACCOUNT_NONE ? 0 : domain_thread(job->domain);
	enum commit_from from = commit_from_of(job, domain_record(job->domain));
	enum status status;

	note_next(job, from, deadline_ms);
	status = commit_hand_over(&controller.space, &owns, old_thread, build_thread_cptr(&controller.space, job->build.account),
	                          from, where);
	if (status != STATUS_OK) {
		record->next = ACCOUNT_NONE;
		return status;
	}
	domain_handed_over(job->domain);
	return STATUS_OK;
}

static enum status commit(struct job *job, struct where *where)
{
	uint64_t deadline_ms = 0;
	enum status status = trust_version(&job->program.entry, job->request.older_too, where); /* a newer one may have run since */

	if (status == STATUS_OK && !probation_ends_at(job->request.deadline_ms, &deadline_ms))
		status = STATUS_TIMER_SILENT;
	if (status == STATUS_OK)
		status = hand_over(job, deadline_ms, where);
	if (status != STATUS_OK)
		abandon(job);
	else if (deadline_ms != 0)
		probation_set_alarm();
	return status;
}

/* ---- steps ---- */

/* One step; *finished: the job is done. After a refusal nothing of it is left. */
static enum status step(struct job *job, bool *finished, struct where *where)
{
	enum status status;
	bool done = true;

	*finished = false;
	switch ((enum job_phase)job->phase) {
	case JOB_COPY:
		status = program_copy(&job->program, JOB_STEP_CALLS, &done, where);
		break;
	case JOB_DIGEST:
		status = program_digest(&job->program, JOB_STEP_BYTES, &done, where);
		break;
	case JOB_PLAN:
		status = check_and_plan(job, &done, where);
		break;
	case JOB_BUILD:
		status = build(job, &done, where);
		break;
	case JOB_COMMIT:
	default:
		status = commit(job, where);
		*finished = status == STATUS_OK;
	}
	if (status == STATUS_OK && done && !*finished)
		job->phase++;
	return status;
}

static void finish(struct job *job, struct answer *answer)
{
	seL4_CPtr asker = job->asker;

	program_let_go(&job->program);
	job->phase = JOB_FREE;
	job->asker = 0;
	if (job->request.ended)
		job->request.ended(&job->request, answer);
	if (asker == 0)
		job_told = *answer;
	else /* nothing happens if the caller is no more: it has swapped itself */
		answer_send(asker, answer);
}

static bool any_job(void)
{
	for (uint32_t i = 0; i < JOBS_MAX; i++) {
		if (jobs[i].phase != JOB_FREE)
			return true;
	}
	return false;
}

bool jobs_work(void)
{
	struct where where = { 0 };
	struct answer answer;
	enum status status;
	struct job *job;
	uint64_t calls;
	bool finished;

	if (!any_job())
		return false;
	do
		turn = (turn + 1) % JOBS_MAX;
	while (jobs[turn].phase == JOB_FREE);
	job = &jobs[turn];
	calls = controller.space.calls;
	status = step(job, &finished, &where);
	job->calls += controller.space.calls - calls;
	if (status == STATUS_OK && !finished)
		return true;
	if (status == STATUS_OK)
		report_load(job->domain, job->program.entry.name, &job->plan, job->calls);
	answer = status == STATUS_OK ? answer_ok(domain_record(job->domain)->generation) : answer_status(status, &where);
	if (job->request.verb == CONTROLLER_SPAWN || is_duplicate(job))
		spawn_finish(job->domain, &answer);
	finish(job, &answer);
	return any_job();
}

/* ---- beginning ---- */

void jobs_reset(void)
{
	for (uint32_t i = 0; i < JOBS_MAX; i++) {
		jobs[i].phase = JOB_FREE;
		jobs[i].asker = 0;
	}
	turn = 0;
}

bool jobs_are_full(void)
{
	for (uint32_t i = 0; i < JOBS_MAX; i++) {
		if (jobs[i].phase == JOB_FREE)
			return false;
	}
	return true;
}

bool job_is_on(uint32_t domain)
{
	for (uint32_t i = 0; i < JOBS_MAX; i++) {
		if (jobs[i].phase != JOB_FREE && jobs[i].domain == domain)
			return true;
	}
	return job_copies(domain);
}

bool job_copies(uint32_t domain)
{
	for (uint32_t i = 0; i < JOBS_MAX; i++) {
		if (jobs[i].phase != JOB_FREE && is_duplicate(&jobs[i]) && jobs[i].request.source == domain)
			return true;
	}
	return false;
}

enum controller_swap_state job_swap_state(uint32_t domain)
{
	for (uint32_t i = 0; i < JOBS_MAX; i++) {
		if (jobs[i].phase != JOB_FREE && jobs[i].domain == domain)
			return jobs[i].phase == JOB_COMMIT ? CONTROLLER_SWAP_STAGED : CONTROLLER_SWAP_PREPARING;
	}
	return CONTROLLER_SWAP_IDLE;
}

bool job_has_asker(seL4_CPtr asker)
{
	for (uint32_t i = 0; i < JOBS_MAX; i++) {
		if (jobs[i].phase != JOB_FREE && jobs[i].asker == asker)
			return true;
	}
	return false;
}

void job_forget_caller(uint32_t domain)
{
	for (uint32_t i = 0; i < JOBS_MAX; i++) {
		if (jobs[i].domain == domain)
			jobs[i].by_self = false;
	}
}

static void take_request(struct job *job, const struct request *request)
{
	job->request = *request;
	job->checked = false;
	if (request->arguments.strings == request->strings)
		job->request.arguments.strings = job->request.strings;
	job->domain = request->domain;
	job->by_self = request->by_self;
	job->calls = 0;
}

/* There is one. */
static struct job *free_job(void)
{
	struct job *job = jobs;

	while (job->phase != JOB_FREE)
		job++;
	return job;
}

/* What is allowed although it is older is told. */
static bool is_new_enough(const struct job *job, struct answer *answer)
{
	const struct archive_entry *entry = &job->program.entry;
	struct where where = { 0 };
	enum status status = trust_version(entry, job->request.older_too, &where);

	if (status != STATUS_OK)
		*answer = answer_status(status, &where);
	else if (where.value < where.limit)
		graft_printf("%s: back to version %u of %s for %s, by request; version %u has run\n", microkit_name,
		             (unsigned int)where.value, entry->name, domain_grant(job->domain)->name, (unsigned int)where.limit);
	return status == STATUS_OK;
}

bool job_start(const struct request *request, seL4_CPtr asker, struct answer *answer)
{
	const struct record_domain *record = domain_record(request->domain);
	struct job *job;

	if (request->verb == CONTROLLER_SWAP ? record->state == CONTROLLER_EMPTY : record->state != CONTROLLER_EMPTY) {
		*answer = answer_error(CONTROLLER_WRONG_STATE, 0, record->state, 0);
		return false;
	}
	if (probation_is_on(request->domain)) {
		*answer = answer_error(CONTROLLER_UNCONFIRMED, 0, 0, 0);
		return false;
	}
	if (jobs_are_full() || job_is_on(request->domain)) {
		*answer = answer_error(CONTROLLER_BUSY, 0, 0, 0);
		return false;
	}
	job = free_job();
	take_request(job, request);
	if (!program_find(job->request.name, &job->program, answer) || !is_new_enough(job, answer))
		return false;
	job->program.base = LOAD_BASE_DEFAULT;
	job->program.start = (uint64_t)job->domain << 32 | (record->generation + 1);
	job->asker = asker;
	job->phase = JOB_COPY;
	return true;
}

void job_start_duplicate(const struct request *request, seL4_CPtr asker)
{
	struct job *job = free_job();

	take_request(job, request);
	job->source = (struct build_source){ .account = domain_record(request->source)->account, .is_answered = request->by_self,
	                                     .label = request->duplicate_label, .word = request->duplicate_word };
	program_again(job->source.account, &domain_record(request->source)->program, &job->program);
	job->asker = asker;
	job->phase = JOB_PLAN;
}
