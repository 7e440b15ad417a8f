/* SPDX-License-Identifier: BSD-2-Clause */
/* Images of the static domains, made by the capability loader that controllers use too. */
#pragma once
#include "user/monitor/monitor.h"

/* Makes the monitor a space: a CNode for accounts, and its CSpace root so that it can name them. */
void images_start(struct monitor *monitor);

/* Builds the image of every domain that is not managed, and gives what names one: VSpace, children's TCBs, <cspace>.
 * Nothing runs yet. Stops with domain, program and reason if one cannot be built. */
void images_build(struct monitor *monitor);

/* Hands every image its domain: from then on they run, as soon as the monitor waits. */
void images_run(struct monitor *monitor);

/* The thread and the VSpace root of a static domain, once its image is built. */
struct cap_at images_thread(const struct monitor *monitor, uint32_t domain);
struct cap_at images_vspace(const struct monitor *monitor, uint32_t domain);
