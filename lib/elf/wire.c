/* SPDX-License-Identifier: BSD-2-Clause */
/* The layouts of ELF32 and ELF64 (System V gABI, chapters 4 and 5), one table each. */
#include "lib/elf/wire.h"
#include "lib/base/bytes.h"

static const struct elf_wire wire32 = {
	.class_bits = 32, .header_bytes = 52, .segment_header_bytes = 32, .word_bytes = 4, .dynamic_bytes = 8,
	.header = {
		[ELF_E_TYPE] = { 16, 2 }, [ELF_E_MACHINE] = { 18, 2 }, [ELF_E_VERSION] = { 20, 4 }, [ELF_E_ENTRY] = { 24, 4 },
		[ELF_E_PHOFF] = { 28, 4 }, [ELF_E_SHOFF] = { 32, 4 }, [ELF_E_FLAGS] = { 36, 4 }, [ELF_E_EHSIZE] = { 40, 2 },
		[ELF_E_PHENTSIZE] = { 42, 2 }, [ELF_E_PHNUM] = { 44, 2 }, [ELF_E_SHENTSIZE] = { 46, 2 },
		[ELF_E_SHNUM] = { 48, 2 }, [ELF_E_SHSTRNDX] = { 50, 2 },
	},
	.segment = {
		[ELF_P_TYPE] = { 0, 4 }, [ELF_P_OFFSET] = { 4, 4 }, [ELF_P_VADDR] = { 8, 4 }, [ELF_P_PADDR] = { 12, 4 },
		[ELF_P_FILESZ] = { 16, 4 }, [ELF_P_MEMSZ] = { 20, 4 }, [ELF_P_FLAGS] = { 24, 4 }, [ELF_P_ALIGN] = { 28, 4 },
	},
};

static const struct elf_wire wire64 = {
	.class_bits = 64, .header_bytes = 64, .segment_header_bytes = 56, .word_bytes = 8, .dynamic_bytes = 16,
	.header = {
		[ELF_E_TYPE] = { 16, 2 }, [ELF_E_MACHINE] = { 18, 2 }, [ELF_E_VERSION] = { 20, 4 }, [ELF_E_ENTRY] = { 24, 8 },
		[ELF_E_PHOFF] = { 32, 8 }, [ELF_E_SHOFF] = { 40, 8 }, [ELF_E_FLAGS] = { 48, 4 }, [ELF_E_EHSIZE] = { 52, 2 },
		[ELF_E_PHENTSIZE] = { 54, 2 }, [ELF_E_PHNUM] = { 56, 2 }, [ELF_E_SHENTSIZE] = { 58, 2 },
		[ELF_E_SHNUM] = { 60, 2 }, [ELF_E_SHSTRNDX] = { 62, 2 },
	},
	.segment = {
		[ELF_P_TYPE] = { 0, 4 }, [ELF_P_FLAGS] = { 4, 4 }, [ELF_P_OFFSET] = { 8, 8 }, [ELF_P_VADDR] = { 16, 8 },
		[ELF_P_PADDR] = { 24, 8 }, [ELF_P_FILESZ] = { 32, 8 }, [ELF_P_MEMSZ] = { 40, 8 }, [ELF_P_ALIGN] = { 48, 8 },
	},
};

const struct elf_wire *elf_wire_of(uint8_t class_bits)
{
	return class_bits == 32 ? &wire32 : class_bits == 64 ? &wire64 : NULL;
}

uint64_t elf_wire_get(const uint8_t *at, struct elf_field field)
{
	at += field.offset;
	return field.bytes == 2 ? bytes_get16(at) : field.bytes == 4 ? bytes_get32(at) : bytes_get64(at);
}

void elf_wire_put(uint8_t *at, struct elf_field field, uint64_t value)
{
	at += field.offset;
	if (field.bytes == 2)
		bytes_put16(at, (uint16_t)value);
	else if (field.bytes == 4)
		bytes_put32(at, (uint32_t)value);
	else
		bytes_put64(at, value);
}
