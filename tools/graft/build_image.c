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
#include "lib/elf/wire.h"
#include <stdlib.h>
#include <string.h>

#define ABI_SET_OF_I386 3u /* ABI_SET_PLAIN of <sel4/abi.h> */

struct image {
	const struct job *job;
	const struct elf *elf;
	const struct elf_wire *wire; /* of the monitor, and so of the image */
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

static uint8_t *segment_header(const struct image *image, uint32_t index)
{
	return image->bytes + image->wire->header_bytes + (uint64_t)index * image->wire->segment_header_bytes;
}

static void put_segment(struct image *image, uint64_t vaddr, uint32_t flags, const uint8_t *from, uint64_t file_bytes,
	uint64_t memory_bytes)
{
	uint64_t offset = image->at + vaddr % PAGE_BYTES;
	uint8_t *header = segment_header(image, image->count++);
	const uint64_t values[ELF_P_COUNT] = {
		[ELF_P_TYPE] = ELF_LOAD, [ELF_P_FLAGS] = flags, [ELF_P_OFFSET] = offset, [ELF_P_VADDR] = vaddr,
		[ELF_P_PADDR] = vaddr, [ELF_P_FILESZ] = file_bytes, [ELF_P_MEMSZ] = memory_bytes, [ELF_P_ALIGN] = PAGE_BYTES,
	};
	for (size_t i = 0; i < ELF_P_COUNT; i++)
		elf_wire_put(header, image->wire->segment[i], values[i]);
	if (file_bytes)
		memcpy(image->bytes + offset, from, file_bytes);
	image->at = round_up(offset + file_bytes, PAGE_BYTES);
	image->size_bytes = offset + file_bytes;
}

static void put_header(struct image *image)
{
	const struct elf_wire *wire = image->wire;
	const uint8_t identification[ELF_IDENT_BYTES] = { 0x7f, 'E', 'L', 'F', wire->class_bits / 32u, 1, 1 };
	const uint64_t values[ELF_E_COUNT] = {
		[ELF_E_TYPE] = ELF_TYPE_EXEC, [ELF_E_MACHINE] = image->elf->machine, [ELF_E_VERSION] = 1,
		[ELF_E_ENTRY] = image->elf->entry, [ELF_E_PHOFF] = wire->header_bytes, [ELF_E_EHSIZE] = wire->header_bytes,
		[ELF_E_PHENTSIZE] = wire->segment_header_bytes, [ELF_E_PHNUM] = image->count,
		[ELF_E_SHENTSIZE] = wire->class_bits == 32 ? 40 : 64, /* though there are no sections */
	};
	memcpy(image->bytes, identification, sizeof identification);
	for (size_t i = 0; i < ELF_E_COUNT; i++)
		elf_wire_put(image->bytes, wire->header[i], values[i]);
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
		const uint8_t *header = segment_header(image, i);
		const struct elf_field *field = image->wire->segment;
		uint64_t offset = elf_wire_get(header, field[ELF_P_OFFSET]), vaddr = elf_wire_get(header, field[ELF_P_VADDR]),
			file_bytes = elf_wire_get(header, field[ELF_P_FILESZ]);
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
	*image = (struct image){ .job = job, .elf = elf, .wire = elf_wire_of(elf->class_bits), .blob_vaddr = end_of(elf), .at = PAGE_BYTES };
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

bool build_open_monitor(struct job *job)
{
	struct where where;
	struct elf_policy policy;
	if (!file_read_all(job->monitor_path, &job->monitor_file))
		return false;
	enum status status = elf_read(job->monitor_file.bytes, job->monitor_file.size_bytes, &job->monitor, &where);
	if (status == STATUS_OK) {
		elf_policy_strict(job->monitor.machine, &policy);
		policy.relocation = ELF_RELOCATE_REFUSED; /* a kernel does not */
		status = elf_check(&job->monitor, &policy, &where);
	}
	if (status != STATUS_OK) {
		report_refusal(stderr, job->monitor_path, NULL, status, &where, "program header");
		return false;
	}
	job->sdf->machine = system_machine_of(job->monitor.machine);
	if (!job->sdf->machine)
		complain("%s: there is no kernel for %s", job->monitor_path, elf_machine_name(job->monitor.machine));
	if (job->sdf->machine && job->sdf->machine->plan->word_bytes == 4 && job->abi_set != ABI_SET_OF_I386) {
		complain("%s is for i386, which has the ABI set plain only: --abi plain", job->monitor_path);
		return false;
	}
	return job->sdf->machine;
}

bool build_make_image(const struct job *job, const uint8_t **image_bytes, uint64_t *size_bytes)
{
	struct image image;
	if (!make(job, &job->monitor, &image))
		return false;
	*image_bytes = image.bytes;
	*size_bytes = image.size_bytes;
	return true;
}
