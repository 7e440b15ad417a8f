/* SPDX-License-Identifier: BSD-2-Clause */
/* Random programs with nothing held back. What they do depends on the clock and on the kernel's addresses; all that is
 * wanted is that the kernel lives to run the next one. */
#define CONFORM_HOSTILE  1
#define CONFORM_PROGRAMS 4000
#define CONFORM_SEED     0x123456789abcdeful
#include "test/boot/conform/code.c"

void run_sections(void)
{
	section(test_code, "random code, anything goes");
}
