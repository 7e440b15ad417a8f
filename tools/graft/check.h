/* SPDX-License-Identifier: BSD-2-Clause */
/* What the commands that look at programs share. */
#pragma once
#include "lib/elf/elf.h"
#include "lib/plan/plan.h"
#include "tools/graft/file.h"

/* Reads, checks under the strict policy of the file's machine and, if there is a plan for the machine, plans. */
enum status check_program(const uint8_t *bytes, uint64_t size_bytes, struct elf *elf, struct where *where);

/* The machine as plans know it, or NULL. */
const struct plan_machine *plan_machine_of(uint16_t machine);

/* Does the file begin like an archive? */
bool is_archive(const struct file *file);
