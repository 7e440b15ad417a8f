/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests: the message is copied out and checked whole before anything else is done, for every call that the controller
 * makes itself overwrites it. */
#include "user/controller/controller.h"

#define NAME_MR    1u
#define ARGC_MR    (NAME_MR + CONTROLLER_NAME_WORDS)
#define BYTES_MR   (ARGC_MR + 1u)
#define STRINGS_MR (BYTES_MR + 1u)

static bool decode_program(seL4_Word words, struct request *request)
{
	const seL4_Word *message = seL4_GetIPCBuffer()->msg;
	seL4_Word argc, bytes;

	if (words < STRINGS_MR)
		return false;
	argc = message[ARGC_MR];
	bytes = message[BYTES_MR];
	if (argc > START_ARGUMENTS_MAX || bytes > CONTROLLER_ARGUMENT_BYTES
	    || words != STRINGS_MR + (bytes + sizeof(seL4_Word) - 1) / sizeof(seL4_Word))
		return false;
	memcpy(request->name, &message[NAME_MR], NAME_BYTES);
	if (request->name[0] == '\0' || request->name[NAME_BYTES - 1] != '\0')
		return false;
	memcpy(request->strings, &message[STRINGS_MR], bytes);
	request->arguments = (struct start_arguments){
		.argc = (uint32_t)argc, .strings = request->strings, .strings_bytes = (uint32_t)bytes
	};
	return true;
}

bool request_decode(seL4_MessageInfo_t info, struct request *request)
{
	seL4_Word words = microkit_msginfo_get_count(info);

	request->verb = microkit_msginfo_get_label(info);
	switch (request->verb) {
	case CONTROLLER_LOAD:
	case CONTROLLER_SWAP:
		return decode_program(words, request);
	case CONTROLLER_STOP:
	case CONTROLLER_RESUME:
	case CONTROLLER_UNLOAD:
		return words == 1;
	case CONTROLLER_LIST:
	case CONTROLLER_LEDGER:
		return words <= 1;
	default:
		return false;
	}
}
