/* SPDX-License-Identifier: BSD-2-Clause */
/* Refusals on request: a system call that the bundled kernel has only if its command line says "refuse" (doc/kernel.md). On
 * every other kernel the number is that of an unknown system call, which is a fault.
 *
 * register          in                                                        out
 * capability        bits 7..0: priority of the threads whose invocations      how many such invocations there were since
 *                   count; bits 15..8: the error to refuse with (1..10)       the last time
 * message info      k: the k-th from now on is refused, once; 0: none         1 if one was refused since the last time, or 0
 *
 * What counts is an invocation of anything but an endpoint, a notification or a reply object; one that is issued again after an
 * interrupt counts once. A refused one changes nothing, and its details are zero. Values out of range arm nothing. */
#pragma once

#define GRAFT_SYS_REFUSE 0x67526566

#define GRAFT_REFUSE_PRIORITY_MASK 0xffu
#define GRAFT_REFUSE_ERROR_SHIFT   8
