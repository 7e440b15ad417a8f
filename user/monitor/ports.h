/* SPDX-License-Identifier: BSD-2-Clause */
/* I/O ports: every range the kernel has issued a capability for. The kernel issues a port once only, so the monitor
 * prints through the console's range where a domain owns the serial line. */
#pragma once
#include "lib/base/base.h"
#include "user/monitor/sets.h"
#include "user/sel4/sel4.h"

#define PORTS_SERIAL_FIRST 0x3f8u
#define PORTS_SERIAL_LAST  0x3ffu
#define PORTS_EXIT         0xf4u /* QEMU's isa-debug-exit; other machines have nothing there */

/* Asks the kernel, of whatever set, for [first, last] into an empty slot of the root CNode, and remembers it. */
seL4_Error ports_issue(const struct set *set, uint32_t first, uint32_t last, seL4_CPtr slot) MUST_USE;

/* Gives up the serial line if it overlaps [first, last], so that this range can be issued. Printing stops until
 * print_open. */
void ports_release_serial(uint32_t first, uint32_t last);

/* A capability that covers port, or 0. */
seL4_CPtr ports_find(uint32_t port);
