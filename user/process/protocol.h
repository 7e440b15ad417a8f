/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls of a process: protected procedure calls on its one channel, PROCESS_CHANNEL. Label: the call. No pointer crosses: what a
 * call reads or writes in memory travels in the message, and the process's own runtime (user/crt/) copies it.
 *
 * call      MR0..                                             reply, MR0..
 * EXIT      status                                            (none)
 * WAITPID   pid, or 0 for any child                           pid, status
 * FORK      -                                                 pid; 0 in the child
 * EXEC      argc, bytes, name (64 bytes), strings             (none, or an error)
 * SPAWN     the same                                          pid
 * READ      channel, bytes                                    bytes read, the bytes
 * WRITE     channel, bytes, the bytes                         bytes written
 * GETPID    -                                                 pid
 * GETPPID   -                                                 pid
 * GETTIME   -                                                 milliseconds since boot: lower, upper 32 bits
 * GETPRIO   -                                                 level
 * SETPRIO   level                                             the level before
 * KILL      pid                                               0
 * SLEEP     milliseconds: lower, upper 32 bits                0
 *
 * MR0 of a reply is negative if the call failed: an enum process_error. A call that is not in this table ends the process with
 * PROCESS_BAD_CALL; a message that is too short for its call, or whose figures do not fit it, is PROCESS_BAD_PARAMETER. Bytes
 * are packed into words, little-endian. Strings: argc of them, each with its NUL, `bytes` together. */
#pragma once
#define PROCESS_CHANNEL 0u

enum process_call {
	PROCESS_EXIT = 0x100, PROCESS_WAITPID, PROCESS_FORK, PROCESS_EXEC, PROCESS_SPAWN, PROCESS_READ, PROCESS_WRITE, PROCESS_GETPID,
	PROCESS_GETPPID, PROCESS_GETTIME, PROCESS_GETPRIO, PROCESS_SETPRIO, PROCESS_KILL, PROCESS_SLEEP, PROCESS_CALLS_END
};

enum process_error {
	PROCESS_SUCCESS = 0, PROCESS_FAILURE = -1, PROCESS_BAD_PARAMETER = -2, PROCESS_BAD_CHANNEL = -3, PROCESS_NO_CHILDREN = -4,
	PROCESS_NO_MEMORY = -5, PROCESS_NOT_FOUND = -6, PROCESS_NO_SLOTS = -7
};

/* Statuses of processes that did not exit by themselves. */
enum process_end { PROCESS_KILLED = -101, PROCESS_BAD_CALL = -102, PROCESS_FAULTED = -103 };

enum process_level { PROCESS_HIGH, PROCESS_STANDARD, PROCESS_LOW, PROCESS_DEFERRED, PROCESS_LEVELS };
enum process_line { PROCESS_CONSOLE, PROCESS_SERIAL, PROCESS_LINES };

#define PROCESS_INIT 1 /* the pid of the first process, which inherits orphans and can't be killed */

/* The same on every machine: name and strings fit a message of 120 words of 4 bytes. */
#define PROCESS_NAME_BYTES      64u
#define PROCESS_ARGUMENTS_MAX   32u
#define PROCESS_ARGUMENT_BYTES  384u

/* Bytes of one READ or WRITE; a write of so many is not mixed with others. */
#define PROCESS_TRANSFER_BYTES  472u
