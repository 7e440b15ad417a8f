/* SPDX-License-Identifier: BSD-2-Clause */
/* The headers that load nothing themselves (rules E4 to E6 and E11; notes and dynamic section have files of their own).
 * Those that nobody reads while loading (GNU_EH_FRAME and the like) are not looked at. */
#include "lib/elf/refuse.h"
#include "lib/archive/archive.h"

/* E4. The stack is never executable; a program that needs one must not start. */
static enum status check_stack(const struct elf *elf, uint32_t index, struct where *where)
{
	uint32_t flags = elf->segment[index].flags;
	if (flags & ELF_X)
		return elf_refuse_segment(STATUS_ELF_STACK_EXECUTABLE, where, elf, index, ELF_P_FLAGS, flags, ELF_R | ELF_W);
	return STATUS_OK;
}

/* Do the bytes of a header lie in those that a loaded segment takes from the file, at the same place in file and memory? */
static bool is_loaded_from_file(const struct elf *elf, uint64_t offset, uint64_t vaddr, uint64_t bytes)
{
	const struct elf_segment *load = elf_segment_around(elf, vaddr, bytes);
	return load && range_is_inside(vaddr - load->vaddr, bytes, load->file_bytes)
	       && offset - load->offset == vaddr - load->vaddr;
}

/* E5. Only the image needs a place: each thread's copy, zeroed part included, is made elsewhere. */
static enum status check_tls(const struct elf *elf, uint32_t index, const struct elf_policy *policy, struct where *where)
{
	const struct elf_segment *tls = &elf->segment[index];
	if (tls->memory_bytes == 0 && tls->file_bytes == 0)
		return STATUS_OK;
	if (policy->tls_refused)
		return elf_refuse_segment(STATUS_ELF_TLS_UNSUPPORTED, where, elf, index, ELF_P_TYPE, tls->type, 0);
	if ((tls->align != 0 && !is_power_of_two(tls->align)) || tls->align > ELF_TLS_ALIGN_MAX)
		return elf_refuse_segment(STATUS_ELF_TLS_ALIGN, where, elf, index, ELF_P_ALIGN, tls->align, ELF_TLS_ALIGN_MAX);
	if (tls->memory_bytes > ELF_TLS_BYTES_MAX)
		return elf_refuse_segment(STATUS_ELF_TLS_TOO_LARGE, where, elf, index, ELF_P_MEMSZ, tls->memory_bytes, ELF_TLS_BYTES_MAX);
	if (tls->file_bytes > tls->memory_bytes)
		return elf_refuse_segment(STATUS_ELF_TLS_FILE_EXCEEDS_MEMORY, where, elf, index, ELF_P_FILESZ, tls->file_bytes,
		                          tls->memory_bytes);
	if (tls->file_bytes != 0 && !is_loaded_from_file(elf, tls->offset, tls->vaddr, tls->file_bytes))
		return elf_refuse_segment(STATUS_ELF_TLS_OUTSIDE, where, elf, index, ELF_P_VADDR, tls->vaddr, 0);
	return STATUS_OK;
}

/* E6. The end may be rounded up to the end of its page, as lld does. */
static enum status check_relro(const struct elf *elf, uint32_t index, struct where *where)
{
	const struct elf_segment *relro = &elf->segment[index];
	if (relro->memory_bytes == 0)
		return STATUS_OK;
	const struct elf_segment *load = elf_segment_around(elf, relro->vaddr, 1);
	if (!load || !(load->flags & ELF_W) || load->vaddr != relro->vaddr)
		return elf_refuse_segment(STATUS_ELF_RELRO_OUTSIDE, where, elf, index, ELF_P_VADDR, relro->vaddr,
		                          load ? load->vaddr : 0);
	uint64_t room = round_up(load->vaddr + load->memory_bytes, PAGE_BYTES) - load->vaddr;
	if (relro->memory_bytes > room)
		return elf_refuse_segment(STATUS_ELF_RELRO_OUTSIDE, where, elf, index, ELF_P_MEMSZ, relro->memory_bytes, room);
	return STATUS_OK;
}

static bool follows_a_load(const struct elf *elf, uint32_t index)
{
	for (uint32_t i = 0; i < index; i++)
		if (elf->segment[i].type == ELF_LOAD)
			return true;
	return false;
}

/* E11. */
static enum status check_phdr(const struct elf *elf, uint32_t index, struct where *where)
{
	const struct elf_segment *phdr = &elf->segment[index];
	uint64_t table_bytes = (uint64_t)elf->segment_count * elf->phentsize;
	if (follows_a_load(elf, index))
		return elf_refuse_segment(STATUS_ELF_PHDR_LATE, where, elf, index, ELF_P_TYPE, phdr->type, 0);
	if (phdr->offset != elf->phoff)
		return elf_refuse_segment(STATUS_ELF_PHDR_MISPLACED, where, elf, index, ELF_P_OFFSET, phdr->offset, elf->phoff);
	if (phdr->file_bytes != table_bytes)
		return elf_refuse_segment(STATUS_ELF_PHDR_MISPLACED, where, elf, index, ELF_P_FILESZ, phdr->file_bytes, table_bytes);
	if (phdr->memory_bytes != table_bytes)
		return elf_refuse_segment(STATUS_ELF_PHDR_MISPLACED, where, elf, index, ELF_P_MEMSZ, phdr->memory_bytes, table_bytes);
	if (!is_loaded_from_file(elf, phdr->offset, phdr->vaddr, phdr->file_bytes))
		return elf_refuse_segment(STATUS_ELF_PHDR_MISPLACED, where, elf, index, ELF_P_VADDR, phdr->vaddr, 0);
	return STATUS_OK;
}

static enum status check_symbols(const struct elf *elf, uint32_t index, struct where *where)
{
	const struct elf_segment *symbols = &elf->segment[index];
	const uint64_t bytes_max = (uint64_t)ARCHIVE_SYMBOLS_MAX * ARCHIVE_SYMBOL_BYTES;
	if (symbols->file_bytes > bytes_max || (uint32_t)symbols->file_bytes % ARCHIVE_SYMBOL_BYTES != 0)
		return elf_refuse_segment(STATUS_ELF_SYMBOLS_MALFORMED, where, elf, index, ELF_P_FILESZ, symbols->file_bytes, bytes_max);
	if (!range_is_inside(symbols->offset, symbols->file_bytes, elf->size_bytes))
		return elf_refuse_segment(STATUS_ELF_SYMBOLS_MALFORMED, where, elf, index, ELF_P_OFFSET, symbols->offset,
		                          elf->size_bytes);
	return STATUS_OK;
}

/* In a program at fixed addresses a dynamic section means the same, with 0 as the base. */
static enum status check_dynamic(const struct elf *elf, uint32_t index, const struct elf_policy *policy, struct where *where)
{
	if (policy->relocation == ELF_RELOCATE_REFUSED)
		return elf_refuse_segment(STATUS_ELF_DYNAMIC_UNSUPPORTED, where, elf, index, ELF_P_TYPE, ELF_DYNAMIC, 0);
	return elf_check_dynamic(elf, index, policy, where);
}

static enum status check_extra(const struct elf *elf, uint32_t index, const struct elf_policy *policy, struct where *where)
{
	switch (elf->segment[index].type) {
	case ELF_GNU_STACK:
		return check_stack(elf, index, where);
	case ELF_TLS:
		return check_tls(elf, index, policy, where);
	case ELF_GNU_RELRO:
		return check_relro(elf, index, where);
	case ELF_DYNAMIC:
		return check_dynamic(elf, index, policy, where);
	case ELF_NOTE:
	case ELF_GNU_PROPERTY:
		return elf_check_notes(elf, index, where);
	case ELF_PHDR:
		return check_phdr(elf, index, where);
	case ELF_GRAFT_SYMBOLS:
		return check_symbols(elf, index, where);
	default:
		return STATUS_OK;
	}
}

enum status elf_check_extras(const struct elf *elf, const struct elf_policy *policy, struct where *where)
{
	if (policy->stack_header_required && !elf_segment_find(elf, ELF_GNU_STACK))
		return elf_refuse_header(STATUS_ELF_STACK_MISSING, where, elf, ELF_E_PHNUM, elf->segment_count, 0);
	for (uint32_t i = 0; i < elf->segment_count; i++) {
		enum status status = check_extra(elf, i, policy, where);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}
