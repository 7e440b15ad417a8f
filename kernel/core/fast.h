/* SPDX-License-Identifier: BSD-2-Clause */
/* Short ways through the kernel for the two calls that servers live on. */
#pragma once
#include "kernel/core/kernel.h"

/* Call and ReplyRecv of the current thread, done if they are of the plain kind: false means nothing was touched and the general
 * way is to be taken. Afterwards k->current is the thread to run. */
bool fast_call(struct kernel *k);
bool fast_reply_receive(struct kernel *k);

/* The general way of a system call, which kernel_syscall takes if there is no short one. */
struct tcb *kernel_syscall_general(struct kernel *k, sword number);
