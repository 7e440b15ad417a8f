/* SPDX-License-Identifier: BSD-2-Clause */
/* ELF as bytes: where each field of the two headers lies in either class, and
 * how to read and write it. Nothing is judged here; elf_read does that. */
#pragma once
#include "lib/base/base.h"

#define ELF_IDENT_BYTES 16u
enum elf_ident { ELF_IDENT_CLASS = 4, ELF_IDENT_DATA = 5, ELF_IDENT_VERSION_AT = 6, ELF_IDENT_OSABI_AT = 7,
	ELF_IDENT_ABI_VERSION_AT = 8, ELF_IDENT_PADDING_AT = 9 };

enum elf_header_field {
	ELF_E_TYPE, ELF_E_MACHINE, ELF_E_VERSION, ELF_E_ENTRY, ELF_E_PHOFF, ELF_E_SHOFF, ELF_E_FLAGS, ELF_E_EHSIZE,
	ELF_E_PHENTSIZE, ELF_E_PHNUM, ELF_E_SHENTSIZE, ELF_E_SHNUM, ELF_E_SHSTRNDX, ELF_E_COUNT
};
enum elf_segment_field {
	ELF_P_TYPE, ELF_P_FLAGS, ELF_P_OFFSET, ELF_P_VADDR, ELF_P_PADDR, ELF_P_FILESZ, ELF_P_MEMSZ, ELF_P_ALIGN, ELF_P_COUNT
};

struct elf_field { uint8_t offset, bytes; };

/* One class of ELF. */
struct elf_wire {
	uint8_t class_bits;
	uint8_t header_bytes;
	uint8_t segment_header_bytes;
	uint8_t word_bytes;    /* alignment of the tables */
	uint8_t dynamic_bytes; /* of one entry of the dynamic section */
	struct elf_field header[ELF_E_COUNT];
	struct elf_field segment[ELF_P_COUNT];
};

/* For 32 or 64, the class; for anything else NULL. */
const struct elf_wire *elf_wire_of(uint8_t class_bits);

/* A field of the header that begins at `at`, or of one program header. The caller has checked that it is all there. */
uint64_t elf_wire_get(const uint8_t *at, struct elf_field field);
void elf_wire_put(uint8_t *at, struct elf_field field, uint64_t value);
