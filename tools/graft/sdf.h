/* SPDX-License-Identifier: BSD-2-Clause */
/* A system description as the tool holds it: what stands in a .system file, read into native form by sdf_read, then
 * resolved and checked as a whole by sdf_check. doc/system.md says what may stand there. Every part knows its line.
 * All of it lives in the arena. */
#pragma once
#include "lib/archive/archive.h"
#include "tools/graft/key.h"
#include "lib/system/system.h"
#include "tools/graft/arena.h"
#include <stdbool.h>
#include <stdint.h>

#define SDF_PRIORITY_MAX     SYSTEM_PRIORITY_MAX
#define SDF_ID_MAX           61u           /* of children; a machine may have fewer channels: system_machine.channel_id_max */
#define SDF_BUDGET_DEFAULT   1000u
#define SDF_CONTROLLER_BUDGET_DEFAULT 450u /* of 500: whoever is less important gets turns during a long load */
#define SDF_CONTROLLER_PERIOD_DEFAULT 500u
#define SDF_BUDGET_MIN       20u           /* seL4's MIN_BUDGET_US on x86: twice its own 10 us */
#define SDF_PERIOD_MAX       (1ull << 47)  /* seL4's MAX_PERIOD_US at 10 GHz: 2^64 ticks / 8 */
#define SDF_STACK_DEFAULT    0x2000u
#define SDF_STACK_MAX        (16u << 20)
#define SDF_POOL_MIN         0x10000u
#define SDF_POOL_MAX         (1ull << 40)
#define SDF_SLOTS_DEFAULT    13u
#define SDF_REGIONS_MAX      512u          /* MONITOR_REGIONS_MAX */
#define SDF_PAGES_MAX        (1u << 17)    /* slots of the root CNode in Microkit's kernels */
#define SDF_GRANT_SLOTS_FIXED    12u   /* slot 0, the grant CNode, TCB, ASID pool, reply objects, and some to spare */
#define SDF_GRANT_SLOTS_SPAWN    2u    /* the monitor's endpoint and its own; 2 per spawned domain, 2 per offer besides */
#define SDF_GRANT_SLOTS_FREE_MIN 64u   /* the loader takes one per account and per piece of the pool */

enum sdf_setvar_kind { SDF_SETVAR_VALUE, SDF_SETVAR_SIZE, SDF_SETVAR_PREFILL_SIZE, SDF_SETVAR_PHYSICAL };
struct sdf_setvar {
	unsigned line;
	const char *element; /* that asked for it */
	const char *symbol;
	enum sdf_setvar_kind kind;
	uint64_t value;      /* SDF_SETVAR_VALUE; the others: filled in by sdf_check */
	const char *region;  /* the others */
};

struct sdf_map {
	unsigned line;
	const char *region_name;
	uint32_t region;     /* sdf_check */
	uint64_t vaddr;
	uint32_t rights;     /* ELF_R | ELF_W | ELF_X */
	bool cached;
};

struct sdf_irq {
	unsigned line;
	struct system_irq irq; /* all but domain */
};

struct sdf_port {
	unsigned line;
	uint32_t id, first, last;
};

struct sdf_cap {
	unsigned line;
	const char *element;
	enum system_cap_kind kind;
	uint32_t slot;
	const char *domain_name;
	uint32_t domain; /* sdf_check */
};

struct sdf_controller {
	unsigned line; /* 0: the domain is no controller */
	uint64_t pool_bytes;
	uint32_t slots_bits;
	const char *archive_name; /* or NULL */
	uint32_t archive;         /* region index or SYSTEM_NONE; sdf_check */
	bool trace;
	const char *key_name;     /* public_key: digits or a file's name, or NULL */
	uint8_t key[SYSTEM_KEY_BYTES]; /* sdf_load_prefills */
	unsigned spawn_line;      /* of graft_spawn, or 0; it may stand there without a graft_controller until sdf_check */
	uint32_t spawn_domains;
	uint32_t budget_share;
	uint64_t seed;
	uint32_t duplicates;      /* of spawned domains */
};

struct sdf_offer {
	unsigned line;
	const char *controller_name;
	uint32_t controller; /* domain index; sdf_check */
	uint32_t id;
	uint32_t flags;      /* enum system_offer_flag */
};

struct sdf_domain {
	unsigned line;
	const char *name;
	uint32_t parent; /* index or SYSTEM_NONE */
	uint32_t child_id;
	uint32_t priority;
	uint64_t budget, period;
	uint64_t stack_size;
	bool passive, fpu;
	bool managed;
	bool has_endpoint; /* sdf_check: has children, spawns, or somebody calls it */
	unsigned image_line;      /* of program_image or graft_managed */
	const char *image_path;   /* static */
	const char *program_name; /* managed: or NULL */
	unsigned duplicate_line;  /* of graft_duplicate, or 0 */
	uint32_t duplicates;
	const char **arguments;
	uint32_t argument_count;
	struct sdf_controller controller;
	struct sdf_map *maps;
	struct sdf_irq *irqs;
	struct sdf_port *ports;
	struct sdf_setvar *setvars;
	struct sdf_cap *caps;
	struct sdf_offer *offers;
	uint32_t map_count, irq_count, port_count, setvar_count, cap_count, offer_count;
	bool has_cspace;
};

struct sdf_program {
	unsigned line;
	const char *name, *path;
	uint32_t id, version;
};

struct sdf_region {
	unsigned line;
	const char *element; /* memory_region or graft_archive */
	const char *name;
	bool has_size, has_page_size, has_physical, mapped, written;
	uint64_t size;
	uint64_t page_bytes; /* after sdf_check: the largest that fits, unless stated */
	uint64_t physical;
	const char *prefill_path; /* or NULL */
	const uint8_t *prefill;   /* its bytes, once loaded; NULL if not prefilled */
	uint64_t prefill_bytes;
	bool is_archive;          /* a graft_archive */
	struct sdf_program *programs;
	uint32_t program_count;
};

struct sdf_end {
	unsigned line;
	const char *domain_name;
	uint32_t domain; /* sdf_check */
	uint32_t id;
	bool call, notify;
	const char *setvar_id; /* or NULL */
};

struct sdf_channel {
	unsigned line;
	struct sdf_end end[2];
};

struct sdf {
	const char *path;
	const struct system_machine *machine; /* that the image is for */
	struct arena *arena;
	const char **directories; /* where files are looked for, in order; NULL-terminated */
	const struct key_pair *signer; /* signs every graft_archive, or NULL */
	struct sdf_domain domains[SYSTEM_DOMAINS_MAX];
	uint32_t domain_count;
	struct sdf_region *regions;
	uint32_t region_count;
	struct sdf_channel *channels;
	uint32_t channel_count;
	unsigned monitor_line; /* of graft_monitor, or 0 */
	bool lists_authority;
};

/* The size of large pages on the image's machine. */
static inline uint64_t sdf_large_page(const struct sdf *sdf)
{
	return 1ull << sdf->machine->plan->large_page_bits;
}

/* Where physical addresses end: on x86_64 at the size of seL4's largest untyped. */
static inline uint64_t sdf_physical_top(const struct sdf *sdf)
{
	return sdf->machine->plan->word_bytes == 4 ? 1ull << 32 : 1ull << 47;
}

/* How many bits of an address the pages of a region take. */
static inline uint8_t sdf_page_bits(const struct sdf *sdf, const struct sdf_region *region)
{
	return region->page_bytes == PAGE_BYTES ? PAGE_BITS : sdf->machine->plan->large_page_bits;
}

/* Reads sdf->path into *sdf, which has path, machine, arena and directories set and all else zero. Checks each element by itself:
 * known elements and attributes, values in range. On refusal prints FILE:LINE: <element>: reason, and returns false. */
bool sdf_read(struct sdf *sdf);

/* Loads the files that regions are prefilled with, and public keys; a graft_archive is packed. Sizes of regions without one follow. */
bool sdf_load_prefills(struct sdf *sdf);

/* Checks the description as a whole and fills in what is marked sdf_check. Afterwards every name stands for something,
 * every id is used once, and no two ranges overlap that may not. */
bool sdf_check(struct sdf *sdf);

/* Where a file named in the description is: the first of the directories that has it, or NULL. */
const char *sdf_find_file(const struct sdf *sdf, const char *name);

/* A text as it can be printed: at most 80 bytes, anything but graphic ASCII and spaces as \xNN. */
const char *sdf_quote(const struct sdf *sdf, const char *text);

/* ---- between sdf_read.c, sdf_domain.c and sdf_value.c ---- */

struct xml_element;

/* FILE:LINE: <element>: reason. Returns false. */
bool sdf_refuse(const struct sdf *sdf, const struct xml_element *element, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Every attribute is one of the names (a NULL-terminated list), and every child element one of the children. */
bool sdf_has_only(const struct sdf *sdf, const struct xml_element *element, const char *const *names,
	const char *const *children);

/* Values. A required attribute that is absent is refused; an optional one leaves *value as it is. */
bool sdf_number(const struct sdf *sdf, const struct xml_element *element, const char *name, bool required,
	uint64_t lowest, uint64_t highest, uint64_t *value);
bool sdf_number32(const struct sdf *sdf, const struct xml_element *element, const char *name, bool required,
	uint32_t lowest, uint32_t highest, uint32_t *value);
bool sdf_truth(const struct sdf *sdf, const struct xml_element *element, const char *name, bool *value);
/* A name: 1 to 63 graphic ASCII characters. */
bool sdf_is_name(const char *text);
bool sdf_name(const struct sdf *sdf, const struct xml_element *element, const char *name, bool required,
	const char **value);
/* A path: not empty. */
bool sdf_path(const struct sdf *sdf, const struct xml_element *element, const char *name, const char **value);

/* Adds a symbol to be set; refuses one that is set already. */
bool sdf_add_setvar(struct sdf *sdf, struct sdf_domain *domain, const struct sdf_setvar *setvar);

bool sdf_read_domain(struct sdf *sdf, const struct xml_element *element, uint32_t parent);
