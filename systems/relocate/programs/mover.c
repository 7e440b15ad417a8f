/* SPDX-License-Identifier: BSD-2-Clause */
/* A position-independent program without a C library: it finds out whether the loader has relocated it, set up its thread-local
 * storage and made its constants read-only, and whether there is anything in its memory that is not its own. It does no system call;
 * what it finds is on the desk. Built with -static-pie (system.mk). */
#include <elf.h>
#include <stddef.h>
#include "systems/relocate/relocate.h"
#include "systems/relocate/programs/start.h"

#if __SIZEOF_POINTER__ == 8
typedef Elf64_Phdr program_header;
typedef Elf64_Ehdr file_header;
#define THREAD_POINTER(to) __asm__("mov %%fs:0, %0" : "=r"(to))
#else
typedef Elf32_Phdr program_header;
typedef Elf32_Ehdr file_header;
#define THREAD_POINTER(to) __asm__("mov %%gs:0, %0" : "=r"(to))
#endif
#define PAGE 4096u

/* Set by the description. */
struct desk *desk = (struct desk *)1;

extern const char __ehdr_start[];
static const char *const names[] = { "north", "east", "south", "west" }; /* relocated, then read-only */
static int counter = 41;
static int *const counters[] = { &counter, &counter };
static volatile uintptr_t zeros[3000];
static _Thread_local const char *volatile home = "east";
static _Thread_local volatile int times = 6, nothing[900];
static _Thread_local volatile char aligned[64] __attribute__((aligned(64)));

/* The same pointer, but the compiler knows nothing of what it points to. */
static const void *hide(const void *pointer)
{
	__asm__("" : "+r"(pointer));
	return pointer;
}

static int is_text(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

static uintptr_t auxv_value(const uintptr_t *frame, uintptr_t type)
{
	const uintptr_t *at = frame + 1 + frame[0] + 1;
	while (*at)
		at++;
	for (at++; at[0] != AT_NULL; at += 2)
		if (at[0] == type)
			return at[1];
	return 0;
}

/* The number of the first thing that is wrong. */
static uintptr_t find_wrong(const uintptr_t *frame)
{
	const char *const *name = hide(names);
	int *const *count = hide(counters);
	uintptr_t self, phdr = auxv_value(frame, AT_PHDR);
	THREAD_POINTER(self);
	if (!is_text(name[frame[0]], "south") || !is_text(name[3], "west")) /* two arguments */
		return 1;
	if (*count[0] != 41 || ++*count[1] != 42 || counter != 42)
		return 2;
	if (!is_text(home, "east") || times != 6 || nothing[899] != 0 || aligned[63] != 0)
		return 3;
	if (((uintptr_t)aligned & 63) != 0 || self <= (uintptr_t)&times || self - (uintptr_t)&times > 8192)
		return 4;
	if (phdr != (uintptr_t)__ehdr_start + ((const file_header *)__ehdr_start)->e_phoff)
		return 5;
	if (auxv_value(frame, AT_PAGESZ) != PAGE || auxv_value(frame, AT_BASE) != 0)
		return 6;
	for (size_t i = 0; i < sizeof zeros / sizeof zeros[0]; i++)
		if (zeros[i] != 0)
			return 7;
	return 0;
}

/* Not a constant: the compiler would have the word itself in the text. */
static const volatile uintptr_t complement = LITTER_COMPLEMENT;

static void look_through(uintptr_t start, uintptr_t end)
{
	for (uintptr_t at = start & ~(uintptr_t)(PAGE - 1); at < end; at += PAGE) {
		const volatile uintptr_t *word = (const volatile uintptr_t *)at;
		desk->pages++;
		for (size_t i = 0; i < PAGE / sizeof *word; i++)
			desk->litter += ~word[i] == complement;
	}
}

/* All pages of the image, of the stack as far as it is known, and the thread's own. */
static void look_everywhere(const uintptr_t *frame)
{
	const program_header *header = (const program_header *)auxv_value(frame, AT_PHDR);
	uintptr_t count = auxv_value(frame, AT_PHNUM), self, top = ((uintptr_t)frame | (PAGE - 1)) + 1;
	THREAD_POINTER(self);
	for (uintptr_t i = 0; i < count; i++)
		if (header[i].p_type == PT_LOAD)
			look_through((uintptr_t)__ehdr_start + header[i].p_vaddr, (uintptr_t)__ehdr_start + header[i].p_vaddr + header[i].p_memsz);
	look_through(top - 2 * PAGE, top);
	look_through((uintptr_t)&times, self + 64);
}

__attribute__((used)) static void begin(const uintptr_t *frame)
{
	const char *const *argv = (const char *const *)(frame + 1);
	desk->wrong = find_wrong(frame);
	desk->base = (uintptr_t)__ehdr_start;
	desk->random = *(const uintptr_t *)auxv_value(frame, AT_RANDOM);
	look_everywhere(frame);
	if (is_text(argv[1], "write"))
		*(const char *volatile *)&names[0] = "nowhere"; /* a fault: the page is read-only */
	desk->done = 1;
	__builtin_trap(); /* it has nobody to call, and ends by a fault */
}
