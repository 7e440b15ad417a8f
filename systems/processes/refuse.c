/* SPDX-License-Identifier: BSD-2-Clause */
/* refuse: has each kernel call that the process server makes for a spawn, a fork and an exec refused once, for want of memory and for
 * another reason. The call is an error or is done; what it said is what is there; and the next one succeeds. Needs the bundled kernel
 * with the word refuse on its command line (doc/kernel.md); elsewhere the child that asks for it ends with -102. */
#include "test.h"
#include <graft/refuse.h>
#include "user/sel4/sel4.h"

#define SERVER_PRIORITY 200 /* processes.system */
#define CALLS_MAX       400

static int kernel_refuse(unsigned int error, seL4_Word nth)
{
	struct sel4_words words = { 0, 0, 0, 0 };
	seL4_Word badge;

	return (int)sel4_machine_exchange(GRAFT_SYS_REFUSE, error << GRAFT_REFUSE_ERROR_SHIFT | SERVER_PRIORITY, nth, &badge, &words, 0);
}

static int is_end(int result)
{
	return result == E_NO_MEMORY || result == E_FAILURE || result == E_NO_PROCS;
}

static int try_spawn(void)
{
	char *argv[] = { "quiet", NULL };

	return spawn("quiet", argv);
}

static int try_fork(void)
{
	int pid = fork();

	if (pid == 0)
		exit(0);
	return pid;
}

/* A child that becomes another program, or ends with the error that kept it from it. */
static int try_exec(void)
{
	char *argv[] = { "quiet", NULL };
	int status, pid = fork();

	if (pid == 0)
		exit(exec("quiet", argv));
	return waitpid(pid, &status) == pid && status < 0 ? status : pid;
}

/* Whatever became of it, nobody is left over, and everything works. */
static void look_after(int result, int (*make)(void))
{
	int status, pid;

	want(result > 0 || is_end(result), "the error is one that it can be");
	if (make != try_exec && result > 0)
		want(waitpid(result, &status) == result && status == 0, "what was made ends well");
	want(waitpid(0, &status) == E_NO_CHILDREN, "nobody is left over");
	pid = start("quiet", NULL);
	want(waitpid(pid, &status) == pid && status == 0, "the next one can be started");
}

static int walk(const char *name, int (*make)(void), unsigned int error)
{
	int refused = 1, calls = 0;

	for (seL4_Word nth = 1; refused && nth < CALLS_MAX; nth++) {
		int result;

		kernel_refuse(error, nth);
		result = make();
		refused = kernel_refuse(0, 0);
		look_after(result, make);
		calls += refused;
	}
	want(!refused && calls > 20, "all calls are walked");
	printf("refuse: %s: error %u, all calls\n", name, error);
	return calls;
}

static int can_refuse(void)
{
	int status, pid = fork();

	if (pid == 0) {
		kernel_refuse(0, 0);
		exit(0);
	}
	waitpid(pid, &status);
	return status == 0;
}

int main(void)
{
	int calls = 0;

	if (!can_refuse()) {
		printf("refuse: this kernel refuses nothing on request\n");
		return 0;
	}
	for (unsigned int error = seL4_IllegalOperation; error <= seL4_NotEnoughMemory; error += seL4_NotEnoughMemory - seL4_IllegalOperation) {
		calls += walk("spawn", try_spawn, error);
		calls += walk("fork", try_fork, error);
		calls += walk("exec", try_exec, error);
	}
	printf("refuse: done, %d calls\n", calls);
	return wrong;
}
