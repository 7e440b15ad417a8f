/* SPDX-License-Identifier: BSD-2-Clause */
/* Making payloads and archives, into buffers of the caller's. Freestanding like the rest, so that a domain can pack too. */
#pragma once
#include "lib/archive/archive.h"
#include "lib/elf/elf.h"

struct pack_symbol {
	const char *name; /* 1 to ARCHIVE_NAME_BYTES - 1 bytes */
	uint64_t vaddr;
	uint64_t size_bytes;
};

/* A loadable segment of the payload: one of the program, or several that share pages with bytes and so become one. */
struct pack_load {
	uint32_t first, last;  /* numbers of the program headers it is made of */
	uint64_t file_bytes;
	uint64_t memory_bytes;
	uint64_t offset;       /* of its first page in the payload */
};

/* Where everything goes in a payload.
 * If the program's first segment holds its own headers (the way linkers do it by default), the payload begins with that
 * segment and the headers in it are rewritten in place, so that the program finds them in its memory; else a page with
 * headers precedes the segments. */
struct pack_layout {
	bool     headers_in_place;
	uint32_t load_count;
	struct pack_load load[ELF_SEGMENTS_MAX];
	uint32_t header_count;   /* program headers of the payload */
	uint32_t symbols_header; /* number of the one for the symbols, or WHERE_NO_INDEX */
	uint32_t symbol_count;
	uint64_t symbols_offset;
	uint64_t size_bytes;     /* of the payload, whole pages */
};

/* Lays out the payload of an accepted program. symbol_count at most ARCHIVE_SYMBOLS_MAX.
 * STATUS_ELF_TOO_MANY_SEGMENTS if the symbols would need one program header too many. */
enum status pack_layout(const struct elf *elf, uint32_t symbol_count, struct pack_layout *layout, struct where *where) MUST_USE;

/* Writes the payload: layout->size_bytes bytes. symbols: symbol_count of them, sorted by name as strcmp sorts, none twice. */
void pack_payload(const struct elf *elf, const struct pack_layout *layout, const struct pack_symbol *symbols, uint8_t *payload);

struct pack_program {
	uint32_t id;
	uint32_t flags;
	uint32_t version;
	const char *name;       /* 1 to ARCHIVE_NAME_BYTES - 1 bytes */
	const uint8_t *payload;
	uint64_t payload_bytes; /* whole pages */
};

/* The length of an archive of these programs, and the archive. What archive_open asks of ids and names is the caller's. */
uint64_t pack_archive_bytes(const struct pack_program *programs, uint32_t count);
void pack_archive(const struct pack_program *programs, uint32_t count, uint8_t *archive);

/* Signing, in three steps: room is made, the caller signs the first ARCHIVE_HEADER_BYTES of out, and puts the signature there.
 * archive was opened, and may have a signature, which is replaced. out: pack_signed_bytes(archive) bytes, elsewhere. */
uint64_t pack_signed_bytes(const struct archive *archive);
void pack_for_signature(const struct archive *archive, const uint8_t key[ARCHIVE_KEY_BYTES], uint8_t *out);
void pack_put_signature(uint8_t *archive, const uint8_t signature[ARCHIVE_SIGNATURE_BYTES]);
