/* SPDX-License-Identifier: BSD-2-Clause */
/* The record: what must outlive the controller's image. It lies in pages of the controller's domain (SYSTEM_RECORD_VADDR),
 * holds no pointers, and is laid out so that a controller that starts afresh can tell what was going on (restart.c):
 *
 *   account in use       one word, written once per commit
 *   next != NONE         a commit was in progress: either thread may hold the domain's scheduling context
 *   kept != NONE         the image in use is on probation, and that one was there before it; it goes with CONFIRM, which is one word
 *   doing != NOTHING     a stop, resume or unload was in progress; written before its first kernel call
 *   used, and neither account, next nor kept of any domain: closed without further thought, so is what was being built */
#pragma once
#include "lib/archive/archive.h"
#include "lib/system/system.h"
#include "user/controller/protocol.h"
#include "user/space/grant.h"
#include "user/space/space.h"

#define RECORD_MAGIC 0x3144524f43455247ull /* "GRECORD1" */

/* What is to become of the image that loses the domain. */
enum record_purpose { RECORD_COMMIT /* it goes */, RECORD_PROBATION /* it is kept */, RECORD_ROLLBACK /* it was on probation: it goes */ };

enum record_doing { RECORD_NOTHING, RECORD_STOP, RECORD_STOP_SELF, RECORD_FAULT, RECORD_RESUME, RECORD_UNLOAD };

/* Which program an image is of, and where in the archive that lies. */
struct record_program {
	uint32_t id;
	uint32_t flags;              /* of its entry */
	uint64_t offset, size_bytes; /* of its payload */
	uint64_t base;               /* of the image, as elf_place takes it */
	char     name[ARCHIVE_NAME_BYTES];
};

struct record_domain {
	uint32_t account;    /* of the image that has the domain, ACCOUNT_NONE if it is empty */
	uint32_t next;       /* of the image that is about to get it */
	uint32_t building;   /* of the image being built for it */
	uint32_t kept;       /* of the image before it, kept to go back to; ACCOUNT_NONE: it is not on probation */
	uint32_t state;      /* enum controller_state */
	uint32_t progress;   /* of what is being done: commit.h */
	struct record_program program; /* of the image that has the domain */
	uint64_t generation; /* commits and rollbacks so far */
	uint32_t doing;      /* enum record_doing */
	uint32_t begun;      /* the program that the description names was loaded, or refused */
	struct record_program next_program; /* of the image that is about to get it, and what generation will be then */
	uint64_t next_generation;
	uint32_t next_version;     /* of its program, and the row in record.version that it is kept in, if it is not 0 */
	uint32_t next_version_row;
	uint64_t resume_at;  /* of a program that stopped itself: where it goes on; 0 while that is not known */
	uint32_t next_purpose; /* enum record_purpose */
	uint32_t next_reason;  /* ROLLBACK: enum controller_reason */
	uint32_t swap;         /* how the last swap ended: enum controller_swap_state; while there is a kept one it is on probation */
	uint32_t reason;
	/* Of the kept image; written before the hand-over, they mean something while kept is there, or next for RECORD_PROBATION. */
	uint32_t kept_state;   /* enum controller_state when it lost the domain */
	uint32_t kept_waits;   /* it asked for the swap itself: to be told if it comes back */
	uint64_t kept_resume_at; /* where it goes on then; 0 while that is not known */
	uint64_t deadline_ms;  /* when it comes back unless the new one is confirmed, on the timer's clock; 0: never */
	struct record_program kept_program;
};

/* The highest version of a program that has run; version 0: the row is empty. */
#define RECORD_NAME_DIGEST_BYTES 12u
#define RECORD_VERSIONS_MAX      128u
struct record_version {
	uint8_t  name[RECORD_NAME_DIGEST_BYTES]; /* the first bytes of its name's SHA-256 */
	uint32_t version;
};

#define FAMILY_SPAWNED UINT32_MAX
#define SPAWN_CONNECTIONS_MAX CONTROLLER_CONNECTIONS_MAX
#define RECORD_DOMAINS_MAX    (GRANT_DOMAINS_MAX + SYSTEM_SPAWN_MAX)

struct record_connection {
	uint32_t offer;   /* index in the grant, or CONTROLLER_OFFER_SELF */
	uint32_t channel; /* channel id in the spawned domain */
};

/* A seat for a spawned domain. The slots in domain are of its account, but for the scheduling context's. */
struct record_spawned {
	uint32_t account;       /* the domain's own, apart from its images'; ACCOUNT_NONE: there is no domain */
	uint32_t has_endpoint;
	uint64_t notifications; /* microkit_notifications, microkit_pps */
	uint64_t calls;
	uint32_t is_duplicate;
	uint32_t family;        /* whose right to be duplicated it shares: a domain of the description, FAMILY_SPAWNED: the controller's */
	uint32_t is_incomplete; /* it is being made or given back; a restart gives it back */
	uint32_t owes_budget;   /* the monitor could not be made to take the budget back yet */
	uint32_t connection_count;
	struct record_connection connection[SPAWN_CONNECTIONS_MAX];
	struct grant_domain domain;
};

#define RECORD_PERSONALITY_WORDS 16u

struct record {
	uint64_t magic;
	uint64_t domain_count;
	struct record_domain domain[RECORD_DOMAINS_MAX]; /* those of the description, then the seats */
	struct record_spawned spawned[SYSTEM_SPAWN_MAX];
	struct record_version version[RECORD_VERSIONS_MAX];
	struct space_state space;
	uint64_t personality[RECORD_PERSONALITY_WORDS]; /* zeros at first; the personality's own affair (controller.h) */
};
_Static_assert(SYSTEM_TEXT_VADDR + TEXTS_MAX * TEXT_STRIDE_BYTES <= SYSTEM_RESERVED_END, "texts fit their addresses");
_Static_assert(sizeof(struct record) <= SYSTEM_RECORD_PAGES * PAGE_BYTES, "the record fits its pages");
