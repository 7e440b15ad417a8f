/* SPDX-License-Identifier: BSD-2-Clause */
/* The entry point: it must be able to execute, and to execute bytes of the file (rules E1, E2). */
#include "lib/elf/refuse.h"

enum status elf_check_entry(const struct elf *elf, const struct elf_policy *policy, struct where *where)
{
	uint64_t entry = elf->entry;
	const struct elf_segment *segment = elf_segment_around(elf, entry, 1);
	if (!segment)
		return elf_refuse_header(STATUS_ELF_ENTRY_OUTSIDE, where, elf, ELF_E_ENTRY, entry, 0);
	if (!(segment->flags & ELF_X))
		return elf_refuse_header(STATUS_ELF_ENTRY_NOT_EXECUTABLE, where, elf, ELF_E_ENTRY, entry, segment->flags);
	if (entry - segment->vaddr >= segment->file_bytes)
		return elf_refuse_header(STATUS_ELF_ENTRY_NOT_IN_FILE, where, elf, ELF_E_ENTRY, entry,
		                         segment->vaddr + segment->file_bytes);
	/* RISC-V psABI: with compressed instructions (flag bit 0), they may begin at any even address. */
	uint64_t align = elf->machine == ELF_MACHINE_RISCV && (elf->flags & 1) ? 2 : policy->entry_align;
	if (!is_multiple(entry, align))
		return elf_refuse_header(STATUS_ELF_ENTRY_UNALIGNED, where, elf, ELF_E_ENTRY, entry, align);
	return STATUS_OK;
}
