/* SPDX-License-Identifier: BSD-2-Clause */
/* The serial port (0x3f8), and QEMU's isa-debug-exit device (0xf4) for the end. No interrupts, no waiting: the port of the
 * emulated machine takes every byte at once. */
#include "examples/root-task/report.h"

enum { SERIAL = 0x3f8, SERIAL_LAST = 0x3ff, EXIT = 0xf4, EXIT_PASS = 0x2a, EXIT_FAIL = 0x15 };

static seL4_CPtr serial, machine_exit;
static uint32_t steps, failures;

seL4_CPtr report_start(seL4_CPtr first_empty)
{
	serial = first_empty;
	machine_exit = first_empty + 1;
	(void)seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, SERIAL, SERIAL_LAST, seL4_CapInitThreadCNode, serial,
	                                   seL4_WordBits);
	(void)seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, EXIT, EXIT, seL4_CapInitThreadCNode, machine_exit,
	                                   seL4_WordBits);
	return first_empty + 2;
}

void report_text(const char *text)
{
	for (; *text; text++)
		seL4_X86_IOPort_Out8(serial, SERIAL, (seL4_Word)(unsigned char)*text);
}

void report_number(uint64_t value)
{
	char digits[21], *at = digits + sizeof digits - 1;

	*at = '\0';
	do {
		*--at = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	report_text(at);
}

void report_step(bool holds, const char *what)
{
	report_text(holds ? "ok - " : "not ok - ");
	report_text(what);
	report_text("\n");
	failures += holds ? 0 : 1;
	steps++;
}

_Noreturn void report_end(void)
{
	report_text(failures ? "graft: a step did not hold\n" : "graft: all ");
	if (failures == 0) {
		report_number(steps);
		report_text(" steps held\n");
	}
	seL4_X86_IOPort_Out8(machine_exit, EXIT, failures ? EXIT_FAIL : EXIT_PASS);
	for (;;)
		seL4_Yield();
}

void report_need(bool holds, const char *what, uint64_t figure)
{
	if (holds)
		return;
	report_number(figure);
	report_text(": ");
	report_step(false, what);
	report_end();
}

void report_need_ok(enum status status, uint64_t figure)
{
	report_need(status == STATUS_OK, status_text(status), figure);
}
