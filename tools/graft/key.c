/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys and signatures. */
#include "tools/graft/key.h"
#include "tools/graft/graft.h"
#include "lib/archive/pack.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define PUBLIC_WORD "graft-public-key "
#define SECRET_WORD "graft-secret-key "

_Static_assert(ARCHIVE_KEY_BYTES == crypto_sign_ed25519_PUBLICKEYBYTES && ARCHIVE_SIGNATURE_BYTES == crypto_sign_ed25519_BYTES &&
	KEY_SEED_BYTES == crypto_sign_ed25519_SEEDBYTES && KEY_SECRET_BYTES == crypto_sign_ed25519_SECRETKEYBYTES, "Ed25519");

static bool is_ready(void)
{
	if (sodium_init() >= 0)
		return true;
	complain("libsodium can't be started");
	return false;
}

static bool digits(const char *text, size_t length, uint8_t out[ARCHIVE_KEY_BYTES])
{
	size_t bytes = 0;
	const char *end = NULL;
	return length == 2 * ARCHIVE_KEY_BYTES && sodium_hex2bin(out, ARCHIVE_KEY_BYTES, text, length, NULL, &bytes, &end) == 0 &&
		bytes == ARCHIVE_KEY_BYTES && end == text + length;
}

bool key_of_text(const char *text, uint8_t key[ARCHIVE_KEY_BYTES])
{
	return digits(text, strlen(text), key);
}

/* The line's word, the digits, and at most a line end. */
static bool read_line(const char *path, const char *word, uint8_t out[ARCHIVE_KEY_BYTES])
{
	struct file file;
	size_t length = strlen(word);
	if (!file_read_all(path, &file))
		return false;
	const char *text = (const char *)file.bytes;
	size_t bytes = file.size_bytes && text[file.size_bytes - 1] == '\n' ? file.size_bytes - 1 : file.size_bytes;
	bool done = bytes > length && memcmp(text, word, length) == 0 && digits(text + length, bytes - length, out);
	if (!done)
		complain("%s: not a file of graft keygen's with a %s key", path, word[6] == 'p' ? "public" : "secret");
	sodium_memzero(file.bytes, file.size_bytes);
	file_free(&file);
	return done;
}

bool key_read_public(const char *name, uint8_t key[ARCHIVE_KEY_BYTES])
{
	return key_of_text(name, key) || read_line(name, PUBLIC_WORD, key);
}

bool key_read_secret(const char *path, struct key_pair *pair)
{
	uint8_t seed[KEY_SEED_BYTES];
	bool done = is_ready() && read_line(path, SECRET_WORD, seed) &&
		crypto_sign_ed25519_seed_keypair(pair->public_key, pair->secret, seed) == 0;
	sodium_memzero(seed, sizeof seed);
	return done;
}

void key_forget(struct key_pair *pair)
{
	sodium_memzero(pair, sizeof *pair);
}

bool key_sign_archive(const char *label, const struct archive *archive, const struct key_pair *pair, struct file *out)
{
	uint8_t signature[ARCHIVE_SIGNATURE_BYTES];
	out->size_bytes = pack_signed_bytes(archive);
	out->bytes = malloc((size_t)out->size_bytes);
	if (!out->bytes) {
		complain("%s: no memory for %llu bytes", label, (unsigned long long)out->size_bytes);
		return false;
	}
	pack_for_signature(archive, pair->public_key, out->bytes);
	crypto_sign_ed25519_detached(signature, NULL, out->bytes, ARCHIVE_HEADER_BYTES, pair->secret);
	pack_put_signature(out->bytes, signature);
	return true;
}

bool key_verify(const uint8_t signature[ARCHIVE_SIGNATURE_BYTES], const uint8_t *message, uint64_t bytes,
                const uint8_t key[ARCHIVE_KEY_BYTES])
{
	return is_ready() && crypto_sign_ed25519_verify_detached(signature, message, bytes, key) == 0;
}

void key_print(FILE *to, const uint8_t key[ARCHIVE_KEY_BYTES])
{
	for (unsigned i = 0; i < ARCHIVE_KEY_BYTES; i++)
		fprintf(to, "%02x", key[i]);
}

/* ---- graft keygen ---- */

static bool write_key(const char *name, const char *suffix, const char *word, const uint8_t key[ARCHIVE_KEY_BYTES], bool is_secret)
{
	char hex[2 * ARCHIVE_KEY_BYTES + 1], path[4096], line[128];
	int length = snprintf(path, sizeof path, "%s%s", name, suffix);
	sodium_bin2hex(hex, sizeof hex, key, ARCHIVE_KEY_BYTES);
	int bytes = snprintf(line, sizeof line, "%s%s\n", word, hex);
	bool done = length > 0 && (size_t)length < sizeof path && file_write_new(path, line, (size_t)bytes, is_secret);
	sodium_memzero(hex, sizeof hex);
	sodium_memzero(line, sizeof line);
	return done;
}

int command_keygen(int argc, char **argv)
{
	uint8_t seed[KEY_SEED_BYTES];
	struct key_pair pair;
	if (argc != 2 || argv[1][0] == '-') {
		complain("keygen: name the key: NAME.secret and NAME.public are written");
		return EXIT_USAGE;
	}
	if (!is_ready())
		return EXIT_REFUSED;
	randombytes_buf(seed, sizeof seed);
	crypto_sign_ed25519_seed_keypair(pair.public_key, pair.secret, seed);
	bool done = write_key(argv[1], ".secret", SECRET_WORD, seed, true) &&
		write_key(argv[1], ".public", PUBLIC_WORD, pair.public_key, false);
	sodium_memzero(seed, sizeof seed);
	key_forget(&pair);
	return done ? EXIT_DONE : EXIT_REFUSED;
}
