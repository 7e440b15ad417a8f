/* SPDX-License-Identifier: BSD-2-Clause */
/* The bootable image: the monitor's loadable segments, and the blob as one more on the first page after them. There are no
 * other program headers and no sections: seL4's boot loader copies whatever a program header names. The monitor learns
 * where the blob is from its variable `monitor_blob`, { vaddr, size in bytes }, which is set here. */
#include "tools/graft/build.h"
#include "tools/graft/check.h"
#include "tools/graft/graft.h"
#include "tools/graft/report.h"
#include "tools/graft/symbols.h"
#include "lib/base/bytes.h"
#include <stdlib.h>
#include <string.h>

#define EHDR_BYTES 64u
#define PHDR_BYTES 56u

struct image {
	const struct job *job;
	const struct elf *elf;
	uint64_t blob_vaddr;
	uint8_t *bytes;
	uint64_t size_bytes;
	uint64_t at;    /* where the next segment's page goes in the file */
	uint32_t count; /* program headers so far */
};

static uint64_t end_of(const struct elf *elf)
{
	uint64_t end = 0;
	for (uint32_t i = 0; i < elf->segment_count; i++)
		if (elf_segment_is_loaded(&elf->segment[i]) && elf->segment[i].vaddr + elf->segment[i].memory_bytes > end)
			end = elf->segment[i].vaddr + elf->segment[i].memory_bytes;
	return round_up(end, PAGE_BYTES);
}

/* Upper bound: every segment begins on a page of its own. */
static uint64_t room_for(const struct job *job, const struct elf *elf)
{
	uint64_t room = PAGE_BYTES * 2 + job->blob.size_bytes;
	for (uint32_t i = 0; i < elf->segment_count; i++)
		if (elf_segment_is_loaded(&elf->segment[i]))
			room += round_up(elf->segment[i].file_bytes, PAGE_BYTES) + 2 * PAGE_BYTES;
	return room;
}

static void put_segment(struct image *image, uint64_t vaddr, uint32_t flags, const uint8_t *from, uint64_t file_bytes,
	uint64_t memory_bytes)
{
	uint64_t offset = image->at + vaddr % PAGE_BYTES;
	uint8_t *header = image->bytes + EHDR_BYTES + (uint64_t)image->count++ * PHDR_BYTES;
	bytes_put32(header, ELF_LOAD);
	bytes_put32(header + 4, flags);
	bytes_put64(header + 8, offset);
	bytes_put64(header + 16, vaddr);
	bytes_put64(header + 24, vaddr);
	bytes_put64(header + 32, file_bytes);
	bytes_put64(header + 40, memory_bytes);
	bytes_put64(header + 48, PAGE_BYTES);
	if (file_bytes)
		memcpy(image->bytes + offset, from, file_bytes);
	image->at = round_up(offset + file_bytes, PAGE_BYTES);
	image->size_bytes = offset + file_bytes;
}

static void put_header(struct image *image)
{
	static const uint8_t identification[16] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };
	memcpy(image->bytes, identification, sizeof identification);
	bytes_put16(image->bytes + 16, ELF_TYPE_EXEC);
	bytes_put16(image->bytes + 18, ELF_MACHINE_X86_64);
	bytes_put32(image->bytes + 20, 1);
	bytes_put64(image->bytes + 24, image->elf->entry);
	bytes_put64(image->bytes + 32, EHDR_BYTES);
	bytes_put16(image->bytes + 52, EHDR_BYTES);
	bytes_put16(image->bytes + 54, PHDR_BYTES);
	bytes_put16(image->bytes + 56, (uint16_t)image->count);
	bytes_put16(image->bytes + 58, 64); /* e_shentsize; there are no sections */
}

/* The offset in the image file of monitor_blob's bytes; false if the variable is not there or has no bytes in the file. */
static bool find_variable(const struct elf *elf, struct pack_symbol *found)
{
	uint32_t count;
	struct pack_symbol *symbols = symbols_collect(elf, &count);
	bool is_there = false;
	for (uint32_t i = 0; i < count; i++)
		if (strcmp(symbols[i].name, "monitor_blob") == 0) {
			*found = symbols[i];
			is_there = true;
		}
	free(symbols);
	return is_there && found->size_bytes == 16;
}

static bool set_variable(struct image *image, const struct pack_symbol *variable)
{
	for (uint32_t i = 0; i < image->count; i++) {
		uint8_t *header = image->bytes + EHDR_BYTES + (uint64_t)i * PHDR_BYTES;
		uint64_t offset = bytes_get64(header + 8), vaddr = bytes_get64(header + 16),
			file_bytes = bytes_get64(header + 32);
		if (variable->vaddr < vaddr || !range_is_inside(variable->vaddr - vaddr, 16, file_bytes))
			continue;
		bytes_put64(image->bytes + offset + (variable->vaddr - vaddr), image->blob_vaddr);
		bytes_put64(image->bytes + offset + (variable->vaddr - vaddr) + 8, image->job->blob.size_bytes);
		return true;
	}
	return false;
}

static bool make(const struct job *job, const struct elf *elf, struct image *image)
{
	struct pack_symbol variable;
	if (!find_variable(elf, &variable)) {
		complain("%s: no variable 'monitor_blob' of 16 bytes in a writable segment: not a monitor", job->monitor_path);
		return false;
	}
	*image = (struct image){ .job = job, .elf = elf, .blob_vaddr = end_of(elf), .at = PAGE_BYTES };
	image->bytes = arena_take(job->sdf->arena, room_for(job, elf));
	for (uint32_t i = 0; i < elf->segment_count; i++) {
		const struct elf_segment *segment = &elf->segment[i];
		if (elf_segment_is_loaded(segment))
			put_segment(image, segment->vaddr, segment->flags, elf->bytes + segment->offset, segment->file_bytes,
				segment->memory_bytes);
	}
	put_segment(image, image->blob_vaddr, ELF_R, job->blob.bytes, job->blob.size_bytes, job->blob.size_bytes);
	put_header(image);
	if (!set_variable(image, &variable)) {
		complain("%s: the variable 'monitor_blob' has no bytes in the file; it must be initialised", job->monitor_path);
		return false;
	}
	return true;
}

bool build_make_image(const struct job *job, const uint8_t **image_bytes, uint64_t *size_bytes)
{
	struct file file;
	struct elf elf;
	struct where where;
	struct elf_policy policy;
	struct image image;
	if (!file_read_all(job->monitor_path, &file))
		return false;
	elf_policy_strict(ELF_MACHINE_X86_64, &policy);
	enum status status = elf_read(file.bytes, file.size_bytes, &elf, &where);
	if (status == STATUS_OK)
		status = elf_check(&elf, &policy, &where);
	if (status != STATUS_OK)
		report_refusal(stderr, job->monitor_path, NULL, status, &where, "program header");
	bool done = status == STATUS_OK && make(job, &elf, &image);
	file_free(&file);
	if (done) {
		*image_bytes = image.bytes;
		*size_bytes = image.size_bytes;
	}
	return done;
}
