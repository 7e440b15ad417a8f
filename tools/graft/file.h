/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole files in, whole files out. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define FILE_BYTES_MAX (1ull << 30) /* 1 GiB: all of it is read into memory, and must fit the target too */

struct file {
	uint8_t *bytes;      /* malloc'ed, exactly size_bytes long (never NULL after success); free with file_free */
	uint64_t size_bytes;
};

/* Reads all of a regular file. Anything that is not a regular file (a directory, a pipe, a device) is refused without
 * opening it, so that nothing can block. On failure complains with the path and the reason, and returns false. */
bool file_read_all(const char *path, struct file *file);
void file_free(struct file *file);

/* Has this run read the file that path names, under whatever name? */
bool file_was_read(const char *path);

/* Writes the file whole or not at all: to a temporary name beside it, then renamed over it. Nothing but a regular file is
 * replaced, and none that this run has read. On failure complains, leaves what was there before, and leaves no temporary
 * file. */
bool file_write_atomically(const char *path, const void *bytes, uint64_t size_bytes);
