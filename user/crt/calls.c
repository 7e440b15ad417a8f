/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls, and where a process begins. Everything that a call reads or writes in memory is copied here, in the process's own address
 * space, to or from its IPC buffer: the server never sees a pointer.
 *
 * What was asked for is in the IPC buffer before the call and gone after it, so nothing of it is needed then: exec's argv may lie
 * in the image that is being replaced. */
#include <process.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "user/process/protocol.h"
#include "user/sel4/sel4.h"

#define PAGE_BYTES      4096u
#define CALL_CAP        (74u + PROCESS_CHANNEL) /* Microkit's slot for calls on that channel */
#define LOWEST          0x10000u                /* no program lies below */
#define NAME_WORD       2u
#define STRINGS_WORD    (NAME_WORD + PROCESS_NAME_BYTES / sizeof(seL4_Word))
#define BYTES_WORD      2u
#define WORDS_OF(bytes) (((bytes) + sizeof(seL4_Word) - 1) / sizeof(seL4_Word))

_Static_assert(ARGUMENTS_MAX == PROCESS_ARGUMENTS_MAX && ARGUMENT_BYTES == PROCESS_ARGUMENT_BYTES, "limits are told twice");

/* The topmost page of user space, as Microkit places it. */
seL4_IPCBuffer *__sel4_ipc_buffer = (seL4_IPCBuffer *)(seL4_UserTop - PAGE_BYTES);

char **environ;

int main(int argc, char **argv, char **envp);

/* ---- the start and the end ---- */

_Noreturn void crt_start(seL4_Word *frame);
_Noreturn void crt_start(seL4_Word *frame)
{
	int argc = (int)frame[0];
	char **argv = (char **)&frame[1];

	environ = &argv[argc + 1];
	exit(main(argc, argv, environ));
}

static seL4_MessageInfo_t call(enum process_call number, seL4_Word words)
{
	return seL4_Call(CALL_CAP, seL4_MessageInfo_new((seL4_Word)number, 0, 0, words));
}

static long call_with(enum process_call number, seL4_Word word0, seL4_Word word1)
{
	seL4_SetMR(0, word0);
	seL4_SetMR(1, word1);
	(void)call(number, 2);
	return (long)seL4_GetMR(0);
}

long process_call(unsigned int number, long word0, long word1)
{
	return call_with((enum process_call)number, (seL4_Word)word0, (seL4_Word)word1);
}

void exit(int status)
{
	for (;;)
		(void)call_with(PROCESS_EXIT, (seL4_Word)(long)status, 0);
}

void abort(void)
{
	__builtin_trap();
}

/* ---- pointers ---- */

/* Can't be right. What this lets through and is wrong all the same faults where it is used. */
static bool is_bad(const void *pointer, size_t bytes)
{
	size_t first = (size_t)pointer;

	return first < LOWEST || first >= seL4_UserTop || bytes > seL4_UserTop - first;
}

/* ---- programs ---- */

/* Lays the strings behind one another. Their bytes, with the NULs; negative: they do not fit. */
static long put_strings(char *const argv[], seL4_Word *argc)
{
	char *strings = (char *)&seL4_GetIPCBuffer()->msg[STRINGS_WORD];
	size_t used = 0;

	for (*argc = 0; argv[*argc]; (*argc)++) {
		size_t length;

		if (*argc == ARGUMENTS_MAX || is_bad(argv[*argc], 1))
			return E_BAD_PARAM;
		length = strnlen(argv[*argc], ARGUMENT_BYTES - used) + 1;
		if (length > ARGUMENT_BYTES - used)
			return E_BAD_PARAM;
		memcpy(strings + used, argv[*argc], length);
		used += length;
	}
	return (long)used;
}

static int call_program(enum process_call number, const char *program, char *const argv[])
{
	char *name = (char *)&seL4_GetIPCBuffer()->msg[NAME_WORD];
	seL4_Word argc = 0;
	size_t length;
	long bytes;

	if (is_bad(program, 1) || is_bad(argv, sizeof argv[0]))
		return E_BAD_PARAM;
	length = strnlen(program, PROCESS_NAME_BYTES);
	if (length == PROCESS_NAME_BYTES)
		return E_BAD_PARAM;
	memset(name, 0, PROCESS_NAME_BYTES);
	memcpy(name, program, length);
	bytes = put_strings(argv, &argc);
	if (bytes < 0)
		return (int)bytes;
	seL4_SetMR(0, argc);
	seL4_SetMR(1, (seL4_Word)bytes);
	(void)call(number, STRINGS_WORD + WORDS_OF((size_t)bytes));
	return (int)seL4_GetMR(0);
}

int exec(const char *program, char *const argv[])
{
	return call_program(PROCESS_EXEC, program, argv);
}

int spawn(const char *program, char *const argv[])
{
	return call_program(PROCESS_SPAWN, program, argv);
}

/* The child's thread is a new one, whose floating-point unit rounds and traps as the kernel has it: no call reads another thread's. So
 * what this one has set is taken along in memory. */
int fork(void)
{
	uint32_t mxcsr;
	uint16_t x87;
	int pid;

	__asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(mxcsr), "=m"(x87));
	pid = (int)call_with(PROCESS_FORK, 0, 0);
	__asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(mxcsr), "m"(x87));
	return pid;
}

/* ---- reading and writing ---- */

/* Writes to a buffer's first and last page what is there: no more than two are transferred to at once. */
static void touch(volatile char *buffer, size_t bytes)
{
	buffer[0] = buffer[0];
	buffer[bytes - 1] = buffer[bytes - 1];
}

long read(int channel, void *buffer, size_t bytes)
{
	size_t count = bytes < PROCESS_TRANSFER_BYTES ? bytes : PROCESS_TRANSFER_BYTES;
	long result;

	if (is_bad(buffer, bytes))
		return E_BAD_PARAM;
	if (count > 0)
		touch(buffer, count); /* a wrong pointer faults before anything is taken off the line */
	result = call_with(PROCESS_READ, (seL4_Word)(long)channel, count);
	if (result > 0)
		memcpy(buffer, &seL4_GetIPCBuffer()->msg[1], (size_t)result < count ? (size_t)result : count);
	return result;
}

static long write_piece(int channel, const char *text, size_t bytes)
{
	memcpy(&seL4_GetIPCBuffer()->msg[BYTES_WORD], text, bytes);
	seL4_SetMR(0, (seL4_Word)(long)channel);
	seL4_SetMR(1, bytes);
	(void)call(PROCESS_WRITE, BYTES_WORD + WORDS_OF(bytes));
	return (long)seL4_GetMR(0);
}

long write(int channel, const void *buffer, size_t bytes)
{
	const char *text = buffer;
	size_t done = 0;

	if (is_bad(buffer, bytes) || bytes > (size_t)INT32_MAX)
		return E_BAD_PARAM;
	do {
		size_t left = bytes - done;
		long result = write_piece(channel, text + done, left < PROCESS_TRANSFER_BYTES ? left : PROCESS_TRANSFER_BYTES);

		if (result < 0)
			return done > 0 ? (long)done : result;
		done += (size_t)result;
	} while (done < bytes);
	return (long)done;
}

/* ---- the others ---- */

int waitpid(int pid, int *status)
{
	long result;

	if (status && is_bad(status, sizeof *status))
		return E_BAD_PARAM;
	if (status)
		*(volatile int *)status = *(const volatile int *)status; /* before a child is taken */
	result = call_with(PROCESS_WAITPID, (seL4_Word)(long)pid, 0);
	if (result > 0 && status)
		*status = (int)seL4_GetMR(1);
	return (int)result;
}

int getpid(void)
{
	return (int)call_with(PROCESS_GETPID, 0, 0);
}

int getppid(void)
{
	return (int)call_with(PROCESS_GETPPID, 0, 0);
}

uint64_t gettime(void)
{
	uint64_t low = (uint32_t)call_with(PROCESS_GETTIME, 0, 0);

	return (uint64_t)seL4_GetMR(1) << 32 | low;
}

int getprio(void)
{
	return (int)call_with(PROCESS_GETPRIO, 0, 0);
}

int setprio(int level)
{
	return (int)call_with(PROCESS_SETPRIO, (seL4_Word)(long)level, 0);
}

int kill(int pid)
{
	return (int)call_with(PROCESS_KILL, (seL4_Word)(long)pid, 0);
}

int sleep(uint64_t ms)
{
	if (ms != 0)
		return (int)call_with(PROCESS_SLEEP, (uint32_t)ms, (seL4_Word)(ms >> 32));
	seL4_Yield();
	return E_SUCCESS;
}
