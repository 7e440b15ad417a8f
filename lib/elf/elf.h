/* SPDX-License-Identifier: BSD-2-Clause */
/* ELF executables: bytes are read once into one native form for both classes,
 * then every rule is checked before anything else happens. After elf_check has
 * accepted, later code needs no bound of its own. */
#pragma once
#include "lib/base/base.h"
#include "lib/base/status.h"
#include "lib/base/limits.h"

enum elf_machine { ELF_MACHINE_386 = 3, ELF_MACHINE_X86_64 = 62, ELF_MACHINE_AARCH64 = 183, ELF_MACHINE_RISCV = 243 };
enum elf_type { ELF_TYPE_EXEC = 2, ELF_TYPE_DYN = 3 };
enum elf_segment_flag { ELF_X = 1, ELF_W = 2, ELF_R = 4 };
enum elf_segment_type {
	ELF_NULL = 0, ELF_LOAD = 1, ELF_DYNAMIC = 2, ELF_INTERP = 3, ELF_NOTE = 4, ELF_SHLIB = 5, ELF_PHDR = 6, ELF_TLS = 7,
	ELF_GNU_EH_FRAME = 0x6474e550, ELF_GNU_STACK = 0x6474e551, ELF_GNU_RELRO = 0x6474e552, ELF_GNU_PROPERTY = 0x6474e553,
	ELF_GNU_SFRAME = 0x6474e554, ELF_PAX_FLAGS = 0x65041580,
	ELF_AARCH64_ARCHEXT = 0x70000000, ELF_AARCH64_MEMTAG = 0x70000002, ELF_RISCV_ATTRIBUTES = 0x70000003,
	ELF_GRAFT_SYMBOLS = 0x67726674 /* made by graft pack: patchable symbols, see lib/archive/archive.h */
};

struct elf_segment {
	uint32_t type;
	uint32_t flags;
	uint64_t offset;
	uint64_t vaddr;
	uint64_t file_bytes;
	uint64_t memory_bytes;
	uint64_t align;
	uint64_t header_offset; /* where this program header lies in the file */
};

struct elf {
	const uint8_t *bytes; /* the file; owned by the caller, must outlive this */
	uint64_t size_bytes;
	uint8_t  class_bits; /* 32 or 64 */
	uint16_t type;
	uint16_t machine;
	uint32_t flags;
	uint64_t base;  /* what elf_place has added to every address below; 0 before, and for a program at fixed addresses */
	uint64_t entry;
	uint64_t phoff;
	uint16_t phentsize;
	uint32_t segment_count;
	struct elf_segment segment[ELF_SEGMENTS_MAX];
};

/* Who does what a position-independent program needs before its first instruction, and what thread-local storage and
 * RELRO need in any program (ruling 2f). Exactly one of the two: relocating twice would be wrong. */
enum elf_relocation {
	ELF_RELOCATE_REFUSED, /* nobody: no position-independent program, no dynamic section */
	ELF_RELOCATE_LOADER,  /* the loader: RELATIVE and RELR only, everything else in the dynamic section is refused (E7 to E9) */
	ELF_RELOCATE_PROGRAM  /* its own start-up code (musl, glibc): only the dynamic section's place is checked (E7) */
};

/* What is asked of a file beyond being a correct executable. elf_policy_strict gives the defaults, in brackets. */
struct elf_policy {
	uint16_t machine;            /* e_machine wanted */
	uint8_t  class_bits;         /* 32 or 64 */
	uint8_t  entry_align;        /* bytes; where instructions may begin (2 on RISC-V if the file says it has compressed ones) */
	uint32_t flags_allowed;      /* bits of e_flags that the processor can honour */
	uint64_t floor;              /* lowest address a segment may touch, after elf_place [64 KiB] */
	uint64_t ceiling;            /* first address a segment may not touch, after elf_place [the machine's least user space] */
	uint64_t pages_max;          /* sum of all segments' pages [1 GiB] */
	uint8_t  relocation;         /* enum elf_relocation [the loader] */
	bool     stack_header_required; /* demand PT_GNU_STACK (ruling E4) [no] */
	bool     writable_and_executable_allowed; /* S16 [no] */
	bool     page_sharing_refused; /* S14: refuse two segments in one page even if their rights are equal [no] */
	bool     tls_refused;        /* E5: refuse PT_TLS, for a loader that sets up no thread pointer [no] */
};

/* Fills *policy with the strict defaults for a machine: its class, floor 64 KiB, ceiling at the lowest of its user spaces.
 * For a machine that is not known, with a policy that refuses every file (STATUS_ELF_MACHINE). */
void elf_policy_strict(uint16_t machine, struct elf_policy *policy);

/* Reads the header and all program headers of bytes[0..size_bytes) into *elf: H1, H2, H4 to H7 and H10 to H15, in the order of
 * the table in lib/base/status.def. Each field is read once (A5); section headers are never looked at (H16).
 * *elf is written only on success, *where only on refusal. Cost: one pass over the program headers. */
enum status elf_read(const uint8_t *bytes, uint64_t size_bytes, struct elf *elf, struct where *where) MUST_USE;

/* Decides where a position-independent program is to be: adds base to the entry and to every address that loading looks at.
 * To be called once, between elf_read and elf_check, whose floor and ceiling are for the sums (S6).
 * STATUS_ELF_BASE_FIXED if the program is at fixed addresses and base is not 0; STATUS_ELF_BASE_UNALIGNED unless base is a
 * multiple of elf_base_align (S21); STATUS_ELF_BASE_WRAPS if a sum passes the end of the class's address range. *elf is written
 * only on success. Cost: one pass over the program headers. */
enum status elf_place(struct elf *elf, uint64_t base, struct where *where) MUST_USE;

/* What a base must be a multiple of: the largest alignment of a loadable segment, and a page at least. */
uint64_t elf_base_align(const struct elf *elf);

/* The base for a caller that has no wish: the lowest aligned one from 2 MiB on; 0 for a program at fixed addresses. */
uint64_t elf_base_default(const struct elf *elf);

/* A base made from 64 random bits: deterministic, bounded, aligned, with the whole program (S20) in the lower half of the
 * policy's addresses and above 4 GiB (32-bit machines: 256 MiB). A program that is too large for that, or at fixed addresses,
 * gets the default. *elf has not been placed. */
uint64_t elf_base_random(const struct elf *elf, const struct elf_policy *policy, uint64_t random);

/* Checks everything else, under *policy: machine, class and flags (H8, H3, H9), the program headers as a set (E3, H7, E12),
 * the loadable segments (S1 to S18), entry and the other headers (E1, E2, E4 to E7, E9 to E11), in the order of the table in
 * lib/base/status.def. Relocations (E8) are checked by lib/reloc. The bytes are read only where notes and dynamic section are
 * walked. Writes nothing but *where.
 * Cost: quadratic in the number of headers (at most 64), linear in notes and dynamic section. */
enum status elf_check(const struct elf *elf, const struct elf_policy *policy, struct where *where) MUST_USE;

/* Does the segment take part in the image? A loadable segment without bytes in memory does not (S2). */
static inline bool elf_segment_is_loaded(const struct elf_segment *segment)
{
	return segment->type == ELF_LOAD && segment->memory_bytes != 0;
}

/* The first segment of a type, or NULL. */
const struct elf_segment *elf_segment_find(const struct elf *elf, uint32_t type);

/* Is [vaddr, vaddr + bytes) wholly inside one loaded segment's memory? Returns it, or NULL. */
const struct elf_segment *elf_segment_around(const struct elf *elf, uint64_t vaddr, uint64_t bytes);

/* "x86_64" and so on, or "unknown machine". */
const char *elf_machine_name(uint16_t machine);
