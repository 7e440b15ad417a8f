/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of this system share: channel ids, and the worker's desk, which stays while its programs come and go. */
#pragma once
#include <stdint.h>
#include <graft.h>
#include "user/microkit/controller_client.h"

enum worker_channel { WORKER_CONTROLLER = 1, WORKER_OPERATOR = 2 };
enum operator_channel { OPERATOR_CONTROLLER = 1, OPERATOR_WORKER = 2 };

#define WORKER_ID     1u
#define FAULT_ADDRESS 0xbad0000ul

struct desk {
	seL4_Word steady_starts; /* how often the steady program began */
	seL4_Word steady_turns;  /* goes up as long as it runs */
	seL4_Word steady_broken; /* what it found not as it had left it: bits 0 general registers, 1 x87, 2 SSE, 3 memory */
	seL4_Word trial_starts;  /* how often the one on trial began */
	seL4_Word trial_turns;   /* goes up as long as it loops */
	seL4_Word asked;         /* calls of its own to the controller that came back, and how the last one did */
	seL4_Word error, detail;
};

/* Where it is: set by the description, kept by the linker even if unused. */
#define DESK __attribute__((section(".data.patched"))) volatile struct desk *desk = 0
