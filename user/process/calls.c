/* SPDX-License-Identifier: BSD-2-Clause */
/* A message -> a call. All words are judged before anything is done; what a call keeps of its message it copies first, for every
 * kernel call overwrites it. */
#include "user/process/process.h"

/* The first words of a message; those that were not sent are 0. */
struct words {
	seL4_Word count;
	seL4_Word word[2];
};

#define PROGRAM_NAME_WORD 2u
#define PROGRAM_TEXT_WORD (PROGRAM_NAME_WORD + PROCESS_NAME_BYTES / sizeof(seL4_Word))
#define TRANSFER_WORD     2u

static seL4_Word words_of(seL4_Word bytes)
{
	return (bytes + sizeof(seL4_Word) - 1) / sizeof(seL4_Word);
}

/* ---- answering ---- */

static seL4_Word result_word(int32_t result)
{
	return (seL4_Word)(seL4_Int64)result;
}

struct answer calls_answer(int32_t result)
{
	return (struct answer){ .label = 0, .word = { result_word(result) }, .words = 1 };
}

struct answer calls_answer_bytes(const struct process *process, uint32_t count)
{
	microkit_mr_set(0, count);
	memcpy(&seL4_GetIPCBuffer()->msg[1], process->text, count);
	return (struct answer){ .label = 0, .words = 1 + words_of(count), .in_buffer = true };
}

void process_wait(struct process *process, enum process_state state)
{
	process->state = (uint8_t)state;
	process->since = process_ticket();
	process->asker = graft_reply_cap;
	controller_answer_later();
}

static void send_answer(struct process *process, const struct answer *answer)
{
	seL4_CPtr asker = process->asker;

	process->asker = NO_ASKER;
	process->state = PROCESS_RUNNING;
	if (asker != NO_ASKER)
		answer_send(asker, answer);
}

void process_answer(struct process *process, int32_t result, seL4_Word extra)
{
	struct answer answer = calls_answer(result);

	answer.word[1] = extra;
	answer.words = 2;
	send_answer(process, &answer);
}

void process_answer_bytes(struct process *process, uint32_t count)
{
	struct answer answer = calls_answer_bytes(process, count);

	send_answer(process, &answer);
}

/* ---- programs ---- */

/* Copies a program's name and arguments out of the message. false: it is malformed. That the strings are as many as is said, is
 * checked where they are laid (lib/start). */
static bool decode_program(const struct words *words, struct program_request *program)
{
	const seL4_Word *message = seL4_GetIPCBuffer()->msg;

	if (words->count < PROGRAM_TEXT_WORD || words->word[0] > PROCESS_ARGUMENTS_MAX || words->word[1] > PROCESS_ARGUMENT_BYTES ||
	    words->count < PROGRAM_TEXT_WORD + words_of(words->word[1]))
		return false;
	program->argc = (uint32_t)words->word[0];
	program->bytes = (uint32_t)words->word[1];
	memcpy(program->name, &message[PROGRAM_NAME_WORD], PROCESS_NAME_BYTES);
	memcpy(program->strings, &message[PROGRAM_TEXT_WORD], program->bytes);
	return program->name[0] != '\0' && program->name[PROCESS_NAME_BYTES - 1] == '\0';
}

static void serve_program(struct process *process, const struct words *words, bool is_exec, struct answer *answer)
{
	static struct program_request program;
	int32_t result = PROCESS_BAD_PARAMETER;
	struct process *child;

	if (decode_program(words, &program))
		result = is_exec ? life_exec(process, &program) : life_spawn(process, &program, &child);
	if (result != PROCESS_SUCCESS)
		*answer = calls_answer(result);
	else
		process_wait(process, PROCESS_ASKING);
}

static void serve_fork(struct process *process, struct answer *answer)
{
	int32_t result = life_fork(process);

	if (result != PROCESS_SUCCESS)
		*answer = calls_answer(result);
	else
		process_wait(process, PROCESS_ASKING);
}

/* ---- the others ---- */

static void serve_waitpid(struct process *process, const struct words *words, struct answer *answer)
{
	int32_t status = 0, wanted = (int32_t)words->word[0], pid = PROCESS_BAD_PARAMETER;

	if (words->count >= 1 && wanted >= 0 && words->word[0] <= INT32_MAX)
		pid = life_reap(process, wanted, &status);
	if (pid == 0) {
		process->wants = wanted;
		process_wait(process, PROCESS_WAITING);
		lines_waiting();
		return;
	}
	*answer = calls_answer(pid);
	answer->word[1] = result_word(status);
	answer->words = 2;
}

static void serve_write(struct process *process, const struct words *words, struct answer *answer)
{
	seL4_Word bytes = words->word[1];

	if (words->count < TRANSFER_WORD || bytes > PROCESS_TRANSFER_BYTES || words->count < TRANSFER_WORD + words_of(bytes))
		*answer = calls_answer(PROCESS_BAD_PARAMETER);
	else
		lines_write(process, words->word[0], bytes, &seL4_GetIPCBuffer()->msg[TRANSFER_WORD], answer);
}

static struct answer serve_gettime(void)
{
	uint64_t now = clock_now();

	return (struct answer){ .word = { (uint32_t)now, (seL4_Word)(now >> 32) }, .words = 2 };
}

static void serve_sleep(struct process *process, const struct words *words, struct answer *answer)
{
	uint64_t ms = (uint64_t)words->word[1] << 32 | (uint32_t)words->word[0];

	if (words->count < 2)
		*answer = calls_answer(PROCESS_BAD_PARAMETER);
	else if (ms == 0)
		*answer = calls_answer(PROCESS_SUCCESS);
	else
		clock_sleep(process, ms);
}

static int32_t serve_kill(struct process *process, const struct words *words)
{
	if (words->count < 1 || words->word[0] == 0 || words->word[0] > INT32_MAX)
		return PROCESS_NOT_FOUND;
	return life_kill(process, (int32_t)words->word[0]);
}

static int32_t serve_setprio(struct process *process, const struct words *words)
{
	if (words->count < 1 || words->word[0] >= PROCESS_LEVELS)
		return PROCESS_BAD_PARAMETER;
	return life_set_level(process, (uint32_t)words->word[0]);
}

/* Calls that make the caller wait, or end it. */
static bool serve_long(struct process *process, seL4_Word call, const struct words *words, struct answer *answer)
{
	switch (call) {
	case PROCESS_EXIT:
		life_end(process, (int32_t)words->word[0]);
		return true;
	case PROCESS_WAITPID:
		serve_waitpid(process, words, answer);
		return true;
	case PROCESS_FORK:
		serve_fork(process, answer);
		return true;
	case PROCESS_EXEC:
	case PROCESS_SPAWN:
		serve_program(process, words, call == PROCESS_EXEC, answer);
		return true;
	case PROCESS_READ:
		if (words->count < 2)
			*answer = calls_answer(PROCESS_BAD_PARAMETER);
		else
			lines_read(process, words->word[0], words->word[1], answer);
		return true;
	case PROCESS_WRITE:
		serve_write(process, words, answer);
		return true;
	case PROCESS_SLEEP:
		serve_sleep(process, words, answer);
		return true;
	default:
		return false;
	}
}

static void serve_short(struct process *process, seL4_Word call, const struct words *words, struct answer *answer)
{
	switch (call) {
	case PROCESS_GETPID:
		*answer = calls_answer(process->pid);
		return;
	case PROCESS_GETPPID:
		*answer = calls_answer(process->parent);
		return;
	case PROCESS_GETTIME:
		*answer = serve_gettime();
		return;
	case PROCESS_GETPRIO:
		*answer = calls_answer(process->level);
		return;
	case PROCESS_SETPRIO:
		*answer = calls_answer(serve_setprio(process, words));
		return;
	case PROCESS_KILL:
		*answer = calls_answer(serve_kill(process, words));
		return;
	default:
		life_end(process, PROCESS_BAD_CALL);
	}
}

/* A process that was thought to wait, and calls: it did not wait for the answer, so it gets none. */
static void forget_wait(struct process *process)
{
	process->asker = NO_ASKER;
	if (process->state != PROCESS_ASKING)
		process->state = PROCESS_RUNNING;
}

void calls_serve(struct process *process, microkit_msginfo info, struct answer *answer)
{
	seL4_Word call = microkit_msginfo_get_label(info);
	struct words words = { .count = microkit_msginfo_get_count(info) };

	for (seL4_Word i = 0; i < 2 && i < words.count; i++)
		words.word[i] = microkit_mr_get((seL4_Uint8)i);
	*answer = (struct answer){ .label = 0 };
	if (process->state != PROCESS_RUNNING)
		forget_wait(process);
	if (!serve_long(process, call, &words, answer))
		serve_short(process, call, &words, answer);
}
