/* SPDX-License-Identifier: BSD-2-Clause */
/* From payloads to an archive. Nothing in it depends on anything but the arguments: same inputs, same bytes. */
#include "lib/archive/pack.h"
#include "lib/archive/layout.h"
#include "lib/base/bytes.h"
#include "lib/base/sha256.h"

uint64_t pack_archive_bytes(const struct pack_program *programs, uint32_t count)
{
	uint64_t bytes = archive_payload_start(count);
	for (uint32_t i = 0; i < count; i++)
		bytes += programs[i].payload_bytes;
	return bytes;
}

static void write_entry(const struct pack_program *program, uint64_t offset, uint8_t *at)
{
	bytes_put32(at + ENTRY_ID, program->id);
	bytes_put32(at + ENTRY_FLAGS, program->flags);
	bytes_put32(at + ENTRY_VERSION, program->version);
	bytes_put64(at + ENTRY_OFFSET, offset);
	bytes_put64(at + ENTRY_SIZE, program->payload_bytes);
	sha256(program->payload, program->payload_bytes, at + ENTRY_DIGEST);
	memcpy(at + ENTRY_NAME, program->name, strlen(program->name));
}

void pack_archive(const struct pack_program *programs, uint32_t count, uint8_t *archive)
{
	uint64_t offset = archive_payload_start(count);
	memset(archive, 0, (size_t)offset);
	for (uint32_t i = 0; i < count; i++) {
		write_entry(&programs[i], offset, archive + archive_entry_offset(i));
		memcpy(archive + offset, programs[i].payload, (size_t)programs[i].payload_bytes);
		offset += programs[i].payload_bytes;
	}
	memcpy(archive + HEADER_MAGIC, ARCHIVE_MAGIC, ARCHIVE_MAGIC_BYTES);
	bytes_put32(archive + HEADER_VERSION, ARCHIVE_VERSION);
	bytes_put32(archive + HEADER_ENTRY_COUNT, count);
	bytes_put64(archive + HEADER_SIZE, offset);
	bytes_put32(archive + HEADER_ENTRY_BYTES, ARCHIVE_ENTRY_BYTES);
	sha256(archive + ARCHIVE_HEADER_BYTES, (uint64_t)count * ARCHIVE_ENTRY_BYTES, archive + HEADER_DIGEST);
}
