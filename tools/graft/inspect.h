/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of graft inspect. */
#pragma once
#include "lib/archive/archive.h"
#include "lib/base/status.h"
#include "tools/graft/sections.h"

/* A file whose class is known and whose ELF header is all there, and what check_program says of it. */
struct inspected {
	const uint8_t *bytes;
	uint64_t size_bytes;
	const struct elf_wire *wire; /* NULL: there is nothing to show */
	enum status status;
	struct where where;
};

/* Reads nothing but the class, and checks: as a file that is yet to be packed, or, if entry is not NULL, as that program of an archive. */
void inspect_start(const uint8_t *bytes, uint64_t size_bytes, const struct archive_entry *entry, struct inspected *file);

uint64_t inspect_header_field(const struct inspected *file, enum elf_header_field field);

/* Where program header number index lies; false if not inside the file. */
bool inspect_segment_at(const struct inspected *file, uint64_t index, uint64_t *offset);

/* The field's name in the gABI: e_type, p_align. */
const char *inspect_header_name(enum elf_header_field field);
const char *inspect_segment_name(enum elf_segment_field field);

/* Prints section headers and all symbol tables. */
void inspect_sections(const struct inspected *file);

/* Everything as one JSON object (doc/schema/inspect.json). path: as named; program: the archive's name for it, or NULL. */
void inspect_json(const char *path, const char *program, const struct inspected *file);

/* A name, or the number in its stead. Returns one of a few static buffers in turn. */
const char *inspect_name(const char *name, uint64_t number);
const char *inspect_symbol_place(uint16_t section);
