/* SPDX-License-Identifier: BSD-2-Clause */
/* The console's protocol: protected procedure calls. WRITE: MR0 the number of bytes, then the bytes packed into words; the
 * reply's MR0 is the number written. A call is written whole before the next: lines of different domains do not mix if each is one call. */
#pragma once
#include <sel4/abi.h>
enum console_verb { CONSOLE_WRITE = 1 };
#define CONSOLE_BYTES_MAX (117u * (unsigned int)sizeof(seL4_Word)) /* fits any message beside the count */
