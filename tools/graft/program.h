/* SPDX-License-Identifier: BSD-2-Clause */
/* A program on its way into an archive: read, checked, laid out as page images, with its patchable symbols. */
#pragma once
#include "lib/archive/archive.h"
#include "lib/archive/pack.h"
#include "tools/graft/file.h"

struct program {
	char     name[ARCHIVE_NAME_BYTES];
	uint32_t id, version;              /* set by the caller */
	uint32_t flags;                    /* enum archive_flag */
	uint16_t machine;
	uint8_t *payload;                  /* malloc'ed */
	uint64_t payload_bytes;
};

/* Who relocates it and sets up its thread-local storage: whoever startup.h finds out, the loader, its own start-up code. */
enum program_relocates { PROGRAM_DETECT, PROGRAM_BY_LOADER, PROGRAM_BY_ITSELF };

/* Reads a program and makes its payload under the strict policy of its machine. name: what it is to be called, or NULL for the
 * file's base name without ".elf". planned: refuse it too if it can't be planned with the default stack; who knows the domain plans
 * for that one instead. On failure complains, with file, offset and rule, and returns false; otherwise free it
 * with program_free. */
bool program_read(const char *path, const char *name, enum program_relocates relocates, bool planned, struct program *program);
void program_free(struct program *program);

/* Puts programs into an archive, in this order, and opens it again to be sure. On failure complains (label: what to call the
 * archive) and returns false; otherwise free *archive with file_free. */
bool program_archive(const char *label, const struct program *programs, uint32_t count, struct file *archive);

/* Gives every program with id 0 the lowest number that none has, in order. */
void program_number(struct program *programs, uint32_t count);

/* Makes the payload of a program that has been accepted (raw: the file, with its sections). flags: enum archive_flag. malloc'ed;
 * NULL, after complaining, on failure. */
uint8_t *program_payload(const char *path, const uint8_t *bytes, uint64_t size_bytes, uint32_t flags, uint64_t *payload_bytes);
