/* SPDX-License-Identifier: BSD-2-Clause */
/* ELF files for tests, built from a description. */
#include "test/support/elf_spec.h"
#include <assert.h>
#include <stdlib.h>

static void set_header(struct elf_spec *spec, const struct elf_wire *wire, uint16_t machine)
{
	static const uint8_t ident[ELF_IDENT_BYTES] = { 0x7f, 'E', 'L', 'F', 0, 1, 1 };
	memcpy(spec->ident, ident, sizeof ident);
	spec->ident[ELF_IDENT_CLASS] = wire->class_bits == 32 ? 1 : 2;
	spec->header[ELF_E_TYPE] = ELF_TYPE_EXEC;
	spec->header[ELF_E_MACHINE] = machine;
	spec->header[ELF_E_VERSION] = 1;
	spec->header[ELF_E_ENTRY] = SPEC_ENTRY;
	spec->header[ELF_E_PHOFF] = wire->word_bytes == 4 ? 52 : 64;
	spec->header[ELF_E_SHOFF] = UINT32_MAX; /* section headers are never looked at */
	spec->header[ELF_E_EHSIZE] = wire->header_bytes;
	spec->header[ELF_E_PHENTSIZE] = wire->segment_header_bytes;
	spec->header[ELF_E_PHNUM] = SPEC_SEGMENT_COUNT;
	spec->header[ELF_E_SHNUM] = UINT16_MAX;
}

static void set_segments(struct elf_spec *spec, const struct elf_wire *wire)
{
	uint64_t phoff = spec->header[ELF_E_PHOFF], table_bytes = SPEC_SEGMENT_COUNT * wire->segment_header_bytes;
	const struct elf_segment segments[SPEC_SEGMENT_COUNT] = {
		[SPEC_PHDR] = { .type = ELF_PHDR, .flags = ELF_R, .offset = phoff, .vaddr = SPEC_BASE + phoff,
			.file_bytes = table_bytes, .memory_bytes = table_bytes, .align = 8 },
		[SPEC_HEADERS] = { .type = ELF_LOAD, .flags = ELF_R, .vaddr = SPEC_BASE, .file_bytes = SPEC_HEADERS_SIZE,
			.memory_bytes = SPEC_HEADERS_SIZE, .align = 0x1000 },
		[SPEC_TEXT] = { .type = ELF_LOAD, .flags = ELF_R | ELF_X, .offset = SPEC_TEXT_OFFSET,
			.vaddr = SPEC_BASE + SPEC_TEXT_OFFSET, .file_bytes = SPEC_TEXT_BYTES, .memory_bytes = SPEC_TEXT_BYTES,
			.align = 0x1000 },
		[SPEC_DATA] = { .type = ELF_LOAD, .flags = ELF_R | ELF_W, .offset = SPEC_DATA_OFFSET, .vaddr = SPEC_DATA_VADDR,
			.file_bytes = SPEC_DATA_FILE, .memory_bytes = SPEC_DATA_MEMORY, .align = 0x1000 },
		[SPEC_NOTE] = { .type = ELF_NOTE, .flags = ELF_R, .offset = SPEC_NOTE_OFFSET, .vaddr = SPEC_BASE + SPEC_NOTE_OFFSET,
			.file_bytes = SPEC_NOTE_BYTES, .memory_bytes = SPEC_NOTE_BYTES, .align = 4 },
		[SPEC_STACK] = { .type = ELF_GNU_STACK, .flags = ELF_R | ELF_W, .align = 16 },
		[SPEC_RELRO] = { .type = ELF_GNU_RELRO, .flags = ELF_R, .offset = SPEC_DATA_OFFSET, .vaddr = SPEC_DATA_VADDR,
			.file_bytes = 0x100, .memory_bytes = 0x100, .align = 1 },
	};
	memcpy(spec->segment, segments, sizeof segments);
	spec->segment_count = SPEC_SEGMENT_COUNT;
}

void elf_spec_default(struct elf_spec *spec, uint16_t machine)
{
	const struct elf_wire *wire = elf_wire_of(machine == ELF_MACHINE_386 ? 32 : 64);
	*spec = (struct elf_spec) { .class_bits = wire->class_bits, .size_bytes = SPEC_SIZE };
	set_header(spec, wire, machine);
	set_segments(spec, wire);
	/* Two notes of 4-byte names: one with 4 bytes of description, one with none. */
	elf_spec_poke(spec, SPEC_NOTE_OFFSET, 4, 4);
	elf_spec_poke(spec, SPEC_NOTE_OFFSET + 4, 4, 4);
	elf_spec_poke(spec, SPEC_NOTE_OFFSET + 20, 4, 0);
	elf_spec_poke(spec, SPEC_NOTE_OFFSET + 24, 4, 0);
}

void elf_spec_poke(struct elf_spec *spec, uint64_t offset, uint8_t bytes, uint64_t value)
{
	assert(spec->poke_count < ELF_SPEC_POKES_MAX);
	uint32_t i = spec->poke_count++;
	spec->poke[i].offset = offset;
	spec->poke[i].bytes = bytes;
	spec->poke[i].value = value;
}

uint32_t elf_spec_add(struct elf_spec *spec, const struct elf_segment *segment)
{
	const struct elf_wire *wire = elf_wire_of(spec->class_bits);
	assert(spec->segment_count < ELF_SPEC_SEGMENTS_MAX);
	spec->segment[spec->segment_count] = *segment;
	spec->header[ELF_E_PHNUM]++;
	if (spec->segment[SPEC_PHDR].type == ELF_PHDR) {
		spec->segment[SPEC_PHDR].file_bytes += wire->segment_header_bytes;
		spec->segment[SPEC_PHDR].memory_bytes += wire->segment_header_bytes;
	}
	return spec->segment_count++;
}

uint8_t elf_spec_fill(uint64_t offset)
{
	return (uint8_t)((offset * 131 + (offset >> 8) * 17) | 1);
}

static void put_segment(const struct elf_wire *wire, uint8_t *at, const struct elf_segment *segment)
{
	const uint64_t value[ELF_P_COUNT] = {
		[ELF_P_TYPE] = segment->type, [ELF_P_FLAGS] = segment->flags, [ELF_P_OFFSET] = segment->offset,
		[ELF_P_VADDR] = segment->vaddr, [ELF_P_PADDR] = UINT32_MAX, [ELF_P_FILESZ] = segment->file_bytes,
		[ELF_P_MEMSZ] = segment->memory_bytes, [ELF_P_ALIGN] = segment->align,
	};
	for (uint32_t i = 0; i < ELF_P_COUNT; i++)
		elf_wire_put(at, wire->segment[i], value[i]);
}

/* What does not fit the file, or would overwrite the ELF header, is left out: a test that asks for it means that. */
static void put_all(const struct elf_spec *spec, const struct elf_wire *wire, uint8_t *bytes, uint64_t size_bytes)
{
	uint64_t phoff = spec->header[ELF_E_PHOFF];
	memcpy(bytes, spec->ident, sizeof spec->ident);
	for (uint32_t i = 0; i < ELF_E_COUNT; i++)
		elf_wire_put(bytes, wire->header[i], spec->header[i]);
	for (uint32_t i = 0; i < spec->segment_count; i++) {
		uint64_t at = phoff + (uint64_t)i * wire->segment_header_bytes;
		if (phoff >= wire->header_bytes && phoff < size_bytes && range_is_inside(at, wire->segment_header_bytes, size_bytes))
			put_segment(wire, bytes + at, &spec->segment[i]);
	}
	for (uint32_t i = 0; i < spec->poke_count; i++)
		if (range_is_inside(spec->poke[i].offset, spec->poke[i].bytes, size_bytes))
			for (uint32_t byte = 0; byte < spec->poke[i].bytes; byte++)
				bytes[spec->poke[i].offset + byte] = (uint8_t)(spec->poke[i].value >> 8 * byte);
}

uint8_t *elf_spec_build(const struct elf_spec *spec)
{
	/* Headers are laid in a buffer that always holds them, of which the file is the beginning. */
	uint64_t room = spec->size_bytes + 64;
	uint8_t *whole = malloc(room), *file = malloc(spec->size_bytes ? spec->size_bytes : 1);
	assert(whole && file);
	for (uint64_t i = 0; i < room; i++)
		whole[i] = elf_spec_fill(i);
	put_all(spec, elf_wire_of(spec->class_bits), whole, room);
	memcpy(file, whole, spec->size_bytes);
	free(whole);
	return file;
}
