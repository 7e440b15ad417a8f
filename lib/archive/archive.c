/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening an archive and finding programs in it. Everything in the header and the table is checked once, by archive_open;
 * after that the table is read without a bound of its own, which holds as long as nobody changes the bytes. */
#include "lib/archive/archive.h"
#include "lib/archive/layout.h"
#include "lib/base/bytes.h"
#include "lib/base/sha256.h"

static enum status refuse(enum status status, struct where *where, uint64_t offset, uint32_t index, uint64_t value, uint64_t limit)
{
	*where = (struct where) { .offset = offset, .index = index, .value = value, .limit = limit };
	return status;
}

static enum status refuse_header(enum status status, struct where *where, uint64_t offset, uint64_t value, uint64_t limit)
{
	return refuse(status, where, offset, WHERE_NO_INDEX, value, limit);
}

static const uint8_t *entry_at(const uint8_t *bytes, uint32_t index)
{
	return bytes + archive_entry_offset(index);
}

static enum status check_header(const uint8_t *bytes, uint64_t size_bytes, struct where *where)
{
	if (size_bytes < ARCHIVE_HEADER_BYTES)
		return refuse_header(STATUS_ARCHIVE_TOO_SHORT, where, size_bytes, size_bytes, ARCHIVE_HEADER_BYTES);
	if (memcmp(bytes + HEADER_MAGIC, ARCHIVE_MAGIC, ARCHIVE_MAGIC_BYTES) != 0)
		return refuse_header(STATUS_ARCHIVE_MAGIC, where, HEADER_MAGIC, bytes_get64(bytes), 0);
	uint32_t version = bytes_get32(bytes + HEADER_VERSION), entry_bytes = bytes_get32(bytes + HEADER_ENTRY_BYTES);
	if (version != ARCHIVE_VERSION)
		return refuse_header(STATUS_ARCHIVE_VERSION, where, HEADER_VERSION, version, ARCHIVE_VERSION);
	if (entry_bytes != ARCHIVE_ENTRY_BYTES)
		return refuse_header(STATUS_ARCHIVE_ENTRY_SIZE, where, HEADER_ENTRY_BYTES, entry_bytes, ARCHIVE_ENTRY_BYTES);
	uint32_t signature_bytes = bytes_get32(bytes + HEADER_SIGNATURE_BYTES);
	if (signature_bytes != 0 && signature_bytes != SIGNATURE_RECORD_BYTES)
		return refuse_header(STATUS_ARCHIVE_SIGNATURE_SIZE, where, HEADER_SIGNATURE_BYTES, signature_bytes, SIGNATURE_RECORD_BYTES);
	uint32_t count = bytes_get32(bytes + HEADER_ENTRY_COUNT);
	if (count > ARCHIVE_ENTRIES_MAX)
		return refuse_header(STATUS_ARCHIVE_TOO_MANY_ENTRIES, where, HEADER_ENTRY_COUNT, count, ARCHIVE_ENTRIES_MAX);
	uint64_t size = bytes_get64(bytes + HEADER_SIZE);
	if (size > size_bytes)
		return refuse_header(STATUS_ARCHIVE_SIZE, where, HEADER_SIZE, size, size_bytes);
	uint64_t start = archive_payload_start(count, signature_bytes);
	if (!is_multiple(size, PAGE_BYTES) || size < start)
		return refuse_header(STATUS_ARCHIVE_SIZE, where, HEADER_SIZE, size, start);
	return STATUS_OK;
}

/* A4, for the table; payloads have digests of their own in it. */
static enum status check_table_digest(const uint8_t *bytes, uint32_t count, struct where *where)
{
	uint8_t digest[ARCHIVE_DIGEST_BYTES];
	sha256(bytes + ARCHIVE_HEADER_BYTES, (uint64_t)count * ARCHIVE_ENTRY_BYTES, digest);
	if (memcmp(digest, bytes + HEADER_DIGEST, sizeof digest) != 0)
		return refuse_header(STATUS_ARCHIVE_TABLE_DIGEST, where, HEADER_DIGEST, bytes_get64(bytes + HEADER_DIGEST),
		                     bytes_get64(digest));
	return STATUS_OK;
}

/* A2: one to 63 graphic ASCII characters (a name is typed at a prompt and printed on one), then only NULs. */
static enum status check_name(const uint8_t *bytes, uint32_t index, struct where *where)
{
	uint64_t at = archive_entry_offset(index) + ENTRY_NAME;
	const uint8_t *name = bytes + at;
	uint32_t length = bytes_text_length(name, ARCHIVE_NAME_BYTES);
	if (length == 0)
		return refuse(STATUS_ARCHIVE_NAME_EMPTY, where, at, index, 0, 1);
	if (length == ARCHIVE_NAME_BYTES)
		return refuse(STATUS_ARCHIVE_NAME_UNTERMINATED, where, at, index, length, ARCHIVE_NAME_BYTES - 1);
	for (uint32_t i = 0; i < length; i++)
		if (!archive_name_may_have(name[i]))
			return refuse(STATUS_ARCHIVE_NAME_CHARACTER, where, at + i, index, name[i], 0);
	uint64_t padding = ARCHIVE_NAME_BYTES - length, zeros = bytes_count_zero(name + length, padding);
	if (zeros != padding)
		return refuse(STATUS_ARCHIVE_NAME_PADDING, where, at + length + zeros, index, name[length + zeros], 0);
	return STATUS_OK;
}

static enum status check_reserved(const uint8_t *bytes, uint32_t index, uint64_t field, uint64_t field_bytes, struct where *where)
{
	uint64_t at = archive_entry_offset(index) + field;
	uint64_t zeros = bytes_count_zero(bytes + at, field_bytes);
	if (zeros != field_bytes)
		return refuse(STATUS_ARCHIVE_RESERVED, where, at + zeros, index, bytes[at + zeros], 0);
	return STATUS_OK;
}

static enum status check_id_and_flags(const uint8_t *bytes, uint32_t index, struct where *where)
{
	uint64_t at = archive_entry_offset(index);
	uint32_t flags = bytes_get32(bytes + at + ENTRY_FLAGS);
	if (bytes_get32(bytes + at + ENTRY_ID) == 0)
		return refuse(STATUS_ARCHIVE_ID_ZERO, where, at + ENTRY_ID, index, 0, 1);
	if ((flags & ~ARCHIVE_FLAGS_KNOWN) != 0)
		return refuse(STATUS_ARCHIVE_FLAGS, where, at + ENTRY_FLAGS, index, flags, ARCHIVE_FLAGS_KNOWN);
	return STATUS_OK;
}

static enum status check_unique(const uint8_t *bytes, uint32_t index, struct where *where)
{
	const uint8_t *entry = entry_at(bytes, index);
	uint64_t at = archive_entry_offset(index);
	for (uint32_t i = 0; i < index; i++) {
		const uint8_t *other = entry_at(bytes, i);
		if (bytes_get32(other + ENTRY_ID) == bytes_get32(entry + ENTRY_ID))
			return refuse(STATUS_ARCHIVE_ID_DUPLICATE, where, at + ENTRY_ID, index, bytes_get32(entry + ENTRY_ID), i);
		if (memcmp(other + ENTRY_NAME, entry + ENTRY_NAME, ARCHIVE_NAME_BYTES) == 0)
			return refuse(STATUS_ARCHIVE_NAME_DUPLICATE, where, at + ENTRY_NAME, index, index, i);
	}
	return STATUS_OK;
}

/* A1, A3: each payload begins where the one before ended, is not empty, and ends inside; so what is left shrinks. */
static enum status check_payload_place(const uint8_t *bytes, uint32_t index, uint64_t archive_bytes, uint64_t *expected,
                                       struct where *where)
{
	uint64_t at = archive_entry_offset(index);
	uint64_t offset = bytes_get64(bytes + at + ENTRY_OFFSET), size = bytes_get64(bytes + at + ENTRY_SIZE);
	if (size == 0 || !is_multiple(size, PAGE_BYTES))
		return refuse(STATUS_ARCHIVE_PAYLOAD_SIZE, where, at + ENTRY_SIZE, index, size, PAGE_BYTES);
	if (offset != *expected)
		return refuse(STATUS_ARCHIVE_PAYLOAD_MISPLACED, where, at + ENTRY_OFFSET, index, offset, *expected);
	if (!range_is_inside(offset, size, archive_bytes))
		return refuse(STATUS_ARCHIVE_PAYLOAD_OUTSIDE, where, at + ENTRY_SIZE, index, size, archive_bytes - offset);
	*expected = offset + size;
	return STATUS_OK;
}

static enum status check_entry(const uint8_t *bytes, uint32_t index, uint64_t archive_bytes, uint64_t *expected,
                               struct where *where)
{
	enum status status = check_id_and_flags(bytes, index, where);
	if (status == STATUS_OK)
		status = check_reserved(bytes, index, ENTRY_RESERVED, ENTRY_RESERVED_BYTES, where);
	if (status == STATUS_OK)
		status = check_reserved(bytes, index, ENTRY_RESERVED_END, ENTRY_RESERVED_END_BYTES, where);
	if (status == STATUS_OK)
		status = check_name(bytes, index, where);
	if (status == STATUS_OK)
		status = check_unique(bytes, index, where);
	if (status == STATUS_OK)
		status = check_payload_place(bytes, index, archive_bytes, expected, where);
	return status;
}

static enum status check_entries(const uint8_t *bytes, uint32_t count, uint64_t archive_bytes, struct where *where)
{
	uint32_t signature_bytes = bytes_get32(bytes + HEADER_SIGNATURE_BYTES);
	uint64_t start = archive_payload_start(count, signature_bytes), end = start;
	for (uint32_t i = 0; i < count; i++) {
		enum status status = check_entry(bytes, i, archive_bytes, &end, where);
		if (status != STATUS_OK)
			return status;
	}
	if (end != archive_bytes)
		return refuse_header(STATUS_ARCHIVE_LEFTOVER, where, HEADER_SIZE, archive_bytes, end);
	uint64_t table_end = archive_entry_offset(count) + signature_bytes, zeros = bytes_count_zero(bytes + table_end, start - table_end);
	if (zeros != start - table_end)
		return refuse_header(STATUS_ARCHIVE_PADDING, where, table_end + zeros, bytes[table_end + zeros], 0);
	return STATUS_OK;
}

enum status archive_open(const uint8_t *bytes, uint64_t size_bytes, struct archive *archive, struct where *where)
{
	enum status status = check_header(bytes, size_bytes, where);
	if (status != STATUS_OK)
		return status;
	uint32_t count = bytes_get32(bytes + HEADER_ENTRY_COUNT);
	uint64_t archive_bytes = bytes_get64(bytes + HEADER_SIZE);
	status = check_table_digest(bytes, count, where);
	if (status == STATUS_OK)
		status = check_entries(bytes, count, archive_bytes, where);
	if (status == STATUS_OK)
		*archive = (struct archive) {
			.bytes = bytes, .size_bytes = archive_bytes, .entry_count = count,
			.signature = bytes_get32(bytes + HEADER_SIGNATURE_BYTES) ? entry_at(bytes, count) : NULL
		};
	return status;
}

void archive_entry_get(const struct archive *archive, uint32_t index, struct archive_entry *entry)
{
	const uint8_t *at = entry_at(archive->bytes, index);
	entry->id = bytes_get32(at + ENTRY_ID);
	entry->flags = bytes_get32(at + ENTRY_FLAGS);
	entry->version = bytes_get32(at + ENTRY_VERSION);
	entry->offset = bytes_get64(at + ENTRY_OFFSET);
	entry->size_bytes = bytes_get64(at + ENTRY_SIZE);
	memcpy(entry->digest, at + ENTRY_DIGEST, ARCHIVE_DIGEST_BYTES);
	memcpy(entry->name, at + ENTRY_NAME, ARCHIVE_NAME_BYTES);
}

enum status archive_find_id(const struct archive *archive, uint32_t id, struct archive_entry *entry)
{
	for (uint32_t i = 0; i < archive->entry_count; i++)
		if (bytes_get32(entry_at(archive->bytes, i) + ENTRY_ID) == id) {
			archive_entry_get(archive, i, entry);
			return STATUS_OK;
		}
	return STATUS_ARCHIVE_NO_SUCH_PROGRAM;
}

/* Is the text the one in a NUL-padded field that has at least one NUL? Stops at the text's end. */
static bool is_name(const uint8_t *field, const char *name)
{
	uint32_t i = 0;
	while (i < ARCHIVE_NAME_BYTES - 1 && field[i] != 0 && field[i] == (uint8_t)name[i])
		i++;
	return field[i] == (uint8_t)name[i];
}

enum status archive_find_name(const struct archive *archive, const char *name, struct archive_entry *entry)
{
	for (uint32_t i = 0; i < archive->entry_count; i++)
		if (is_name(entry_at(archive->bytes, i) + ENTRY_NAME, name)) {
			archive_entry_get(archive, i, entry);
			return STATUS_OK;
		}
	return STATUS_ARCHIVE_NO_SUCH_PROGRAM;
}

enum status archive_check_payload(const struct archive *archive, const struct archive_entry *entry, struct where *where)
{
	uint8_t digest[ARCHIVE_DIGEST_BYTES];
	sha256(archive->bytes + entry->offset, entry->size_bytes, digest);
	if (memcmp(digest, entry->digest, sizeof digest) != 0)
		return refuse_header(STATUS_ARCHIVE_PAYLOAD_DIGEST, where, entry->offset, bytes_get64(digest),
		                     bytes_get64(entry->digest));
	return STATUS_OK;
}

enum status archive_check_signature(const struct archive *archive, const uint8_t *key, archive_verify *verify, struct where *where)
{
	const uint8_t *signature = archive->signature;
	if (!signature)
		return refuse_header(STATUS_ARCHIVE_UNSIGNED, where, HEADER_SIGNATURE_BYTES, 0, SIGNATURE_RECORD_BYTES);
	uint64_t at = archive_entry_offset(archive->entry_count);
	if (key && memcmp(signature + SIGNATURE_KEY, key, ARCHIVE_KEY_BYTES) != 0)
		return refuse_header(STATUS_ARCHIVE_OTHER_KEY, where, at + SIGNATURE_KEY, bytes_get64(signature + SIGNATURE_KEY),
		                     bytes_get64(key));
	if (!verify(signature + SIGNATURE_BYTES, archive->bytes, ARCHIVE_HEADER_BYTES, signature + SIGNATURE_KEY))
		return refuse_header(STATUS_ARCHIVE_SIGNATURE, where, at + SIGNATURE_BYTES, bytes_get64(signature + SIGNATURE_BYTES), 0);
	return STATUS_OK;
}
