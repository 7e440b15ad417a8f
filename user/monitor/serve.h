/* SPDX-License-Identifier: BSD-2-Clause */
/* What the monitor does once everything runs. */
#pragma once
#include "user/monitor/monitor.h"

/* Waits for passive domains that are ready, and for the faults that nobody else handles. */
_Noreturn void serve(struct monitor *monitor);
