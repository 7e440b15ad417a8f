/* SPDX-License-Identifier: BSD-2-Clause */
/* The walk over the frames that -fno-omit-frame-pointer leaves, and the names of what it meets.
 *
 * The names are a table that mk/kernel-symbols makes of the linked kernel, so the kernel is linked twice: the table lies behind all
 * code, which therefore stays where it was. Addresses are kept by their low 32 bits, ascending. */
#include "kernel/port/x86/backtrace.h"
#include "kernel/port/x86/console.h"

#define LINES_MAX 24u

struct symbol {
	uint32_t address;
	uint32_t name; /* offset in symbol_names */
};
extern const uint32_t symbol_count;
extern const struct symbol symbols[];
extern const char symbol_names[];

extern char kernel_text[], kernel_rodata[], kernel_data[], kernel_end[];

static bool is_between(word address, const char *first, const char *end)
{
	return address >= (word)first && address < (word)end;
}

/* The last one that does not begin behind the address, or NULL. */
static const struct symbol *symbol_of(word address)
{
	const struct symbol *found = NULL;

	for (uint32_t i = 0; i < symbol_count && symbols[i].address <= (uint32_t)address; i++) {
		found = &symbols[i];
	}
	return found;
}

static void print_place(word address)
{
	const struct symbol *symbol = is_between(address, kernel_text, kernel_rodata) ? symbol_of(address) : NULL;

	if (symbol) {
		console_print("  at 0x%lx %s+0x%x\n", (unsigned long)address, symbol_names + symbol->name,
		              (uint32_t)address - symbol->address);
	} else {
		console_print("  at 0x%lx\n", (unsigned long)address);
	}
}

/* A frame is two words: the caller's frame, and where it goes on. */
static bool is_frame(word frame)
{
	return frame % sizeof(word) == 0 && is_between(frame, kernel_data, kernel_end) && (word)kernel_end - frame >= 2 * sizeof(word);
}

void backtrace_print(word at, word frame)
{
	print_place(at);
	for (uint32_t i = 1; i < LINES_MAX && is_frame(frame); i++) {
		const word *saved = (const word *)frame;

		if (!is_between(saved[1], kernel_text, kernel_rodata)) {
			return;
		}
		print_place(saved[1]);
		if (saved[0] <= frame) {
			return;
		}
		frame = saved[0];
	}
}
