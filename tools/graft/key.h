/* SPDX-License-Identifier: BSD-2-Clause */
/* Ed25519 keys: files of one line, "graft-public-key HEX" or "graft-secret-key HEX", 64 hexadecimal digits each; the secret one
 * is the seed that the key pair is made of. All cryptography is libsodium's. */
#pragma once
#include "lib/archive/archive.h"
#include "tools/graft/file.h"
#include <stdio.h>

#define KEY_SEED_BYTES   32u
#define KEY_SECRET_BYTES 64u

struct key_pair {
	uint8_t public_key[ARCHIVE_KEY_BYTES];
	uint8_t secret[KEY_SECRET_BYTES];
};

/* 64 hexadecimal digits and nothing else? Then the key. */
bool key_of_text(const char *text, uint8_t key[ARCHIVE_KEY_BYTES]);

/* A public key, by its digits or by a file that has it. On failure complains. */
bool key_read_public(const char *name, uint8_t key[ARCHIVE_KEY_BYTES]);

/* Both halves, from a file with a secret key. On failure complains. */
bool key_read_secret(const char *path, struct key_pair *pair);

/* Overwrites the secret half. */
void key_forget(struct key_pair *pair);

/* A new signed copy of an opened archive; to be freed with file_free. label: for messages. On failure complains. */
bool key_sign_archive(const char *label, const struct archive *archive, const struct key_pair *pair, struct file *out);

/* As archive_check_signature wants it. */
archive_verify key_verify;

/* Prints 64 digits. */
void key_print(FILE *to, const uint8_t key[ARCHIVE_KEY_BYTES]);
