/* SPDX-License-Identifier: BSD-2-Clause */
/* The frame at the top of a new program's stack, as the System V ABI supplements for i386 (3-31) and AMD64 (3.4.1) draw it,
 * from high to low addresses:
 *
 *   16 random bytes | the strings | zeros | auxv, ending in AT_NULL | envp, 0 | argv, 0 | argc   <- stack pointer
 *
 * All that could go wrong is checked before the first byte is written. */
#include "lib/start/start.h"
#include "lib/base/bytes.h"

enum auxv_type {
	AT_NULL = 0, AT_PHDR = 3, AT_PHENT = 4, AT_PHNUM = 5, AT_PAGESZ = 6, AT_BASE = 7, AT_FLAGS = 8, AT_ENTRY = 9,
	AT_HWCAP = 16, AT_SECURE = 23, AT_RANDOM = 25
};
#define AUXV_PAIRS      8u /* without the program headers, with AT_NULL */
#define AUXV_PHDR_PAIRS 3u
#define STACK_ALIGN     16u

/* Writes words upwards. */
struct writer {
	uint8_t *at;
	uint8_t  word_bytes;
};

static void put(struct writer *writer, uint64_t word)
{
	if (writer->word_bytes == 8)
		bytes_put64(writer->at, word);
	else
		bytes_put32(writer->at, (uint32_t)word);
	writer->at += writer->word_bytes;
}

static void put_pair(struct writer *writer, enum auxv_type type, uint64_t value)
{
	put(writer, type);
	put(writer, value);
}

/* A program that runs with nobody else's rights (AT_SECURE), no processor hints (AT_HWCAP) and no interpreter (AT_BASE). */
static void put_auxv(struct writer *writer, const struct start_auxv *auxv, uint64_t random_vaddr)
{
	if (auxv->phdr != 0) {
		put_pair(writer, AT_PHDR, auxv->phdr);
		put_pair(writer, AT_PHENT, auxv->phent);
		put_pair(writer, AT_PHNUM, auxv->phnum);
	}
	put_pair(writer, AT_PAGESZ, auxv->page_bytes);
	put_pair(writer, AT_ENTRY, auxv->entry);
	put_pair(writer, AT_BASE, 0);
	put_pair(writer, AT_FLAGS, 0);
	put_pair(writer, AT_HWCAP, 0);
	put_pair(writer, AT_SECURE, 0);
	put_pair(writer, AT_RANDOM, random_vaddr);
	put_pair(writer, AT_NULL, 0);
}

/* count pointers to consecutive strings, then 0. Returns the vaddr of the string after the last. */
static uint64_t put_pointers(struct writer *writer, uint32_t count, const char **text, uint64_t vaddr)
{
	for (uint32_t i = 0; i < count; i++) {
		uint64_t bytes = strlen(*text) + 1;
		put(writer, vaddr);
		vaddr += bytes;
		*text += bytes;
	}
	put(writer, 0);
	return vaddr;
}

static enum status check_strings(const struct start_arguments *arguments)
{
	uint32_t ends = 0;
	for (uint32_t i = 0; i < arguments->strings_bytes; i++)
		ends += arguments->strings[i] == 0;
	bool last_ends = arguments->strings_bytes == 0 || arguments->strings[arguments->strings_bytes - 1] == 0;
	return ends == arguments->argc + arguments->envc && last_ends ? STATUS_OK : STATUS_START_STRINGS_MALFORMED;
}

static enum status check_counts(const struct start_arguments *arguments)
{
	if (arguments->argc > START_ARGUMENTS_MAX || arguments->envc > START_ARGUMENTS_MAX - arguments->argc)
		return STATUS_START_TOO_MANY_ARGUMENTS;
	if (arguments->strings_bytes > START_BYTES_MAX)
		return STATUS_START_ARGUMENTS_TOO_LONG;
	return check_strings(arguments);
}

/* argc, the two lists with their ends, auxv. */
static uint32_t words_bytes(const struct start_arguments *arguments, const struct start_auxv *auxv, uint8_t word_bytes)
{
	uint32_t pairs = AUXV_PAIRS + (auxv->phdr != 0 ? AUXV_PHDR_PAIRS : 0);
	return (1 + arguments->argc + 1 + arguments->envc + 1 + 2 * pairs) * word_bytes;
}

enum status start_frame(const struct start_arguments *arguments, const struct start_auxv *auxv, uint8_t word_bytes,
                        uint64_t stack_top, uint8_t *buffer, uint32_t buffer_bytes, uint32_t *frame_bytes)
{
	enum status status = check_counts(arguments);
	if (status != STATUS_OK)
		return status;
	uint32_t text_bytes = arguments->strings_bytes + (uint32_t)sizeof arguments->random;
	uint32_t bytes = (uint32_t)round_up(words_bytes(arguments, auxv, word_bytes) + text_bytes, STACK_ALIGN);
	if (bytes > START_BYTES_MAX || bytes > buffer_bytes)
		return STATUS_START_ARGUMENTS_TOO_LONG;
	uint8_t *frame = buffer + (buffer_bytes - bytes);
	memset(frame, 0, bytes);
	memcpy(frame + bytes - sizeof arguments->random, arguments->random, sizeof arguments->random);
	if (arguments->strings_bytes != 0)
		memcpy(frame + bytes - text_bytes, arguments->strings, arguments->strings_bytes);
	struct writer writer = { .at = frame, .word_bytes = word_bytes };
	const char *text = arguments->strings;
	put(&writer, arguments->argc);
	uint64_t environment = put_pointers(&writer, arguments->argc, &text, stack_top - text_bytes);
	put_pointers(&writer, arguments->envc, &text, environment);
	put_auxv(&writer, auxv, stack_top - sizeof arguments->random);
	*frame_bytes = bytes;
	return STATUS_OK;
}

/* Where the program headers lie in memory: in the segment that takes them from the file, if one does. */
static uint64_t phdr_vaddr(const struct elf *elf)
{
	uint64_t table_bytes = (uint64_t)elf->segment_count * elf->phentsize;
	for (uint32_t i = 0; i < elf->segment_count; i++) {
		const struct elf_segment *segment = &elf->segment[i];
		if (elf_segment_is_loaded(segment) && elf->phoff >= segment->offset
		    && range_is_inside(elf->phoff - segment->offset, table_bytes, segment->file_bytes))
			return segment->vaddr + (elf->phoff - segment->offset);
	}
	return 0;
}

void start_auxv_of(const struct elf *elf, struct start_auxv *auxv)
{
	*auxv = (struct start_auxv) {
		.entry = elf->entry, .phdr = phdr_vaddr(elf), .phent = elf->phentsize, .phnum = elf->segment_count,
		.page_bytes = PAGE_BYTES,
	};
}
