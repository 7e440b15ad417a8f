/* SPDX-License-Identifier: BSD-2-Clause */
/* What Graft's runtime offers beyond Microkit's interface: arguments, and printing on the console domain's line. */
#pragma once
#include <stdbool.h>
#include <microkit.h>

/* The program's arguments, as the loader laid them on the stack; argv[argc] is NULL. 0 and an empty argv where the
 * loader laid none (Microkit itself does not). Each pointer may be NULL. */
void graft_arguments(int *argc, char ***argv);

/* The channel to the console, set by setvar_id="graft_console" on this domain's end of it. Eight bytes, as every
 * setvar. While it is GRAFT_NO_CHANNEL, printing does nothing. */
#define GRAFT_NO_CHANNEL ((seL4_Word)-1)
extern seL4_Word graft_console;

/* Formatted printing: %d %i %u %x %X %s %c %p %%, with h, l, ll, z, a width, and the flags 0 and -. No floating
 * point. Goes through the same line buffer as microkit_dbg_puts. */
void graft_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same into text[0..bytes), always NUL-terminated if bytes > 0; returns the length it would have had. */
int graft_snprintf(char *text, unsigned long bytes, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Sends what is buffered of an unfinished line. The main loop does this before every wait. */
void graft_flush(void);

/* Work that is done in pieces. A program that defines graft_work is asked for one piece each time it has left a caller without an
 * answer, and again as long as it returns true, that is, has more to do; between two pieces the main loop serves one message
 * if one waits. The one in the library returns false. Asked once after init as well. */
bool graft_work(void);

/* To answer a call later, protected() sets graft_answers_later, remembers graft_reply_cap, in which the caller now waits, and
 * sets it to another reply object that nobody waits in: the next message is received with that. The answer is an
 * seL4_Send to the reply object. */
#define GRAFT_REPLY_CAP 4
extern bool graft_answers_later;
extern seL4_CPtr graft_reply_cap;
