/* SPDX-License-Identifier: BSD-2-Clause */
/* Page tables and address spaces of the machines that plans are made for. */
#include "lib/plan/plan.h"

const struct plan_machine plan_machine_x86_64 = {
	.elf_machine = ELF_MACHINE_X86_64, .levels = 3, .index_bits = 9, .large_page_bits = 21, .word_bytes = 8,
	.user_top = 0x7ffffffff000ull,
};
const struct plan_machine plan_machine_i386 = {
	.elf_machine = ELF_MACHINE_386, .levels = 1, .index_bits = 10, .large_page_bits = 22, .word_bytes = 4,
	.user_top = 0xe0000000ull,
};
