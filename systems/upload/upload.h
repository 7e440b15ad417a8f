/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of systems/upload share: channel and child ids as in upload.system, and what the operator can tell the keeper. */
#pragma once
#include <stdint.h>
#include <graft.h>
#include "user/microkit/controller_client.h"

#define CONTROLLER_CHANNEL 1u /* the operator's, and everybody's who has one */
#define KEEPER_CHANNEL     2u /* the operator's */
#define OPERATOR_CHANNEL   2u /* the keeper's */
#define FIRST   1u /* child ids */
#define SECOND  2u
#define QUIET   3u /* has no memory region, so it can be duplicated */
#define SPAWNED 32u

/* To the keeper: label KEEPER_MODE, MR0 one of these. */
#define KEEPER_MODE 1u
enum keeper_mode {
	KEEPER_HONEST,  /* the archive is as it was packed */
	KEEPER_SPOILED, /* every byte of every program is another */
	KEEPER_LATE,    /* one byte becomes another once the answer is made */
	KEEPER_FORGED,  /* the answer's digest is another */
	KEEPER_BEYOND,  /* the answer's size reaches out of the archive */
	KEEPER_STORM    /* bytes become others and what they were, all the time */
};

/* What a guest tells. */
struct guest_desk {
	seL4_Word rounds; /* how often it and those before it in its domain have summed up their text; never goes back */
	seL4_Word sum;
};
