/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules for static programs under the strict policy, for a position-independent one at base 0, as predicates over numbers that
 * cannot wrap. Rule numbers as in doc/elf.md. */
#include "test/support/elf_rules.h"

typedef unsigned __int128 number;

struct header { uint32_t type, flags; number offset, vaddr, filesz, memsz, align; };
struct view { const uint8_t *bytes; number size; int wide; number machine; number phoff, phnum; struct header header[64]; };

static number get(const uint8_t *bytes, number at, int length)
{
	number value = 0;
	for (int i = length; i-- > 0;)
		value = value << 8 | bytes[(uint64_t)at + (uint64_t)i];
	return value;
}

static number page(number x) { return x / 4096; }
static number end_page(number x) { return (x + 4095) / 4096; }

static struct header get_header(const struct view *v, number i)
{
	number at = v->phoff + i * (v->wide ? 56 : 32);
	struct header h = { .type = (uint32_t)get(v->bytes, at, 4) };
	if (v->wide) {
		h.flags = (uint32_t)get(v->bytes, at + 4, 4);
		h.offset = get(v->bytes, at + 8, 8), h.vaddr = get(v->bytes, at + 16, 8);
		h.filesz = get(v->bytes, at + 32, 8), h.memsz = get(v->bytes, at + 40, 8), h.align = get(v->bytes, at + 48, 8);
	} else {
		h.offset = get(v->bytes, at + 4, 4), h.vaddr = get(v->bytes, at + 8, 4);
		h.filesz = get(v->bytes, at + 16, 4), h.memsz = get(v->bytes, at + 20, 4);
		h.flags = (uint32_t)get(v->bytes, at + 24, 4), h.align = get(v->bytes, at + 28, 4);
	}
	return h;
}

static int is_load(const struct header *h) { return h->type == 1 && h->memsz > 0; }

/* H1 to H15. */
static int header_holds(struct view *v, const struct elf_policy *policy)
{
	const uint8_t *b = v->bytes;
	if (v->size < 52 || get(b, 0, 4) != 0x464c457f || (b[4] != 1 && b[4] != 2))
		return 0;
	v->wide = b[4] == 2;
	if (v->size < (v->wide ? 64 : 52) || v->wide != (policy->class_bits == 64))
		return 0;
	if (b[5] != 1 || b[6] != 1 || (b[7] != 0 && b[7] != 3) || get(b, 8, 8) != 0)
		return 0;
	number flags = get(b, v->wide ? 48 : 36, 4);
	int flags_hold = policy->machine == 243 ? (flags & ~(number)7) == 0 && (flags & 6) != 6 : flags == 0;
	if ((get(b, 16, 2) != 2 && get(b, 16, 2) != 3) || get(b, 18, 2) != policy->machine || get(b, 20, 4) != 1 || !flags_hold)
		return 0;
	v->phoff = v->wide ? get(b, 32, 8) : get(b, 28, 4);
	number tail = v->wide ? 52 : 40;
	v->phnum = get(b, tail + 4, 2);
	return get(b, tail, 2) == (v->wide ? 64 : 52) && get(b, tail + 2, 2) == (v->wide ? 56 : 32) && v->phnum >= 1 && v->phnum <= 64
	       && v->phoff >= (v->wide ? 64 : 52) && v->phoff % (v->wide ? 8 : 4) == 0
	       && v->phoff + v->phnum * (v->wide ? 56 : 32) <= v->size;
}

/* S3 to S11, S16, S17. */
static int load_holds(const struct view *v, const struct header *h, const struct elf_policy *policy)
{
	number end = end_page(h->vaddr + h->memsz) * 4096, modulus = h->align > 4096 ? h->align : 4096;
	if (h->filesz > h->memsz || (h->filesz > 0 && h->offset + h->filesz > v->size))
		return 0;
	if (h->memsz == 0)
		return 1;
	if (page(h->vaddr) * 4096 < policy->floor || end > policy->ceiling)
		return 0;
	if (h->align != 0 && ((h->align & (h->align - 1)) != 0 || h->align > (1u << 30)))
		return 0;
	if (h->filesz > 0 && h->vaddr % modulus != h->offset % modulus)
		return 0;
	return h->flags <= 7 && (h->flags & 4) && (h->flags & 3) != 3;
}

/* S12 to S15, S18, of every pair. */
static int loads_hold(const struct view *v, const struct elf_policy *policy)
{
	number pages = 0, count = 0;
	for (number i = 0; i < v->phnum; i++) {
		const struct header *a = &v->header[i];
		if (!is_load(a))
			continue;
		count++;
		pages += end_page(a->vaddr + a->memsz) - page(a->vaddr);
		for (number j = i + 1; j < v->phnum; j++) {
			const struct header *b = &v->header[j];
			if (!is_load(b))
				continue;
			if (b->vaddr < a->vaddr + a->memsz)
				return 0;
			if (page(b->vaddr) < end_page(a->vaddr + a->memsz) && a->flags != b->flags)
				return 0;
			int meet = a->filesz > 0 && b->filesz > 0 && a->offset < b->offset + b->filesz && b->offset < a->offset + a->filesz;
			if (meet && ((a->flags | b->flags) & 2))
				return 0;
		}
	}
	return count > 0 && pages <= policy->pages_max;
}

static const struct header *load_of(const struct view *v, number vaddr, number bytes)
{
	for (number i = 0; i < v->phnum; i++) {
		const struct header *h = &v->header[i];
		if (is_load(h) && vaddr >= h->vaddr && vaddr + bytes <= h->vaddr + h->memsz)
			return h;
	}
	return 0;
}

/* E1, E2. */
static int entry_holds(const struct view *v, const struct elf_policy *policy)
{
	number entry = get(v->bytes, 24, v->wide ? 8 : 4), flags = get(v->bytes, v->wide ? 48 : 36, 4);
	number align = policy->machine == 183 ? 4 : policy->machine == 243 ? (flags & 1 ? 2 : 4) : 1;
	const struct header *h = load_of(v, entry, 1);
	return h && (h->flags & 1) && entry < h->vaddr + h->filesz && entry % align == 0;
}

/* E10. */
static int notes_hold(const struct view *v, const struct header *h)
{
	number align = h->align <= 4 ? 4 : h->align, at = 0;
	if (h->filesz == 0)
		return 1;
	if (h->offset + h->filesz > v->size || h->filesz > 65536 || (align != 4 && align != 8) || h->align == 3)
		return 0;
	while (at < h->filesz) {
		if (at + 12 > h->filesz)
			return 0;
		number name = get(v->bytes, h->offset + at, 4), description = get(v->bytes, h->offset + at + 4, 4);
		number after_name = (12 + name + align - 1) / align * align;
		if (at + 12 + name > h->filesz || (description > 0 && at + after_name + description > h->filesz))
			return 0;
		at += (after_name + description + align - 1) / align * align;
	}
	return 1;
}

/* E7, E9. */
static int dynamic_holds(const struct view *v, const struct header *h)
{
	const number word = v->wide ? 8 : 4;
	const struct header *load = load_of(v, h->vaddr, h->filesz);
	int seen[9] = { 0 };
	if (h->filesz != h->memsz || h->filesz % (2 * word) != 0 || h->filesz > 65536 || h->vaddr % word != 0)
		return 0;
	if (!load || h->vaddr + h->filesz > load->vaddr + load->filesz || h->offset != load->offset + (h->vaddr - load->vaddr))
		return 0;
	for (number at = 0; at < h->filesz; at += 2 * word) {
		static const uint32_t single[9] = { 7, 8, 9, 17, 18, 19, 35, 36, 37 };
		number tag = get(v->bytes, h->offset + at, (int)word), value = get(v->bytes, h->offset + at + word, (int)word);
		if (tag == 0)
			return 1;
		if (tag == 1 || tag == 22 || tag == 23 || (tag == 30 && (value & 4)))
			return 0;
		if (tag == 38 || tag == 0x6000000f || tag == 0x60000011 || tag == 0x6fffe000
		    || (tag == 0x70000012 && v->machine == 183))
			return 0;
		for (int i = 0; i < 9; i++)
			if (tag == single[i] && seen[i]++)
				return 0;
	}
	return 0;
}

/* E3 to E6, E11, E12. */
static int other_holds(const struct view *v, number i)
{
	const struct header *h = &v->header[i];
	number table = v->phnum * (v->wide ? 56 : 32);
	const struct header *load;
	switch (h->type) {
	case 0: case 1: case ELF_GNU_EH_FRAME: case ELF_GNU_SFRAME: case ELF_PAX_FLAGS:
		return 1;
	case 4: case ELF_GNU_PROPERTY:
		return notes_hold(v, h);
	case 6:
		for (number j = 0; j < i; j++)
			if (v->header[j].type == 1)
				return 0;
		load = load_of(v, h->vaddr, h->filesz);
		return h->offset == v->phoff && h->filesz == table && h->memsz == table && load
		       && h->vaddr + h->filesz <= load->vaddr + load->filesz
		       && load->offset + (h->vaddr - load->vaddr) == h->offset;
	case 7:
		load = load_of(v, h->vaddr, h->filesz);
		if (h->filesz == 0 && h->memsz == 0)
			return 1;
		return (h->align & (h->align - 1)) == 0 && h->align <= 4096 && h->memsz <= 1 << 20 && h->filesz <= h->memsz
		       && (h->filesz == 0
		           || (load && h->vaddr + h->filesz <= load->vaddr + load->filesz
		               && h->offset == load->offset + (h->vaddr - load->vaddr)));
	case 2:
		return dynamic_holds(v, h);
	case ELF_GNU_STACK:
		return (h->flags & 1) == 0;
	case ELF_GNU_RELRO:
		load = load_of(v, h->vaddr, 1);
		return h->memsz == 0
		       || (load && (load->flags & 2) && load->vaddr == h->vaddr
		           && h->vaddr + h->memsz <= end_page(load->vaddr + load->memsz) * 4096);
	case ELF_GRAFT_SYMBOLS:
		return h->filesz % 80 == 0 && h->filesz <= 80 * 4096 && h->offset + h->filesz <= v->size;
	default:
		return 0;
	}
}

static int may_repeat(uint32_t type) { return type == 0 || type == 1 || type == 4; }

bool elf_rules_accept(const uint8_t *bytes, uint64_t size_bytes, const struct elf_policy *policy)
{
	struct view v = { .bytes = bytes, .size = size_bytes, .machine = policy->machine };
	if (!header_holds(&v, policy))
		return false;
	for (number i = 0; i < v.phnum; i++)
		v.header[i] = get_header(&v, i);
	for (number i = 0; i < v.phnum; i++) {
		const struct header *h = &v.header[i];
		int known = other_holds(&v, i) || (policy->machine == 243 && h->type == 0x70000003)
		            || (policy->machine == 183 && (h->type == 0x70000000 || h->type == 0x70000002));
		if (!known || (h->type == 1 && !load_holds(&v, h, policy)))
			return false;
		for (number j = 0; j < i; j++)
			if (v.header[j].type == h->type && !may_repeat(h->type))
				return false;
	}
	return loads_hold(&v, policy) && entry_holds(&v, policy);
}
