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

/* A file that is written but not yet in its place. */
struct staged {
	const char *path;
	char *temporary; /* its name until then, beside path; NULL: nothing is staged */
};

/* Writes a file under a temporary name beside path. Nothing but a regular file may be replaced, and none that this run has read,
 * under whatever name. On failure complains, and leaves no temporary file. */
bool file_stage(const char *path, const void *bytes, uint64_t size_bytes, struct staged *staged);

/* Renames it over path: what was there before is there until then. On failure complains, and leaves no temporary file. */
bool file_commit(struct staged *staged);

/* Drops it, if anything is staged. */
void file_discard(struct staged *staged);

/* Both of the above: the file whole, or what was there before. */
bool file_write_atomically(const char *path, const void *bytes, uint64_t size_bytes);

/* The same for a file that this run has read, and is meant to change. */
bool file_rewrite(const char *path, const void *bytes, uint64_t size_bytes);

/* Writes a file that is not there yet; is_secret: for its owner's eyes only. */
bool file_write_new(const char *path, const void *bytes, uint64_t size_bytes, bool is_secret);
