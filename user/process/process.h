/* SPDX-License-Identifier: BSD-2-Clause */
/* The process server: a controller (user/controller/) with a personality. A process is a spawned domain with one channel, on which
 * it makes the calls of protocol.h.
 *
 *   server.c  the personality's hooks; its settings; the end of the system
 *   table.c   processes by pid and by domain, parents and children
 *   calls.c   a message -> a call
 *   life.c    spawn, exec, fork, exit, kill, waitpid
 *   lines.c   read and write: the console and the serial line; control characters
 *   clock.c   gettime, sleep
 *
 * Invariants: P1 a process that waits is named by exactly one reply object, and gets one answer or none (it is gone). P2 a process
 * whose domain has a job is not ended before the job is. P3 every process has a parent that lives, or init, or is init. P4 no
 * byte of a process is read or written here: only what came in its messages. */
#pragma once
#include "user/controller/controller.h"
#include "user/process/protocol.h"

#define PROCESSES_MAX SYSTEM_SPAWN_MAX
#define NO_ASKER      0u

enum process_state {
	PROCESS_FREE,
	PROCESS_RUNNING,  /* its program runs, or could */
	PROCESS_STARTING, /* its first program is being loaded */
	PROCESS_ASKING,   /* waits for a job: its own exec, or a child's start */
	PROCESS_WAITING,  /* for a child */
	PROCESS_SLEEPING,
	PROCESS_READING,
	PROCESS_WRITING,
	PROCESS_ZOMBIE,   /* ended; its parent has not asked yet */
	PROCESS_LEAVING   /* ended and asked after, but the kernel refused to give its domain back */
};

enum process_job { JOB_NONE, JOB_SPAWN, JOB_EXEC, JOB_FORK };

/* A program that a process is to run. */
struct program_request {
	char     name[PROCESS_NAME_BYTES];
	uint32_t argc, bytes;
	char     strings[PROCESS_ARGUMENT_BYTES];
};

struct process {
	uint8_t  state; /* enum process_state */
	uint8_t  level; /* enum process_level */
	uint8_t  job;   /* enum process_job: what is to be done to its domain */
	bool     has_begun; /* the job, that is */
	bool     is_doomed; /* is to end, with this status, when the job has */
	bool     is_idle;   /* below all levels */
	int32_t  status;
	int32_t  pid, parent;
	int32_t  wants;    /* ASKING: the child that is being made; WAITING: that pid, or 0 */
	uint32_t domain;   /* DOMAIN_NONE before its job begins, and when it is given back */
	seL4_CPtr asker;   /* reply object in which it waits */
	uint64_t since;    /* order of asking, among those who wait for the same */
	uint64_t wakes_ms; /* SLEEPING */
	uint32_t line;     /* READING, WRITING: enum process_line */
	uint32_t count;    /* READING: bytes wanted; WRITING: bytes in text */
	uint32_t done;     /* WRITING: how many of them are written */
	char     text[PROCESS_TRANSFER_BYTES];
	struct program_request program; /* what it runs, or is about to */
	char     name[PROCESS_NAME_BYTES]; /* of the program it runs */
};

struct settings {
	uint32_t stack_pages;
	uint32_t slice_us;
};
extern struct settings settings;

/* ---- table ---- */

/* Entries 0..process_slots()-1: as many as domains may be spawned. */
uint32_t process_slots(void);
struct process *process_at(uint32_t i);
struct process *process_find(int32_t pid);           /* NULL: none */
struct process *process_of_domain(uint32_t domain);  /* NULL: none */

/* A new one of this parent (NULL: init), STARTING; NULL if all slots are taken, the last of which is for a child of init's only. */
struct process *process_new(const struct process *parent);
void process_free(struct process *process);
void process_reset(void);
uint64_t process_ticket(void); /* ascending */

/* ---- answering ---- */

/* The process being served waits in this state. */
void process_wait(struct process *process, enum process_state state);

/* Answers a process that waits; it runs again. extra: the second word. */
void process_answer(struct process *process, int32_t result, seL4_Word extra);

/* The same, with so many bytes of its text. */
void process_answer_bytes(struct process *process, uint32_t count);

/* ---- calls ---- */

/* Carries out one call. Returns whether the process is answered with *answer at once. */
void calls_serve(struct process *process, microkit_msginfo info, struct answer *answer);
struct answer calls_answer(int32_t result);
struct answer calls_answer_bytes(const struct process *process, uint32_t count);

/* ---- life ---- */

/* Asks for a child with this program, for a parent that waits for it (NULL: init, for nobody). An enum process_error. */
int32_t life_spawn(struct process *parent, const struct program_request *program, struct process **child);
int32_t life_exec(struct process *process, const struct program_request *program);
int32_t life_fork(struct process *parent);

/* Begins at most one job that is waiting. true: there may be more. */
bool life_work(void);
void life_end(struct process *process, int32_t status);
int32_t life_kill(struct process *process, int32_t pid);
int32_t life_set_level(struct process *process, uint32_t level);

/* Is there a child to be had at once? Then its pid, and *status; 0: it has to wait. Else an enum process_error. */
int32_t life_reap(struct process *parent, int32_t wanted, int32_t *status);

/* ---- lines ---- */

void lines_start(void);
void lines_notified(microkit_channel ch);
void lines_read(struct process *process, seL4_Word line, seL4_Word bytes, struct answer *answer);
void lines_write(struct process *process, seL4_Word line, seL4_Word bytes, const void *text, struct answer *answer);

/* Somebody waits for a child now: a control-C that came before is for that child. */
void lines_waiting(void);

/* ---- clock ---- */

uint64_t clock_now(void);
void clock_sleep(struct process *process, uint64_t ms);
void clock_notified(microkit_channel ch);

/* ---- the end ---- */

/* init has ended: so does the system. */
void server_end(int32_t status);

/* Prints every process, and the memory that is free. */
void server_print_state(void);
