/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints an image as text: its program headers, and the system table in the segment that monitor_blob names. For
 * test/build/check-build, which compares it with what is expected. Usage: dump IMAGE ADDRESS_OF_MONITOR_BLOB */
#include "lib/base/bytes.h"
#include "lib/elf/wire.h"
#include "lib/system/system.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMAGE_BYTES_MAX (64u << 20)

static uint8_t *image;
static size_t image_bytes;

static void fail(const char *why)
{
	printf("dump: %s\n", why);
	exit(1);
}

static void read_image(const char *path)
{
	FILE *file = fopen(path, "rb");
	image = aligned_alloc(4096, IMAGE_BYTES_MAX);
	if (!file || !image)
		fail("can't read the image");
	image_bytes = fread(image, 1, IMAGE_BYTES_MAX, file);
	fclose(file);
}

static const struct elf_wire *wire;

static uint64_t header_field(enum elf_header_field field)
{
	return elf_wire_get(image, wire->header[field]);
}

static uint64_t segment_field(uint64_t index, enum elf_segment_field field)
{
	return elf_wire_get(image + wire->header_bytes + index * wire->segment_header_bytes, wire->segment[field]);
}

/* The file offset of an address, by the program headers. */
static uint64_t offset_of(uint64_t vaddr)
{
	for (uint64_t i = 0; i < header_field(ELF_E_PHNUM); i++) {
		uint64_t start = segment_field(i, ELF_P_VADDR);
		if (vaddr >= start && vaddr - start < segment_field(i, ELF_P_FILESZ))
			return segment_field(i, ELF_P_OFFSET) + (vaddr - start);
	}
	fail("an address is in no segment");
	return 0;
}

static void dump_headers(void)
{
	for (uint64_t i = 0; i < header_field(ELF_E_PHNUM); i++)
		printf("segment type %u flags %u congruent %d\n", (unsigned)segment_field(i, ELF_P_TYPE),
			(unsigned)segment_field(i, ELF_P_FLAGS),
			segment_field(i, ELF_P_OFFSET) % 4096 == segment_field(i, ELF_P_VADDR) % 4096);
	printf("sections %u\n", (unsigned)header_field(ELF_E_SHNUM));
}

static void dump_bytes(const uint8_t *bytes, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		printf("%02x", bytes[i]);
}

static void dump_domains(const struct system *system)
{
	for (uint32_t i = 0; i < system->header->domains.count; i++) {
		const struct system_domain *d = &system->domains[i];
		printf("domain %u %s program '%s' parent %d child %u flags %u priority %u"
			" budget %" PRIu64 " period %" PRIu64 " stack %u", i, d->name, d->program, (int32_t)d->parent,
				d->child_id, d->flags,
			d->priority, d->budget_us, d->period_us, d->stack_pages);
		const char *argument = (const char *)system->strings + d->arguments;
		if (d->duplicates != 0)
			printf(" duplicates %u", d->duplicates);
		for (uint32_t k = 0; k < d->argc; k++, argument += strlen(argument) + 1)
			printf(" [%s]", argument);
		printf("\n");
	}
}

static void dump_regions(const struct system *system)
{
	for (uint32_t i = 0; i < system->header->regions.count; i++) {
		const struct system_region *r = &system->regions[i];
		printf("region %u %s size 0x%" PRIx64 " bits %u flags %u physical 0x%" PRIx64 " prefill %" PRIu64, i,
			r->name, r->size_bytes, r->page_bits, r->flags, r->physical, r->prefill_bytes);
		if (r->prefill_bytes)
			printf(" '%.8s'", (const char *)system->blob + r->prefill_offset);
		printf("\n");
	}
	for (uint32_t i = 0; i < system->header->maps.count; i++)
		printf("map %u region %u vaddr 0x%" PRIx64 " rights %u uncached %u\n",
			system->maps[i].domain,
			system->maps[i].region, system->maps[i].vaddr, system->maps[i].rights, system->maps[i].uncached);
}

static void dump_rest(const struct system *system)
{
	for (uint32_t i = 0; i < system->header->ends.count; i++) {
		const struct system_end *e = &system->ends[i];
		printf("end %u:%u peer %u:%u notify %u call %u\n",
			e->domain, e->id, e->peer,
			e->peer_id, e->notify, e->call);
	}
	for (uint32_t i = 0; i < system->header->patches.count; i++) {
		const struct system_patch *p = &system->patches[i];
		printf("patch %u %s ", p->domain, p->symbol);
		dump_bytes(system->strings + p->value, p->size_bytes);
		printf("\n");
	}
	for (uint32_t i = 0; i < system->header->ports.count; i++)
		printf("port %u:%u 0x%x-0x%x\n", system->ports[i].domain,
			system->ports[i].id,
			system->ports[i].first, system->ports[i].last);
	for (uint32_t i = 0; i < system->header->irqs.count; i++) {
		const struct system_irq *q = &system->irqs[i];
		printf("irq %u:%u kind %u vector %u %u %u %u %u\n", q->domain,
			q->id, q->kind, q->vector, q->ioapic_or_bus, q->pin_or_device, q->level_or_function, q->polarity_or_handle);
	}
	for (uint32_t i = 0; i < system->header->caps.count; i++)
		printf("cap %u slot %u kind %u of %u\n", system->caps[i].domain,
			system->caps[i].slot,
			system->caps[i].kind, system->caps[i].of);
	for (uint32_t i = 0; i < system->header->controllers.count; i++)
		printf("controller %u archive %d pool 0x%" PRIx64 " slots %u spawn %u share %u duplicates %u\n",
			system->controllers[i].domain, (int32_t)system->controllers[i].archive, system->controllers[i].pool_bytes,
			system->controllers[i].slots_bits, system->controllers[i].spawn_domains, system->controllers[i].budget_share,
			system->controllers[i].duplicates);
	for (uint32_t i = 0; i < system->header->offers.count; i++)
		printf("offer %u:%u to %u flags %u\n", system->offers[i].domain, system->offers[i].id,
			system->offers[i].controller, system->offers[i].flags);
}

int main(int argc, char **argv)
{
	struct system system;
	struct where where;
	if (argc != 3)
		fail("usage: dump IMAGE ADDRESS_OF_MONITOR_BLOB");
	read_image(argv[1]);
	wire = elf_wire_of(image[ELF_IDENT_CLASS] == 1 ? 32 : 64);
	dump_headers();
	uint64_t last = header_field(ELF_E_PHNUM) - 1;
	uint64_t blob = segment_field(last, ELF_P_VADDR), blob_bytes = segment_field(last, ELF_P_FILESZ);
	uint64_t variable = offset_of(strtoull(argv[2], NULL, 16));
	if (bytes_get64(image + variable) != blob || bytes_get64(image + variable + 8) != blob_bytes)
		fail("monitor_blob does not name the last segment");
	uint8_t *copy = aligned_alloc(4096, (size_t)blob_bytes);
	memcpy(copy, image + offset_of(blob), (size_t)blob_bytes);
	enum status status = system_open(copy, blob_bytes, &system, &where);
	if (status != STATUS_OK)
		fail(status_text(status));
	printf("abi %u flags %u machine %u\n", system.header->abi_set, system.header->flags, system.header->machine);
	dump_domains(&system);
	dump_regions(&system);
	dump_rest(&system);
	return 0;
}
