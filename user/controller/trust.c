/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program of the archive is worth before its bytes are looked at: is it in a table that the holder of the key has signed, and is
 * it no older than what has run already?
 *
 * A controller that was given a key copies header, table and signature out of the archive, checks the copy, and from then on
 * takes offset, size, digest, version and name of a program from nowhere else. Where the archive can be written, one changed byte of all
 * that makes it copy and check anew. */
#include "user/controller/controller.h"
#include "user/signature/signature.h"

static struct {
	enum status status; /* of the table: STATUS_OK, or why nothing in it is believed */
	struct where where;
	struct archive archive;
	bool is_read;
	uint8_t bytes[ARCHIVE_TABLE_BYTES_MAX];
} trusted;

/* ---- the signature ---- */

static bool has_key(void)
{
	return (controller.grant->controller_flags & SYSTEM_CONTROLLER_KEY) != 0;
}

static const uint8_t *archive_bytes(void)
{
	return (const uint8_t *)(uintptr_t)controller.grant->archive_vaddr;
}

/* archive_open reads no byte behind the table's pages, however long the archive is. */
static enum status check_table(void)
{
	uint64_t size_bytes = controller.grant->archive_pages * PAGE_BYTES;
	enum status status = archive_open(trusted.bytes, size_bytes, &trusted.archive, &trusted.where);

	if (status == STATUS_OK)
		status = archive_check_signature(&trusted.archive, controller.grant->key, signature_verify, &trusted.where);
	return status;
}

static void read_table(void)
{
	uint64_t size_bytes = controller.grant->archive_pages * PAGE_BYTES;

	memset(trusted.bytes, 0, sizeof trusted.bytes);
	memcpy(trusted.bytes, archive_bytes(), size_bytes < sizeof trusted.bytes ? (size_t)size_bytes : sizeof trusted.bytes);
	trusted.is_read = true;
	trusted.status = check_table();
}

void trust_reset(void)
{
	trusted.is_read = false;
}

enum status trust_start(void)
{
	if (!has_key())
		return STATUS_OK;
	if (!signature_is_known())
		return STATUS_TRUST_SIGNATURE_UNKNOWN;
	read_table();
	if (trusted.status != STATUS_OK)
		graft_printf("%s: no program will be loaded: %s (offset 0x%lx)\n", microkit_name, status_text(trusted.status),
		             (unsigned long)trusted.where.offset);
	return STATUS_OK;
}

/* Is what was read and checked still what lies there, up to the first program? */
static bool is_unchanged(void)
{
	struct archive_entry first;

	if (!trusted.is_read || trusted.status != STATUS_OK || trusted.archive.entry_count == 0)
		return false;
	archive_entry_get(&trusted.archive, 0, &first);
	return memcmp(trusted.bytes, archive_bytes(), (size_t)first.offset) == 0;
}

static bool is_same(const struct archive_entry *a, const struct archive_entry *b)
{
	return a->id == b->id && a->flags == b->flags && a->version == b->version && a->offset == b->offset
	       && a->size_bytes == b->size_bytes && memcmp(a->digest, b->digest, sizeof a->digest) == 0;
}

enum status trust_entry(const struct archive_entry *entry, struct where *where)
{
	struct archive_entry own;

	if (!has_key())
		return STATUS_OK;
	if (!is_unchanged())
		read_table();
	*where = trusted.where;
	if (trusted.status != STATUS_OK)
		return trusted.status;
	*where = (struct where){ .offset = entry->offset, .index = WHERE_NO_INDEX };
	if (archive_find_name(&trusted.archive, entry->name, &own) != STATUS_OK || !is_same(&own, entry))
		return STATUS_TRUST_ENTRY_NOT_SIGNED;
	return STATUS_OK;
}

/* ---- versions ---- */

/* Names are kept as the beginning of their digests: whoever could find two alike would have to sign them both. */
static void name_digest(const char *name, uint8_t digest[RECORD_NAME_DIGEST_BYTES])
{
	uint8_t whole[SHA256_DIGEST_BYTES];

	sha256((const uint8_t *)name, strlen(name), whole);
	memcpy(digest, whole, RECORD_NAME_DIGEST_BYTES);
}

/* It is empty, but for a version that is on probation. */
static bool is_promised(uint32_t row)
{
	for (uint32_t i = 0; i < domain_seats(); i++) {
		const struct record_domain *record = domain_record(i);

		if (probation_is_on(i) && record->next_version != 0 && record->next_version_row == row)
			return true;
	}
	return false;
}

/* The program's row, or the first that is empty, or RECORD_VERSIONS_MAX. */
static uint32_t find_row(const char *name, uint8_t digest[RECORD_NAME_DIGEST_BYTES])
{
	const struct record_version *row = controller.record->version;
	uint32_t empty = RECORD_VERSIONS_MAX;

	name_digest(name, digest);
	for (uint32_t i = 0; i < RECORD_VERSIONS_MAX; i++) {
		if (memcmp(row[i].name, digest, RECORD_NAME_DIGEST_BYTES) == 0 && (row[i].version != 0 || is_promised(i)))
			return i;
		if (empty == RECORD_VERSIONS_MAX && row[i].version == 0 && !is_promised(i))
			empty = i;
	}
	return empty;
}

/* Most systems know no versions: then a program without one needs no digest of its name. */
static bool any_has_run(void)
{
	for (uint32_t i = 0; i < RECORD_VERSIONS_MAX; i++) {
		if (controller.record->version[i].version != 0)
			return true;
	}
	return false;
}

enum status trust_version(const struct archive_entry *entry, bool older_too, struct where *where)
{
	uint8_t digest[RECORD_NAME_DIGEST_BYTES];
	uint32_t row = entry->version != 0 || any_has_run() ? find_row(entry->name, digest) : RECORD_VERSIONS_MAX;
	uint32_t highest = row < RECORD_VERSIONS_MAX ? controller.record->version[row].version : 0;

	*where = (struct where){ .index = WHERE_NO_INDEX, .value = entry->version, .limit = highest };
	if (entry->version < highest && !older_too)
		return STATUS_TRUST_PROGRAM_OLDER;
	return entry->version != 0 && row == RECORD_VERSIONS_MAX ? STATUS_TRUST_TOO_MANY_VERSIONS : STATUS_OK;
}

void trust_about_to_run(uint32_t domain, const struct archive_entry *entry)
{
	volatile struct record_domain *record = domain_record(domain);
	uint8_t digest[RECORD_NAME_DIGEST_BYTES];

	record->next_version = 0; /* nothing is promised while the row is not right */
	if (entry->version != 0) { /* trust_version has seen that there is a row */
		record->next_version_row = find_row(entry->name, digest);
		memcpy(controller.record->version[record->next_version_row].name, digest, RECORD_NAME_DIGEST_BYTES);
	}
	record->next_version = entry->version;
}

void trust_has_run(uint32_t domain)
{
	const volatile struct record_domain *record = domain_record(domain);
	struct record_version *row = &controller.record->version[record->next_version != 0 ? record->next_version_row : 0];

	if (record->next_version > row->version)
		row->version = record->next_version;
}
