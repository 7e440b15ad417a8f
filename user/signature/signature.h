/* SPDX-License-Identifier: BSD-2-Clause */
/* Ed25519 in a domain. sodium.c does it with Debian's libsodium.a; none.c stands in its place where there is none for the
 * machine (mk/user.mk chooses). */
#pragma once
#include "lib/archive/archive.h"

/* Can signature_verify ever say yes? */
bool signature_is_known(void);

/* For archive_check_signature. Takes 4 KiB of stack. */
archive_verify signature_verify;
