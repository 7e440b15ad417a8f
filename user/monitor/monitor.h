/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor's state: one struct, handed to every part first. What a part does is in the header of its name. */
#pragma once
#include "lib/system/system.h"
#include "user/monitor/budget.h"
#include "user/monitor/sets.h"
#include "user/sel4/sel4.h"
#include "user/space/space.h"

#define MONITOR_UNTYPEDS_MAX    ABI_BOOTINFO_UNTYPED_MAX
#define MONITOR_REGIONS_MAX     512u /* memory regions of a description; each takes 16 bytes here */
#define MONITOR_CONTROLLERS_MAX ((1u << seL4_NumASIDPoolsBits) - 1) /* each needs an ASID pool; the first is the monitor's */

/* A capability, named as CNode invocations name it. */
struct cap_at {
	seL4_CPtr root;
	seL4_Word index;
	uint32_t  depth_bits;
};

/* Memory the kernel told of. */
struct monitor_untyped {
	seL4_CPtr slot;
	uint64_t  physical;
	uint64_t  used_bytes; /* retyped so far, from the start: the kernel's own mark */
	uint8_t   size_bits;
	uint8_t   is_device;
};

/* What the monitor has made for a domain: slots of the root CNode unless it says otherwise. */
struct monitor_domain {
	seL4_CPtr cspace;        /* root CNode, as the domain sees it */
	seL4_CPtr microkit;      /* Microkit's CNode */
	seL4_CPtr notification;
	seL4_CPtr endpoint;      /* 0: receives on its notification */
	seL4_CPtr reply;
	seL4_CPtr sched_context;
	seL4_CPtr fault;         /* badged copy of the endpoint that learns of its faults */
	uint32_t  account;       /* of its image; ACCOUNT_NONE for a managed domain */
	uint64_t  base;          /* of its image, as elf_place takes it */
};

struct monitor_region {
	seL4_CPtr first; /* frames, in consecutive slots */
	uint64_t  pages;
};

struct monitor_controller {
	seL4_CPtr grant_cnode;
	seL4_CPtr grant_frames;  /* SYSTEM_GRANT_PAGES of them */
	seL4_CPtr record_frames; /* SYSTEM_RECORD_PAGES of them */
	seL4_CPtr spawn_contexts; /* of domains to be spawned, budget.contexts of them */
	struct budget budget;
	seL4_CPtr replies;       /* GRANT_REPLIES of them, and one for each context */
};

struct monitor {
	const seL4_BootInfo *info;
	const struct set *set;
	struct system system;
	bool lists_authority;    /* print what is handed out */
	seL4_CPtr sched_control;
	seL4_CPtr next_slot, end_slot;
	seL4_CPtr top;           /* its CSpace root, below which every CPtr of the monitor is found */
	seL4_CPtr endpoint;      /* where faults of last resort arrive */
	seL4_CPtr replies;       /* reply objects, one for each domain and one over: a fault is never answered */
	seL4_CPtr received;      /* slot for a capability that a controller sends; 0 if none spawns, as is: */
	seL4_CPtr trial_thread;  /* never runs; what is received is tried on it */
	uint32_t untyped_count;
	struct monitor_untyped untyped[MONITOR_UNTYPEDS_MAX];
	struct monitor_region region[MONITOR_REGIONS_MAX];
	struct monitor_domain domain[SYSTEM_DOMAINS_MAX];
	struct monitor_controller controller[MONITOR_CONTROLLERS_MAX];
	struct space space;
	struct space_state space_state;
};

/* Where a slot of the root CNode is. */
static inline struct cap_at cap_own(seL4_CPtr slot)
{
	return (struct cap_at){ seL4_CapInitThreadCNode, slot, seL4_WordBits };
}
