/* SPDX-License-Identifier: BSD-2-Clause */
/* Each refusal of a base (elf_place) and of relocations (lib/reloc), on all four machines: one number of a program that is right
 * is changed, and the refusal must name the rule and the place. */
#include "test/reject/reject.h"
#include "test/support/reloc_spec.h"
#include "lib/reloc/reloc.h"
#include <stdio.h>
#include <stdlib.h>

#define BASE 0x7654000ull

static const uint16_t machines[] = { ELF_MACHINE_386, ELF_MACHINE_X86_64, ELF_MACHINE_AARCH64, ELF_MACHINE_RISCV };

static enum status judge(const struct reloc_spec *spec, uint64_t base, struct where *where)
{
	struct elf elf;
	struct elf_policy policy;
	struct reloc reloc;
	uint8_t *bytes = elf_spec_build(&spec->elf);
	elf_policy_strict((uint16_t)spec->elf.header[ELF_E_MACHINE], &policy);
	enum status status = elf_read(bytes, spec->elf.size_bytes, &elf, where);
	if (status == STATUS_OK)
		status = elf_place(&elf, base, where);
	if (status == STATUS_OK)
		status = elf_check(&elf, &policy, where);
	if (status == STATUS_OK)
		status = reloc_read(&elf, &policy, &reloc, where);
	free(bytes);
	return status;
}

static uint64_t header_offset(const struct reloc_spec *spec, uint32_t index, enum elf_segment_field field)
{
	const struct elf_wire *wire = elf_wire_of(spec->elf.class_bits);
	return spec->elf.header[ELF_E_PHOFF] + index * wire->segment_header_bytes + wire->segment[field].offset;
}

/* ---- the base ---- */

static void run_base_fixed(const void *data)
{
	(void)data;
	for (size_t m = 0; m < 4; m++) {
		struct reloc_spec spec;
		struct where where;
		elf_spec_default(&spec.elf, machines[m]);
		assert_status(judge(&spec, 0x1000, &where), STATUS_ELF_BASE_FIXED);
		assert_int_equal(where.offset, 16);
		assert_status(judge(&spec, 0, &where), STATUS_OK);
	}
}

static void run_base_unaligned(const void *data)
{
	(void)data;
	for (size_t m = 0; m < 4; m++) {
		struct reloc_spec spec;
		struct where where;
		reloc_spec_default(&spec, machines[m]);
		assert_status(judge(&spec, BASE + 0x800, &where), STATUS_ELF_BASE_UNALIGNED);
		assert_int_equal(where.limit, 0x1000);
		spec.elf.segment[SPEC_TEXT].align = 0x200000;
		spec.elf.segment[SPEC_TEXT].vaddr += 0x200000 - 0x1000 + SPEC_TEXT_OFFSET; /* elf_check is not reached */
		assert_status(judge(&spec, BASE, &where), STATUS_ELF_BASE_UNALIGNED);
		assert_int_equal(where.limit, 0x200000);
	}
}

static void run_base_wraps(const void *data)
{
	(void)data;
	for (size_t m = 0; m < 4; m++) {
		struct reloc_spec spec;
		struct where where;
		uint64_t last = m == 0 ? UINT32_MAX : UINT64_MAX;
		reloc_spec_default(&spec, machines[m]);
		uint64_t top = (last & ~0xfffull) - 0x4000;
		assert_status(judge(&spec, top + 0x1000, &where), STATUS_ELF_BASE_WRAPS); /* the data begin one page too high */
		assert_int_equal(where.offset, header_offset(&spec, SPEC_NOTE, ELF_P_VADDR));
		assert_status(judge(&spec, top, &where), STATUS_ELF_ABOVE_CEILING);
		spec.elf.header[ELF_E_ENTRY] = last - BASE + 1;
		assert_status(judge(&spec, BASE, &where), STATUS_ELF_BASE_WRAPS);
		assert_int_equal(where.offset, 24);
		if (m == 0) {
			reloc_spec_default(&spec, machines[m]);
			assert_status(judge(&spec, 1ull << 32, &where), STATUS_ELF_BASE_WRAPS); /* no base of this class */
		}
	}
}

/* ---- relocations ---- */

enum at { TAG, VALUE, FIELD_PLACE, FIELD_INFO, PACKED };

struct row {
	enum status status;
	enum at at;
	uint32_t entry;      /* of the dynamic section, the table or the packed table */
	uint64_t bad;
	enum at seen;        /* what the refusal must point at */
	uint32_t seen_entry;
	uint32_t narrow;     /* the bad value for the class 32, if it is another */
};

/* Words by their number from RELOC_WORDS on; the entry that is changed knows how long a word is. */
#define WORD(n) (UINT64_MAX - 0x10000u + (n))
#define KEEP UINT32_MAX
#define ROW(status, at, entry, bad, seen, seen_entry) { STATUS_##status, at, entry, bad, seen, seen_entry, KEEP }
#define NARROW(status, at, entry, bad, seen, seen_entry, narrow) { STATUS_##status, at, entry, bad, seen, seen_entry, narrow }

static const struct row rows[] = {
	NARROW(RELOC_KIND, TAG, RELOC_SPEC_SIZE, 18, TAG, RELOC_SPEC_SIZE, 8),
	ROW(RELOC_INCOMPLETE, TAG, RELOC_SPEC_TABLE, 0x6ffffef5, TAG, RELOC_SPEC_SIZE),
	ROW(RELOC_INCOMPLETE, TAG, RELOC_SPEC_SIZE, 0x6ffffef5, TAG, RELOC_SPEC_TABLE),
	ROW(RELOC_INCOMPLETE, TAG, RELOC_SPEC_PACKED, 0x6ffffef5, TAG, RELOC_SPEC_PACKED_SIZE),
	ROW(RELOC_INCOMPLETE, TAG, RELOC_SPEC_PACKED_SIZE, 0x6ffffef5, TAG, RELOC_SPEC_PACKED),
	ROW(RELOC_ENTRY_SIZE, VALUE, RELOC_SPEC_ENTRY, 16, TAG, RELOC_SPEC_ENTRY),
	ROW(RELOC_ENTRY_SIZE, VALUE, RELOC_SPEC_ENTRY, 0, TAG, RELOC_SPEC_ENTRY),
	ROW(RELOC_ENTRY_SIZE, TAG, RELOC_SPEC_ENTRY, 0x6ffffef5, TAG, RELOC_SPEC_SIZE),
	NARROW(RELOC_ENTRY_SIZE, VALUE, RELOC_SPEC_PACKED_ENTRY, 4, TAG, RELOC_SPEC_PACKED_ENTRY, 8),
	ROW(RELOC_TABLE_UNALIGNED, VALUE, RELOC_SPEC_TABLE, RELOC_TABLE + 2, TAG, RELOC_SPEC_TABLE),
	ROW(RELOC_TABLE_UNALIGNED, VALUE, RELOC_SPEC_PACKED, RELOC_PACKED + 1, TAG, RELOC_SPEC_PACKED),
	ROW(RELOC_TABLE_OUTSIDE, VALUE, RELOC_SPEC_TABLE, RELOC_TABLES_END - 8, TAG, RELOC_SPEC_TABLE),
	ROW(RELOC_TABLE_OUTSIDE, VALUE, RELOC_SPEC_TABLE, RELOC_ZEROS, TAG, RELOC_SPEC_TABLE), /* in memory, but not from the file */
	ROW(RELOC_TABLE_OUTSIDE, VALUE, RELOC_SPEC_TABLE, 0xfffff000, TAG, RELOC_SPEC_TABLE),
	NARROW(RELOC_TABLE_OUTSIDE, VALUE, RELOC_SPEC_SIZE, 0x1000000000000008, TAG, RELOC_SPEC_TABLE, 0x80000000),
	ROW(RELOC_TABLE_OUTSIDE, VALUE, RELOC_SPEC_PACKED, 0x100000, TAG, RELOC_SPEC_PACKED),
	ROW(RELOC_TABLE_SIZE, VALUE, RELOC_SPEC_SIZE, 100, TAG, RELOC_SPEC_SIZE),
	NARROW(RELOC_TABLE_SIZE, VALUE, RELOC_SPEC_PACKED_SIZE, 20, TAG, RELOC_SPEC_PACKED_SIZE, 10),
	ROW(RELOC_TYPE, FIELD_INFO, 1, 0, FIELD_PLACE, 1),
	ROW(RELOC_TYPE, FIELD_INFO, 3, 1, FIELD_PLACE, 3),
	ROW(RELOC_TYPE, FIELD_INFO, 0, 37, FIELD_PLACE, 0), /* IRELATIVE on x86_64 */
	NARROW(RELOC_TYPE, FIELD_INFO, 0, 0x108, FIELD_PLACE, 0, 42), /* the low byte is RELATIVE on x86_64 */
	NARROW(RELOC_SYMBOL, FIELD_INFO, 2, 0x100000000, FIELD_PLACE, 2, 0x100), /* and the machine's type */
	ROW(RELOC_UNALIGNED, FIELD_PLACE, 3, RELOC_WORDS + 0x142, FIELD_PLACE, 3),
	ROW(RELOC_UNALIGNED, FIELD_PLACE, 0, RELOC_WORDS + 1, FIELD_PLACE, 0),
	ROW(RELOC_OUTSIDE, FIELD_PLACE, 3, RELOC_DATA + RELOC_DATA_MEMORY, FIELD_PLACE, 3),
	ROW(RELOC_OUTSIDE, FIELD_PLACE, 0, RELOC_DATA - 8, FIELD_PLACE, 0),
	ROW(RELOC_OUTSIDE, FIELD_PLACE, 0, SPEC_TEXT_OFFSET, FIELD_PLACE, 0), /* text */
	ROW(RELOC_OUTSIDE, FIELD_PLACE, 0, RELOC_TABLE, FIELD_PLACE, 0),      /* read-only */
	NARROW(RELOC_OUTSIDE, FIELD_PLACE, 3, 0xfffffffffffffff8, FIELD_PLACE, 3, 0xfffffff8),
	ROW(RELOC_REPEATED, FIELD_PLACE, 1, WORD(0), FIELD_PLACE, 1),
	ROW(RELOC_REPEATED, FIELD_PLACE, 3, WORD(50), PACKED, 0), /* in both tables */
	ROW(RELOC_REPEATED, FIELD_PLACE, 3, WORD(53), PACKED, 1),
	ROW(RELOC_UNSORTED, FIELD_PLACE, 2, WORD(0), FIELD_PLACE, 2),
	ROW(RELOC_UNSORTED, FIELD_PLACE, 0, WORD(41), FIELD_PLACE, 1),
	ROW(RELOC_BITMAP_FIRST, PACKED, 0, 3, PACKED, 0),
	ROW(RELOC_UNALIGNED, PACKED, 0, RELOC_WORDS + 0x202, PACKED, 0),
	ROW(RELOC_OUTSIDE, PACKED, 0, RELOC_DATA + RELOC_DATA_MEMORY, PACKED, 0),
	ROW(RELOC_OUTSIDE, PACKED, 0, 0, PACKED, 0),
	ROW(RELOC_OUTSIDE, PACKED, 0, RELOC_DATA + RELOC_DATA_MEMORY - 8, PACKED, 1), /* the address is in, a bit of the map is not */
	ROW(RELOC_REPEATED, PACKED, 2, WORD(53), PACKED, 2),
	ROW(RELOC_UNSORTED, PACKED, 2, WORD(49), PACKED, 2),
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

static uint64_t offset_of(const struct reloc_spec *spec, enum at at, uint32_t entry)
{
	switch (at) {
	case TAG:
	case VALUE:
		return reloc_spec_dynamic(spec, entry, at == VALUE);
	case FIELD_PLACE:
	case FIELD_INFO:
		return reloc_spec_field(spec, entry, at == FIELD_INFO);
	default:
		return reloc_spec_packed(spec, entry);
	}
}

static uint64_t bad_value(const struct reloc_spec *spec, const struct row *row)
{
	uint64_t value = spec->word_bytes == 4 && row->narrow != KEEP ? row->narrow : row->bad;
	if (value >= WORD(0) && value <= WORD(100))
		return RELOC_WORDS + (value - WORD(0)) * spec->word_bytes;
	return row->status == STATUS_RELOC_SYMBOL ? value | spec->type : value;
}

static void run(const void *data)
{
	const struct row *row = data;
	for (size_t m = 0; m < 4; m++) {
		struct reloc_spec spec;
		struct where where;
		reloc_spec_default(&spec, machines[m]);
		assert_status(judge(&spec, BASE, &where), STATUS_OK);
		elf_spec_poke(&spec.elf, offset_of(&spec, row->at, row->entry), spec.word_bytes, bad_value(&spec, row));
		assert_status(judge(&spec, BASE, &where), row->status);
		assert_int_equal(where.offset, offset_of(&spec, row->seen, row->seen_entry));
		assert_int_equal(where.index, row->seen == TAG ? SPEC_RELRO : WHERE_NO_INDEX);
	}
}

/* The segment ends in the middle of a word: its start is inside, the rest is not. From the table, as an address, as a bit. */
static void run_straddles(const void *data)
{
	(void)data;
	for (size_t m = 0; m < 4; m++)
		for (enum at at = FIELD_PLACE; at <= PACKED; at = at == FIELD_PLACE ? PACKED : PACKED + 1)
			for (uint32_t bit = 0; bit < (at == PACKED ? 2 : 1); bit++) {
				struct reloc_spec spec;
				struct where where;
				reloc_spec_default(&spec, machines[m]);
				uint64_t place = RELOC_DATA + RELOC_DATA_MEMORY - (1u + bit) * spec.word_bytes;
				elf_spec_poke(&spec.elf, offset_of(&spec, at, at == PACKED ? 0 : 3), spec.word_bytes, place);
				elf_spec_poke(&spec.elf, reloc_spec_dynamic(&spec, RELOC_SPEC_PACKED_SIZE, true), spec.word_bytes,
				              at == PACKED ? (1 + bit) * spec.word_bytes : 0);
				elf_spec_poke(&spec.elf, reloc_spec_packed(&spec, 1), spec.word_bytes, 3);
				assert_status(judge(&spec, BASE, &where), STATUS_OK);
				spec.elf.segment[SPEC_NOTE].memory_bytes -= spec.word_bytes / 2;
				assert_status(judge(&spec, BASE, &where), STATUS_RELOC_OUTSIDE);
				assert_int_equal(where.offset, offset_of(&spec, at, at == PACKED ? bit : 3));
			}
}

static struct reject_case cases[ROW_COUNT + 4];
static char names[ROW_COUNT][64];
const struct reject_case *const reject_reloc_cases = cases;
const size_t reject_reloc_count = sizeof cases / sizeof cases[0];

__attribute__((constructor)) static void fill_cases(void)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		snprintf(names[i], sizeof names[i], "%s %zu", status_name(rows[i].status), i);
		cases[i] = (struct reject_case) { rows[i].status, names[i], run, &rows[i] };
	}
	cases[ROW_COUNT] = (struct reject_case) { STATUS_ELF_BASE_FIXED, "ELF_BASE_FIXED", run_base_fixed, NULL };
	cases[ROW_COUNT + 1] = (struct reject_case) { STATUS_ELF_BASE_UNALIGNED, "ELF_BASE_UNALIGNED", run_base_unaligned, NULL };
	cases[ROW_COUNT + 3] = (struct reject_case) { STATUS_RELOC_OUTSIDE, "RELOC_OUTSIDE straddles", run_straddles, NULL };
	cases[ROW_COUNT + 2] = (struct reject_case) { STATUS_ELF_BASE_WRAPS, "ELF_BASE_WRAPS", run_base_wraps, NULL };
}
