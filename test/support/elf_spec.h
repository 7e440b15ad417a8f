/* SPDX-License-Identifier: BSD-2-Clause */
/* ELF files for tests: a description of one that is right, which a test spoils before it is built. */
#pragma once
#include "lib/elf/elf.h"
#include "lib/elf/wire.h"

#define ELF_SPEC_SEGMENTS_MAX (ELF_SEGMENTS_MAX + 4u) /* more than are taken */
#define ELF_SPEC_POKES_MAX    48u

struct elf_spec {
	uint8_t  class_bits;
	uint8_t  ident[ELF_IDENT_BYTES];
	uint64_t header[ELF_E_COUNT];
	uint32_t segment_count; /* written; header[ELF_E_PHNUM] says how many there are */
	struct elf_segment segment[ELF_SPEC_SEGMENTS_MAX];
	uint64_t size_bytes;
	uint32_t poke_count;
	struct { uint64_t offset; uint8_t bytes; uint64_t value; } poke[ELF_SPEC_POKES_MAX]; /* written last, in order */
};

/* The numbers of the default program headers. */
enum elf_spec_segment {
	SPEC_PHDR, SPEC_HEADERS, SPEC_TEXT, SPEC_DATA, SPEC_NOTE, SPEC_STACK, SPEC_RELRO, SPEC_SEGMENT_COUNT
};
#define SPEC_BASE         0x400000u
#define SPEC_HEADERS_SIZE 0x400u  /* first segment: ELF header, program headers, the note */
#define SPEC_NOTE_OFFSET  0x300u
#define SPEC_NOTE_BYTES   0x20u
#define SPEC_TEXT_OFFSET  0x1000u
#define SPEC_TEXT_BYTES   0x234u
#define SPEC_DATA_OFFSET  0x1f00u /* the data crosses a page in memory and ends in zero pages */
#define SPEC_DATA_VADDR   (SPEC_BASE + 0x2f00u)
#define SPEC_DATA_FILE    0x180u
#define SPEC_DATA_MEMORY  0x2345u
#define SPEC_SIZE         (SPEC_DATA_OFFSET + SPEC_DATA_FILE)
#define SPEC_ENTRY        (SPEC_BASE + SPEC_TEXT_OFFSET + 0x10u)

/* An executable that every strict policy accepts, for one of the four machines. */
void elf_spec_default(struct elf_spec *spec, uint16_t machine);

/* Overwrites bytes of the built file with a little-endian number. */
void elf_spec_poke(struct elf_spec *spec, uint64_t offset, uint8_t bytes, uint64_t value);

/* Adds a program header; returns its number. */
uint32_t elf_spec_add(struct elf_spec *spec, const struct elf_segment *segment);

/* Builds the file: malloc'ed, exactly size_bytes long, so that a sanitizer sees every byte read past its end. Bytes that
 * nothing else determines are not zero. */
uint8_t *elf_spec_build(const struct elf_spec *spec);

/* The byte that fills the file at an offset. */
uint8_t elf_spec_fill(uint64_t offset);
