/* SPDX-License-Identifier: BSD-2-Clause */
/* faults: runs itself once for each thing that a process must not do, and looks at how that ends. faults NAME does that thing. */
#include "test.h"

#define KERNEL_ADDRESS ((volatile char *)(size_t)(sizeof(void *) == 8 ? 0xffffffff80100000ull : 0xe0100000u))
#define UNMAPPED       ((volatile char *)0x30000000)

static volatile char *volatile null; /* the compiler must not know */

static const char constant[] = "constant"; /* with the text */

static void write_text(void)
{
	*(volatile char *)(size_t)&constant[0] = 'x';
}

static void write_code(void)
{
	*(volatile char *)(size_t)write_text = 0;
}

static void read_null(void)
{
	(void)null[8];
}

static void write_null(void)
{
	null[8] = 1;
}

/* The page below the stack: four pages at most lie between a local variable and it. */
static void write_guard(void)
{
	volatile char here = 0;

	for (volatile char *at = &here;; at -= 4096)
		*at = 1;
}

static void read_kernel(void)
{
	(void)*KERNEL_ADDRESS;
}

static void write_kernel(void)
{
	*KERNEL_ADDRESS = 1;
}

static void write_unmapped(void)
{
	*UNMAPPED = 1;
}

static void run_unmapped(void)
{
	((void (*)(void))(size_t)UNMAPPED)();
}

static void halt(void)
{
	__asm__ volatile("hlt");
}

static void mask_interrupts(void)
{
	__asm__ volatile("cli");
}

static void use_port(void)
{
	__asm__ volatile("outb %b0, %w1" : : "a"(0x2a), "d"(0xf4));
}

static void divide(void)
{
	__asm__ volatile("xorl %%ecx, %%ecx; divl %%ecx" : : : "eax", "ecx", "edx");
}

static void undefined(void)
{
	__asm__ volatile("ud2");
}

static void interrupt(void)
{
	__asm__ volatile("int $0x80");
}

static void misuse_stack(void)
{
#ifdef __x86_64__
	__asm__ volatile("movq $1, %rsp; pushq %rax");
#else
	__asm__ volatile("movl $1, %esp; pushl %eax");
#endif
}

static const struct thing {
	const char *name;
	void (*run)(void);
} things[] = {
	{ "write-text", write_text }, { "write-code", write_code }, { "read-null", read_null }, { "write-null", write_null },
	{ "write-guard", write_guard }, { "read-kernel", read_kernel }, { "write-kernel", write_kernel },
	{ "write-unmapped", write_unmapped }, { "run-unmapped", run_unmapped }, { "halt", halt }, { "cli", mask_interrupts },
	{ "port", use_port }, { "divide", divide }, { "undefined", undefined }, { "interrupt", interrupt }, { "stack", misuse_stack },
};
#define THINGS (sizeof things / sizeof things[0])

static int run(const char *name)
{
	for (size_t i = 0; i < THINGS; i++) {
		if (strcmp(things[i].name, name) == 0)
			things[i].run();
	}
	return 1; /* it was let through */
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return run(argv[1]);
	for (size_t i = 0; i < THINGS; i++) {
		int status, pid = start("faults", things[i].name);

		want(waitpid(pid, &status) == pid && status == EXIT_FAULTED, things[i].name);
	}
	printf("faults: %u tried\n", (unsigned int)THINGS);
	return wrong;
}
