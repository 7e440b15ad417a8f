/* SPDX-License-Identifier: BSD-2-Clause */
/* A program whose file and memory are full of one word: its neighbours in the archive, and whoever gets its frames next, must see
 * nothing of it. */
#include <stddef.h>
#include "systems/relocate/relocate.h"
#include "systems/relocate/programs/start.h"

#define WORD  (~LITTER_COMPLEMENT)
#define WORDS WORD, WORD, WORD, WORD, WORD, WORD, WORD, WORD
#define MANY  WORDS, WORDS, WORDS, WORDS, WORDS, WORDS, WORDS, WORDS

struct desk *desk = (struct desk *)1;
static const uintptr_t constants[] = { MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, WORDS };
static uintptr_t data[] = { MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, WORDS };
static uintptr_t zeros[30000];

__attribute__((used)) static void begin(const uintptr_t *frame)
{
	volatile uintptr_t stack[700];
	(void)frame;
	for (size_t i = 0; i < sizeof zeros / sizeof zeros[0]; i++)
		((volatile uintptr_t *)zeros)[i] = data[i % (sizeof data / sizeof data[0])];
	for (size_t i = 0; i < sizeof stack / sizeof stack[0]; i++)
		stack[i] = constants[i % (sizeof constants / sizeof constants[0])];
	desk->litter = zeros[29999] == WORD && stack[699] == WORD;
	desk->done = 1;
	__builtin_trap(); /* it has nobody to call, and ends by a fault */
}
