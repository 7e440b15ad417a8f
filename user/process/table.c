/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes: as many entries as domains may be spawned. A zombie keeps its entry until its parent has asked. The last entry is for a
 * child of init's: whoever takes all others, there is room for a shell. */
#include "user/process/process.h"

static struct process processes[PROCESSES_MAX];
static int32_t last_pid;
static uint64_t last_ticket;

uint32_t process_slots(void)
{
	return controller.grant->spawn_count;
}

struct process *process_at(uint32_t i)
{
	return &processes[i];
}

void process_reset(void)
{
	memset(processes, 0, sizeof processes);
	last_pid = 0;
	last_ticket = 0;
}

uint64_t process_ticket(void)
{
	return ++last_ticket;
}

struct process *process_find(int32_t pid)
{
	for (uint32_t i = 0; i < process_slots(); i++) {
		if (processes[i].state != PROCESS_FREE && processes[i].state != PROCESS_LEAVING && processes[i].pid == pid)
			return &processes[i];
	}
	return NULL;
}

struct process *process_of_domain(uint32_t domain)
{
	for (uint32_t i = 0; i < process_slots() && domain != DOMAIN_NONE; i++) {
		if (processes[i].state != PROCESS_FREE && processes[i].domain == domain)
			return &processes[i];
	}
	return NULL;
}

/* Pids ascend, and begin anew behind init; one that is in use is passed over. */
static int32_t next_pid(void)
{
	do
		last_pid = last_pid == INT32_MAX ? PROCESS_INIT + 1 : last_pid + 1;
	while (process_find(last_pid));
	return last_pid;
}

/* NULL: none, or only the one that is kept for init's children. */
static struct process *free_for(const struct process *parent)
{
	struct process *process = NULL;
	uint32_t count = 0;

	for (uint32_t i = process_slots(); i > 0; i--) {
		if (processes[i - 1].state != PROCESS_FREE)
			continue;
		process = &processes[i - 1];
		count++;
	}
	return count > 1 || !parent || parent->pid == PROCESS_INIT ? process : NULL;
}

struct process *process_new(const struct process *parent)
{
	struct process *process = free_for(parent);

	if (!process)
		return NULL;
	*process = (struct process){ .pid = next_pid(), .parent = parent ? parent->pid : 0, .state = PROCESS_STARTING,
	                             .level = PROCESS_STANDARD, .domain = DOMAIN_NONE, .asker = NO_ASKER };
	return process;
}

void process_free(struct process *process)
{
	process->state = PROCESS_FREE;
}
