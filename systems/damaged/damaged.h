/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of systems/damaged share: channel and child ids as in damaged.system, and what the operator asks of the keeper. */
#pragma once
#include <stdint.h>
#include <graft.h>
#include "lib/archive/archive.h"
#include "user/microkit/controller_client.h"

#define CONTROLLER_CHANNEL 1u /* the operator's, and everybody's who has one */
#define KEEPER_CHANNEL     2u /* the operator's */
#define GUEST_CHANNEL      3u /* the operator's */
#define OPERATOR_CHANNEL   2u /* the keeper's */
#define FIRST 1u /* child ids: the old program runs here, and is swapped */
#define OTHER 2u /* empty between two files */

#define OLD_PROGRAM  "guest"   /* the first of the archive */
#define FILE_PROGRAM "damaged" /* whichever the keeper presents */

/* To the keeper. Each but FILES is answered with the name of the file in the archive.
 * FILES    -                       MR0 how many files there are
 * WHOLE    MR0 number of a file    presents it as it is, where it lies
 * SPOILED  MR0 seed, MR1 number    presents the numberth damaged file of that seed */
enum keeper_label { KEEPER_FILES = 1, KEEPER_WHOLE, KEEPER_SPOILED };

/* The guest answers when it is notified and has found its text as it was. */
struct guest_desk {
	seL4_Word asked;    /* by the operator: another number each time */
	seL4_Word answered; /* by the guest: the same */
};
