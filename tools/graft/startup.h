/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose task it is to relocate a program and to set up its thread-local storage (ruling 2f): is its start-up code one that is known
 * to do so itself? */
#pragma once
#include "lib/base/base.h"

/* The flags of an archive entry for a file: ARCHIVE_PROGRAM_RELOCATES if it begins with the start-up code of musl or glibc, known by
 * its symbols, glibc's note or musl's instructions; else 0. Of any bytes. */
uint32_t startup_flags(const uint8_t *bytes, uint64_t size_bytes);
