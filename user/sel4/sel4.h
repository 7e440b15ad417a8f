/* SPDX-License-Identifier: BSD-2-Clause */
/* seL4's programming interface, MCS: names and argument order are libsel4's, so that what people know carries over;
 * the code is ours and stands on the five functions of sel4_machine.h.
 *
 *   sel4.h      this file: everything
 *   scalars.h   seL4_Bool, seL4_Uint8, seL4_CNode and so on
 *   ipc.h       IPC buffer and system calls
 *   objects.h   invocations that every machine has: untyped, CNode, TCB, scheduling context, interrupts
 *   x86.h       invocations of x86: pages and tables, ASIDs, I/O ports
 *   context.h   a thread's registers by what they are for
 *   x86_64/ i386/  the machine: registers of a system call
 */
#pragma once
#include <sel4/abi.h>
#include <sel4/constants.h>
#include <sel4/errors.h>
#include <sel4/types.h>
#include <sel4/syscall.h>
#include <sel4/invocation.h>
#include <sel4/objecttype.h>
#include <sel4/rootslots.h>
#include <sel4/faults.h>
#include <sel4/bootinfo.h>
#include "user/sel4/scalars.h"
#include "user/sel4/ipc.h"
#include "user/sel4/objects.h"
#include "user/sel4/x86.h"
#include "user/sel4/context.h"
