/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's command line, word by word; what the words mean is in options.h. */
#include "kernel/core/refuse.h"
#include "kernel/port/x86/console.h"
#include "kernel/port/x86/multiboot.h"
#include "kernel/port/x86/options.h"

struct word_of_line {
	const char *text;
	size_t length;
};

static bool is(const struct word_of_line *option, const char *name)
{
	return option->length == strlen(name) && memcmp(option->text, name, option->length) == 0;
}

/* Reads a decimal number of at most max and the character behind it; false: there is none. */
static bool take_number(struct word_of_line *rest, char end, word max, word *number)
{
	size_t i = 0;

	*number = 0;
	for (; i < rest->length && rest->text[i] >= '0' && rest->text[i] <= '9'; i++) {
		*number = *number * 10 + (word)(rest->text[i] - '0');
		if (*number > max)
			return false;
	}
	if (i == 0 || (end ? i == rest->length || rest->text[i] != end : i != rest->length))
		return false;
	i += end != 0;
	*rest = (struct word_of_line){ rest->text + i, rest->length - i };
	return true;
}

#define REFUSE_NTH_MAX 100000000u

static bool obey_refuse(const struct word_of_line *option, struct kernel *k)
{
	static const char name[] = "refuse=";
	struct word_of_line rest = { option->text + sizeof name - 1, option->length - (sizeof name - 1) };
	word priority, nth, error;

	if (is(option, "refuse")) {
		refusal_enable(k, 0, 0, 0);
		return true;
	}
	if (option->length < sizeof name || memcmp(option->text, name, sizeof name - 1) != 0)
		return false;
	if (!take_number(&rest, ':', seL4_MaxPrio, &priority) || !take_number(&rest, ':', REFUSE_NTH_MAX, &nth) || nth == 0
	    || !take_number(&rest, 0, seL4_NotEnoughMemory, &error) || error == seL4_NoError)
		return false;
	refusal_enable(k, priority, nth, error);
	return true;
}

static bool obey(const struct word_of_line *option, struct kernel *k)
{
	if (is(option, "panic"))
		kernel_panic("asked for on the command line");
	while (is(option, "hang"))
		__asm__ volatile("cli; hlt");
	if (is(option, "overflow"))
		__asm__ volatile("1: push %0; jmp 1b" : : "r"(0ul) : "memory");
	if (is(option, "reset")) {
		static const uint8_t no_table[10];

		__asm__ volatile("lidt %0; int3" : : "m"(no_table));
	}
	return obey_refuse(option, k);
}

static _Noreturn void refuse_word(const struct word_of_line *option)
{
	char text[MULTIBOOT_LINE_MAX];

	memcpy(text, option->text, option->length);
	text[option->length] = 0;
	kernel_panic("'%s' on the command line is not understood (doc/kernel.md has the words)", text);
}

void options_obey(const char *line, struct kernel *k)
{
	bool is_first = true;

	while (*line) {
		struct word_of_line option = { line, 0 };

		while (line[option.length] && line[option.length] != ' ')
			option.length++;
		if (option.length != 0 && !obey(&option, k) && !is_first)
			refuse_word(&option);
		is_first = is_first && option.length == 0;
		line += option.length + (line[option.length] == ' ');
	}
}
