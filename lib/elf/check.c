/* SPDX-License-Identifier: BSD-2-Clause */
/* The verdict on a file that elf_read has read: what the machine and the policy ask of its header, and its program headers
 * as a set. The parts that follow are in check_loads.c, check_entry.c and check_extras.c. */
#include "lib/elf/refuse.h"

const struct elf_segment *elf_segment_find(const struct elf *elf, uint32_t type)
{
	for (uint32_t i = 0; i < elf->segment_count; i++)
		if (elf->segment[i].type == type)
			return &elf->segment[i];
	return NULL;
}

const struct elf_segment *elf_segment_around(const struct elf *elf, uint64_t vaddr, uint64_t bytes)
{
	for (uint32_t i = 0; i < elf->segment_count; i++) {
		const struct elf_segment *segment = &elf->segment[i];
		if (elf_segment_is_loaded(segment) && vaddr >= segment->vaddr
		    && range_is_inside(vaddr - segment->vaddr, bytes, segment->memory_bytes))
			return segment;
	}
	return NULL;
}

/* H9. Both bits of RISC-V's floating-point ABI (mask 6) together ask for quad precision, which is a third extension. */
static bool are_flags_honoured(const struct elf *elf, const struct elf_policy *policy)
{
	const uint32_t riscv_quad = 6;
	if (elf->machine == ELF_MACHINE_RISCV && (elf->flags & riscv_quad) == riscv_quad)
		return false;
	return (elf->flags & ~policy->flags_allowed) == 0;
}

/* H8, H3, H9. A policy for no machine (class 0) accepts none. */
static enum status check_machine(const struct elf *elf, const struct elf_policy *policy, struct where *where)
{
	if (policy->class_bits == 0 || elf->machine != policy->machine)
		return elf_refuse_header(STATUS_ELF_MACHINE, where, elf, ELF_E_MACHINE, elf->machine, policy->machine);
	if (elf->class_bits != policy->class_bits)
		return elf_refuse(STATUS_ELF_CLASS, where, ELF_IDENT_CLASS, elf->bytes[ELF_IDENT_CLASS], policy->class_bits == 32 ? 1 : 2);
	if (!are_flags_honoured(elf, policy))
		return elf_refuse_header(STATUS_ELF_FLAGS, where, elf, ELF_E_FLAGS, elf->flags, policy->flags_allowed);
	return STATUS_OK;
}

/* E12: types that change nothing for a loader, or that the other checks deal with. Any other type may mean something that
 * the program relies on, so it is refused. */
static bool is_known_type(uint32_t type)
{
	static const uint32_t known[] = {
		ELF_NULL, ELF_LOAD, ELF_DYNAMIC, ELF_NOTE, ELF_PHDR, ELF_TLS, ELF_GNU_EH_FRAME, ELF_GNU_STACK, ELF_GNU_RELRO,
		ELF_GNU_PROPERTY, ELF_GNU_SFRAME, ELF_PAX_FLAGS, ELF_GRAFT_SYMBOLS,
	};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (known[i] == type)
			return true;
	return false;
}

/* Types in the processor's range, which mean different things on different machines. */
static bool is_known_processor_type(uint16_t machine, uint32_t type)
{
	if (machine == ELF_MACHINE_AARCH64)
		return type == ELF_AARCH64_ARCHEXT || type == ELF_AARCH64_MEMTAG;
	return machine == ELF_MACHINE_RISCV && type == ELF_RISCV_ATTRIBUTES;
}

static bool may_repeat(uint32_t type)
{
	return type == ELF_NULL || type == ELF_LOAD || type == ELF_NOTE;
}

/* E12: the type of header number index is known, and it is the first of its type unless there may be more. */
static enum status check_type(const struct elf *elf, uint32_t index, struct where *where)
{
	uint32_t type = elf->segment[index].type;
	if (type == ELF_SHLIB)
		return elf_refuse_segment(STATUS_ELF_SEGMENT_TYPE_RESERVED, where, elf, index, ELF_P_TYPE, type, 0);
	if (!is_known_type(type) && !is_known_processor_type(elf->machine, type))
		return elf_refuse_segment(STATUS_ELF_SEGMENT_TYPE, where, elf, index, ELF_P_TYPE, type, 0);
	if (may_repeat(type))
		return STATUS_OK;
	const struct elf_segment *first = elf_segment_find(elf, type);
	if (first != &elf->segment[index])
		return elf_refuse_segment(STATUS_ELF_DUPLICATE, where, elf, index, ELF_P_TYPE, type, 1);
	return STATUS_OK;
}

/* E3, H7, E12. An interpreter is the most telling reason, so it is looked for first. */
static enum status check_types(const struct elf *elf, const struct elf_policy *policy, struct where *where)
{
	const struct elf_segment *interpreter = elf_segment_find(elf, ELF_INTERP);
	if (interpreter)
		return elf_refuse_segment(STATUS_ELF_INTERPRETER, where, elf, (uint32_t)(interpreter - elf->segment), ELF_P_TYPE,
		                          ELF_INTERP, 0);
	if (elf->type == ELF_TYPE_DYN && policy->relocation == ELF_RELOCATE_REFUSED)
		return elf_refuse_header(STATUS_ELF_POSITION_INDEPENDENT, where, elf, ELF_E_TYPE, elf->type, ELF_TYPE_EXEC);
	for (uint32_t i = 0; i < elf->segment_count; i++) {
		enum status status = check_type(elf, i, where);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

enum status elf_check(const struct elf *elf, const struct elf_policy *policy, struct where *where)
{
	enum status status = check_machine(elf, policy, where);
	if (status == STATUS_OK)
		status = check_types(elf, policy, where);
	if (status == STATUS_OK)
		status = elf_check_loads(elf, policy, where);
	if (status == STATUS_OK)
		status = elf_check_entry(elf, policy, where);
	if (status == STATUS_OK)
		status = elf_check_extras(elf, policy, where);
	return status;
}
