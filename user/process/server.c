/* SPDX-License-Identifier: BSD-2-Clause */
/* The personality's hooks: a controller whose spawned domains are processes. Settings are arguments, name=value. Control-T prints the
 * processes and what is free. When init ends, so does the system: everything else is ended, the ledger is compared with what it
 * was before init began, and the verdict goes to the exit device. */
#include "user/process/process.h"

#define EXIT_PORT_ID 1u
#define EXIT_PORT    0xf4u
#define EXIT_HELD    0x2au
#define EXIT_FAILED  0x15u

struct settings settings = { .stack_pages = 4, .slice_us = 5000 };

/* In the record: what there was before the first init. */
struct kept {
	uint64_t is_there;
	struct space_ledger ledger;
};
_Static_assert(sizeof(struct kept) <= RECORD_PERSONALITY_WORDS * sizeof(uint64_t), "it fits the record");

static bool has_ended;
static uint32_t held, failed;

/* ---- settings ---- */

static bool read_number(const char *text, uint32_t most, uint32_t *value)
{
	uint64_t number = 0;

	if (*text == '\0')
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		number = number * 10 + (uint64_t)(*text - '0');
		if (number > most)
			return false;
	}
	*value = (uint32_t)number;
	return number > 0;
}

static bool set(const char *argument)
{
	const struct { const char *name; uint32_t most; uint32_t *value; } known[] = {
		{ "stack_pages=", SYSTEM_STACK_PAGES_MAX, &settings.stack_pages },
		{ "slice_us=", 1000000u, &settings.slice_us },
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		size_t length = strlen(known[i].name), k = 0;

		while (k < length && argument[k] == known[i].name[k])
			k++;
		if (k == length)
			return read_number(argument + length, known[i].most, known[i].value);
	}
	return false;
}

static void read_settings(void)
{
	int argc;
	char **argv;

	graft_arguments(&argc, &argv);
	for (int i = 1; i < argc; i++) {
		if (set(argv[i]))
			continue;
		graft_printf("%s: argument %s is none of its settings, or not a number for it\n", microkit_name, argv[i]);
		microkit_internal_crash(seL4_InvalidArgument);
	}
}

/* ---- start ---- */

/* After a restart the processes of before are nobody's: what was known of them is gone. */
static void remove_all(void)
{
	for (uint32_t i = controller.grant->domain_count; i < domain_seats(); i++) {
		struct request request = { .domain = i };

		if (domain_is_there(i) && spawn_remove(&request).label != CONTROLLER_OK)
			graft_printf("%s: domain %s is left over\n", microkit_name, domain_grant(i)->name);
	}
}

static struct kept *kept(void)
{
	return (struct kept *)controller.record->personality;
}

/* Every init has to leave behind what the first one found, whatever happened to the server meanwhile. */
static void keep_ledger(void)
{
	if (kept()->is_there) {
		graft_printf("%s: started afresh: the processes of before have ended\n", microkit_name);
		return;
	}
	space_ledger_get(&controller.space, &kept()->ledger);
	record_barrier();
	kept()->is_there = 1;
}

void personality_start(void)
{
	static const struct program_request init_program = { .name = "init", .argc = 1, .bytes = 5, .strings = "init" };
	struct process *first;

	read_settings();
	remove_all();
	process_reset();
	has_ended = false;
	held = failed = 0;
	keep_ledger();
	lines_start();
	if (life_spawn(NULL, &init_program, &first) != PROCESS_SUCCESS)
		graft_printf("%s: no slot for init: the description grants no domains\n", microkit_name);
}

/* ---- what happens ---- */

bool personality_serve(microkit_channel ch, microkit_msginfo info, struct answer *answer)
{
	struct process *process = ch >= SPAWN_CHANNEL_FIRST ? process_of_domain(domain_of_channel(ch)) : NULL;

	if (process)
		calls_serve(process, info, answer);
	return process != NULL;
}

bool personality_owns(uint32_t domain)
{
	return process_of_domain(domain) != NULL;
}

void personality_notified(microkit_channel ch)
{
	lines_notified(ch);
	clock_notified(ch);
}

void personality_faulted(uint32_t domain, seL4_Word label)
{
	struct process *process = process_of_domain(domain);

	if (process)
		life_end(process, label == seL4_Fault_UnknownSyscall ? PROCESS_BAD_CALL : PROCESS_FAULTED);
}

bool personality_work(void)
{
	return !has_ended && life_work();
}

bool personality_holds(seL4_CPtr reply)
{
	for (uint32_t i = 0; i < process_slots(); i++) {
		if (process_at(i)->state != PROCESS_FREE && process_at(i)->asker == reply)
			return true;
	}
	return false;
}

bool personality_prints_name(uint32_t domain)
{
	const struct process *process = process_of_domain(domain);

	if (process)
		graft_printf("process %d", process->pid);
	return process != NULL;
}

/* ---- what there is ---- */

static const char *state_text(const struct process *process)
{
	static const char *const texts[] = {
		[PROCESS_RUNNING] = "runs", [PROCESS_STARTING] = "is starting", [PROCESS_ASKING] = "waits for a program",
		[PROCESS_WAITING] = "waits for a child", [PROCESS_SLEEPING] = "sleeps", [PROCESS_READING] = "reads", [PROCESS_WRITING] = "writes",
		[PROCESS_ZOMBIE] = "has ended", [PROCESS_LEAVING] = "has ended",
	};

	return texts[process->state];
}

void server_print_state(void)
{
	struct space_ledger ledger;

	for (uint32_t i = 0; i < process_slots(); i++) {
		const struct process *process = process_at(i);

		if (process->state != PROCESS_FREE)
			graft_printf("%5d %5d %u %s: %s\n", process->pid, process->parent, process->level, process->name, state_text(process));
	}
	space_ledger_get(&controller.space, &ledger);
	graft_printf("memory: %lu of %lu bytes are free\n", (unsigned long)ledger.untyped_bytes_free,
	             (unsigned long)ledger.untyped_bytes_total);
}

/* ---- the end ---- */

static void step(bool is_held, const char *what)
{
	graft_printf("%s: %s: %s\n", microkit_name, is_held ? "ok" : "NOT HELD", what);
	if (is_held)
		held++;
	else
		failed++;
}

void server_end(int32_t status)
{
	struct space_ledger ledger;

	has_ended = true;
	while (jobs_work())
		continue;
	process_reset();
	remove_all();
	space_ledger_get(&controller.space, &ledger);
	step(status == 0, "init has ended with status 0");
	step(memcmp(&ledger, &kept()->ledger, sizeof ledger) == 0, "memory and slots are as they were before it");
	if (failed == 0)
		graft_printf("graft: all %u steps held\n", held);
	graft_flush();
	microkit_x86_ioport_write_8(EXIT_PORT_ID, EXIT_PORT, failed == 0 ? EXIT_HELD : EXIT_FAILED);
}
