/* SPDX-License-Identifier: BSD-2-Clause */
/* What the example says on the first serial port, and how it ends the machine. */
#pragma once
#include "user/sel4/sel4.h"
#include "lib/base/base.h"
#include "lib/base/status.h"

/* Takes two slots of the root CNode for the port capabilities; returns the first one after them. */
seL4_CPtr report_start(seL4_CPtr first_empty);

void report_text(const char *text);
void report_number(uint64_t value);

/* One line, "ok - what" or "not ok - what", and counts it. */
void report_step(bool holds, const char *what);

/* For what the rest can't go on without: nothing if it holds; else a line with the figure, and the end. */
void report_need(bool holds, const char *what, uint64_t figure);
void report_need_ok(enum status status, uint64_t figure);

/* The verdict, as mk/boot wants it, and the end. */
_Noreturn void report_end(void);
