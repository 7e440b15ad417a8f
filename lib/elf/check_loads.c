/* SPDX-License-Identifier: BSD-2-Clause */
/* The loadable segments, one by one and together (rules S1 to S18). After these, every loaded segment lies inside the file
 * and inside [floor, ceiling), they ascend, and pages are shared only by segments with the same rights. */
#include "lib/elf/refuse.h"

/* The end of the class's address range, rounded so that rounding an address up to a page cannot pass it (S5). */
static uint64_t address_limit(const struct elf *elf)
{
	return elf->class_bits == 32 ? 1ull << 32 : round_down(UINT64_MAX, PAGE_BYTES);
}

/* S3, S4. The offset of a segment without bytes in the file is not looked at: linkers leave anything there. */
static enum status check_file_range(const struct elf *elf, uint32_t index, struct where *where)
{
	const struct elf_segment *segment = &elf->segment[index];
	if (segment->file_bytes > segment->memory_bytes)
		return elf_refuse_segment(STATUS_ELF_FILE_EXCEEDS_MEMORY, where, elf, index, ELF_P_FILESZ, segment->file_bytes,
		                          segment->memory_bytes);
	if (segment->file_bytes != 0 && !range_is_inside(segment->offset, segment->file_bytes, elf->size_bytes))
		return elf_refuse_segment(STATUS_ELF_SEGMENT_OUTSIDE_FILE, where, elf, index, ELF_P_OFFSET, segment->offset,
		                          elf->size_bytes);
	return STATUS_OK;
}

/* S5 to S8. */
static enum status check_memory_range(const struct elf *elf, uint32_t index, const struct elf_policy *policy, struct where *where)
{
	const struct elf_segment *segment = &elf->segment[index];
	uint64_t limit = address_limit(elf);
	if (!range_is_inside(segment->vaddr, segment->memory_bytes, limit))
		return elf_refuse_segment(STATUS_ELF_SEGMENT_WRAPS, where, elf, index, ELF_P_MEMSZ, segment->memory_bytes,
		                          limit - (segment->vaddr < limit ? segment->vaddr : limit));
	if (round_down(segment->vaddr, PAGE_BYTES) < policy->floor)
		return elf_refuse_segment(STATUS_ELF_BELOW_FLOOR, where, elf, index, ELF_P_VADDR, segment->vaddr, policy->floor);
	uint64_t end = round_up(segment->vaddr + segment->memory_bytes, PAGE_BYTES);
	if (end > policy->ceiling)
		return elf_refuse_segment(STATUS_ELF_ABOVE_CEILING, where, elf, index, ELF_P_VADDR, end, policy->ceiling);
	return STATUS_OK;
}

/* S9 to S11. An alignment below the page size is taken: pages are what is placed, so congruence modulo a page is enough. */
static enum status check_alignment(const struct elf *elf, uint32_t index, struct where *where)
{
	const struct elf_segment *segment = &elf->segment[index];
	uint64_t align = segment->align;
	if (align != 0 && !is_power_of_two(align))
		return elf_refuse_segment(STATUS_ELF_ALIGN_NOT_POWER, where, elf, index, ELF_P_ALIGN, align, 0);
	if (align > ELF_ALIGN_MAX)
		return elf_refuse_segment(STATUS_ELF_ALIGN_TOO_LARGE, where, elf, index, ELF_P_ALIGN, align, ELF_ALIGN_MAX);
	uint64_t modulus = align > PAGE_BYTES ? align : PAGE_BYTES;
	if (segment->file_bytes != 0 && !is_multiple(segment->vaddr - segment->offset, modulus))
		return elf_refuse_segment(STATUS_ELF_NOT_CONGRUENT, where, elf, index, ELF_P_OFFSET, segment->offset, modulus);
	return STATUS_OK;
}

/* S16, S17. */
static enum status check_flags(const struct elf *elf, uint32_t index, const struct elf_policy *policy, struct where *where)
{
	uint32_t flags = elf->segment[index].flags;
	const uint32_t writable_and_executable = ELF_W | ELF_X;
	if ((flags & ~(uint32_t)(ELF_R | ELF_W | ELF_X)) != 0)
		return elf_refuse_segment(STATUS_ELF_SEGMENT_FLAGS, where, elf, index, ELF_P_FLAGS, flags, ELF_R | ELF_W | ELF_X);
	if (!(flags & ELF_R))
		return elf_refuse_segment(STATUS_ELF_NOT_READABLE, where, elf, index, ELF_P_FLAGS, flags, ELF_R);
	if ((flags & writable_and_executable) == writable_and_executable && !policy->writable_and_executable_allowed)
		return elf_refuse_segment(STATUS_ELF_WRITABLE_AND_EXECUTABLE, where, elf, index, ELF_P_FLAGS, flags,
		                          writable_and_executable);
	return STATUS_OK;
}

static enum status check_load(const struct elf *elf, uint32_t index, const struct elf_policy *policy, struct where *where)
{
	enum status status = check_file_range(elf, index, where);
	if (status == STATUS_OK && !elf_segment_is_loaded(&elf->segment[index]))
		return STATUS_OK; /* S2: no bytes anywhere, so nothing else of it matters */
	if (status == STATUS_OK)
		status = check_memory_range(elf, index, policy, where);
	if (status == STATUS_OK)
		status = check_alignment(elf, index, where);
	if (status == STATUS_OK)
		status = check_flags(elf, index, policy, where);
	return status;
}

/* S12 to S14, for a segment and the loaded one before it. Since all ascend, looking at neighbours is enough. */
static enum status check_neighbours(const struct elf *elf, const struct elf_policy *policy, uint32_t before_index, uint32_t index,
                                    struct where *where)
{
	const struct elf_segment *before = &elf->segment[before_index], *segment = &elf->segment[index];
	uint64_t end = before->vaddr + before->memory_bytes;
	if (segment->vaddr < before->vaddr)
		return elf_refuse_segment(STATUS_ELF_NOT_ASCENDING, where, elf, index, ELF_P_VADDR, segment->vaddr, before->vaddr);
	if (segment->vaddr < end)
		return elf_refuse_segment(STATUS_ELF_OVERLAP, where, elf, index, ELF_P_VADDR, segment->vaddr, end);
	if (round_down(segment->vaddr, PAGE_BYTES) >= round_up(end, PAGE_BYTES))
		return STATUS_OK;
	if (segment->flags != before->flags)
		return elf_refuse_segment(STATUS_ELF_PAGE_SHARED, where, elf, index, ELF_P_VADDR, segment->vaddr,
		                          round_up(end, PAGE_BYTES));
	if (policy->page_sharing_refused)
		return elf_refuse_segment(STATUS_ELF_PAGE_SHARED_AT_ALL, where, elf, index, ELF_P_VADDR, segment->vaddr,
		                          round_up(end, PAGE_BYTES));
	return STATUS_OK;
}

static bool file_ranges_meet(const struct elf_segment *a, const struct elf_segment *b)
{
	return a->file_bytes != 0 && b->file_bytes != 0 && a->offset < b->offset + b->file_bytes
	       && b->offset < a->offset + a->file_bytes;
}

/* S15, counting bytes: linkers put the end of one segment and the start of the next into one page of the file. */
static enum status check_aliases(const struct elf *elf, uint32_t index, struct where *where)
{
	const struct elf_segment *segment = &elf->segment[index];
	for (uint32_t i = 0; i < index; i++) {
		const struct elf_segment *other = &elf->segment[i];
		if (elf_segment_is_loaded(other) && ((segment->flags | other->flags) & ELF_W) != 0 && file_ranges_meet(segment, other))
			return elf_refuse_segment(STATUS_ELF_FILE_ALIASED, where, elf, index, ELF_P_OFFSET, segment->offset,
			                          other->offset + other->file_bytes);
	}
	return STATUS_OK;
}

/* S18. A page that two segments share is counted twice: the sum is for a limit, the plan has the exact bill. */
static enum status add_pages(const struct elf *elf, uint32_t index, const struct elf_policy *policy, uint64_t *pages,
                             struct where *where)
{
	const struct elf_segment *segment = &elf->segment[index];
	uint64_t first = round_down(segment->vaddr, PAGE_BYTES);
	*pages += (round_up(segment->vaddr + segment->memory_bytes, PAGE_BYTES) - first) / PAGE_BYTES;
	if (*pages > policy->pages_max)
		return elf_refuse_segment(STATUS_ELF_TOO_MANY_PAGES, where, elf, index, ELF_P_MEMSZ, *pages, policy->pages_max);
	return STATUS_OK;
}

static enum status check_together(const struct elf *elf, const struct elf_policy *policy, struct where *where)
{
	uint32_t before = WHERE_NO_INDEX;
	uint64_t pages = 0;
	for (uint32_t i = 0; i < elf->segment_count; i++) {
		if (!elf_segment_is_loaded(&elf->segment[i]))
			continue;
		enum status status = STATUS_OK;
		if (before != WHERE_NO_INDEX)
			status = check_neighbours(elf, policy, before, i, where);
		if (status == STATUS_OK)
			status = check_aliases(elf, i, where);
		if (status == STATUS_OK)
			status = add_pages(elf, i, policy, &pages, where);
		if (status != STATUS_OK)
			return status;
		before = i;
	}
	if (before == WHERE_NO_INDEX)
		return elf_refuse_header(STATUS_ELF_NO_LOAD, where, elf, ELF_E_PHNUM, 0, 1);
	return STATUS_OK;
}

enum status elf_check_loads(const struct elf *elf, const struct elf_policy *policy, struct where *where)
{
	for (uint32_t i = 0; i < elf->segment_count; i++) {
		if (elf->segment[i].type != ELF_LOAD)
			continue;
		enum status status = check_load(elf, i, policy, where);
		if (status != STATUS_OK)
			return status;
	}
	return check_together(elf, policy, where);
}
