/* SPDX-License-Identifier: BSD-2-Clause */
/* Archives for tests. */
#pragma once
#include "lib/archive/archive.h"

struct archive_spec {
	uint8_t *bytes; /* malloc'ed, exactly size_bytes */
	uint64_t size_bytes;
};

/* Packs the default program of test/support/elf_spec.h `count` times, ids 1.., names "program-1".., with the patchable
 * symbols "alpha" (8 bytes, in the data), "beta" (64 bytes, across the data's page end) and "gamma" (1 byte, in the zero
 * pages). */
void archive_spec_build(uint32_t count, struct archive_spec *spec);

/* Makes the digest in the header fit the table again, after a test has changed it. */
void archive_spec_seal(struct archive_spec *spec);
