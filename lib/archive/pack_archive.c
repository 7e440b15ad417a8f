/* SPDX-License-Identifier: BSD-2-Clause */
/* From payloads to an archive. Nothing in it depends on anything but the arguments: same inputs, same bytes. */
#include "lib/archive/pack.h"
#include "lib/archive/layout.h"
#include "lib/base/bytes.h"
#include "lib/base/sha256.h"

uint64_t pack_archive_bytes(const struct pack_program *programs, uint32_t count)
{
	uint64_t bytes = archive_payload_start(count, 0);
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
	uint64_t offset = archive_payload_start(count, 0);
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

/* The payloads of an archive that gets a signature move not at all, or by a page. */
static uint64_t signed_start(const struct archive *archive)
{
	return archive_payload_start(archive->entry_count, SIGNATURE_RECORD_BYTES);
}

static uint64_t present_start(const struct archive *archive)
{
	return archive_payload_start(archive->entry_count, archive->signature ? SIGNATURE_RECORD_BYTES : 0);
}

uint64_t pack_signed_bytes(const struct archive *archive)
{
	return archive->size_bytes - present_start(archive) + signed_start(archive);
}

void pack_for_signature(const struct archive *archive, const uint8_t key[ARCHIVE_KEY_BYTES], uint8_t *out)
{
	uint64_t from = present_start(archive), to = signed_start(archive), table_end = archive_entry_offset(archive->entry_count);
	memset(out, 0, (size_t)to);
	memcpy(out, archive->bytes, (size_t)table_end);
	memcpy(out + to, archive->bytes + from, (size_t)(archive->size_bytes - from));
	for (uint32_t i = 0; i < archive->entry_count; i++) {
		uint8_t *field = out + archive_entry_offset(i) + ENTRY_OFFSET;
		bytes_put64(field, bytes_get64(field) - from + to);
	}
	bytes_put64(out + HEADER_SIZE, pack_signed_bytes(archive));
	bytes_put32(out + HEADER_SIGNATURE_BYTES, SIGNATURE_RECORD_BYTES);
	sha256(out + ARCHIVE_HEADER_BYTES, table_end - ARCHIVE_HEADER_BYTES, out + HEADER_DIGEST);
	memcpy(out + table_end + SIGNATURE_KEY, key, ARCHIVE_KEY_BYTES);
}

void pack_put_signature(uint8_t *archive, const uint8_t signature[ARCHIVE_SIGNATURE_BYTES])
{
	uint64_t at = archive_entry_offset(bytes_get32(archive + HEADER_ENTRY_COUNT));
	memcpy(archive + at + SIGNATURE_BYTES, signature, ARCHIVE_SIGNATURE_BYTES);
}
