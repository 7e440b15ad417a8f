/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of relocations, as the dynamic section describes them (rules E7 to E9). */
#include "lib/reloc/reloc.h"
#include "lib/elf/dynamic.h"

/* What the dynamic section says of one table. */
struct described {
	uint64_t vaddr, bytes, entry_bytes;
	uint64_t vaddr_at, bytes_at, entry_bytes_at; /* offsets of the entries that say so; 0: there is none */
};

static const struct { uint16_t machine; uint32_t relative; bool in_place; } machines[] = {
	{ ELF_MACHINE_386, 8, true },
	{ ELF_MACHINE_X86_64, 8, false },
	{ ELF_MACHINE_AARCH64, 1027, false },
	{ ELF_MACHINE_RISCV, 3, false },
};

static void describe(const struct elf_dynamic *walk, uint64_t vaddr_tag, struct described *table)
{
	/* RELA, RELASZ, RELAENT are consecutive, so are REL's three; RELR's come in the order size, address, entry. */
	uint64_t bytes_tag = vaddr_tag == DT_RELR ? DT_RELRSZ : vaddr_tag + 1;
	uint64_t entry_tag = vaddr_tag == DT_RELR ? DT_RELRENT : vaddr_tag + 2;
	if (walk->tag == vaddr_tag) {
		table->vaddr = walk->value;
		table->vaddr_at = walk->offset;
	} else if (walk->tag == bytes_tag) {
		table->bytes = walk->value;
		table->bytes_at = walk->offset;
	} else if (walk->tag == entry_tag) {
		table->entry_bytes = walk->value;
		table->entry_bytes_at = walk->offset;
	}
}

static enum status refuse(enum status status, struct where *where, uint32_t index, uint64_t offset, uint64_t value, uint64_t limit)
{
	*where = (struct where) { .offset = offset, .index = index, .value = value, .limit = limit };
	return status;
}

/* The bytes of [vaddr, vaddr + bytes) in the file, if a loaded segment takes all of them from there. */
static bool find_in_file(const struct elf *elf, uint64_t vaddr, uint64_t bytes, uint64_t *offset)
{
	const struct elf_segment *load = elf_segment_around(elf, vaddr, bytes);
	if (!load || !range_is_inside(vaddr - load->vaddr, bytes, load->file_bytes))
		return false;
	*offset = load->offset + (vaddr - load->vaddr);
	return true;
}

/* A table without bytes is none, whatever else is said of it: GNU ld leaves RELA with size 0 beside RELR. */
static enum status find_table(const struct elf *elf, uint32_t index, const struct described *said, uint8_t entry_bytes,
                              struct reloc_table *table, struct where *where)
{
	uint8_t word_bytes = elf_wire_of(elf->class_bits)->word_bytes;
	*table = (struct reloc_table) { 0 };
	if ((said->vaddr_at == 0) != (said->bytes_at == 0) && (said->vaddr_at != 0 || said->bytes != 0))
		return refuse(STATUS_RELOC_INCOMPLETE, where, index, said->vaddr_at + said->bytes_at, said->vaddr, said->bytes);
	if (said->bytes == 0)
		return STATUS_OK;
	if (said->entry_bytes != entry_bytes)
		return refuse(STATUS_RELOC_ENTRY_SIZE, where, index, said->entry_bytes_at ? said->entry_bytes_at : said->bytes_at,
		              said->entry_bytes, entry_bytes);
	uint64_t vaddr = said->vaddr + elf->base; /* a sum that wraps is in no segment */
	if (!is_multiple(vaddr, word_bytes))
		return refuse(STATUS_RELOC_TABLE_UNALIGNED, where, index, said->vaddr_at, said->vaddr, word_bytes);
	if (!find_in_file(elf, vaddr, said->bytes, &table->offset))
		return refuse(STATUS_RELOC_TABLE_OUTSIDE, where, index, said->vaddr_at, said->vaddr, said->bytes);
	/* Inside a segment, so far below 4 GiB; and no more entries than the program has words. */
	table->count = (uint32_t)said->bytes / entry_bytes;
	if (table->count * entry_bytes != said->bytes)
		return refuse(STATUS_RELOC_TABLE_SIZE, where, index, said->bytes_at, said->bytes, entry_bytes);
	return STATUS_OK;
}

static void read_dynamic(const struct elf *elf, uint32_t index, struct described *rela, struct described *rel,
                         struct described *relr)
{
	struct elf_dynamic walk;
	elf_dynamic_start(elf, index, &walk);
	while (elf_dynamic_next(&walk) && walk.tag != DT_NULL) {
		describe(&walk, DT_RELA, rela);
		describe(&walk, DT_REL, rel);
		describe(&walk, DT_RELR, relr);
	}
}

static struct reloc empty_for(const struct elf *elf)
{
	struct reloc reloc = { .bytes = elf->bytes, .base = elf->base, .word_bytes = elf->class_bits / 8 };
	for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++)
		if (machines[i].machine == elf->machine) {
			reloc.in_place = machines[i].in_place;
			reloc.type = machines[i].relative;
		}
	reloc.entry_bytes = (uint8_t)(reloc.word_bytes * (reloc.in_place ? 2 : 3));
	return reloc;
}

enum status reloc_open(const struct elf *elf, struct reloc *reloc, struct where *where)
{
	const struct elf_segment *dynamic = elf_segment_find(elf, ELF_DYNAMIC);
	struct described rela = { 0 }, rel = { 0 }, relr = { 0 };
	struct reloc found = empty_for(elf);
	if (dynamic) {
		uint32_t index = (uint32_t)(dynamic - elf->segment);
		read_dynamic(elf, index, &rela, &rel, &relr);
		const struct described *wrong = found.in_place ? &rela : &rel;
		if (wrong->bytes != 0)
			return refuse(STATUS_RELOC_KIND, where, index, wrong->bytes_at, wrong->bytes, 0);
		enum status status = find_table(elf, index, found.in_place ? &rel : &rela, found.entry_bytes, &found.table, where);
		if (status == STATUS_OK)
			status = find_table(elf, index, &relr, found.word_bytes, &found.packed, where);
		if (status != STATUS_OK)
			return status;
	}
	*reloc = found;
	return STATUS_OK;
}

enum status reloc_read(const struct elf *elf, const struct elf_policy *policy, struct reloc *reloc, struct where *where)
{
	struct reloc_progress progress = { 0 };
	bool finished;
	if (policy->relocation != ELF_RELOCATE_LOADER) {
		*reloc = empty_for(elf);
		return STATUS_OK;
	}
	enum status status = reloc_open(elf, reloc, where);
	return status == STATUS_OK ? reloc_check(reloc, elf, &progress, UINT64_MAX, &finished, where) : status;
}
