/* SPDX-License-Identifier: BSD-2-Clause */
/* The operator: replaces the archive that the controller loads from, by an older one, a newer one, and ones in which a byte is changed, and
 * asks for the worker each time. */
#include <stddef.h>
#include <graft.h>
#include "lib/base/base.h"
#include "lib/base/status.h"
#include "systems/verdict.h"
#include "user/microkit/controller_client.h"

#define CONTROLLER  1u
#define WORKER_ID   1u
#define SIZE_AT     16u  /* in the archive's header: its size */
#define SIGNED_AT   300u /* in the signature, behind a table of one entry */
#define TEXT_AT     0x1200u

/* Set by the description. */
__attribute__((section(".data.patched"))) uint8_t *programs, *older, *newer;

static void step(bool holds, const char *what, const struct controller_result *result)
{
	if (holds) {
		graft_printf("graft: step %lu: %s\n", ++step_number, what);
		return;
	}
	graft_printf("operator: error %lu, %s, 0x%lx, 0x%lx\n", result->error, status_text((enum status)result->detail), result->figure[0],
	             result->figure[1]);
	graft_printf("graft: step %lu FAILED: %s\n", step_number + 1, what);
	end_machine(EXIT_FAILED);
}

static void put(const uint8_t *archive)
{
	uint64_t bytes;

	memcpy(&bytes, archive + SIZE_AT, sizeof bytes);
	memcpy(programs, archive, (size_t)bytes);
}

static bool swap_is_refused(enum controller_error error, enum status status, struct controller_result *result)
{
	return controller_swap(CONTROLLER, WORKER_ID, "worker", 0, NULL, result) == error && result->detail == (seL4_Word)status;
}

/* Which runs: a program's id is its version here. */
static bool runs(seL4_Word version)
{
	struct controller_domain domain;
	unsigned int count;

	return controller_list(CONTROLLER, &domain, 1, &count) == CONTROLLER_OK && count == 1 && domain.program_id == version
	       && domain.state == CONTROLLER_RUNNING;
}

static void change_versions(struct controller_result *result)
{
	step(controller_load(CONTROLLER, WORKER_ID, "worker", 0, NULL, result) == CONTROLLER_OK && runs(7), "version 7 is loaded", result);
	put(older);
	step(swap_is_refused(CONTROLLER_TOO_OLD, STATUS_TRUST_PROGRAM_OLDER, result) && result->figure[0] == 6 && result->figure[1] == 7
	     && runs(7), "version 6, put in its place, is refused", result);
	step(controller_swap_older(CONTROLLER, WORKER_ID, "worker", 0, NULL, result) == CONTROLLER_OK && runs(6),
	     "it is swapped for version 6 when told so", result);
	step(swap_is_refused(CONTROLLER_TOO_OLD, STATUS_TRUST_PROGRAM_OLDER, result), "which does not make it the newest", result);
	put(newer);
	step(controller_swap(CONTROLLER, WORKER_ID, "worker", 0, NULL, result) == CONTROLLER_OK && runs(8), "and for version 8", result);
}

static void change_bytes(struct controller_result *result)
{
	programs[SIGNED_AT] ^= 1;
	step(swap_is_refused(CONTROLLER_BAD_PROGRAM, STATUS_ARCHIVE_SIGNATURE, result), "a signature with one bit changed: refused", result);
	put(newer);
	programs[TEXT_AT] ^= 1;
	step(controller_unload(CONTROLLER, WORKER_ID, result) == CONTROLLER_OK
	     && controller_load(CONTROLLER, WORKER_ID, "worker", 0, NULL, result) == CONTROLLER_BAD_PROGRAM
	     && result->detail == STATUS_ARCHIVE_PAYLOAD_DIGEST, "a program with one bit changed: refused", result);
	put(newer);
	step(controller_load(CONTROLLER, WORKER_ID, "worker", 0, NULL, result) == CONTROLLER_OK && runs(8), "put right: loaded", result);
}

void init(void)
{
	struct controller_result result = { 0 };

	change_versions(&result);
	change_bytes(&result);
	end_held();
}

void notified(microkit_channel ch)
{
	(void)ch;
}
