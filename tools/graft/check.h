/* SPDX-License-Identifier: BSD-2-Clause */
/* What the commands that look at programs share. */
#pragma once
#include "lib/archive/archive.h"
#include "lib/load/load.h"
#include "tools/graft/file.h"

/* Reads and checks under the strict policy of the file's machine, at the default base. flags: of its archive entry. */
enum status check_accept(const uint8_t *bytes, uint64_t size_bytes, uint32_t flags, struct load *load, struct where *where) MUST_USE;

/* The same for a file that is yet to be packed: relocations that are not sorted will be then. */
enum status check_file(const uint8_t *bytes, uint64_t size_bytes, uint32_t flags, struct load *load, struct where *where) MUST_USE;

/* Plans what one of these has accepted, with the default stack. share: as plan_add_image. */
enum status check_plan(const struct load *load, bool share, struct plan *plan, struct where *where) MUST_USE;

/* archive_open for a file, which ends where the archive does; in a region of memory, other bytes may follow it. */
enum status check_archive_open(const struct file *file, struct archive *archive, struct where *where) MUST_USE;

/* Does the file begin like an archive? */
bool is_archive(const struct file *file);
