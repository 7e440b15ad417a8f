/* SPDX-License-Identifier: BSD-2-Clause */
/* The store's protocol: protected procedure calls. Any domain that speaks it can stand in.
 *
 * FIND_NAME  MR0..7 name, NUL-padded     reply label 0: MR0 id, MR1 payload offset in the archive region, MR2 payload bytes,
 * FIND_ID    MR0 id                                     MR3 flags, MR4 version, MR5..8 SHA-256
 *                                        reply label: 1 no such program, 2 bad request, 3 archive refused (MR0 the status)
 * COUNT      -                           reply label 0: MR0 number of entries
 */
#pragma once
#include <sel4/abi.h>
enum store_verb { STORE_FIND_NAME = 1, STORE_FIND_ID, STORE_COUNT };
enum store_answer { STORE_OK = 0, STORE_NO_SUCH_PROGRAM, STORE_BAD_REQUEST, STORE_BAD_ARCHIVE };
#define STORE_NAME_WORDS (64u / sizeof(seL4_Word)) /* MR0..7; on machines with words of 32 bits MR0..15, and the digest MR5..12 */
