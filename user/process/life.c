/* SPDX-License-Identifier: BSD-2-Clause */
/* How processes come, change and go: spawn is the controller's SPAWN, exec its SWAP to oneself, fork its DUPLICATE, the end its
 * REMOVE. Those are jobs that take their time, and there is room for two: whoever asks waits, in the order of asking.
 *
 * An end is told to the parent at once if it waits, else when it asks. Children of one that ends are init's from then on. */
#include "user/process/process.h"
#include "user/sel4/sel4.h"

/* Priorities: below the server and the drivers. */
static const uint8_t priority_of_level[PROCESS_LEVELS] = { 100, 90, 80, 70 };
#define PRIORITY_IDLE 60u
#define IDLE_NAME     "idle"

static uint32_t priority_of(const struct process *process)
{
	return process->is_idle ? PRIORITY_IDLE : priority_of_level[process->level];
}

/* ---- asking for a job ---- */

static void ask_for(struct process *process, enum process_job job, const struct program_request *program)
{
	process->job = (uint8_t)job;
	process->has_begun = false;
	process->since = process_ticket();
	if (program)
		process->program = *program;
	graft_answers_later = true; /* so that life_work is asked */
}

static bool is_idle(const struct process *parent, const char *name)
{
	return parent && parent->pid == PROCESS_INIT && memcmp(name, IDLE_NAME, sizeof IDLE_NAME) == 0;
}

int32_t life_spawn(struct process *parent, const struct program_request *program, struct process **child)
{
	*child = process_new(parent);
	if (!*child)
		return PROCESS_NO_SLOTS;
	if (parent) {
		(*child)->level = parent->level;
		parent->wants = (*child)->pid;
	}
	if (is_idle(parent, program->name)) {
		(*child)->is_idle = true;
		(*child)->level = PROCESS_DEFERRED;
	}
	ask_for(*child, JOB_SPAWN, program);
	return PROCESS_SUCCESS;
}

/* The child begins where the parent waits, so both run the same program. */
int32_t life_fork(struct process *parent)
{
	struct process *child;

	if (parent->job != JOB_NONE)
		return PROCESS_FAILURE;
	child = process_new(parent);
	if (!child)
		return PROCESS_NO_SLOTS;
	child->level = parent->level;
	memcpy(child->program.name, parent->name, sizeof child->program.name);
	parent->wants = child->pid;
	ask_for(child, JOB_FORK, NULL);
	return PROCESS_SUCCESS;
}

int32_t life_exec(struct process *process, const struct program_request *program)
{
	if (process->job != JOB_NONE)
		return PROCESS_FAILURE;
	process->wants = process->pid;
	ask_for(process, JOB_EXEC, program);
	return PROCESS_SUCCESS;
}

/* ---- jobs ---- */

static int32_t error_of(const struct answer *answer)
{
	switch (answer->label) {
	case CONTROLLER_OK:
		return PROCESS_SUCCESS;
	case CONTROLLER_NO_MEMORY:
	case CONTROLLER_NO_SLOTS:
		return PROCESS_NO_MEMORY;
	case CONTROLLER_NO_PROGRAM:
		return PROCESS_NOT_FOUND;
	case CONTROLLER_NO_SEATS:
	case CONTROLLER_NO_BUDGET:
		return PROCESS_NO_SLOTS;
	case CONTROLLER_BAD_REQUEST:
		return PROCESS_BAD_PARAMETER;
	default:
		return PROCESS_FAILURE;
	}
}

/* ---- jobs that have ended ---- */

/* Whoever waits for this child to be made. */
static void tell_maker(const struct process *child, int32_t result)
{
	struct process *parent = process_find(child->parent);

	if (parent && parent->state == PROCESS_ASKING && parent->wants == child->pid)
		process_answer(parent, result, 0);
}

static void told_exec(struct process *process, int32_t error)
{
	if (error == PROCESS_SUCCESS) {
		memcpy(process->name, process->program.name, sizeof process->name);
		process->asker = NO_ASKER; /* who waited is no more */
		process->state = PROCESS_RUNNING;
	} else if (process->state == PROCESS_ASKING) {
		process_answer(process, error, 0);
	}
}

static void told_child(struct process *child, int32_t error)
{
	if (error != PROCESS_SUCCESS) {
		child->domain = DOMAIN_NONE;
		process_free(child);
		tell_maker(child, error);
		if (child->pid == PROCESS_INIT)
			server_end(error);
		return;
	}
	memcpy(child->name, child->program.name, sizeof child->name);
	child->state = PROCESS_RUNNING;
	tell_maker(child, child->pid);
}

static void end_if_doomed(struct process *process)
{
	if (process && process->is_doomed && process->state != PROCESS_FREE)
		life_end(process, process->status);
}

static void told(struct process *process, const struct answer *answer)
{
	uint8_t job = process->job;
	int32_t parent = process->parent;

	process->job = JOB_NONE;
	if (job == JOB_EXEC)
		told_exec(process, error_of(answer));
	else
		told_child(process, error_of(answer));
	end_if_doomed(process);
	if (job == JOB_FORK)
		end_if_doomed(process_find(parent));
}

static void job_ended(const struct request *request, struct answer *answer)
{
	struct process *process = process_of_domain(request->domain);

	if (process)
		told(process, answer);
}


/* ---- beginning them ---- */

static const struct record_connection to_server = { CONTROLLER_OFFER_SELF, PROCESS_CHANNEL };

_Static_assert(PROCESS_NAME_BYTES == NAME_BYTES, "names are as long for the controller");

/* The strings stay where they are: the process has no other job before this one has ended. */
static void fill_program(const struct process *process, struct request *request)
{
	const struct program_request *program = &process->program;

	memcpy(request->name, program->name, sizeof program->name);
	request->arguments = (struct start_arguments){ .argc = program->argc, .strings = program->strings, .strings_bytes = program->bytes };
	request->spawn = (struct spawn_request){
		.priority = priority_of(process), .stack_pages = settings.stack_pages, .budget_us = settings.slice_us,
		.period_us = settings.slice_us, .connection_count = 1, .connection = { to_server },
	};
}

static bool begin_exec(const struct process *process, struct request *request, struct answer *answer)
{
	request->verb = CONTROLLER_SWAP;
	request->domain = process->domain;
	request->by_self = true;
	fill_program(process, request);
	return job_start(request, NO_ASKER, answer);
}

static bool begin_spawn(const struct process *process, struct request *request, struct answer *answer)
{
	request->verb = CONTROLLER_SPAWN;
	fill_program(process, request);
	return spawn_start(request, NO_ASKER, answer);
}

/* The parent waits for the answer still, or there is nothing to make a child of. */
static bool begin_fork(const struct process *process, struct request *request, struct answer *answer)
{
	const struct process *parent = process_find(process->parent);

	if (!parent || parent->state != PROCESS_ASKING || parent->wants != process->pid) {
		*answer = answer_error(CONTROLLER_WRONG_STATE, 0, 0, 0);
		return false;
	}
	request->verb = CONTROLLER_DUPLICATE;
	request->domain = parent->domain;
	request->by_self = true;
	request->spawn = (struct spawn_request){ .priority = SPAWN_SAME_PRIORITY, .budget_us = SPAWN_SAME, .period_us = SPAWN_SAME,
	                                         .connection_count = 1, .connection = { to_server } };
	return duplicate_start(request, NO_ASKER, answer);
}

static void begin(struct process *process)
{
	static struct request request;
	struct answer answer;
	bool begun;

	request = (struct request){ .ended = job_ended };
	process->has_begun = true;
	if (process->job == JOB_EXEC)
		begun = begin_exec(process, &request, &answer);
	else
		begun = process->job == JOB_FORK ? begin_fork(process, &request, &answer) : begin_spawn(process, &request, &answer);
	if (begun)
		process->domain = request.domain;
	else
		told(process, &answer);
}

bool life_work(void)
{
	struct process *first = NULL;

	for (uint32_t i = 0; i < process_slots(); i++) {
		struct process *process = process_at(i);

		if (process->state != PROCESS_FREE && process->job != JOB_NONE && !process->has_begun &&
		    (!first || process->since < first->since))
			first = process;
	}
	if (first && !jobs_are_full())
		begin(first);
	return first != NULL;
}

/* ---- the end ---- */

/* Gives the domain back. false: the kernel refused, it stays for another try. */
static bool give_back(struct process *process)
{
	struct request request = { .domain = process->domain };

	if (process->domain != DOMAIN_NONE && spawn_remove(&request).label != CONTROLLER_OK)
		return false;
	process->domain = DOMAIN_NONE;
	return true;
}

static void leave(struct process *process)
{
	process->state = PROCESS_LEAVING;
	if (give_back(process))
		process_free(process);
}

static bool is_after(const struct process *parent, const struct process *child)
{
	return parent->state == PROCESS_WAITING && (parent->wants == 0 || parent->wants == child->pid);
}

static void tell_parent(struct process *process)
{
	struct process *parent = process_find(process->parent);
	int32_t status = process->status, pid = process->pid;

	if (!parent) {
		leave(process);
	} else if (is_after(parent, process)) {
		leave(process);
		process_answer(parent, pid, (seL4_Word)(seL4_Int64)status);
	}
}

static void orphan_children(const struct process *process)
{
	for (uint32_t i = 0; i < process_slots(); i++) {
		struct process *child = process_at(i);

		if (child->state == PROCESS_FREE || child->state == PROCESS_LEAVING || child->parent != process->pid)
			continue;
		child->parent = PROCESS_INIT;
		if (child->state == PROCESS_ZOMBIE)
			tell_parent(child);
	}
}

/* Its own exec, or the copying of it; and one that is only to be started is started first, for its maker waits for that. */
static bool has_job(const struct process *process)
{
	return process->state == PROCESS_STARTING || (process->domain != DOMAIN_NONE && job_is_on(process->domain));
}

void life_end(struct process *process, int32_t status)
{
	process->status = status;
	process->asker = NO_ASKER;
	if (has_job(process)) {
		process->is_doomed = true;
		return;
	}
	process->job = JOB_NONE;
	if (!give_back(process))
		graft_printf("%s: the domain of process %d is not back yet\n", microkit_name, process->pid);
	process->state = PROCESS_ZOMBIE;
	if (process->pid == PROCESS_INIT) {
		server_end(status);
		return;
	}
	orphan_children(process);
	tell_parent(process);
}

int32_t life_kill(struct process *process, int32_t pid)
{
	struct process *victim = process_find(pid);

	(void)process;
	if (!victim)
		return PROCESS_NOT_FOUND;
	if (pid == PROCESS_INIT)
		return PROCESS_FAILURE;
	if (victim->state != PROCESS_ZOMBIE && !victim->is_doomed)
		life_end(victim, PROCESS_KILLED);
	return PROCESS_SUCCESS;
}

/* ---- waitpid ---- */

int32_t life_reap(struct process *parent, int32_t wanted, int32_t *status)
{
	bool has_children = false, has_wanted = false;

	for (uint32_t i = 0; i < process_slots(); i++) {
		struct process *child = process_at(i);
		int32_t pid = child->pid;

		if (child->state == PROCESS_FREE || child->state == PROCESS_LEAVING || child->parent != parent->pid || pid == parent->pid)
			continue;
		has_children = true;
		if (wanted != 0 && wanted != pid)
			continue;
		has_wanted = true;
		if (child->state != PROCESS_ZOMBIE)
			continue;
		*status = child->status;
		leave(child);
		return pid;
	}
	return !has_children ? PROCESS_NO_CHILDREN : !has_wanted ? PROCESS_NOT_FOUND : 0;
}

/* ---- priority ---- */

int32_t life_set_level(struct process *process, uint32_t level)
{
	int32_t before = process->level;
	uint32_t priority;

	process->level = (uint8_t)level;
	priority = priority_of(process);
	domain_spawned(process->domain)->domain.priority = priority;
	controller.space.calls++;
	if (seL4_TCB_SetPriority(domain_thread(process->domain), controller.grant->tcb_authority, priority) == seL4_NoError)
		return before;
	process->level = (uint8_t)before;
	domain_spawned(process->domain)->domain.priority = priority_of(process);
	return PROCESS_FAILURE;
}
