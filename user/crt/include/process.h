/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process can ask for: the calls of doc/processes.md. A program defines main(argc, argv); what it returns is its exit
 * status. A negative result is an error. A pointer that can't be right (null, wrapping around, beyond user space) is
 * E_BAD_PARAM; any other wrong one ends the process with a fault. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define E_SUCCESS     0
#define E_FAILURE     (-1)
#define E_BAD_PARAM   (-2)
#define E_BAD_CHANNEL (-3)
#define E_NO_CHILDREN (-4)
#define E_NO_MEMORY   (-5)
#define E_NOT_FOUND   (-6)
#define E_NO_PROCS    (-7)

#define EXIT_KILLED   (-101)
#define EXIT_BAD_CALL (-102)
#define EXIT_FAULTED  (-103)

#define CHAN_CONSOLE 0 /* not blocking: read returns 0 if nothing is there */
#define CHAN_SERIAL  1

#define PRIO_HIGH     0
#define PRIO_STANDARD 1
#define PRIO_LOW      2
#define PRIO_DEFERRED 3

/* Arguments of a program: at most so many strings, and bytes with their NULs. Over that: E_BAD_PARAM. */
#define ARGUMENTS_MAX  32
#define ARGUMENT_BYTES 384

extern char **environ;

_Noreturn void exit(int status);
int waitpid(int pid, int *status); /* pid 0: any child; status may be NULL */
int fork(void);
int exec(const char *program, char *const argv[]); /* argv ends with NULL */
int spawn(const char *program, char *const argv[]);
long read(int channel, void *buffer, size_t bytes);
long write(int channel, const void *buffer, size_t bytes);
int getpid(void);
int getppid(void);
uint64_t gettime(void); /* milliseconds since boot */
int getprio(void);
int setprio(int level);
int kill(int pid);
int sleep(uint64_t ms); /* 0: the turn goes to the next process of this level */

/* Any call at all, for those who want to see what becomes of it. */
long process_call(unsigned int number, long word0, long word1);

/* Moves the end of the heap by so many bytes, and returns where it was; NULL if there is not so much. */
void *sbrk(long bytes);

/* The heap: a program that wants another size defines both. */
extern char crt_heap[];
extern const size_t crt_heap_bytes;
