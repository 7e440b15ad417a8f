/* SPDX-License-Identifier: BSD-2-Clause */
/* libsodium in a domain, x86_64. Of Debian's library verification takes five objects (open, sign, verify, ed25519_ref10,
 * hash_sha512_cp) and no system call; what these call besides the memory functions of lib/base is here. Were one of these functions
 * missing, the linker would take utils.o of libsodium for it, and with that a C library's worth of calls.
 *
 * The library was compiled with stack protectors: every function reads the word at fs:0x28 when it begins and compares it
 * when it ends. A domain starts with an FS base of 0, so one of ours is set around the call. User code may do that because both
 * kernels switch FSGSBASE on (seL4: KernelFSGSBase=inst, its default) and keep the base when they switch threads. */
#include "user/signature/signature.h"
#include "lib/base/base.h"

/* libsodium's own, from <sodium/crypto_sign_ed25519.h>, which includes headers that a domain has not got. */
int crypto_sign_ed25519_verify_detached(const unsigned char *signature, const unsigned char *message, unsigned long long bytes,
                                        const unsigned char *key);
int sodium_memcmp(const void *a, const void *b, size_t bytes);
int sodium_is_zero(const unsigned char *bytes, const size_t count);
void sodium_memzero(void *bytes, const size_t count);
_Noreturn void __stack_chk_fail(void);
_Noreturn void abort(void);

#define CANARY_WORD 5u /* fs:0x28 */

/* Ends with a zero byte, so that no string function copies past it. It is no secret: this is for the linkage, not for defence. */
static const uint64_t thread_area[CANARY_WORD + 1] = { [CANARY_WORD] = 0xff0d0a5ac3963c00 };

bool signature_is_known(void)
{
	return true;
}

bool signature_verify(const uint8_t signature[ARCHIVE_SIGNATURE_BYTES], const uint8_t *message, uint64_t bytes,
                      const uint8_t key[ARCHIVE_KEY_BYTES])
{
	uint64_t before;
	int result;

	__asm__ volatile("rdfsbase %0" : "=r"(before));
	__asm__ volatile("wrfsbase %0" : : "r"(thread_area) : "memory");
	result = crypto_sign_ed25519_verify_detached(signature, message, bytes, key);
	__asm__ volatile("wrfsbase %0" : : "r"(before) : "memory");
	return result == 0;
}

/* ---- what libsodium calls ---- */

/* In the same time whatever the bytes are, as the original; all that is compared here is public. */
int sodium_memcmp(const void *a, const void *b, size_t bytes)
{
	const volatile unsigned char *x = a, *y = b;
	unsigned char difference = 0;

	for (size_t i = 0; i < bytes; i++)
		difference |= (unsigned char)(x[i] ^ y[i]);
	return difference == 0 ? 0 : -1;
}

int sodium_is_zero(const unsigned char *bytes, const size_t count)
{
	unsigned char any = 0;

	for (size_t i = 0; i < count; i++)
		any |= bytes[i];
	return any == 0;
}

void sodium_memzero(void *bytes, const size_t count)
{
	volatile unsigned char *at = bytes;

	for (size_t i = 0; i < count; i++)
		at[i] = 0;
}

/* A fault that the parent sees. */
_Noreturn void __stack_chk_fail(void)
{
	__builtin_trap();
}

_Noreturn void abort(void)
{
	__builtin_trap();
}
