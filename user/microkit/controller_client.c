/* SPDX-License-Identifier: BSD-2-Clause */
/* The caller's side of the controller's protocol. */
#include "lib/base/base.h"
#include "user/microkit/controller_client.h"

#define WORD_BYTES     sizeof(seL4_Word)
#define NAME_BYTES     (CONTROLLER_NAME_WORDS * WORD_BYTES)
#define NAME_MR        1u
#define ARGC_MR        (NAME_MR + CONTROLLER_NAME_WORDS)
#define STRINGS_MR     (ARGC_MR + 2u)
#define LIST_WORDS     (sizeof(struct controller_domain) / WORD_BYTES)
#define CHANNEL_MAX    0xffu
#define SPAWN_WORDS    (5u + CONTROLLER_CONNECTIONS_MAX)
#define ROOM_BYTES     ((seL4_MsgMaxLength - STRINGS_MR - SPAWN_WORDS) * WORD_BYTES) /* for strings, whatever follows */
#define WORDS_OF(text) (((text) + WORD_BYTES - 1) / WORD_BYTES)

static seL4_Word finish(seL4_MessageInfo_t info, struct controller_result *result)
{
	seL4_Word error = seL4_MessageInfo_get_label(info);

	if (!result)
		return error;
	*result = (struct controller_result){ .error = error };
	if (error == CONTROLLER_OK) {
		result->generation = seL4_GetMR(0);
	} else if (error == CONTROLLER_ROLLED_BACK) { /* one word: it was put into the registers of a program that had been stopped */
		result->detail = seL4_GetMR(0);
	} else if (seL4_MessageInfo_get_length(info) >= 3) {
		result->detail = seL4_GetMR(0);
		result->figure[0] = seL4_GetMR(1);
		result->figure[1] = seL4_GetMR(2);
	}
	return error;
}

static seL4_Word refuse(struct controller_result *result)
{
	if (result)
		*result = (struct controller_result){ .error = CONTROLLER_BAD_REQUEST };
	return CONTROLLER_BAD_REQUEST;
}

/* Lays the strings into the message; false if they are too long. *bytes: all of them with their NULs. */
static bool put_arguments(unsigned int argc, const char *const argv[], size_t *bytes)
{
	char *strings = (char *)&seL4_GetIPCBuffer()->msg[STRINGS_MR];
	size_t used = 0;

	for (unsigned int i = 0; i < argc; i++) {
		size_t length = strlen(argv[i]) + 1;

		if (!range_is_inside(used, length, ROOM_BYTES < CONTROLLER_ARGUMENT_BYTES ? ROOM_BYTES : CONTROLLER_ARGUMENT_BYTES))
			return false;
		memcpy(strings + used, argv[i], length);
		used += length;
	}
	memset(strings + used, 0, WORDS_OF(used) * WORD_BYTES - used);
	*bytes = used;
	return true;
}

/* Lays a request for a program into the message. *words: its length; false if something is too long. */
static bool put_program(seL4_Word domain, const char *name, unsigned int argc, const char *const argv[], seL4_Word *words)
{
	seL4_IPCBuffer *buffer = seL4_GetIPCBuffer();
	size_t name_length = strlen(name);
	size_t bytes;

	if (name_length >= NAME_BYTES || !put_arguments(argc, argv, &bytes))
		return false;
	buffer->msg[0] = domain;
	memset(&buffer->msg[NAME_MR], 0, NAME_BYTES);
	memcpy(&buffer->msg[NAME_MR], name, name_length);
	buffer->msg[ARGC_MR] = argc;
	buffer->msg[ARGC_MR + 1] = bytes;
	*words = STRINGS_MR + WORDS_OF(bytes);
	return true;
}

/* flags: beside argc. */
static seL4_Word start_program(microkit_channel ch, seL4_Word verb, seL4_Word flags, seL4_Word domain, const char *name,
                               unsigned int argc, const char *const argv[], struct controller_result *result)
{
	seL4_Word words;

	if (!put_program(domain, name, argc, argv, &words))
		return refuse(result);
	seL4_GetIPCBuffer()->msg[ARGC_MR] |= flags;
	return finish(microkit_ppcall(ch, seL4_MessageInfo_new(verb, 0, 0, words)), result);
}

/* Could a word of the message hold it? Whether it means something is the controller's to say. */
static bool fits(const struct controller_connection *connection)
{
	return connection->offer <= CONTROLLER_OFFER_SELF && connection->channel <= CHANNEL_MAX;
}

static bool connections_fit(const struct controller_spawning *spawning)
{
	bool all_fit = spawning->connection_count <= CONTROLLER_CONNECTIONS_MAX;

	for (unsigned int i = 0; all_fit && i < spawning->connection_count; i++)
		all_fit = fits(&spawning->connection[i]);
	return all_fit;
}

static void put_resources(const struct controller_spawning *spawning, seL4_Word *message, seL4_Word *words)
{
	message[(*words)++] = spawning->budget_us;
	message[(*words)++] = spawning->period_us;
	message[(*words)++] = spawning->connection_count;
	for (unsigned int i = 0; i < spawning->connection_count; i++)
		message[(*words)++] = (seL4_Word)spawning->connection[i].offer << 8 | spawning->connection[i].channel;
}

static seL4_Word finish_spawn(seL4_MessageInfo_t info, struct controller_result *result)
{
	seL4_Word error = finish(info, result);

	if (result && error == CONTROLLER_OK) {
		result->child = seL4_GetMR(0);
		result->generation = seL4_MessageInfo_get_length(info) > 1 ? seL4_GetMR(1) : 0;
	}
	return error;
}

seL4_Word controller_spawn(microkit_channel ch, const struct controller_spawning *spawning, const char *name,
                           unsigned int argc, const char *const argv[], struct controller_result *result)
{
	seL4_Word *message = seL4_GetIPCBuffer()->msg, words;

	if (!connections_fit(spawning) || !put_program(0, name, argc, argv, &words))
		return refuse(result);
	message[words++] = spawning->priority;
	message[words++] = spawning->stack_pages;
	put_resources(spawning, message, &words);
	return finish_spawn(microkit_ppcall(ch, seL4_MessageInfo_new(CONTROLLER_SPAWN, 0, 0, words)), result);
}

/* ---- duplicates ---- */

/* How the floating-point unit rounds and what it traps: a thread's first state has the kernel's. */
struct fpu_control {
	uint32_t mxcsr;
	uint16_t x87;
};

static void fpu_control_save(struct fpu_control *control)
{
	__asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(control->mxcsr), "=m"(control->x87));
}

static void fpu_control_restore(const struct fpu_control *control)
{
	__asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(control->mxcsr), "m"(control->x87));
}

seL4_Word controller_duplicate(microkit_channel ch, seL4_Word domain, const struct controller_spawning *spawning,
                               struct controller_result *result)
{
	static const struct controller_spawning same = { .priority = CONTROLLER_SAME_PRIORITY, .budget_us = CONTROLLER_SAME,
	                                                 .period_us = CONTROLLER_SAME };
	const struct controller_spawning *s = spawning ? spawning : &same;
	seL4_Word *message = seL4_GetIPCBuffer()->msg, words = 0, error;
	struct fpu_control control;

	if (!connections_fit(s))
		return refuse(result);
	message[words++] = domain;
	message[words++] = s->priority == CONTROLLER_SAME_PRIORITY ? CONTROLLER_SAME : s->priority;
	put_resources(s, message, &words);
	if (!s->has_no_fpu)
		fpu_control_save(&control);
	error = finish_spawn(microkit_ppcall(ch, seL4_MessageInfo_new(CONTROLLER_DUPLICATE, 0, 0, words)), result);
	if (!s->has_no_fpu)
		fpu_control_restore(&control);
	return error;
}

static seL4_Word simple(microkit_channel ch, seL4_Word verb, seL4_Word domain, struct controller_result *result)
{
	seL4_SetMR(0, domain);
	return finish(microkit_ppcall(ch, seL4_MessageInfo_new(verb, 0, 0, 1)), result);
}

seL4_Word controller_load(microkit_channel ch, seL4_Word domain, const char *name, unsigned int argc,
                          const char *const argv[], struct controller_result *result)
{
	return start_program(ch, CONTROLLER_LOAD, 0, domain, name, argc, argv, result);
}

seL4_Word controller_swap(microkit_channel ch, seL4_Word domain, const char *name, unsigned int argc,
                          const char *const argv[], struct controller_result *result)
{
	return start_program(ch, CONTROLLER_SWAP, 0, domain, name, argc, argv, result);
}

seL4_Word controller_load_older(microkit_channel ch, seL4_Word domain, const char *name, unsigned int argc,
                                const char *const argv[], struct controller_result *result)
{
	return start_program(ch, CONTROLLER_LOAD, CONTROLLER_OLDER_TOO, domain, name, argc, argv, result);
}

seL4_Word controller_swap_older(microkit_channel ch, seL4_Word domain, const char *name, unsigned int argc,
                                const char *const argv[], struct controller_result *result)
{
	return start_program(ch, CONTROLLER_SWAP, CONTROLLER_OLDER_TOO, domain, name, argc, argv, result);
}

seL4_Word controller_swap_on_probation(microkit_channel ch, seL4_Word domain, seL4_Word deadline_ms, const char *name,
                                       unsigned int argc, const char *const argv[], struct controller_result *result)
{
	seL4_Word words;

	if (!put_program(domain, name, argc, argv, &words))
		return refuse(result);
	seL4_GetIPCBuffer()->msg[ARGC_MR] |= CONTROLLER_ON_PROBATION;
	seL4_GetIPCBuffer()->msg[words++] = deadline_ms;
	return finish(microkit_ppcall(ch, seL4_MessageInfo_new(CONTROLLER_SWAP, 0, 0, words)), result);
}

seL4_Word controller_confirm(microkit_channel ch, seL4_Word domain, struct controller_result *result)
{
	return simple(ch, CONTROLLER_CONFIRM, domain, result);
}

seL4_Word controller_rollback(microkit_channel ch, seL4_Word domain, struct controller_result *result)
{
	return simple(ch, CONTROLLER_ROLLBACK, domain, result);
}

seL4_Word controller_stop(microkit_channel ch, seL4_Word domain, struct controller_result *result)
{
	return simple(ch, CONTROLLER_STOP, domain, result);
}

seL4_Word controller_resume(microkit_channel ch, seL4_Word domain, struct controller_result *result)
{
	return simple(ch, CONTROLLER_RESUME, domain, result);
}

seL4_Word controller_unload(microkit_channel ch, seL4_Word domain, struct controller_result *result)
{
	return simple(ch, CONTROLLER_UNLOAD, domain, result);
}

seL4_Word controller_remove(microkit_channel ch, seL4_Word domain, struct controller_result *result)
{
	return simple(ch, CONTROLLER_REMOVE, domain, result);
}

/* One message of the list, from the domain number *count on. *more: there may be another. */
static seL4_Word list_some(microkit_channel ch, struct controller_domain domains[], unsigned int count_max,
                           unsigned int *count, bool *more)
{
	seL4_MessageInfo_t info;
	seL4_Word words, listed, i = 0;

	seL4_SetMR(0, *count);
	info = microkit_ppcall(ch, seL4_MessageInfo_new(CONTROLLER_LIST, 0, 0, 1));
	*more = false;
	if (seL4_MessageInfo_get_label(info) != CONTROLLER_OK)
		return seL4_MessageInfo_get_label(info);
	words = seL4_MessageInfo_get_length(info);
	listed = seL4_GetMR(0);
	for (; i < listed && *count < count_max && 1 + (i + 1) * LIST_WORDS <= words; i++, (*count)++)
		memcpy(&domains[*count], &seL4_GetIPCBuffer()->msg[1 + i * LIST_WORDS], sizeof domains[0]);
	*more = i > 0 && i == listed && *count < count_max;
	return CONTROLLER_OK;
}

seL4_Word controller_list(microkit_channel ch, struct controller_domain domains[], unsigned int count_max,
                          unsigned int *count)
{
	seL4_Word error = CONTROLLER_OK;
	bool more = true;

	*count = 0;
	while (more && error == CONTROLLER_OK)
		error = list_some(ch, domains, count_max, count, &more);
	return error;
}

seL4_Word controller_ledger(microkit_channel ch, seL4_Word words[LEDGER_WORDS])
{
	seL4_MessageInfo_t info;
	seL4_Word count;

	seL4_SetMR(0, 0);
	info = microkit_ppcall(ch, seL4_MessageInfo_new(CONTROLLER_LEDGER, 0, 0, 1));
	if (seL4_MessageInfo_get_label(info) != CONTROLLER_OK)
		return seL4_MessageInfo_get_label(info);
	count = seL4_GetMR(0);
	for (seL4_Word i = 0; i < LEDGER_WORDS; i++)
		words[i] = i < count && i + 1 < seL4_MessageInfo_get_length(info) ? seL4_GetMR(i + 1) : 0;
	return CONTROLLER_OK;
}

const char *controller_error_text(seL4_Word error)
{
	static const char *const texts[] = {
		[CONTROLLER_OK] = "done",
		[CONTROLLER_BAD_REQUEST] = "bad request",
		[CONTROLLER_NOT_ALLOWED] = "not allowed",
		[CONTROLLER_NO_DOMAIN] = "no such domain",
		[CONTROLLER_BUSY] = "busy",
		[CONTROLLER_WRONG_STATE] = "wrong state",
		[CONTROLLER_NO_PROGRAM] = "no such program",
		[CONTROLLER_BAD_PROGRAM] = "program refused",
		[CONTROLLER_NO_MEMORY] = "not enough memory",
		[CONTROLLER_NO_SLOTS] = "not enough slots",
		[CONTROLLER_KERNEL_REFUSED] = "the kernel refused",
		[CONTROLLER_NO_SEATS] = "no seat for another domain",
		[CONTROLLER_NO_BUDGET] = "not enough of the processor",
		[CONTROLLER_NO_OFFER] = "no such offer",
		[CONTROLLER_OFFER_TAKEN] = "the offer is taken",
		[CONTROLLER_BAD_PRIORITY] = "priority too high or too low",
		[CONTROLLER_TOO_OLD] = "a newer version has run",
		[CONTROLLER_NO_RIGHT] = "no right to be duplicated",
		[CONTROLLER_NO_DUPLICATES] = "too many duplicates",
		[CONTROLLER_HAS_REGIONS] = "memory regions can't be duplicated",
		[CONTROLLER_UNCONFIRMED] = "the program is on probation",
		[CONTROLLER_NOT_ON_PROBATION] = "the program is not on probation",
		[CONTROLLER_ROLLED_BACK] = "swapped, and taken back",
		[CONTROLLER_NO_TIMER] = "no timer for a deadline",
	};

	if (error == CONTROLLER_RESTARTED)
		return "the server was replaced";
	return error < sizeof texts / sizeof texts[0] ? texts[error] : "unknown error";
}
