/* SPDX-License-Identifier: BSD-2-Clause */
/* How the ELF checks say what they saw and where. Private to lib/elf. */
#pragma once
#include "lib/elf/elf.h"
#include "lib/elf/wire.h"

static inline enum status elf_refuse(enum status status, struct where *where, uint64_t offset, uint64_t value, uint64_t limit)
{
	*where = (struct where) { .offset = offset, .index = WHERE_NO_INDEX, .value = value, .limit = limit };
	return status;
}

/* Refuses for a field of the ELF header. */
static inline enum status elf_refuse_header(enum status status, struct where *where, const struct elf *elf,
                                            enum elf_header_field field, uint64_t value, uint64_t limit)
{
	return elf_refuse(status, where, elf_wire_of(elf->class_bits)->header[field].offset, value, limit);
}

/* Refuses for a field of program header number index. */
static inline enum status elf_refuse_segment(enum status status, struct where *where, const struct elf *elf, uint32_t index,
                                             enum elf_segment_field field, uint64_t value, uint64_t limit)
{
	uint64_t at = elf->segment[index].header_offset + elf_wire_of(elf->class_bits)->segment[field].offset;
	*where = (struct where) { .offset = at, .index = index, .value = value, .limit = limit };
	return status;
}

/* The parts of elf_check, one file each. They are called in this order, each after the one before has accepted. */
enum status elf_check_loads(const struct elf *elf, const struct elf_policy *policy, struct where *where) MUST_USE;
enum status elf_check_entry(const struct elf *elf, const struct elf_policy *policy, struct where *where) MUST_USE;
enum status elf_check_extras(const struct elf *elf, const struct elf_policy *policy, struct where *where) MUST_USE;
enum status elf_check_notes(const struct elf *elf, uint32_t index, struct where *where) MUST_USE;
enum status elf_check_dynamic(const struct elf *elf, uint32_t index, const struct elf_policy *policy, struct where *where) MUST_USE;
