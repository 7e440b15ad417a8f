/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts: who is told of which. */
#pragma once
#include "kernel/core/invoke.h"

word irq_control_decode(struct kernel *k, struct invocation *call);
word irq_handler_decode(struct kernel *k, struct invocation *call);
void irq_finalise(struct kernel *k, word irq);
/* An interrupt arrived: signal its notification and mask it until it is acknowledged. */
void irq_deliver(struct kernel *k, word irq);
