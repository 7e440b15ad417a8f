/* SPDX-License-Identifier: BSD-2-Clause */
/* The system table: what `graft build` made of a .system file, resolved and
 * checked, for the monitor to carry out. It lies at the start of the blob that
 * the tool appends to the monitor's image:
 *
 *   page 0..   system table: header, then the arrays, then the strings
 *   then       the boot archive (lib/archive): program images of the domains the monitor loads
 *   then       the prefill bytes of memory regions, each on a page boundary
 *
 * All offsets are from the first byte of the blob. Little-endian, every record a
 * multiple of 8 bytes. Names are NUL-terminated and NUL-padded. */
#pragma once
#include "lib/base/base.h"
#include "lib/base/status.h"
#include "lib/plan/plan.h"

#define SYSTEM_VERSION     1u
#define SYSTEM_NAME_BYTES  64u
#define SYSTEM_KEY_BYTES   32u
#define SYSTEM_NONE        UINT32_MAX
#define SYSTEM_DOMAINS_MAX 63u
#define SYSTEM_CHILD_ID_MAX 61u

/* Addresses in a controller's address space that Graft keeps for itself; a map there is refused. For each struct
 * system_controller the monitor makes these mappings itself: grant, record (fresh, zeroed), the window's empty page
 * table, the archive's own frames. None is in the array of maps; grant and record are not in the array of regions.
 *   GRANT    the grant, read-only, SYSTEM_GRANT_PAGES
 *   RECORD   the record, read-write, outlives the controller's image
 *   WINDOW   copy window: 512 pages of address space, page table present, empty; nothing else below that table
 *   LARGE    copy window for large pages: address space for two of them, the table above present, empty
 *   ARCHIVE  the controller's archive, read-only, mapped as it lies
 *   TEXT     copies of programs from archives that can change: address space, empty
 * all of which lie in [GRANT, END). */
#define SYSTEM_X86_64_GRANT   0x600000000000ull
#define SYSTEM_X86_64_RECORD  0x600000200000ull
#define SYSTEM_X86_64_WINDOW  0x600000400000ull
#define SYSTEM_X86_64_LARGE   0x600000600000ull
#define SYSTEM_X86_64_ARCHIVE 0x600040000000ull
#define SYSTEM_X86_64_TEXT    0x600080000000ull
#define SYSTEM_X86_64_END     0x600880000000ull

#define SYSTEM_I386_GRANT     0x90000000ull
#define SYSTEM_I386_RECORD    0x90400000ull
#define SYSTEM_I386_WINDOW    0x90800000ull
#define SYSTEM_I386_LARGE     0x90c00000ull
#define SYSTEM_I386_ARCHIVE   0xa0000000ull
#define SYSTEM_I386_TEXT      0xb0000000ull
#define SYSTEM_I386_END       0xd0000000ull

/* Numbers of the kernels' interfaces, for the tool; user/monitor/domains.c compares them with abi/. */
#define SYSTEM_X86_64_BADGE_BITS        64u
#define SYSTEM_X86_64_ASID_POOLS        8u
#define SYSTEM_X86_64_SLOT_BITS         5u
#define SYSTEM_X86_64_NOTIFICATION_BITS 6u
#define SYSTEM_X86_64_REPLY_BITS        5u
#define SYSTEM_I386_BADGE_BITS          28u
#define SYSTEM_I386_ASID_POOLS          4u
#define SYSTEM_I386_SLOT_BITS           4u
#define SYSTEM_I386_NOTIFICATION_BITS   5u
#define SYSTEM_I386_REPLY_BITS          4u

/* Radix of a controller's grant CNode at most, and of an account's CNode below it: together they must fit what a CPtr has below a
 * CSpace's root, 26 bits on i386. */
#define SYSTEM_X86_64_SLOTS_BITS_MAX    16u
#define SYSTEM_I386_SLOTS_BITS_MAX      13u

/* For programs, which run on the machine that they are compiled for; the tool has struct system_machine. */
#if UINTPTR_MAX > UINT32_MAX
#define SYSTEM_OWN(what)      SYSTEM_X86_64_##what
#else
#define SYSTEM_OWN(what)      SYSTEM_I386_##what
#endif
#define SYSTEM_GRANT_VADDR    SYSTEM_OWN(GRANT)
#define SYSTEM_RECORD_VADDR   SYSTEM_OWN(RECORD)
#define SYSTEM_WINDOW_VADDR   SYSTEM_OWN(WINDOW)
#define SYSTEM_LARGE_VADDR    SYSTEM_OWN(LARGE)
#define SYSTEM_ARCHIVE_VADDR  SYSTEM_OWN(ARCHIVE)
#define SYSTEM_TEXT_VADDR     SYSTEM_OWN(TEXT)
#define SYSTEM_RESERVED_END   SYSTEM_OWN(END)

#define SYSTEM_GRANT_PAGES    16u
#define SYSTEM_RECORD_PAGES   16u
#define SYSTEM_WINDOW_PAGES   512u

/* Root slots of a CSpace: 0 is Microkit's CNode, 1..63 the description's; a controller's last holds the grant CNode. */
#define SYSTEM_ROOT_SLOTS      64u
#define SYSTEM_GRANT_ROOT_SLOT 63u

#define SYSTEM_PRIORITY_MAX    254u
#define SYSTEM_STACK_PAGES_MAX 4096u
#define SYSTEM_VECTOR_MAX      107u
#define SYSTEM_PORT_MAX        0xffffu
#define SYSTEM_PATCH_BYTES_MAX 64u
#define SYSTEM_SLOTS_BITS_MIN  10u
#define SYSTEM_SPAWN_ID_FIRST  32u       /* child ids of spawned domains: from here up; its other children stay below */
#define SYSTEM_SPAWN_MAX       40u       /* spawned domains of one controller at a time */
#define SYSTEM_SHARE_MAX       1000000u  /* a whole processor, in parts per million */
#define SYSTEM_ABI_SETS        3u /* the sets of <sel4/abi.h> are numbered 1..3 */

/* What a table depends on of the machine it is for. */
struct system_machine {
	struct { uint64_t grant, record, window, archive, text, end; } addresses; /* SYSTEM_..., above */
	const struct plan_machine *plan;
	uint32_t badge_bits;     /* of a capability's badge: the highest stands for calls, the next for faults */
	uint32_t channel_id_max; /* of channels, interrupts and I/O ports: each is a bit of a badge, below those two */
	uint32_t slots_bits_max; /* SYSTEM_..., above */
	uint32_t controllers_max; /* each needs an ASID pool, and the first that the kernel has is the monitor's */
	uint32_t slot_bits;      /* a slot of a CNode has 2^slot_bits bytes; the same of notifications, reply objects */
	uint32_t notification_bits;
	uint32_t reply_bits;
};
/* By number of ELF; NULL if there is none. */
const struct system_machine *system_machine_of(uint32_t elf_machine);

struct system_array {
	uint32_t offset; /* from the start of the blob */
	uint32_t count;
};

enum system_flag {
	SYSTEM_LISTS_AUTHORITY = 1u << 0, /* the monitor prints all that it hands out (doc/authority.md) */
};

struct system_header {
	char     magic[8]; /* "GRAFTSY1" */
	uint32_t version;
	uint32_t abi_set;  /* ABI_SET_... of <sel4/abi.h> */
	uint64_t size_bytes;         /* of the whole blob, whole pages */
	uint64_t boot_archive_offset;
	uint64_t boot_archive_bytes;
	uint32_t root_slots_needed;  /* what the monitor must find; also printed by graft build */
	uint32_t untypeds_needed;
	uint64_t memory_needed_bytes;
	struct system_array domains;     /* struct system_domain, parents before children */
	struct system_array regions;     /* struct system_region */
	struct system_array maps;        /* struct system_map, by domain */
	struct system_array ends;        /* struct system_end: channel ends, by domain */
	struct system_array patches;     /* struct system_patch, by domain */
	struct system_array ports;       /* struct system_port */
	struct system_array irqs;        /* struct system_irq */
	struct system_array caps;        /* struct system_cap: <cspace> entries */
	struct system_array controllers; /* struct system_controller */
	struct system_array offers;      /* struct system_offer, by domain */
	struct system_array strings;     /* bytes */
	uint32_t flags;                  /* enum system_flag */
	uint32_t machine;                /* number of ELF, ELF_MACHINE_... */
};

enum system_domain_flag {
	SYSTEM_PASSIVE  = 1u << 0,
	SYSTEM_ENDPOINT = 1u << 1, /* receives on an endpoint: has children or serves a PPC */
	SYSTEM_MANAGED  = 1u << 2, /* created without an image; its parent controller loads it */
	SYSTEM_FPU_OFF  = 1u << 3,
};

struct system_domain {
	char     name[SYSTEM_NAME_BYTES];
	char     program[SYSTEM_NAME_BYTES]; /* name in the boot archive; managed: in the controller's, or "" for none */
	uint32_t parent;       /* domain index or SYSTEM_NONE */
	uint32_t child_id;     /* 0..61, in the parent, whatever the machine */
	uint32_t flags;
	uint32_t priority;     /* 0..254; also its maximum controlled priority */
	uint64_t budget_us;
	uint64_t period_us;
	uint32_t stack_pages;
	uint32_t argc;
	uint32_t arguments;       /* offset in the strings of argc NUL-terminated strings, one after the other */
	uint32_t arguments_bytes; /* with their NULs */
	uint32_t duplicates;      /* managed, its parent spawns: so many duplicates of it may live at a time */
	uint32_t reserved;
};

enum system_region_flag {
	SYSTEM_REGION_PREFILLED = 1u << 0, /* the first prefill_bytes come from the blob; see IN_PLACE */
	SYSTEM_REGION_PHYSICAL  = 1u << 1, /* at physical address physical */
	SYSTEM_REGION_IN_PLACE  = 1u << 2, /* prefilled, all its pages in the blob, nobody writes: the blob's own frames */
};

struct system_region {
	char     name[SYSTEM_NAME_BYTES];
	uint64_t size_bytes;
	uint64_t physical;
	uint64_t prefill_offset; /* in the blob, page-aligned */
	uint64_t prefill_bytes;
	uint32_t page_bits;      /* 12, or 21 (i386: 22); 12 for every prefilled region, so that one copy window fills them all */
	uint32_t flags;
};

struct system_map {
	uint32_t domain;
	uint32_t region;
	uint64_t vaddr;
	uint32_t rights;   /* ELF_R | ELF_W | ELF_X */
	uint32_t uncached;
};

/* One end of a channel: what domain gets. */
struct system_end {
	uint32_t domain;
	uint32_t id;       /* channel id in this domain */
	uint32_t peer;
	uint32_t peer_id;
	uint32_t notify;   /* may signal the peer: slot 10 + id gets the peer's notification, badge 1 << peer_id */
	uint32_t call;     /* may call the peer: slot 74 + id gets the peer's endpoint, badge "call" | peer_id */
};

/* A variable set before the program starts: microkit_* and setvars. For static domains the tool has looked it up. */
struct system_patch {
	char     symbol[SYSTEM_NAME_BYTES];
	uint32_t domain;
	uint32_t size_bytes; /* 1, a word, or up to 64: bytes written */
	uint32_t value;      /* offset in the strings of size_bytes bytes */
	uint32_t reserved;
};

struct system_port { uint32_t domain, id, first, last; };  /* first <= last <= 0xffff, both included */

enum system_irq_kind { SYSTEM_IRQ_IOAPIC, SYSTEM_IRQ_MSI };
/* ioapic: level 1 for level-triggered, polarity 1 for active low, as X86IRQIssueIRQHandlerIOAPIC takes them. */
struct system_irq {
	uint32_t domain, id, kind, vector; /* vector 0..107 as the kernel call takes it */
	uint32_t ioapic_or_bus, pin_or_device, level_or_function, polarity_or_handle;
};

enum system_cap_kind { SYSTEM_CAP_TCB, SYSTEM_CAP_SC, SYSTEM_CAP_VSPACE };
struct system_cap { uint32_t domain, slot, kind, of; };

enum system_controller_flag {
	SYSTEM_CONTROLLER_KEY = 1u << 0, /* there is a key, and an archive */
	SYSTEM_CONTROLLER_TRACE = 1u << 1, /* it tells what it does for each load */
};
#define SYSTEM_CONTROLLER_FLAGS ((uint32_t)SYSTEM_CONTROLLER_KEY | SYSTEM_CONTROLLER_TRACE)

struct system_controller {
	uint32_t domain;
	uint32_t archive;        /* region index of its archive, or SYSTEM_NONE; if it is not IN_PLACE, programs are copied from it */
	uint64_t pool_bytes;     /* untyped memory for images */
	uint32_t slots_bits;     /* its grant CNode has 2^slots_bits slots: 10..16 (i386: 13) */
	uint32_t spawn_domains;  /* domains that it may spawn, at a time: 0..SYSTEM_SPAWN_MAX */
	uint32_t budget_share;   /* of the processor, for all of them together, in parts per million: at most a whole
	                          * one for each, which then take turns */
	uint32_t duplicates;     /* so many of them may be duplicates of spawned domains */
	uint32_t flags;          /* enum system_controller_flag */
	uint32_t reserved;
	uint8_t  key[SYSTEM_KEY_BYTES]; /* Ed25519 public key that its archive must be signed with, if flags say so; else 0 */
	uint64_t seed;           /* of what its programs find as random: their bases, AT_RANDOM; 0: there is none */
};

enum system_offer_flag {
	SYSTEM_OFFER_NOTIFY      = 1u << 0, /* the spawned domain may notify this one */
	SYSTEM_OFFER_CALL        = 1u << 1, /* the spawned domain may call this one */
	SYSTEM_OFFER_PEER_NOTIFY = 1u << 2, /* this one may notify the spawned domain */
	SYSTEM_OFFER_PEER_CALL   = 1u << 3, /* this one may call the spawned domain */
};

/* A domain agrees that its channel id leads to a domain that the controller spawns, one at a time. */
struct system_offer {
	uint32_t domain;
	uint32_t id;         /* channel id in this domain */
	uint32_t controller; /* index in the array of controllers */
	uint32_t flags;      /* enum system_offer_flag, at least one */
};

_Static_assert(sizeof(struct system_header) == 152 && sizeof(struct system_domain) == 184 &&
	sizeof(struct system_region) == 104 && sizeof(struct system_map) == 24 && sizeof(struct system_end) == 24 &&
	sizeof(struct system_patch) == 80 && sizeof(struct system_port) == 16 && sizeof(struct system_irq) == 32 &&
	sizeof(struct system_cap) == 16 && sizeof(struct system_controller) == 80 && sizeof(struct system_offer) == 16,
	"records have no holes");

struct system {
	const uint8_t *blob;
	const struct system_header *header;
	const struct system_domain *domains;
	const struct system_region *regions;
	const struct system_map *maps;
	const struct system_end *ends;
	const struct system_patch *patches;
	const struct system_port *ports;
	const struct system_irq *irqs;
	const struct system_cap *caps;
	const struct system_controller *controllers;
	const struct system_offer *offers;
	const uint8_t *strings;
};

/* Checks, so that later code needs no bound of its own:
 *   T1 header: magic, version, ABI set, machine and flags known, size in whole pages and not above size_bytes
 *   T2 every array inside the blob, 8-byte aligned; 1..63 domains; the boot archive inside, on a page boundary
 *   T3 every name NUL-terminated, every string range inside the strings; arguments are argc strings
 *   T4 every index in range; parents before children; maps, ends, patches, ports, irqs, caps, controllers and offers ascend
 *      by domain
 *   T5 every value in the range stated at its field; prefills inside the blob, on page boundaries
 * blob: 8-byte aligned. STATUS_SYSTEM_... with *where on refusal (offset of the record, index its number in its array);
 * *system is written only on success. That names are unique and ids not used twice is the tool's to check. */
enum status system_open(const uint8_t *blob, uint64_t size_bytes, struct system *system, struct where *where) MUST_USE;
