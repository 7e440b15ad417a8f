/* SPDX-License-Identifier: BSD-2-Clause */
/* The serial line's protocol: protected procedure calls. It serves user/console/protocol.h as well: such a text is taken whole,
 * before the call returns.
 *
 * verb   MR0..                 reply, MR0..
 * WRITE  bytes, the bytes      how many were taken; if not all, the caller is notified when there is room again
 * READ   bytes at most         how many there are, the bytes; if that is all there was, the caller is notified of the next
 *
 * Nothing is lost in either direction: what is not read stays in the line's own buffer, and when that is full it stays with
 * whoever sends. Bytes are packed into words. */
#pragma once
#include "user/console/protocol.h"

enum serial_verb { SERIAL_WRITE = CONSOLE_WRITE + 1, SERIAL_READ };
#define SERIAL_BYTES_MAX 472u /* of one call: 118 words of 4 bytes fit any message beside the count */
