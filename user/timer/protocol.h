/* SPDX-License-Identifier: BSD-2-Clause */
/* The timer's protocol: protected procedure calls. Times are milliseconds since the machine started, in two words: lower and
 * upper 32 bits.
 *
 * verb   MR0, MR1     reply, MR0, MR1
 * NOW    -            the time
 * ALARM  a time       the time; the caller is notified once that time has come. A later alarm takes an earlier one's place */
#pragma once

enum timer_verb { TIMER_NOW = 1, TIMER_ALARM };
