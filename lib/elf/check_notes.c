/* SPDX-License-Identifier: BSD-2-Clause */
/* Notes: each inside the next, none read (rule E10). They are checked so that nobody who looks for one later, in the file or
 * in memory, can be led outside. */
#include "lib/elf/refuse.h"
#include "lib/base/bytes.h"

#define NOTE_HEADER_BYTES 12u /* name size, description size, type */

/* gABI: name and description are padded to 4 bytes; GNU pads to 8 where the header says 8. */
static uint64_t padded(uint64_t bytes, uint64_t align)
{
	return round_up(bytes, align);
}

/* One note at `at`, of which left bytes may be used. *bytes is its length with padding; a last note may lack its padding. */
static bool note_length(const uint8_t *at, uint64_t left, uint64_t align, uint64_t *bytes)
{
	if (left < NOTE_HEADER_BYTES)
		return false;
	uint64_t name_end = padded(NOTE_HEADER_BYTES + (uint64_t)bytes_get32(at), align);
	uint64_t end = name_end + bytes_get32(at + 4);
	if (end > left && bytes_get32(at + 4) != 0)
		return false;
	if (NOTE_HEADER_BYTES + (uint64_t)bytes_get32(at) > left)
		return false;
	*bytes = padded(end, align) < left ? padded(end, align) : left;
	return true;
}

enum status elf_check_notes(const struct elf *elf, uint32_t index, struct where *where)
{
	const struct elf_segment *notes = &elf->segment[index];
	uint64_t align = notes->align <= 4 ? 4 : notes->align; /* 0 to 2: nothing is said that 4 would not fulfil */
	if (notes->file_bytes == 0)
		return STATUS_OK;
	if (!range_is_inside(notes->offset, notes->file_bytes, elf->size_bytes))
		return elf_refuse_segment(STATUS_ELF_NOTE_OUTSIDE, where, elf, index, ELF_P_OFFSET, notes->offset, elf->size_bytes);
	if (notes->file_bytes > ELF_NOTE_BYTES_MAX)
		return elf_refuse_segment(STATUS_ELF_NOTE_TOO_LONG, where, elf, index, ELF_P_FILESZ, notes->file_bytes,
		                          ELF_NOTE_BYTES_MAX);
	if ((align != 4 && align != 8) || notes->align == 3)
		return elf_refuse_segment(STATUS_ELF_NOTE_ALIGN, where, elf, index, ELF_P_ALIGN, notes->align, 8);
	uint64_t done = 0;
	while (done < notes->file_bytes) {
		uint64_t bytes, left = notes->file_bytes - done;
		if (!note_length(elf->bytes + notes->offset + done, left, align, &bytes)) {
			*where = (struct where) { .offset = notes->offset + done, .index = index, .value = left, .limit = NOTE_HEADER_BYTES };
			return STATUS_ELF_NOTE_MALFORMED;
		}
		done += bytes;
	}
	return STATUS_OK;
}
