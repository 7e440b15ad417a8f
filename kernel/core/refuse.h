/* SPDX-License-Identifier: BSD-2-Clause */
/* Refusals on request, for tests of those who use the kernel (abi/include/graft/refuse.h). */
#pragma once
#include "kernel/core/invoke.h"

/* Lets threads arm refusals; without this call there is no such thing. nth: the invocation by a thread of this priority that is
 * refused with error (seL4_InvalidArgument .. seL4_NotEnoughMemory); 0: none so far. */
void refusal_enable(struct kernel *k, word priority, word nth, word error);

/* The system call, by the current thread; refusals are enabled. */
void refusal_syscall(struct kernel *k);

/* Refusals are enabled, and the current thread is about to make this invocation: the error if it is its turn to be refused,
 * else seL4_NoError. */
word refusal_take(struct kernel *k, struct invocation *call);

/* Refusals are enabled, and the same invocation was interrupted after all, and will be made once more. */
void refusal_give_back(struct kernel *k, const struct invocation *call);
