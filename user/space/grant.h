/* SPDX-License-Identifier: BSD-2-Clause */
/* A grant: everything a controller may use, as an argument. The monitor fills one
 * per controller into pages mapped read-only at SYSTEM_GRANT_VADDR; a root task of
 * somebody else fills one itself. Slots are numbers in the grant CNode: the CPtr of
 * slot i is slot_cptr | i << slot_shift; for CNode operations the root is cnode,
 * the index i, the depth cnode_bits. */
#pragma once
#include <sel4/abi.h>
#include "lib/base/base.h"
#include "lib/system/system.h"

#define GRANT_MAGIC        0x31544e4152475247ull /* "GRGRANT1" */
#define GRANT_UNTYPEDS_MAX 64u
#define GRANT_DOMAINS_MAX  32u
#define GRANT_MAPS_MAX     128u
#define GRANT_REGIONS_MAX  64u
#define GRANT_PATCHES_MAX  256u
#define GRANT_STRINGS_BYTES 8192u
#define GRANT_OFFERS_MAX   32u
#define GRANT_REPLIES      4u /* reply objects beyond the one in slot 4: callers that are answered later wait in them; one more for each
                               * domain that may be spawned, which may all wait at once */

enum grant_archive_flag {
	GRANT_ARCHIVE_CHANGEABLE = 1u << 0, /* somebody can write it: nothing of it is used but a copy */
};

struct grant_untyped { uint32_t slot; uint32_t size_bits; };
struct grant_region { uint32_t first_slot; uint32_t page_bits; uint64_t pages; }; /* frame capabilities in consecutive slots */
struct grant_map { uint64_t vaddr; uint32_t region; uint32_t rights; uint32_t uncached; uint32_t reserved; };
struct grant_patch { char symbol[SYSTEM_NAME_BYTES]; uint32_t size_bytes; uint32_t value; }; /* value: offset in strings */

struct grant_domain {
	char     name[SYSTEM_NAME_BYTES];
	char     program[SYSTEM_NAME_BYTES]; /* to load first, "" for none */
	uint32_t child_id;
	uint32_t priority;
	uint32_t cspace;       /* slot: root CNode of the domain's CSpace, guard 0 */
	uint32_t sched_context;
	uint32_t notification; /* to be bound to whichever thread runs */
	uint32_t reply;        /* the reply object in the domain's slot 4 */
	uint32_t fault;        /* endpoint for faults: the controller's own, badge 1 << 62 | child_id */
	uint32_t stack_pages;
	uint32_t first_map, map_count;
	uint32_t first_patch, patch_count;
	uint32_t argc, arguments, arguments_bytes; /* arguments: offset in strings */
	uint32_t flags;        /* enum system_domain_flag */
	uint32_t duplicates;   /* so many domains made of it by DUPLICATE may live at a time, their duplicates included */
	uint32_t reserved;
	uint64_t budget_us, period_us;
	uint64_t channels;     /* bit n: the controller's channel n leads to this domain, which may then ask for itself only */
};

/* A domain's agreement to be connected to one that the controller spawns, one at a time. */
struct grant_offer {
	char     name[SYSTEM_NAME_BYTES]; /* of the domain that agreed */
	uint32_t id;           /* channel id in that domain */
	uint32_t flags;        /* enum system_offer_flag */
	uint32_t priority;     /* of that domain */
	uint32_t notification; /* slot: its notification, write only, badge 1 << id; also to tell it what became of its peer */
	uint32_t endpoint;     /* slot: its endpoint, badge 1 << 63 | id, if it may be called; else 0 */
	uint32_t reserved;
};

struct grant {
	uint64_t magic;
	uint32_t abi_set;
	uint32_t domain_count;
	seL4_CPtr slot_cptr;
	uint32_t slot_shift;
	uint32_t cnode_bits;       /* bits of an index for CNode invocations: the CNode's own and its guard's */
	seL4_CPtr cnode;           /* CPtr of the grant CNode itself */
	uint32_t free_first;       /* slots [free_first, free_end) are empty and the controller's to use */
	uint32_t free_end;
	seL4_CPtr vspace;          /* CPtr of its own VSpace, for the window */
	seL4_CPtr asid_pool;       /* CPtr of an ASID pool of its own */
	seL4_CPtr tcb_authority;   /* CPtr of a TCB whose MCP bounds priorities: its own */
	seL4_Word window_vaddr;
	uint64_t window_pages;
	uint64_t large_window_vaddr; /* see struct space_use */
	uint64_t text_vaddr;       /* where copies of programs are mapped, see struct space_use; 0: nowhere */
	uint64_t archive_vaddr;    /* 0: no archive */
	uint64_t archive_pages;
	uint32_t archive_slot;     /* frames of the archive, read-only, consecutive, in order; 0 if it can change */
	uint32_t archive_flags;    /* enum grant_archive_flag */
	uint32_t untyped_count;
	uint32_t region_count;
	uint32_t strings_bytes;
	uint32_t reply_slot;       /* reply objects of the controller's own, consecutive */
	uint32_t reply_count;
	uint64_t seed;             /* of what its programs find as random: their bases, AT_RANDOM; 0: there is none */
	struct grant_untyped untyped[GRANT_UNTYPEDS_MAX];
	struct grant_domain  domain[GRANT_DOMAINS_MAX];
	struct grant_region  region[GRANT_REGIONS_MAX];
	struct grant_map     map[GRANT_MAPS_MAX];
	struct grant_patch   patch[GRANT_PATCHES_MAX];
	/* Spawned domains; all 0 if the description grants none. */
	seL4_CPtr monitor;         /* CPtr of the monitor's endpoint, see user/monitor/protocol.h */
	seL4_CPtr endpoint;        /* CPtr of its own endpoint, to be minted for faults of and calls by spawned domains */
	uint32_t spawn_count;      /* how many at a time */
	uint32_t spawn_context;    /* slot of the first of as many scheduling contexts, which have no budget until the monitor is asked */
	uint32_t spawn_share;      /* of the processor, for all of them together, in parts per million; a whole one each at most */
	uint32_t priority;         /* the controller's own: what it spawns stays below */
	uint32_t offer_count;
	uint32_t spawn_duplicates; /* as grant_domain.duplicates, for all spawned domains together that are nobody's duplicates */
	uint32_t controller_flags; /* enum system_controller_flag */
	uint32_t reserved_end;
	uint8_t  key[SYSTEM_KEY_BYTES]; /* with SYSTEM_CONTROLLER_KEY: archives must be signed with this public key */
	struct grant_offer offer[GRANT_OFFERS_MAX];
	char strings[GRANT_STRINGS_BYTES];
};
_Static_assert(sizeof(struct grant) <= SYSTEM_GRANT_PAGES * PAGE_BYTES, "the grant fits its pages");
