/* SPDX-License-Identifier: BSD-2-Clause */
/* Signatures for tests. */
#include "test/support/signature_host.h"
#include "lib/archive/pack.h"
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

bool signature_host_is_known = true;
uint32_t signature_host_count;

bool signature_is_known(void)
{
	return signature_host_is_known;
}

bool signature_verify(const uint8_t signature[ARCHIVE_SIGNATURE_BYTES], const uint8_t *message, uint64_t bytes,
                      const uint8_t key[ARCHIVE_KEY_BYTES])
{
	signature_host_count++;
	return crypto_sign_ed25519_verify_detached(signature, message, bytes, key) == 0;
}

void signature_host_keys(uint8_t seed, struct signature_host_keys *keys)
{
	uint8_t bytes[32];
	memset(bytes, seed, sizeof bytes);
	crypto_sign_ed25519_seed_keypair(keys->public_key, keys->secret, bytes);
}

void signature_host_sign_header(uint8_t *archive, const struct signature_host_keys *keys)
{
	uint8_t signature[ARCHIVE_SIGNATURE_BYTES];
	crypto_sign_ed25519_detached(signature, NULL, archive, ARCHIVE_HEADER_BYTES, keys->secret);
	pack_put_signature(archive, signature);
}

uint8_t *signature_host_sign(const uint8_t *bytes, uint64_t size_bytes, const struct signature_host_keys *keys, uint64_t *signed_bytes)
{
	struct archive archive;
	struct where where;
	enum status status = archive_open(bytes, size_bytes, &archive, &where);
	assert(status == STATUS_OK);
	*signed_bytes = pack_signed_bytes(&archive);
	uint8_t *out = malloc(*signed_bytes);
	assert(out);
	pack_for_signature(&archive, keys->public_key, out);
	signature_host_sign_header(out, keys);
	return out;
}
