/* SPDX-License-Identifier: BSD-2-Clause */
/* Handing out: every capability that a domain gets, and every page it sees, passes through here and nowhere else. If
 * the system table asks for it, each is printed as it is given, in the format of doc/authority.md. */
#pragma once
#include "user/monitor/monitor.h"

#define GIVE_GRANT_SHIFT ACCOUNT_RADIX_MAX /* bits of a CPtr behind a grant slot */
#define GIVE_ROOT_BITS   6u  /* radix of a CSpace's root CNode */
#define GIVE_INNER_BITS  9u  /* radix of Microkit's CNode in its slot 0 */

enum give_type {
	GIVE_ENDPOINT, GIVE_NOTIFICATION, GIVE_REPLY, GIVE_TCB, GIVE_SC, GIVE_VSPACE, GIVE_CNODE, GIVE_UNTYPED, GIVE_FRAME,
	GIVE_IRQ, GIVE_IOPORT, GIVE_ASIDPOOL
};

/* What a capability or a page is of, for the list. */
enum give_kind {
	OF_ENDPOINT, OF_NOTIFICATION, OF_REPLY, OF_TCB, OF_SC, OF_VSPACE, OF_CSPACE, OF_IMAGE, OF_STACK, OF_IPCBUFFER,
	OF_GRANT, OF_RECORD, OF_POOL, OF_ASIDPOOL, OF_REPLIES, OF_SPAWN, /* these: of domain name */
	OF_REGION, OF_PROGRAM,           /* these: called name */
	OF_IRQ, OF_IOPORT                /* these: numbers */
};
struct give_object {
	enum give_kind kind;
	const char *name;
	uint32_t first, last;
};

/* What is given. */
struct give {
	struct cap_at from;
	enum give_type type;
	uint32_t rights;  /* ABI_RIGHT_...; 0 for types that have none */
	seL4_Word badge;  /* 0: none */
	uint32_t guard_bits; /* CNodes: zero bits that a CPtr has before this CNode's own */
	struct give_object object;
};

/* Into slot of Microkit's CNode of a domain; into a slot of its root CNode. */
void give_microkit(struct monitor *monitor, uint32_t domain, uint32_t slot, const struct give *give);
void give_root(struct monitor *monitor, uint32_t domain, uint32_t slot, const struct give *give);

/* Into count consecutive slots of a controller's grant CNode, from as many consecutive ones. */
void give_grant(struct monitor *monitor, uint32_t controller, uint32_t slot, const struct give *give, uint64_t count);

/* Moves an untyped of 2^size_bits bytes into a slot of the grant CNode; give_pool_listed says how many bytes went in
 * all. */
void give_pool(struct monitor *monitor, uint32_t controller, uint32_t slot, seL4_CPtr untyped);
void give_pool_listed(const struct monitor *monitor, uint32_t controller, uint64_t bytes);

/* Pages that an image has been built with. */
struct give_pages {
	uint64_t vaddr, pages;
	uint32_t page_bits;
	uint32_t rights; /* ELF_R | ELF_W | ELF_X */
	bool     uncached;
	struct give_object object;
};
void give_pages_listed(const struct monitor *monitor, uint32_t domain, const struct give_pages *pages);
