/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers: from a status of the library to an error of the protocol, with the figures the caller can use. */
#include "user/controller/controller.h"

struct answer answer_ok(uint64_t generation)
{
	return (struct answer){ .label = CONTROLLER_OK, .word = { (seL4_Word)generation }, .words = 1 };
}

struct answer answer_error(enum controller_error error, seL4_Word word0, seL4_Word word1, seL4_Word word2)
{
	return (struct answer){ .label = error, .word = { word0, word1, word2 }, .words = 3 };
}

struct answer answer_status(enum status status, const struct where *where)
{
	switch (status) {
	case STATUS_SPACE_NO_MEMORY:
		return answer_error(CONTROLLER_NO_MEMORY, status, word_of(where->value), word_of(where->limit));
	case STATUS_SPACE_NO_SLOTS:
	case STATUS_SPACE_NO_ACCOUNTS:
	case STATUS_SPACE_NO_ASIDS:
	case STATUS_SPACE_NO_TEXTS:
	case STATUS_SPACE_TEXT_TOO_LARGE:
	case STATUS_SPACE_TOO_MANY_SLOTS:
		return answer_error(CONTROLLER_NO_SLOTS, status, word_of(where->value), word_of(where->limit));
	case STATUS_SPACE_LENT:
		return answer_error(CONTROLLER_BUSY, status, 0, 0);
	case STATUS_SPACE_KERNEL_REFUSED:
		return answer_error(CONTROLLER_KERNEL_REFUSED, word_of(where->value), 0, 0);
	case STATUS_START_TOO_MANY_ARGUMENTS:
	case STATUS_START_ARGUMENTS_TOO_LONG:
	case STATUS_START_STRINGS_MALFORMED:
		return answer_error(CONTROLLER_BAD_REQUEST, status, word_of(where->value), word_of(where->limit));
	case STATUS_TIMER_SILENT:
		return answer_error(CONTROLLER_NO_TIMER, status, 0, 0);
	case STATUS_TRUST_PROGRAM_OLDER:
		return answer_error(CONTROLLER_TOO_OLD, status, word_of(where->value), word_of(where->limit));
	default:
		return answer_error(CONTROLLER_BAD_PROGRAM, status, word_of(where->offset), word_of(where->value));
	}
}

void answer_send(seL4_CPtr asker, const struct answer *answer)
{
	for (uint32_t i = 0; i < answer->words && !answer->in_buffer; i++)
		microkit_mr_set((seL4_Uint8)i, answer->word[i]);
	seL4_Send(asker, microkit_msginfo_new(answer->label, (seL4_Uint16)answer->words));
}
