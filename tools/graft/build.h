/* SPDX-License-Identifier: BSD-2-Clause */
/* `graft build`, in steps: description -> programs -> a plan for every domain -> system table and blob -> image. Everything
 * lives in the arena; each step returns false after it has said why. */
#pragma once
#include "lib/load/load.h"
#include "lib/plan/plan.h"
#include "tools/graft/file.h"
#include "tools/graft/sdf.h"
#include <stdio.h>

#define BUILD_PATCH_BYTES SYSTEM_PATCH_BYTES_MAX
#define BUILD_IMAGE_MAX   (1ull << 31) /* bytes of blob: offsets in the table have 32 bits, and boot loaders little patience */

/* Region numbers in plans, for what a controller has besides the description's regions. */
enum build_region { BUILD_REGION_GRANT = 0x10000, BUILD_REGION_RECORD };

/* A file that static domains run, packed once. */
struct build_program {
	const char *path;    /* where it was found */
	const char *name;    /* in the boot archive */
	const uint8_t *payload;
	uint64_t payload_bytes;
	uint32_t flags;      /* of its entry */
	struct load load;    /* of the payload, accepted */
};

/* A symbol to be set in a domain's program. */
struct build_patch {
	unsigned line;
	const char *element;
	const char *symbol;
	uint32_t size_bytes;   /* written */
	uint32_t symbol_bytes; /* the symbol's size must be this, or, if 0, at least size_bytes */
	uint8_t bytes[BUILD_PATCH_BYTES];
};

struct build_domain {
	const struct build_program *program; /* static domains */
	const struct load *load;             /* what the domain starts with, or NULL */
	const char *program_name;            /* by which it is known in its archive, or "" */
	struct build_patch *patches;
	uint32_t patch_count;
	const char *arguments; /* strings with their NULs */
	uint32_t argument_count, arguments_bytes;
	struct plan *plan;     /* of what it starts with; of its regions alone if that is nothing */
};

/* What an image needs of a kernel. */
struct build_needs {
	uint64_t root_slots;   /* free slots of the root CNode that the monitor fills */
	uint64_t untypeds;
	uint64_t memory_bytes;
};

struct build_blob {
	uint8_t *bytes;
	uint64_t size_bytes; /* whole pages */
};

/* One run of the command. */
struct job {
	struct sdf *sdf;
	const char *abi_name;
	uint32_t abi_set;
	const char *monitor_path;
	struct file monitor_file;
	struct elf monitor; /* of monitor_file, accepted; its machine is the image's */
	struct build_program *programs;
	uint32_t program_count;
	struct build_domain domains[SYSTEM_DOMAINS_MAX];
	struct build_needs needs;
	struct build_blob blob;
};

/* Reads and checks what has been packed, under the strict policy of the machine, at the default base. flags: of its entry.
 * STATUS_ELF_MACHINE if it is for another. */
enum status build_open_payload(const struct system_machine *machine, const uint8_t *payload, uint64_t payload_bytes, uint32_t flags,
	struct load *load, struct where *where) MUST_USE;

/* Reads and checks the monitor, and says which machine everything is for. */
bool build_open_monitor(struct job *job);

/* Packs the program of every static domain, and finds that of every managed one in its controller's archive. */
bool build_load_programs(struct job *job);

/* Works out symbols, arguments and plan of every domain; everything that can be known about an image before it runs. */
bool build_plan_domains(struct job *job);

/* Can an image's capabilities be kept in one CNode? Finishes the plan. */
bool build_fits_account(const struct job *job, uint32_t index);

/* Is the region made of the blob's own pages? */
bool build_is_in_place(const struct sdf_region *region);

/* Sums up what the monitor will need. */
void build_sum_needs(struct job *job);

/* Makes the blob: system table, boot archive, prefills. */
bool build_make_blob(struct job *job);

/* The monitor's ELF with the blob as one more PT_LOAD. The bytes live in the arena. */
bool build_make_image(const struct job *job, const uint8_t **image, uint64_t *image_bytes);

/* The lines of doc/authority.md, sorted. */
void build_print_authority(const struct job *job, FILE *to);

/* What the image needs, and its domains, for people. */
void build_print_summary(const struct job *job, FILE *to);
