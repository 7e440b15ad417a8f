/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules for executables once more, written from the list of rules and not from lib/elf: in one pass over the bytes, in
 * numbers too wide to wrap, without statuses. Tests compare the two verdicts. */
#pragma once
#include "lib/elf/elf.h"

bool elf_rules_accept(const uint8_t *bytes, uint64_t size_bytes, const struct elf_policy *policy);
