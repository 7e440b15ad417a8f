/* SPDX-License-Identifier: BSD-2-Clause */
/* The watch: stands between the controller and the console. It notes when the controller has said that a domain faulted, which is
 * what it does first for one, and passes on what else it says. */
#include "lib/base/base.h"
#include "systems/busy/busy.h"

__attribute__((section(".data.patched"))) struct desk *desk = 0;

void init(void)
{
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo info)
{
	static const char fault[] = "fault: domain";

	(void)ch;
	if (memcmp(&seL4_GetIPCBuffer()->msg[1], fault, sizeof fault - 1) == 0) {
		desk->told_at = ticks();
		return microkit_msginfo_new(0, 1);
	}
	return microkit_ppcall(WATCH_CONSOLE, info);
}

void notified(microkit_channel ch)
{
	(void)ch;
}
