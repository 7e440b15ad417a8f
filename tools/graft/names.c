/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of the numbers in ELF files (gABI, and the GNU and processor supplements). */
#include "tools/graft/names.h"
#include <stddef.h>

struct named { uint64_t number; const char *name; };

static const char *find(const struct named *table, size_t count, uint64_t number)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].number == number)
			return table[i].name;
	return NULL;
}
#define FIND(table, number) find(table, sizeof table / sizeof table[0], number)

static const struct named types[] = { { 0, "NONE" }, { 1, "REL" }, { 2, "EXEC" }, { 3, "DYN" }, { 4, "CORE" } };

static const struct named osabis[] = {
	{ 0, "UNIX - System V" }, { 1, "UNIX - HP-UX" }, { 2, "UNIX - NetBSD" }, { 3, "UNIX - GNU" }, { 6, "UNIX - Solaris" },
	{ 9, "UNIX - FreeBSD" }, { 12, "UNIX - OpenBSD" }, { 97, "ARM" }, { 255, "Standalone App" },
};

static const struct named machines[] = {
	{ 2, "SPARC" }, { 3, "Intel 80386" }, { 8, "MIPS R3000" }, { 20, "PowerPC" }, { 21, "PowerPC64" }, { 22, "IBM S/390" },
	{ 40, "ARM" },
	{ 42, "Renesas / SuperH SH" }, { 43, "Sparc v9" }, { 50, "Intel IA-64" }, { 62, "Advanced Micro Devices X86-64" },
	{ 183, "AArch64" }, { 243, "RISC-V" }, { 247, "Linux BPF" },
	{ 258, "LoongArch" }, { 195, "ARCv2" }, { 0x9026, "Alpha" },
};

static const struct named segment_types[] = {
	{ 0, "NULL" }, { 1, "LOAD" }, { 2, "DYNAMIC" }, { 3, "INTERP" }, { 4, "NOTE" }, { 5, "SHLIB" }, { 6, "PHDR" }, { 7, "TLS" },
	{ 0x6474e550, "GNU_EH_FRAME" }, { 0x6474e551, "GNU_STACK" }, { 0x6474e552, "GNU_RELRO" }, { 0x6474e553, "GNU_PROPERTY" },
	{ 0x6474e554, "GNU_SFRAME" }, { 0x65041580, "PAX_FLAGS" }, { 0x67726674, "GRAFT_SYMBOLS" },
};

static const struct named section_types[] = {
	{ 0, "NULL" }, { 1, "PROGBITS" }, { 2, "SYMTAB" }, { 3, "STRTAB" }, { 4, "RELA" }, { 5, "HASH" }, { 6, "DYNAMIC" },
	{ 7, "NOTE" },
	{ 8, "NOBITS" }, { 9, "REL" }, { 10, "SHLIB" }, { 11, "DYNSYM" }, { 14, "INIT_ARRAY" }, { 15, "FINI_ARRAY" },
	{ 16, "PREINIT_ARRAY" }, { 17, "GROUP" }, { 18, "SYMTAB SECTION INDICES" }, { 19, "RELR" },
	{ 0x6ffffff5, "GNU_ATTRIBUTES" },
	{ 0x6ffffff6, "GNU_HASH" }, { 0x6ffffff7, "GNU_LIBLIST" }, { 0x6ffffffd, "VERDEF" }, { 0x6ffffffe, "VERNEED" },
	{ 0x6fffffff, "VERSYM" },
};

/* From here on a type is the processor's. */
#define PROCESSOR 0x70000000u
struct processors { uint64_t machine, number; const char *name; };

static const struct processors processor_segments[] = {
	{ 8, 0x70000000, "REGINFO" }, { 8, 0x70000001, "RTPROC" }, { 8, 0x70000002, "OPTIONS" }, { 8, 0x70000003, "ABIFLAGS" },
	{ 40, 0x70000001, "EXIDX" }, { 243, 0x70000003, "RISCV_ATTRIBUT" },
};
static const struct processors processor_sections[] = {
	{ 8, 0x70000006, "MIPS_REGINFO" }, { 8, 0x7000000d, "MIPS_OPTIONS" }, { 8, 0x7000002a, "MIPS_ABIFLAGS" },
	{ 40, 0x70000001, "ARM_EXIDX" },
	{ 40, 0x70000003, "ARM_ATTRIBUTES" }, { 62, 0x70000001, "X86_64_UNWIND" }, { 195, 0x70000001, "ARC_ATTRIBUTES" },
	{ 243, 0x70000003, "RISCV_ATTRIBUTES" },
};

static const char *find_processors(const struct processors *table, size_t count, uint64_t number, uint64_t machine)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].number == number && table[i].machine == machine)
			return table[i].name;
	return NULL;
}
#define FIND_PROCESSORS(table, number, machine) find_processors(table, sizeof table / sizeof table[0], number, machine)

static const struct named symbol_types[] = {
	{ 0, "NOTYPE" }, { 1, "OBJECT" }, { 2, "FUNC" }, { 3, "SECTION" }, { 4, "FILE" }, { 5, "COMMON" }, { 6, "TLS" },
	{ 10, "IFUNC" },
};
static const struct named symbol_bindings[] = { { 0, "LOCAL" }, { 1, "GLOBAL" }, { 2, "WEAK" }, { 10, "UNIQUE" } };
static const struct named symbol_visibilities[] = { { 0, "DEFAULT" }, { 1, "INTERNAL" }, { 2, "HIDDEN" }, { 3, "PROTECTED" } };

const char *name_of_type(uint64_t type)
{
	return FIND(types, type);
}

const char *name_of_osabi(uint8_t osabi)
{
	return FIND(osabis, osabi);
}

const char *name_of_machine(uint64_t machine)
{
	return FIND(machines, machine);
}

const char *name_of_segment_type(uint64_t type, uint64_t machine)
{
	if (type >= PROCESSOR)
		return FIND_PROCESSORS(processor_segments, type, machine);
	return FIND(segment_types, type);
}

const char *name_of_section_type(uint64_t type, uint64_t machine)
{
	if (type >= PROCESSOR)
		return FIND_PROCESSORS(processor_sections, type, machine);
	return FIND(section_types, type);
}

const char *name_of_symbol_type(uint8_t type)
{
	return FIND(symbol_types, type);
}

const char *name_of_symbol_binding(uint8_t binding)
{
	return FIND(symbol_bindings, binding);
}

const char *name_of_symbol_visibility(uint8_t other)
{
	return FIND(symbol_visibilities, other & 3u);
}
