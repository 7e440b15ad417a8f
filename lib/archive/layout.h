/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the fields of an archive lie (the tables in lib/archive/archive.h). Private to lib/archive and its tests. */
#pragma once
#include "lib/archive/archive.h"

#define ARCHIVE_MAGIC       "GRAFTAR1"
#define ARCHIVE_MAGIC_BYTES 8u
#define ARCHIVE_VERSION     1u

enum archive_header_field {
	HEADER_MAGIC = 0, HEADER_VERSION = 8, HEADER_ENTRY_COUNT = 12, HEADER_SIZE = 16, HEADER_ENTRY_BYTES = 24,
	HEADER_SIGNATURE_BYTES = 28, HEADER_DIGEST = 32
};
enum archive_entry_field {
	ENTRY_ID = 0, ENTRY_FLAGS = 4, ENTRY_VERSION = 8, ENTRY_RESERVED = 12, ENTRY_OFFSET = 16, ENTRY_SIZE = 24,
	ENTRY_DIGEST = 32, ENTRY_NAME = 64, ENTRY_RESERVED_END = 128
};
#define ENTRY_RESERVED_BYTES     4u
#define ENTRY_RESERVED_END_BYTES 64u

/* Behind the last entry. */
enum archive_signature_field { SIGNATURE_KEY = 0, SIGNATURE_BYTES = 32 };
#define SIGNATURE_RECORD_BYTES (ARCHIVE_KEY_BYTES + ARCHIVE_SIGNATURE_BYTES)

/* A patchable symbol in a payload. */
enum archive_symbol_field { SYMBOL_VADDR = 0, SYMBOL_SIZE = 8, SYMBOL_NAME = 16 };

static inline uint64_t archive_entry_offset(uint32_t index)
{
	return ARCHIVE_HEADER_BYTES + (uint64_t)index * ARCHIVE_ENTRY_BYTES;
}

/* Where the first payload of an archive with so many entries, and so many bytes of signature, begins. */
static inline uint64_t archive_payload_start(uint32_t entry_count, uint32_t signature_bytes)
{
	return round_up(archive_entry_offset(entry_count) + signature_bytes, PAGE_BYTES);
}

static inline bool archive_name_may_have(uint8_t character)
{
	return character > ' ' && character < 0x7f;
}
