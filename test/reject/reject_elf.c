/* SPDX-License-Identifier: BSD-2-Clause */
/* Each rule of the ELF checks, broken by changing one field of a file that is right. The refusal must name the rule, and
 * the place of that field unless the row says another. */
#include "test/reject/reject.h"
#include "test/support/elf_spec.h"
#include "lib/archive/archive.h"
#include <stdio.h>
#include <stdlib.h>

#define NO_TWIN (UINT64_MAX - 1) /* as a good value: there is none next to the bad one */
/* As a machine: all four, and those whose class is 64. Where a row names one, its numbers are that machine's. */
#define BOTH 0
#define WIDE 1

enum what { SAME, IDENT, HEADER, SEGMENT, SIZE, POKE, OFFSET };

/* A field. IDENT, POKE, OFFSET: index is an offset in the file; SEGMENT: index is the number of the program header. */
struct place {
	enum what what;
	uint32_t index;
	uint32_t field;
};

struct row {
	enum status status;
	uint16_t machine;
	void (*prepare)(struct elf_spec *spec, struct elf_policy *policy);
	struct place changed;
	uint64_t bad, good;
	struct place seen; /* where the refusal must point; SAME: at the field changed, with the bad value */
};

static void set_segment(struct elf_segment *segment, uint32_t field, uint64_t value)
{
	uint64_t *const wide[ELF_P_COUNT] = {
		[ELF_P_OFFSET] = &segment->offset, [ELF_P_VADDR] = &segment->vaddr, [ELF_P_FILESZ] = &segment->file_bytes,
		[ELF_P_MEMSZ] = &segment->memory_bytes, [ELF_P_ALIGN] = &segment->align,
	};
	if (field == ELF_P_TYPE)
		segment->type = (uint32_t)value;
	else if (field == ELF_P_FLAGS)
		segment->flags = (uint32_t)value;
	else
		*wide[field] = value;
}

static void change(struct elf_spec *spec, const struct place *place, uint64_t value)
{
	if (place->what == IDENT)
		spec->ident[place->index] = (uint8_t)value;
	else if (place->what == HEADER)
		spec->header[place->field] = value;
	else if (place->what == SEGMENT)
		set_segment(&spec->segment[place->index], place->field, value);
	else if (place->what == SIZE)
		spec->size_bytes = value;
	else if (place->what == POKE)
		elf_spec_poke(spec, place->index, 4, value);
}

static uint64_t offset_of(const struct elf_spec *spec, const struct place *place, uint64_t value)
{
	const struct elf_wire *wire = elf_wire_of(spec->class_bits);
	if (place->what == HEADER)
		return wire->header[place->field].offset;
	if (place->what == SEGMENT)
		return spec->header[ELF_E_PHOFF] + place->index * wire->segment_header_bytes + wire->segment[place->field].offset;
	return place->what == SIZE ? value : place->index;
}

static enum status judge(const struct row *row, uint16_t machine, uint64_t value, struct elf_spec *spec, struct where *where)
{
	struct elf_policy policy;
	struct elf elf;
	elf_spec_default(spec, machine);
	elf_policy_strict(machine, &policy);
	if (row->prepare)
		row->prepare(spec, &policy);
	change(spec, &row->changed, value);
	uint8_t *bytes = elf_spec_build(spec);
	enum status status = elf_read(bytes, spec->size_bytes, &elf, where);
	if (status == STATUS_OK)
		status = elf_check(&elf, &policy, where);
	free(bytes);
	return status;
}

static void run_on(const struct row *row, uint16_t machine)
{
	struct elf_spec spec;
	struct where where;
	assert_status(judge(row, machine, row->bad, &spec, &where), row->status);
	const struct place *seen = row->seen.what == SAME ? &row->changed : &row->seen;
	assert_int_equal(where.offset, offset_of(&spec, seen, row->bad));
	if (seen->what == SEGMENT)
		assert_int_equal(where.index, seen->index);
	else if (seen->what != OFFSET)
		assert_int_equal(where.index, WHERE_NO_INDEX);
	if (row->seen.what == SAME)
		assert_int_equal(where.value, row->bad);
	if (row->good != NO_TWIN)
		assert_status(judge(row, machine, row->good, &spec, &where), STATUS_OK);
}

static void run(const void *data)
{
	const struct row *row = data;
	static const uint16_t machines[] = { ELF_MACHINE_386, ELF_MACHINE_X86_64, ELF_MACHINE_AARCH64, ELF_MACHINE_RISCV };
	if (row->machine != BOTH && row->machine != WIDE) {
		run_on(row, row->machine);
		return;
	}
	for (size_t m = row->machine == WIDE ? 1 : 0; m < 4; m++)
		run_on(row, machines[m]);
}

/* ---- what some rows need besides ---- */
#define PREPARE(name) static void name(struct elf_spec *spec __attribute__((unused)), struct elf_policy *policy __attribute__((unused)))

static const struct elf_segment null_segment;

PREPARE(drop_phdr)
{
	spec->segment[SPEC_PHDR].type = ELF_NULL;
}

PREPARE(drop_relro)
{
	spec->segment[SPEC_RELRO].type = ELF_NULL;
}

PREPARE(drop_loads)
{
	for (uint32_t i = 0; i < spec->segment_count; i++)
		spec->segment[i].type = ELF_NULL;
}

/* Loadable segments that have no bytes: they do not count. */
PREPARE(empty_loads)
{
	for (uint32_t i = SPEC_HEADERS; i <= SPEC_DATA; i++)
		spec->segment[i].file_bytes = spec->segment[i].memory_bytes = 0;
}

PREPARE(add_null)
{
	elf_spec_add(spec, &null_segment);
}

PREPARE(fill_table)
{
	while (spec->segment_count < ELF_SEGMENTS_MAX + 1) /* the last of them is counted only in the bad case */
		elf_spec_add(spec, &null_segment);
	spec->segment[SPEC_PHDR].type = ELF_NULL;
	spec->segment[SPEC_NOTE].type = ELF_NULL;
}

PREPARE(machine_of_other_class)
{
	elf_spec_default(spec, spec->header[ELF_E_MACHINE] == ELF_MACHINE_386 ? ELF_MACHINE_X86_64 : ELF_MACHINE_386);
	spec->header[ELF_E_MACHINE] = policy->machine;
}

PREPARE(no_machine)
{
	elf_policy_strict((uint16_t)spec->header[ELF_E_MACHINE] ^ 1, policy);
	policy->machine = (uint16_t)spec->header[ELF_E_MACHINE];
}

PREPARE(refuse_position_independent)
{
	policy->relocation = ELF_RELOCATE_REFUSED;
}

/* Headers and text have equal rights; the text begins inside a page, which the headers' zeros may reach into. */
PREPARE(two_texts_apart)
{
	policy->page_sharing_refused = true;
	spec->segment[SPEC_HEADERS].flags = spec->segment[SPEC_TEXT].flags;
	spec->segment[SPEC_TEXT].vaddr += 8;
	spec->segment[SPEC_TEXT].offset += 8;
}

PREPARE(refuse_tls)
{
	policy->tls_refused = true;
}

PREPARE(add_bss)
{
	const struct elf_segment bss = { .type = ELF_LOAD, .flags = ELF_R | ELF_W, .offset = 0xfffff123, .vaddr = 0x500000,
		.memory_bytes = 0x1000 };
	elf_spec_add(spec, &bss);
}

PREPARE(empty_data)
{
	spec->segment[SPEC_DATA].file_bytes = spec->segment[SPEC_DATA].memory_bytes = 0;
	spec->segment[SPEC_RELRO].type = ELF_NULL;
}

PREPARE(long_text)
{
	spec->segment[SPEC_TEXT].memory_bytes = 0x1000;
}

/* The text lies in the file behind the data, of which it is in front in memory. */
PREPARE(text_behind_data)
{
	spec->size_bytes = 0x4000;
	spec->segment[SPEC_TEXT].offset = 0x3000;
}

PREPARE(text_with_zeros)
{
	spec->segment[SPEC_TEXT].memory_bytes = 0x300;
}

PREPARE(text_unaligned_in_file)
{
	spec->segment[SPEC_TEXT].align = 1;
}

PREPARE(five_pages)
{
	policy->pages_max = 5;
}

PREPARE(six_pages)
{
	policy->pages_max = 6;
}

PREPARE(compressed)
{
	spec->header[ELF_E_FLAGS] = 5;
}

PREPARE(demand_stack_header)
{
	policy->stack_header_required = true;
}

PREPARE(read_only_data)
{
	spec->segment[SPEC_DATA].flags = ELF_R;
}

/* The note becomes the image of thread-local storage: 16 bytes from the file, 32 in memory. */
PREPARE(with_tls)
{
	spec->segment[SPEC_NOTE].type = ELF_TLS;
	spec->segment[SPEC_NOTE].file_bytes = 16;
	spec->segment[SPEC_NOTE].align = 16;
}

/* A position-independent program whose dynamic section, at the start of the data, has three entries and the end. */
PREPARE(with_dynamic)
{
	uint8_t word = spec->class_bits / 8;
	struct elf_segment *dynamic = &spec->segment[SPEC_NOTE];
	spec->header[ELF_E_TYPE] = ELF_TYPE_DYN;
	*dynamic = spec->segment[SPEC_DATA];
	dynamic->type = ELF_DYNAMIC;
	dynamic->file_bytes = dynamic->memory_bytes = 8u * word;
	for (uint32_t i = 0; i < 8; i++)
		elf_spec_poke(spec, SPEC_DATA_OFFSET + i * word, word, i == 6 ? 0 : 0x6ffffef5);
}

PREPARE(with_dynamic_without_end)
{
	with_dynamic(spec, policy);
	spec->segment[SPEC_NOTE].memory_bytes -= spec->class_bits / 4;
}

/* Longer than is taken, as far as its header says. */
PREPARE(with_long_dynamic)
{
	with_dynamic(spec, policy);
	spec->segment[SPEC_NOTE].memory_bytes = 0x10000 + spec->class_bits / 4;
}

PREPARE(with_dynamic_at_fixed_addresses)
{
	with_dynamic(spec, policy);
	spec->header[ELF_E_TYPE] = ELF_TYPE_EXEC;
}

PREPARE(with_two_sizes)
{
	with_dynamic(spec, policy);
	elf_spec_poke(spec, SPEC_DATA_OFFSET, 4, 8);
}

PREPARE(with_dynamic_flags)
{
	with_dynamic(spec, policy);
	elf_spec_poke(spec, SPEC_DATA_OFFSET, 4, 30);
}

/* One note without name and description in the last 12 bytes of the file. */
PREPARE(note_at_end)
{
	spec->segment[SPEC_NOTE].file_bytes = 12;
	elf_spec_poke(spec, SPEC_SIZE - 12, 4, 0);
	elf_spec_poke(spec, SPEC_SIZE - 8, 4, 0);
}

/* One note whose name takes all that notes may have. */
PREPARE(long_note)
{
	spec->size_bytes = 0x40000;
	elf_spec_poke(spec, SPEC_NOTE_OFFSET, 4, ELF_NOTE_BYTES_MAX - 12);
	elf_spec_poke(spec, SPEC_NOTE_OFFSET + 4, 4, 0);
}

PREPARE(late_phdr)
{
	elf_spec_add(spec, &null_segment);
	spec->segment[SPEC_SEGMENT_COUNT] = spec->segment[SPEC_PHDR];
	spec->segment[SPEC_SEGMENT_COUNT].type = ELF_NULL;
	spec->segment[SPEC_PHDR].type = ELF_NULL;
}

PREPARE(with_symbols)
{
	spec->segment[SPEC_NOTE].type = ELF_GRAFT_SYMBOLS;
	spec->segment[SPEC_NOTE].file_bytes = ARCHIVE_SYMBOL_BYTES;
}

PREPARE(with_many_symbols)
{
	with_symbols(spec, policy);
	spec->size_bytes = 0x100000;
}

PREPARE(with_symbols_at_end)
{
	with_symbols(spec, policy);
	spec->size_bytes = 0x3000;
}

/* ---- the rows ---- */
#define AT_HEADER(field) { HEADER, 0, field }
#define AT_SEGMENT(index, field) { SEGMENT, index, field }
#define AT_OFFSET(offset) { OFFSET, offset, 0 }
#define I(status, byte, bad, good) { STATUS_##status, BOTH, NULL, { IDENT, byte, 0 }, bad, good, { 0 } }
#define N(status, machine, size) { STATUS_##status, machine, NULL, { SIZE, 0, 0 }, size, NO_TWIN, { 0 } }
#define H(status, machine, prepare, field, bad, good) { STATUS_##status, machine, prepare, AT_HEADER(field), bad, good, { 0 } }
#define S(status, machine, prepare, index, field, bad, good) \
	{ STATUS_##status, machine, prepare, AT_SEGMENT(index, field), bad, good, { 0 } }
#define OTHER(status, machine, prepare, changed, bad, good, ...) { STATUS_##status, machine, prepare, changed, bad, good, __VA_ARGS__ }
#define BRACED(...) { __VA_ARGS__ }
#define X64 WIDE
#define X32 ELF_MACHINE_386

static const struct row rows[] = {
	N(ELF_TOO_SHORT, BOTH, 0),
	N(ELF_TOO_SHORT, BOTH, 51),
	N(ELF_TOO_SHORT, X64, 52),
	N(ELF_TOO_SHORT, X64, 63),
	I(ELF_MAGIC, 0, 0x7e, 0x7f),
	I(ELF_MAGIC, 1, 'e', 'E'),
	I(ELF_MAGIC, 2, 'l', 'L'),
	I(ELF_MAGIC, 3, 'f', 'F'),
	I(ELF_CLASS_UNKNOWN, 4, 0, NO_TWIN),
	I(ELF_CLASS_UNKNOWN, 4, 3, NO_TWIN),
	I(ELF_BYTE_ORDER, 5, 0, 1),
	I(ELF_BYTE_ORDER, 5, 2, 1),
	I(ELF_IDENT_VERSION, 6, 0, 1),
	I(ELF_IDENT_VERSION, 6, 2, 1),
	I(ELF_OSABI, 7, 1, 0),
	I(ELF_OSABI, 7, 2, 3),
	I(ELF_OSABI, 7, 255, 0),
	I(ELF_ABI_VERSION, 8, 1, 0),
	I(ELF_IDENT_PADDING, 9, 1, 0),
	I(ELF_IDENT_PADDING, 12, 0x80, 0),
	I(ELF_IDENT_PADDING, 15, 1, 0),

	H(ELF_TYPE, BOTH, NULL, ELF_E_TYPE, 0, NO_TWIN),
	H(ELF_TYPE, BOTH, NULL, ELF_E_TYPE, 1, ELF_TYPE_EXEC),
	H(ELF_TYPE, BOTH, NULL, ELF_E_TYPE, 4, NO_TWIN),
	H(ELF_TYPE, BOTH, NULL, ELF_E_TYPE, 0xfe02, NO_TWIN),
	H(ELF_VERSION, BOTH, NULL, ELF_E_VERSION, 0, 1),
	H(ELF_VERSION, BOTH, NULL, ELF_E_VERSION, 0x101, 1),
	H(ELF_HEADER_SIZE, X64, NULL, ELF_E_EHSIZE, 52, 64),
	H(ELF_HEADER_SIZE, X64, NULL, ELF_E_EHSIZE, 65, 64),
	H(ELF_HEADER_SIZE, X32, NULL, ELF_E_EHSIZE, 64, 52),
	H(ELF_SEGMENT_HEADER_SIZE, X64, NULL, ELF_E_PHENTSIZE, 32, 56),
	H(ELF_SEGMENT_HEADER_SIZE, X64, NULL, ELF_E_PHENTSIZE, 57, 56),
	H(ELF_SEGMENT_HEADER_SIZE, X32, NULL, ELF_E_PHENTSIZE, 56, 32),
	H(ELF_SEGMENT_HEADER_SIZE, X32, NULL, ELF_E_PHENTSIZE, 0, 32),
	H(ELF_NO_SEGMENTS, BOTH, NULL, ELF_E_PHNUM, 0, NO_TWIN),
	H(ELF_EXTENDED_COUNT, BOTH, NULL, ELF_E_PHNUM, 0xffff, NO_TWIN),
	H(ELF_TOO_MANY_SEGMENTS, BOTH, fill_table, ELF_E_PHNUM, ELF_SEGMENTS_MAX + 1, ELF_SEGMENTS_MAX),
	H(ELF_TOO_MANY_SEGMENTS, BOTH, NULL, ELF_E_PHNUM, 0xfffe, NO_TWIN),
	H(ELF_TABLE_INSIDE_HEADER, X64, drop_phdr, ELF_E_PHOFF, 0, 64),
	H(ELF_TABLE_INSIDE_HEADER, X64, drop_phdr, ELF_E_PHOFF, 56, 64),
	H(ELF_TABLE_INSIDE_HEADER, X32, drop_phdr, ELF_E_PHOFF, 48, 52),
	H(ELF_TABLE_UNALIGNED, X64, drop_phdr, ELF_E_PHOFF, 68, 72),
	H(ELF_TABLE_UNALIGNED, X32, drop_phdr, ELF_E_PHOFF, 54, 56),
	H(ELF_TABLE_OUTSIDE, X64, drop_phdr, ELF_E_PHOFF, SPEC_SIZE - 7 * 56 + 8, SPEC_SIZE - 7 * 56),
	H(ELF_TABLE_OUTSIDE, X64, drop_phdr, ELF_E_PHOFF, UINT64_MAX - 7, NO_TWIN),
	OTHER(ELF_TABLE_OUTSIDE, X64, NULL, BRACED(SIZE, 0, 0), 64, NO_TWIN, AT_HEADER(ELF_E_PHOFF)), /* the header and no more */
	OTHER(ELF_TABLE_OUTSIDE, X32, NULL, BRACED(SIZE, 0, 0), 52, NO_TWIN, AT_HEADER(ELF_E_PHOFF)),
	H(ELF_TABLE_OUTSIDE, X32, drop_phdr, ELF_E_PHOFF, SPEC_SIZE - 7 * 32 + 4, SPEC_SIZE - 7 * 32),
	H(ELF_TABLE_OUTSIDE, X32, drop_phdr, ELF_E_PHOFF, UINT32_MAX - 3, NO_TWIN),

	H(ELF_MACHINE, ELF_MACHINE_X86_64, NULL, ELF_E_MACHINE, ELF_MACHINE_386, ELF_MACHINE_X86_64),
	H(ELF_MACHINE, ELF_MACHINE_X86_64, NULL, ELF_E_MACHINE, ELF_MACHINE_AARCH64, ELF_MACHINE_X86_64),
	H(ELF_MACHINE, ELF_MACHINE_AARCH64, NULL, ELF_E_MACHINE, ELF_MACHINE_X86_64, ELF_MACHINE_AARCH64),
	H(ELF_MACHINE, ELF_MACHINE_RISCV, NULL, ELF_E_MACHINE, 244, ELF_MACHINE_RISCV),
	H(ELF_MACHINE, X32, NULL, ELF_E_MACHINE, 0, ELF_MACHINE_386),
	H(ELF_MACHINE, ELF_MACHINE_X86_64, no_machine, ELF_E_MACHINE, ELF_MACHINE_X86_64, NO_TWIN),
	OTHER(ELF_CLASS, X64, machine_of_other_class, BRACED(IDENT, 4, 0), 1, NO_TWIN, { IDENT, 4, 0 }),
	OTHER(ELF_CLASS, X32, machine_of_other_class, BRACED(IDENT, 4, 0), 2, NO_TWIN, { IDENT, 4, 0 }),
	H(ELF_FLAGS, X32, NULL, ELF_E_FLAGS, 1, 0),
	H(ELF_FLAGS, ELF_MACHINE_X86_64, NULL, ELF_E_FLAGS, 1, 0),
	H(ELF_FLAGS, ELF_MACHINE_AARCH64, NULL, ELF_E_FLAGS, 0x80000000, 0),
	H(ELF_FLAGS, ELF_MACHINE_RISCV, NULL, ELF_E_FLAGS, 0x0d, 0x05),
	H(ELF_FLAGS, ELF_MACHINE_RISCV, NULL, ELF_E_FLAGS, 0x14, 0x04),
	H(ELF_FLAGS, ELF_MACHINE_RISCV, NULL, ELF_E_FLAGS, 0x07, 0x05),

	S(ELF_INTERPRETER, BOTH, NULL, SPEC_NOTE, ELF_P_TYPE, ELF_INTERP, ELF_NOTE),
	S(ELF_INTERPRETER, BOTH, refuse_position_independent, SPEC_STACK, ELF_P_TYPE, ELF_INTERP, ELF_GNU_STACK),
	H(ELF_POSITION_INDEPENDENT, BOTH, refuse_position_independent, ELF_E_TYPE, ELF_TYPE_DYN, ELF_TYPE_EXEC),
	S(ELF_SEGMENT_TYPE, BOTH, NULL, SPEC_STACK, ELF_P_TYPE, 8, ELF_GNU_STACK),
	S(ELF_SEGMENT_TYPE, BOTH, NULL, SPEC_STACK, ELF_P_TYPE, 0x6474e555, ELF_PAX_FLAGS),
	S(ELF_SEGMENT_TYPE, X32, NULL, SPEC_STACK, ELF_P_TYPE, ELF_RISCV_ATTRIBUTES, ELF_GNU_SFRAME),
	S(ELF_SEGMENT_TYPE, ELF_MACHINE_X86_64, NULL, SPEC_STACK, ELF_P_TYPE, ELF_RISCV_ATTRIBUTES, ELF_GNU_SFRAME),
	S(ELF_SEGMENT_TYPE, ELF_MACHINE_RISCV, NULL, SPEC_STACK, ELF_P_TYPE, ELF_AARCH64_MEMTAG, ELF_RISCV_ATTRIBUTES),
	S(ELF_SEGMENT_TYPE, ELF_MACHINE_AARCH64, NULL, SPEC_STACK, ELF_P_TYPE, 0x70000001, ELF_AARCH64_MEMTAG),
	S(ELF_SEGMENT_TYPE_RESERVED, BOTH, NULL, SPEC_NOTE, ELF_P_TYPE, ELF_SHLIB, ELF_NOTE),
	S(ELF_DUPLICATE, BOTH, add_null, SPEC_SEGMENT_COUNT, ELF_P_TYPE, ELF_GNU_STACK, ELF_NULL),
	S(ELF_DUPLICATE, BOTH, add_null, SPEC_SEGMENT_COUNT, ELF_P_TYPE, ELF_GNU_RELRO, ELF_NOTE),
	S(ELF_DUPLICATE, BOTH, add_null, SPEC_SEGMENT_COUNT, ELF_P_TYPE, ELF_PHDR, ELF_GNU_EH_FRAME),
	S(ELF_DUPLICATE, BOTH, with_tls, SPEC_STACK, ELF_P_TYPE, ELF_TLS, ELF_GNU_STACK),

	S(ELF_FILE_EXCEEDS_MEMORY, BOTH, NULL, SPEC_TEXT, ELF_P_FILESZ, SPEC_TEXT_BYTES + 1, SPEC_TEXT_BYTES),
	S(ELF_FILE_EXCEEDS_MEMORY, X64, NULL, SPEC_DATA, ELF_P_FILESZ, UINT64_MAX, NO_TWIN),
	S(ELF_FILE_EXCEEDS_MEMORY, BOTH, empty_data, SPEC_DATA, ELF_P_FILESZ, 1, 0),
	S(ELF_SEGMENT_OUTSIDE_FILE, BOTH, drop_relro, SPEC_DATA, ELF_P_OFFSET, SPEC_DATA_OFFSET + 0x1000, SPEC_DATA_OFFSET),
	S(ELF_SEGMENT_OUTSIDE_FILE, X64, drop_relro, SPEC_DATA, ELF_P_OFFSET, 0xffffffffffffff00, NO_TWIN),
	S(ELF_SEGMENT_OUTSIDE_FILE, X32, drop_relro, SPEC_DATA, ELF_P_OFFSET, 0xffffff00, NO_TWIN),
	OTHER(ELF_SEGMENT_OUTSIDE_FILE, BOTH, NULL, BRACED(SIZE, 0, 0), SPEC_SIZE - 1, SPEC_SIZE, AT_SEGMENT(SPEC_DATA, ELF_P_OFFSET)),
	OTHER(ELF_SEGMENT_OUTSIDE_FILE, BOTH, add_bss, AT_SEGMENT(SPEC_SEGMENT_COUNT, ELF_P_FILESZ), 1, 0,
	      AT_SEGMENT(SPEC_SEGMENT_COUNT, ELF_P_OFFSET)),
	S(ELF_SEGMENT_WRAPS, X64, NULL, SPEC_DATA, ELF_P_MEMSZ, UINT64_MAX, NO_TWIN),
	S(ELF_SEGMENT_WRAPS, X64, NULL, SPEC_DATA, ELF_P_MEMSZ, 0 - (uint64_t)SPEC_DATA_VADDR, NO_TWIN),
	S(ELF_SEGMENT_WRAPS, X64, NULL, SPEC_DATA, ELF_P_MEMSZ, 0 - (uint64_t)SPEC_DATA_VADDR - 0xffe, NO_TWIN),
	S(ELF_SEGMENT_WRAPS, X32, NULL, SPEC_DATA, ELF_P_MEMSZ, UINT32_MAX, NO_TWIN),
	S(ELF_SEGMENT_WRAPS, X32, NULL, SPEC_DATA, ELF_P_MEMSZ, UINT32_MAX - SPEC_DATA_VADDR + 2, NO_TWIN),
	OTHER(ELF_SEGMENT_WRAPS, X64, NULL, AT_SEGMENT(SPEC_DATA, ELF_P_VADDR), 0xffffffffffffff00, NO_TWIN,
	      AT_SEGMENT(SPEC_DATA, ELF_P_MEMSZ)),
	OTHER(ELF_SEGMENT_WRAPS, X32, NULL, AT_SEGMENT(SPEC_DATA, ELF_P_VADDR), 0xffffff00, NO_TWIN, AT_SEGMENT(SPEC_DATA, ELF_P_MEMSZ)),
	S(ELF_BELOW_FLOOR, BOTH, drop_phdr, SPEC_HEADERS, ELF_P_VADDR, 0, 0x10000),
	S(ELF_BELOW_FLOOR, BOTH, drop_phdr, SPEC_HEADERS, ELF_P_VADDR, 0xf000, 0x10000),
	S(ELF_BELOW_FLOOR, BOTH, drop_phdr, SPEC_HEADERS, ELF_P_VADDR, 0xffff, 0x10000),
	OTHER(ELF_ABOVE_CEILING, ELF_MACHINE_X86_64, drop_relro, AT_SEGMENT(SPEC_DATA, ELF_P_VADDR), 0x7fffffffcf00, 0x7fffffffbf00,
	      AT_SEGMENT(SPEC_DATA, ELF_P_VADDR)),
	OTHER(ELF_ABOVE_CEILING, X32, drop_relro, AT_SEGMENT(SPEC_DATA, ELF_P_VADDR), 0xdfffdf00, 0xdfffcf00,
	      AT_SEGMENT(SPEC_DATA, ELF_P_VADDR)),
	OTHER(ELF_ABOVE_CEILING, ELF_MACHINE_AARCH64, drop_relro, AT_SEGMENT(SPEC_DATA, ELF_P_VADDR), 0xffffffdf00, 0xffffffcf00,
	      AT_SEGMENT(SPEC_DATA, ELF_P_VADDR)),
	OTHER(ELF_ABOVE_CEILING, ELF_MACHINE_RISCV, drop_relro, AT_SEGMENT(SPEC_DATA, ELF_P_VADDR), 0x3fffffcf00, 0x3fffffbf00,
	      AT_SEGMENT(SPEC_DATA, ELF_P_VADDR)),
	OTHER(ELF_ABOVE_CEILING, X32, NULL, AT_SEGMENT(SPEC_DATA, ELF_P_MEMSZ), UINT32_MAX - SPEC_DATA_VADDR + 1, NO_TWIN,
	      AT_SEGMENT(SPEC_DATA, ELF_P_VADDR)),
	S(ELF_ALIGN_NOT_POWER, BOTH, NULL, SPEC_TEXT, ELF_P_ALIGN, 3, 2),
	S(ELF_ALIGN_NOT_POWER, BOTH, NULL, SPEC_TEXT, ELF_P_ALIGN, 0x1001, 0),
	S(ELF_ALIGN_NOT_POWER, BOTH, NULL, SPEC_TEXT, ELF_P_ALIGN, 0x3000, 1),
	S(ELF_ALIGN_TOO_LARGE, BOTH, add_bss, SPEC_SEGMENT_COUNT, ELF_P_ALIGN, 0x80000000, 0x40000000),
	S(ELF_ALIGN_TOO_LARGE, X64, add_bss, SPEC_SEGMENT_COUNT, ELF_P_ALIGN, 1ull << 63, 0),
	S(ELF_NOT_CONGRUENT, BOTH, NULL, SPEC_TEXT, ELF_P_OFFSET, SPEC_TEXT_OFFSET + 1, SPEC_TEXT_OFFSET),
	S(ELF_NOT_CONGRUENT, BOTH, text_unaligned_in_file, SPEC_TEXT, ELF_P_OFFSET, SPEC_TEXT_OFFSET + 16, SPEC_TEXT_OFFSET),
	OTHER(ELF_NOT_CONGRUENT, BOTH, NULL, AT_SEGMENT(SPEC_TEXT, ELF_P_ALIGN), 0x800000, 0x400000,
	      AT_SEGMENT(SPEC_TEXT, ELF_P_OFFSET)),
	S(ELF_SEGMENT_FLAGS, BOTH, NULL, SPEC_TEXT, ELF_P_FLAGS, 0xd, 5),
	S(ELF_SEGMENT_FLAGS, BOTH, NULL, SPEC_TEXT, ELF_P_FLAGS, 0x80000005, 5),
	S(ELF_NOT_READABLE, BOTH, NULL, SPEC_TEXT, ELF_P_FLAGS, ELF_X, ELF_R | ELF_X),
	S(ELF_NOT_READABLE, BOTH, NULL, SPEC_DATA, ELF_P_FLAGS, ELF_W, ELF_R | ELF_W),
	S(ELF_NOT_READABLE, BOTH, NULL, SPEC_DATA, ELF_P_FLAGS, 0, NO_TWIN),
	S(ELF_WRITABLE_AND_EXECUTABLE, BOTH, NULL, SPEC_TEXT, ELF_P_FLAGS, 7, 5),

	OTHER(ELF_NO_LOAD, BOTH, drop_loads, AT_HEADER(ELF_E_FLAGS), 0, NO_TWIN, AT_HEADER(ELF_E_PHNUM)),
	OTHER(ELF_NO_LOAD, BOTH, empty_loads, AT_HEADER(ELF_E_FLAGS), 0, NO_TWIN, AT_HEADER(ELF_E_PHNUM)),
	S(ELF_NOT_ASCENDING, BOTH, NULL, SPEC_TEXT, ELF_P_VADDR, SPEC_BASE - 0x1000, SPEC_BASE + SPEC_TEXT_OFFSET),
	S(ELF_OVERLAP, BOTH, NULL, SPEC_TEXT, ELF_P_VADDR, SPEC_BASE, SPEC_BASE + SPEC_TEXT_OFFSET),
	OTHER(ELF_OVERLAP, BOTH, NULL, AT_SEGMENT(SPEC_HEADERS, ELF_P_MEMSZ), 0x1001, 0x1000, AT_SEGMENT(SPEC_TEXT, ELF_P_VADDR)),
	OTHER(ELF_PAGE_SHARED, BOTH, NULL, AT_SEGMENT(SPEC_TEXT, ELF_P_MEMSZ), 0x1001, 0x1000, AT_SEGMENT(SPEC_DATA, ELF_P_VADDR)),
	OTHER(ELF_PAGE_SHARED, BOTH, NULL, AT_SEGMENT(SPEC_TEXT, ELF_P_MEMSZ), 0x1f00, NO_TWIN, AT_SEGMENT(SPEC_DATA, ELF_P_VADDR)),
	OTHER(ELF_PAGE_SHARED_AT_ALL, BOTH, two_texts_apart, AT_SEGMENT(SPEC_HEADERS, ELF_P_MEMSZ), 0x1001, 0x1000,
	      AT_SEGMENT(SPEC_TEXT, ELF_P_VADDR)),
	OTHER(ELF_FILE_ALIASED, BOTH, long_text, AT_SEGMENT(SPEC_TEXT, ELF_P_FILESZ), 0xf01, 0xf00, AT_SEGMENT(SPEC_DATA, ELF_P_OFFSET)),
	OTHER(ELF_FILE_ALIASED, BOTH, text_behind_data, AT_SEGMENT(SPEC_DATA, ELF_P_FILESZ), 0x1101, 0x1100,
	      AT_SEGMENT(SPEC_DATA, ELF_P_OFFSET)),
	OTHER(ELF_TOO_MANY_PAGES, BOTH, five_pages, AT_HEADER(ELF_E_FLAGS), 0, NO_TWIN, AT_SEGMENT(SPEC_DATA, ELF_P_MEMSZ)),
	OTHER(ELF_TOO_MANY_PAGES, BOTH, six_pages, AT_SEGMENT(SPEC_DATA, ELF_P_MEMSZ), 0x3101, 0x3100,
	      AT_SEGMENT(SPEC_DATA, ELF_P_MEMSZ)),
	OTHER(ELF_TOO_MANY_PAGES, X64, NULL, AT_SEGMENT(SPEC_DATA, ELF_P_MEMSZ), ELF_PAGES_MAX << 12, NO_TWIN,
	      AT_SEGMENT(SPEC_DATA, ELF_P_MEMSZ)),

	H(ELF_ENTRY_OUTSIDE, BOTH, NULL, ELF_E_ENTRY, 0, SPEC_ENTRY),
	H(ELF_ENTRY_OUTSIDE, BOTH, NULL, ELF_E_ENTRY, SPEC_BASE + SPEC_TEXT_OFFSET - 1, SPEC_BASE + SPEC_TEXT_OFFSET),
	H(ELF_ENTRY_OUTSIDE, BOTH, NULL, ELF_E_ENTRY, SPEC_BASE + SPEC_TEXT_OFFSET + SPEC_TEXT_BYTES,
	  SPEC_BASE + SPEC_TEXT_OFFSET + SPEC_TEXT_BYTES - 4),
	H(ELF_ENTRY_OUTSIDE, X64, NULL, ELF_E_ENTRY, UINT64_MAX, NO_TWIN),
	H(ELF_ENTRY_NOT_EXECUTABLE, BOTH, NULL, ELF_E_ENTRY, SPEC_BASE, SPEC_ENTRY),
	H(ELF_ENTRY_NOT_EXECUTABLE, BOTH, NULL, ELF_E_ENTRY, SPEC_DATA_VADDR, SPEC_ENTRY),
	H(ELF_ENTRY_NOT_IN_FILE, BOTH, text_with_zeros, ELF_E_ENTRY, SPEC_BASE + SPEC_TEXT_OFFSET + SPEC_TEXT_BYTES,
	  SPEC_BASE + SPEC_TEXT_OFFSET + SPEC_TEXT_BYTES - 4),
	H(ELF_ENTRY_UNALIGNED, ELF_MACHINE_AARCH64, NULL, ELF_E_ENTRY, SPEC_ENTRY + 2, SPEC_ENTRY + 4),
	H(ELF_ENTRY_UNALIGNED, ELF_MACHINE_RISCV, NULL, ELF_E_ENTRY, SPEC_ENTRY + 2, SPEC_ENTRY + 4),
	H(ELF_ENTRY_UNALIGNED, ELF_MACHINE_RISCV, compressed, ELF_E_ENTRY, SPEC_ENTRY + 1, SPEC_ENTRY + 2),

	OTHER(ELF_STACK_MISSING, BOTH, demand_stack_header, AT_SEGMENT(SPEC_STACK, ELF_P_TYPE), ELF_NULL, ELF_GNU_STACK,
	      AT_HEADER(ELF_E_PHNUM)),
	S(ELF_STACK_EXECUTABLE, BOTH, NULL, SPEC_STACK, ELF_P_FLAGS, 7, 6),
	S(ELF_STACK_EXECUTABLE, BOTH, NULL, SPEC_STACK, ELF_P_FLAGS, 1, 0),
	S(ELF_TLS_UNSUPPORTED, BOTH, refuse_tls, SPEC_NOTE, ELF_P_TYPE, ELF_TLS, ELF_NOTE),
	S(ELF_TLS_ALIGN, BOTH, with_tls, SPEC_NOTE, ELF_P_ALIGN, 3, 0),
	S(ELF_TLS_ALIGN, BOTH, with_tls, SPEC_NOTE, ELF_P_ALIGN, 0x2000, 0x1000),
	S(ELF_TLS_TOO_LARGE, BOTH, with_tls, SPEC_NOTE, ELF_P_MEMSZ, ELF_TLS_BYTES_MAX + 1, ELF_TLS_BYTES_MAX),
	S(ELF_TLS_FILE_EXCEEDS_MEMORY, BOTH, with_tls, SPEC_NOTE, ELF_P_FILESZ, 0x21, 0x20),
	S(ELF_TLS_OUTSIDE, BOTH, with_tls, SPEC_NOTE, ELF_P_VADDR, SPEC_BASE + SPEC_HEADERS_SIZE, SPEC_BASE + SPEC_NOTE_OFFSET),
	OTHER(ELF_TLS_OUTSIDE, BOTH, with_tls, AT_SEGMENT(SPEC_NOTE, ELF_P_OFFSET), SPEC_NOTE_OFFSET + 8, SPEC_NOTE_OFFSET,
	      AT_SEGMENT(SPEC_NOTE, ELF_P_VADDR)),
	OTHER(ELF_TLS_OUTSIDE, BOTH, with_tls, AT_SEGMENT(SPEC_HEADERS, ELF_P_FILESZ), SPEC_NOTE_OFFSET + 15, SPEC_NOTE_OFFSET + 16,
	      AT_SEGMENT(SPEC_NOTE, ELF_P_VADDR)),
	S(ELF_RELRO_OUTSIDE, BOTH, NULL, SPEC_RELRO, ELF_P_VADDR, SPEC_DATA_VADDR + 8, SPEC_DATA_VADDR),
	S(ELF_RELRO_OUTSIDE, BOTH, NULL, SPEC_RELRO, ELF_P_VADDR, SPEC_BASE + SPEC_TEXT_OFFSET, SPEC_DATA_VADDR),
	S(ELF_RELRO_OUTSIDE, BOTH, NULL, SPEC_RELRO, ELF_P_VADDR, 0, NO_TWIN),
	S(ELF_RELRO_OUTSIDE, BOTH, NULL, SPEC_RELRO, ELF_P_MEMSZ, 0x3101, 0x3100),
	S(ELF_RELRO_OUTSIDE, X64, NULL, SPEC_RELRO, ELF_P_MEMSZ, UINT64_MAX, 0),
	OTHER(ELF_RELRO_OUTSIDE, BOTH, read_only_data, AT_HEADER(ELF_E_FLAGS), 0, NO_TWIN, AT_SEGMENT(SPEC_RELRO, ELF_P_VADDR)),
	S(ELF_DYNAMIC_UNSUPPORTED, BOTH, refuse_position_independent, SPEC_NOTE, ELF_P_TYPE, ELF_DYNAMIC, ELF_NOTE),
	S(ELF_DYNAMIC_TOO_LONG, WIDE, with_long_dynamic, SPEC_NOTE, ELF_P_FILESZ, 0x10010, NO_TWIN),
	S(ELF_DYNAMIC_TOO_LONG, X32, with_long_dynamic, SPEC_NOTE, ELF_P_FILESZ, 0x10008, NO_TWIN),
	OTHER(ELF_DYNAMIC_SIZE, BOTH, with_dynamic, AT_SEGMENT(SPEC_NOTE, ELF_P_MEMSZ), 0x48, NO_TWIN,
	      AT_SEGMENT(SPEC_NOTE, ELF_P_FILESZ)),
	S(ELF_DYNAMIC_SIZE, X64, with_dynamic, SPEC_NOTE, ELF_P_FILESZ, 0x48, 0x40),
	S(ELF_DYNAMIC_UNALIGNED, BOTH, with_dynamic, SPEC_NOTE, ELF_P_VADDR, SPEC_DATA_VADDR + 2, SPEC_DATA_VADDR),
	S(ELF_DYNAMIC_OUTSIDE, BOTH, with_dynamic, SPEC_NOTE, ELF_P_VADDR, SPEC_DATA_VADDR - 0x100, SPEC_DATA_VADDR),
	S(ELF_DYNAMIC_OUTSIDE, BOTH, with_dynamic, SPEC_NOTE, ELF_P_VADDR, SPEC_DATA_VADDR + SPEC_DATA_FILE, SPEC_DATA_VADDR),
	OTHER(ELF_DYNAMIC_OUTSIDE, BOTH, with_dynamic, AT_SEGMENT(SPEC_NOTE, ELF_P_OFFSET), SPEC_DATA_OFFSET + 0x20, SPEC_DATA_OFFSET,
	      AT_SEGMENT(SPEC_NOTE, ELF_P_VADDR)),
	S(ELF_DYNAMIC_UNTERMINATED, X64, with_dynamic_without_end, SPEC_NOTE, ELF_P_FILESZ, 0x30, NO_TWIN),
	S(ELF_DYNAMIC_UNTERMINATED, X32, with_dynamic_without_end, SPEC_NOTE, ELF_P_FILESZ, 0x18, NO_TWIN),
	OTHER(ELF_DYNAMIC_NEEDED, BOTH, with_dynamic, BRACED(POKE, SPEC_DATA_OFFSET, 0), 1, 5, AT_OFFSET(SPEC_DATA_OFFSET)),
	OTHER(ELF_DYNAMIC_TEXT_RELOCATIONS, BOTH, with_dynamic, BRACED(POKE, SPEC_DATA_OFFSET, 0), 22, 21,
	      AT_OFFSET(SPEC_DATA_OFFSET)),
	OTHER(ELF_DYNAMIC_TEXT_RELOCATIONS, X64, with_dynamic_flags, BRACED(POKE, SPEC_DATA_OFFSET + 8, 0), 4, 3,
	      AT_OFFSET(SPEC_DATA_OFFSET)),
	OTHER(ELF_DYNAMIC_TEXT_RELOCATIONS, X32, with_dynamic_flags, BRACED(POKE, SPEC_DATA_OFFSET + 4, 0), 12, 8,
	      AT_OFFSET(SPEC_DATA_OFFSET)),
	OTHER(ELF_DYNAMIC_LAZY_BINDING, BOTH, with_dynamic, BRACED(POKE, SPEC_DATA_OFFSET, 0), 23, 24, AT_OFFSET(SPEC_DATA_OFFSET)),
	OTHER(ELF_DYNAMIC_NEEDED, BOTH, with_dynamic_at_fixed_addresses, BRACED(POKE, SPEC_DATA_OFFSET, 0), 1, 5,
	      AT_OFFSET(SPEC_DATA_OFFSET)),
	OTHER(ELF_DYNAMIC_FORMAT, BOTH, with_dynamic, BRACED(POKE, SPEC_DATA_OFFSET, 0), 38, 39, AT_OFFSET(SPEC_DATA_OFFSET)),
	OTHER(ELF_DYNAMIC_FORMAT, BOTH, with_dynamic, BRACED(POKE, SPEC_DATA_OFFSET, 0), 0x40000026, 0x40000027,
	      AT_OFFSET(SPEC_DATA_OFFSET)),
	OTHER(ELF_DYNAMIC_FORMAT, BOTH, with_dynamic, BRACED(POKE, SPEC_DATA_OFFSET, 0), 0x6000000f, 0x6000000e,
	      AT_OFFSET(SPEC_DATA_OFFSET)),
	OTHER(ELF_DYNAMIC_FORMAT, BOTH, with_dynamic, BRACED(POKE, SPEC_DATA_OFFSET, 0), 0x60000011, 0x60000013,
	      AT_OFFSET(SPEC_DATA_OFFSET)),
	OTHER(ELF_DYNAMIC_FORMAT, BOTH, with_dynamic, BRACED(POKE, SPEC_DATA_OFFSET, 0), 0x6fffe000, 0x6fffe002,
	      AT_OFFSET(SPEC_DATA_OFFSET)),
	OTHER(ELF_DYNAMIC_FORMAT, ELF_MACHINE_AARCH64, with_dynamic, BRACED(POKE, SPEC_DATA_OFFSET, 0), 0x70000012, 0x70000011,
	      AT_OFFSET(SPEC_DATA_OFFSET)),
	OTHER(ELF_DYNAMIC_REPEATED, WIDE, with_two_sizes, BRACED(POKE, SPEC_DATA_OFFSET + 16, 0), 8, 10,
	      AT_OFFSET(SPEC_DATA_OFFSET + 16)),
	OTHER(ELF_DYNAMIC_REPEATED, X32, with_two_sizes, BRACED(POKE, SPEC_DATA_OFFSET + 8, 0), 8, 10,
	      AT_OFFSET(SPEC_DATA_OFFSET + 8)),

	S(ELF_NOTE_OUTSIDE, BOTH, note_at_end, SPEC_NOTE, ELF_P_OFFSET, SPEC_SIZE - 11, SPEC_SIZE - 12),
	S(ELF_NOTE_OUTSIDE, X64, NULL, SPEC_NOTE, ELF_P_OFFSET, UINT64_MAX, NO_TWIN),
	S(ELF_NOTE_OUTSIDE, X32, NULL, SPEC_NOTE, ELF_P_OFFSET, UINT32_MAX, NO_TWIN),
	S(ELF_NOTE_TOO_LONG, BOTH, long_note, SPEC_NOTE, ELF_P_FILESZ, ELF_NOTE_BYTES_MAX + 1, ELF_NOTE_BYTES_MAX),
	S(ELF_NOTE_ALIGN, BOTH, NULL, SPEC_NOTE, ELF_P_ALIGN, 16, 0),
	S(ELF_NOTE_ALIGN, BOTH, NULL, SPEC_NOTE, ELF_P_ALIGN, 5, 1),
	S(ELF_NOTE_ALIGN, BOTH, NULL, SPEC_NOTE, ELF_P_ALIGN, 3, 2),
	OTHER(ELF_NOTE_MALFORMED, BOTH, NULL, AT_SEGMENT(SPEC_NOTE, ELF_P_FILESZ), 0x1f, 0x20, AT_OFFSET(SPEC_NOTE_OFFSET + 20)),
	OTHER(ELF_NOTE_MALFORMED, BOTH, NULL, BRACED(POKE, SPEC_NOTE_OFFSET, 0), 0xffffffff, 4, AT_OFFSET(SPEC_NOTE_OFFSET)),
	OTHER(ELF_NOTE_MALFORMED, BOTH, NULL, BRACED(POKE, SPEC_NOTE_OFFSET + 4, 0), 0x11, 0x10, AT_OFFSET(SPEC_NOTE_OFFSET)),
	OTHER(ELF_NOTE_MALFORMED, BOTH, NULL, BRACED(POKE, SPEC_NOTE_OFFSET + 4, 0), 0xfffffffc, 4, AT_OFFSET(SPEC_NOTE_OFFSET)),
	OTHER(ELF_NOTE_MALFORMED, BOTH, NULL, BRACED(POKE, SPEC_NOTE_OFFSET + 20, 0), 1, 0, AT_OFFSET(SPEC_NOTE_OFFSET + 20)),
	OTHER(ELF_NOTE_MALFORMED, BOTH, NULL, BRACED(POKE, SPEC_NOTE_OFFSET + 24, 0), 1, 0, AT_OFFSET(SPEC_NOTE_OFFSET + 20)),
	S(ELF_PHDR_LATE, BOTH, late_phdr, SPEC_SEGMENT_COUNT, ELF_P_TYPE, ELF_PHDR, ELF_NULL),
	S(ELF_PHDR_MISPLACED, X64, NULL, SPEC_PHDR, ELF_P_OFFSET, 72, 64),
	S(ELF_PHDR_MISPLACED, X64, NULL, SPEC_PHDR, ELF_P_FILESZ, 6 * 56, 7 * 56),
	S(ELF_PHDR_MISPLACED, X32, NULL, SPEC_PHDR, ELF_P_FILESZ, 7 * 32 + 1, 7 * 32),
	S(ELF_PHDR_MISPLACED, X64, NULL, SPEC_PHDR, ELF_P_MEMSZ, 7 * 56 + 1, 7 * 56),
	S(ELF_PHDR_MISPLACED, X32, NULL, SPEC_PHDR, ELF_P_MEMSZ, 0, 7 * 32),
	S(ELF_PHDR_MISPLACED, X64, NULL, SPEC_PHDR, ELF_P_VADDR, SPEC_BASE + 72, SPEC_BASE + 64),
	S(ELF_PHDR_MISPLACED, X32, NULL, SPEC_PHDR, ELF_P_VADDR, 0, SPEC_BASE + 52),
	S(ELF_SYMBOLS_MALFORMED, BOTH, with_symbols, SPEC_NOTE, ELF_P_FILESZ, ARCHIVE_SYMBOL_BYTES + 1, ARCHIVE_SYMBOL_BYTES),
	S(ELF_SYMBOLS_MALFORMED, BOTH, with_many_symbols, SPEC_NOTE, ELF_P_FILESZ, (ARCHIVE_SYMBOLS_MAX + 1) * ARCHIVE_SYMBOL_BYTES,
	  ARCHIVE_SYMBOLS_MAX * ARCHIVE_SYMBOL_BYTES),
	S(ELF_SYMBOLS_MALFORMED, BOTH, with_symbols_at_end, SPEC_NOTE, ELF_P_OFFSET, 0x3000 - ARCHIVE_SYMBOL_BYTES + 1,
	  0x3000 - ARCHIVE_SYMBOL_BYTES),
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

static struct reject_case cases[ROW_COUNT];
static char names[ROW_COUNT][64];
const struct reject_case *const reject_elf_cases = cases;
const size_t reject_elf_count = ROW_COUNT;

__attribute__((constructor)) static void fill_cases(void)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		snprintf(names[i], sizeof names[i], "%s %zu", status_name(rows[i].status), i);
		cases[i] = (struct reject_case) { rows[i].status, names[i], run, &rows[i] };
	}
}
