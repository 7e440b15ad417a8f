/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of systems/duplicate share: channel and child ids as in duplicate.system. */
#pragma once
#include <stdint.h>
#include <graft.h>
#include "user/microkit/controller_client.h"

#define CONTROLLER_CHANNEL 1u /* of everybody who has one */
#define WITNESS_CHANNEL    2u /* of duplicates that the operator makes */
#define WORKER             1u /* child ids */
#define LONER              2u
#define WORKER_DUPLICATES  3u
#define SPAWNED_DUPLICATES 2u
#define OFFER_WITNESS      0u

#define SPREAD_BYTES       (2ul << seL4_LargePageBits) /* of a forker's memory */

/* What calls have told the witness, and from the most recent one. */
struct witness_desk {
	seL4_Word calls;
	seL4_Word value;
};
