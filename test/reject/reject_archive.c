/* SPDX-License-Identifier: BSD-2-Clause */
/* Each rule of the archive, broken in an archive of two programs that is otherwise right: the table's digest is made to fit
 * again, so that the rule itself is what refuses. */
#include "test/reject/reject.h"
#include "test/support/archive_spec.h"
#include "test/support/elf_spec.h"
#include "test/support/signature_host.h"
#include "lib/archive/layout.h"
#include "lib/base/bytes.h"
#include "lib/elf/elf.h"
#include <stdio.h>
#include <stdlib.h>

#define ENTRY0 ARCHIVE_HEADER_BYTES
#define ENTRY1 (ARCHIVE_HEADER_BYTES + ARCHIVE_ENTRY_BYTES)
#define PAYLOAD_BYTES 0x5000u /* of the default program: headers, text, two pages of data; symbols */
#define NO_ENTRY WHERE_NO_INDEX

struct row {
	enum status status;
	uint32_t offset, bytes; /* the field changed: length 1, 4 or 8; 0: nothing is changed */
	uint64_t bad;
	uint32_t index;         /* the refusal's */
	uint64_t size_bytes;    /* what archive_open is told; 0: the truth */
	uint64_t seen;          /* the offset that the refusal names; 0: that of the field */
};

static void put(uint8_t *at, uint32_t bytes, uint64_t value)
{
	for (uint32_t i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void run_open(const void *data)
{
	const struct row *row = data;
	struct archive_spec spec;
	struct archive archive;
	struct where where;
	archive_spec_build(2, &spec);
	assert_status(archive_open(spec.bytes, spec.size_bytes, &archive, &where), STATUS_OK);
	put(spec.bytes + row->offset, row->bytes, row->bad);
	if (row->status != STATUS_ARCHIVE_TABLE_DIGEST && bytes_get32(spec.bytes + HEADER_ENTRY_COUNT) <= 2)
		archive_spec_seal(&spec);
	uint64_t size_bytes = row->size_bytes ? row->size_bytes : spec.size_bytes;
	/* A copy of exactly that length, so that a sanitizer sees what is read past it. */
	uint8_t *copy = malloc(size_bytes);
	assert_non_null(copy);
	memcpy(copy, spec.bytes, size_bytes < spec.size_bytes ? size_bytes : spec.size_bytes);
	enum status status = archive_open(copy, size_bytes, &archive, &where);
	free(copy);
	free(spec.bytes);
	assert_status(status, row->status);
	assert_int_equal(where.offset, row->seen ? row->seen : row->offset);
	assert_int_equal(where.index, row->index);
}

#define FIELD(status, offset, bytes, bad, index) { STATUS_##status, offset, bytes, bad, index, 0, 0 }
static const struct row rows[] = {
	{ STATUS_ARCHIVE_TOO_SHORT, 0, 0, 0, NO_ENTRY, 63, 63 },
	{ STATUS_ARCHIVE_TOO_SHORT, 0, 0, 0, NO_ENTRY, 1, 1 },
	FIELD(ARCHIVE_MAGIC, 0, 1, 'g', NO_ENTRY),
	FIELD(ARCHIVE_MAGIC, 0, 8, 0x3252415446415247, NO_ENTRY), /* GRAFTAR2 */
	FIELD(ARCHIVE_VERSION, HEADER_VERSION, 4, 0, NO_ENTRY),
	FIELD(ARCHIVE_VERSION, HEADER_VERSION, 4, 2, NO_ENTRY),
	FIELD(ARCHIVE_ENTRY_SIZE, HEADER_ENTRY_BYTES, 4, 191, NO_ENTRY),
	FIELD(ARCHIVE_ENTRY_SIZE, HEADER_ENTRY_BYTES, 4, 0, NO_ENTRY),
	FIELD(ARCHIVE_SIGNATURE_SIZE, HEADER_SIGNATURE_BYTES, 4, 1, NO_ENTRY),
	FIELD(ARCHIVE_SIGNATURE_SIZE, HEADER_SIGNATURE_BYTES, 4, 95, NO_ENTRY),
	FIELD(ARCHIVE_SIGNATURE_SIZE, HEADER_SIGNATURE_BYTES, 4, 192, NO_ENTRY),
	FIELD(ARCHIVE_RESERVED, ENTRY1 + ENTRY_RESERVED, 1, 1, 1),
	FIELD(ARCHIVE_RESERVED, ENTRY1 + ENTRY_RESERVED + 3, 1, 1, 1),
	FIELD(ARCHIVE_RESERVED, ENTRY0 + ENTRY_RESERVED_END, 1, 1, 0),
	FIELD(ARCHIVE_RESERVED, ENTRY0 + ARCHIVE_ENTRY_BYTES - 1, 1, 1, 0),
	FIELD(ARCHIVE_TOO_MANY_ENTRIES, HEADER_ENTRY_COUNT, 4, ARCHIVE_ENTRIES_MAX + 1, NO_ENTRY),
	FIELD(ARCHIVE_TOO_MANY_ENTRIES, HEADER_ENTRY_COUNT, 4, UINT32_MAX, NO_ENTRY),
	FIELD(ARCHIVE_SIZE, HEADER_SIZE, 8, 2 * PAYLOAD_BYTES + 0x2000, NO_ENTRY),
	FIELD(ARCHIVE_SIZE, HEADER_SIZE, 8, UINT64_MAX, NO_ENTRY),
	FIELD(ARCHIVE_SIZE, HEADER_SIZE, 8, 0, NO_ENTRY),
	FIELD(ARCHIVE_SIZE, HEADER_SIZE, 8, 2 * PAYLOAD_BYTES + 0xfff, NO_ENTRY),
	{ STATUS_ARCHIVE_SIZE, 0, 0, 0, NO_ENTRY, 2 * PAYLOAD_BYTES + 0xfff, HEADER_SIZE },
	{ STATUS_ARCHIVE_SIZE, HEADER_ENTRY_COUNT, 4, ARCHIVE_ENTRIES_MAX, NO_ENTRY, 0, HEADER_SIZE },
	{ STATUS_ARCHIVE_SIZE, 0, 0, 0, NO_ENTRY, 64, HEADER_SIZE },
	FIELD(ARCHIVE_TABLE_DIGEST, HEADER_DIGEST, 1, 0x5a, NO_ENTRY),
	{ STATUS_ARCHIVE_TABLE_DIGEST, ENTRY1 + ENTRY_VERSION, 1, 77, NO_ENTRY, 0, HEADER_DIGEST },
	{ STATUS_ARCHIVE_TABLE_DIGEST, HEADER_ENTRY_COUNT, 4, 1, NO_ENTRY, 0, HEADER_DIGEST },
	FIELD(ARCHIVE_ID_ZERO, ENTRY1 + ENTRY_ID, 4, 0, 1),
	FIELD(ARCHIVE_ID_DUPLICATE, ENTRY1 + ENTRY_ID, 4, 1, 1),
	FIELD(ARCHIVE_FLAGS, ENTRY0 + ENTRY_FLAGS, 4, 2, 0),
	FIELD(ARCHIVE_FLAGS, ENTRY0 + ENTRY_FLAGS, 4, 0x80000001, 0),
	FIELD(ARCHIVE_NAME_EMPTY, ENTRY0 + ENTRY_NAME, 1, 0, 0),
	FIELD(ARCHIVE_NAME_CHARACTER, ENTRY1 + ENTRY_NAME + 2, 1, ' ', 1),
	FIELD(ARCHIVE_NAME_CHARACTER, ENTRY1 + ENTRY_NAME + 2, 1, 0x7f, 1),
	FIELD(ARCHIVE_NAME_CHARACTER, ENTRY1 + ENTRY_NAME + 2, 1, 0x1b, 1),
	FIELD(ARCHIVE_NAME_PADDING, ENTRY1 + ENTRY_NAME + 12, 1, 'x', 1),
	FIELD(ARCHIVE_NAME_PADDING, ENTRY1 + ENTRY_NAME + 63, 1, 'x', 1),
	{ STATUS_ARCHIVE_NAME_DUPLICATE, ENTRY1 + ENTRY_NAME + 8, 1, '1', 1, 0, ENTRY1 + ENTRY_NAME },
	FIELD(ARCHIVE_PAYLOAD_SIZE, ENTRY1 + ENTRY_SIZE, 8, 0, 1),
	FIELD(ARCHIVE_PAYLOAD_SIZE, ENTRY1 + ENTRY_SIZE, 8, PAYLOAD_BYTES - 1, 1),
	FIELD(ARCHIVE_PAYLOAD_MISPLACED, ENTRY0 + ENTRY_OFFSET, 8, 0, 0),
	FIELD(ARCHIVE_PAYLOAD_MISPLACED, ENTRY1 + ENTRY_OFFSET, 8, 0x1000, 1),
	FIELD(ARCHIVE_PAYLOAD_MISPLACED, ENTRY1 + ENTRY_OFFSET, 8, UINT64_MAX, 1),
	FIELD(ARCHIVE_PAYLOAD_OUTSIDE, ENTRY1 + ENTRY_SIZE, 8, PAYLOAD_BYTES + 0x1000, 1),
	FIELD(ARCHIVE_PAYLOAD_OUTSIDE, ENTRY1 + ENTRY_SIZE, 8, 0xfffffffffffff000, 1),
	{ STATUS_ARCHIVE_LEFTOVER, ENTRY1 + ENTRY_SIZE, 8, PAYLOAD_BYTES - 0x1000, NO_ENTRY, 0, HEADER_SIZE },
	FIELD(ARCHIVE_PADDING, ENTRY1 + ARCHIVE_ENTRY_BYTES, 1, 1, NO_ENTRY),
	FIELD(ARCHIVE_PADDING, 0xfff, 1, 1, NO_ENTRY),
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

/* A field of 64 bytes without a NUL: more than one change. */
static void run_unterminated(const void *data)
{
	struct archive_spec spec;
	struct archive archive;
	struct where where;
	(void)data;
	archive_spec_build(2, &spec);
	memset(spec.bytes + ENTRY0 + ENTRY_NAME, 'n', ARCHIVE_NAME_BYTES - 1);
	archive_spec_seal(&spec);
	assert_status(archive_open(spec.bytes, spec.size_bytes, &archive, &where), STATUS_OK);
	spec.bytes[ENTRY0 + ENTRY_NAME + ARCHIVE_NAME_BYTES - 1] = 'n';
	archive_spec_seal(&spec);
	assert_status(archive_open(spec.bytes, spec.size_bytes, &archive, &where), STATUS_ARCHIVE_NAME_UNTERMINATED);
	assert_int_equal(where.offset, ENTRY0 + ENTRY_NAME);
	assert_int_equal(where.index, 0);
	free(spec.bytes);
}

static void run_absent(const void *data)
{
	struct archive_spec spec;
	struct archive archive;
	struct archive_entry entry = { .id = 42 };
	struct where where;
	(void)data;
	archive_spec_build(2, &spec);
	assert_status(archive_open(spec.bytes, spec.size_bytes, &archive, &where), STATUS_OK);
	assert_status(archive_find_id(&archive, 0, &entry), STATUS_ARCHIVE_NO_SUCH_PROGRAM);
	assert_status(archive_find_id(&archive, 3, &entry), STATUS_ARCHIVE_NO_SUCH_PROGRAM);
	assert_status(archive_find_name(&archive, "", &entry), STATUS_ARCHIVE_NO_SUCH_PROGRAM);
	assert_status(archive_find_name(&archive, "program-", &entry), STATUS_ARCHIVE_NO_SUCH_PROGRAM);
	assert_status(archive_find_name(&archive, "program-11", &entry), STATUS_ARCHIVE_NO_SUCH_PROGRAM);
	assert_int_equal(entry.id, 42);
	free(spec.bytes);
}

/* Any byte of a payload, its slack included. */
static void run_damaged_payload(const void *data)
{
	struct archive_spec spec;
	struct archive archive;
	struct archive_entry entry;
	struct where where;
	(void)data;
	archive_spec_build(2, &spec);
	assert_status(archive_open(spec.bytes, spec.size_bytes, &archive, &where), STATUS_OK);
	assert_status(archive_find_id(&archive, 2, &entry), STATUS_OK);
	const uint64_t places[] = { 0, 0x3ff, entry.size_bytes - 1 };
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		spec.bytes[entry.offset + places[i]] ^= 0x10;
		assert_status(archive_check_payload(&archive, &entry, &where), STATUS_ARCHIVE_PAYLOAD_DIGEST);
		assert_int_equal(where.offset, entry.offset);
		spec.bytes[entry.offset + places[i]] ^= 0x10;
		assert_status(archive_check_payload(&archive, &entry, &where), STATUS_OK);
	}
	free(spec.bytes);
}

static void open_payload(struct archive_spec *spec, struct elf *elf)
{
	struct archive archive;
	struct archive_entry entry;
	struct where where;
	archive_spec_build(1, spec);
	assert_status(archive_open(spec->bytes, spec->size_bytes, &archive, &where), STATUS_OK);
	archive_entry_get(&archive, 0, &entry);
	assert_status(elf_read(spec->bytes + entry.offset, entry.size_bytes, elf, &where), STATUS_OK);
}

static void run_symbol_unknown(const void *data)
{
	static const char *const absent[] = { "", "a", "alph", "alphaa", "delta", "zeta",
		"a-name-that-is-longer-than-any-that-an-archive-could-possibly-hold" };
	struct archive_spec spec;
	struct elf elf;
	struct archive_symbol symbol;
	(void)data;
	open_payload(&spec, &elf);
	for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
		assert_status(archive_symbol_find(&elf, absent[i], &symbol), STATUS_SYMBOL_UNKNOWN);
	elf.segment_count = 1; /* no table */
	assert_status(archive_symbol_find(&elf, "alpha", &symbol), STATUS_SYMBOL_UNKNOWN);
	free(spec.bytes);
}

/* A hostile packer's last name has no end, and the file ends with it. */
static void run_symbol_unterminated(const void *data)
{
	char name[ARCHIVE_NAME_BYTES + 2];
	struct archive_spec spec;
	struct elf elf;
	struct archive_symbol symbol;
	(void)data;
	open_payload(&spec, &elf);
	const struct elf_segment *table = elf_segment_find(&elf, ELF_GRAFT_SYMBOLS);
	assert_non_null(table);
	uint64_t end = table->offset + table->file_bytes;
	uint8_t *copy = malloc(end);
	assert_non_null(copy);
	memcpy(copy, elf.bytes, end);
	memset(copy + end - ARCHIVE_NAME_BYTES, 'n', ARCHIVE_NAME_BYTES);
	elf.bytes = copy;
	memset(name, 'n', sizeof name);
	name[sizeof name - 1] = 0;
	assert_status(archive_symbol_find(&elf, name, &symbol), STATUS_SYMBOL_UNKNOWN);
	name[ARCHIVE_NAME_BYTES] = 0;
	assert_status(archive_symbol_find(&elf, name, &symbol), STATUS_SYMBOL_UNKNOWN);
	name[ARCHIVE_NAME_BYTES - 1] = 0;
	assert_status(archive_symbol_find(&elf, name, &symbol), STATUS_OK);
	free(copy);
	free(spec.bytes);
}

/* Symbols that a hostile packer could put there. */
static void run_symbol_outside(const void *data)
{
	static const struct { uint64_t vaddr, size_bytes; } places[] = {
		{ SPEC_BASE, 8 }, { SPEC_BASE + SPEC_TEXT_OFFSET, 1 }, { SPEC_DATA_VADDR - 1, 2 }, { 0, 0 },
		{ SPEC_DATA_VADDR, SPEC_DATA_MEMORY + 1 }, { SPEC_DATA_VADDR + 1, UINT64_MAX }, { UINT64_MAX, 8 },
		{ SPEC_DATA_VADDR + SPEC_DATA_MEMORY, 1 },
	};
	struct archive_spec spec;
	struct elf elf;
	struct archive_symbol symbol;
	(void)data;
	open_payload(&spec, &elf);
	const struct elf_segment *table = elf_segment_find(&elf, ELF_GRAFT_SYMBOLS);
	assert_non_null(table);
	uint8_t *alpha = spec.bytes + (elf.bytes - spec.bytes) + table->offset;
	assert_status(archive_symbol_find(&elf, "alpha", &symbol), STATUS_OK);
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		bytes_put64(alpha + SYMBOL_VADDR, places[i].vaddr);
		bytes_put64(alpha + SYMBOL_SIZE, places[i].size_bytes);
		assert_status(archive_symbol_find(&elf, "alpha", &symbol), STATUS_SYMBOL_OUTSIDE);
	}
	bytes_put64(alpha + SYMBOL_VADDR, SPEC_DATA_VADDR);
	bytes_put64(alpha + SYMBOL_SIZE, SPEC_DATA_MEMORY);
	assert_status(archive_symbol_find(&elf, "alpha", &symbol), STATUS_OK);
	free(spec.bytes);
}

/* An archive that is signed, or is not, and the key that is asked for. */
static void run_signature(const void *data)
{
	const enum status *wanted = data;
	struct signature_host_keys keys, others;
	struct archive_spec spec;
	struct archive archive;
	struct where where = { 0 };
	uint64_t signed_bytes, record = archive_entry_offset(2);
	signature_host_keys(1, &keys);
	signature_host_keys(2, &others);
	archive_spec_build(2, &spec);
	uint8_t *bytes = signature_host_sign(spec.bytes, spec.size_bytes, &keys, &signed_bytes);
	if (*wanted == STATUS_ARCHIVE_SIGNATURE)
		bytes[record + SIGNATURE_BYTES + 3] ^= 0x40;
	assert_status(*wanted == STATUS_ARCHIVE_UNSIGNED ? archive_open(spec.bytes, spec.size_bytes, &archive, &where)
	                                                 : archive_open(bytes, signed_bytes, &archive, &where), STATUS_OK);
	assert_status(archive_check_signature(&archive, *wanted == STATUS_ARCHIVE_OTHER_KEY ? others.public_key : keys.public_key,
	                                      signature_verify, &where), *wanted);
	assert_int_equal(where.offset, *wanted == STATUS_ARCHIVE_UNSIGNED ? HEADER_SIGNATURE_BYTES
		: record + (*wanted == STATUS_ARCHIVE_SIGNATURE ? SIGNATURE_BYTES : SIGNATURE_KEY));
	free(bytes);
	free(spec.bytes);
}
static const enum status unsigned_archive = STATUS_ARCHIVE_UNSIGNED, other_key = STATUS_ARCHIVE_OTHER_KEY,
	wrong_signature = STATUS_ARCHIVE_SIGNATURE;

#define OTHER_COUNT 9
static struct reject_case cases[ROW_COUNT + OTHER_COUNT] = {
	{ STATUS_ARCHIVE_NAME_UNTERMINATED, "ARCHIVE_NAME_UNTERMINATED", run_unterminated, NULL },
	{ STATUS_ARCHIVE_NO_SUCH_PROGRAM, "ARCHIVE_NO_SUCH_PROGRAM", run_absent, NULL },
	{ STATUS_ARCHIVE_PAYLOAD_DIGEST, "ARCHIVE_PAYLOAD_DIGEST", run_damaged_payload, NULL },
	{ STATUS_SYMBOL_UNKNOWN, "SYMBOL_UNKNOWN", run_symbol_unknown, NULL },
	{ STATUS_SYMBOL_UNKNOWN, "SYMBOL_UNKNOWN unterminated", run_symbol_unterminated, NULL },
	{ STATUS_SYMBOL_OUTSIDE, "SYMBOL_OUTSIDE", run_symbol_outside, NULL },
	{ STATUS_ARCHIVE_UNSIGNED, "ARCHIVE_UNSIGNED", run_signature, &unsigned_archive },
	{ STATUS_ARCHIVE_OTHER_KEY, "ARCHIVE_OTHER_KEY", run_signature, &other_key },
	{ STATUS_ARCHIVE_SIGNATURE, "ARCHIVE_SIGNATURE", run_signature, &wrong_signature },
};
static char names[ROW_COUNT][64];
const struct reject_case *const reject_archive_cases = cases;
const size_t reject_archive_count = ROW_COUNT + OTHER_COUNT;

__attribute__((constructor)) static void fill_cases(void)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		snprintf(names[i], sizeof names[i], "%s %zu", status_name(rows[i].status), i);
		cases[OTHER_COUNT + i] = (struct reject_case) { rows[i].status, names[i], run_open, &rows[i] };
	}
}
