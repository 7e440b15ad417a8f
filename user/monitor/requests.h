/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests of controllers that spawn domains: budgets, and connections to domains that have agreed (protocol.h). */
#pragma once
#include "user/monitor/monitor.h"

/* Makes the scheduling contexts of domains to be spawned, and what it takes to receive capabilities. */
void requests_make(struct monitor *monitor);

/* Serves one request and answers it through reply. */
void requests_serve(struct monitor *monitor, uint64_t badge, seL4_MessageInfo_t info, seL4_CPtr reply);
