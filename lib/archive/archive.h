/* SPDX-License-Identifier: BSD-2-Clause */
/* The archive: programs packed so that their pages can be mapped as they lie.
 * Little-endian. Deterministic: same inputs, same bytes.
 *
 * header                                   entry, at 64 + 192 * i
 *   0   8  magic "GRAFTAR1"                  0   4  id (unique, not 0)
 *   8   4  version 1                         4   4  flags (enum archive_flag)
 *  12   4  entry count                       8   4  version of the program (anti-downgrade)
 *  16   8  size of the whole, bytes         12   4  zero
 *  24   4  entry bytes (192)                16   8  payload offset, page-aligned, bytes
 *  28   4  bytes of the signature: 0 or 96  24   8  payload size, whole pages, bytes
 *  32  32  SHA-256 of the entry table       32  32  SHA-256 of the payload
 *                                           64  64  name, NUL-padded, at least one NUL
 *                                          128  64  zero
 *
 * signature, behind the last entry, if there is one
 *   0  32  Ed25519 public key of who signed
 *  32  64  Ed25519 signature (RFC 8032) of the 64 bytes of the header
 * The header has the table's digest, the table each payload's, and what is between them is zero: so every byte is signed for.
 *
 * Payloads follow in table order, each on a page boundary, no gaps but zero
 * bytes up to the page end. A payload is itself an ELF file: page 0 holds the
 * header and the program headers (offsets rewritten), then each PT_LOAD's pages
 * as page images (p_offset = p_vaddr mod page; every byte of slack zero), then,
 * if there are any, the patchable symbols (PT_GRAFT_SYMBOLS): an array sorted by
 * name of { 8 vaddr, 8 size, 64 name }, zero-padded to the page end.
 */
#pragma once
#include "lib/base/base.h"
#include "lib/base/status.h"
#include "lib/base/limits.h"

#define ARCHIVE_HEADER_BYTES 64u
#define ARCHIVE_ENTRY_BYTES  192u
#define ARCHIVE_NAME_BYTES   64u
#define ARCHIVE_DIGEST_BYTES 32u
#define ARCHIVE_SYMBOL_BYTES 80u
#define ARCHIVE_KEY_BYTES    32u
#define ARCHIVE_SIGNATURE_BYTES 64u

/* Header, table and signature of the largest archive, and the zeros up to its first payload: all that archive_open reads. */
#define ARCHIVE_TABLE_BYTES_MAX 0xd000u
_Static_assert(ARCHIVE_HEADER_BYTES + ARCHIVE_ENTRIES_MAX * ARCHIVE_ENTRY_BYTES + ARCHIVE_KEY_BYTES + ARCHIVE_SIGNATURE_BYTES
	<= ARCHIVE_TABLE_BYTES_MAX, "the largest table fits");

enum archive_flag {
	ARCHIVE_PROGRAM_RELOCATES = 1u << 0, /* its own start-up code relocates it and sets up TLS and RELRO; else the loader does */
};
#define ARCHIVE_FLAGS_KNOWN ((uint32_t)ARCHIVE_PROGRAM_RELOCATES)

struct archive_entry {
	uint32_t id;
	uint32_t flags;
	uint32_t version;
	uint64_t offset;     /* of the payload, from the archive's first byte */
	uint64_t size_bytes; /* of the payload */
	uint8_t  digest[ARCHIVE_DIGEST_BYTES];
	char     name[ARCHIVE_NAME_BYTES]; /* NUL-terminated */
};

struct archive {
	const uint8_t *bytes;
	uint64_t size_bytes;
	uint32_t entry_count;
	const uint8_t *signature; /* key and signature, or NULL: nobody has signed it */
};

struct archive_symbol {
	uint64_t vaddr;
	uint64_t size_bytes;
};

/* Checks the whole table (A1..A4: bounds, order, names, unique ids and names, table digest), so that later calls cannot
 * fail on it. size_bytes is what the caller holds; the header may say less, never more. Payload digests are not computed.
 * Cost: one SHA-256 over the table, quadratic in the number of entries (at most ARCHIVE_ENTRIES_MAX). */
enum status archive_open(const uint8_t *bytes, uint64_t size_bytes, struct archive *archive, struct where *where) MUST_USE;

/* Entry number index < entry_count. */
void archive_entry_get(const struct archive *archive, uint32_t index, struct archive_entry *entry);

/* Finds by id or by name. STATUS_ARCHIVE_NO_SUCH_PROGRAM if absent; *entry is written only on success. */
enum status archive_find_id(const struct archive *archive, uint32_t id, struct archive_entry *entry) MUST_USE;
enum status archive_find_name(const struct archive *archive, const char *name, struct archive_entry *entry) MUST_USE;

/* Compares the payload with its digest. STATUS_ARCHIVE_PAYLOAD_DIGEST if it differs. Cost: one SHA-256 of the payload. */
enum status archive_check_payload(const struct archive *archive, const struct archive_entry *entry, struct where *where) MUST_USE;

/* Is this the signature of these bytes under this key? libsodium's crypto_sign_verify_detached does it; lib/ has no cryptography
 * but the digest. */
typedef bool archive_verify(const uint8_t signature[ARCHIVE_SIGNATURE_BYTES], const uint8_t *message, uint64_t bytes,
                            const uint8_t key[ARCHIVE_KEY_BYTES]);

/* Was the archive signed with the secret half of this key? key NULL: with that of the key that it names itself, which says nothing of
 * who that is. STATUS_ARCHIVE_UNSIGNED, STATUS_ARCHIVE_OTHER_KEY, STATUS_ARCHIVE_SIGNATURE. Payloads are covered by their digests,
 * which archive_check_payload looks at. Cost: one verification of 64 bytes. */
enum status archive_check_signature(const struct archive *archive, const uint8_t *key, archive_verify *verify,
                                    struct where *where) MUST_USE;

struct elf;
/* Looks up a patchable symbol of a payload that elf_read and elf_check accepted; its address is where elf_place put it.
 * STATUS_SYMBOL_UNKNOWN if absent; STATUS_SYMBOL_OUTSIDE if it does not lie wholly in one writable PT_LOAD. Binary search. */
enum status archive_symbol_find(const struct elf *elf, const char *name, struct archive_symbol *symbol) MUST_USE;
