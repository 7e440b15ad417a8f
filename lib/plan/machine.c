/* SPDX-License-Identifier: BSD-2-Clause */
/* Page tables, address spaces and thread-local storage of the machines that plans are made for. */
#include "lib/plan/plan.h"

/* User space ends where seL4 16.0.0's does in the configuration that has the least of it: Sv39 on riscv64; 40-bit guest
 * addresses, which it has as a hypervisor, on aarch64, whose tables are those for 48 bits. */
const struct plan_machine plan_machine_x86_64 = {
	.elf_machine = ELF_MACHINE_X86_64, .levels = 3, .index_bits = 9, .large_page_bits = 21, .word_bytes = 8,
	.user_top = 0x7ffffffff000ull, .tls_is_below = true, .tcb_bytes = 64,
};
const struct plan_machine plan_machine_i386 = {
	.elf_machine = ELF_MACHINE_386, .levels = 1, .index_bits = 10, .large_page_bits = 22, .word_bytes = 4,
	.user_top = 0xe0000000ull, .tls_is_below = true, .tcb_bytes = 64,
};
const struct plan_machine plan_machine_aarch64 = {
	.elf_machine = ELF_MACHINE_AARCH64, .levels = 3, .index_bits = 9, .large_page_bits = 21, .word_bytes = 8,
	.user_top = 0x10000000000ull, .tls_gap_bytes = 16,
};
const struct plan_machine plan_machine_riscv64 = {
	.elf_machine = ELF_MACHINE_RISCV, .levels = 2, .index_bits = 9, .large_page_bits = 21, .word_bytes = 8,
	.user_top = 0x3ffffff000ull, .tcb_bytes = 16,
};

const struct plan_machine *plan_machine_of(uint16_t machine)
{
	static const struct plan_machine *const known[] = {
		&plan_machine_x86_64, &plan_machine_i386, &plan_machine_aarch64, &plan_machine_riscv64,
	};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (known[i]->elf_machine == machine)
			return known[i];
	return NULL;
}
