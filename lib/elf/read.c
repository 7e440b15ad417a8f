/* SPDX-License-Identifier: BSD-2-Clause */
/* From bytes to the native form: the header and every program header, each field read once. What can be judged without
 * knowing the machine is judged here (rules H1, H2, H4 to H7, H10 to H15). Deliberately absent: section headers. */
#include "lib/elf/refuse.h"
#include "lib/base/bytes.h"

#define PN_XNUM 0xffffu /* gABI: the count did not fit and is in section header 0 */
#define OSABI_GNU 3u
#define VERSION_CURRENT 1u
#define DATA_LITTLE_ENDIAN 1u

/* The smaller of the two ELF headers must be there before its class is known, the whole of it afterwards. */
static enum status check_size(uint64_t size_bytes, const struct elf_wire *wire, struct where *where)
{
	if (size_bytes < wire->header_bytes)
		return elf_refuse(STATUS_ELF_TOO_SHORT, where, size_bytes, size_bytes, wire->header_bytes);
	return STATUS_OK;
}

static enum status check_magic(const uint8_t *bytes, struct where *where)
{
	static const uint8_t magic[4] = { 0x7f, 'E', 'L', 'F' };
	for (uint32_t i = 0; i < sizeof magic; i++)
		if (bytes[i] != magic[i])
			return elf_refuse(STATUS_ELF_MAGIC, where, i, bytes[i], magic[i]);
	return STATUS_OK;
}

static enum status check_ident_byte(const uint8_t *bytes, uint32_t at, uint8_t wanted, enum status status, struct where *where)
{
	if (bytes[at] != wanted)
		return elf_refuse(status, where, at, bytes[at], wanted);
	return STATUS_OK;
}

static enum status check_ident(const uint8_t *bytes, struct where *where)
{
	enum status status = check_ident_byte(bytes, ELF_IDENT_DATA, DATA_LITTLE_ENDIAN, STATUS_ELF_BYTE_ORDER, where);
	if (status == STATUS_OK)
		status = check_ident_byte(bytes, ELF_IDENT_VERSION_AT, VERSION_CURRENT, STATUS_ELF_IDENT_VERSION, where);
	if (status == STATUS_OK && bytes[ELF_IDENT_OSABI_AT] != OSABI_GNU)
		status = check_ident_byte(bytes, ELF_IDENT_OSABI_AT, 0, STATUS_ELF_OSABI, where);
	if (status == STATUS_OK)
		status = check_ident_byte(bytes, ELF_IDENT_ABI_VERSION_AT, 0, STATUS_ELF_ABI_VERSION, where);
	for (uint32_t at = ELF_IDENT_PADDING_AT; status == STATUS_OK && at < ELF_IDENT_BYTES; at++)
		status = check_ident_byte(bytes, at, 0, STATUS_ELF_IDENT_PADDING, where);
	return status;
}

/* H1, H2, H4 to H6; *wire is the file's class. */
static enum status read_ident(const uint8_t *bytes, uint64_t size_bytes, const struct elf_wire **wire, struct where *where)
{
	enum status status = check_size(size_bytes, elf_wire_of(32), where);
	if (status == STATUS_OK)
		status = check_magic(bytes, where);
	if (status != STATUS_OK)
		return status;
	uint8_t class = bytes[ELF_IDENT_CLASS];
	if (class != 1 && class != 2)
		return elf_refuse(STATUS_ELF_CLASS_UNKNOWN, where, ELF_IDENT_CLASS, class, 2);
	*wire = elf_wire_of(class == 1 ? 32 : 64);
	status = check_ident(bytes, where);
	return status == STATUS_OK ? check_size(size_bytes, *wire, where) : status;
}

/* H7, H5, H10, H11. The type comes first, so that an object file is told that it is one. */
static enum status check_header(const struct elf_wire *wire, const uint64_t field[ELF_E_COUNT], struct where *where)
{
	if (field[ELF_E_TYPE] != ELF_TYPE_EXEC && field[ELF_E_TYPE] != ELF_TYPE_DYN)
		return elf_refuse(STATUS_ELF_TYPE, where, wire->header[ELF_E_TYPE].offset, field[ELF_E_TYPE], ELF_TYPE_EXEC);
	if (field[ELF_E_VERSION] != VERSION_CURRENT)
		return elf_refuse(STATUS_ELF_VERSION, where, wire->header[ELF_E_VERSION].offset, field[ELF_E_VERSION], VERSION_CURRENT);
	if (field[ELF_E_EHSIZE] != wire->header_bytes)
		return elf_refuse(STATUS_ELF_HEADER_SIZE, where, wire->header[ELF_E_EHSIZE].offset, field[ELF_E_EHSIZE],
		                  wire->header_bytes);
	if (field[ELF_E_PHENTSIZE] != wire->segment_header_bytes)
		return elf_refuse(STATUS_ELF_SEGMENT_HEADER_SIZE, where, wire->header[ELF_E_PHENTSIZE].offset,
		                  field[ELF_E_PHENTSIZE], wire->segment_header_bytes);
	return STATUS_OK;
}

/* H12 to H15: afterwards the table of program headers lies inside the file and fits struct elf. */
static enum status check_table(const struct elf_wire *wire, const uint64_t field[ELF_E_COUNT], uint64_t size_bytes,
                               struct where *where)
{
	uint64_t count = field[ELF_E_PHNUM], offset = field[ELF_E_PHOFF];
	uint64_t count_at = wire->header[ELF_E_PHNUM].offset, offset_at = wire->header[ELF_E_PHOFF].offset;
	if (count == 0)
		return elf_refuse(STATUS_ELF_NO_SEGMENTS, where, count_at, count, 1);
	if (count == PN_XNUM)
		return elf_refuse(STATUS_ELF_EXTENDED_COUNT, where, count_at, count, ELF_SEGMENTS_MAX);
	if (count > ELF_SEGMENTS_MAX)
		return elf_refuse(STATUS_ELF_TOO_MANY_SEGMENTS, where, count_at, count, ELF_SEGMENTS_MAX);
	if (offset < wire->header_bytes)
		return elf_refuse(STATUS_ELF_TABLE_INSIDE_HEADER, where, offset_at, offset, wire->header_bytes);
	if (!is_multiple(offset, wire->word_bytes))
		return elf_refuse(STATUS_ELF_TABLE_UNALIGNED, where, offset_at, offset, wire->word_bytes);
	if (!range_is_inside(offset, count * wire->segment_header_bytes, size_bytes))
		return elf_refuse(STATUS_ELF_TABLE_OUTSIDE, where, offset_at, offset, size_bytes);
	return STATUS_OK;
}

static void read_segment(const struct elf *elf, const struct elf_wire *wire, uint32_t index, struct elf_segment *segment)
{
	segment->header_offset = elf->phoff + (uint64_t)index * wire->segment_header_bytes;
	const uint8_t *at = elf->bytes + segment->header_offset;
	segment->type = (uint32_t)elf_wire_get(at, wire->segment[ELF_P_TYPE]);
	segment->flags = (uint32_t)elf_wire_get(at, wire->segment[ELF_P_FLAGS]);
	segment->offset = elf_wire_get(at, wire->segment[ELF_P_OFFSET]);
	segment->vaddr = elf_wire_get(at, wire->segment[ELF_P_VADDR]);
	segment->file_bytes = elf_wire_get(at, wire->segment[ELF_P_FILESZ]);
	segment->memory_bytes = elf_wire_get(at, wire->segment[ELF_P_MEMSZ]);
	segment->align = elf_wire_get(at, wire->segment[ELF_P_ALIGN]);
}

enum status elf_read(const uint8_t *bytes, uint64_t size_bytes, struct elf *elf, struct where *where)
{
	const struct elf_wire *wire;
	uint64_t field[ELF_E_COUNT];
	enum status status = read_ident(bytes, size_bytes, &wire, where);
	if (status != STATUS_OK)
		return status;
	for (uint32_t i = 0; i < ELF_E_COUNT; i++)
		field[i] = elf_wire_get(bytes, wire->header[i]);
	status = check_header(wire, field, where);
	if (status == STATUS_OK)
		status = check_table(wire, field, size_bytes, where);
	if (status != STATUS_OK)
		return status;
	elf->bytes = bytes;
	elf->size_bytes = size_bytes;
	elf->class_bits = wire->class_bits;
	elf->type = (uint16_t)field[ELF_E_TYPE];
	elf->machine = (uint16_t)field[ELF_E_MACHINE];
	elf->flags = (uint32_t)field[ELF_E_FLAGS];
	elf->base = 0;
	elf->entry = field[ELF_E_ENTRY];
	elf->phoff = field[ELF_E_PHOFF];
	elf->phentsize = (uint16_t)field[ELF_E_PHENTSIZE];
	elf->segment_count = (uint32_t)field[ELF_E_PHNUM];
	for (uint32_t i = 0; i < elf->segment_count; i++)
		read_segment(elf, wire, i, &elf->segment[i]);
	return STATUS_OK;
}
