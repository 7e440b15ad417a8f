/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests: the message is copied out and checked whole before anything else is done, for every call that the controller
 * makes itself overwrites it. */
#include "user/controller/controller.h"

#define NAME_MR    1u
#define ARGC_MR    (NAME_MR + CONTROLLER_NAME_WORDS)
#define BYTES_MR   (ARGC_MR + 1u)
#define STRINGS_MR (BYTES_MR + 1u)

/* *rest: words behind the arguments. */
static bool decode_program(seL4_Word words, struct request *request, seL4_Word *rest)
{
	const seL4_Word *message = seL4_GetIPCBuffer()->msg;
	seL4_Word argc, bytes, end;

	if (words < STRINGS_MR)
		return false;
	argc = message[ARGC_MR] & ~(CONTROLLER_OLDER_TOO | CONTROLLER_ON_PROBATION);
	request->older_too = (message[ARGC_MR] & CONTROLLER_OLDER_TOO) != 0;
	request->on_probation = (message[ARGC_MR] & CONTROLLER_ON_PROBATION) != 0;
	bytes = message[BYTES_MR];
	if (argc > START_ARGUMENTS_MAX || bytes > CONTROLLER_ARGUMENT_BYTES)
		return false;
	end = STRINGS_MR + (bytes + sizeof(seL4_Word) - 1) / sizeof(seL4_Word);
	if (words < end)
		return false;
	*rest = words - end;
	memcpy(request->name, &message[NAME_MR], NAME_BYTES);
	if (request->name[0] == '\0' || request->name[NAME_BYTES - 1] != '\0')
		return false;
	memcpy(request->strings, &message[STRINGS_MR], bytes);
	request->arguments = (struct start_arguments){
		.argc = (uint32_t)argc, .strings = request->strings, .strings_bytes = (uint32_t)bytes
	};
	return true;
}

static bool decode_swap(seL4_Word words, struct request *request)
{
	seL4_Word rest = 0;

	if (!decode_program(words, request, &rest) || rest != (request->on_probation ? 1 : 0))
		return false;
	if (request->on_probation)
		request->deadline_ms = seL4_GetIPCBuffer()->msg[words - 1];
	return true;
}

bool request_decode(seL4_MessageInfo_t info, struct request *request)
{
	seL4_Word words = microkit_msginfo_get_count(info), rest = 0;

	*request = (struct request){ .verb = microkit_msginfo_get_label(info) };
	switch (request->verb) {
	case CONTROLLER_LOAD:
		return decode_program(words, request, &rest) && rest == 0 && !request->on_probation;
	case CONTROLLER_SWAP:
		return decode_swap(words, request);
	case CONTROLLER_SPAWN:
		return decode_program(words, request, &rest) && !request->on_probation
		       && spawn_decode(&seL4_GetIPCBuffer()->msg[words - rest], rest, &request->spawn);
	case CONTROLLER_DUPLICATE:
		return spawn_decode_duplicate(seL4_GetIPCBuffer()->msg, words, &request->spawn);
	case CONTROLLER_STOP:
	case CONTROLLER_RESUME:
	case CONTROLLER_UNLOAD:
	case CONTROLLER_REMOVE:
	case CONTROLLER_CONFIRM:
	case CONTROLLER_ROLLBACK:
		return words == 1;
	case CONTROLLER_LIST:
	case CONTROLLER_LEDGER:
		return words <= 1;
	default:
		return false;
	}
}
