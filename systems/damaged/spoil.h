/* SPDX-License-Identifier: BSD-2-Clause */
/* Damaged programs by number: the same bytes from the same file, seed and number in the keeper on the machine and in
 * test/tool/verdicts.c on the host. A file is an archive's payload, or anything else: nothing is believed of it.
 *
 * Most files get one or two changes, some up to five. Each is to a field that a loader looks at (ELF header, program headers, dynamic
 * section, relocations, notes, patchable symbols), to any byte, to the order of program headers, to the length, or to the flags of the
 * archive's entry. A field gets an edge of some range, a number near what it had, a field of another program header, or any
 * number. Of two random numbers none is drawn in one expression: compilers differ in which comes first. */
#pragma once
#include "lib/archive/archive.h"
#include "lib/archive/layout.h"
#include "lib/base/bytes.h"
#include "lib/elf/dynamic.h"
#include "lib/elf/wire.h"
#include "systems/random.h"

#define SPOIL_MORE_PAGES 3u

struct spoil {
	uint8_t *bytes;      /* the file, a copy that may be written */
	uint64_t size_bytes; /* whole pages; there is room for SPOIL_MORE_PAGES more */
	uint32_t flags;      /* of its entry in an archive */
	uint64_t random;
	const struct elf_wire *wire;
	uint64_t headers;    /* offset of the program headers as they were */
	uint32_t header_count;
	bool has_grown;
};

static inline unsigned long spoil_below(struct spoil *s, unsigned long below)
{
	return random_below(&s->random, below);
}

/* ---- fields, none of them outside the file ---- */

static inline uint64_t spoil_get(const struct spoil *s, uint64_t at, uint32_t bytes)
{
	uint64_t value = 0;

	for (uint32_t i = bytes; i > 0 && range_is_inside(at, bytes, s->size_bytes); i--)
		value = value << 8 | s->bytes[at + i - 1];
	return value;
}

static inline void spoil_put(struct spoil *s, uint64_t at, uint32_t bytes, uint64_t value)
{
	for (uint32_t i = 0; i < bytes && range_is_inside(at, bytes, s->size_bytes); i++)
		s->bytes[at + i] = (uint8_t)(value >> 8 * i);
}

static inline uint64_t spoil_header_at(const struct spoil *s, unsigned long number, unsigned int field)
{
	return s->headers + (uint64_t)number * s->wire->segment_header_bytes + s->wire->segment[field].offset;
}

static inline uint64_t spoil_header_get(const struct spoil *s, unsigned long number, unsigned int field)
{
	return spoil_get(s, spoil_header_at(s, number, field), s->wire->segment[field].bytes);
}

/* ---- values ---- */

static inline uint64_t spoil_edge(struct spoil *s)
{
	static const uint64_t edges[] = {
		0, 1, 2, 3, 4, 7, 8, 9, 16, 24, 63, 64, 65, 4095, 4096, 4097, 0xffff, 0x10000, 0x100000, 0x200000, 0x40000000, 0x7fffffff,
		0x80000000, 0xbffff000, 0xe0000000, 0xfffff000, 0xffffffff, 0x100000000, 0x7ffffffff000, 0x800000000000,
		0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffff000, 0xffffffffffffffff,
	};

	return edges[spoil_below(s, sizeof edges / sizeof edges[0])];
}

static inline uint64_t spoil_value(struct spoil *s, uint64_t old)
{
	uint64_t step = 1ull << spoil_below(s, 24);

	switch (spoil_below(s, 8)) {
	case 0: case 1: case 2:
		return spoil_edge(s);
	case 3: case 4:
		return old + step;
	case 5:
		return old - step;
	case 6:
		return old ^ step;
	default:
		return random_next(&s->random);
	}
}

static inline void spoil_field(struct spoil *s, uint64_t at, uint32_t bytes)
{
	spoil_put(s, at, bytes, spoil_value(s, spoil_get(s, at, bytes)));
}

/* Any word, half word or byte of a range. */
static inline void spoil_range(struct spoil *s, uint64_t at, uint64_t bytes)
{
	uint32_t width = 1u << spoil_below(s, 4);

	if (bytes >= width && bytes <= s->size_bytes)
		spoil_field(s, at + spoil_below(s, (unsigned long)(bytes / width)) * width, width);
}

/* ---- places ---- */

static inline void spoil_elf_header(struct spoil *s)
{
	unsigned long field = spoil_below(s, ELF_E_COUNT + 4);

	if (field < ELF_E_COUNT)
		spoil_field(s, s->wire->header[field].offset, s->wire->header[field].bytes);
	else
		spoil_field(s, spoil_below(s, ELF_IDENT_BYTES), 1);
}

static inline void spoil_segment(struct spoil *s)
{
	unsigned long number = spoil_below(s, s->header_count), from = spoil_below(s, s->header_count);
	unsigned int field = (unsigned int)spoil_below(s, ELF_P_COUNT), like = (unsigned int)spoil_below(s, ELF_P_COUNT);
	uint64_t at = spoil_header_at(s, number, field);

	if (spoil_below(s, 6) == 0)
		spoil_put(s, at, s->wire->segment[field].bytes, spoil_header_get(s, from, like));
	else
		spoil_field(s, at, s->wire->segment[field].bytes);
}

/* Two program headers change places, or one is there twice. */
static inline void spoil_order(struct spoil *s)
{
	uint32_t bytes = s->wire->segment_header_bytes;
	uint64_t a = spoil_header_at(s, spoil_below(s, s->header_count), 0), b = spoil_header_at(s, spoil_below(s, s->header_count), 0);
	bool twice = spoil_below(s, 3) == 0;

	for (uint32_t i = 0; i < bytes; i++) {
		uint64_t kept = spoil_get(s, a + i, 1);

		spoil_put(s, a + i, 1, spoil_get(s, b + i, 1));
		if (!twice)
			spoil_put(s, b + i, 1, kept);
	}
}

/* The number of the first program header of a type, or of the last one. */
static inline unsigned long spoil_find(const struct spoil *s, uint32_t type)
{
	unsigned long number = 0;

	while (number + 1 < s->header_count && spoil_header_get(s, number, ELF_P_TYPE) != type)
		number++;
	return number;
}

static inline void spoil_contents(struct spoil *s, uint32_t type)
{
	unsigned long number = spoil_find(s, type);

	spoil_range(s, spoil_header_get(s, number, ELF_P_OFFSET), spoil_header_get(s, number, ELF_P_FILESZ));
}

/* Tag or value of an entry of the dynamic section. */
static inline void spoil_dynamic(struct spoil *s)
{
	static const uint32_t tags[] = { DT_NULL, DT_NEEDED, DT_RELA, DT_RELASZ, DT_RELAENT, DT_REL, DT_RELSZ, DT_RELENT, DT_TEXTREL, DT_JMPREL,
	                                 DT_FLAGS, DT_RELRSZ, DT_RELR, DT_RELRENT, DT_ANDROID_RELA };
	unsigned long number = spoil_find(s, ELF_DYNAMIC);
	uint64_t entries = spoil_header_get(s, number, ELF_P_FILESZ) / s->wire->dynamic_bytes;
	uint64_t at = spoil_header_get(s, number, ELF_P_OFFSET);

	if (entries == 0 || entries > s->size_bytes)
		return;
	at += (uint64_t)spoil_below(s, (unsigned long)entries) * s->wire->dynamic_bytes;
	if (spoil_below(s, 3) == 0)
		spoil_put(s, at, s->wire->word_bytes, tags[spoil_below(s, sizeof tags / sizeof tags[0])]);
	else
		spoil_field(s, at + s->wire->word_bytes, s->wire->word_bytes);
}

/* The value of a tag of the dynamic section, or 0. */
static inline uint64_t spoil_dynamic_value(const struct spoil *s, uint32_t tag)
{
	unsigned long number = spoil_find(s, ELF_DYNAMIC);
	uint64_t at = spoil_header_get(s, number, ELF_P_OFFSET), bytes = spoil_header_get(s, number, ELF_P_FILESZ);

	for (uint64_t i = 0; bytes <= s->size_bytes && i < bytes; i += s->wire->dynamic_bytes) {
		if (spoil_get(s, at + i, s->wire->word_bytes) == tag)
			return spoil_get(s, at + i + s->wire->word_bytes, s->wire->word_bytes);
	}
	return 0;
}

/* Where the file has the byte of an address, or its end. */
static inline uint64_t spoil_offset_of(const struct spoil *s, uint64_t vaddr)
{
	for (unsigned long i = 0; i < s->header_count; i++) {
		uint64_t start = spoil_header_get(s, i, ELF_P_VADDR);

		if (spoil_header_get(s, i, ELF_P_TYPE) == ELF_LOAD && vaddr >= start && vaddr - start < spoil_header_get(s, i, ELF_P_FILESZ))
			return spoil_header_get(s, i, ELF_P_OFFSET) + (vaddr - start);
	}
	return s->size_bytes;
}

static inline void spoil_relocations(struct spoil *s)
{
	static const uint32_t tables[][2] = { { DT_RELA, DT_RELASZ }, { DT_REL, DT_RELSZ }, { DT_RELR, DT_RELRSZ } };
	unsigned long first = spoil_below(s, 3);

	for (unsigned long i = 0; i < 3; i++) {
		const uint32_t *table = tables[(first + i) % 3];
		uint64_t bytes = spoil_dynamic_value(s, table[1]);

		if (bytes == 0)
			continue;
		spoil_range(s, spoil_offset_of(s, spoil_dynamic_value(s, table[0])), bytes);
		return;
	}
}

/* ---- the file as a whole ---- */

static inline void spoil_length(struct spoil *s)
{
	uint64_t pages = s->size_bytes / PAGE_BYTES, more = (spoil_below(s, SPOIL_MORE_PAGES) + 1) * PAGE_BYTES, from;

	switch (spoil_below(s, s->has_grown ? 2 : 3)) {
	case 0: /* it ends early */
		s->size_bytes = (1 + spoil_below(s, (unsigned long)pages)) * PAGE_BYTES;
		return;
	case 1: /* it ends early, inside a page: archives have whole ones */
		from = spoil_below(s, (unsigned long)s->size_bytes);
		s->size_bytes = round_up(from + 1, PAGE_BYTES);
		memset(s->bytes + from, 0, (size_t)(s->size_bytes - from));
		return;
	default:
		memset(s->bytes + s->size_bytes, (int)spoil_below(s, 256), (size_t)more);
		s->size_bytes += more;
		s->has_grown = true;
	}
}

static inline void spoil_once(struct spoil *s)
{
	switch (spoil_below(s, 16)) {
	case 0: case 1:
		spoil_elf_header(s);
		break;
	case 2: case 3: case 4: case 5: case 6:
		spoil_segment(s);
		break;
	case 7:
		spoil_order(s);
		break;
	case 8:
		spoil_dynamic(s);
		break;
	case 9: case 10:
		spoil_relocations(s);
		break;
	case 11:
		spoil_contents(s, ELF_NOTE);
		break;
	case 12:
		spoil_contents(s, ELF_GRAFT_SYMBOLS);
		break;
	case 13:
		spoil_range(s, 0, s->size_bytes);
		break;
	case 14:
		spoil_length(s);
		break;
	default:
		s->flags ^= ARCHIVE_PROGRAM_RELOCATES;
	}
}

/* Which of so many files the numberth damaged one of a seed is made of. */
static inline uint32_t spoil_start(struct spoil *s, uint64_t seed, uint64_t number, uint32_t files)
{
	s->random = seed ^ number << 32;
	(void)random_next(&s->random);
	return (uint32_t)spoil_below(s, files);
}

/* Then: bytes, size_bytes, flags: as that file is; afterwards as the damaged one is. */
static inline void spoil(struct spoil *s)
{
	static const uint8_t changes[] = { 1, 1, 1, 1, 2, 2, 3, 5 };
	unsigned int left;

	s->has_grown = false;
	s->wire = elf_wire_of(spoil_get(s, ELF_IDENT_CLASS, 1) == 1 ? 32 : 64);
	s->headers = spoil_get(s, s->wire->header[ELF_E_PHOFF].offset, s->wire->header[ELF_E_PHOFF].bytes);
	s->header_count = (uint32_t)spoil_get(s, s->wire->header[ELF_E_PHNUM].offset, s->wire->header[ELF_E_PHNUM].bytes);
	if (s->header_count == 0 || s->header_count > ELF_SEGMENTS_MAX)
		s->header_count = 1;
	for (left = changes[spoil_below(s, sizeof changes)]; left > 0; left--)
		spoil_once(s);
}
