/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of a program's symbols can be patched, from its section headers. They only help: a program without them packs too. */
#include "tools/graft/symbols.h"
#include "tools/graft/graft.h"
#include "tools/graft/sections.h"
#include <stdlib.h>
#include <string.h>

#define PATCHABLE_BYTES_MAX 4096u

struct candidate {
	struct pack_symbol symbol;
	bool is_local;
};

static bool is_patchable(const struct elf *elf, const struct symbol *symbol)
{
	size_t length = strlen(symbol->name);
	if (symbol->type != SYMBOL_OBJECT && symbol->type != SYMBOL_NOTYPE)
		return false;
	if (symbol->section == 0 || symbol->section >= SECTION_INDEX_RESERVED || symbol->size == 0
	    || symbol->size > PATCHABLE_BYTES_MAX || length == 0 || length >= ARCHIVE_NAME_BYTES)
		return false;
	const struct elf_segment *segment = elf_segment_around(elf, symbol->value, symbol->size);
	return segment && (segment->flags & ELF_W) != 0;
}

/* By name; of the same name, those visible outside their source file first. */
static int compare(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int order = strcmp(x->symbol.name, y->symbol.name);
	return order != 0 ? order : (int)x->is_local - (int)y->is_local;
}

static bool same_name(const struct candidate *a, const struct candidate *b)
{
	return strcmp(a->symbol.name, b->symbol.name) == 0;
}

/* Does the first of `length` candidates of one name win over the others? */
static bool is_clear(const struct candidate *first, uint64_t length)
{
	return length == 1 || (!first[0].is_local && first[1].is_local);
}

/* Keeps one candidate per name, in place; returns how many are left. */
static uint64_t choose(struct candidate *candidates, uint64_t count, bool with_locals)
{
	uint64_t kept = 0, length;
	for (uint64_t i = 0; i < count; i += length) {
		for (length = 1; i + length < count && same_name(&candidates[i], &candidates[i + length]);)
			length++;
		if (is_clear(&candidates[i], length) && (with_locals || !candidates[i].is_local))
			candidates[kept++] = candidates[i];
	}
	return kept;
}

static uint64_t gather(const struct elf *elf, const struct sections *sections, const struct section *table,
                       struct candidate *candidates)
{
	uint64_t found = 0, count = symbol_count(sections, table);
	for (uint64_t i = 0; i < count; i++) {
		struct symbol symbol;
		symbol_get(sections, table, i, &symbol);
		if (is_patchable(elf, &symbol))
			candidates[found++] = (struct candidate) { { symbol.name, symbol.value, symbol.size },
				symbol.binding == SYMBOL_LOCAL };
	}
	return found;
}

/* The file's symbol table, if it has a usable one. */
static bool find_table(const struct elf *elf, struct sections *sections, struct section *table)
{
	const char *reason;
	if (!sections_open(elf->bytes, elf->size_bytes, elf_wire_of(elf->class_bits), sections, &reason))
		return false;
	for (uint64_t i = 0; i < sections->count; i++) {
		section_get(sections, i, table);
		if (table->type == SECTION_SYMTAB)
			return true;
	}
	return false;
}

struct pack_symbol *symbols_collect(const struct elf *elf, uint32_t *count)
{
	struct sections sections;
	struct section table;
	*count = 0;
	if (!find_table(elf, &sections, &table))
		return NULL;
	struct candidate *candidates = calloc(symbol_count(&sections, &table) + 1, sizeof *candidates);
	struct pack_symbol *symbols = calloc(ARCHIVE_SYMBOLS_MAX, sizeof *symbols);
	if (candidates && symbols) {
		uint64_t found = gather(elf, &sections, &table, candidates);
		qsort(candidates, found, sizeof *candidates, compare);
		found = choose(candidates, found, true);
		if (found > ARCHIVE_SYMBOLS_MAX)
			found = choose(candidates, found, false);
		for (; *count < found && *count < ARCHIVE_SYMBOLS_MAX; (*count)++)
			symbols[*count] = candidates[*count].symbol;
	}
	free(candidates);
	return symbols;
}
