/* SPDX-License-Identifier: BSD-2-Clause */
/* Stands in for user/signature on the host: libsodium as it is. */
#pragma once
#include "user/signature/signature.h"

/* What signature_is_known says. */
extern bool signature_host_is_known;

/* How often signature_verify was asked. */
extern uint32_t signature_host_count;

/* A key pair made of a seed of this byte. */
struct signature_host_keys {
	uint8_t public_key[ARCHIVE_KEY_BYTES];
	uint8_t secret[64];
};
void signature_host_keys(uint8_t seed, struct signature_host_keys *keys);

/* A signed copy of an archive, from malloc. */
uint8_t *signature_host_sign(const uint8_t *bytes, uint64_t size_bytes, const struct signature_host_keys *keys, uint64_t *signed_bytes);

/* Signs anew what pack_for_signature or a test has changed. */
void signature_host_sign_header(uint8_t *archive, const struct signature_host_keys *keys);
