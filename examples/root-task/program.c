/* SPDX-License-Identifier: BSD-2-Clause */
/* A program without any runtime: says its letter, which is the first of its name, and how many arguments it got. It has a word
 * that is LETTER only if its data arrived, and zeros that it spoils for whoever could see them next. */
#include "examples/root-task/program.h"
#include "user/sel4/sel4.h"

seL4_IPCBuffer *__sel4_ipc_buffer = (seL4_IPCBuffer *)(seL4_UserTop - 4096);
void program_main(const seL4_Word *frame);

static volatile seL4_Word letter = LETTER, zeros[1024];

void program_main(const seL4_Word *frame)
{
	const char *name = (const char *)frame[1]; /* argv[0], behind argc */
	seL4_Word sum = 0;

	for (unsigned i = 0; i < sizeof zeros / sizeof zeros[0]; i++) {
		sum |= zeros[i];
		zeros[i] = ~0ul;
	}
	for (;;) {
		seL4_SetMR(0, sum == 0 && (seL4_Word)name[0] == letter ? letter : 0);
		seL4_SetMR(1, frame[0]);
		(void)seL4_Call(PROGRAM_ROOT, seL4_MessageInfo_new(PROGRAM_IS_HERE, 0, 0, 2));
	}
}
