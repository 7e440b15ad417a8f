/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a position-independent program goes (rules S6, S20, S21). What is added here is checked here, before anybody compares the
 * sums with a limit. Alignments that elf_check will refuse are passed over, so that it can say so. */
#include "lib/elf/refuse.h"

#define RANDOM_LOW_32 0x10000000ull
#define RANDOM_LOW_64 0x100000000ull

/* Does loading look at the segment's address? */
static bool has_address(const struct elf_segment *segment)
{
	return elf_segment_is_loaded(segment) || segment->type == ELF_DYNAMIC || segment->type == ELF_TLS
	       || segment->type == ELF_GNU_RELRO || segment->type == ELF_PHDR;
}

uint64_t elf_base_align(const struct elf *elf)
{
	uint64_t align = PAGE_BYTES;
	for (uint32_t i = 0; i < elf->segment_count; i++) {
		const struct elf_segment *segment = &elf->segment[i];
		if (elf_segment_is_loaded(segment) && is_power_of_two(segment->align) && segment->align <= ELF_ALIGN_MAX
		    && segment->align > align)
			align = segment->align;
	}
	return align;
}

uint64_t elf_base_default(const struct elf *elf)
{
	return elf->type == ELF_TYPE_DYN ? round_up(ELF_BASE_DEFAULT, elf_base_align(elf)) : 0;
}

/* First address above all loaded segments; UINT64_MAX if one of them wraps, which elf_check refuses. */
static uint64_t end_of(const struct elf *elf)
{
	uint64_t end = 0;
	for (uint32_t i = 0; i < elf->segment_count; i++) {
		const struct elf_segment *segment = &elf->segment[i];
		if (!elf_segment_is_loaded(segment))
			continue;
		if (!sum_is_exact(segment->vaddr, segment->memory_bytes))
			return UINT64_MAX;
		if (segment->vaddr + segment->memory_bytes > end)
			end = segment->vaddr + segment->memory_bytes;
	}
	return end;
}

/* All bits up to the highest of x: 2^n - 1 for the largest 2^n <= x; x is not 0. */
static uint64_t mask_within(uint64_t x)
{
	uint64_t mask = 0;
	while (mask * 2 + 1 < x)
		mask = mask * 2 + 1;
	return mask;
}

uint64_t elf_base_random(const struct elf *elf, const struct elf_policy *policy, uint64_t random)
{
	uint64_t align = elf_base_align(elf), end = end_of(elf), high = policy->ceiling / 2;
	uint64_t low = round_up(elf->class_bits == 32 ? RANDOM_LOW_32 : RANDOM_LOW_64, align);
	if (elf->type != ELF_TYPE_DYN || high < low || end > high - low)
		return elf_base_default(elf);
	uint32_t shift = 0;
	while (1ull << shift < align)
		shift++;
	uint64_t places = ((high - low - end) >> shift) + 1;
	return low + ((random & mask_within(places)) << shift);
}

static enum status check_place(const struct elf *elf, uint64_t base, struct where *where)
{
	uint64_t last = elf->class_bits == 32 ? UINT32_MAX : UINT64_MAX;
	if (elf->type != ELF_TYPE_DYN)
		return base == 0 ? STATUS_OK : elf_refuse_header(STATUS_ELF_BASE_FIXED, where, elf, ELF_E_TYPE, base, 0);
	if (!is_multiple(base, elf_base_align(elf)))
		return elf_refuse_header(STATUS_ELF_BASE_UNALIGNED, where, elf, ELF_E_TYPE, base, elf_base_align(elf));
	if (base > last || elf->entry > last - base)
		return elf_refuse_header(STATUS_ELF_BASE_WRAPS, where, elf, ELF_E_ENTRY, elf->entry, base);
	for (uint32_t i = 0; i < elf->segment_count; i++)
		if (has_address(&elf->segment[i]) && elf->segment[i].vaddr > last - base)
			return elf_refuse_segment(STATUS_ELF_BASE_WRAPS, where, elf, i, ELF_P_VADDR, elf->segment[i].vaddr, base);
	return STATUS_OK;
}

enum status elf_place(struct elf *elf, uint64_t base, struct where *where)
{
	enum status status = check_place(elf, base, where);
	if (status != STATUS_OK)
		return status;
	elf->base = base;
	elf->entry += base;
	for (uint32_t i = 0; i < elf->segment_count; i++)
		if (has_address(&elf->segment[i]))
			elf->segment[i].vaddr += base;
	return STATUS_OK;
}
