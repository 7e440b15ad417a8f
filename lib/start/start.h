/* SPDX-License-Identifier: BSD-2-Clause */
/* The start state: what a program finds when it starts. The SysV frame is laid
 * at the top of every program's stack: argc, argv, 0, envp, 0, auxv, strings.
 * Microkit-style programs take no notice of it; the stack pointer is 16-aligned. */
#pragma once
#include "lib/base/base.h"
#include "lib/base/limits.h"
#include "lib/base/status.h"
#include "lib/elf/elf.h"

struct start_arguments {
	uint32_t argc;
	uint32_t envc;
	const char *strings;    /* argc + envc strings, each NUL-terminated, one after the other; owned by the caller */
	uint32_t strings_bytes; /* all of them with their NULs */
	uint8_t  random[16];    /* AT_RANDOM */
};

struct start_auxv {
	uint64_t entry;
	uint64_t phdr;  /* vaddr of the program headers if a PT_LOAD covers them, else 0: AT_PHDR is left out */
	uint64_t phent;
	uint64_t phnum;
	uint64_t page_bytes;
};

/* Lays the frame that ends at stack_top into buffer (the last bytes of it correspond to the last bytes of the stack).
 * word_bytes 4 or 8. *frame_bytes is the length of the frame, a multiple of 16: the stack pointer at entry is
 * stack_top - *frame_bytes, and the frame lies at buffer + buffer_bytes - *frame_bytes.
 * STATUS_START_TOO_MANY_ARGUMENTS, STATUS_START_ARGUMENTS_TOO_LONG, STATUS_START_STRINGS_MALFORMED; buffer is then untouched. */
enum status start_frame(const struct start_arguments *arguments, const struct start_auxv *auxv, uint8_t word_bytes,
                        uint64_t stack_top, uint8_t *buffer, uint32_t buffer_bytes, uint32_t *frame_bytes) MUST_USE;

/* Fills *auxv from an accepted file. */
void start_auxv_of(const struct elf *elf, struct start_auxv *auxv);

/* A number and bytes made from a seed that the caller gives, for the count-th start with it: SHA-256 of the two and of what it is
 * for. They are as hard to guess as the seed; seed 0 stands for none and gives zeros. start_random is for AT_RANDOM,
 * start_random_base for elf_base_random. */
void start_random(uint64_t seed, uint64_t count, uint8_t random[16]);
uint64_t start_random_base(uint64_t seed, uint64_t count);
