/* SPDX-License-Identifier: BSD-2-Clause */
/* lib/ alone, in a Linux process: reads an ELF file, checks it, plans it, carries the plan out with mmap, and jumps.
 * The same four steps as in the bundled kernel and the controller; only the last one, "the host acts", is different.
 *
 *   loader PROGRAM [ARGUMENT...]
 *
 * The program replaces the loader: its exit status is the process's. A refusal: status 1, and the reason. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "lib/elf/elf.h"
#include "lib/plan/plan.h"
#include "lib/start/start.h"

#define STACK_PAGES 16u

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

/* One run of the plan: fresh zero pages, the file's bytes over them, then the final rights. */
static void map_run(const struct plan_run *run, const uint8_t *file)
{
	int rights = (run->rights & ELF_R ? PROT_READ : 0) | (run->rights & ELF_W ? PROT_WRITE : 0) | (run->rights & ELF_X ? PROT_EXEC : 0);
	size_t bytes = run->pages << run->page_bits;
	void *at = mmap((void *)run->vaddr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (at != (void *)run->vaddr) {
		fprintf(stderr, "loader: 0x%llx is taken in this process\n", (unsigned long long)run->vaddr);
		exit(1);
	}
	if (run->source == PLAN_BYTES)
		memcpy(at, file + run->offset, run->file_bytes);
	if (mprotect(at, bytes, rights) != 0)
		perror("loader: mprotect"), exit(1);
}

/* The plan ends with the stack and IPC buffer of a protection domain; a Linux process has a stack elsewhere. */
static void map_image(const struct plan *plan, const uint8_t *file)
{
	for (uint32_t i = 0; i < plan->run_count && plan->run[i].vaddr < plan->stack_bottom; i++)
		map_run(&plan->run[i], file);
}

static uint64_t make_stack(const struct elf *elf, int argc, char **argv)
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
	enum status status = start_frame(&arguments, &auxv, 8, top, frame, sizeof frame, &frame_bytes);
	if (status != STATUS_OK)
		refuse("arguments", status, &(struct where){ 0 });
	memcpy((void *)(top - frame_bytes), frame + sizeof frame - frame_bytes, frame_bytes);
	return top - frame_bytes;
}

/* The start state of a program on x86_64: everything zero but stack pointer and instruction pointer. */
static _Noreturn void jump(uint64_t entry, uint64_t stack_pointer)
{
	__asm__ volatile("mov %0, %%rsp; xor %%edx, %%edx; xor %%ebp, %%ebp; jmp *%1" : : "S"(stack_pointer), "D"(entry) : "memory");
	__builtin_unreachable();
}

int main(int argc, char **argv)
{
	static struct elf elf;
	static struct plan plan;
	struct elf_policy policy;
	struct where where = { 0 };
	size_t size = 0;
	if (argc < 2)
		return fprintf(stderr, "usage: loader PROGRAM [ARGUMENT...]\n"), 2;
	const uint8_t *file = read_file(argv[1], &size);
	elf_policy_strict(ELF_MACHINE_X86_64, &policy);
	enum status status = elf_read(file, size, &elf, &where);
	if (status == STATUS_OK)
		status = elf_check(&elf, &policy, &where);
	plan_start(&plan_machine_x86_64, STACK_PAGES, &plan);
	if (status == STATUS_OK)
		status = plan_add_image(&plan, &elf, false, &where);
	if (status != STATUS_OK)
		refuse(argv[1], status, &where);
	plan_finish(&plan, 0, 0);
	map_image(&plan, file);
	jump(elf.entry, make_stack(&elf, argc - 1, argv + 1));
}
