/* SPDX-License-Identifier: BSD-2-Clause */
/* Archives for tests: a few copies of one program. */
#include "test/support/archive_spec.h"
#include "test/support/elf_spec.h"
#include "lib/archive/layout.h"
#include "lib/archive/pack.h"
#include "lib/base/bytes.h"
#include "lib/base/sha256.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static const struct pack_symbol symbols[] = {
	{ "alpha", SPEC_DATA_VADDR + 0x10, 8 },
	{ "beta", SPEC_DATA_VADDR + 0xe0, 64 },
	{ "gamma", SPEC_DATA_VADDR + SPEC_DATA_MEMORY - 1, 1 },
};
#define SYMBOL_COUNT (sizeof symbols / sizeof symbols[0])

static uint8_t *build_payload(uint64_t *size_bytes)
{
	struct elf_spec spec;
	struct elf elf;
	struct where where;
	struct pack_layout layout;
	elf_spec_default(&spec, ELF_MACHINE_X86_64);
	uint8_t *file = elf_spec_build(&spec);
	enum status status = elf_read(file, spec.size_bytes, &elf, &where);
	if (status == STATUS_OK)
		status = pack_layout(&elf, SYMBOL_COUNT, &layout, &where);
	assert(status == STATUS_OK);
	uint8_t *payload = malloc(layout.size_bytes);
	assert(payload);
	pack_payload(&elf, &layout, symbols, payload);
	free(file);
	*size_bytes = layout.size_bytes;
	return payload;
}

void archive_spec_build(uint32_t count, struct archive_spec *spec)
{
	uint64_t payload_bytes;
	uint8_t *payload = build_payload(&payload_bytes);
	struct pack_program *programs = calloc(count ? count : 1, sizeof *programs);
	char (*names)[ARCHIVE_NAME_BYTES] = calloc(count ? count : 1, sizeof *names);
	assert(programs && names);
	for (uint32_t i = 0; i < count; i++) {
		snprintf(names[i], sizeof names[i], "program-%u", i + 1);
		programs[i] = (struct pack_program) { .id = i + 1, .version = i, .name = names[i], .payload = payload,
			.payload_bytes = payload_bytes };
	}
	spec->size_bytes = pack_archive_bytes(programs, count);
	spec->bytes = malloc(spec->size_bytes);
	assert(spec->bytes);
	pack_archive(programs, count, spec->bytes);
	free(names);
	free(programs);
	free(payload);
}

void archive_spec_seal(struct archive_spec *spec)
{
	uint64_t table_bytes = (uint64_t)bytes_get32(spec->bytes + HEADER_ENTRY_COUNT) * ARCHIVE_ENTRY_BYTES;
	sha256(spec->bytes + ARCHIVE_HEADER_BYTES, table_bytes, spec->bytes + HEADER_DIGEST);
}
