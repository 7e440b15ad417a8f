/* SPDX-License-Identifier: BSD-2-Clause */
/* Controllers: what each may use, and the grant that tells it so. */
#pragma once
#include "user/monitor/monitor.h"

/* Makes the grant CNodes and the frames that the controllers' images map. */
void controllers_make(struct monitor *monitor);

/* Fills grant CNodes and grant pages, and prepares the copy windows. The images exist, and do not run yet. */
void controllers_give(struct monitor *monitor);
