/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of graft inspect. */
#pragma once
#include "tools/graft/sections.h"

/* Prints section headers and all symbol tables of a file whose ELF header is all there. */
void inspect_sections(const uint8_t *bytes, uint64_t size_bytes, const struct elf_wire *wire);

/* A name, or the number in its stead. Returns one of a few static buffers in turn. */
const char *inspect_name(const char *name, uint64_t number);
