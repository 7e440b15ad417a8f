/* SPDX-License-Identifier: BSD-2-Clause */
/* The console's protocol: protected procedure calls. WRITE: MR0 the number of bytes, then the bytes packed into words; the reply's MR0
 * is the number written. A call is written whole before the next: lines of different domains do not mix if each is one call.
 * END: MR0 a value for the machine's exit device, where the console was given one; only the domain on channel CONSOLE_JUDGE may. */
#pragma once
enum console_verb { CONSOLE_WRITE = 1, CONSOLE_END = 2 };
#define CONSOLE_BYTES_MAX 936u /* (120 - 3) words: fits any message */
