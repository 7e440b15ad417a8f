/* SPDX-License-Identifier: BSD-2-Clause */
/* messages SEED COUNT: children that send the server so many random messages together, with calls and without, past the C runtime. What
 * they do to themselves is their own affair; the server, and everybody else, must go on. */
#include "test.h"
#include "user/process/protocol.h"
#include "user/sel4/sel4.h"

#define CALL_CAP       74u
#define PER_CHILD      50
#define WORDS_MAX      40u

static uint64_t state;

static uint32_t draw(uint32_t below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((state >> 33) % below);
}

static seL4_Word draw_word(void)
{
	switch (draw(6)) {
	case 0:
		return draw(4);
	case 1:
		return (seL4_Word)0 - draw(4);
	case 2:
		return draw(500);
	case 3:
		return (seL4_Word)1 << draw(sizeof(seL4_Word) * 8);
	case 4:
		return PROCESS_TRANSFER_BYTES - 2 + draw(4);
	default:
		return (seL4_Word)(state >> 20);
	}
}

/* Calls that would end the test: an endless sleep, a read that nobody answers, killing those who run it. */
static int is_left_out(seL4_Word call)
{
	return call == PROCESS_SLEEP || call == PROCESS_READ || call == PROCESS_KILL || call == PROCESS_WRITE;
}

static void send_one(void)
{
	seL4_Word call = draw(20) ? PROCESS_EXIT + draw(PROCESS_CALLS_END - PROCESS_EXIT) : draw_word(), words = draw(WORDS_MAX);
	seL4_MessageInfo_t info;

	if (is_left_out(call & 0xfffff))
		return;
	for (seL4_Word i = 0; i < WORDS_MAX; i++)
		seL4_SetMR(i, draw_word());
	info = seL4_MessageInfo_new(call, 0, draw(8) ? 0 : draw(4), words);
	if (draw(4))
		(void)seL4_Call(CALL_CAP, info);
	else if (draw(2))
		seL4_NBSend(CALL_CAP, info);
	else
		seL4_Send(CALL_CAP, info);
}

static int run_child(void)
{
	for (int i = 0; i < PER_CHILD; i++)
		send_one();
	return 0;
}

int main(int argc, char **argv)
{
	int count = argc > 2 ? atoi(argv[2]) : 1000;

	state = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
	for (int i = 0; i < count / PER_CHILD; i++) {
		int pid = fork();

		if (pid == 0)
			exit(run_child());
		(void)draw(2);
		state += 12345;
		want(pid > 0 || pid == E_NO_PROCS, "children can be forked");
		while (waitpid(0, NULL) > 0)
			continue;
	}
	printf("messages: done\n");
	return wrong;
}
