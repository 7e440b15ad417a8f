/* SPDX-License-Identifier: BSD-2-Clause */
/* The guests: programs that differ in number and size and know every word of their memory. The text and the data lie in the file as
 * a pattern, the data is changed at start by the token that the program was given as its argument, and what must be zero then is
 * filled with another pattern. A word that is not what it should be is a flaw, which is told with the next check for ever.
 * Included by one .c file per program, which defines GUEST_PROGRAM, GUEST_TEXT_WORDS, GUEST_DATA_WORDS and GUEST_ZERO_WORDS. */
#include "systems/soak/soak.h"

#define PATTERN_STEP 0x9e3779b1ul
#if ABI_WORD_BITS == 64
#define PATTERN_WORD ".quad"
#define PATTERN_MASK "-1"
#else
#define PATTERN_WORD ".long"
#define PATTERN_MASK "0xffffffff"
#endif
#define CHECK_WORDS  512u /* of each kind, per check */

#define TEXT_OF_(x) #x
#define TEXT_OF(x)  TEXT_OF_(x)
#define PATTERN(name, section, words, program) \
	__asm__(".pushsection " section "\n.balign 4096\n" #name ":\n.set i, 0\n.rept " TEXT_OF(words) "\n" \
	        PATTERN_WORD " ((i + (" TEXT_OF(program) " << 20)) * 0x9e3779b1) & " PATTERN_MASK "\n.set i, i + 1\n.endr\n.popsection"); \
	extern __attribute__((visibility("hidden"))) seL4_Word name[]
PATTERN(guest_text, ".rodata.guest", GUEST_TEXT_WORDS, GUEST_PROGRAM);
PATTERN(guest_data, ".data.guest", GUEST_DATA_WORDS, GUEST_PROGRAM);
static seL4_Word guest_zero[GUEST_ZERO_WORDS];

static seL4_Word token, flaw, error;
static seL4_Word order, order_word[2];

static seL4_Word pattern(seL4_Word i)
{
	return (i + ((seL4_Word)GUEST_PROGRAM << 20)) * PATTERN_STEP;
}

static seL4_Word token_of_arguments(void)
{
	int argc;
	char **argv;

	graft_arguments(&argc, &argv);
	return argc == 2 ? number_of(argv[1]) : 0;
}

/* ---- the check ---- */

/* kind: 1 text, 2 data, 3 what was zero, 4 arguments; the first flaw stays. */
static void expect(seL4_Word kind, seL4_Word at, seL4_Word got, seL4_Word wanted)
{
	if (got != wanted && flaw == 0)
		flaw = kind << (seL4_WordBits / 2) | at;
}

static void check_text(seL4_Word first, seL4_Word count)
{
	for (seL4_Word i = 0; i < count; i++) {
		seL4_Word at = (first + i) % GUEST_TEXT_WORDS;

		expect(1, at, ((volatile seL4_Word *)guest_text)[at], pattern(at));
	}
}

static void check_data(seL4_Word first, seL4_Word count)
{
	for (seL4_Word i = 0; i < count; i++) {
		seL4_Word at = (first + i) % GUEST_DATA_WORDS;

		expect(2, at, ((volatile seL4_Word *)guest_data)[at], pattern(at) ^ token);
	}
}

static void check_zero(seL4_Word first, seL4_Word count)
{
	for (seL4_Word i = 0; i < count; i++) {
		seL4_Word at = (first + i) % GUEST_ZERO_WORDS;

		expect(3, at, ((volatile seL4_Word *)guest_zero)[at], ~pattern(at) - token);
	}
}

static void fill(void)
{
	token = token_of_arguments();
	for (seL4_Word i = 0; i < GUEST_DATA_WORDS; i++)
		guest_data[i] ^= token;
	for (seL4_Word i = 0; i < GUEST_ZERO_WORDS; i++) {
		expect(3, i, guest_zero[i], 0);
		guest_zero[i] = ~pattern(i) - token;
	}
}

void init(void)
{
	fill();
	check_text(0, GUEST_TEXT_WORDS);
	check_data(0, GUEST_DATA_WORDS);
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo info)
{
	seL4_Word word = microkit_mr_get(0);

	(void)ch;
	if (microkit_msginfo_get_label(info) == GUEST_ORDER) {
		order = word;
		order_word[0] = microkit_mr_get(1);
		order_word[1] = microkit_mr_get(2);
		return microkit_msginfo_new(0, 0);
	}
	check_text(word % GUEST_TEXT_WORDS, CHECK_WORDS);
	check_data(word % GUEST_DATA_WORDS, CHECK_WORDS);
	check_zero(word % GUEST_ZERO_WORDS, CHECK_WORDS);
	expect(4, 0, token_of_arguments(), token);
	microkit_mr_set(ANSWER_PROGRAM, GUEST_PROGRAM);
	microkit_mr_set(ANSWER_TOKEN, token);
	microkit_mr_set(ANSWER_FLAW, flaw);
	microkit_mr_set(ANSWER_ERROR, error);
	return microkit_msginfo_new(0, ANSWER_WORDS);
}

/* ---- orders ---- */

static seL4_Word swap_yourself(void)
{
	char name[] = "guest0", number[24];
	const char *const argv[] = { name, number };

	name[5] = (char)('0' + order_word[0]);
	(void)graft_snprintf(number, sizeof number, "%lu", (unsigned long)order_word[1]);
	return controller_swap(GUEST_CONTROLLER, CONTROLLER_SELF, name, 2, argv, NULL);
}

/* Comes back in both. The new one has no channel to the operator, so nobody calls it. */
static seL4_Word duplicate_yourself(void)
{
	const struct controller_spawning spawning = {
		.priority = CONTROLLER_SAME_PRIORITY, .budget_us = CONTROLLER_SAME, .period_us = CONTROLLER_SAME, .connection_count = 1,
		.connection = { { CONTROLLER_OFFER_SELF, GUEST_CONTROLLER } },
	};

	return controller_duplicate(GUEST_CONTROLLER, CONTROLLER_SELF, &spawning, NULL);
}

static seL4_Word carry_out(seL4_Word what)
{
	switch (what) {
	case ORDER_SWAP:
		return swap_yourself();
	case ORDER_STOP:
		return controller_stop(GUEST_CONTROLLER, CONTROLLER_SELF, NULL);
	case ORDER_REMOVE:
		return controller_remove(GUEST_CONTROLLER, CONTROLLER_SELF, NULL);
	case ORDER_MEDDLE:
		return controller_stop(GUEST_CONTROLLER, order_word[0], NULL);
	case ORDER_DUPLICATE:
		return duplicate_yourself();
	case ORDER_FAULT:
		*(volatile seL4_Word *)0x123000 = 1;
		return 0;
	case ORDER_CRASH:
		__asm__ volatile("ud2");
		return 0;
	case ORDER_SPIN:
	default:
		for (;;)
			__asm__ volatile("pause");
	}
}

/* A request is made again when the controller is busy, or was killed over it and it was not done. */
void notified(microkit_channel ch)
{
	seL4_Word what = order;

	order = ORDER_NONE;
	if (ch != GUEST_OPERATOR || what == ORDER_NONE)
		return;
	do
		error = carry_out(what);
	while (error == CONTROLLER_BUSY || (error == CONTROLLER_RESTARTED && what != ORDER_DUPLICATE));
}
