/* SPDX-License-Identifier: BSD-2-Clause */
/* The order of the steps, and nothing else. */
#include "lib/load/load.h"
#include "lib/archive/archive.h"

void load_policy(uint16_t machine, uint32_t archive_flags, struct elf_policy *policy)
{
	elf_policy_strict(machine, policy);
	if (archive_flags & ARCHIVE_PROGRAM_RELOCATES)
		policy->relocation = ELF_RELOCATE_PROGRAM;
}

enum status load_accept(const uint8_t *bytes, uint64_t size_bytes, const struct elf_policy *policy, uint64_t base, struct load *load,
                        struct where *where)
{
	enum status status = elf_read(bytes, size_bytes, &load->elf, where);
	if (status == STATUS_OK)
		status = elf_place(&load->elf, base == LOAD_BASE_DEFAULT ? elf_base_default(&load->elf) : base, where);
	if (status == STATUS_OK)
		status = elf_check(&load->elf, policy, where);
	if (status == STATUS_OK)
		status = reloc_read(&load->elf, policy, &load->reloc, where);
	load->by_loader = policy->relocation == ELF_RELOCATE_LOADER;
	return status;
}

enum status load_add_startup(const struct load *load, struct plan *plan, struct where *where)
{
	return load->by_loader ? plan_add_startup(plan, &load->elf, &load->reloc, where) : STATUS_OK;
}
