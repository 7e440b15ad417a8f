/* SPDX-License-Identifier: BSD-2-Clause */
/* lib/ alone, in a Linux process: reads an ELF file, checks it, plans it, carries the plan out with mmap, and jumps.
 * The same four steps as in the bundled kernel and the controller; only the last one, "the host acts", is different.
 *
 *   loader [--loader] [--base N] [--seed N] PROGRAM [ARGUMENT...]
 *
 * A Linux program's C library relocates it and sets up its thread-local storage itself. --loader is for programs without one:
 * then the loader does both. --base and --seed place a position-independent program; the seed's bytes are AT_RANDOM too.
 * The program replaces the loader: its exit status is the process's. A refusal: status 1, and the reason. */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "lib/archive/archive.h"
#include "lib/load/load.h"
#include "lib/start/start.h"

#define STACK_PAGES 64u

struct choice {
	uint32_t flags; /* enum archive_flag */
	uint64_t base, seed;
	int program;    /* index in argv */
};

static _Noreturn void refuse(const char *what, enum status status, const struct where *where)
{
	fprintf(stderr, "loader: %s: %s (offset 0x%llx)\n", what, status_text(status), (unsigned long long)where->offset);
	exit(1);
}

static uint8_t *read_file(const char *name, size_t *size)
{
	FILE *file = fopen(name, "rb");
	long end;
	if (!file || fseek(file, 0, SEEK_END) != 0 || (end = ftell(file)) < 0)
		return perror(name), exit(1), NULL;
	rewind(file);
	uint8_t *bytes = malloc((size_t)end + 1);
	*size = bytes ? fread(bytes, 1, (size_t)end, file) : 0;
	fclose(file);
	return bytes;
}

/* One run of the plan: fresh zero pages, the bytes that the plan has for each, then the final rights. */
static void map_run(const struct plan *plan, uint32_t number, const uint8_t *file, struct plan_cursor *cursor)
{
	const struct plan_run *run = &plan->run[number];
	int rights = (run->rights & ELF_R ? PROT_READ : 0) | (run->rights & ELF_W ? PROT_WRITE : 0) | (run->rights & ELF_X ? PROT_EXEC : 0);
	size_t bytes = run->pages << run->page_bits;
	uint8_t *at = mmap((void *)run->vaddr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (at != (uint8_t *)run->vaddr) {
		fprintf(stderr, "loader: 0x%llx is taken in this process\n", (unsigned long long)run->vaddr);
		exit(1);
	}
	for (uint64_t page = 0; page < run->pages; page++)
		if (plan_is_filled(plan, cursor, number, page))
			plan_fill(plan, cursor, number, page, 1, file, at + page * PAGE_BYTES);
	if (mprotect(at, bytes, rights) != 0)
		perror("loader: mprotect"), exit(1);
}

/* The plan ends with the stack and IPC buffer of a protection domain; a Linux process has a stack elsewhere. */
static void map_image(const struct plan *plan, const uint8_t *file)
{
	struct plan_cursor cursor = { 0 };
	for (uint32_t i = 0; i < plan->run_count && plan->run[i].vaddr < plan->stack_bottom; i++)
		map_run(plan, i, file, &cursor);
}

static uint64_t make_stack(const struct elf *elf, uint64_t seed, int argc, char **argv)
{
	static uint8_t frame[START_BYTES_MAX];
	char strings[START_BYTES_MAX];
	struct start_arguments arguments = { .argc = (uint32_t)argc, .strings = strings };
	struct start_auxv auxv;
	uint32_t frame_bytes;
	for (int i = 0; i < argc; i++) {
		size_t bytes = strlen(argv[i]) + 1;
		if (bytes > sizeof strings - arguments.strings_bytes)
			fprintf(stderr, "loader: the arguments are too long\n"), exit(1);
		memcpy(strings + arguments.strings_bytes, argv[i], bytes);
		arguments.strings_bytes += (uint32_t)bytes;
	}
	char *stack = mmap(NULL, STACK_PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (stack == MAP_FAILED)
		perror("loader: stack"), exit(1);
	uint64_t top = (uint64_t)stack + STACK_PAGES * PAGE_BYTES;
	start_auxv_of(elf, &auxv);
	start_random(seed, 0, arguments.random);
	enum status status = start_frame(&arguments, &auxv, 8, top, frame, sizeof frame, &frame_bytes);
	if (status != STATUS_OK)
		refuse("arguments", status, &(struct where){ 0 });
	memcpy((void *)(top - frame_bytes), frame + sizeof frame - frame_bytes, frame_bytes);
	return top - frame_bytes;
}

/* The start state of a program on x86_64: everything zero but stack pointer, instruction pointer and, if the loader has set up
 * thread-local storage, the thread pointer. From there on nothing of our own C library may be called. */
static _Noreturn void jump(uint64_t entry, uint64_t stack_pointer, uint64_t thread_pointer)
{
	long result;
	if (thread_pointer != 0)
		__asm__ volatile("syscall" : "=a"(result) : "0"(SYS_arch_prctl), "D"(ARCH_SET_FS), "S"(thread_pointer)
		                 : "rcx", "r11", "memory");
	__asm__ volatile("mov %0, %%rsp; xor %%edx, %%edx; xor %%ebp, %%ebp; jmp *%1" : : "S"(stack_pointer), "D"(entry) : "memory");
	__builtin_unreachable();
}

static bool number(const char *text, uint64_t *value)
{
	char *end;
	errno = 0;
	*value = strtoull(text, &end, 0);
	return *text >= '0' && *text <= '9' && *end == 0 && errno == 0;
}

static bool choose(int argc, char **argv, struct choice *choice)
{
	int i = 1;
	*choice = (struct choice){ .flags = ARCHIVE_PROGRAM_RELOCATES, .base = LOAD_BASE_DEFAULT };
	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--loader") == 0)
			choice->flags = 0;
		else if (strcmp(argv[i], "--base") == 0 && i + 1 < argc && number(argv[i + 1], &choice->base))
			i++;
		else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc && number(argv[i + 1], &choice->seed))
			i++;
		else
			return false;
	}
	choice->program = i;
	return i < argc;
}

/* A seed chooses a base where none is given. */
static uint64_t base_of(const uint8_t *file, size_t size, const struct elf_policy *policy, const struct choice *choice)
{
	static struct elf elf;
	struct where where;
	if (choice->seed == 0 || choice->base != LOAD_BASE_DEFAULT || elf_read(file, size, &elf, &where) != STATUS_OK)
		return choice->base;
	return elf_base_random(&elf, policy, start_random_base(choice->seed, 0));
}

int main(int argc, char **argv)
{
	static struct load load;
	static struct plan plan;
	struct choice choice;
	struct elf_policy policy;
	struct where where = { 0 };
	size_t size = 0;
	if (!choose(argc, argv, &choice))
		return fprintf(stderr, "usage: loader [--loader] [--base N] [--seed N] PROGRAM [ARGUMENT...]\n"), 2;
	argv += choice.program;
	argc -= choice.program;
	const uint8_t *file = read_file(argv[0], &size);
	load_policy(ELF_MACHINE_X86_64, choice.flags, &policy);
	enum status status = load_accept(file, size, &policy, base_of(file, size, &policy, &choice), &load, &where);
	plan_start(&plan_machine_x86_64, STACK_PAGES, &plan);
	if (status == STATUS_OK)
		status = plan_add_image(&plan, &load.elf, false, &where);
	if (status == STATUS_OK)
		status = load_add_startup(&load, &plan, &where);
	if (status != STATUS_OK)
		refuse(argv[0], status, &where);
	plan_finish(&plan, 0, 0);
	map_image(&plan, file);
	jump(plan.entry, make_stack(&load.elf, choice.seed, argc, argv), plan.thread_pointer);
}
