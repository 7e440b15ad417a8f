/* SPDX-License-Identifier: BSD-2-Clause */
/* Random programs. Segments are laid one after the other, now and then sharing a page with one of the same rights. */
#include "test/support/elf_random.h"

#define HEADERS_ROOM 0x1000u /* ELF header and 64 program headers */

struct layout {
	uint64_t vaddr;  /* end of the last segment in memory */
	uint64_t offset; /* in the file */
	uint32_t flags;  /* of the last segment; 0: there is none */
};

uint16_t elf_random_machine(struct random *random)
{
	static const uint16_t machines[] = { ELF_MACHINE_386, ELF_MACHINE_X86_64, ELF_MACHINE_AARCH64, ELF_MACHINE_RISCV };
	return machines[random_below(random, 4)];
}

static uint64_t random_size(struct random *random)
{
	switch (random_below(random, 4)) {
	case 0:
		return 0;
	case 1:
		return random_between(random, 1, 100);
	case 2:
		return PAGE_BYTES * random_below(random, 4);
	default:
		return random_below(random, 3 * PAGE_BYTES);
	}
}

/* A start in the last segment's page, right at its end page, or somewhere above. */
static uint64_t random_vaddr(struct random *random, const struct layout *layout, uint32_t flags)
{
	uint64_t next_page = round_up(layout->vaddr, PAGE_BYTES);
	if (flags == layout->flags && random_below(random, 2) == 0)
		return layout->vaddr + random_below(random, 3) * random_below(random, 200);
	return next_page + random_below(random, 3) * PAGE_BYTES + random_below(random, 2) * random_below(random, PAGE_BYTES);
}

static void add_load(struct random *random, struct elf_spec *spec, struct layout *layout, uint32_t flags, uint64_t least)
{
	struct elf_segment load = { .type = ELF_LOAD, .flags = flags, .align = PAGE_BYTES };
	load.vaddr = random_vaddr(random, layout, flags);
	load.file_bytes = least + random_size(random);
	load.memory_bytes = load.file_bytes + (random_below(random, 2) ? random_size(random) : 0);
	load.offset = layout->offset + ((load.vaddr - layout->offset) & (PAGE_BYTES - 1));
	if (load.memory_bytes != 0) {
		layout->vaddr = load.vaddr + load.memory_bytes;
		layout->flags = flags;
	}
	if (load.file_bytes != 0)
		layout->offset = load.offset + load.file_bytes;
	elf_spec_add(spec, &load);
	if (least != 0)
		spec->header[ELF_E_ENTRY] = load.vaddr + ((0 - load.vaddr) & 3);
}

/* A first segment with the headers in it, as linkers make it, and sometimes the header that says so. */
static void add_headers(struct random *random, struct elf_spec *spec, struct layout *layout)
{
	const struct elf_segment load = { .type = ELF_LOAD, .flags = ELF_R, .vaddr = SPEC_BASE, .file_bytes = HEADERS_ROOM,
		.memory_bytes = HEADERS_ROOM, .align = PAGE_BYTES };
	const struct elf_wire *wire = elf_wire_of(spec->class_bits);
	const struct elf_segment phdr = { .type = ELF_PHDR, .flags = ELF_R, .offset = wire->header_bytes,
		.vaddr = SPEC_BASE + wire->header_bytes }; /* its length grows with every header added */
	if (random_below(random, 2))
		elf_spec_add(spec, &phdr);
	elf_spec_add(spec, &load);
	layout->vaddr = SPEC_BASE + HEADERS_ROOM;
	layout->flags = ELF_R;
}

static void add_other(struct random *random, struct elf_spec *spec)
{
	static const uint32_t types[] = { ELF_NULL, ELF_GNU_STACK, ELF_GNU_EH_FRAME, ELF_PAX_FLAGS };
	uint32_t type = types[random_below(random, 4)];
	struct elf_segment other = { .type = type, .flags = ELF_R | ELF_W };
	for (uint32_t i = 0; i < spec->segment_count; i++)
		if (spec->segment[i].type == type)
			other.type = ELF_NULL;
	if (other.type == ELF_NULL)
		other.offset = other.vaddr = other.file_bytes = UINT32_MAX;
	elf_spec_add(spec, &other);
}

void elf_random_program(struct random *random, uint16_t machine, struct elf_spec *spec)
{
	static const uint32_t rights[] = { ELF_R, ELF_R | ELF_X, ELF_R | ELF_W };
	struct layout layout = { .vaddr = SPEC_BASE, .offset = HEADERS_ROOM };
	uint32_t before = (uint32_t)random_below(random, 5), after = (uint32_t)random_below(random, 5);
	elf_spec_default(spec, machine);
	spec->segment_count = 0;
	spec->poke_count = 0;
	spec->header[ELF_E_PHNUM] = 0;
	spec->segment[0].type = ELF_NULL;
	if (random_below(random, 2))
		add_headers(random, spec, &layout);
	for (uint32_t i = 0; i < before; i++)
		add_load(random, spec, &layout, rights[random_below(random, 3)], 0);
	add_load(random, spec, &layout, ELF_R | ELF_X, 8);
	for (uint32_t i = 0; i < after; i++)
		add_load(random, spec, &layout, rights[random_below(random, 3)], 0);
	for (uint64_t i = random_below(random, 4); i > 0; i--)
		add_other(random, spec);
	spec->size_bytes = layout.offset + random_below(random, 2) * random_below(random, 100);
}

/* A value of the same kind as the old one, and close to where rules end. */
static uint64_t near(struct random *random, uint64_t old)
{
	static const uint64_t edges[] = { 0, 1, 2, 3, 4, 7, 8, 0xfff, 0x1000, 0x1001, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
		0x100000000, 0x7fffffffe000, 0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffff000, UINT64_MAX };
	switch (random_below(random, 6)) {
	case 0:
		return edges[random_below(random, sizeof edges / sizeof edges[0])];
	case 1:
		return old + 1;
	case 2:
		return old - 1;
	case 3:
		return old + PAGE_BYTES * random_between(random, 1, 4);
	case 4:
		return old - PAGE_BYTES * random_between(random, 1, 4);
	default:
		return old ^ 1ull << random_below(random, 64);
	}
}

static uint32_t random_type(struct random *random)
{
	static const uint32_t types[] = { ELF_NULL, ELF_LOAD, ELF_DYNAMIC, ELF_INTERP, ELF_NOTE, ELF_SHLIB, ELF_PHDR, ELF_TLS,
		ELF_GNU_EH_FRAME, ELF_GNU_STACK, ELF_GNU_RELRO, ELF_GNU_PROPERTY, ELF_GRAFT_SYMBOLS, ELF_RISCV_ATTRIBUTES, 0x12345678 };
	return types[random_below(random, sizeof types / sizeof types[0])];
}

static void damage_segment(struct random *random, struct elf_segment *segment)
{
	uint64_t *const wide[] = { &segment->offset, &segment->vaddr, &segment->file_bytes, &segment->memory_bytes, &segment->align };
	uint64_t which = random_below(random, 7);
	if (which == 5)
		segment->type = random_type(random);
	else if (which == 6)
		segment->flags = (uint32_t)random_below(random, 9);
	else
		*wide[which] = near(random, *wide[which]);
}

static void damage_header(struct random *random, struct elf_spec *spec)
{
	uint64_t which = random_below(random, ELF_E_COUNT + 1);
	if (which == ELF_E_COUNT)
		spec->ident[random_below(random, ELF_IDENT_BYTES)] ^= (uint8_t)(1u << random_below(random, 8));
	else
		spec->header[which] = near(random, spec->header[which]);
}

void elf_random_damage(struct random *random, struct elf_spec *spec)
{
	for (uint64_t i = random_between(random, 1, 3); i > 0; i--) {
		uint64_t what = random_below(random, 16);
		if (what == 0 && spec->size_bytes != 0)
			spec->size_bytes -= random_between(random, 1, spec->size_bytes < 600 ? spec->size_bytes : 600);
		else if (what == 1 && spec->poke_count < ELF_SPEC_POKES_MAX)
			elf_spec_poke(spec, random_below(random, spec->size_bytes + 1), 4, near(random, 0));
		else if (what < 5)
			damage_header(random, spec);
		else if (spec->segment_count != 0)
			damage_segment(random, &spec->segment[random_below(random, spec->segment_count)]);
	}
}
