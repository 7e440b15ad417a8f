/* SPDX-License-Identifier: BSD-2-Clause */
/* What differs between machines: class, user space, processor flags, where instructions may begin. */
#include "lib/elf/elf.h"

struct machine {
	uint16_t number;
	uint8_t  class_bits;
	uint8_t  entry_align;
	uint32_t flags_allowed;
	uint64_t ceiling;
	const char *name;
};

/* RISC-V psABI, e_flags: bit 0 compressed instructions, bits 1 and 2 the floating-point ABI. Bits 3 (RVE) and 4 (TSO) ask for
 * other processors than RV64GC. */
#define RISCV_RVC 1u
#define RISCV_FLOAT_ABI 6u

/* Ceilings: the first address past user space, on the kernel configuration of the machine that has the least. */
static const struct machine machines[] = {
	{ ELF_MACHINE_386, 32, 1, 0, 0xe0000000ull, "i386" },
	{ ELF_MACHINE_X86_64, 64, 1, 0, 0x7ffffffff000ull, "x86_64" },
	{ ELF_MACHINE_AARCH64, 64, 4, 0, 0x10000000000ull, "aarch64" },
	{ ELF_MACHINE_RISCV, 64, 4, RISCV_RVC | RISCV_FLOAT_ABI, 0x3ffffff000ull, "riscv64" },
};

static const struct machine *machine_find(uint16_t number)
{
	for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++)
		if (machines[i].number == number)
			return &machines[i];
	return NULL;
}

void elf_policy_strict(uint16_t number, struct elf_policy *policy)
{
	const struct machine *machine = machine_find(number);
	*policy = (struct elf_policy) { .floor = ELF_FLOOR, .pages_max = ELF_PAGES_MAX, .relocation = ELF_RELOCATE_LOADER };
	if (!machine)
		return;
	policy->machine = machine->number;
	policy->class_bits = machine->class_bits;
	policy->entry_align = machine->entry_align;
	policy->flags_allowed = machine->flags_allowed;
	policy->ceiling = machine->ceiling;
}

const char *elf_machine_name(uint16_t number)
{
	const struct machine *machine = machine_find(number);
	return machine ? machine->name : "unknown machine";
}
