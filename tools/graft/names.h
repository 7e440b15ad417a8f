/* SPDX-License-Identifier: BSD-2-Clause */
/* What numbers in ELF files are called, in the words of the gABI as readelf abbreviates them. Each returns NULL for a
 * number without a name. */
#pragma once
#include <stdint.h>

const char *name_of_type(uint64_t type);
const char *name_of_osabi(uint8_t osabi);
const char *name_of_machine(uint64_t machine);
/* Types from 0x70000000 on mean something else on each machine. */
const char *name_of_segment_type(uint64_t type, uint64_t machine);
const char *name_of_section_type(uint64_t type, uint64_t machine);
const char *name_of_symbol_type(uint8_t type);
const char *name_of_symbol_binding(uint8_t binding);
const char *name_of_symbol_visibility(uint8_t other);
