/* SPDX-License-Identifier: BSD-2-Clause */
/* From an accepted program to a payload: the same program as page images, every byte that is not the program's own zero.
 * Kept invariant: elf_check accepts a payload under the policy that accepted the program. */
#include "lib/archive/pack.h"
#include "lib/archive/layout.h"
#include "lib/base/bytes.h"
#include "lib/elf/wire.h"

static uint64_t page_offset(uint64_t vaddr)
{
	return vaddr & (PAGE_BYTES - 1);
}

/* Bytes of pages that a load takes in the payload. */
static uint64_t load_image_bytes(const struct elf *elf, const struct pack_load *load)
{
	if (load->file_bytes == 0)
		return 0;
	return round_up(page_offset(elf->segment[load->first].vaddr) + load->file_bytes, PAGE_BYTES);
}

static void extend(const struct elf *elf, struct pack_load *load, uint32_t index)
{
	const struct elf_segment *segment = &elf->segment[index];
	uint64_t before = segment->vaddr - elf->segment[load->first].vaddr;
	load->last = index;
	load->memory_bytes = before + segment->memory_bytes;
	if (segment->file_bytes != 0)
		load->file_bytes = before + segment->file_bytes;
}

/* First address above the pages that a load has in the payload. */
static uint64_t image_end(const struct elf *elf, const struct pack_load *load)
{
	return round_down(elf->segment[load->first].vaddr, PAGE_BYTES) + load_image_bytes(elf, load);
}

/* One load per segment, but one for those that share a page of the payload. (If the page they share is one of zeros, joining
 * them would put all the zeros before it into the payload; the plan can lay the second segment's bytes over it instead.) */
static void gather_loads(const struct elf *elf, struct pack_layout *layout)
{
	struct pack_load *load = NULL;
	layout->load_count = 0;
	for (uint32_t i = 0; i < elf->segment_count; i++) {
		const struct elf_segment *segment = &elf->segment[i];
		if (!elf_segment_is_loaded(segment))
			continue;
		if (!load || round_down(segment->vaddr, PAGE_BYTES) >= image_end(elf, load)) {
			load = &layout->load[layout->load_count++];
			*load = (struct pack_load) { .first = i };
		}
		extend(elf, load, i);
	}
}

static bool holds_own_headers(const struct elf *elf, const struct pack_layout *layout)
{
	const struct elf_segment *first = &elf->segment[layout->load[0].first];
	uint64_t table_bytes = (uint64_t)elf->segment_count * elf->phentsize;
	return first->offset == 0 && range_is_inside(elf->phoff, table_bytes, first->file_bytes);
}

/* The place in the payload of bytes that the program has in the file and, in step, in a load; false if it has not. */
static bool find_in_payload(const struct elf *elf, const struct pack_layout *layout, const struct elf_segment *header,
                            uint64_t *offset)
{
	const struct elf_segment *segment = elf_segment_around(elf, header->vaddr, header->file_bytes);
	if (!segment || !range_is_inside(header->vaddr - segment->vaddr, header->file_bytes, segment->file_bytes)
	    || header->offset - segment->offset != header->vaddr - segment->vaddr)
		return false;
	for (uint32_t i = 0; i < layout->load_count; i++) {
		const struct pack_load *load = &layout->load[i];
		if (segment <= &elf->segment[load->last]) {
			uint64_t start = elf->segment[load->first].vaddr;
			*offset = load->offset + page_offset(start) + (header->vaddr - start);
			return true;
		}
	}
	return false;
}

static struct elf_segment payload_load(const struct elf *elf, const struct pack_layout *layout, uint32_t index)
{
	struct elf_segment header = elf->segment[index];
	for (uint32_t i = 0; i < layout->load_count; i++)
		if (layout->load[i].first == index) {
			header.offset = layout->load[i].offset + page_offset(header.vaddr);
			header.file_bytes = layout->load[i].file_bytes;
			header.memory_bytes = layout->load[i].memory_bytes;
			header.align = PAGE_BYTES;
			return header;
		}
	return (struct elf_segment) { .type = ELF_NULL }; /* empty, or part of the load before */
}

/* Program header number index as it is in the payload; type ELF_NULL if it has no place there. */
static struct elf_segment payload_header(const struct elf *elf, const struct pack_layout *layout, uint32_t index)
{
	struct elf_segment header = elf->segment[index];
	if (header.type == ELF_LOAD)
		return payload_load(elf, layout, index);
	if (header.type == ELF_GRAFT_SYMBOLS)
		return (struct elf_segment) { .type = ELF_NULL };
	if (header.file_bytes == 0)
		header.offset = 0;
	else if (!find_in_payload(elf, layout, &header, &header.offset))
		return (struct elf_segment) { .type = ELF_NULL };
	return header;
}

/* With headers before the segments, only those that mean something to a loader are kept. */
static bool is_kept(uint32_t type)
{
	return type == ELF_LOAD || type == ELF_TLS || type == ELF_DYNAMIC || type == ELF_GNU_STACK || type == ELF_GNU_RELRO;
}

/* With headers in place, the symbols take the place of the header that a program will miss least. */
static uint32_t find_spare_header(const struct elf *elf, const struct pack_layout *layout)
{
	static const uint32_t spare[] = { ELF_NULL, ELF_GNU_PROPERTY, ELF_PAX_FLAGS, ELF_GNU_SFRAME, ELF_NOTE, ELF_GNU_STACK };
	for (size_t s = 0; s < sizeof spare / sizeof spare[0]; s++)
		for (uint32_t i = 0; i < elf->segment_count; i++)
			if (payload_header(elf, layout, i).type == spare[s])
				return i;
	return WHERE_NO_INDEX;
}

static uint32_t count_kept(const struct elf *elf, const struct pack_layout *layout)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < elf->segment_count; i++)
		count += is_kept(payload_header(elf, layout, i).type);
	return count;
}

/* Gives every load its pages, and the symbols theirs behind them. */
static void place(const struct elf *elf, struct pack_layout *layout)
{
	uint64_t end = layout->headers_in_place ? 0 : PAGE_BYTES;
	for (uint32_t i = 0; i < layout->load_count; i++) {
		layout->load[i].offset = end;
		end += load_image_bytes(elf, &layout->load[i]);
	}
	layout->symbols_offset = end;
	layout->size_bytes = round_up(end + (uint64_t)layout->symbol_count * ARCHIVE_SYMBOL_BYTES, PAGE_BYTES);
}

enum status pack_layout(const struct elf *elf, uint32_t symbol_count, struct pack_layout *layout, struct where *where)
{
	gather_loads(elf, layout);
	layout->symbol_count = symbol_count;
	layout->symbols_header = WHERE_NO_INDEX;
	layout->headers_in_place = holds_own_headers(elf, layout);
	layout->header_count = elf->segment_count;
	place(elf, layout);
	if (layout->headers_in_place && symbol_count != 0) {
		layout->symbols_header = find_spare_header(elf, layout);
		layout->headers_in_place = layout->symbols_header != WHERE_NO_INDEX;
	}
	if (layout->headers_in_place)
		return STATUS_OK;
	place(elf, layout);
	layout->header_count = count_kept(elf, layout);
	if (symbol_count != 0)
		layout->symbols_header = layout->header_count++;
	if (layout->header_count > ELF_SEGMENTS_MAX) {
		*where = (struct where) { elf->phoff, WHERE_NO_INDEX, layout->header_count, ELF_SEGMENTS_MAX };
		return STATUS_ELF_TOO_MANY_SEGMENTS;
	}
	return STATUS_OK;
}

static void write_load(const struct elf *elf, const struct pack_load *load, uint8_t *payload)
{
	uint64_t start = round_down(elf->segment[load->first].vaddr, PAGE_BYTES);
	for (uint32_t i = load->first; i <= load->last; i++) {
		const struct elf_segment *segment = &elf->segment[i];
		if (elf_segment_is_loaded(segment) && segment->file_bytes != 0)
			memcpy(payload + load->offset + (segment->vaddr - start), elf->bytes + segment->offset,
			       (size_t)segment->file_bytes);
	}
}

static void write_segment_header(const struct elf_wire *wire, uint8_t *at, const struct elf_segment *header)
{
	const uint64_t value[ELF_P_COUNT] = {
		[ELF_P_TYPE] = header->type, [ELF_P_FLAGS] = header->flags, [ELF_P_OFFSET] = header->offset,
		[ELF_P_VADDR] = header->vaddr, [ELF_P_PADDR] = header->vaddr, [ELF_P_FILESZ] = header->file_bytes,
		[ELF_P_MEMSZ] = header->memory_bytes, [ELF_P_ALIGN] = header->align,
	};
	for (uint32_t i = 0; i < ELF_P_COUNT; i++)
		elf_wire_put(at, wire->segment[i], value[i]);
}

static struct elf_segment symbols_header(const struct pack_layout *layout)
{
	return (struct elf_segment) {
		.type = ELF_GRAFT_SYMBOLS, .flags = ELF_R, .offset = layout->symbols_offset, .align = 8,
		.file_bytes = (uint64_t)layout->symbol_count * ARCHIVE_SYMBOL_BYTES,
	};
}

/* The identification and all of the header but what tells of program headers and sections is the program's. */
static void write_header(const struct elf *elf, const struct elf_wire *wire, uint64_t phoff, uint32_t count, uint8_t *payload)
{
	static const uint8_t section_fields[] = { ELF_E_SHOFF, ELF_E_SHENTSIZE, ELF_E_SHNUM, ELF_E_SHSTRNDX };
	memcpy(payload, elf->bytes, wire->header_bytes);
	elf_wire_put(payload, wire->header[ELF_E_PHOFF], phoff);
	elf_wire_put(payload, wire->header[ELF_E_PHNUM], count);
	for (size_t i = 0; i < sizeof section_fields; i++)
		elf_wire_put(payload, wire->header[section_fields[i]], 0);
}

static void write_headers(const struct elf *elf, const struct pack_layout *layout, uint8_t *payload)
{
	const struct elf_wire *wire = elf_wire_of(elf->class_bits);
	uint64_t phoff = layout->headers_in_place ? elf->phoff : wire->header_bytes;
	uint32_t written = 0;
	write_header(elf, wire, phoff, layout->header_count, payload);
	for (uint32_t i = 0; i < elf->segment_count; i++) {
		struct elf_segment header = payload_header(elf, layout, i);
		if (layout->headers_in_place && i == layout->symbols_header)
			header = symbols_header(layout);
		if (layout->headers_in_place || is_kept(header.type))
			write_segment_header(wire, payload + phoff + (uint64_t)written++ * wire->segment_header_bytes, &header);
	}
	if (!layout->headers_in_place && layout->symbol_count != 0) {
		const struct elf_segment header = symbols_header(layout);
		write_segment_header(wire, payload + phoff + (uint64_t)written * wire->segment_header_bytes, &header);
	}
}

static void write_symbols(const struct pack_layout *layout, const struct pack_symbol *symbols, uint8_t *payload)
{
	for (uint32_t i = 0; i < layout->symbol_count; i++) {
		uint8_t *at = payload + layout->symbols_offset + (uint64_t)i * ARCHIVE_SYMBOL_BYTES;
		bytes_put64(at + SYMBOL_VADDR, symbols[i].vaddr);
		bytes_put64(at + SYMBOL_SIZE, symbols[i].size_bytes);
		memcpy(at + SYMBOL_NAME, symbols[i].name, strlen(symbols[i].name));
	}
}

void pack_payload(const struct elf *elf, const struct pack_layout *layout, const struct pack_symbol *symbols, uint8_t *payload)
{
	memset(payload, 0, (size_t)layout->size_bytes);
	for (uint32_t i = 0; i < layout->load_count; i++)
		write_load(elf, &layout->load[i], payload);
	write_headers(elf, layout, payload);
	write_symbols(layout, symbols, payload);
}
