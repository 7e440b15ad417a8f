/* SPDX-License-Identifier: BSD-2-Clause */
/* How a system's judge counts its steps and ends the machine: through QEMU's isa-debug-exit, with a value that mk/boot knows. A judge
 * has that port as I/O port id 1, or says EXIT_PORT_ID before it includes this. */
#pragma once
#include <stdbool.h>
#include <graft.h>

#ifndef EXIT_PORT_ID
#define EXIT_PORT_ID 1u
#endif
#define EXIT_PORT    0xf4u
#define EXIT_HELD    0x2au
#define EXIT_FAILED  0x15u

/* How often to yield before something counts as stuck: more than it ever takes, for where the emulator shares its processor a domain's
 * budget can pass without a turn. */
#define TURNS_MAX    30000000u

static seL4_Word step_number; /* steps that held so far */

static inline void end_machine(unsigned int value)
{
	graft_flush();
	microkit_x86_ioport_write_8(EXIT_PORT_ID, EXIT_PORT, (uint8_t)value);
	for (;;)
		seL4_Yield();
}

/* Ends the machine unless it holds. */
static inline void demand(bool holds, const char *what, seL4_Word figure)
{
	if (holds)
		return;
	graft_printf("graft: step %lu FAILED: %s (0x%lx)\n", step_number + 1, what, figure);
	end_machine(EXIT_FAILED);
}

static inline void end_held(void)
{
	graft_printf("graft: all %lu steps held\n", step_number);
	end_machine(EXIT_HELD);
}
