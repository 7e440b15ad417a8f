/* SPDX-License-Identifier: BSD-2-Clause */
/* The probe: makes the system call for refusals once. Where there is none it faults, which its parent, the operator, sees. */
#include "systems/walk/walk.h"

void init(void)
{
	seL4_Word was_refused;

	(void)kernel_refuse(0, 0, 0, &was_refused);
	microkit_notify(PROBE_OPERATOR);
}

void notified(microkit_channel ch)
{
	(void)ch;
}
