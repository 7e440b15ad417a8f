/* SPDX-License-Identifier: BSD-2-Clause */
/* Domains without their images: CSpace, notification, endpoint, reply object, scheduling context, and what channels,
 * interrupts and ports put into the CSpace. */
#pragma once
#include "user/monitor/monitor.h"

/* Badges, as Microkit has them: bits 63 and 62 on x86_64; a badge of i386 has 28 bits. */
#define DOMAINS_BADGE_CALL  (1ul << (seL4_BadgeBits - 1))
#define DOMAINS_BADGE_FAULT (1ul << (seL4_BadgeBits - 2))
#define DOMAINS_CHANNEL_ID_MAX (seL4_BadgeBits - 3u)

/* Size of scheduling contexts, Microkit's: room for eight refills. */
#define DOMAINS_SC_BITS       8u
#define DOMAINS_EXTRA_REFILLS (((1u << DOMAINS_SC_BITS) - seL4_CoreSchedContextBytes) / seL4_RefillSizeBytes - 2u)

/* Slots of Microkit's CNode. */
enum domains_slot {
	DOMAINS_INPUT = 1, DOMAINS_VSPACE = 3, DOMAINS_REPLY = 4, DOMAINS_MONITOR = 5,
	DOMAINS_NOTIFY = 10, DOMAINS_CALL = 74, DOMAINS_IRQ = 138, DOMAINS_TCB = 202, DOMAINS_IOPORT = 394
};

/* Makes the objects of every domain, and of the monitor as the last resort for faults. */
void domains_make(struct monitor *monitor);

/* Gives every domain what does not depend on an image: its input and reply, channels, interrupts, ports. */
void domains_give(struct monitor *monitor);

/* The notification as a domain's own, for the interrupt handlers and for the list. */
const char *domains_name(const struct monitor *monitor, uint32_t domain);
